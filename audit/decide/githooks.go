package decide

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// variableCode tells whether a variable makes git run code that was not read.
func variableCode(env *value.Env) bool {
	for _, name := range rules.GitVariables() {
		if v, ok := env.Lookup(name); ok && rules.GitVariableRuns(name, v.Mask().Text) {
			return true
		}
	}
	return slices.ContainsFunc(settings.GivenToGit(env), func(s [2]value.Value) bool { return rules.GitSettingRuns(s[0].String(), s[1].Mask().Text) })
}

// settingCode tells whether a call of git has those behind it run code that was
// not read.
func settingCode(args []value.Value) bool {
	at := slices.IndexFunc(args, func(v value.Value) bool { return v.String() == "config" })
	if at < 0 {
		return false
	}
	var operands []value.Value
	for _, o := range args[at+1:] {
		if w := o.String(); !strings.HasPrefix(w, "-") && !(len(operands) == 0 && w == "set") {
			operands = append(operands, o)
		}
	}
	for n := 1; n < len(operands); n++ {
		if rules.GitSettingRuns(operands[n-1].String(), operands[n].Mask().Text) {
			return true
		}
	}
	return false
}

// writesSettings tells whether a command writes git's settings or hooks as
// files.
func writesSettings(c *trace.Command) bool {
	file := func(v value.Value) bool {
		name := v.String()
		return strings.HasSuffix(name, ".gitconfig") || strings.HasSuffix(name, "git/config") || strings.Contains(name, ".git/hooks/")
	}
	if slices.ContainsFunc(c.Output, func(o shell.Redirect) bool { return file(o.Path) }) {
		return true
	}
	switch path.Base(c.Args[0].String()) {
	case "cp", "mv", "ln", "install", "tee":
		return slices.ContainsFunc(c.Args[1:], file)
	}
	return false
}

// hooked is the number of the first site of a job behind which git may run code
// that was not read.
func (d *decider) hooked(j *jobView) int {
	if n, ok := d.hooks[j]; ok {
		return n
	}
	n := slices.IndexFunc(j.Sites, func(s *trace.Site) bool {
		if s.Command == nil || len(s.Command.Args) == 0 {
			return false
		}
		return path.Base(s.Command.Args[0].String()) == "git" && settingCode(s.Command.Args[1:]) || writesSettings(s.Command)
	})
	if n < 0 {
		n = len(j.Sites)
	}
	if d.hooks == nil {
		d.hooks = map[*jobView]int{}
	}
	d.hooks[j] = n
	return n
}

// runsHooks tells whether git may run code that was not read at a site of a job.
func (d *decider) runsHooks(j *jobView, n int) bool {
	c := j.Sites[n].Command
	if c == nil || len(c.Args) == 0 || !rules.RunsGit(strings.TrimSuffix(path.Base(c.Args[0].String()), ".exe")) {
		return false
	}
	return n >= d.hooked(j) || variableCode(j.Sites[n].Env)
}
