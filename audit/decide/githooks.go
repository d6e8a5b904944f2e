package decide

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// maxSettings bounds the settings of git that are looked up in variables.
const maxSettings = 16

// variableCode tells whether a variable makes git run code that was not read.
func variableCode(env *value.Env) bool {
	for _, name := range rules.GitVariables() {
		if v, ok := env.Lookup(name); ok && rules.GitVariableRuns(name, v.Mask().Text) {
			return true
		}
	}
	if _, ok := env.Lookup("GIT_CONFIG_COUNT"); !ok {
		return false
	}
	for n := range maxSettings {
		key, ok := env.Lookup("GIT_CONFIG_KEY_" + strconv.Itoa(n))
		if !ok {
			return false
		}
		if v, _ := env.Lookup("GIT_CONFIG_VALUE_" + strconv.Itoa(n)); rules.GitSettingRuns(key.String(), v.Mask().Text) {
			return true
		}
	}
	return true
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
