package shell

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// scripted returns a shell that runs a script in place of c.
func (c *call) scripted(text value.Value) *call {
	return c.with([]value.Value{value.Text("bash"), value.Text("-c"), text})
}

// unwrap returns the command that a wrapper runs.
func (i *interp) unwrap(base string, c *call) (*call, bool) {
	if d, ok := scriptOf(base, c); ok {
		d.opens = d.opens || base == "sops"
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
		if len(c.args) > 1 {
			_, ok := rules.PackageManagerOf(c.args[1].LiteralOr(""))
			return c.with(c.args[1:]), ok
		}
	case "npx", "bunx", "pnpx":
		if len(c.args) > 1 && rules.UnderNpx.Has(c.args[1].LiteralOr("")) {
			return c.with(c.args[1:]), true
		}
	case "dotenv", "dotenvx":
		// Its own words end there.
		if n := slices.IndexFunc(c.args, func(v value.Value) bool { return v.LiteralOr("") == "--" }); n > 0 {
			d := i.loaded(c.with(c.args[n+1:]), c.args[1:n], ".env")
			d.opens = true
			if base == "dotenvx" {
				d.runner = []string{"dotenvx", "run", "--"}
			}
			return d, true
		}
	case "nix", "nix-shell":
		return nixShell(c)
	}
	if w, ok := rules.WrapperOf(base); ok {
		d, ok := i.unwrapFlags(base, w, c)
		return d, ok && !(w.Alone && len(d.args) == 0)
	}
	for _, l := range rules.Environments(base) {
		n := len(l.Words)
		if len(c.args) <= n || !startsWith(c.args[1:], l.Words[1:]) {
			continue
		}
		if at := behind(l, c.args, n); at > 0 {
			return c.within(l.Words, c.args[at:]), true
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
		if _, there := i.readNow(c.args[0]); there {
			return nil, false
		}
	}
	return c.with(c.args[n+1:]), true
}

// behind returns the index of the program behind the flags and operands of a
// launcher, which begin at n; 0 where there is none, a word is only known when it
// runs, another folder is named, or the launcher has flags of which none is known.
func behind(l rules.Launcher, args []value.Value, n int) int {
	for operands := l.Operands; n < len(args); n++ {
		word := args[n].LiteralOr("")
		flag, _, joined := strings.Cut(word, "=")
		switch {
		case word == "--" && n+1 < len(args):
			return n + 1
		case word == "" || slices.Contains(l.Elsewhere, flag) || slices.Contains(l.Folder, flag):
			return 0
		case !strings.HasPrefix(word, "-") && operands > 0:
			operands--
		case !strings.HasPrefix(word, "-"):
			return n
		case l.Values == nil:
			return 0
		case !joined && slices.Contains(l.Values, flag):
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
func (i *interp) unwrapFlags(base string, w rules.Launcher, c *call) (*call, bool) {
	d := *c
	d.opens = d.opens || w.Opens
	keeps := base != "sudo"
	own := map[string]value.Value{}
	n := 1
	for skip := w.Operands; n < len(c.args); n++ {
		s := c.args[n].LiteralOr("")
		name, v, assigns := splitAssignment(c.args[n])
		if dir, words := runsIn(w, c.args[n:]); words > 0 {
			d.dir = Join(i.st.dir, dir)
			n += words - 1
			keeps = keeps || isFlags(s) && strings.Contains(s, "E")
			d.bare = d.bare || base == "env" && strings.HasPrefix(s, "-i")
			continue
		}
		switch {
		case s == "--":
			n++
		case slices.Contains(w.Values, s):
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
			d.opens = true // assignments may stand in the word
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
		case assigns && w.Assigns:
			d.lay(name, v)
			own[name] = v
			continue
		case skip > 0:
			skip--
			continue
		case w.Counts && isCount(s):
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
func runsIn(w rules.Launcher, args []value.Value) (dir value.Value, words int) {
	masked := args[0].Mask()
	for _, flag := range w.Folder {
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
// So does that of gh where awf is told of a proxy for gh's calls: it starts gh
// beside the agent, with that token.
func (i *interp) firewalled(c *call) (*call, bool) {
	d := *c
	d.opens = true
	hidden := []string{"GITHUB_MCP_SERVER_TOKEN"}
	if slices.ContainsFunc(c.args, func(v value.Value) bool { return v.LiteralOr("") == "--difc-proxy-host" }) {
		hidden = append(hidden, "GH_TOKEN", "GITHUB_TOKEN")
	}
	for n := 1; n+1 < len(c.args); n++ {
		switch name := c.args[n+1].LiteralOr(""); {
		case c.args[n].LiteralOr("") == "--":
			return d.with(c.args[n+1:]), true
		case c.args[n].LiteralOr("") == "--exclude-env" && name != "COPILOT_GITHUB_TOKEN":
			d.lay(name, nil)
			if v, ok := i.st.env.Lookup(name); ok && slices.Contains(hidden, name) {
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
