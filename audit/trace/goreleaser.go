package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// goreleaserInput reads the commands of the configuration that an action runs
// GoReleaser with.
func (r *run) goreleaserInput(site *Site, at position) {
	a := site.Action
	if strings.EqualFold(a.Inputs["install-only"].LiteralOr(""), "true") {
		return
	}
	for _, words := range settings.GoreleaserWords(a.Inputs["args"]) {
		args := []value.Value{}
		for _, w := range words {
			args = append(args, value.Text(w))
		}
		inner := *site
		inner.Command = &Command{Command: shell.Command{Args: args, Env: site.Env, Dir: a.Inputs["workdir"]}, text: func(int, int) string { return "uses: " + a.Name }}
		r.hooks(&inner, at)
		site.Goreleaser = inner.Goreleaser
	}
}

// The commands by which a job makes a configuration of files of its repository:
// by printing them, by ytt, by envsubst.
var (
	printsFiles = regexp.MustCompile(`^\$\((?:<|cat) *((?:["']?[\w./-]+["']? *)+)\)$`)
	fillsIn     = regexp.MustCompile(`^\$\((?:(ytt)(?: +--data-value[\w-]*[ =]\S+)* +(?:-f|--file)[ =]|(envsubst)(?: +'[^']*')? *< *)["']?([\w./-]+)["']?(?: +--data-value[\w-]*[ =]\S+)*\)$`)
	madeBy      = regexp.MustCompile(`^\$\(([\w./-]+)`)
)

// templateMarks are what the programs above look for.
var templateMarks = map[string]string{"ytt": "#@", "envsubst": "$"}

// madeConfig returns what a job has put into a configuration of GoReleaser's: the
// files of the repository that it is made of, and why there may be more in it
// or something else. ok is false where the job has not written it.
func (r *run) madeConfig(folder, name string) (of []settings.GoreleaserFile, unread string, ok bool) {
	key := path.Join(folder, name)
	content, written := r.files[key]
	if !written {
		return nil, "", false
	}
	add := func(file string) {
		source, err := r.file(path.Join(folder, file))
		if err != nil {
			source, err = r.file(key) // What was moved is no longer where it was.
		}
		if err != nil {
			unread = "what the job puts into " + name
			return
		}
		of = append(of, settings.GoreleaserFile{Name: file, Source: source})
	}
	if r.parts[key] {
		add(name)
	}
	for _, text := range wholes(content) {
		for _, part := range text {
			prints, fills := printsFiles.FindStringSubmatch(part.Unknown), fillsIn.FindStringSubmatch(part.Unknown)
			switch {
			case part.Unknown == "" && strings.TrimSpace(part.Text) == "" && part.Credential == nil && part.OneOf == nil:
			case prints != nil:
				for file := range strings.FieldsSeq(prints[1]) {
					add(strings.Trim(file, `"'`))
				}
			case fills != nil:
				program := fills[1] + fills[2]
				if add(fills[3]); len(of) > 0 {
					last := &of[len(of)-1]
					if last.Filled = last.Templated(templateMarks[program]); last.Filled != nil {
						unread = "the section " + last.Filled[0] + " of " + fills[3] + ", which " + program + " fills in"
					}
				}
			default:
				unread = "what the job puts into " + name
				if m := madeBy.FindStringSubmatch(part.Unknown); m != nil {
					unread = name + ", which " + m[1] + " makes"
				}
			}
		}
	}
	return of, unread, true
}

// goreleaser reads the commands that GoReleaser's configuration names: hooks,
// what makes signatures, publishers.
func (r *run) goreleaser(words, config []string, folder string, site *Site, at position) {
	var call settings.GoreleaserCall
	if info, ok := rules.Program(words); ok {
		call, _ = settings.ReadGoreleaserCall(info)
	}
	found, ok := settings.FindGoreleaser(config,
		func(name string) ([]byte, error) { return r.file(path.Join(folder, name)) },
		func(name string) ([]settings.GoreleaserFile, string, bool) { return r.madeConfig(folder, name) })
	if !ok {
		return
	}
	site.Goreleaser = append(site.Goreleaser, found)
	for _, file := range found.Files {
		commands, global := file.Commands()
		outer := site.Command.Env
		for _, assignment := range global {
			outer = settings.GoreleaserEnv(outer, outer, []string{assignment})
		}
		var list []hookCommand
		for _, c := range commands {
			if c.Stage != "" && slices.Contains(call.Skips, c.Stage) || c.Stage == "publish" && !call.Publishes {
				continue
			}
			base := outer
			if c.Alone {
				base = nil
			}
			dir := site.Command.Dir
			if c.Dir != "" {
				dir = shell.Join(dir, settings.GoreleaserText(c.Dir, outer))
			}
			if c.Signs {
				base = base.With(signed)
			}
			list = append(list, hookCommand{line: c.Line, env: settings.GoreleaserEnv(base, outer, c.Env), dir: dir, templates: settings.GoreleaserVariables(c.Line), around: outer})
		}
		r.hookCommands(path.Join(folder, file.Name), list, site, at)
	}
}

// signed are the variables of what makes signatures: each names a file, or an
// image, and is no flag.
var signed = map[string]value.Value{
	"artifact": oneSigned("artifact"), "artifactName": oneSigned("artifactName"), "artifactID": oneSigned("artifactID"),
	"signature": oneSigned("signature"), "certificate": oneSigned("certificate"), "digest": oneSigned("digest"),
}

func oneSigned(name string) value.Value {
	return value.Concat(value.Text("dist/"), value.Unknown(name))
}
