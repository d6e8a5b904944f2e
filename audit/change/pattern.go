package change

import (
	"regexp"
	"strings"
)

// compile translates a pattern into one of Go's.
func (s syntax) compile(pattern string, fold bool) (*regexp.Regexp, error) {
	if !s.perl {
		pattern = s.translate(pattern)
	}
	if fold {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err == nil && !s.perl {
		re.Longest()
	}
	return re, err
}

// translate rewrites a pattern of POSIX: in a basic one the signs for groups and
// numbers stand behind a backslash.
func (s syntax) translate(p string) string {
	var out strings.Builder
	for n := 0; n < len(p); n++ {
		c := p[n]
		switch {
		case c == '\\' && n+1 < len(p):
			n++
			switch e := p[n]; {
			case strings.IndexByte("(){}|+?", e) >= 0 && !s.extended:
				out.WriteByte(e)
			case e == '<' || e == '>':
				out.WriteString(`\b`)
			case e == '\'' || e == '`':
				out.WriteString(`\d{9999}`) // nothing that Go knows
			case e == '/' || e == '"' || e == '#' || e == '@' || e == '-' || e == '=' || e == ':' || e == ',' || e == ' ' || e == '!' || e == '%' || e == '&' || e == '~' || e == ';' || e == '_':
				out.WriteString(regexp.QuoteMeta(string(e)))
			default:
				out.WriteByte('\\')
				out.WriteByte(e)
			}
		case strings.IndexByte("(){}|+?", c) >= 0 && !s.extended:
			out.WriteByte('\\')
			out.WriteByte(c)
		case c == '*' && (n == 0 || !s.extended && strings.HasSuffix(p[:n], `\(`) || n == 1 && p[0] == '^'):
			out.WriteString(`\*`)
		case c == '[':
			end := bracketEnd(p, n)
			out.WriteString(set(p[n:end]))
			n = end - 1
		case c == '^' && n > 0 && !s.extended && !strings.HasSuffix(p[:n], `\(`) && !strings.HasSuffix(p[:n], `\|`):
			out.WriteString(`\^`)
		case c == '$' && n+1 < len(p) && !s.extended && !strings.HasPrefix(p[n+1:], `\)`) && !strings.HasPrefix(p[n+1:], `\|`):
			out.WriteString(`\$`)
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// set translates a set of characters, in which POSIX knows no backslash.
func set(p string) string {
	var out strings.Builder
	for n := 0; n < len(p); n++ {
		first, last := n == 1 || n == 2 && p[1] == '^', n+1 == len(p)
		switch {
		case n == 0 || last:
			out.WriteByte(p[n])
		case strings.HasPrefix(p[n:], "[:") && strings.Contains(p[n:], ":]"):
			end := n + strings.Index(p[n:], ":]") + 2
			out.WriteString(p[n:end])
			n = end - 1
		case p[n] == '\\' && strings.IndexByte("nt", p[n+1]) >= 0:
			out.WriteByte('\\')
		case p[n] == '[' || p[n] == '\\' || p[n] == ']' && first:
			out.WriteString("\\" + p[n:n+1])
		default:
			out.WriteByte(p[n])
		}
	}
	return out.String()
}

// bracketEnd is the end of the set of characters that begins in a pattern.
func bracketEnd(p string, from int) int {
	n := from + 1
	if n < len(p) && p[n] == '^' {
		n++
	}
	if n < len(p) && p[n] == ']' {
		n++
	}
	for ; n < len(p); n++ {
		if strings.HasPrefix(p[n:], "[:") {
			if end := strings.Index(p[n:], ":]"); end > 0 {
				n += end + 1
				continue
			}
		}
		if p[n] == ']' {
			return n + 1
		}
	}
	return len(p)
}

// replacement translates what is put in place of a match into Go's form.
func (s syntax) replacement(text string) string {
	var out strings.Builder
	for n := 0; n < len(text); n++ {
		c := text[n]
		switch {
		case c == '\\' && n+1 < len(text):
			n++
			switch e := text[n]; {
			case e >= '0' && e <= '9':
				out.WriteString("${" + string(e) + "}")
			case e == 'n':
				out.WriteByte('\n')
			case e == 't':
				out.WriteByte('\t')
			case e == '$':
				out.WriteString("$$")
			default:
				out.WriteByte(e)
			}
		case c == '&' && !s.perl:
			out.WriteString("${0}")
		case c == '$' && !s.perl:
			out.WriteString("$$")
		case c == '$' && n+1 < len(text) && text[n+1] >= '0' && text[n+1] <= '9':
			out.WriteString("${" + string(text[n+1]) + "}")
			n++
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}
