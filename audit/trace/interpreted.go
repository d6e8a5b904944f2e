package trace

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// interpreterOf is what is known of the interpreter at a path, if it is one.
func interpreterOf(program string) rules.Interpreter {
	by, _ := rules.InterpreterOf(path.Base(program))
	return by
}

// elsewhereByBun tells whether a command is one of bun for other folders, which
// then runs scripts of their packages. Flags behind the script are the script's.
func elsewhereByBun(c *Command, base string) bool {
	if base != "bun" {
		return false
	}
	call := readPackageCall(c, base)
	return call.every || len(call.filters) > 0 || call.folder.String() != c.Dir.String()
}

// interpreted handles `bash x.sh`, `node x.js` and the like, and what these are told
// to load before.
func (r *run) interpreted(c *Command, kind string) (start, bool) {
	s, ok := r.interpretedScript(c, kind)
	var parts []start
	for _, word := range preloaded(c, kind) {
		if p, ok := r.scriptFile(c, word, kind, nil); ok {
			parts = append(parts, p)
		}
	}
	switch {
	case len(parts) == 0:
		return s, ok
	case ok:
		parts = append(parts, s)
	}
	return together(commandName(c), parts), true
}

// preloaded are the files of the project that an interpreter is told to load before
// its script; names of packages are none.
func preloaded(c *Command, kind string) (files []string) {
	if kind != "javascript" && kind != "ruby" {
		return nil
	}
	for i, a := range c.Args[1:] {
		flag, file, joined := strings.Cut(a.String(), "=")
		switch {
		case !slices.Contains([]string{"-r", "--require", "--import", "--preload", "--loader", "--experimental-loader"}, flag):
			before := c.Args[i].String()
			if !strings.HasPrefix(flag, "-") && (!strings.HasPrefix(before, "-") || strings.Contains(before, "=")) && !slices.Contains(interpreterOf(before).Commands, flag) {
				return files // What follows are the script's own words.
			}
			continue
		case !joined && i+2 < len(c.Args):
			file = c.Args[i+2].String()
		}
		if strings.HasPrefix(file, "./") || strings.HasPrefix(file, "../") {
			files = append(files, file)
		}
	}
	return files
}

// interpretedScript handles the script itself.
func (r *run) interpretedScript(c *Command, kind string) (start, bool) {
	args := c.Args[1:]
	by := interpreterOf(pathText(c.Args[0]))
	for i := 0; i < len(args); i++ {
		word := pathText(args[i])
		switch {
		case i == 0 && slices.Contains(by.Commands, word):
			continue
		case slices.ContainsFunc(by.Values, func(flag string) bool { return flag == word || kind == "powershell" && strings.EqualFold(flag, word) }):
			i++
			continue
		case word == "-m" && kind == "python":
			return r.pythonModule(c, args[i+1:])
		case (word == "-" || word == "-s" && kind == "shell") && c.HasStdin:
			// What follows are the script's own words.
			return r.piped(c, kind, args[i+1:])
		case kind == "shell" && strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--") && strings.Contains(word, "c"):
			// The shell package has read the inner script already, where its text is known.
			if i+1 == len(args) {
				return start{}, false
			}
			if s, ok := r.fetchedScript(c, kind, args[i+1], slices.Concat(c.Args[:1], args[min(i+3, len(args)):])); ok {
				return s, ok
			}
			if _, known := args[i+1].Literal(); known {
				return start{}, false
			}
			return fromElsewhere(c), true
		case kind == "shell" && strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--") && strings.Contains(word, "n"):
			// It only looks at the syntax.
			return start{what: commandName(c), run: func(*run, *Site, position) {}}, true
		case kind == "shell" && strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--"):
			if strings.HasSuffix(word, "o") || strings.HasSuffix(word, "O") {
				i++
			}
			continue
		case word == "-c" || word == "-e" || word == "--eval" || word == "-p" || word == "-Command" || word == "-" || word == "-r" && kind == "php":
			return r.inline(c, kind, args[i+1:])
		case word == "-File" || word == "-f" && kind == "powershell":
			continue
		case (word == "--import" || word == "--require" || word == "-r" || word == "-O" || word == "-o") && i+1 < len(args):
			i++
			continue
		case strings.HasPrefix(word, "-") || strings.HasPrefix(word, "+"):
			continue
		}
		if s, ok := r.writtenScript(c, i+1, kind); ok {
			return s, true
		}
		if _, known := args[i].Literal(); known && !strings.ContainsAny(word, "/.") {
			// A subcommand of deno or bun, a name that is no file.
			if _, _, found := r.read(c.Dir, word); !found {
				return start{}, false
			}
		}
		if !args[i].IsPathLike() {
			return start{what: commandName(c), why: "is a script whose path is not known here", settle: "write the path in the workflow"}, true
		}
		return r.scriptFile(c, word, kind, args[i:])
	}
	if c.HasStdin && !onlyAsked(args) {
		return r.piped(c, kind, nil)
	}
	return start{}, false
}

