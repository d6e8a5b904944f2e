package trace

import (
	"path"
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
	}
}

// goreleaser reads the commands that GoReleaser's configuration names: hooks,
// what makes signatures, publishers.
func (r *run) goreleaser(words, config []string, folder string, site *Site, at position) {
	var call settings.GoreleaserCall
	if info, ok := rules.Program(words); ok {
		call, _ = settings.ReadGoreleaserCall(info)
	}
	found, ok := settings.FindGoreleaser(config, func(name string) ([]byte, error) { return r.t.repository.Read(path.Join(folder, name)) })
	if !ok {
		return
	}
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
