package infer

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// edit is what a command may do to the workflow files of a working tree.
type edit struct {
	tree *tree
	// by is what may write them where that is not sure, "" where it is.
	by string
}

// editsWorkflows notes which working trees' workflow files a command, or an action
// whose code is read, changes or may change. Programs that are given no file of them may do so unseen.
func (in *inferrer) editsWorkflows(site *trace.Site) {
	e, ok := in.edits(site)
	switch {
	case ok && e.by == "":
		e.tree.edited = true
	case ok && e.tree.mayEdit == "":
		e.tree.mayEdit = e.by
	}
	if site.Command == nil {
		return
	}
	if words, _ := site.Command.Words(); len(in.session.lists) < maxLists && lists(words) {
		in.session.lists = append(in.session.lists, list{site, words, site.Command.Text()})
	}
}

// edits says what a command, or the script of an action, does to workflow files.
func (in *inferrer) edits(site *trace.Site) (edit, bool) {
	c := site.Command
	if c == nil {
		return in.scriptEdits(site)
	}
	var written edit
	for _, out := range c.Output {
		if e, ok := in.editsFiles(site, "", []value.Value{out.Path}); ok && (written.tree == nil || e.by == "") {
			written = e
		}
	}
	if written.tree != nil {
		return written, true
	}
	words, _ := c.Words()
	name := path.Base(words[0])
	switch {
	case name == "patch" || name == "git" && slices.Contains(words, "apply"):
		return in.patches(c, words)
	case name == "tar" || name == "bsdtar":
		return in.unpacks(c, words)
	case slices.Contains([]string{"fd", "fdfind"}, name):
		return in.runsEach(site, words)
	}
	does := rules.NamedFileUse(words)
	switch does {
	case rules.FilesCopied:
		return in.copies(site, name, words)
	case rules.FilesEdited:
		return in.editsFiles(site, name, c.Args[1:])
	}
	if writer, ok := rules.WritesWorkflows(words); ok {
		return in.byWriter(c, writer)
	}
	if does == rules.FilesRead || rules.OnlyReads(words) {
		return edit{}, false
	}
	for n, a := range c.Args[1:] {
		flag, to, joined := strings.Cut(a.String(), "=")
		if rules.WrittenBehind(flag) && (joined || n+2 < len(c.Args)) {
			file := value.Text(to)
			if !joined {
				file = c.Args[n+2]
			}
			if r, t := in.reach(c, file); r == inWorkflows {
				return edit{t(), ""}, true
			}
		}
	}
	if site.Followed {
		return in.scriptEdits(site)
	}
	for n, a := range c.Args[1:] {
		if r, t := in.reach(c, a); r == inWorkflows && !rules.ToldBehind(words[n]) {
			return edit{t(), commandWords(c)}, true
		}
	}
	return edit{}, false
}

// runsEach says what fd does to workflow files by the program that it runs with
// each file that it finds.
func (in *inferrer) runsEach(site *trace.Site, words []string) (edit, bool) {
	c := site.Command
	n := slices.IndexFunc(words, func(w string) bool { return slices.Contains([]string{"-x", "-X", "--exec", "--exec-batch"}, w) })
	if n < 1 || n+1 >= len(words) {
		return edit{}, false
	}
	if rules.NamedFileUse(words[n+1:]) != rules.FilesEdited {
		return edit{}, false
	}
	switch in.lister(site, words[:n], "") {
	case apart:
		return edit{}, false
	case aboveTop:
		return edit{in.session.tree(folder(c.Dir)), commandWords(c)}, true
	}
	return edit{in.session.tree(folder(c.Dir)), ""}, true
}

// byWriter says what a program does to workflow files that writes such files.
func (in *inferrer) byWriter(c *trace.Command, w rules.WorkflowWriter) (edit, bool) {
	dir := folder(c.Dir)
	if operands := slices.DeleteFunc(slices.Clone(w.Words), func(word string) bool { return strings.HasPrefix(word, "-") }); w.Folder > 0 && len(operands) >= w.Folder {
		if at := operands[w.Folder-1]; path.Clean(at) != "." && !value.HasPlaceholder(at) && !path.IsAbs(at) {
			return edit{}, false
		}
	}
	by := commandWords(c)
	switch {
	case w.Writes == rules.Yes:
		by = ""
	case len(w.Named) > 0 && !slices.ContainsFunc(w.Named, func(file string) bool { return strings.Contains(in.textIn(dir, file), workflowsFolder) }),
		len(w.Calls) > 0 && !slices.ContainsFunc(w.Calls, func(file string) bool { return handsWorkflows(in.textIn(dir, file)) }),
		len(w.Hooks) > 0 && !slices.ContainsFunc(w.Hooks, func(file string) bool { return hooksWrite(in.textIn(dir, file)) }):
		return edit{}, false
	}
	return edit{in.session.tree(dir), by}, true
}

