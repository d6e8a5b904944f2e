package infer

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// list is a command that lists files, with its words and its text.
type list struct {
	site  *trace.Site
	words []string
	text  string
}

// maxLists bounds those that are remembered.
const maxLists = 200

// lists tells whether a command may list files for others to change.
func lists(words []string) bool {
	switch path.Base(words[0]) {
	case "find", "fd", "fdfind", "grep", "egrep", "fgrep", "rg", "ls", "Get-ChildItem", "wildcard":
		return true
	case "git":
		return len(words) > 1 && slices.ContainsFunc(words[1:min(len(words), 4)], func(w string) bool { return w == "grep" || w == "ls-files" })
	}
	return false
}

// fromList tells how the files that a word stands for, as the output of a
// command that lists files, stand to the workflow files, and names the command.
// A variable that only a loop knows is taken to hold what was listed last in
// its step.
func (in *inferrer) fromList(site *trace.Site, word value.Value) (r standing, by string) {
	for _, v := range word.Alternatives() {
		if len(v) == 0 || v[0].Unknown == "" {
			continue
		}
		if one, of := in.fromSource(site, v[0].Unknown); one > r {
			r, by = one, of
		}
	}
	return r, by
}

func (in *inferrer) fromSource(site *trace.Site, source string) (standing, string) {
	inner, output := strings.CutPrefix(source, "$(")
	loop := !output && loopVariable.MatchString(source)
	if !loop && !output {
		return apart, ""
	}
	for _, l := range slices.Backward(in.session.lists) {
		same := l.site.Step == site.Step && l.site.File == site.File
		switch {
		case loop && same && site.Command.Guarded:
			return in.lister(site, l.words, ""), l.text
		case output && l.text != "" && strings.HasPrefix(strings.TrimSpace(inner), l.text):
			return in.lister(site, l.words, strings.TrimPrefix(strings.TrimSpace(inner), l.text)), l.text
		}
	}
	if inner = strings.TrimSuffix(inner, ")"); output {
		first, rest, _ := strings.Cut(inner, "|")
		if words := strings.Fields(strings.NewReplacer(`"`, "", "'", "").Replace(first)); len(words) > 0 && lists(words) {
			return in.lister(site, words, rest), inner
		}
	}
	return apart, ""
}

// loopVariable matches a variable as the shell reader names one that it does
// not know.
var loopVariable = regexp.MustCompile(`^\$\{?[A-Za-z_]\w*\}?$`)

// lister tells how the files that a command lists stand to the workflow files;
// rest is what filters them.
func (in *inferrer) lister(site *trace.Site, words []string, rest string) standing {
	var f fileFilter
	var roots []string
	switch name := path.Base(words[0]); name {
	case "find":
		roots = f.find(words[1:])
	case "fd", "fdfind":
		roots = f.search(words[1:], true)
		f.hidden = !slices.ContainsFunc(words, func(w string) bool { return w == "-H" || w == "--hidden" || strings.HasPrefix(w, "-u") })
	case "rg":
		roots = f.search(words[1:], true)
		f.hidden = !slices.ContainsFunc(words, func(w string) bool { return w == "--hidden" || w == "-." || strings.HasPrefix(w, "-uu") })
	case "grep", "egrep", "fgrep":
		roots = f.search(words[1:], true)
		if len(roots) == 0 && !slices.ContainsFunc(words, recursive.MatchString) {
			return apart
		}
	case "git":
		n := slices.IndexFunc(words, func(w string) bool { return w == "grep" || w == "ls-files" })
		roots = f.search(words[n+1:], words[n] == "grep")
	case "ls":
		if roots = f.search(words[1:], false); len(roots) == 0 {
			return apart
		}
	case "Get-ChildItem":
		all := false
		if roots, all = f.childItems(words[1:]); !all {
			// Files of the very folder alone.
			roots = slices.DeleteFunc(roots, func(w string) bool {
				return workflowFolder(path.Clean(w)) < inWorkflows && !path.IsAbs(w) && !value.HasPlaceholder(w)
			})
			if len(roots) == 0 {
				return apart
			}
		}
	case "wildcard":
		roots = words[1:]
	}
	for _, part := range strings.Split(rest, "|")[min(1, strings.Count(rest, "|")):] {
		f.pipe(strings.Fields(part))
	}
	if f.excludes() {
		return apart
	}
	var out standing
	roots = slices.DeleteFunc(roots, func(w string) bool {
		// What begins with a star stands for the files of any folder.
		star := strings.HasPrefix(w, "*")
		if star {
			f.include = append(f.include, w)
		}
		return star
	})
	if given := len(f.include); given > 0 {
		f.include = slices.DeleteFunc(f.include, in.noWorkflow)
		if len(f.include) == 0 {
			return apart
		}
	}
	if f.excludes() {
		return apart
	}
	if len(roots) == 0 {
		roots = []string{"."}
	}
	for _, root := range roots {
		r, _ := in.reach(site.Command, value.Text(root))
		if r == aboveTop && (f.hidden || f.depth > 0 && f.depth < 3) {
			continue
		}
		out = max(out, r)
	}
	return out
}

