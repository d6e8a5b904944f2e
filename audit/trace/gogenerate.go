package trace

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

// maxGoFiles bounds the files in Go that are looked through for one call of go
// generate: where there are more, none is.
const maxGoFiles = 500

// generateFlags are the flags of go generate that take the next word along.
var generateFlags = []string{"-run", "-skip", "-tags", "-mod", "-modfile", "-overlay", "-p"}

// goGenerate reads what the lines "//go:generate" of the packages run that a call
// of go generate names. Generators that are installed are passed over: package
// infer says of go generate itself what is taken of them.
// Source: https://pkg.go.dev/cmd/go#hdr-Generate_Go_files_by_processing_source
func (r *run) goGenerate(site *Site, at position) {
	words, dir, _ := site.Command.Call()
	if site.Elsewhere != "" || strings.HasPrefix(dir, "?") || slices.ContainsFunc(words, value.HasPlaceholder) {
		return
	}
	words = words[1:]
	if len(words) > 2 && words[0] == "-C" {
		dir, words = path.Join(dir, words[1]), words[2:]
	}
	if len(words) == 0 || words[0] != "generate" {
		return
	}
	words = words[1:]
	chosen := func(string) bool { return true }
	for len(words) > 0 && strings.HasPrefix(words[0], "-") {
		flag, given, joined := strings.Cut(strings.Replace(words[0], "--", "-", 1), "=")
		words = words[1:]
		if !joined && (flag == "-C" || slices.Contains(generateFlags, flag)) {
			if len(words) == 0 {
				return
			}
			given, words = words[0], words[1:]
		}
		switch flag {
		case "-n":
			return
		case "-C":
			dir = path.Join(dir, given)
		case "-run", "-skip":
			pattern, err := regexp.Compile(given)
			if err != nil {
				return
			}
			before, run := chosen, flag == "-run"
			chosen = func(line string) bool { return before(line) && pattern.MatchString(line) == run }
		}
	}
	if len(words) == 0 {
		words = []string{"."}
	}
	var files []string
	for _, word := range words {
		found, ok := r.goFiles(dir, word)
		if !ok || len(files)+len(found) > maxGoFiles {
			return
		}
		files = append(files, found...)
	}
	for _, file := range files {
		r.generates(file, chosen, site, at)
	}
}

// goFiles are the files of a package, or of packages, by their paths in the
// workspace. ok is false for packages that are named otherwise than by their
// folder, and for too many files.
func (r *run) goFiles(dir, word string) (files []string, ok bool) {
	if strings.HasSuffix(word, ".go") {
		return []string{path.Join(dir, word)}, true
	}
	folder, below := strings.CutSuffix(word, "...")
	if folder = strings.TrimSuffix(folder, "/"); folder != "." && folder != ".." && !strings.HasPrefix(folder, "./") && !strings.HasPrefix(folder, "../") {
		return nil, false
	}
	folders := []string{path.Join(dir, folder)}
	for i := 0; i < len(folders) && i <= maxGoFiles; i++ {
		inner, other := r.inside(folders[i])
		if other != "" {
			return nil, false
		}
		names := r.t.repository.Files(inner)
		if i > 0 && slices.Contains(names, "go.mod") {
			continue // a module of its own
		}
		for _, name := range names {
			if path.Ext(name) == ".go" {
				files = append(files, path.Join(folders[i], name))
			}
		}
		if len(files) > maxGoFiles {
			return nil, false
		}
		if !below {
			break
		}
		for _, name := range r.t.repository.Folders(inner) {
			if name != "vendor" && name != "testdata" && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "_") {
				folders = append(folders, path.Join(folders[i], name))
			}
		}
	}
	return files, true
}

// The lines of a file in Go that tell of its directives.
const (
	generateLine = "//go:generate"
	ignoredFile  = "//go:build ignore"
)

