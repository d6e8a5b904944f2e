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

// edit is what a command may do to the workflow files of a working tree.
type edit struct {
	tree *tree
	// by is what may write them where that is not sure, "" where it is.
	by string
}

// editsWorkflows notes which working trees' workflow files a command changes,
// or may change. Programs that are given no file of them may do so unseen.
func (in *inferrer) editsWorkflows(site *trace.Site) {
	e, ok := in.edits(site)
	switch {
	case ok && e.by == "":
		e.tree.edited = true
	case ok && e.tree.mayEdit == "":
		e.tree.mayEdit = e.by
	}
	if words, _ := site.Command.Words(); len(in.session.lists) < maxLists && lists(words) {
		in.session.lists = append(in.session.lists, list{site, words})
	}
}

// edits says what a command does to workflow files.
func (in *inferrer) edits(site *trace.Site) (edit, bool) {
	c := site.Command
	for _, out := range c.Output {
		if r, t := in.reach(c, out.Path); r == inWorkflows {
			return edit{t(), ""}, true
		}
	}
	words, _ := c.Words()
	name := strings.ToLower(strings.TrimSuffix(path.Base(words[0]), ".exe"))
	switch {
	case name == "patch" || name == "git" && slices.Contains(words, "apply"):
		return in.patches(c, words)
	case name == "tar" || name == "bsdtar":
		return in.unpacks(c, words)
	case slices.Contains([]string{"fd", "fdfind"}, name):
		return in.runsEach(site, words)
	}
	if slices.Contains(copiers, name) {
		return in.copies(c, name, words)
	}
	if files, ok := editedFiles(name, c.Args, words); ok {
		return in.editsFiles(site, name, files)
	}
	switch writes, named := rules.WritesWorkflows(words); {
	case writes == rules.Yes:
		return edit{in.session.tree(folder(c.Dir)), ""}, true
	case writes == rules.Maybe && (len(named) == 0 || slices.ContainsFunc(named, func(file string) bool { return in.namesWorkflows(c, file) })):
		return edit{in.session.tree(folder(c.Dir)), commandWords(c)}, true
	}
	if readsFiles.MatchString(name) || slices.ContainsFunc(words, onlyLooks.MatchString) {
		return edit{}, false
	}
	for n, a := range c.Args[1:] {
		flag, to, joined := strings.Cut(a.String(), "=")
		if outputFlags.MatchString(flag) && (joined || n+2 < len(c.Args)) {
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
		if r, t := in.reach(c, a); r == inWorkflows && !configFlag.MatchString(words[n]) {
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
	if _, ok := editedFiles(path.Base(words[n+1]), c.Args[n+1:], words[n+1:]); !ok {
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

// namesWorkflows tells whether a file in the folder of a command names the
// folder of the workflows.
func (in *inferrer) namesWorkflows(c *trace.Command, file string) bool {
	dir := folder(c.Dir)
	if in.options.Read == nil || strings.HasPrefix(dir, "?") || path.IsAbs(dir) {
		return false
	}
	text, err := in.options.Read(path.Clean(joinFolder(dir, file)))
	return err == nil && strings.Contains(string(text), ".github/workflows")
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

// standing is how a path stands to the workflow files.
type standing int

const (
	// apart is a path that holds none, or of which that is not known.
	apart standing = iota
	// aboveTop is the top of a working tree, aboveWorkflows the folder .github.
	aboveTop
	aboveWorkflows
	// inWorkflows is a workflow file, or the folder of all.
	inWorkflows
)

// reach tells how a word that is a path, or one of several, stands to the
// workflow files, and of which tree.
func (in *inferrer) reach(c *trace.Command, word value.Value) (r standing, t func() *tree) {
	for _, v := range word.Alternatives() {
		if one, of := in.session.reach(folder(c.Dir), v); one > r {
			r, t = one, of
		}
	}
	return r, t
}

func (s *session) reach(dir string, v value.Value) (standing, func() *tree) {
	file := folder(v)
	if file == "." && v.String() == "" {
		return apart, nil
	}
	if rest, ok := strings.CutPrefix(file, "/.github/"); ok {
		file = ".github/" + rest
	}
	if strings.HasPrefix(file, "?") {
		top, rest, ok := strings.Cut(file, "/.github/")
		if !ok || workflowFolder("/.github/"+rest) != inWorkflows && workflowFolder(".github/"+rest) != inWorkflows {
			return apart, nil
		}
		return inWorkflows, func() *tree { return s.tree(top) }
	}
	if strings.HasPrefix(dir, "?") && !path.IsAbs(file) {
		return workflowFolder(file), func() *tree { return s.tree(dir) }
	}
	full := path.Clean(joinFolder(dir, file))
	for d := full; ; d = path.Dir(d) {
		if t := s.trees[d]; t != nil {
			below := strings.TrimPrefix(strings.TrimPrefix(full, d), "/")
			if d == "." {
				below = full
			}
			return workflowFolder(path.Clean(below)), func() *tree { return t }
		}
		if d == "." || d == "/" {
			break
		}
	}
	if path.IsAbs(full) {
		return apart, nil
	}
	return workflowFolder(full), func() *tree { return s.tree(".") }
}

// workflowFolder tells how a path below the top of a tree, which may have
// stars, stands to the workflow files.
func workflowFolder(file string) standing {
	if file == "." {
		return aboveTop
	}
	first, rest, below := strings.Cut(file, "/")
	second, _, _ := strings.Cut(rest, "/")
	switch {
	case first != ".github":
		return apart
	case !below:
		return aboveWorkflows
	}
	if ok, err := path.Match(second, "workflows"); err == nil && ok && (second == "workflows" || strings.Contains(rest, "/")) {
		return inWorkflows
	}
	return apart
}

// The flags with which programs change the files that they are given.
var (
	sedInPlace  = regexp.MustCompile(`^(-[nErsuz]*i|--in-place)`)
	perlInPlace = regexp.MustCompile(`^-[plnaws0]*i`)
	yqInPlace   = regexp.MustCompile(`^(-[yYPe]*i[yYPe]*|--inplace|--in-place)$`)
)

// editedFiles returns the words of a command that are the files which it
// changes in place. Programs of which that is not sure have none.
func editedFiles(name string, args []value.Value, words []string) ([]value.Value, bool) {
	flagged := func(flag *regexp.Regexp) bool { return slices.ContainsFunc(words[1:], flag.MatchString) }
	switch name {
	case "sed", "gsed", "ssed":
		return args[1:], flagged(sedInPlace)
	case "perl", "ruby":
		return args[1:], flagged(perlInPlace)
	case "yq":
		return args[1:], flagged(yqInPlace)
	case "awk", "gawk":
		n := slices.Index(words, "-i")
		return args[1:], n > 0 && n+1 < len(words) && words[n+1] == "inplace" || slices.Contains(words, "-iinplace")
	case "sd":
		return args[1:], !slices.Contains(words, "-p") && !slices.Contains(words, "--preview")
	case "rm", "unlink", "touch", "truncate", "tee", "sponge", "dos2unix", "ed", "ex", "add-content", "set-content", "out-file":
		return args[1:], true
	}
	return nil, false
}

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
		case r >= aboveWorkflows && !strings.HasPrefix(f.String(), "$("):
			// What a loop reads may have another source.
			perhaps = edit{in.session.tree(folder(c.Dir)), by}
		case r >= aboveWorkflows:
			return edit{in.session.tree(folder(c.Dir)), ""}, true
		case r == aboveTop:
			perhaps = edit{in.session.tree(folder(c.Dir)), by}
		}
	}
	return perhaps, perhaps.tree != nil
}

// copiers are the programs that write the files which their first words name
// to where the last one says.
var copiers = []string{"cp", "mv", "install", "ln", "rsync", "gcp"}

// copies says what a copy does to workflow files.
func (in *inferrer) copies(c *trace.Command, name string, words []string) (edit, bool) {
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
	spared := slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "--exclude") && strings.Contains(w, ".github") }) ||
		slices.ContainsFunc(operandsAfter(words, "--exclude"), func(w string) bool { return strings.Contains(w, ".github") || w == ".*" })
	var perhaps edit
	for _, from := range operands {
		text := from.String()
		source, of := in.reach(c, from)
		clean := path.Clean(strings.TrimSuffix(text, "/*"))
		within := strings.HasSuffix(text, "/") && name == "rsync" || strings.HasSuffix(text, "/.")
		switch {
		case name == "mv" && source == inWorkflows:
			return edit{of(), ""}, true
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

// readsFiles matches programs that are taken only to read the files which they
// are given, by their names; onlyLooks the flags with which others do.
var (
	readsFiles = regexp.MustCompile(`^(?i:[efz]?grep|rg|ag|ack|cat|bat|ls|find|fd|fdfind|head|tail|wc|diff|cmp|comm|test|\[\[?|echo|printf|stat|file|sha\d*sum|md5sum|shasum|cksum|git|gh|hub|jq|sed|gsed|perl|yq|g?awk|sort|uniq|cut|tr|` +
		`basename|dirname|realpath|readlink|du|tree|less|more|cd|pushd|mkdir|rmdir|chmod|chown|export|source|\.|scp|ssh|aws|az|gcloud|gsutil|zip|tar|codecov|true|false|:|envsubst|act|docker|podman|kubectl|get-\w+|select-string|test-path|write-\w+|.*(?:lint|check|valid|verify|verif|audit|scan|test|show|view|diff|hash|stats?)[\w.-]*|zizmor|poutine|octoscan|spectral|opa|conftest)$`)
	onlyLooks  = regexp.MustCompile(`^(?i:--?(?:check|dry-?run|lint|diff|list(?:-different)?|preview|verify|validate|no-?write|help|version)|lint|check|validate|verify|test|list|show|diff)$`)
	configFlag = regexp.MustCompile(`^--?(?:c|config|[\w-]*-config|config-file|schema|exclude|ignore|input|in|source|src|read|from)$`)
)

// outputFlags matches the flags behind which programs are told the file that
// they write.
var outputFlags = regexp.MustCompile(`^(?:-o|-O|-out|--out|--output(?:-file|-dir|-path)?|--outfile|--out-?(?:file|dir)|--dest(?:ination)?|--target(?:-dir)?|--write-to|-(?i:Destination|OutFile|FilePath))$`)