// noWorkflow tells whether a pattern is the name of one file, which no workflow
// of the repository has.
func (in *inferrer) noWorkflow(pattern string) bool {
	if strings.ContainsAny(pattern, `*?[\/(`) || value.HasPlaceholder(pattern) || in.options.List == nil {
		return false
	}
	return strings.Contains(pattern, ".y") && !slices.Contains(in.options.List(".github/workflows"), pattern)
}

// recursive matches the flags with which grep goes through folders.
var recursive = regexp.MustCompile(`^(-[A-Za-z]*[rR][A-Za-z]*|--recursive|--dereference-recursive)$`)

// fileFilter is what narrows the files that a command lists.
type fileFilter struct {
	include, exclude []string
	// depth is how deep it goes, 0 for any depth; hidden says that it leaves
	// out what begins with a dot.
	depth  int
	hidden bool
}

// excludes tells whether no workflow file can be among what is listed.
func (f fileFilter) excludes() bool {
	if len(f.include) > 0 && !slices.ContainsFunc(f.include, maySpeakOfWorkflows) {
		return true
	}
	return slices.ContainsFunc(f.exclude, func(p string) bool {
		return strings.Contains(strings.ReplaceAll(p, `\`, ""), ".github") || strings.Contains(p, "workflows") || p == ".*" || p == "*/.*" || p == "./.*"
	})
}

// maySpeakOfWorkflows tells whether a pattern may match a workflow file.
func maySpeakOfWorkflows(pattern string) bool {
	last := pattern[strings.LastIndexByte(pattern, '/')+1:]
	return strings.Contains(pattern, "yml") || strings.Contains(pattern, "yaml") || strings.Contains(pattern, ".github") || strings.Contains(pattern, "workflow") ||
		strings.HasSuffix(last, "*") || strings.HasSuffix(last, "*ml") || value.HasPlaceholder(pattern)
}

// find reads the words of find, and returns the folders that it goes through.
func (f *fileFilter) find(words []string) (roots []string) {
	pruned := slices.Contains(words, "-prune")
	n := 0
	for ; n < len(words) && !strings.HasPrefix(words[n], "-") && words[n] != "(" && words[n] != `\(` && words[n] != "!" && words[n] != `\!`; n++ {
		roots = append(roots, words[n])
	}
	not := false
	for ; n+1 < len(words); n++ {
		switch words[n] {
		case "!", `\!`, "-not":
			not = true
			continue
		case "-maxdepth":
			f.depth, _ = strconv.Atoi(words[n+1])
		case "-name", "-iname", "-path", "-ipath", "-wholename", "-regex", "-iregex":
			n++
			if not || pruned && !strings.Contains(words[n-1], "name") {
				f.exclude = append(f.exclude, words[n])
			} else if !pruned || strings.Contains(words[n], ".") {
				f.include = append(f.include, words[n])
			}
		}
		not = false
	}
	return roots
}

// childItems reads the words of Get-ChildItem, and returns the folders whose files it
// lists; deep says that it lists those below them too.
func (f *fileFilter) childItems(words []string) (roots []string, deep bool) {
	for n := 0; n < len(words); n++ {
		name, to, joined := strings.Cut(strings.ToLower(words[n]), ":")
		if !strings.HasPrefix(name, "-") {
			roots = append(roots, words[n])
			continue
		}
		valued := []string{"-path", "-literalpath", "-filter", "-include", "-exclude", "-depth", "-attributes", "-erroraction"}
		i := slices.IndexFunc(valued, func(flag string) bool { return len(name) > 2 && strings.HasPrefix(flag, name) })
		if deep = deep || name == "-r" || name == "-s" || len(name) > 2 && strings.HasPrefix("-recurse", name) || i == 5; i < 0 {
			continue
		}
		if !joined && n+1 < len(words) {
			n++
			to = words[n]
		}
		switch to = strings.Trim(to, "@()"); i {
		case 0, 1:
			roots = append(roots, to)
		case 2, 3:
			f.include = append(f.include, strings.Split(to, ",")...)
		case 4:
			f.exclude = append(f.exclude, strings.Split(to, ",")...)
		case 5:
			depth, _ := strconv.Atoi(to)
			f.depth = depth + 1
		}
	}
	return roots, deep
}

// search reads the words of a search, whose first operand is the pattern if it
// has one, and returns the paths that it goes through.
func (f *fileFilter) search(words []string, pattern bool) (roots []string) {
	behind := false
	for n := 0; n < len(words); n++ {
		w := words[n]
		flag, to, joined := strings.Cut(w, "=")
		if !joined && n+1 < len(words) {
			to = words[n+1]
		}
		switch {
		case behind || !strings.HasPrefix(w, "-") || w == "-":
			if pattern {
				pattern = false
				continue
			}
			if strings.HasPrefix(w, ":") {
				f.exclude = append(f.exclude, w)
				continue
			}
			roots = append(roots, w)
		case w == "--":
			behind = true
		case slices.Contains([]string{"--include", "-g", "--glob", "--iglob", "-t", "--type", "--extension"}, flag):
			if strings.HasPrefix(to, "!") {
				f.exclude = append(f.exclude, to)
			} else {
				f.include = append(f.include, to)
			}
		case strings.HasPrefix(flag, "--exclude"):
			f.exclude = append(f.exclude, to)
		case flag == "-e" || flag == "--regexp" || flag == "-f":
			pattern = false
		case slices.Contains([]string{"-A", "-B", "-C", "-m", "--max-count", "-d", "--max-depth"}, flag):
		default:
			continue
		}
		if !joined && strings.HasPrefix(w, "-") && w != "--" && !behind {
			n++
		}
	}
	return roots
}

// pipe reads a command through which the list goes.
func (f *fileFilter) pipe(words []string) {
	if len(words) < 2 || !slices.Contains([]string{"grep", "egrep", "rg"}, words[0]) {
		return
	}
	text := strings.Trim(words[len(words)-1], `'")`)
	switch inverted := slices.ContainsFunc(words[1:], func(w string) bool { return invertedFlag.MatchString(w) }); {
	case inverted:
		f.exclude = append(f.exclude, text)
	case strings.Contains(text, `\.`) || strings.HasSuffix(text, "$"):
		f.include = append(f.include, text)
	}
}

// invertedFlag matches the flags with which grep leaves out what matches.
var invertedFlag = regexp.MustCompile(`^(-[A-Za-z]*v[A-Za-z]*|--invert-match)$`)
