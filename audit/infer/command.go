package infer

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// command handles a command of a script.
func (in *inferrer) command(site *trace.Site) {
	if len(site.Command.Args) == 0 {
		return
	}
	in.writtenFiles(site)
	in.decodedFiles(site)
	in.sshKeys(site)
	in.userNames(site)
	in.session.doubt(site.Command)
	in.editsWorkflows(site)
	in.namedInFiles(site)
	if in.described(site) {
		return
	}
	if site.Followed {
		in.dependencies(site)
		in.loads(site)
		return
	}
	if site.Unread != nil {
		// A program that the job downloaded lies in the folder like a script.
		if words, _ := site.Command.Words(); knownProgram(words) {
			in.program(site)
			return
		}
		in.unreadCommand(site)
		return
	}
	program := site.Command.Args[0].String()
	switch name := strings.ToLower(strings.TrimSuffix(path.Base(strings.ReplaceAll(program, "\\", "/")), ".exe")); name {
	case "gh":
		in.gh(site)
	case "git":
		in.runsCarried(site)
		in.git(site)
	case "hub":
		in.hub(site)
	case "curl", "wget", "http", "https", "xh", "invoke-restmethod", "irm", "invoke-webrequest", "iwr":
		in.http(site, name)
	default:
		in.program(site)
	}
}

