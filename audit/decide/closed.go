package decide

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// closed tells whether what runs at a site is known to leave a variable alone.
// Untested says that no test of the script names it, so that no command may
// be handed its value.
func (d *decider) closed(s jobStep, site *trace.Site, ref trace.Reference, name string, untested bool) bool {
	switch v, has := site.Env.Lookup(name); {
	case !has && site.Command != nil && site.Unread == nil:
		// sudo, env -i and unset take the variables from the programs behind them.
		return !renamed(site, ref, name) && !handed(site, ref)
	case !holds(v, ref):
		// A caller gives another value, or none.
		return false
	}
	switch {
	case site.Unread != nil:
		return false
	case len(site.Goreleaser) > 0:
		// Its commands have sites of their own.
		return leaves(site, name)
	case site.Action != nil:
		asked, _ := expression.EnvMentions(s.step.If, true, name)
		return d.closedAction(site, name, asked > 0)
	case site.Command != nil:
		return len(site.Command.Args) > 0 && !renamed(site, ref, name) && (!untested || !handed(site, ref)) && (closedCommand(site) || d.closedScript(site, name))
	}
	// A call of a script that was read.
	return site.Call != nil
}

// closedAction tells whether an action is known to read other variables only.
// Somebody who sets a variable for the very step means the action to read it,
// whatever the tables know, unless the step's condition asks for it; and so
// does one under which programs look for a token.
func (d *decider) closedAction(site *trace.Site, name string, asked bool) bool {
	a := site.Action
	if site.Followed {
		// A script in an input has sites of its own, and so have the steps of a local
		// composite action; other code of one may name the variable anywhere.
		return !a.Fetched && (!strings.HasPrefix(a.Name, ".") || d.closedComposite(a.Name, name))
	}
	v, _ := site.Env.Lookup(name)
	if job, _ := site.JobEnv.Lookup(name); !job.Equal(v) && !asked {
		return false
	}
	info, ok := infer.Action(d.options.Knowledge, a.Name)
	if !ok || len(info.Code) > 0 {
		return false
	}
	own := strings.HasPrefix(a.Name, "actions/")
	if rules.EnvReadsToken(name) && !own {
		// Of others than GitHub's own, not each variable is known. What does not read
		// the best known one reads none of its other names.
		t, told := info.EnvToken("GITHUB_TOKEN")
		return told && leftAlone(t) && t.Base.Confidence == "high" || byInput(info, "high")
	}
	for _, t := range info.Tokens {
		if t.Base.Confidence == "low" {
			return false
		}
	}
	t, reads := info.EnvToken(name)
	return !reads || own && leftAlone(t)
}

// leftAlone tells whether an action does nothing with a token that it may be given.
func leftAlone(t rules.ActionToken) bool {
	return len(t.Rows) == 0 && len(t.May) == 0 && len(t.Base.Operations) == 0 && t.Base.Answer == rules.AnswerYes
}

// wholeEnv matches expressions that take in all variables at once, or one by a name
// that is put together.
var wholeEnv = regexp.MustCompile(`(?i)\benv\s*[\[)]`)

// closedComposite tells whether a local composite action neither names a variable nor
// goes over all of them. What its steps run has sites of its own.
func (d *decider) closedComposite(dir, name string) bool {
	a := d.repository.Action(path.Clean(dir))
	if a == nil || a.Using != "composite" || a.BreaksAt > 0 {
		return false
	}
	source, err := d.repository.Read(a.Path)
	text := string(source)
	return err == nil && !strings.Contains(strings.ToLower(text), strings.ToLower(name)) && !wholeEnv.MatchString(text) &&
		!slices.ContainsFunc(a.Steps, func(s *workflow.Step) bool {
			return listsVariables(s) || walks.MatchString(s.Run.Value) || slices.ContainsFunc(s.With, func(b workflow.Binding) bool { return walks.MatchString(b.Value.Value) })
		})
}

// closedScript tells whether a command starts a shell script of the repository
// whose text neither names a variable nor goes over all of them. What the
// script runs has sites of its own. Code in other languages takes in
// libraries, which may look for a token by themselves.
func (d *decider) closedScript(site *trace.Site, name string) bool {
	if !site.Followed || site.Starts == "" {
		return false
	}
	source, err := d.repository.Read(site.Starts)
	if err != nil || !isShell(site.Starts, source) {
		return false
	}
	text := string(source)
	if strings.Contains(strings.ToLower(text), strings.ToLower(name)) || walks.MatchString(text) {
		return false
	}
	lists, parsed := shell.ListsVariables(text)
	return parsed && !lists
}

// shellLine matches the first line of a shell script.
var shellLine = regexp.MustCompile(`^#!.*\b(?:ba|da|k|z)?sh\b`)

func isShell(name string, source []byte) bool {
	return slices.Contains([]string{".sh", ".bash"}, path.Ext(name)) || shellLine.Match(source)
}

// closedCommand tells whether a command is one that reads no variables but
// those that it is known for.
func closedCommand(site *trace.Site) bool {
	words := make([]string, len(site.Command.Args))
	for i, a := range site.Command.Args {
		words[i] = a.String()
	}
	if site.Followed {
		return false
	}
	if reads, known := rules.ReadsAnyVariable(words); known {
		return !reads
	}
	if path.Base(words[0]) == "gh" {
		if host, _ := site.Env.Lookup("GH_HOST"); len(host) > 0 && host.LiteralOr("") != "github.com" {
			// Which of its variables it reads hangs on what kind of server that is.
			return false
		}
		return len(words) > 1 && slices.ContainsFunc(rules.GhCommands(), func(known string) bool { return strings.HasPrefix(known+" ", words[1]+" ") })
	}
	info, ok := rules.Program(words)
	if !ok || !info.Quiet {
		return false
	}
	effect, certain := info.Effect(info.Uses[0], nil)
	return certain && effect.Confidence == "high" && !strings.Contains(effect.Note, "assumption")
}

// renamed tells whether the value of a reference stands in another variable
// at a site.
func renamed(site *trace.Site, ref trace.Reference, name string) bool {
	return slices.ContainsFunc(site.Env.Credentials(), func(have string) bool {
		v, _ := site.Env.Lookup(have)
		return have != name && holds(v, ref)
	})
}

// handed tells whether a command gets the value of a reference as a word or
// as input.
func handed(site *trace.Site, ref trace.Reference) bool {
	return holds(site.Command.Stdin, ref) || slices.ContainsFunc(site.Command.Args, func(v value.Value) bool { return holds(v, ref) })
}

func holds(v value.Value, ref trace.Reference) bool {
	return slices.ContainsFunc(v.Credentials(), func(c *value.Credential) bool { return slices.Contains(c.Written, ref.Span) })
}
