package shell

import (
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// wrapper is a program that runs the program in its words.
type wrapper struct {
	// valued are the flags that take the next word, as letters and as
	// long names, parted by spaces.
	valued string
	// skip is the number of operands before the program.
	skip int
	// assigns: NAME=value words come before the program.
	assigns bool
	// counts: numbers may come before the program.
	counts bool
}

// wrappers are the programs that run another as it stands in their words.
var wrappers = map[string]wrapper{
	"sudo":     {valued: "-u -g -h -p -C -r -t -T -U -D -R --user --group --host --prompt --chdir", assigns: true},
	"doas":     {valued: "-u -C"},
	"env":      {valued: "-u -C --unset --chdir", assigns: true},
	"time":     {valued: "-f -o --format --output"},
	"nohup":    {},
	"setsid":   {},
	"exec":     {valued: "-a"},
	"command":  {},
	"builtin":  {},
	"nice":     {valued: "-n --adjustment"},
	"ionice":   {valued: "-c -n --class --classdata"},
	"timeout":  {valued: "-s -k --signal --kill-after", skip: 1},
	"gtimeout": {valued: "-s -k --signal --kill-after", skip: 1},
	"stdbuf":   {valued: "-i -o -e"},
	"unbuffer": {},
	"chronic":  {},
	"noglob":   {},
	"xvfb-run": {valued: "-e -f -n -p -s -w --server-args --server-num --error-file --auth-file"},
	"winpty":   {},
	// Of npm, for Linux alone.
	"xvfb-maybe": {},
	"flock":      {valued: "-w -E --timeout --wait --conflict-exit-code", skip: 1},
	"wsl":        {valued: "-d -u --distribution --user --cd --shell-type"},
	"taskset":    {skip: 1},
	"strace":     {valued: "-e -o -p -s -u -E -a -b -I -O -P -S -X"},
	"gosu":       {skip: 1},
	"su-exec":    {skip: 1},
	"tini":       {valued: "-p -e"},
	"runuser":    {valued: "-u --user -g --group -G --supp-group -s --shell"},
	"fakeroot":   {valued: "-l -s -i -b --lib --faked"},
	"unshare":    {valued: "-S -G -R -w --setuid --setgid --root --wd"},
	"setarch":    {skip: 1},
	// Without flags of their own, or with such as take no word along.
	"dumb-init": {}, "eatmydata": {}, "linux32": {}, "linux64": {}, "caffeinate": {valued: "-t -w"}, "catchsegv": {}, "fakechroot": {},
	"dbus-run-session": {valued: "--config-file --dbus-daemon"}, "dbus-launch": {}, "systemd-inhibit": {},
	// Of npm: it sets variables, on every system alike.
	"cross-env": {assigns: true},
	"arch":      {},
	"retry":     {valued: "-t -d -m -n -s -u --times --tries --delay --max-attempts --min --max --until --while", counts: true},
}

// scripted are the programs that take a script for a shell: behind the flag
// -c, before which that many operands may stand, or, for sops, as the last word.
var scripted = map[string]struct {
	valued   string
	operands int
	last     bool
}{
	"flock":         {valued: "-w -E --timeout --wait --conflict-exit-code", operands: 1},
	"runuser":       {valued: "-u --user -g --group -G --supp-group -s --shell", operands: 1},
	"npx":           {valued: "-p --package -w --workspace"},
	"npm exec":      {valued: "-p --package -w --workspace"},
	"npm x":         {valued: "-p --package -w --workspace"},
	"sops exec-env": {last: true}, "sops exec-file": {last: true},
}

// scriptOf returns the shell that a program starts with a script in its words.
func scriptOf(base string, c *call) (*call, bool) {
	p, ok := scripted[base]
	n := 1
	if !ok && len(c.args) > 1 && (base == "npm" || base == "sops") {
		p, ok = scripted[base+" "+c.args[1].LiteralOr("")]
		n++
	}
	if !ok || n >= len(c.args) {
		return nil, false
	}
	if p.last {
		return c.scripted(c.args[len(c.args)-1]), len(c.args) > n+1
	}
	valued := strings.Fields(p.valued)
	for operands := p.operands; n+1 < len(c.args); n++ {
		switch s := c.args[n].LiteralOr(""); {
		case s == "-c" || s == "--command" || s == "--call":
			return c.scripted(c.args[n+1]), true
		case slices.Contains(valued, s):
			n++
		case strings.HasPrefix(s, "-") && s != "--":
		case operands == 0 || s == "--":
			return nil, false
		default:
			operands--
		}
	}
	return nil, false
}

// scripted returns a shell that runs a script in place of c.
func (c *call) scripted(text value.Value) *call {
	return c.with([]value.Value{value.Text("bash"), value.Text("-c"), text})
}

// watched returns the command that watch runs again and again: a script that
// is its words, joined.
func watched(c *call) (*call, bool) {
	n := 1
	for ; n < len(c.args); n++ {
		switch s := c.args[n].LiteralOr(""); {
		case s == "-n" || s == "--interval" || s == "-q" || s == "--equexit":
			n++
			continue
		case strings.HasPrefix(s, "-"):
			continue
		}
		break
	}
	if n >= len(c.args) {
		return nil, false
	}
	return c.scripted(join(c.args[n:])), true
}

// parallel returns the command that GNU parallel runs, once for what stands
// behind ":::" or is read: a script that is its words, joined, or where there
// are none, each of the arguments.
func (i *interp) parallel(c *call) (*call, bool) {
	end := slices.IndexFunc(c.args, func(v value.Value) bool { return strings.HasPrefix(v.LiteralOr(""), ":::") })
	given := end >= 0
	if !given {
		end = len(c.args)
	}
	n := 1
	for ; n < end; n++ {
		s := c.args[n].LiteralOr("")
		if !strings.HasPrefix(s, "-") {
			break
		}
		if slices.Contains(parallelValues, s) {
			n++
		}
	}
	n = min(n, end)
	operand := value.Unknown("$(parallel)")
	if given && end+1 < len(c.args) && c.args[end].LiteralOr("") == ":::" {
		operand = value.Choice(c.args[end+1:]...)
		if n == end {
			var lines []value.Value
			for _, v := range c.args[end+1:] {
				lines = append(lines, v, value.Text("\n"))
			}
			return c.scripted(value.Concat(lines...)), true
		}
	}
	if n == end {
		return nil, false
	}
	script := join(c.args[n:end])
	if !strings.Contains(script.String(), "{") {
		script = value.Concat(script, value.Text(" {}"))
	}
	return c.scripted(substituteText(script, "{}", operand)), true
}

// parallelValues are the flags of GNU parallel that take the next word along.
var parallelValues = []string{"-j", "--jobs", "-P", "-a", "--arg-file", "-N", "-n", "-L", "-d", "--delimiter", "--colsep", "-C", "--joblog", "--retries", "--timeout", "--delay", "--halt", "--results", "-I", "-S", "--env", "--tagstring", "--max-args", "--wd", "--tmpdir", "--load"}

// runners are words that stand before a program in the same way. A flag
// after them leaves the command as it is, for its words are not known.
var runners = [][]string{
	{"poetry", "run"}, {"pipenv", "run"}, {"uv", "run"}, {"pdm", "run"}, {"rye", "run"}, {"hatch", "run"},
	{"pixi", "run"}, {"bundle", "exec"}, {"mise", "exec", "--"}, {"mise", "x", "--"}, {"asdf", "exec"},
	{"doppler", "run", "--"}, {"op", "run", "--"}, {"infisical", "run", "--"}, {"devbox", "run", "--"},
	{"direnv", "exec", "."}, {"dotenvx", "run", "--"}, {"volta", "run"}, {"hermit", "exec"}, {"proto", "run"}, {"aqua", "exec"},
}

// packageManagers are the programs that corepack runs.
var packageManagers = []string{"npm", "npx", "pnpm", "pnpx", "yarn", "yarnpkg"}

// packageWrappers are programs of npm that run others, or scripts of the
// package: npx is no more than their way.
var packageWrappers = []string{"cross-env", "xvfb-maybe", "dotenv", "run-s", "run-p", "npm-run-all"}

// unwrap returns the command that a wrapper runs.
func (i *interp) unwrap(base string, c *call) (*call, bool) {
	if d, ok := scriptOf(base, c); ok {
		return d, true
	}
	switch base {
	case "xargs":
		return i.xargs(c)
	case "watch":
		return watched(c)
	case "parallel":
		return i.parallel(c)
	case "cmd", "cmd.exe":
		if text, ok := commandText(c.args, "/c", "//c", "/k", "//k"); ok && hasText(text) {
			i.innerBatch(text, c)
			return &call{}, true
		}
	case "find":
		return found(c)
	case "awf":
		return firewalled(c)
	case "corepack":
		if len(c.args) > 1 && slices.Contains(packageManagers, c.args[1].LiteralOr("")) {
			return c.with(c.args[1:]), true
		}
	case "npx", "bunx", "pnpx":
		if len(c.args) > 1 && slices.Contains(packageWrappers, c.args[1].LiteralOr("")) {
			return c.with(c.args[1:]), true
		}
	case "dotenv":
		// Its own words end there.
		if n := slices.IndexFunc(c.args, func(v value.Value) bool { return v.LiteralOr("") == "--" }); n > 0 {
			return c.with(c.args[n+1:]), true
		}
	case "nix", "nix-shell":
		return nixShell(c)
	}
	if w, ok := wrappers[base]; ok {
		return i.unwrapFlags(base, w, c)
	}
	for _, r := range runners {
		n := len(r)
		if base != r[0] || len(c.args) <= n || !startsWith(c.args[1:], r[1:]) {
			continue
		}
		if first := c.args[n].LiteralOr("-"); !strings.HasPrefix(first, "-") {
			return c.within(r, c.args[n:]), true
		}
		if first := c.args[n].LiteralOr(""); first == "--" && len(c.args) > n+1 {
			return c.within(r, c.args[n+1:]), true
		}
	}
	return nil, false
}

// nixShell returns the command that Nix runs in an environment: the words
// behind -c, or the script behind --run.
func nixShell(c *call) (*call, bool) {
	by := []string{"nix-shell"}
	if c.args[0].LiteralOr("") != "nix-shell" {
		if len(c.args) < 2 || !slices.Contains([]string{"develop", "shell"}, c.args[1].LiteralOr("")) {
			return nil, false
		}
		by = []string{"nix", "develop"}
	}
	for n := 1; n+1 < len(c.args); n++ {
		switch flag := c.args[n].LiteralOr(""); {
		case flag == "-c" || flag == "--command" && len(by) > 1:
			return c.within(by, c.args[n+1:]), true
		case flag == "--run" || flag == "--command":
			return c.within(by, []value.Value{value.Text("bash"), value.Text("-c"), c.args[n+1]}), true
		}
	}
	return nil, false
}

func startsWith(args []value.Value, words []string) bool {
	for n, w := range words {
		if n >= len(args) || args[n].LiteralOr("") != w {
			return false
		}
	}
	return true
}

// with returns c with other words.
func (c *call) with(args []value.Value) *call {
	d := *c
	d.args = args
	return &d
}

// within returns the command that runs in an environment which a runner
// makes.
func (c *call) within(runner []string, args []value.Value) *call {
	d := c.with(args)
	d.runner = runner
	return d
}

// lay puts a variable into the environment of c.
func (c *call) lay(name string, v value.Value) {
	c.env = maps.Clone(c.env)
	if c.env == nil {
		c.env = map[string]value.Value{}
	}
	c.env[name] = v
}

// unwrapFlags skips the flags, assignments and operands of a wrapper.
func (i *interp) unwrapFlags(base string, w wrapper, c *call) (*call, bool) {
	valued := strings.Fields(w.valued)
	d := *c
	keeps := base != "sudo"
	own := map[string]value.Value{}
	n := 1
	for skip := w.skip; n < len(c.args); n++ {
		s := c.args[n].LiteralOr("")
		name, v, assigns := splitAssignment(c.args[n])
		switch {
		case s == "--":
			n++
		case slices.Contains(valued, s):
			if n+1 < len(c.args) && (s == "-u" || s == "--unset") && base == "env" {
				d.lay(c.args[n+1].LiteralOr(""), nil)
			}
			n++
			continue
		case base == "env" && (s == "-i" || s == "-" || s == "--ignore-environment"):
			d.bare = true
			d.env = nil
			continue
		case base == "env" && (s == "-S" || s == "--split-string") && n+1 < len(c.args):
			var f fields
			f.split(c.args[n+1])
			f.end()
			return d.with(append(f.words, c.args[n+2:]...)), true
		case base == "command" && (s == "-v" || s == "-V"):
			i.printed(c)
			return &call{}, true
		case base == "sudo" && (strings.HasPrefix(s, "--preserve-env") || isFlags(s) && strings.Contains(s, "E")):
			keeps = true
			continue
		case strings.HasPrefix(s, "-"):
			continue
		case assigns && w.assigns:
			d.lay(name, v)
			own[name] = v
			continue
		case skip > 0:
			skip--
			continue
		case w.counts && isCount(s):
			continue
		}
		break
	}
	if !keeps {
		// Without -E, sudo gives a program what its own words assign.
		d.bare = true
		d.env = own
	}
	if base == "exec" && n < len(c.args) {
		i.st.dead = true
	}
	return d.with(c.args[min(n, len(c.args)):]), true
}

// firewalled returns the command that awf, the firewall around agents, runs
// in a container: what stands behind "--". Variables behind --exclude-env are
// kept from it, but for Copilot's: awf itself sends that along with the
// agent's requests.
func firewalled(c *call) (*call, bool) {
	d := *c
	for n := 1; n+1 < len(c.args); n++ {
		switch name := c.args[n+1].LiteralOr(""); {
		case c.args[n].LiteralOr("") == "--":
			return d.with(c.args[n+1:]), true
		case c.args[n].LiteralOr("") == "--exclude-env" && name != "COPILOT_GITHUB_TOKEN":
			d.lay(name, nil)
		}
	}
	return nil, false
}

// isCount tells whether a word is a number of tries or seconds.
func isCount(s string) bool {
	s = strings.TrimRight(s, "smh")
	return s != "" && strings.Trim(s, "0123456789.") == ""
}

func isFlags(s string) bool { return len(s) > 1 && s[0] == '-' && s[1] != '-' }

// xargs returns the command that xargs runs, once, with an operand that is
// what xargs reads, if that is one word, or else unknown.
func (i *interp) xargs(c *call) (*call, bool) {
	operand := value.Unknown("$(xargs)")
	if i.in != nil {
		if v := trimNewline(i.in.value); isOpaque(v) || isWord(v) {
			operand = v
		} else {
			operand = opaque("$(xargs)", v)
		}
	}
	replace := ""
	n := 1
	for ; n < len(c.args); n++ {
		s := c.args[n].LiteralOr("")
		if len(s) < 2 || s[0] != '-' {
			break
		}
		switch {
		case s == "-I" || s == "-i" || s == "--replace":
			replace = "{}"
			if s == "-I" && n+1 < len(c.args) {
				n++
				replace = c.args[n].LiteralOr("{}")
			}
		case strings.HasPrefix(s, "-I"):
			replace = s[2:]
		case strings.HasPrefix(s, "--replace="):
			replace = s[len("--replace="):]
		case len(s) == 2 && strings.Contains("nPLdsEa", s[1:]):
			n++
		}
	}
	args := slices.Clone(c.args[n:])
	if len(args) == 0 {
		// It shows what it was given.
		args = []value.Value{value.Text("echo")}
	}
	if replace == "" {
		next := c.with(append(args, operand))
		next.loose = true
		return next, true
	}
	for k := range args {
		args[k] = substituteText(args[k], replace, operand)
	}
	return c.with(args), true
}

// isWord tells whether a value is one word of known parts.
func isWord(v value.Value) bool {
	var f fields
	f.split(v)
	f.end()
	return len(f.words) == 1
}

// substituteText replaces text within the literal parts of a value.
func substituteText(v value.Value, old string, with value.Value) value.Value {
	if old == "" {
		return v
	}
	var out []value.Value
	for _, p := range v {
		if p.Text == "" {
			out = append(out, value.Value{p})
			continue
		}
		out = append(out, replaceText(p.Text, old, with, true))
	}
	return bounded(value.Concat(out...), "…")
}

// found returns the command of find -exec.
func found(c *call) (*call, bool) {
	for n, v := range c.args {
		if s := v.LiteralOr(""); s != "-exec" && s != "-execdir" && s != "-ok" {
			continue
		}
		var args []value.Value
		for _, w := range c.args[n+1:] {
			if s := w.LiteralOr(""); s == ";" || s == "+" {
				break
			}
			args = append(args, substituteText(w, "{}", value.Unknown("$(find)")))
		}
		return c.with(args), true
	}
	return nil, false
}

// shells are the programs that read a script: from -c, a file, or what they
// are given to read. su and script take -c as well.
var shells = map[string]bool{
	"bash": true, "sh": true, "dash": true, "zsh": true, "ksh": true, "ash": true, "su": true, "script": true,
}

// shell reads the script that a shell is given in its words, or to read. It
// returns false where it is in a file, or not known.
func (i *interp) shell(c *call) bool {
	text, args, stdin := shellText(c.args)
	if stdin {
		if i.in == nil || !hasText(i.in.value) {
			return false
		}
		text = i.in.value
	} else if !hasText(text) {
		return false
	}
	in := i.in
	if stdin {
		in = nil
	}
	i.reading(in, func() {
		outer := i.st
		i.st = &scope{env: i.environment(c), args: args, loose: c.loose, dir: outer.dir}
		i.inner(text, c)
		i.st = outer
	})
	return true
}

// shellText finds the script in the words of a shell; stdin: it is read.
func shellText(words []value.Value) (text value.Value, args []value.Value, stdin bool) {
	for n := 1; n < len(words); n++ {
		s := words[n].LiteralOr("")
		switch {
		case s == "-s":
			return nil, append([]value.Value{words[0]}, operands(words[n:])...), true
		case isFlags(s) && strings.HasSuffix(s, "c") && n+1 < len(words):
			args = words[n+2:]
			if len(args) == 0 {
				args = []value.Value{words[0]}
			}
			return words[n+1], args, false
		case isFlags(s) && strings.HasSuffix(s, "o"), s == "+o", s == "--rcfile", s == "--init-file":
			n++
		case !isFlags(s) && !strings.HasPrefix(s, "--") && !strings.HasPrefix(s, "+"):
			if b := words[0].LiteralOr(""); strings.HasSuffix(b, "su") || strings.HasSuffix(b, "script") {
				continue
			}
			return nil, nil, false
		}
	}
	if b := words[0].LiteralOr(""); strings.HasSuffix(b, "su") || strings.HasSuffix(b, "script") {
		return nil, nil, false
	}
	return nil, []value.Value{words[0]}, true
}