// onlyAsked tells whether the words of an interpreter ask for its version or its flags,
// so that it reads nothing.
func onlyAsked(args []value.Value) bool {
	return len(args) == 1 && slices.Contains([]string{"--version", "-V", "-v", "--help", "-h"}, args[0].LiteralOr(""))
}

// inline handles `node -e '…'`, `python -c '…'`.
func (r *run) inline(c *Command, kind string, rest []value.Value) (start, bool) {
	if len(rest) == 0 {
		return start{}, false
	}
	return r.source(c, code{kind: kind, name: "the script behind " + commandName(c), behind: rest[1:]}, rest[0])
}

// piped handles a heredoc or a pipe into an interpreter.
func (r *run) piped(c *Command, kind string, behind []value.Value) (start, bool) {
	if name, ok := shell.FileOf(c.Stdin); ok {
		if _, _, there := r.read(c.Dir, name); there {
			return r.scriptFile(c, name, kind, readWith(c, behind))
		}
	}
	if s, ok := r.fetchedScript(c, kind, c.Stdin, readWith(c, behind)); ok {
		return s, true
	}
	if len(c.Stdin) == 1 && c.Stdin[0].Unknown != "" {
		return fromElsewhere(c), true
	}
	return r.source(c, code{kind: kind, name: "the script given to " + commandName(c), behind: behind, piped: true}, c.Stdin)
}

// readWith are $0 and the operands of a script that an interpreter reads from a pipe,
// where those stand behind; nil where flags may stand among them.
func readWith(c *Command, behind []value.Value) []value.Value {
	if len(behind) > 0 {
		switch first := behind[0].LiteralOr("-"); {
		case first == "--":
			behind = behind[1:]
		case strings.HasPrefix(first, "-"):
			return nil
		}
	}
	return slices.Concat(c.Args[:1], behind)
}

// source reads code that stands in the command itself.
func (r *run) source(c *Command, inner code, text value.Value) (start, bool) {
	masked := text.Mask()
	return start{
		what: inner.name, file: "", target: masked.Text,
		run: func(r *run, site *Site, at position) {
			// Offsets inside an argument are not those of the file.
			inner.line = locate{func(int) int { return site.Line }, func(int, int) string { return c.Text() }}
			inner.source, inner.table, inner.file, inner.plain = masked.Text, masked.Table, site.File, true
			r.code(inner, site, at)
		},
	}, true
}

