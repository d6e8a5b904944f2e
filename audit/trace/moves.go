package trace

import (
	"iter"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// Moves is what code does to a working tree of git that a later command of git, or
// of gh, goes by.
type Moves struct {
	// Tags says that it makes tags, Branch that it checks another branch out,
	// Remotes that it changes where a remote is.
	Tags, Branch, Remotes bool
}

// Any tells whether it does any of them.
func (m Moves) Any() bool { return m != Moves{} }

func (m Moves) and(other Moves) Moves {
	return Moves{m.Tags || other.Tags, m.Branch || other.Branch, m.Remotes || other.Remotes}
}

func (m Moves) without(other Moves) Moves {
	return Moves{m.Tags && !other.Tags, m.Branch && !other.Branch, m.Remotes && !other.Remotes}
}

// Dir is the folder in which the code of the site runs: that of the innermost command
// whose code it is, else that of its step where a script that is not for a shell stands
// there; nil where neither is known.
func (s *Site) Dir() value.Value {
	if l := s.within(func(l *Site) bool { return l.Command != nil && len(l.Command.Dir) > 0 }); l != nil {
		return l.Command.Dir
	}
	if s == nil {
		return nil
	}
	return s.dir
}

var (
	// movedSetting matches the settings that say where a remote is, or which one a
	// push goes to.
	movedSetting = regexp.MustCompile(`(?i)insteadof|^remote\.|push(?:default|remote)|^branch\.`)
	// plainRemote matches the name of a remote that is written out.
	plainRemote = regexp.MustCompile(`^[a-z][\w-]*$`)
	// listsTags matches the flags by which git tag makes none.
	listsTags = regexp.MustCompile(`^(?:-l|--list|-n\d*|--sort|--format|--points-at|--(?:no-)?(?:contains|merged)|--column|-v|--verify|-d|--delete)(?:=|$)`)
)

// movesOf tells what a command of git does, by the words behind git. The flags of git
// itself may stand before.
func movesOf(words []string) (m Moves) {
	if words = shell.GitWords(words); len(words) < 2 {
		return m
	}
	rest := words[1:]
	switch words[0] {
	case "tag":
		m.Tags = !slices.ContainsFunc(rest, listsTags.MatchString)
	case "checkout", "switch", "symbolic-ref":
		m.Branch = !slices.Contains(rest, "--") && rest[0] != "." && (words[0] != "symbolic-ref" || len(rest) > 1 && !strings.HasPrefix(rest[0], "-"))
	case "branch":
		m.Branch = rest[0] == "-m" || rest[0] == "-M"
	case "remote":
		m.Remotes = slices.Contains([]string{"set-url", "rename", "remove", "rm"}, rest[0]) || rest[0] == "add" && !addsOther(rest[1:])
	case "config":
		m.Remotes = slices.ContainsFunc(rest, movedSetting.MatchString) && !slices.ContainsFunc(rest, func(w string) bool { return strings.HasPrefix(w, "--get") || w == "get" })
	}
	return m
}

// addsOther tells whether a remote is added by a name that neither git nor gh takes by
// itself: what goes there has to name it.
func addsOther(words []string) bool {
	i := slices.IndexFunc(words, func(w string) bool { return !strings.HasPrefix(w, "-") })
	return i >= 0 && plainRemote.MatchString(words[i]) && words[i] != "origin" && !slices.Contains(rules.GhRemotes, words[i])
}

var (
	// gitInText matches git at the begin of a command in a text, as a word of a list,
	// and as a function or an object; calledWith is what stands behind the name of a
	// function that may put git before its words, with the first of these.
	gitInText  = regexp.MustCompile("(?m)(?:^[ \\t]*|[\"'`(\\[{;&|=][ \\t]*)git[ \\t]|[\"'`]git[\"'`][\\s,]|(?:\\b|_)git[!?]?(?:\\.|[(\\[]+)")
	gitCaller  = regexp.MustCompile(`(?i)(?:run|call|exec|sh|cmd|command|system|spawn)\w*[!?]?$`)
	calledWith = regexp.MustCompile(`(?i)^\(\s*\[?\s*["'](?:tag|checkout|switch|remote|config)["']`)
	// gitLibrary matches what takes in a library for git, and the others what such
	// libraries do.
	gitLibrary = regexp.MustCompile(`(?m)^\s*(?:from|import)\s+(?:git|pygit2|dulwich)\b|require\s*\(?["'](?:git|rugged)["']|go-git`)
	tagCall    = regexp.MustCompile(`\b(?:create_tag|CreateTag|add_tag|tags\.create)\s*\(`)
	branchCall = regexp.MustCompile(`\.[cC]heckout\s*\(|\bset_head\s*\(`)
	remoteCall = regexp.MustCompile(`\b(?:set_url|SetConfig|(create_remote|CreateRemote|add_remote|remotes\.create))\s*\(\s*(?:["']([^"'\n]*)["'])?`)
	// cloneCall matches what makes a working tree of its own.
	cloneCall = regexp.MustCompile(`\b(?:clone_from|PlainClone\w*|clone_repository|Git\.clone|porcelain\.clone)\s*\(`)
)

// maxGitWords bounds the bytes of a command of git in a text that are looked at.
const maxGitWords = 240

// startsGit tells whether code seems to start git in any way.
func startsGit(source string) bool {
	if !strings.Contains(source, "git") {
		return false
	}
	for _, line := range linesWith(source, "git") {
		if gitInText.MatchString(line) {
			return true
		}
	}
	return takesGitLibrary(source)
}

// linesWith yields the lines of a text in which any of some words stands, with their ends,
// and where they begin. What is found in a line, to look for it in all of the text takes
// many times as long.
func linesWith(text string, words ...string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		at := 0
		for line := range strings.Lines(text) {
			if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(line, w) }) && !yield(at, line) {
				return
			}
			at += len(line)
		}
	}
}

