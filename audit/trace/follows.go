package trace

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/script"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// runsAnyway matches conditions of steps that hold after another one has failed,
// or may: GitHub adds success() to those alone that name no status.
var runsAnyway = regexp.MustCompile(`(?i)\b(?:always|cancelled|failure)\s*\(|!\s*\(?\s*success\s*\(|\bsuccess\s*\(\s*\)\s*(?:\|\||==|!=)|\|\|\s*success\s*\(`)

// Follows tells whether a command was surely run before, and has succeeded, where
// the code of a site runs. Both are looked at where their ways part: among the
// commands of one script, or the steps of the job or of one composite action. What
// lies deeper of the earlier one must end with it.
func (s *Site) Follows(earlier *Site) bool {
	return s.follows(earlier, (*Command).after, func(c *Command) bool {
		return c.Forgiven != 0 || c.Avoided || c.apart || len(c.Scopes) > 0
	})
}

// RunsAfter tells the same of a job in which everything goes well: a command of which
// no condition keeps the script counts as one that has succeeded, even if nothing
// would notice that it failed.
func (s *Site) RunsAfter(earlier *Site) bool {
	return s.follows(earlier, func(c, earlier *Command) bool {
		return c.after(earlier) || !earlier.Guarded && earlier.index < c.index
	}, func(c *Command) bool { return c.Avoided || c.apart })
}

// follows is Follows, given what tells whether a command runs only after another one
// of its script, and whether it may not have run where its script has ended.
func (s *Site) follows(earlier *Site, after func(c, earlier *Command) bool, missed func(*Command) bool) bool {
	own := "" // the condition that no other command has, though some run with it
	for e := earlier; ; e = e.parent {
		if e == nil {
			return false
		}
		if l := s.within(func(l *Site) bool { return l == e || l.beside(e) }); l != nil {
			if l != e && !after(l.Command, e.Command) {
				return false
			}
			own = e.branch
			break
		}
		if c := e.Command; c != nil && missed(c) {
			return false
		}
		if e.parent != nil && e.parent.ownStep() == e.ownStep() {
			continue
		}
		l := s.within(func(l *Site) bool { return l.parent == e.parent })
		if l != nil && l.ownStep() == e.ownStep() {
			break
		}
		if step := e.ownStep(); step != nil && step.Forgiven {
			return false
		}
		if l != nil {
			if step := l.ownStep(); step != nil && runsAnyway.MatchString(step.If.Value) {
				return false
			}
			break
		}
	}
	guards := slices.DeleteFunc(slices.Clone(earlier.Guards), func(guard string) bool { return own != "" && guard == own })
	return covers(guards, s.Guards)
}

// Runs tells whether the code of a site has run where its job is done and everything
// in it went well.
func (s *Site) Runs() bool { return (&Site{}).RunsAfter(s) }

// MayFail tells whether all goes on where the code of a site has not run, or has
// failed: but for a job that may fail.
func (s *Site) MayFail() bool {
	return s.within(func(l *Site) bool {
		forgiven := l.step != nil && l.step.Forgiven || l.inner != nil && l.inner.Forgiven
		return forgiven || l.Command != nil && (l.Command.Guarded || l.Command.Forgiven != 0 || l.Command.apart)
	}) != nil
}

// into makes a command or an action the one whose code is read, until what it
// returns is called.
func (r *run) into(site *Site) func() {
	outer := r.parent
	r.parent = site
	return func() { r.parent = outer }
}

// newScript is the number of a reading of a script.
func (r *run) newScript() int {
	r.readings++
	return r.readings
}

