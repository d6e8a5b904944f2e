package change

import (
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// parseSed reads a script. ok is false where a part of it is not understood.
func parseSed(script string, s syntax) (out []*sedCommand, ok bool) {
	rest := strings.TrimLeft(script, " \t\n;")
	for rest != "" {
		c := &sedCommand{syntax: s}
		if rest, ok = c.parse(rest); !ok {
			return nil, false
		}
		out = append(out, c)
		rest = strings.TrimLeft(rest, " \t\n;")
	}
	return out, len(out) > 0
}

// parse reads one command, and returns what stands behind it.
func (c *sedCommand) parse(rest string) (string, bool) {
	if !c.syntax.perl {
		var ok bool
		if rest, ok = c.parseAddress(rest); !ok || rest == "" {
			return "", false
		}
	}
	c.does = rest[0]
	switch c.does {
	case 's':
		return c.parseSubstitution(rest[1:])
	case 'd':
		return rest[1:], len(rest) == 1 || strings.ContainsAny(rest[1:2], " ;\n}")
	case 'a', 'i', 'c':
		line, rest, _ := strings.Cut(rest[1:], "\n")
		if strings.TrimSpace(line) == `\` {
			line, rest, _ = strings.Cut(rest, "\n")
		}
		c.text = strings.TrimPrefix(strings.TrimLeft(line, " \t"), `\`)
		return rest, !strings.HasSuffix(line, `\`) && !c.syntax.perl
	}
	return "", false
}

// parseAddress reads what chooses the lines of a command: a number, the last line, a
// pattern. Ranges are not understood.
func (c *sedCommand) parseAddress(rest string) (string, bool) {
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	switch {
	case digits > 0:
		c.number, _ = strconv.Atoi(rest[:digits])
		rest = rest[digits:]
	case strings.HasPrefix(rest, "$"):
		c.number, rest = -1, rest[1:]
	case strings.HasPrefix(rest, "/"):
		raw, after, ok := delimited(rest[1:], '/')
		if !ok {
			return "", false
		}
		var err error
		if c.address, err = c.syntax.compile(raw, false); err != nil {
			return "", false
		}
		rest = after
	}
	rest = strings.TrimLeft(rest, " ")
	if strings.HasPrefix(rest, "!") {
		c.not, rest = true, strings.TrimLeft(rest[1:], " ")
	}
	return rest, !strings.HasPrefix(rest, ",")
}

// parseSubstitution reads s/pattern/text/flags behind the s.
func (c *sedCommand) parseSubstitution(rest string) (string, bool) {
	if rest == "" {
		return "", false
	}
	mark := rune(rest[0])
	if mark >= 0x80 || mark == '\\' || mark == '\n' {
		return "", false
	}
	closing := mark
	if c.syntax.perl {
		if to := strings.IndexRune("{}()[]<>", mark); to >= 0 {
			closing = rune("{}()[]<>"[to|1])
		}
	}
	pattern, rest, ok := delimited(rest[1:], closing)
	if closing != mark && ok {
		if rest = strings.TrimLeft(rest, " "); !strings.HasPrefix(rest, string(mark)) {
			return "", false
		}
		rest = rest[1:]
	}
	text, rest, closed := delimited(rest, closing)
	if !ok || !closed {
		return "", false
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return strings.ContainsRune(" ;\n}", r) })
	if end < 0 {
		end = len(rest)
	}
	flags := rest[:end]
	if strings.Trim(flags, "gimsxIMp") != "" {
		return "", false
	}
	c.all, c.raw = strings.Contains(flags, "g"), pattern
	c.text = c.syntax.replacement(text)
	if value.HasPlaceholder(pattern) {
		c.unclear = true
		return rest[end:], true
	}
	var err error
	c.pattern, err = c.syntax.compile(pattern, strings.ContainsAny(flags, "iI"))
	return rest[end:], err == nil
}

// delimited cuts a text at the first mark that no backslash stands before. Before
// others the backslash stays.
func delimited(s string, mark rune) (before, after string, ok bool) {
	var out strings.Builder
	escaped := false
	for n, r := range s {
		switch {
		case escaped:
			if r != mark {
				out.WriteByte('\\')
			} else if strings.ContainsRune(`.*[]^$+?(){}|`, r) {
				out.WriteByte('\\')
			}
			out.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == mark:
			return out.String(), s[n+len(string(r)):], true
		default:
			out.WriteRune(r)
		}
	}
	return "", "", false
}
