package shell

import (
	"maps"
	"regexp"
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
	// folder are the flags, of valued, that name the folder to run it in.
	folder string
	// alone: without a program it does something of its own.
	alone bool
}

// wrappers are the programs that run another as it stands in their words.
var wrappers = map[string]wrapper{
	"sudo":     {valued: "-u -g -h -p -C -r -t -T -U -D -R --user --group --host --prompt --chdir", folder: "-D --chdir", assigns: true},
	"doas":     {valued: "-u -C"},
	"env":      {valued: "-u -C --unset --chdir", folder: "-C --chdir", assigns: true},
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
	// Without a program it prints its variables.
	"ssh-agent": {valued: "-a -E -O -P -t", alone: true},
	"numactl":   {valued: "-i -p -m -N -C"}, "chrt": {skip: 1}, "setpriv": {valued: "--reuid --regid --groups"}, "faketime": {skip: 1}, "catatonit": {},
	"retry": {valued: "-t -d -m -n -s -u --times --tries --delay --max-attempts --min --max --until --while", counts: true},
}

// scripted returns a shell that runs a script in place of c.
func (c *call) scripted(text value.Value) *call {
	return c.with([]value.Value{value.Text("bash"), value.Text("-c"), text})
}

// runners are words that stand before a program in the same way. A flag
// after them leaves the command as it is, for its words are not known.
var runners = [][]string{
	{"poetry", "run"}, {"pipenv", "run"}, {"uv", "run"}, {"pdm", "run"}, {"rye", "run"}, {"hatch", "run"},
	{"pixi", "run"}, {"bundle", "exec"}, {"mise", "exec", "--"}, {"mise", "x", "--"}, {"asdf", "exec"},
	{"doppler", "run", "--"}, {"op", "run", "--"}, {"infisical", "run", "--"}, {"devbox", "run", "--"},
	{"direnv", "exec", "."}, {"volta", "run"}, {"hermit", "exec"}, {"proto", "run"}, {"aqua", "exec"},
	{"conda", "run"}, {"mamba", "run"}, {"micromamba", "run"},
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
		return i.firewalled(c)
	case "corepack":
		if len(c.args) > 1 && slices.Contains(packageManagers, c.args[1].LiteralOr("")) {
			return c.with(c.args[1:]), true
		}
	case "npx", "bunx", "pnpx":
		if len(c.args) > 1 && slices.Contains(packageWrappers, c.args[1].LiteralOr("")) {
			return c.with(c.args[1:]), true
		}
	case "dotenv", "dotenvx":
		// Its own words end there.
		if n := slices.IndexFunc(c.args, func(v value.Value) bool { return v.LiteralOr("") == "--" }); n > 0 {
			d := i.loaded(c.with(c.args[n+1:]), c.args[1:n], ".env")
			if base == "dotenvx" {
				d.runner = []string{"dotenvx", "run", "--"}
			}
			return d, true
		}
	case "nix", "nix-shell":
		return nixShell(c)
	}
	if w, ok := wrappers[base]; ok {
		d, ok := i.unwrapFlags(base, w, c)
		return d, ok && !(w.alone && len(d.args) == 0)
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
		if flags, known := runnerFlags[base]; known {
			if at := flags.behind(c.args, n); at > 0 {
				return c.within(r, c.args[at:]), true
			}
		}
	}
	return i.behindDashes(c)
}

// clients are the programs that talk to GitHub and are run by others as they stand
// in their words.
var clients = []string{"git", "gh", "curl", "hub"}

// running matches words that say of a program that it runs what it is given.
var running = regexp.MustCompile(`(?i)(?:^|[/_.-])(?:re-?try|try|repeat|attempt|timeout|wait|with|exec|run)(?:$|[_.-])`)

// behindDashes returns the command behind the two dashes with which the words end of a
// program in some folder that cannot be read, and of which one says that it runs what
// it is given. What it does besides is not seen.
func (i *interp) behindDashes(c *call) (*call, bool) {
	if !strings.Contains(c.args[0].LiteralOr(""), "/") {
		return nil, false
	}
	n := slices.IndexFunc(c.args, func(v value.Value) bool { return v.LiteralOr("") == "--" })
	if n < 1 || n+1 >= len(c.args) || !slices.Contains(clients, c.args[n+1].LiteralOr("")) ||
		!slices.ContainsFunc(c.args[:n], func(v value.Value) bool { return running.MatchString(v.LiteralOr("")) }) {
		return nil, false
	}
	if i.read != nil {
		if _, there := i.read(c.args[0], i.st.dir); there {
			return nil, false
		}
	}
	return c.with(c.args[n+1:]), true
}

// flagsBefore are the flags of a runner that may stand before the program.
type flagsBefore struct {
	// valued are those that a value follows.
	valued []string
	// other are those with which it runs something else than the program that
	// they stand before, somewhere else, or with other variables.
	other []string
}

