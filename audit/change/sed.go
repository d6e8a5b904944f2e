package change

import (
	"regexp"
	"slices"
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
			if text, known = edit(name, text); !known || len(text) > maxText {
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
		if out.Len() > maxText || (len(line)+1)*(len(c.text)+1) > 8*maxText {
			return text, false // a script that makes a text grow without end
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
