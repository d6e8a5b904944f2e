package change

import (
	"regexp"
	"strings"
)

// maxCode bounds the code that is looked through for files that it writes: what is
// longer is a bundle.
const maxCode = 64 << 10

// The calls of JavaScript and of Python that write a file, by its name or by the
// variable that holds it.
var (
	writingCall = regexp.MustCompile("(?i:write_?file|append_?file|outputFile|outputJson|writeJson)(?:Sync)?\\(\\s*(?:[\"'`]([\\w./-]+)[\"'`]|(\\w+))\\s*," +
		`|\bopen\(\s*(?:["']([\w./-]+)["']|(\w+))\s*,\s*(?:mode\s*=\s*)?["'](?:[wax]|r\+)` +
		`|\bPath\(\s*["']([\w./-]+)["']\s*\)\.(?:write_text|write_bytes|open\(\s*["'][wa])|\b(\w+)\.(?:write_text|write_bytes)\(` +
		`|(?i:\bFile\.write\(\s*["']([\w./-]+)["'])`)
	writes     = regexp.MustCompile(`(?i)write_?(?:file|text|bytes|json)|appendfile|output(?:file|json)|\bopen\(|File\.write`)
	textOfCode = regexp.MustCompile("\"[^\"\n]*\"|'[^'\n]*'|`[^`]*`")
)

// Writing is a file that code is seen to write, by its name, and what it does to it.
type Writing struct {
	Name string
	Edit Edit
}

// ByCode returns the files that code in JavaScript, Python or Ruby is seen to write by
// names which it spells. What it puts there is not known; where its texts speak of a
// version and of nothing that says where to go, nothing is said.
func ByCode(source string) []Writing {
	if len(source) > maxCode || !writes.MatchString(source) {
		return nil
	}
	var out []Writing
	for _, m := range writingCall.FindAllStringSubmatch(source, -1) {
		name := m[1] + m[3] + m[5] + m[7]
		if variable := m[2] + m[4] + m[6]; variable != "" {
			name = spelledIn(source, variable)
		}
		if name != "" {
			out = append(out, Writing{name, codeEdit(source, name)})
		}
	}
	return out
}

// spelledIn returns the name of a file that code gives a variable, "" for none.
func spelledIn(source, variable string) string {
	given := regexp.MustCompile(`\b` + variable + `\s*(?::\s*\w+\s*)?=\s*(?:[\w.]*\(\s*)?["']([\w./-]+)["']`)
	if m := given.FindStringSubmatch(source); m != nil {
		return m[1]
	}
	return ""
}

// codeEdit is what code does to a file.
func codeEdit(source, file string) Edit {
	var texts strings.Builder
	for _, text := range textOfCode.FindAllString(source, -1) {
		if !strings.Contains(text, file) {
			texts.WriteString(text + "\n")
		}
	}
	if said := texts.String(); versionEdit.MatchString(said) && !saying.MatchString(said) {
		return func(_, text string) (string, bool) { return text, true }
	}
	return unknownEdit
}