// textIn is the text of a file in a folder of the repository, "" where
// it is not known.
func (in *inferrer) textIn(dir, file string) string {
	if in.options.Read == nil || strings.HasPrefix(dir, "?") || path.IsAbs(dir) || path.IsAbs(file) {
		return ""
	}
	text, err := in.options.Read(path.Clean(joinFolder(dir, file)))
	if err != nil {
		return ""
	}
	return string(text)
}

// workflowsFolder is the folder of the workflows, as files name it.
const workflowsFolder = ".github/workflows"

// handsWorkflows tells whether a line of a file that calls programs hands
// workflow files to one that does not only read them.
func handsWorkflows(text string) bool {
	for line := range strings.Lines(text) {
		words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\r\n\"'(),[]", r) })
		if strings.Contains(line, workflowsFolder) && !slices.ContainsFunc(words, func(w string) bool {
			return rules.NamedFileUse([]string{w}) == rules.FilesRead || rules.OnlyReads([]string{w})
		}) {
			return true
		}
	}
	return false
}

// hooksWrite tells whether a hook that a configuration lists changes workflow
// files by its trade.
func hooksWrite(text string) bool {
	return slices.ContainsFunc(settings.ReadPreCommit([]byte(text)), func(h settings.Hook) bool {
		return h.Takes(workflowsFolder+"/any.yml") && rules.HookWritesWorkflows(h.Words)
	})
}

// patches says what a patch may do to workflow files: one of the repository is
// looked at, any other may change them.
func (in *inferrer) patches(c *trace.Command, words []string) (edit, bool) {
	if slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains([]string{"--check", "--dry-run", "--stat", "--numstat", "--summary", "--version"}, w) || strings.HasPrefix(w, "--include")
	}) {
		return edit{}, false
	}
	var files []string
	for n, w := range words[1:] {
		if _, ok := c.Args[n+1].Literal(); ok && (strings.HasSuffix(w, ".patch") || strings.HasSuffix(w, ".diff")) {
			files = append(files, strings.TrimPrefix(w, "--input="))
		}
	}
	if m := readFrom.FindStringSubmatch(c.Stdin.String()); m != nil {
		files = append(files, m[1])
	}
	dir := folder(c.Dir)
	if operands := operandsOf(c.Args[1:], "-i", "--input", "-d", "--directory", "-o", "--output", "-p", "-F"); words[0] == "patch" && len(operands) > 0 {
		// It is told the file.
		r, t := in.reach(c, operands[0])
		if r != inWorkflows {
			return edit{}, false
		}
		return edit{t(), ""}, true
	}
	for _, file := range files {
		if in.options.Read == nil || strings.HasPrefix(dir, "?") || path.IsAbs(file) {
			break
		}
		text, err := in.options.Read(path.Clean(joinFolder(dir, file)))
		if err != nil {
			break
		}
		if !strings.Contains(string(text), ".github/workflows/") {
			return edit{}, false
		}
	}
	return edit{in.session.tree(dir), "the patch that " + words[0] + " applies"}, true
}

// readFrom matches what a command reads from a file.
var readFrom = regexp.MustCompile(`^\$\(< ?([\w./-]+)\)$`)

// unpacks says what the files of an archive may do to workflow files: that of
// a repository on GitHub may hold some.
func (in *inferrer) unpacks(c *trace.Command, words []string) (edit, bool) {
	if len(words) < 2 || !strings.Contains(strings.TrimPrefix(words[1], "-"), "x") && !slices.Contains(words, "-x") && !slices.Contains(words, "--extract") {
		return edit{}, false
	}
	to, ok := flagValue(c.Args[1:], "-C", "--directory")
	if !ok {
		to = value.Text(".")
	}
	r, t := in.reach(c, to)
	switch {
	case r == inWorkflows:
		return edit{t(), ""}, true
	case r == apart || !archive.MatchString(c.Stdin.String()) || !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "--strip-components") }):
		return edit{}, false
	}
	return edit{t(), "the archive that is unpacked"}, true
}

