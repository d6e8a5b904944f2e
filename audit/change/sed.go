package change

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// sedFlags are the flags of sed that take a value of their own.
var sedFlags = []string{"-e", "--expression", "-f", "--file", "-l", "--line-length"}

// sedCall takes the words of a call of sed apart: its scripts, and the files.
func sedCall(words []value.Value) (scripts, files []value.Value, extended, foreign bool) {
	var operands []value.Value
	given := false
	for n := 0; n < len(words); n++ {
		masked := words[n].Mask()
		flag, rest, joined := strings.Cut(masked.Text, "=")
		switch {
		case flag == "-e" || flag == "--expression" && !joined || isCluster(flag) && strings.HasSuffix(flag, "e") && !strings.HasPrefix(flag, "-i"):
			extended = extended || isCluster(flag) && strings.ContainsAny(flag, "Er")
			if n++; n < len(words) {
				scripts, given = append(scripts, words[n]), true
			}
		case flag == "--expression":
			scripts, given = append(scripts, masked.Table.Value(rest)), true
		case flag == "-f" || flag == "--file":
			n++
			foreign, given = true, true
		case slices.Contains(sedFlags, flag) && !joined:
			n++
		case flag == "--regexp-extended":
			extended = true
		case masked.Text == "":
			// The suffix of BSD's -i.
		case len(flag) > 1 && flag[0] == '-':
			extended = extended || isCluster(flag) && strings.ContainsAny(strings.SplitN(flag, "i", 2)[0], "Er")
		default:
			operands = append(operands, words[n])
		}
	}
	if !given && len(operands) > 0 {
		scripts, operands = operands[:1], operands[1:]
	}
	return scripts, operands, extended, foreign
}

// isCluster tells whether a word is flags of one letter each.
func isCluster(word string) bool {
	return len(word) > 1 && word[0] == '-' && word[1] != '-'
}

// sedOf is the edit that words of sed make, without those of its files.
func sedOf(words []value.Value, perl bool) Edit {
	scripts, _, extended, foreign := sedCall(words)
	if foreign {
		return unknownEdit
	}
	return editOf(scripts, syntax{extended: extended, perl: perl})
}

// unknownEdit is one of which nothing is known.
func unknownEdit(name, text string) (string, bool) { return text, !says(name, text) }

// syntax is the language of the patterns of a script.
type syntax struct{ extended, perl bool }

// editOf is the edit of one script after another.
func editOf(scripts []value.Value, s syntax) Edit {
	var edits []Edit
	for _, script := range scripts {
		var ways []Edit
		for _, one := range script.Alternatives() {
			ways = append(ways, s.script(one))
		}
		edits = append(edits, oneOf(ways))
	}
	return inTurn(edits)
}

// inTurn is one edit after another.
func inTurn(edits []Edit) Edit {
	return func(name, text string) (string, bool) {
		for _, edit := range edits {
			var known bool
			if text, known = edit(name, text); !known {
				return text, false
			}
		}
		return text, true
	}
}

// oneOf is one of several edits, nobody knows which.
func oneOf(ways []Edit) Edit {
	if len(ways) == 1 {
		return ways[0]
	}
	return func(name, text string) (string, bool) {
		first := text
		for n, way := range ways {
			changed, known := way(name, text)
			if !known || n > 0 && !Alike(name, first, changed) {
				return text, false
			}
			if n == 0 {
				first = changed
			}
		}
		return first, true
	}
}

// script is the edit of one script.
func (s syntax) script(v value.Value) Edit {
	masked := v.Mask()
	commands, ok := parseSed(masked.Text, s)
	if !ok {
		spoken := v.String()
		return func(name, text string) (string, bool) {
			return text, !says(name, text) || versionEdit.MatchString(spoken) && !saying.MatchString(spoken)
		}
	}
	edits := make([]Edit, len(commands))
	for n, c := range commands {
		c.table = masked.Table
		edits[n] = c.edit
	}
	return inTurn(edits)
}

// versionEdit matches an edit that is not understood and by its words changes no
// more than a version, a date or a number.
var versionEdit = regexp.MustCompile(`(?i)versi|date|sha\d*|hash|\d+\\?\.\d+`)

// sedCommand is one command of a script of sed.
type sedCommand struct {
	// address chooses lines, nil for all; number is the one line, 0 for none, -1 for
	// the last.
	address *regexp.Regexp
	number  int
	not     bool
	// does is s, d, a, i or c.
	does    byte
	pattern *regexp.Regexp
	// unclear says that the pattern is only known when it runs; raw is as it stands.
	unclear bool
	raw     string
	text    string
	all     bool
	table   *value.Table
	syntax  syntax
}

// applies tells whether the command is for a line.
func (c *sedCommand) applies(n, of int, line string) bool {
	yes := true
	switch {
	case c.number == -1:
		yes = n == of
	case c.number > 0:
		yes = n == c.number
	case c.address != nil:
		yes = c.address.MatchString(line)
	}
	return yes != c.not
}

// edit is the command as an [Edit].
func (c *sedCommand) edit(name, text string) (string, bool) {
	if c.unclear {
		return text, c.harmless() || !says(name, text)
	}
	hidden := slices.ContainsFunc(c.table.Value(c.text), func(p value.Part) bool { return p.Unknown != "" || p.OneOf != nil })
	if hidden && saying.MatchString(c.table.Value(c.text).String()) && c.does != 's' {
		return text, false
	}
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	var out strings.Builder
	for n, whole := range lines {
		line := strings.TrimRight(whole, "\n")
		if !c.applies(n+1, len(lines), line) {
			out.WriteString(whole)
			continue
		}
		changed := c.changed(line)
		if changed != line && hidden {
			if lineSays(name, line) || saying.MatchString(plain(c.text)) {
				return text, false
			}
			changed = line
		}
		changed = c.table.Value(changed).String()
		if changed == "" && c.does == 'd' {
			continue
		}
		out.WriteString(changed + whole[len(line):])
	}
	return out.String(), true
}

// changed is a line after the command.
func (c *sedCommand) changed(line string) string {
	switch c.does {
	case 'd':
		return ""
	case 'a':
		return line + "\n" + c.text
	case 'i':
		return c.text + "\n" + line
	case 'c':
		return c.text
	}
	if c.all {
		return c.pattern.ReplaceAllString(line, c.text)
	}
	at := c.pattern.FindStringSubmatchIndex(line)
	if at == nil {
		return line
	}
	return line[:at[0]] + string(c.pattern.ExpandString(nil, c.text, line, at)) + line[at[1]:]
}

// plain is a text without its placeholders.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if value.HasPlaceholder(string(r)) {
			return -1
		}
		return r
	}, text)
}

// harmless tells whether a command whose pattern is only known when it runs changes
// no more than a version, by the names of what is not known in it. It is wrong where
// a variable of such a name holds something else.
func (c *sedCommand) harmless() bool {
	for _, text := range []string{c.raw, c.text} {
		v := c.table.Value(text)
		for _, p := range v {
			switch {
			case p.Text != "" && saying.MatchString(p.Text):
				return false
			case p.Unknown != "" && !versionName.MatchString(p.Unknown), p.OneOf != nil:
				return false
			}
		}
	}
	return true
}

// versionName matches the sources of what holds a version, a date, a digest or a number.
var versionName = regexp.MustCompile(`(?i)version|ver\b|_v\b|tag\b|date|time|sha\d*\b|hash|digest|checksum|number|count|^\$\{?(?:old|new|next|prev(?:ious)?|current|latest|last)\}?$`)

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
