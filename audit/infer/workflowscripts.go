package infer

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// scriptEdits tells whether a script of the project, or one that stands in the
// command, may change workflow files: it writes files, and names them or is
// given them. Which file it is that it writes is not followed.
func (in *inferrer) scriptEdits(site *trace.Site) (edit, bool) {
	if site.Elsewhere != "" {
		return edit{}, false
	}
	c := site.Command
	name := site.Starts
	source := ""
	switch program := path.Base(c.Args[0].String()); {
	case site.Starts != "":
		source = in.scriptSource(site.Starts)
	case scripted.MatchString(program):
		name = commandWords(c) + " " + "with a script of its own"
		source = c.Stdin.String()
		for _, a := range c.Args[1:] {
			source += "\n" + a.String()
		}
	}
	if !writesFiles.MatchString(source) {
		return edit{}, false
	}
	source = commentLine.ReplaceAllString(source, "")
	named := workflowsNamed.MatchString(source)
	if !named && site.Starts != "" {
		named = slices.ContainsFunc(c.Args[1:], func(a value.Value) bool {
			r, _ := in.reach(c, a)
			return r == inWorkflows
		})
	}
	if !named {
		return edit{}, false
	}
	return edit{in.session.tree(folder(c.Dir)), name}, true
}

// scriptSource is the text of a script of the repository, or of the Go program
// in a folder; "" for one of which that says nothing.
func (in *inferrer) scriptSource(file string) string {
	if in.options.Read == nil {
		return ""
	}
	switch path.Ext(file) {
	case ".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".rb", ".go", ".pl", ".php", ".ps1":
	case "":
		if text, err := in.options.Read(path.Join(file, "main.go")); err == nil {
			return string(text)
		}
		text, err := in.options.Read(file)
		if err != nil || !interpreted.Match(text) {
			return ""
		}
		return string(text)
	default:
		return ""
	}
	text, err := in.options.Read(file)
	if err != nil {
		return ""
	}
	return string(text)
}

var (
	// scripted matches programs that take a script as a word or as input.
	scripted = regexp.MustCompile(`^(?:python[\d.]*|node|deno|bun|ruby|perl|php|tsx)$`)
	// interpreted matches the first line of a script that is none of a shell.
	interpreted = regexp.MustCompile(`^#!.*\b(?:python[\d.]*|node|deno|bun|ruby|perl|php)\b`)
	// commentLine matches a line that is a comment and no more.
	commentLine = regexp.MustCompile(`(?m)^[ \t]*(?:#|//|\*).*$`)
	// writesFiles matches calls that write, move or remove files.
	writesFiles = regexp.MustCompile(`(?i)\bwrite_(?:text|bytes)\(|\.write(?:lines|_all)?\(|\bwrite_?(?:text)?file(?:sync)?\b|createWriteStream|outputFile|outputJson|\.(?:copy(?:file|tree|2)?|cp|rename|unlink|rm|move|replace)(?:sync)?\(|` +
		`\bFileUtils\b|\bIO\.write|\bos\.(?:Create|WriteFile|Rename|Remove)|\b(?:safe_)?dump\([^()]*,|\bopen\([^()\n]*["'][wa]\+?b?["']|inplace\s*=\s*True|\bfile_put_contents\b|\b(?:Set|Add)-Content\b|\bOut-File\b`)
	// workflowsNamed matches the folder's path, in one or in its parts.
	workflowsNamed = regexp.MustCompile("\\.github[/\\\\]+workflows\\b|['\"`]\\.github['\"`]\\s*[,/)+]{1,2}\\s*['\"`]/?workflows\\b")
)

// mayTouchWorkflows says what may have changed the workflow files among what
// the commits hold, "" for nothing.
func (c gitCall) mayTouchWorkflows() string {
	switch takes := slices.ContainsFunc(c.tree.added, coversWorkflows); {
	case c.tree.mayEdit != "" && (c.tree.open || takes):
		return c.tree.mayEdit
	}
	return ""
}

// coversWorkflows tells whether a path that was staged holds the workflow
// files, or one of them.
func coversWorkflows(p string) bool {
	p = strings.TrimPrefix(strings.TrimSuffix(p, "/"), "**/")
	return p == ".github" || workflowFolder(p) == inWorkflows || strings.HasPrefix(p, ".github/*")
}

// mayBeWorkflows is the note on an operation that commits what something wrote.
func mayBeWorkflows(by string) string {
	return "what " + by + " changes must be no file under .github/workflows, which GITHUB_TOKEN may not write"
}
