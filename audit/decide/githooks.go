package decide

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// runsGit are the programs that run git, which may run code of the project in
// its turn: a script that it asks for a password, a hook.
var runsGit = []string{
	"git", "gh", "hub", "go", "npm", "npx", "yarn", "pnpm", "bun", "pip", "pip3", "uv", "poetry", "pipenv", "pdm", "cargo", "bundle", "pod",
	"composer", "swift", "xcodebuild", "carthage", "terraform", "tofu", "terragrunt", "nix", "conan", "mix",
}

// gitPrograms are variables that name a program for git to run, or a file with
// settings that may name one, with the beginnings of values that name none of
// the project's.
var gitPrograms = map[string][]string{
	"GIT_ASKPASS": idle, "SSH_ASKPASS": idle, "GIT_SSH": {"ssh"}, "GIT_SSH_COMMAND": {"ssh"}, "GIT_PROXY_COMMAND": nil, "GIT_EXTERNAL_DIFF": nil,
	"GIT_CONFIG_GLOBAL": {"/dev/null"}, "GIT_CONFIG_SYSTEM": {"/dev/null"}, "GIT_CONFIG_PARAMETERS": nil, "GIT_EXEC_PATH": nil, "GIT_TEMPLATE_DIR": nil,
}

// idle are programs that read nothing.
var idle = []string{"true", "/bin/true", "/usr/bin/true", "echo", "/bin/echo", "/usr/bin/echo", "false", "/bin/false"}

// gitSettings are settings of git that name such a program or file, by what
// their names begin and end with.
var gitSettings = []struct {
	begins, ends string
	harmless     []string
}{
	{"credential.", "helper", []string{"store", "cache", "manager", "osxkeychain", "wincred", "libsecret", "!gh auth git-credential", "!/usr/bin/gh auth git-credential"}},
	{"core.", "askpass", idle},
	{"core.", "hookspath", []string{"/dev/null"}},
	{"core.", "sshcommand", []string{"ssh"}},
	{"core.", "gitproxy", nil},
	{"core.", "fsmonitor", []string{"true", "false"}},
	{"include", ".path", nil},
	{"init.", "templatedir", nil},
	{"filter.", ".clean", []string{"git-lfs", "git lfs"}},
	{"filter.", ".smudge", []string{"git-lfs", "git lfs"}},
	{"filter.", ".process", []string{"git-lfs", "git lfs"}},
	{"diff.", "external", nil},
	{"gpg.", "program", []string{"gpg", "gpg2", "/usr/bin/gpg", "ssh-keygen"}},
	{"alias.", "", nil},
}

// harmless tells whether a value names no program of the project's: it is empty
// or one of a list, with words behind it or without.
func harmless(v value.Value, list []string) bool {
	if len(v) == 0 {
		return true
	}
	masked := v.Mask().Text
	return masked == "" || slices.ContainsFunc(list, func(word string) bool { return masked == word || strings.HasPrefix(masked, word+" ") })
}

// namesCode tells whether a setting makes git run code that was not read.
func namesCode(key string, v value.Value) bool {
	key = strings.ToLower(key)
	for _, s := range gitSettings {
		if !strings.HasPrefix(key, s.begins) || !strings.HasSuffix(key, s.ends) {
			continue
		}
		if s.begins == "alias." {
			// Any other alias is a command of git's own.
			return strings.HasPrefix(v.String(), "!")
		}
		return !harmless(v, s.harmless)
	}
	return false
}

// maxSettings bounds the settings of git that are looked up in variables.
const maxSettings = 16

// variableCode tells whether a variable makes git run code that was not read.
func variableCode(env *value.Env) bool {
	for name, list := range gitPrograms {
		if v, ok := env.Lookup(name); ok && !harmless(v, list) {
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
		if v, _ := env.Lookup("GIT_CONFIG_VALUE_" + strconv.Itoa(n)); namesCode(key.String(), v) {
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
		if namesCode(operands[n-1].String(), operands[n]) {
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
	if c == nil || len(c.Args) == 0 || !slices.Contains(runsGit, strings.TrimSuffix(path.Base(c.Args[0].String()), ".exe")) {
		return false
	}
	return n >= d.hooked(j) || variableCode(j.Sites[n].Env)
}