// archive matches the address of the files of a repository on GitHub.
var archive = regexp.MustCompile(`codeload\.github\.com|github\.com/[^ ]*/(?:archive|tarball)/`)

// editsFiles says what changing these files does to workflow files.
func (in *inferrer) editsFiles(site *trace.Site, name string, files []value.Value) (edit, bool) {
	c := site.Command
	var perhaps edit
	for _, f := range files {
		r, t := in.reach(c, f)
		if r == inWorkflows || name == "rm" && r == aboveWorkflows {
			return edit{t(), ""}, true
		}
		r, by := in.fromList(site, f)
		switch {
		case r >= aboveWorkflows && (!strings.HasPrefix(f.String(), "$(") || selected.MatchString(f.String())):
			// What a loop reads may have another source, and what is selected may be none.
			perhaps = edit{in.session.tree(folder(c.Dir)), by}
		case r >= aboveWorkflows:
			return edit{in.session.tree(folder(c.Dir)), ""}, true
		case r == aboveTop:
			perhaps = edit{in.session.tree(folder(c.Dir)), by}
		}
	}
	return perhaps, perhaps.tree != nil
}

// selected matches the source of what a cmdlet lets through of the files that another
// one lists.
var selected = regexp.MustCompile(`(?i)^\$\(Get-ChildItem\b.*\|\s*(?:where|\?|select)`)

// copies says what a copy does to workflow files.
func (in *inferrer) copies(site *trace.Site, name string, words []string) (edit, bool) {
	c := site.Command
	operands := operandsOf(c.Args[1:], "-t", "--target-directory", "-m", "-o", "-g", "-S", "--exclude", "--include", "-e", "--filter", "-f", "--exclude-from")
	to, ok := flagValue(c.Args[1:], "-t", "--target-directory")
	if !ok {
		if len(operands) < 2 {
			return edit{}, false
		}
		to, operands = operands[len(operands)-1], operands[:len(operands)-1]
	}
	r, t := in.reach(c, to)
	if r == inWorkflows {
		return edit{t(), ""}, true
	}
	if name == "mv" {
		if e, ok := in.editsFiles(site, name, operands); ok {
			return e, true
		}
	}
	spared := slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "--exclude") && strings.Contains(w, ".github") }) ||
		slices.ContainsFunc(operandsAfter(words, "--exclude"), func(w string) bool { return strings.Contains(w, ".github") || w == ".*" })
	var perhaps edit
	for _, from := range operands {
		text := from.String()
		clean := path.Clean(strings.TrimSuffix(text, "/*"))
		within := strings.HasSuffix(text, "/") && name == "rsync" || strings.HasSuffix(text, "/.")
		switch {
		case r == apart || spared:
		case r == aboveWorkflows && path.Base(clean) == "workflows":
			return edit{t(), ""}, true
		case r == aboveWorkflows && path.Base(clean) == ".github", r == aboveTop && path.Base(clean) == ".github" && !within,
			r == aboveTop && within && in.holdsWorkflows(c, from, t()):
			if !in.ownFiles(c, from, t()) {
				perhaps = edit{t(), "the copy of " + text}
			}
		}
	}
	return perhaps, perhaps.tree != nil
}

// operandsAfter are the words that stand behind a flag.
func operandsAfter(words []string, flag string) (out []string) {
	for n, w := range words[:len(words)-1] {
		if w == flag {
			out = append(out, words[n+1])
		}
	}
	return out
}

// holdsWorkflows tells whether a folder whose files are copied is the top of
// another working tree, or one of the repository that has workflow files.
func (in *inferrer) holdsWorkflows(c *trace.Command, from value.Value, to *tree) bool {
	dir := path.Clean(joinFolder(folder(c.Dir), folder(from)))
	if t := in.session.trees[dir]; t != nil && t != to {
		return true
	}
	return !path.IsAbs(dir) && !strings.HasPrefix(dir, "?") && dir != "." && in.options.List != nil && len(in.options.List(path.Join(dir, ".github/workflows"))) > 0
}

// ownFiles tells whether a folder lies in another working tree of the same
// repository: a workflow file that stands apart in it GitHub takes.
func (in *inferrer) ownFiles(c *trace.Command, from value.Value, to *tree) bool {
	dir := path.Clean(joinFolder(folder(c.Dir), folder(from)))
	for d := dir; d != "." && d != "/" && !strings.HasPrefix(d, "?"); d = path.Dir(d) {
		if t := in.session.trees[d]; t != nil {
			return t != to && in.isSelf(t.origin)
		}
	}
	return false
}
