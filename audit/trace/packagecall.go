package trace

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

// packageManager is what is known of the command line of one.
type packageManager struct {
	// dir, filter and valued are its flags that take a value along: for the
	// folder to work in, for the packages to run in, and others. all and root
	// are those for every package, and for the workspace's own.
	dir, filter, valued, all, root []string
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
	"npm": {
		dir: []string{"-C", "--prefix"}, filter: []string{"-w", "--workspace"}, all: []string{"--workspaces", "-ws", "--ws"},
		root: []string{"-iwr", "--include-workspace-root"}, anywhere: true,
		valued:  []string{"--script-shell", "--loglevel", "--cache", "--userconfig", "--registry", "-p", "--package", "-c", "--call"},
		scripts: []string{"test", "t", "tst", "start", "restart", "stop"},
	},
	"pnpm": {
		dir: []string{"-C", "--dir"}, filter: []string{"-F", "--filter", "--filter-prod"}, all: []string{"-r", "--recursive"}, root: []string{"-w", "--workspace-root"},
		valued:   []string{"--workspace-concurrency", "--reporter", "--loglevel", "--test-pattern", "--changed-files-ignore-pattern", "--resume-from", "--package"},
		scripts:  []string{"test", "t", "start"},
		builtin:  packageCommands,
		programs: true,
	},
	"yarn": {
		dir: []string{"--cwd"}, root: []string{"-T", "--top-level"},
		valued:  []string{"--modules-folder", "--cache-folder", "--registry", "--network-timeout", "--mutex", "--use-yarnrc"},
		builtin: packageCommands, programs: true, runPrograms: true,
	},
	"bun": {
		dir: []string{"--cwd"}, filter: []string{"--filter", "-F"}, all: []string{"--workspaces"},
		valued:   []string{"-c", "--config", "--env-file", "--shell", "-r", "--preload", "-p", "--package", "--tsconfig-override", "--elide-lines", "--conditions"},
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
		case strings.HasPrefix(word, "-") && (!named || call.command != "exec" || call.places(word)):
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

// places tells whether a word is a flag that says where to run.
func (c *packageCall) places(word string) bool {
	flag, _, _ := strings.Cut(word, "=")
	return slices.Contains(slices.Concat(c.dir, c.filter, c.all, c.root), flag)
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
	case slices.Contains(c.dir, flag):
		c.folder = shell.Join(c.folder, take())
	case slices.Contains(c.filter, flag):
		c.filters = append(c.filters, take())
	case slices.Contains(c.all, flag):
		c.every = text != "false"
	case slices.Contains(c.root, flag):
		c.top = true
	case flag == "--if-present":
		c.ifPresent = true
	case slices.Contains(c.valued, flag):
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