// takesGitLibrary tells whether code takes in a library for git. The words for it may
// stand on two lines, with empty ones between.
func takesGitLibrary(source string) bool {
	for at, line := range linesWith(source, "git", "dulwich", "rugged") {
		before := strings.TrimRight(source[:at], " \t\n\f\r")
		from := strings.LastIndexByte(before, '\n') + 1
		if gitLibrary.MatchString(source[from : at+len(line)]) {
			return true
		}
	}
	return false
}

// withoutRemarks empties the lines of code that are none in the languages that are read
// here.
func withoutRemarks(source string) string {
	var b strings.Builder
	b.Grow(len(source))
	for line := range strings.Lines(source) {
		text := strings.TrimLeft(line, " \t")
		switch {
		case !strings.HasPrefix(text, "#") && !strings.HasPrefix(text, "//") && !strings.HasPrefix(text, "*") && !strings.HasPrefix(text, "--"):
			b.WriteString(line)
		case strings.HasSuffix(line, "\n"):
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// mentionsMoves tells what code in any language seems to do with git, by what stands in
// its text: commands of git in a text or as words of a list, and the functions of
// libraries. It is wrong where a command is put together of parts, for code that is never
// called, and where a library is used for a clone and for what was there before.
func mentionsMoves(source string) (m Moves) {
	if !startsGit(source) {
		return m
	}
	source = withoutRemarks(source)
	look := func(from int, list bool) {
		m = m.and(movesOf(wordsAfter(source[from:min(len(source), from+maxGitWords)], list)))
	}
	clones := cloneCall.MatchString(source)
	for begin, line := range linesWith(source, "git") {
		for _, at := range gitInText.FindAllStringIndex(line, -1) {
			if clones && line[at[1]-1] == '.' {
				continue
			}
			look(begin+at[1], !strings.HasSuffix(strings.TrimRight(line[at[0]:at[1]], " \t"), "git"))
		}
	}
	for at := strings.IndexByte(source, '('); at >= 0; {
		if calledWith.MatchString(source[at:]) && gitCaller.MatchString(nameBefore(source, at)) {
			look(at+1, true)
		}
		next := strings.IndexByte(source[at+1:], '(')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	if !clones && takesGitLibrary(source) {
		remotes := slices.ContainsFunc(remoteCall.FindAllStringSubmatch(source, -1), func(call []string) bool {
			return call[1] == "" || !addsOther(call[2:])
		})
		m = m.and(Moves{tagCall.MatchString(source), branchCall.MatchString(source), remotes})
	}
	return m
}

// nameBefore is the name of a function, with a mark of Ruby, that ends at a place.
func nameBefore(source string, end int) string {
	begin := end
	if begin > 0 && strings.IndexByte("!?", source[begin-1]) >= 0 {
		begin--
	}
	for begin > 0 && (source[begin-1] == '_' || isAlphanumeric(source[begin-1])) {
		begin--
	}
	return source[begin:end]
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// wordsAfter splits what follows in a command up to its end: a closing bracket, the end
// of a line or of a statement. Quotes and commas part words; what stands in brackets is
// part of one. A list, or the call of a function, goes over several lines.
func wordsAfter(text string, list bool) (words []string) {
	depth, word := 0, ""
	flush := func() {
		if word != "" {
			words, word = append(words, word), ""
		}
	}
	for i, c := range text {
		switch {
		case strings.ContainsRune("([{", c):
			if c != '{' && word == "" && len(words) == 0 || c == '(' && len(words) == 0 {
				flush() // The list, or the call of a method.
				list = true
				continue
			}
			depth++
			word += "…"
		case strings.ContainsRune(")]}", c):
			if depth--; depth < 0 {
				flush()
				return words
			}
		case depth > 0:
		case strings.ContainsRune("\"'`", c):
			if first := len(words) == 0 && word != ""; first && !list && text[i-1] != ' ' {
				next := strings.TrimLeft(text[i+1:], " \t\n")
				if flush(); !strings.HasPrefix(next, ",") {
					return words // The text ends behind the subcommand.
				}
				list = true
			}
			flush()
		case c == ',' || c == ' ' || c == '\t':
			flush()
		case c == '\n' && !list || c == ';' || c == '|' || c == '&':
			flush()
			return words
		case c == '\n':
			flush()
		default:
			word += string(c)
		}
	}
	flush()
	return words
}

// moved notes what a command does that code was seen to start.
func (m *Moves) moved(c shell.Command) {
	if len(c.Args) == 0 || path.Base(c.Args[0].LiteralOr("")) != "git" {
		return
	}
	words := make([]string, len(c.Args)-1)
	for i, a := range c.Args[1:] {
		words[i] = a.String()
	}
	*m = m.and(movesOf(words))
}
