package trace

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// packageManager is what is known of the commands of one.
type packageManager struct {
	// anywhere says that its flags may stand behind the script's name too.
	anywhere bool
	// scripts are commands that run the script of that name.
	scripts []string
	// builtin are commands of its own; nil where any word but those of scripts
	// and run is one.
	builtin []string
	// programs says that where there is no script, a program of that name runs:
	// named by a bare word, and also behind run.
	programs, runPrograms bool
}

// packageManagers are those of JavaScript, see the manuals of their commands
// "run".
var packageManagers = map[string]packageManager{
	"npm": {anywhere: true, scripts: []string{"test", "t", "tst", "start", "restart", "stop"}},
	"pnpm": {
		scripts:  []string{"test", "t", "start"},
		builtin:  packageCommands,
		programs: true,
	},
	"yarn": {builtin: packageCommands, programs: true, runPrograms: true},
	"bun": {
		builtin:  slices.Concat(packageCommands, []string{"test", "build", "pm", "upgrade", "repl", "create", "info"}),
		programs: true, runPrograms: true,
	},
}

// packageCommands are words after yarn, pnpm or bun that name no script.
var packageCommands = []string{
	"install", "i", "ci", "add", "remove", "publish", "pack", "login", "whoami", "config", "set", "cache", "dlx", "exec", "x", "create",
	"init", "audit", "version", "view", "info", "outdated", "update", "upgrade", "up", "link", "prune", "rebuild", "dedupe", "store", "deploy", "dist-tag",
	"patch", "import", "fetch", "why", "list", "ls", "root", "bin", "token", "team", "owner", "access", "ping", "doctor", "pkg", "workspaces", "workspace", "plugin", "constraints", "unpublish", "deprecate", "--version", "-v", "npm", "node",
}

// packageCall is a call of a package manager.
type packageCall struct {
	packageManager
	flags   rules.PackageManager
	manager string
	// folder is where it works, filters name the packages that it runs in.
	folder  value.Value
	filters []value.Value
	// every and top say that it runs in all packages, or in the workspace's own.
	every, top bool
	// ifPresent says that a script may be missing.
	ifPresent bool
	// command is its own command, "run" for a script, "exec" for a program, "" for
	// what is a script or a program, and by the word for it; words are what it runs,
	// with the words that this gets.
	command, by string
	words       []value.Value
}

// readPackageCall takes a call apart. Words are missing where it runs nothing
// of the project.
func readPackageCall(c *Command, manager string) packageCall {
	call := packageCall{manager: manager, packageManager: packageManagers[manager], folder: c.Dir}
	call.flags, _ = rules.PackageManagerOf(manager)
	for args := c.Args[1:]; len(args) > 0; {
		word := args[0].String()
		named := len(call.words) > 0
		switch {
		case word == "--":
			call.words = append(call.words, args[1:]...)
			return call
		case named && !call.anywhere:
			call.words = append(call.words, args...)
			if n := slices.IndexFunc(call.words, func(v value.Value) bool { return v.String() == "--" }); n >= 0 {
				call.words = slices.Delete(slices.Clone(call.words), n, n+1)
			}
			return call
		case strings.HasPrefix(word, "-") && (!named || call.command != "exec" || call.flags.Places(word)):
			args = call.flag(args)
			continue
		case named || call.command != "":
			call.words = append(call.words, args[0])
		case word == "run" || word == "run-script":
			call.command = "run"
		case word == "exec" || word == "x" || word == "dlx" || word == "node" && manager == "yarn":
			if call.command, call.by = "exec", word; word == "node" {
				continue // it is the program too
			}
		case manager == "pnpm" && (word == "recursive" || word == "multi"):
			call.every = true
		case manager == "yarn" && word == "workspace" && len(args) > 1:
			call.filters = append(call.filters, args[1])
			args = args[1:]
		case manager == "yarn" && word == "workspaces" && len(args) > 1:
			if args = call.inWorkspaces(args[1:]); args == nil {
				return call
			}
			continue
		default:
			call.words = append(call.words, args[0])
		}
		args = args[1:]
	}
	return call
}

// flag notes the first of some words, which is a flag, and returns the rest.
func (c *packageCall) flag(args []value.Value) (rest []value.Value) {
	masked := args[0].Mask()
	flag, text, given := strings.Cut(masked.Text, "=")
	v := masked.Table.Value(text)
	rest = args[1:]
	take := func() value.Value {
		if !given && len(rest) > 0 {
			v, rest = rest[0], rest[1:]
		}
		return v
	}
	switch {
	case slices.Contains(c.flags.Folder, flag):
		c.folder = shell.Join(c.folder, take())
	case slices.Contains(c.flags.Packages, flag):
		c.filters = append(c.filters, take())
	case slices.Contains(c.flags.Every, flag):
		c.every = text != "false"
	case slices.Contains(c.flags.Own, flag):
		c.top = true
	case flag == "--if-present":
		c.ifPresent = true
	case slices.Contains(c.flags.Values, flag):
		take()
	}
	return rest
}

// foreachFlags are the flags of yarn workspaces foreach that take a value.
var foreachFlags = []string{"-j", "--jobs", "--from", "--include", "--exclude"}

// inWorkspaces reads the words behind "yarn workspaces", and returns those that
// say what to run in each package; nil where that is nothing.
func (c *packageCall) inWorkspaces(args []value.Value) (rest []value.Value) {
	c.every = true
	if args[0].String() == "run" {
		return args
	}
	if args[0].String() != "foreach" {
		return nil
	}
	for args = args[1:]; len(args) > 0 && strings.HasPrefix(args[0].String(), "-"); {
		masked := args[0].Mask()
		flag, text, given := strings.Cut(masked.Text, "=")
		v := masked.Table.Value(text)
		if args = args[1:]; !given && slices.Contains(foreachFlags, flag) && len(args) > 0 {
			v, args = args[0], args[1:]
		}
		switch flag {
		case "--include":
			c.filters = append(c.filters, v)
		case "--from":
			c.filters = append(c.filters, value.Concat(v, value.Text("...")))
		case "--exclude":
			c.filters = append(c.filters, value.Concat(value.Text("!"), v))
		}
	}
	return args
}

// selectors are the filters of a call as [workspace.selected] takes them; ok is
// false where one is only known when it runs.
func (c *packageCall) selectors(w *workspace) (out []string, ok bool) {
	for _, v := range c.filters {
		text, known := v.Literal()
		if !known || text == "" {
			return nil, false
		}
		switch {
		case c.manager == "npm" && w.byName[text] == nil:
			folder := "./" + strings.TrimPrefix(text, "./")
			if text = folder; !slices.ContainsFunc(w.packages, func(p *packageFolder) bool { return "./"+p.dir == path.Clean(folder) || p.dir == path.Clean(folder) }) {
				text += "/**"
			}
		case c.manager == "yarn":
			not, bare := "", text
			if rest, cut := strings.CutPrefix(text, "!"); cut {
				not, bare = "!", rest
			}
			if strings.Contains(bare, "/") && !strings.HasPrefix(bare, "@") && !strings.HasPrefix(bare, "*") && !strings.HasPrefix(bare, ".") {
				text = not + "./" + bare
			}
		}
		out = append(out, text)
	}
	return out, true
}