// runnerFlags are the flags of the runners of which they are known.
var runnerFlags = map[string]flagsBefore{
	// Source: https://docs.astral.sh/uv/reference/cli/#uv-run
	"uv": {
		valued: []string{
			"--with", "-w", "--with-editable", "--with-requirements", "--extra", "--no-extra", "--group", "--no-group", "--only-group", "--python", "-p", "--env-file", "--package", "--index",
			"--default-index", "--index-url", "-i", "--extra-index-url", "--find-links", "-f", "--cache-dir", "--config-file", "--color", "--index-strategy", "--resolution", "--prerelease",
			"--exclude-newer", "--link-mode", "--refresh-package", "--upgrade-package", "-P", "--reinstall-package", "--config-setting", "-C", "--no-build-package", "--no-binary-package",
		},
		other: []string{"-m", "--module", "-s", "--script", "--gui-script", "--directory", "--project", "--help", "-h"},
	},
	"conda":      condaFlags,
	"mamba":      condaFlags,
	"micromamba": condaFlags,
	// Source: https://pixi.sh/latest/reference/cli/pixi/run/
	"pixi": {
		valued: []string{
			"--environment", "-e", "--color", "--auth-file", "--pypi-keyring-provider", "--concurrent-downloads", "--concurrent-solves", "--pinning-strategy",
		},
		other: []string{"--manifest-path", "-m", "--workspace", "-w", "--executable", "-x", "--clean-env", "--dry-run", "-n", "--help", "-h"},
	},
}

// condaFlags are those of "conda run", and of the programs that stand in for it. Sources:
// https://docs.conda.io/projects/conda/en/stable/commands/run.html,
// https://mamba.readthedocs.io/en/latest/user_guide/micromamba.html
var condaFlags = flagsBefore{
	valued: []string{"--name", "-n", "--prefix", "-p", "--root-prefix", "-r", "--attach", "-a", "--label", "--rc-file"},
	other:  []string{"--cwd", "--env", "-e", "--clean-env", "--help", "-h"},
}

// behind returns the index of the program behind the flags of a runner, which
// begin at n; 0 where there is none, or a word is only known when it runs.
func (f flagsBefore) behind(args []value.Value, n int) int {
	for ; n < len(args); n++ {
		word := args[n].LiteralOr("")
		flag, _, joined := strings.Cut(word, "=")
		switch {
		case word == "" || slices.Contains(f.other, flag):
			return 0
		case word == "--" && n+1 < len(args):
			return n + 1
		case !strings.HasPrefix(word, "-"):
			return n
		case !joined && slices.Contains(f.valued, flag):
			n++
		}
	}
	return 0
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
		if dir, words := w.runsIn(c.args[n:]); words > 0 {
			d.dir = Join(i.st.dir, dir)
			n += words - 1
			keeps = keeps || isFlags(s) && strings.Contains(s, "E")
			d.bare = d.bare || base == "env" && strings.HasPrefix(s, "-i")
			continue
		}
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

// loneFlags are the letters of env and sudo that take no word along, and may stand
// before another in one word.
const loneFlags = "0AbEHiknPSv"

// runsIn returns the folder that the first of the words tells a wrapper to run the
// program in, and how many words say so: none where it tells of none.
func (w wrapper) runsIn(args []value.Value) (dir value.Value, words int) {
	masked := args[0].Mask()
	for _, flag := range strings.Fields(w.folder) {
		long := strings.HasPrefix(flag, "--")
		rest, begins := strings.CutPrefix(masked.Text, flag)
		switch {
		case begins && rest == "", !long && isFlags(masked.Text) && strings.Trim(masked.Text[1:], loneFlags) == flag[1:] && strings.HasSuffix(masked.Text, flag[1:]):
			if len(args) > 1 {
				return args[1], 2
			}
		case begins && long && rest[0] == '=':
			return masked.Table.Value(rest[1:]), 1
		case begins && !long:
			return masked.Table.Value(rest), 1
		}
	}
	return nil, 0
}

// firewalled returns the command that awf, the firewall around agents, runs
// in a container: what stands behind "--". Variables behind --exclude-env are
// kept from it, but for Copilot's: awf itself sends that along with the
// agent's requests. What the token of GitHub's MCP server was stands under a
// name that no program can read: that server got it before, from the gateway.
func (i *interp) firewalled(c *call) (*call, bool) {
	d := *c
	for n := 1; n+1 < len(c.args); n++ {
		switch name := c.args[n+1].LiteralOr(""); {
		case c.args[n].LiteralOr("") == "--":
			return d.with(c.args[n+1:]), true
		case c.args[n].LiteralOr("") == "--exclude-env" && name != "COPILOT_GITHUB_TOKEN":
			d.lay(name, nil)
			if v, ok := i.st.env.Lookup(name); ok && name == "GITHUB_MCP_SERVER_TOKEN" {
				d.lay("awf."+name, v)
			}
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