// knownProgram tells whether code that could not be read is a program of the
// table. A quiet one counts by its bare name only: below a folder, a script of
// the project can be called like it.
func knownProgram(words []string) bool {
	if rules.AgenticScript(words) {
		return true
	}
	bare := !strings.ContainsAny(words[0], `/\`)
	words = slices.Clone(words)
	words[0] = path.Base(strings.ReplaceAll(words[0], "\\", "/"))
	info, ok := rules.Program(words)
	return ok && (bare || !info.Quiet) && !runsOthers(words, info)
}

// runsOthers tells whether of a program no more is known than that it runs
// others, or what it does where it runs no task of the project, as this call
// has it do.
func runsOthers(words []string, info *rules.ProgramInfo) bool {
	if task, ok := rules.ProjectTask(words); ok && task.Kind == rules.ProjectTasks && task.Runner == info.Name && !info.Quiet {
		return true
	}
	return !slices.ContainsFunc(info.Uses, func(u rules.ProgramUse) bool {
		return u.Answer != rules.AnswerUnknown || !slices.Contains(u.Tokens, anyVariable)
	})
}

// anyVariable stands for every variable that a program may read.
var anyVariable = rules.TokenSource{Kind: "env", Name: "*"}

// githubNPM is GitHub's registry for npm packages.
const githubNPM = "npm.pkg.github.com"

// githubGems is GitHub's registry for gems.
const githubGems = "rubygems.pkg.github.com"

// npmSettings notes the token that npm's settings hold for a registry. What
// is done with GitHub's shows where npm runs; that of another registry is no
// GitHub token.
func (in *inferrer) npmSettings(site *trace.Site, settings value.Value) {
	text := settings.String()
	switch {
	case !strings.Contains(text, ":_authToken") && !strings.Contains(text, ":_password"):
	case strings.Contains(text, githubNPM):
		in.session.npm = in.session.npm.Keep(settings, site.Guards, nil)
	case strings.Contains(text, "//"):
		in.use(site, settings, "npm", func(u *Use) { u.Other = true })
	}
}

// writtenFiles notes credentials that a command writes where git finds them.
func (in *inferrer) writtenFiles(site *trace.Site) {
	for _, out := range site.Command.Output {
		file := out.Path.String()
		name := site.Command.Args[0].String()
		if name != "echo" && name != "printf" && name != "cat" && name != "tee" {
			continue
		}
		text := site.Command.Stdin
		for _, a := range site.Command.Args[1:] {
			text = value.Concat(text, written(a), value.Text(" "))
		}
		if !text.HoldsCredential() {
			continue
		}
		text, _ = withoutName(text)
		guards := site.Guards
		if out.Append {
			// What was there before stays.
			guards = append(slices.Clip(guards), fmt.Sprintf("added by %d", in.index))
		}
		switch path.Base(file) {
		case ".netrc", "_netrc":
			if in.otherMachine(text) {
				in.use(site, text, file, func(u *Use) { u.Other = true })
				continue
			}
			in.session.netrc = in.session.netrc.Keep(text, guards, nil)
		case ".git-credentials", "credentials":
			in.session.stored = in.session.stored.Keep(text, guards, nil)
		case ".npmrc":
			in.npmSettings(site, text)
		}
	}
}

// written is a word as echo and printf write it, whose escapes for the end of a
// line and a tab stand for blanks.
func written(v value.Value) value.Value {
	out := slices.Clone(v)
	for n, p := range out {
		out[n].Text = escapedBlank.Replace(p.Text)
	}
	return out
}

var escapedBlank = strings.NewReplacer(`\n`, "\n", `\t`, "\t")

// machine matches the hosts in a .netrc file.
var machine = regexp.MustCompile(`\bmachine\s+([\w.-]+)`)

// otherMachine tells whether what is written to ~/.netrc is for hosts that are
// not GitHub's.
func (in *inferrer) otherMachine(text value.Value) bool {
	hosts := machine.FindAllStringSubmatch(text.Mask().Text, -1)
	return len(hosts) > 0 && !in.options.EnterpriseServer && !slices.ContainsFunc(hosts, func(m []string) bool { return strings.Contains(m[1], "github") })
}

// forAction tells whether a variable of the job is there to be handed to an
// action: an input has its value by it.
func (in *inferrer) forAction(v value.Value, name string) bool {
	if in.forActions == nil {
		in.forActions = map[[2]string]bool{}
		for _, s := range in.job.Sites {
			if s.Action == nil {
				continue
			}
			for _, input := range s.Action.Inputs {
				for _, c := range input.Credentials() {
					for _, h := range c.Hops {
						if _, variable, ok := strings.Cut(h.What, " env "); ok {
							in.forActions[[2]string{variable, c.Name}] = true
						}
					}
				}
			}
		}
	}
	return slices.ContainsFunc(v.Credentials(), func(c *value.Credential) bool { return in.forActions[[2]string{name, c.Name}] })
}

// anyHanded tells whether a command gets a credential as a word or as input.
func anyHanded(c *trace.Command) bool {
	return c.Stdin.HoldsCredential() || slices.ContainsFunc(c.Args, func(v value.Value) bool { return v.HoldsCredential() })
}

// handed are the credentials that a command gets as words or input.
func handed(c *trace.Command) value.Value {
	return value.Concat(append([]value.Value{c.Stdin}, c.Args...)...)
}

// unreadCommand notes what local code that cannot be read may use: what it is
// handed, and every variable with a credential that is not plainly meant for
// another service, for such code is written along with the workflow.
func (in *inferrer) unreadCommand(site *trace.Site) {
	if !anyHanded(site.Command) && !site.Env.HoldsCredential() && !in.session.stores() {
		return
	}
	u := unread(site.Unread, site.Place())
	what := commandWords(site.Command)
	in.use(site, handed(site.Command), what, func(use *Use) { use.Unknowns = []Unknown{u} })
	for _, name := range site.Env.Credentials() {
		v, _ := site.Env.Lookup(name)
		if !near(site, name) && !rules.EnvReadsToken(name) && !tells(what) && in.forAction(v, name) {
			continue
		}
		other := in.otherSecret(v, name)
		in.use(site, v, what, func(use *Use) {
			if use.Other = other; !other {
				use.Unknowns, use.Reads = []Unknown{u}, addressed(v) || in.meant(use.Credential, name)
			}
		})
	}
	name := what + " " + site.Unread.What
	if first := operand(site.Command); tells(first) && !strings.Contains(name, "/") && !tells(name) {
		// "python setup.py release" is not about the set-up, and "bash -s release" names
		// nothing else.
		name = first
	}
	in.storedFor(site, strings.Fields(what)[0], name, folder(site.Command.Dir), u)
}

// operand is the first word of a command that is neither a flag nor a file,
// behind that of the program; "" for none.
func operand(c *trace.Command) string {
	for _, a := range c.Args[1:] {
		if w, ok := a.Literal(); ok && !strings.HasPrefix(w, "-") && !strings.ContainsAny(w, "./") {
			return w
		}
	}
	return ""
}

// projectTask returns what a command runs of the project.
func projectTask(c *trace.Command) (task rules.Task, ok bool) {
	if len(c.Runner) == 0 && (len(c.Args) == 0 || !rules.MayRunTask(c.Args[0].String())) {
		return rules.Task{}, false
	}
	words, _ := c.Words()
	return rules.ProjectTask(slices.Concat(c.Runner, words))
}

// ownTask notes that a command which runs code of the project may use what git
// and gh have stored, as [inferrer.storedFor] has it. Of a program that is
// known, or that may be none of the project's, only a name that speaks of it
// tells so.
func (in *inferrer) ownTask(site *trace.Site) {
	if !in.session.stores() {
		return
	}
	task, ok := projectTask(site.Command)
	words, _ := site.Command.Words()
	if !ok {
		// What runs code of the project runs none of it here.
		if !rules.MayRunTask(words[0]) {
			in.foreignStored(site, words)
		}
		return
	}
	info, known := site.Command.Program()
	if known = known && !runsUnseen(site.Command, info); known && settlesGit(info) {
		return
	}
	name := strings.Join(task.Words, " ")
	if known && info.Quiet && oneGoal(words, task) {
		return
	}
	if (task.Kind == rules.AnyProgram || known && info.Quiet) && !tells(name) {
		if _, quiet := rules.Program(task.Words); !known && !quiet && len(task.Words) > 0 {
			in.foreignStored(site, task.Words)
		}
		return
	}
	what, dir, reason := commandWords(site.Command), folder(site.Command.Dir), in.unknownProgramReason(site)
	if task.Kind == rules.ProjectProgram && (len(nameWords(name)) == 0 || automates(name)) {
		// "go run ." names nothing that would tell what it does.
		in.storedUse(site, what, dir, reason, unlessExplained)
		return
	}
	in.storedFor(site, what, name, dir, reason)
}

// oneGoal tells whether a call is that of one goal of a plugin of Maven, such
// as help:evaluate: where that is known, no word beside it tells more.
func oneGoal(words []string, task rules.Task) bool {
	if rules.ProgramName(words[0]) != "mvn" || len(task.Words) == 0 || !strings.Contains(task.Words[0], ":") {
		return false
	}
	return !slices.ContainsFunc(task.Words[1:], func(w string) bool { return strings.Contains(w, ":") || tells(w) && !strings.Contains(w, ".") })
}

// settlesGit tells whether what a program does with git's credentials is
// known: that it takes them, or takes other tokens and not these, or none.
// That a program which runs code of the project takes none is no more than
// assumed.
func settlesGit(info *rules.ProgramInfo) bool {
	if _, ok := info.UsesGit(); ok {
		return true
	}
	return !slices.ContainsFunc(info.Uses, func(u rules.ProgramUse) bool {
		effect, _ := info.Effect(u, nil)
		return effect.Answer == rules.AnswerUnknown || strings.Contains(effect.Note, "assumption")
	})
}

// commandWords names a command by its program and the word behind it.
func commandWords(c *trace.Command) string {
	name := path.Base(c.Args[0].String())
	if len(c.Args) < 2 {
		return name
	}
	if w, ok := c.Args[1].Literal(); ok && w != "" && !strings.HasPrefix(w, "-") && len(w) < 30 && !strings.ContainsAny(w, "/=:\n") {
		return name + " " + w
	}
	return name
}
