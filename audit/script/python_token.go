package script

import (
	"strings"
	"unicode/utf8"
)

// pyToken is a token of Python.
type pyToken struct {
	// kind is 'n' for a name or keyword, 's' for a string, '0' for a number,
	// '?' for a call that was read, or else the character itself.
	kind   byte
	text   string // a string's body, without quotes
	format bool   // an f-string
	escape bool   // it has escapes, so that its body is not its text
	open   bool   // nothing ends the string
	offset int
}

// pyStatements cuts Python into logical lines of tokens. Indentation is not
// looked at: what is read here does not depend on it.
func pyStatements(source string) [][]pyToken {
	var out [][]pyToken
	var line []pyToken
	depth := 0
	flush := func() {
		if len(line) > 0 {
			out = append(out, line)
		}
		line = nil
	}
	for i := 0; i < len(source); {
		c := source[i]
		switch {
		case c == '#':
			i += pyUntil(source[i:], "\n")
		case c == '\\' && i+1 < len(source) && (source[i+1] == '\n' || source[i+1] == '\r'):
			i += 2
		case c == '\n':
			if depth == 0 {
				flush()
			}
			i++
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case pyNameByte(c) || c == '"' || c == '\'':
			t, n := pyWord(source[i:])
			t.offset = i
			line = append(line, t)
			i += n
		case c == ';' && depth == 0:
			flush()
			i++
		default:
			switch c {
			case '(', '[', '{':
				depth++
			case ')', ']', '}':
				depth = max(0, depth-1)
			}
			line = append(line, pyToken{kind: c, text: string(c), offset: i})
			i++
		}
	}
	flush()
	return out
}

// pyWhole tells whether code ends where its last statement does, so that other code
// may stand behind it.
func pyWhole(source string) bool {
	depth := 0
	for _, s := range pyStatements(source) {
		for _, t := range s {
			switch t.kind {
			case '(', '[', '{':
				depth++
			case ')', ']', '}':
				depth--
			}
			if t.open || depth < 0 {
				return false
			}
		}
	}
	return depth == 0 && !strings.HasSuffix(strings.TrimRight(source, "\r\n"), "\\")
}

func pyNameByte(c byte) bool {
	return c == '_' || c >= utf8.RuneSelf || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func pyUntil(source, end string) int {
	if n := strings.Index(source, end); n >= 0 {
		return n
	}
	return len(source)
}

// pyWord reads a name, a number or a string with its prefix.
func pyWord(source string) (t pyToken, length int) {
	n := 0
	for n < len(source) && pyNameByte(source[n]) {
		n++
	}
	prefix := strings.ToLower(source[:n])
	if n == len(source) || source[n] != '"' && source[n] != '\'' || n > 2 || strings.Trim(prefix, "rbfu") != "" {
		kind := byte('n')
		if source[0] >= '0' && source[0] <= '9' {
			kind = '0'
		}
		return pyToken{kind: kind, text: source[:n]}, max(n, 1)
	}
	quote := source[n : n+1]
	if long := strings.Repeat(quote, 3); strings.HasPrefix(source[n:], long) {
		quote = long
	}
	start := n + len(quote)
	end := start
	t = pyToken{kind: 's', format: strings.Contains(prefix, "f")}
	raw := strings.Contains(prefix, "r")
	for end < len(source) && !strings.HasPrefix(source[end:], quote) {
		if source[end] == '\\' {
			t.escape = !raw
			end++
		}
		end++
	}
	t.open = end >= len(source)
	end = min(end, len(source))
	t.text = source[start:end]
	return t, min(end+len(quote), len(source))
}

// pyEscapes are the escapes of Python that stand for one character each. A line that
// is carried on stands for none.
// Source: https://docs.python.org/3/reference/lexical_analysis.html#escape-sequences
var pyEscapes = map[byte]string{'\n': "", '\\': "\\", '\'': "'", '"': `"`, 'a': "\a", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v"}

// pyUnescaped is the text of a string's body; ok is false where a character is
// written by its number or its name. A backslash before any other character stays.
func pyUnescaped(body string) (text string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' || i+1 == len(body) {
			b.WriteByte(body[i])
			continue
		}
		i++
		if c := body[i]; c == 'x' || c == 'u' || c == 'U' || c == 'N' || c >= '0' && c <= '7' || c == '\r' {
			return "", false
		}
		if one, known := pyEscapes[body[i]]; known {
			b.WriteString(one)
		} else {
			b.WriteString(body[i-1 : i+1])
		}
	}
	return b.String(), true
}

// pySplit cuts tokens at a separator that stands outside brackets.
func pySplit(tokens []pyToken, separator byte) [][]pyToken {
	var out [][]pyToken
	depth, start := 0, 0
	for i, t := range tokens {
		switch t.kind {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case separator:
			if depth == 0 {
				out = append(out, tokens[start:i])
				start = i + 1
			}
		}
	}
	if start < len(tokens) {
		out = append(out, tokens[start:])
	}
	return out
}

// pyClose returns the index of the bracket that closes the one at the start,
// or -1.
func pyClose(tokens []pyToken) int {
	depth := 0
	for i, t := range tokens {
		switch t.kind {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// pyIs tells whether tokens begin with these words: names and characters.
func pyIs(tokens []pyToken, words ...string) bool {
	if len(tokens) < len(words) {
		return false
	}
	for i, w := range words {
		if tokens[i].kind == 's' || tokens[i].text != w {
			return false
		}
	}
	return true
}

// pyHoled are the tokens of a statement and those of each expression in its
// f-strings, at their places in the source.
func pyHoled(source string, s []pyToken) [][]pyToken {
	out := [][]pyToken{s}
	for _, t := range s {
		if t.kind != 's' || !t.format {
			continue
		}
		at := t.offset + pyUntilQuote(source[t.offset:])
		for i, part := range strings.Split(t.text, "{") {
			if inner, _, _ := strings.Cut(part, "}"); i > 0 {
				out = append(out, pyInner(inner, at)...)
			}
			at += len(part) + 1
		}
	}
	return out
}

// pyUntilQuote is how far the body of a string is from the start of its prefix.
func pyUntilQuote(source string) int {
	n := strings.IndexAny(source, `"'`)
	if n < 0 {
		return 0
	}
	if quote := source[n : n+1]; strings.HasPrefix(source[n:], strings.Repeat(quote, 3)) {
		return n + 3
	}
	return n + 1
}

// pyDepth is how many brackets are open before an index.
func pyDepth(s []pyToken, i int) (depth int) {
	for _, t := range s[:i] {
		switch t.kind {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
	}
	return depth
}
