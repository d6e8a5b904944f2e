package shell

import (
	"errors"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// broken reports why a script does not parse, and reads what follows offset
// rest by its lines: each as a script of its own, or else as words parted
// by white space. What a line depends on is lost, so that all is guarded.
func (i *interp) broken(rest int, err error) {
	offset, message := rest, err.Error()
	var parsing syntax.ParseError
	if errors.As(err, &parsing) {
		offset, message = int(parsing.Pos.Offset()), parsing.Text
	}
	var variant syntax.LangError
	if errors.As(err, &variant) {
		offset = int(variant.Pos.Offset())
	}
	i.problem(min(offset, len(i.text.source)), "the script does not parse: "+message)
	i.opens()
	i.res.Opens = i.res.Opens || strings.Contains(i.text.source, "GITHUB_ENV")
	i.guarded(func() {
		for start, line := range logicalLines(i.text.source, rest) {
			if !i.step(start) {
				return
			}
			i.brokenLine(line, start)
		}
	})
}

// looksLikePowerShell tells whether a script that is no bash is PowerShell:
// on Windows runners that is the default, and which runner a job has is not
// always known.
func looksLikePowerShell(source string) bool {
	marks := []string{
		"$env:", "Write-Host", "Write-Output", " -ne \"", " -eq \"", "Get-", "Set-", "Invoke-", "Select-",
		"ConvertFrom-", "`\n",
	}
	for _, mark := range marks {
		if strings.Contains(source, mark) {
			return true
		}
	}
	first := strings.TrimSpace(source)
	return strings.HasPrefix(first, "& \"") || strings.HasPrefix(first, "$") && strings.Contains(first[:min(len(first), 60)], " = ")
}

// logicalLines yields the lines of a script from an offset on, with their
// offsets; a backslash at a line's end joins the next one to it.
func logicalLines(source string, from int) func(func(int, string) bool) {
	return func(yield func(int, string) bool) {
		for start := min(from, len(source)); start < len(source); {
			end := start
			for {
				n := strings.IndexByte(source[end:], '\n')
				if n < 0 {
					end = len(source)
					break
				}
				end += n + 1
				if !strings.HasSuffix(strings.TrimSuffix(source[:end-1], "\r"), `\`) {
					break
				}
			}
			if !yield(start, source[start:end]) {
				return
			}
			start = end
		}
	}
}

// brokenLine reads one line of a script that does not parse.
func (i *interp) brokenLine(line string, start int) {
	// Spaces in place of what comes before keep the offsets true.
	if i.brokenText(line, start) {
		return
	}
	for piece := range strings.SplitSeq(line, ";") {
		trimmed := strings.TrimLeft(piece, " \t")
		trimmed = strings.TrimLeft(trimmed, ")} \t")
		for _, word := range []string{"then ", "else ", "do ", "if ", "elif ", "while ", "! ", "{ ", "( "} {
			trimmed = strings.TrimLeft(strings.TrimPrefix(trimmed, word), " \t")
		}
		at := start + len(piece) - len(trimmed)
		if trimmed = strings.TrimSpace(trimmed); trimmed != "" && !i.brokenText(trimmed, at) {
			i.rawWords(trimmed, at)
		}
		start += len(piece) + 1
	}
}

// brokenText reads a piece of the script if it parses by itself.
func (i *interp) brokenText(s string, start int) bool {
	stmts, _, err := i.parse(s)
	if err != nil {
		return false
	}
	outer := i.text
	t := *outer
	if !outer.inner {
		t = text{source: s, table: outer.table, shift: outer.shift + start}
	} else {
		t.source = s
	}
	i.text = &t
	i.stmts(stmts)
	i.text = outer
	return true
}

// rawWords reports a piece that nothing can be made of as a command of its
// words, so that a token in it is seen.
func (i *interp) rawWords(s string, start int) {
	if strings.HasPrefix(s, "#") || syntax.IsKeyword(s) || strings.Trim(s, "(){};&|\"'") == "" {
		return
	}
	c := &call{start: start, end: start + len(s)}
	for n, w := range strings.Fields(s) {
		if n == maxWords {
			break
		}
		c.args = append(c.args, i.rawWord(strings.Trim(w, `"'`)))
	}
	i.emit(c)
}

// rawWord replaces the variables in a word that is not parsed.
func (i *interp) rawWord(s string) value.Value {
	var out []value.Value
	for {
		n := strings.IndexByte(s, '$')
		if n < 0 || n+1 >= len(s) {
			break
		}
		out = append(out, i.text.table.Value(s[:n]))
		rest := strings.TrimPrefix(s[n+1:], "{")
		end := 0
		for end < len(rest) && syntax.ValidName(rest[:end+1]) {
			end++
		}
		if end == 0 {
			out = append(out, value.Text("$"))
			s = s[n+1:]
			continue
		}
		out = append(out, i.scalar(rest[:end]))
		s = rest[end:]
		if rest != "" && strings.HasPrefix(s, "}") {
			s = s[1:]
		}
	}
	return bounded(value.Concat(append(out, i.text.table.Value(s))...), "…")
}