// scriptFile finds a script of the repository.
func (r *run) scriptFile(c *Command, word, kind string, args []value.Value) (start, bool) {
	name, source, ok := r.read(c.Dir, word)
	for _, ending := range []string{".js", ".ts", "/index.js"} {
		if !ok && kind == "javascript" && path.Ext(word) == "" {
			name, source, ok = r.read(c.Dir, word+ending) // as Node.js looks for it
		}
	}
	file := path.Clean(strings.ReplaceAll(word, "\\", "/"))
	if other := r.elsewhere(c.Dir, word); !ok && other != "" {
		return lost(file, "is a file", other), true
	}
	if from, built := r.builtScript(c.Dir, word, name, source); built {
		return start{
			what: from.name + " in place of " + path.Clean(word), file: from.name,
			run: func(r *run, site *Site, at position) {
				r.code(code{kind: "javascript", name: from.name, source: from.source, file: from.name, line: lineOf(from.source), args: args}, site, at)
			},
		}, true
	}
	if !ok && activates.MatchString(file) {
		return start{what: file, file: file, run: func(*run, *Site, position) {}}, true
	}
	if !ok && path.Ext(file) == "" && len(c.Args) > 1 && describesItself(c.Args[1:]) && !value.Concat(c.Args[1:]...).HoldsCredential() {
		// A program that the job has built.
		return start{what: file, file: file, run: func(*run, *Site, position) {}}, true
	}
	if !ok {
		why, settle := absent(c.Dir, word)
		return start{what: file, why: why, settle: settle}, true
	}
	if kind == "" {
		kind = scriptKind(name, source)
	}
	if kind == "javascript" && r.t.away.holds(name) && bundledCode(name, string(source)) {
		return start{what: name, why: "is a bundle whose sources were not found" + seenIn(string(source)), settle: "read what it does with the token" + describeProgram}, true
	}
	return start{
		what: name, file: name,
		run: func(r *run, site *Site, at position) {
			text := r.t.asText(name, source)
			r.code(code{kind: kind, name: name, source: text, file: name, line: lineOf(text), args: args, own: !sourced(c), sourced: sourced(c), plain: true}, site, at)
		},
	}, true
}

// sourced tells whether a command reads a script into the shell that it stands
// in, whose later commands may call what the script defines.
func sourced(c *Command) bool {
	name, _ := c.Args[0].Literal()
	return name == "source" || name == "."
}

// scriptKind tells the language of a script by its name and first line.
func scriptKind(name string, source []byte) string {
	switch path.Ext(name) {
	case ".sh", ".bash", ".zsh":
		return "shell"
	case ".ps1", ".psm1":
		return "powershell"
	case ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts":
		return "javascript"
	case ".py":
		return "python"
	case ".rb":
		return "ruby"
	}
	first, _, _ := bytes.Cut(source, []byte("\n"))
	if !bytes.HasPrefix(first, []byte("#!")) {
		return ""
	}
	for _, field := range strings.Fields(string(first[2:])) {
		if by, ok := rules.InterpreterOf(path.Base(field)); ok {
			return by.Language
		}
	}
	return ""
}

// pythonModule finds the file of a module that `python -m` runs: below one of
// the folders of PYTHONPATH, or the folder that it is run in, where the project
// keeps its packages there or below src. One that is in none of them is a
// program that was installed.
func (r *run) pythonModule(c *Command, rest []value.Value) (start, bool) {
	if len(rest) == 0 {
		return start{}, false
	}
	module, known := rest[0].Literal()
	if !known || !moduleName.MatchString(module) {
		return start{}, false
	}
	name := strings.ReplaceAll(module, ".", "/")
	for _, folder := range r.pythonFolders(c) {
		for _, file := range []string{name + ".py", name + "/__main__.py"} {
			if _, _, there := r.read(nil, path.Join(folder, file)); there {
				return r.scriptFile(c, workspaceRoot+path.Join(folder, file), "python", rest)
			}
		}
	}
	return start{}, false
}

// moduleName matches the name of a module of Python.
var moduleName = regexp.MustCompile(`^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$`)

// pythonFolders are the folders from the workspace in which a command looks
// for the modules of the project.
func (r *run) pythonFolders(c *Command) []string {
	var folders []string
	add := func(v value.Value) {
		if folder, known := shell.Join(c.Dir, v).Literal(); known && !path.IsAbs(folder) && !strings.HasPrefix(folder, "~") && !strings.HasPrefix(folder, "..") {
			folders = append(folders, path.Clean(folder))
		}
	}
	add(value.Text("."))
	if set, ok := c.Env.Lookup("PYTHONPATH"); ok {
		masked := set.Mask()
		for _, folder := range strings.Split(masked.Text, ":") {
			if folder != "" {
				add(masked.Table.Value(folder))
			}
		}
	}
	add(value.Text("src"))
	return folders
}