// executes emits the commands that a program starts by one of its calls, and returns
// them: the call is a command of the program, and they are its own. Script is the number
// of its reading, n that of the call.
func (r *run) executes(c script.Call, script, n int, call Site, at position) []shell.Command {
	command := shell.Command{Forgiven: c.Forgiven, Scopes: c.Scopes, Guarded: c.Guarded, Avoided: c.Avoided}
	branch := r.branch(command)
	outer := r.guards
	r.guards = append(slices.Clip(outer), branch...)
	defer func() { r.guards = outer }()
	call.Command = &Command{Command: command, script: script, index: n}
	call.parent, call.inner, call.Guards, call.branch = r.parent, r.inner, r.guards, strings.Join(branch, "")
	dir := r.parent.Dir()
	if len(dir) == 0 {
		dir = r.dir
	}
	c.Dir = shell.Join(dir, c.Dir)
	defer r.into(&call)()
	in := r.shellFor(c, call.Env)
	result := shell.Interpret(in)
	r.keep(result)
	r.in(nil, func() { r.commands(result, call.File, locate{line: func(int) int { return call.Line }}, at) })
	r.effects(result, call.File, call.Line)
	why := ""
	switch {
	case len(result.Problems) > 0 || result.Truncated:
		why = "starts a shell with a script that cannot be read to its end"
	case slices.ContainsFunc(result.Commands, func(s shell.Command) bool { return nameless(s) || lacksWords(c) && !s.Args[0].Equal(c.Command[0]) }):
		why = "starts a program that is not known here"
	case c.Hidden:
		why = "starts a program with flags that are not followed"
	}
	if why != "" {
		given := value.Concat(value.Concat(c.Command...), c.Stdin)
		r.emit(&Site{
			File: call.File, Line: call.Line, Step: at.number, step: at.step, Hops: at.hops, Env: in.Env, JobEnv: r.jobEnv,
			Unread: &Unread{what(call.File), why, "read what that does with the token" + orDescribe},
			Token:  given, Reads: in.Env.Credentials(), Pushes: speaksOfPush(given.String()),
		})
	}
	return result.Commands
}

// nameless tells whether nothing is known of the name of the program that a command runs.
func nameless(c shell.Command) bool {
	return !slices.ContainsFunc(c.Args[0], func(p value.Part) bool { return p.Text != "" })
}

// lacksWords tells whether words of a program are not known of which none stands for
// those: they may be anywhere behind the first, also in front of a program that another
// starts.
func lacksWords(c script.Call) bool {
	return c.Loose && !slices.ContainsFunc(c.Command, func(v value.Value) bool { _, known := v.Literal(); return !known })
}

// shellFor is what a shell would be given to do what a call of a program in some
// language does. What the program has set besides is not known, nor what it
// writes to what it has started.
func (r *run) shellFor(c script.Call, env *value.Env) shell.Input {
	if c.Env != nil {
		env = c.Env
	}
	in := shell.Input{
		Env: env.Opened(), Dir: c.Dir, Files: r.files, Parts: r.parts, Parsed: r.t.parsed, Top: r.topLevel, Read: r.reader(""),
		Words: c.Command, Loose: c.Loose, Stdin: c.Stdin,
	}
	if lacksWords(c) {
		in.Words = append(slices.Clip(in.Words), value.Unknown("more words"))
	}
	if len(in.Stdin) == 0 {
		in.Stdin = value.Unknown("what it is given to read")
	}
	if c.ShellString && len(c.Command) > 0 {
		masked := c.Command[0].Mask()
		in.Words, in.Source, in.Table = nil, masked.Text, masked.Table
	}
	return in
}

// within returns the innermost site that is so, of this one and those whose code
// it is.
func (s *Site) within(so func(*Site) bool) *Site {
	for l := s; l != nil; l = l.parent {
		if so(l) {
			return l
		}
	}
	return nil
}

// PartOf tells whether the site is one of the code that another one runs.
func (s *Site) PartOf(by *Site) bool {
	return s.parent.within(func(l *Site) bool { return l == by }) != nil
}

// beside tells whether two commands stand in one script.
func (s *Site) beside(other *Site) bool {
	return s.Command != nil && other.Command != nil && s.Command.script != 0 && s.Command.script == other.Command.script
}

// after tells whether a command of the same script runs only where the earlier one
// has succeeded.
func (c *Command) after(earlier *Command) bool {
	if earlier.Forgiven != 0 && c.index >= earlier.Forgiven {
		return false
	}
	return !slices.ContainsFunc(earlier.Scopes, func(scope int) bool { return !slices.Contains(c.Scopes, scope) })
}

// ownStep is the step that the site belongs to, of the composite action if it is
// one's.
func (s *Site) ownStep() *workflow.Step {
	if s.inner != nil {
		return s.inner
	}
	return s.step
}