// generates reads what the directives of one file run.
func (r *run) generates(file string, chosen func(line string) bool, site *Site, at position) {
	inner, other := r.inside(file)
	key := inner + "\x00generate"
	if other != "" || len(r.stack) >= maxDepth || slices.Contains(r.stack, key) {
		return
	}
	r.stack = append(r.stack, key)
	defer func() { r.stack = r.stack[:len(r.stack)-1] }()
	source, err := r.file(inner)
	if err != nil || !strings.Contains(string(source), generateLine) {
		return
	}
	d := directives{file: path.Base(file), named: map[string][]string{}}
	at = at.within(site.File, site.Line, "runs commands of "+inner)
	for line := range strings.Lines(string(source)) {
		d.line++
		line = strings.TrimRight(line, "\r\n")
		if line == ignoredFile {
			return
		}
		command, ok := d.command(line)
		if !ok || !chosen(line) {
			continue
		}
		number := d.line
		place := locate{func(int) int { return number }, func(int, int) string { return oneLine(line) }}
		own := *site
		own.Command = &Command{Command: shell.Command{Args: site.Command.Args, Env: site.Command.Env, Dir: value.Text(path.Dir(file))}, text: site.Command.text}
		r.code(code{kind: "shell", name: inner, source: command, file: inner, line: place}, &own, at)
	}
}

// directives are those of one file, read line by line.
type directives struct {
	file, pkg string
	line      int
	// named are the commands that the file gives names to.
	named map[string][]string
}

// command returns the command of a line as a line of a shell; ok is false where it
// has none, or one of a program that is installed.
func (d *directives) command(line string) (text string, ok bool) {
	if name, found := strings.CutPrefix(line, "package "); found && d.pkg == "" {
		d.pkg, _, _ = strings.Cut(name, " ")
	}
	rest, found := strings.CutPrefix(line, generateLine)
	if !found || rest == "" || rest[0] != ' ' && rest[0] != '\t' {
		return "", false
	}
	words, ok := directiveWords(rest)
	if !ok || len(words) == 0 {
		return "", false
	}
	if words[0] == "-command" {
		if len(words) > 2 {
			d.named[words[1]] = words[2:]
		}
		return "", false
	}
	if whole := d.named[words[0]]; whole != nil {
		words = append(slices.Clip(whole), words[1:]...)
	}
	if !readGenerator(words) {
		return "", false
	}
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = d.quoted(w)
	}
	return strings.Join(quoted, " "), true
}

// directiveWords are the words of a directive, of which those in double quotes are
// texts of Go.
func directiveWords(line string) (words []string, ok bool) {
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimLeft(line, " \t") {
		if line[0] != '"' {
			end := strings.IndexAny(line+" ", " \t")
			words, line = append(words, line[:end]), line[end:]
			continue
		}
		text, err := strconv.QuotedPrefix(line)
		if err != nil {
			return nil, false
		}
		word, err := strconv.Unquote(text)
		if err != nil {
			return nil, false
		}
		words, line = append(words, word), line[len(text):]
	}
	return words, true
}

// quotedSigns are those that mean something between double quotes; directiveSign
// matches a variable in a word of a directive.
var (
	quotedSigns   = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`")
	directiveSign = regexp.MustCompile(`\$(?:\w+|\{\w+\})`)
)

// quoted returns a word for a shell, with what go generate puts into it.
func (d *directives) quoted(word string) string {
	if !strings.Contains(word, "$") {
		return shellWord(word)
	}
	var out strings.Builder
	from := 0
	plain := func(text string) { out.WriteString(strings.ReplaceAll(quotedSigns.Replace(text), "$", `\$`)) }
	for _, m := range directiveSign.FindAllStringIndex(word, -1) {
		plain(word[from:m[0]])
		switch name := strings.Trim(word[m[0]:m[1]], "${}"); name {
		case "GOFILE":
			plain(d.file)
		case "GOLINE":
			plain(strconv.Itoa(d.line))
		case "GOPACKAGE":
			plain(d.pkg)
		case "DOLLAR":
			plain("$")
		default:
			out.WriteString("${" + name + "}")
		}
		from = m[1]
	}
	plain(word[from:])
	return `"` + out.String() + `"`
}

// generators are the programs by which a directive may do something on GitHub, or
// run further code of the project.
var generators = []string{"gh", "git", "curl", "wget", "make", "npm", "pnpm", "yarn", "task", "just", "mage"}

// readGenerator tells whether the program of a directive is read: code of the
// project, or one of those.
func readGenerator(words []string) bool {
	base := path.Base(words[0])
	if base == "go" && len(words) > 2 && words[1] == "run" {
		return slices.ContainsFunc(words[2:], func(w string) bool {
			return w == "." || strings.HasPrefix(w, "./") || strings.HasPrefix(w, "../") || strings.HasSuffix(w, ".go")
		})
	}
	return interpreterOf(base).Language != "" || slices.Contains(generators, base) || isLocalPath(words[0])
}
