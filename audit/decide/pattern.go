package decide

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// patterns remembers compiled filter patterns: a repository has few, and
// every event is held against all of them.
var patterns sync.Map // string → filterPattern

// filterPattern is a compiled filter pattern, and its states.
type filterPattern struct {
	*regexp.Regexp
	states *syntax.Prog
}

// compile turns a filter pattern of GitHub into a regular expression: * for
// anything but a slash, ** for anything, ?, + and [] for the character before
// or of a set.
func compile(pattern string) filterPattern {
	if found, ok := patterns.Load(pattern); ok {
		return found.(filterPattern)
	}
	var b strings.Builder
	b.WriteString("^")
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			if i+1 < len(pattern) && pattern[i+1] == '*' {
				i++
				if i+1 < len(pattern) && pattern[i+1] == '/' {
					// "**/x" matches "x" as well.
					i++
					b.WriteString("(?:.*/)?")
					continue
				}
				b.WriteString(".*")
				continue
			}
			b.WriteString("[^/]*")
		case '?', '+':
			if i == 0 {
				// No character stands before it.
				b.WriteByte('\\')
			}
			b.WriteByte(c)
		case '[':
			end := strings.IndexByte(pattern[i:], ']')
			if end < 0 {
				b.WriteString(regexp.QuoteMeta(pattern[i:]))
				i = len(pattern)
				continue
			}
			b.WriteString(pattern[i : i+end+1])
			i += end
		case '\\':
			if i+1 < len(pattern) {
				i++
				b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
			}
		default:
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	b.WriteString("$")
	re, err := regexp.Compile(b.String())
	if err != nil {
		re = regexp.MustCompile("^" + regexp.QuoteMeta(strings.ToValidUTF8(pattern, "\ufffd")) + "$")
	}
	out := filterPattern{Regexp: re}
	if parsed, err := syntax.Parse(re.String(), syntax.Perl); err == nil {
		out.states, _ = syntax.Compile(parsed.Simplify()) // never an error for what is parsed
	}
	patterns.Store(pattern, out)
	return out
}

// wild tells whether a pattern can match more than one name.
func wild(pattern string) bool { return strings.ContainsAny(pattern, "*?+[") }

// matchList holds a name against a list of patterns, of which a later one
// that begins with ! takes matches away again.
func matchList(list []string, name ref) truth {
	result := no
	for _, pattern := range list {
		if rest, not := strings.CutPrefix(pattern, "!"); not {
			switch match(rest, name) {
			case yes:
				result = no
			case maybe:
				// Of the heads of pull requests some are kept out, not all.
				if !name.topic {
					result = and(result, maybe)
				}
			}
			continue
		}
		result = or(result, match(pattern, name))
	}
	return result
}

// match holds a name against one pattern.
func match(pattern string, name ref) truth {
	if name.topic && name.pieces == nil {
		return matchTopic(pattern)
	}
	if name.known() {
		if compile(pattern).MatchString(name.pieces[0]) {
			return yes
		}
		return no
	}
	if pattern == "**" || pattern == "**/*" {
		return yes
	}
	if name.fresh && !wild(pattern) {
		return no
	}
	if !name.loose && !possible(pattern, name) || name.loose && !endsAgree(pattern, name) {
		return no
	}
	if !wild(pattern) {
		return maybe
	}
	first, head := name.pieces[0], pattern[:strings.IndexAny(pattern, "*?+[")]
	if trimmed := strings.TrimRight(pattern, "*"); strings.HasPrefix(first, head) && trimmed == head {
		// What is not known stands where the pattern takes anything. That there is
		// no slash in it is taken for granted.
		return yes
	}
	if anywhere(pattern, name) || covers(pattern, name) {
		return yes
	}
	return maybe
}

// endsAgree tells whether the literal beginnings and ends of a pattern and of a name that
// stands for another pattern agree.
func endsAgree(pattern string, name ref) bool {
	i := strings.IndexAny(pattern, "*?+[")
	if i < 0 {
		return fits(pattern, name)
	}
	head, tail := pattern[:i], pattern[strings.LastIndexAny(pattern, "*?+]")+1:]
	if pattern[i] == '?' {
		// The character before it may be missing.
		_, size := utf8.DecodeLastRuneInString(head)
		head = head[:len(head)-size]
	}
	return agree(head, name.pieces[0], strings.HasPrefix) && agree(tail, name.pieces[len(name.pieces)-1], strings.HasSuffix)
}

// covers tells whether a pattern takes a name whatever its unknown parts are, in which
// no slash is taken to be: what stands between its stars is in the known pieces.
func covers(pattern string, name ref) bool {
	if name.loose || strings.ContainsAny(pattern, `?+[\`) || slashes(name.pieces...) != slashes(pattern) {
		return false
	}
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	piece, at := 0, len(first)
	if !strings.HasPrefix(name.pieces[0], first) {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		for {
			if i := strings.Index(name.pieces[piece][at:], part); i >= 0 {
				at += i + len(part)
				break
			}
			if piece, at = piece+1, 0; piece == len(name.pieces) {
				return false
			}
		}
	}
	if piece < len(name.pieces)-1 {
		piece, at = len(name.pieces)-1, 0
	}
	return strings.HasSuffix(name.pieces[piece][at:], last)
}

// slashes counts the slashes of texts.
func slashes(texts ...string) int { return strings.Count(strings.Join(texts, ""), "/") }

// anywhere tells whether a pattern takes anything around a literal that is in
// the known pieces of a name: "**/docs/**", "**/*.md".
func anywhere(pattern string, name ref) bool {
	rest, ok := strings.CutPrefix(pattern, "**/")
	if !ok {
		return false
	}
	if ending, ok := strings.CutPrefix(rest, "*"); ok {
		return !wild(ending) && !strings.Contains(ending, "/") && strings.HasSuffix(name.pieces[len(name.pieces)-1], ending)
	}
	folder, ok := strings.CutSuffix(rest, "**")
	if !ok || wild(folder) || !strings.HasSuffix(folder, "/") {
		return false
	}
	return strings.HasPrefix(name.pieces[0], folder) || slices.ContainsFunc(name.pieces, func(p string) bool { return strings.Contains(p, "/"+folder) })
}

// agree tells whether one of two texts begins (or ends) with the other.
func agree(a, b string, has func(s, part string) bool) bool { return has(a, b) || has(b, a) }

// fits tells whether a constant can be the name.
func fits(constant string, name ref) bool {
	rest, ok := strings.CutPrefix(constant, name.pieces[0])
	if !ok {
		return false
	}
	for _, piece := range name.pieces[1 : len(name.pieces)-1] {
		i := strings.Index(rest, piece)
		if i < 0 {
			return false
		}
		rest = rest[i+len(piece):]
	}
	return strings.HasSuffix(rest, name.pieces[len(name.pieces)-1])
}

var wildcard = regexp.MustCompile(`[*?+]+|\[[^]]*\]`)

// wildPieces are the literal pieces of a pattern.
func wildPieces(pattern string) []string { return wildcard.Split(pattern, -1) }
