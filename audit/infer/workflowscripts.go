package infer

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// scriptEdits tells whether a script of the project, or one that stands in the
// command or in the step, may change workflow files: it writes files, and names them
// or is given them. Which file it is that it writes is not followed.
func (in *inferrer) scriptEdits(site *trace.Site) (edit, bool) {
	if site.Elsewhere != "" {
		return edit{}, false
	}
	name, file, source := in.scriptOf(site)
	dir := "."
	if site.Command != nil {
		dir = folder(site.Command.Dir)
	}
	for _, module := range in.imported(file, source) {
		if text := in.scriptSource(module); workflowsNamed(text) && writes(module, text) {
			return edit{in.session.tree(dir), module}, true
		}
	}
	named := workflowsNamed(source) || walksWorkflows(source) || slices.ContainsFunc(dataFile.FindAllStringSubmatch(source, maxImports), func(m []string) bool {
		return in.options.Read != nil && (in.listsWorkflows(m[1]) || in.listsWorkflows(path.Join(path.Dir(file), m[1])))
	})
	if !named && site.Starts != "" && site.Command != nil {
		named = slices.ContainsFunc(site.Command.Args[1:], func(a value.Value) bool {
			r, _ := in.reach(site.Command, a)
			return r == inWorkflows
		})
	}
	if !named || !writes(file, source) {
		return edit{}, false
	}
	return edit{in.session.tree(dir), name}, true
}

// scriptOf is the code that a site runs: what people call it, its file, which names
// the language where it has no path of its own, and its text.
func (in *inferrer) scriptOf(site *trace.Site) (name, file, source string) {
	switch {
	case site.Starts != "":
		return site.Starts, site.Starts, in.scriptSource(site.Starts)
	case site.Action != nil:
		return "the script of " + site.Action.Name, "script.js", fromWorkspace.ReplaceAllString(site.Action.Inputs["script"].String(), "./")
	}
	c := site.Command
	program := path.Base(c.Args[0].String())
	if !scripted.MatchString(program) {
		return "", "", ""
	}
	source = c.Stdin.String()
	for _, a := range c.Args[1:] {
		source += "\n" + a.String()
	}
	by, _ := rules.InterpreterOf(program)
	return "the script that " + program + " is given", "script" + map[string]string{"javascript": ".js", "python": ".py"}[by.Language], source
}

// writes tells whether code, of which the file tells the language, writes files.
func writes(file, source string) bool {
	source = commentLine.ReplaceAllString(source, "")
	return writesFiles.MatchString(source) || path.Ext(file) == ".py" && writesPython.MatchString(source) || editsByProgram(source)
}

// editsByProgram tells whether a line of code that starts programs hands workflow
// files to one that changes them.
func editsByProgram(source string) bool {
	for line := range strings.Lines(source) {
		if !workflowsNamed(line) || !startsProgram.MatchString(line) {
			continue
		}
		words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\r\n\"'`(),[]", r) })
		for n := range words {
			if does := rules.NamedFileUse(words[n:]); does == rules.FilesEdited || does == rules.FilesCopied {
				return true
			}
		}
	}
	return false
}

// workflowsNamed tells whether code names the folder of the workflows.
func workflowsNamed(source string) bool {
	if !strings.Contains(source, ".github") {
		return false
	}
	source = commentLine.ReplaceAllString(source, "")
	return workflowsPath.MatchString(source) || gitHubPart.MatchString(source) && workflowsPart.MatchString(source)
}

// walksWorkflows tells whether code looks at all YAML files of the folder that it runs
// in, hidden folders included.
func walksWorkflows(source string) bool {
	return everyYAML.MatchString(source) || walksAll.MatchString(source) && namesYAML.MatchString(source) && !leavesHidden.MatchString(source)
}

// listsWorkflows tells whether a file of data of the repository names workflow files.
func (in *inferrer) listsWorkflows(file string) bool {
	text, err := in.options.Read(path.Clean(file))
	return err == nil && workflowsPath.Match(text)
}

// maxImports bounds the files of the repository that are read for one script, and
// maxImporting the bytes of one of them: what has more was put together of others.
const maxImports, maxImporting = 30, 1 << 18

// imported are the files beside a script, or below its folder, that it names as
// modules, and those that these name.
func (in *inferrer) imported(file, source string) (files []string) {
	type module struct{ file, source string }
	for queue := []module{{file, source}}; len(queue) > 0 && len(files) < maxImports; queue = queue[1:] {
		m := queue[0]
		if len(m.source) > maxImporting {
			continue
		}
		for _, match := range importLine.FindAllStringSubmatch(m.source, -1) {
			name := match[1] + match[2]
			var candidates []string
			if path.Ext(m.file) == ".py" {
				name = path.Join(path.Dir(m.file), strings.ReplaceAll(strings.TrimLeft(name, "."), ".", "/"))
				candidates = []string{name + ".py", name + "/__init__.py"}
			} else if strings.HasPrefix(name, ".") {
				name = path.Join(path.Dir(m.file), name)
				candidates = []string{name, name + ".js", name + ".ts", name + ".mjs", name + ".rb", strings.TrimSuffix(name, ".js") + ".ts", name + "/index.js", name + "/index.ts"}
			}
			for _, candidate := range candidates {
				if candidate == file || slices.Contains(files, candidate) || path.Ext(candidate) == "" {
					continue
				}
				if text := in.scriptSource(candidate); text != "" && len(files) < maxImports {
					files, queue = append(files, candidate), append(queue, module{candidate, text})
					break
				}
			}
		}
	}
	return files
}

// fromWorkspace matches the workspace in front of a path in a script of a step.
var fromWorkspace = regexp.MustCompile(`\$\{\{? ?(?:process\.env\.GITHUB_WORKSPACE|github\.workspace) ?\}?\}/`)

