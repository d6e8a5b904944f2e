package infer

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// handedTo handles credentials among the words or the input of a program that
// nobody knows.
func (in *inferrer) handedTo(site *trace.Site) {
	v := handed(site.Command)
	in.use(site, v, commandWords(site.Command), func(u *Use) {
		u.Reads = in.meant(u.Credential, flagOf(site.Command, u.Credential))
		if u.Other = !u.Reads && in.otherSecret(value.Of(u.Credential), ""); !u.Other {
			u.Unknowns = []Unknown{in.unknownProgramReason(site)}
		}
	})
}

// flagOf is the name of the flag by which a command is given a credential:
// --github-token TOKEN, or --github-token=TOKEN; "" where it is none.
func flagOf(c *trace.Command, credential *value.Credential) string {
	for i, a := range c.Args {
		if !slices.Contains(a.Credentials(), credential) {
			continue
		}
		if flag, ok := strings.CutPrefix(a.Mask().Text, "--"); ok {
			name, _, _ := strings.Cut(flag, "=")
			return name
		}
		if i > 0 {
			flag, _ := strings.CutPrefix(c.Args[i-1].LiteralOr(""), "--")
			return flag
		}
	}
	return ""
}

func (in *inferrer) unknownProgramReason(site *trace.Site) Unknown {
	name := commandWords(site.Command)
	return Unknown{
		Code: "unread", Detail: "what " + name + " does with it is not known", Place: site.Place(),
		Settle: "read what " + name + " does with it" + describe("programs"),
	}
}

// unknownProgram handles a program that nobody knows: it may use what it is
// handed, and a variable that looks meant for it. The latter is dropped again
// where another command of the step is known to read that variable, but not
// of code of the project, which is written along with the workflow, nor of a
// program that looks for a token by itself, as far as is known: see [inferrer.looksFor].
func (in *inferrer) unknownProgram(site *trace.Site) {
	if words, _ := site.Command.Words(); cmdlet.MatchString(words[0]) && rules.QuietCmdlet(words[0]) {
		return
	}
	in.handedTo(site)
	own := runsOwn(site.Command)
	for _, name := range site.Env.Credentials() {
		v, _ := site.Env.Lookup(name)
		if !near(site, name) && !rules.EnvReadsToken(name) {
			continue
		}
		other := in.otherSecret(v, name)
		in.use(site, v, commandWords(site.Command), func(u *Use) {
			if u.Other = other; !other {
				u.Unknowns, u.Reads = []Unknown{in.unknownProgramReason(site)}, addressed(v) || in.meant(u.Credential, name)
				if !own && !in.looksFor(site, u.Credential, name) {
					u.doubt = unlessRead
				}
			}
		})
	}
}

// runsOwn tells whether a command runs code of the project, unless its name
// says that it builds or tests.
func runsOwn(c *trace.Command) bool {
	task, ok := projectTask(c)
	words := slices.Clone(task.Words)
	for i, w := range words {
		words[i] = path.Base(w) // the folder "tools" says nothing of what lies in it
	}
	name := strings.Join(words, " ")
	switch {
	case !ok || tells(name):
		return ok
	case task.Kind == rules.AnyProgram:
		return false
	}
	return task.Kind == rules.ProjectProgram && (len(task.Words) == 0 || automates(name)) || !builds(name)
}

// runsUnseen tells whether what is known of a program says nothing of the code
// of the project that it runs: that this reads no token is assumed, or the
// program is known under fewer words than what makes it run that code.
func runsUnseen(c *trace.Command, info *rules.ProgramInfo) bool {
	task, _ := projectTask(c)
	return (info.Quiet && task.Runner == info.Name || strings.HasPrefix(task.Runner, info.Name+" ")) && len(c.Runner) == 0 && runsOwn(c)
}
