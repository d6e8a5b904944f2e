package shell

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// batch reads a script of cmd.exe: lines, set, cd, %X%, & and |. Blocks and
// conditions are read as far as the commands in them can be seen.
func (i *interp) batch() {
	i.batchLines()
	i.finish()
}

// innerBatch reads a text that the script hands to cmd.
func (i *interp) innerBatch(v value.Value, c *call) {
	i.child(c, func() { i.innerText(v, c, i.batchLines) })
}

func (i *interp) batchLines() {
	i.opens() // what it sets is not read to its end
	source := i.text.source
	for start := 0; start < len(source); {
		end := start
		for {
			n := strings.IndexByte(source[end:], '\n')
			if n < 0 {
				end = len(source)
				break
			}
			end += n + 1
			if !strings.HasSuffix(strings.TrimRight(source[start:end], "\r\n"), "^") {
				break
			}
		}
		i.batchLine(start, end)
		start = end
	}
}

// batchLine reads the commands of a line, parted by & and |.
func (i *interp) batchLine(start, end int) {
	line := i.text.source[start:end]
	trimmed := strings.TrimLeft(line, " \t@(")
	lower := strings.ToLower(trimmed)
	if strings.HasPrefix(lower, "rem ") || strings.HasPrefix(lower, ":") {
		return
	}
	at, quoted := 0, false
	for n := 0; n <= len(line); n++ {
		if n < len(line) {
			switch c := line[n]; {
			case c == '"':
				quoted = !quoted
				continue
			case c == '^':
				n++
				continue
			case quoted || c != '&' && c != '|':
				continue
			}
		}
		i.batchCommand(start+at, start+n)
		at = n + 1
	}
}

// batchPrefixes are words that stand before a command.
var batchPrefixes = map[string]bool{"call": true, "else": true, "do": true, "not": true}

// batchCommand reads one command.
func (i *interp) batchCommand(start, end int) {
	if !i.step(start) {
		return
	}
	source := i.text.source[start:end]
	lead := len(source) - len(strings.TrimLeft(source, " \t\r\n@("))
	start += lead
	source = strings.TrimRight(source[lead:], " \t\r\n)")
	guarded := false
	for {
		word, rest, ok := strings.Cut(source, " ")
		switch w := strings.ToLower(word); {
		case ok && batchPrefixes[w]:
		case ok && w == "if":
			// if exist X command, if A==B command
			guarded = true
			condition, after, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
			if c := strings.ToLower(condition); c == "exist" || c == "defined" || c == "errorlevel" || c == "not" {
				_, after, _ = strings.Cut(strings.TrimLeft(after, " "), " ")
			}
			rest = after
		default:
			if source != "" {
				i.batchSimple(source, start, guarded)
			}
			return
		}
		trimmed := strings.TrimLeft(rest, " \t(")
		start += len(source) - len(trimmed)
		source = trimmed
	}
}

// batchSimple runs a command of words.
func (i *interp) batchSimple(source string, start int, guarded bool) {
	if guarded {
		i.guard++
		defer func() { i.guard-- }()
	}
	if rest, ok := cutPrefixFold(source, "set "); ok {
		rest = strings.Trim(strings.TrimSpace(rest), `"`)
		if name, v, ok := strings.Cut(rest, "="); ok && !strings.HasPrefix(name, "/") {
			i.st.set(strings.TrimSpace(name), variable{value: i.percent(v), exported: true})
		}
		return
	}
	c := &call{start: start, end: start + len(source)}
	body, file, add := batchRedirect(source)
	if file != "" {
		c.output = []Redirect{{Path: i.percent(strings.Trim(file, `"`)), Append: add}}
	}
	if rest, ok := cutPrefixFold(body, "echo"); ok && (rest == "" || strings.IndexByte(" .:", rest[0]) >= 0) {
		v := value.Concat(i.percent(strings.TrimLeft(rest, " .:")), value.Text("\n"))
		c.args = []value.Value{value.Text("echo"), trimNewline(v)}
		i.emit(c)
		if len(c.output) == 0 {
			i.log(v)
			return
		}
		i.write(slashes(c.output[0].Path), v, add)
		return
	}
	c.args = i.batchWords(body)
	if len(c.args) == 0 {
		return
	}
	switch strings.ToLower(c.args[0].LiteralOr("")) {
	case "cd", "chdir", "pushd":
		if words := c.args[1:]; len(words) > 0 {
			i.st.dir = Join(i.st.dir, slashes(words[len(words)-1]))
		}
	case "setlocal", "endlocal", "exit", "goto", "title", "popd":
	default:
		i.emit(c)
	}
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// batchRedirect parts a command from > file.
func batchRedirect(s string) (body, file string, add bool) {
	quoted := false
	for n := 0; n < len(s); n++ {
		switch {
		case s[n] == '"':
			quoted = !quoted
		case s[n] == '^':
			n++
		case s[n] == '>' && !quoted:
			rest := strings.TrimPrefix(s[n+1:], ">")
			add = len(rest) < len(s)-n-1
			body = s[:n]
			rest = strings.TrimSpace(rest)
			if strings.HasSuffix(body, "2") || strings.HasPrefix(rest, "&") {
				return strings.TrimSuffix(body, "2"), "", false
			}
			file, _, _ = strings.Cut(rest, " ")
			if strings.EqualFold(file, "nul") {
				file = ""
			}
			return strings.TrimSpace(body), file, add
		}
	}
	return s, "", false
}

// batchWords parts words at white space outside quotes.
func (i *interp) batchWords(s string) []value.Value {
	var out []value.Value
	var b strings.Builder
	quoted, open := false, false
	end := func() {
		if open && len(out) < maxWords {
			out = append(out, i.percent(b.String()))
		}
		b.Reset()
		open = false
	}
	for n := 0; n < len(s); n++ {
		switch c := s[n]; {
		case c == '"':
			quoted, open = !quoted, true
		case c == '^' && !quoted && n+1 < len(s):
			if n++; s[n] != '\n' && s[n] != '\r' {
				b.WriteByte(s[n])
				open = true
			}
		case !quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
			end()
		default:
			b.WriteByte(c)
			open = true
		}
	}
	end()
	return out
}

// percent replaces %X% by variables.
func (i *interp) percent(s string) value.Value {
	var out []value.Value
	for {
		open := strings.IndexByte(s, '%')
		if open < 0 {
			break
		}
		length := strings.IndexByte(s[open+1:], '%')
		if length <= 0 || strings.ContainsAny(s[open+1:open+1+length], " \t") {
			out = append(out, i.text.table.Value(s[:open+1]))
			s = s[open+1:]
			continue
		}
		name := s[open+1 : open+1+length]
		out = append(out, i.text.table.Value(s[:open]))
		if v, ok := i.st.lookup(name); ok {
			out = append(out, v.value)
		} else if v, ok := i.st.env.LookupFold(name); ok {
			out = append(out, v)
		} else {
			out = append(out, value.Unknown("%"+name+"%"))
		}
		s = s[open+length+2:]
	}
	return bounded(value.Concat(append(out, i.text.table.Value(s))...), "…")
}
