package change

import (
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/shell"

	"github.com/patrol-actions/patrol/audit/value"
)

// text returns what a job puts into a file as text. known is false where a line that
// says where to go is not all known; one that does not say it has the source of
// what is not known in it.
func (f *find) text(l *List, name string, content value.Value) (text string, known bool) {
	var out strings.Builder
	for _, p := range content {
		if p.Unknown == "" {
			out.WriteString(value.Value{p}.String())
			continue
		}
		if made, whole, ok := f.made(l, name, p.Unknown); whole {
			if !ok {
				return "", false
			}
			out.WriteString(made)
			continue
		}
		out.WriteString(hole)
		out.WriteString(p.Unknown)
		out.WriteString(hole)
	}
	lines := strings.SplitAfter(out.String(), "\n")
	for n, line := range lines {
		parts := strings.Split(line, hole)
		if len(parts) == 1 {
			continue
		}
		bare := ""
		for n, part := range parts {
			if n%2 == 0 {
				bare += part
			}
		}
		if strings.Trim(bare, " \t\r\n") == "" || lineSays(name, bare) && !keepsSecret.MatchString(parts[0]) {
			return "", false
		}
		lines[n] = strings.Join(parts, "")
	}
	return strings.Join(lines, ""), true
}

// hole stands around what is not known of a line.
const hole = "\x00"

// keepsSecret matches the beginning of a line that keeps a secret: which one tells
// nothing of where to go.
var keepsSecret = regexp.MustCompile(`(?i)(?:token|password|passwd|secret|_auth|key)["']?\s*[=:]\s*["']?$`)

// made returns the text that a program prints whose call is the source of what is not
// known. whole is false where the source is none that makes all of a file.
func (f *find) made(l *List, name, source string) (text string, whole, ok bool) {
	inner, call := strings.CutPrefix(source, "$(")
	inner, closed := strings.CutSuffix(inner, ")")
	if !call || !closed {
		return "", false, false
	}
	var input string
	if command, from, redirected := cutLast(inner, "<"); redirected && !strings.Contains(from, "'") {
		inner, input = command, strings.Trim(strings.TrimSpace(from), `"'`)
	}
	words, err := shell.Fields(inner, func(name string) string { return "$" + name })
	if err != nil {
		return "", false, false
	}
	if len(words) == 0 {
		words = []string{"cat"}
	}
	if input != "" {
		words = append(words, input)
	}
	switch words[0] {
	case "cat":
		for _, w := range words[1:] {
			file := f.file(l.before, w)
			if !file.There || file.By != "" || !f.makes(file.Text) {
				return "", true, false
			}
			text += file.Text
		}
		return text, true, len(words) > 1
	case "jq", "yq", "sed", "gsed", "envsubst":
	default:
		return "", false, false
	}
	if len(words) < 2 {
		return "", true, false
	}
	file := f.file(l.before, words[len(words)-1])
	edit := printed(words[:len(words)-1])
	if !file.There || file.By != "" || edit == nil {
		return "", true, false
	}
	text, ok = edit(name, file.Text)
	return text, true, ok
}

func cutLast(s, separator string) (before, after string, ok bool) {
	at := strings.LastIndex(s, separator)
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+len(separator):], true
}

// printed is the edit by which a program prints the file that it is given, nil for
// none that is known.
func printed(words []string) Edit {
	switch words[0] {
	case "sed", "gsed":
		return sedOf(plainWords(words[1:]), false)
	case "envsubst":
		return filledIn
	}
	return keyed(strings.Join(words[1:], " "))
}

func plainWords(words []string) []value.Value {
	out := make([]value.Value, len(words))
	for n, w := range words {
		out[n] = value.Text(w)
	}
	return out
}

// filledIn is envsubst: a line is another one where it names a variable.
func filledIn(name, text string) (string, bool) {
	for line := range strings.Lines(text) {
		if strings.Contains(line, "$") && lineSays(name, line) {
			return text, false
		}
	}
	return text, true
}