// importLine matches the module that a line imports.
var importLine = regexp.MustCompile("(?m)^\\s*(?:from|import)\\s+(\\.*\\w[\\w.]*)|(?:\\bfrom\\s*|\\bimport\\s*\\(?|\\brequire(?:_relative)?\\s*\\(?)\\s*['\"`](\\.[^'\"`\\n]*)['\"`]")

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
	// writesFiles matches calls that write, move or remove files, writesPython those of
	// Python that are called as other languages change text.
	writesFiles = regexp.MustCompile(`(?i)\bwrite_(?:text|bytes)\(|\.write(?:lines|_all)?\(|\b(?:write|append)_?(?:text)?file(?:sync)?\b|createWriteStream|output(?:File|Json)|\.(?:copy(?:file|tree|2)?|cp|rename|unlink|rm|mv|move)(?:sync)?\(|` +
		`\b(?:copy(?:file|tree)|cp|rename|unlink|rm)(?:sync)?\(|\bFileUtils\b|\bIO\.write|\bos\.(?:Create|WriteFile|Rename|Remove|Replace)\b|\b(?:safe_)?dump\([^()]*,|\bopen\([^()\n]*["'](?:[wa]\+?b?|r\+b?|rb\+)["']|inplace\s*=\s*True|\bfile_put_contents\b|` +
		`\b(?:Set|Add)-Content\b|\bOut-File\b|\b(?:Copy|Move|Remove|Rename)-Item\b|::(?:Write|Append)All`)
	writesPython = regexp.MustCompile(`\.replace\(\s*[^\s,()][^,()]*\)`)
	// everyYAML matches where Python finds all YAML files below the folder that it runs
	// in, walksAll where it walks through all of them, but for leavesHidden.
	everyYAML    = regexp.MustCompile(`\bPath(?:\(\s*(?:["']\.?/?["'])?\s*\)|\.cwd\(\))\.rglob\(\s*f?["'][^"']*\.ya?ml["']`)
	walksAll     = regexp.MustCompile(`\bos\.walk\(\s*(?:["']\./?["']|os\.getcwd\(\))`)
	namesYAML    = regexp.MustCompile(`\.ya?ml["']`)
	leavesHidden = regexp.MustCompile(`startswith\(\s*["']\.|["']\.git(?:hub)?["']`)
	// dataFile matches the name of a file of data that code reads.
	dataFile = regexp.MustCompile(`["']([\w./-]+\.(?:json|txt|toml|ini|cfg|lst))["']`)
	// startsProgram matches the calls by which code starts programs.
	startsProgram = regexp.MustCompile("(?i)(?:\\b(?:run|call|check_call|check_output|getoutput|p?open3?|system|exec\\w*|spawn\\w*|sh|shell|cmd|command)\\s*|\\$\\s*|\\bqx|%x)[(\\[{`]")
	// workflowsPath matches the folder's path, in one or in its parts, or with stars
	// that may stand for it; gitHubPart and workflowsPart the parts alone.
	workflowsPath = regexp.MustCompile("\\.github[/\\\\]+(?:workflows\\b|\\*\\*|\\*[/\\\\])|['\"`]\\.github['\"`]\\s*[,/)+]{1,2}\\s*['\"`]/?workflows\\b")
	gitHubPart    = regexp.MustCompile("['\"`/]\\.github/?['\"`]")
	workflowsPart = regexp.MustCompile("['\"`]/?workflows(?:/[^'\"`\\n]*)?['\"`]")
)

// takesBack notes that a command takes back what changed in the workflow files,
// none of which was staged before. One that may not run is taken for none.
func (c gitCall) takesBack() {
	operands := operandsOf(c.args, "-s", "--source")
	if len(operands) > 0 && operands[0].String() == "HEAD" {
		operands = operands[1:]
	}
	source, ok := flagValue(c.args, "-s", "--source")
	staged := c.subcommand == "restore" && hasFlag(c.args, "-S", "--staged") && !hasFlag(c.args, "-W", "--worktree")
	switch {
	case c.site.Command.Guarded || staged || ok && source.String() != "HEAD":
	case c.tree.open || slices.ContainsFunc(c.tree.added, coversWorkflows):
	case slices.ContainsFunc(operands, func(v value.Value) bool {
		p := path.Join(c.below, v.LiteralOr("?"))
		return p == "." || p == ".github" || p == ".github/workflows"
	}):
		c.tree.edited, c.tree.mayEdit = false, ""
	}
}

// sparesWorkflows notes whether a call of git add, or of git commit, that takes
// all leaves the workflow files out.
func (c gitCall) sparesWorkflows(all bool) {
	switch {
	case slices.ContainsFunc(c.args, exceptWorkflows):
		c.tree.spared = !c.tree.open && !c.site.Command.Guarded
	case all:
		c.tree.spared = false
	}
}

// exceptWorkflows tells whether a pathspec leaves the workflow files out.
func exceptWorkflows(v value.Value) bool {
	for _, not := range []string{":!", ":^", ":(exclude)"} {
		if p, ok := strings.CutPrefix(v.LiteralOr(""), not); ok {
			p = strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(p, "./"), "/"), "/*")
			return strings.TrimSuffix(p, "/*") == ".github" || strings.TrimSuffix(p, "/*") == ".github/workflows"
		}
	}
	return false
}

// mayTouchWorkflows says what may have changed the workflow files among what
// the commits hold, "" for nothing.
func (c gitCall) mayTouchWorkflows() string {
	if c.tree.open && !c.tree.spared || slices.ContainsFunc(c.tree.added, coversWorkflows) {
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
