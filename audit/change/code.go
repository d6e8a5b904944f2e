package change

import (
	"regexp"
	"strings"
)

// maxCode bounds the code that is looked through for files that it writes: what is
// longer is a bundle.
const maxCode = 64 << 10

// maxWritings bounds the files that one program is seen to write.
const maxWritings = 100

// The calls of JavaScript and of Python that write a file, by its name or by the
// variable that holds it.
var (
	writingCall = regexp.MustCompile("(?i:write_?file|append_?file|outputFile|outputJson|writeJson)(?:Sync)?\\(\\s*(?:[\"'`]([\\w./-]+)[\"'`]|(\\w+))\\s*," +
		`|\bopen\(\s*(?:["']([\w./-]+)["']|(\w+))\s*,\s*(?:mode\s*=\s*)?["'](?:[wax]|r\+)` +
		`|\bPath\(\s*["']([\w./-]+)["']\s*\)\.(?:write_text|write_bytes|open\(\s*["'][wa])|\b(\w+)\.(?:write_text|write_bytes)\(` +
		`|(?i:\bFile\.write\(\s*["']([\w./-]+)["'])`)
	writes     = regexp.MustCompile(`(?i)write_?(?:file|text|bytes|json)|appendfile|output(?:file|json)|\bopen\(|File\.write`)
	givenName  = regexp.MustCompile(`\b(\w+)\s*(?::\s*\w+\s*)?=\s*(?:[\w.]*\(\s*)?["']([\w./-]+)["']`)
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
	names := map[string]string{} // of files, by the variables that hold them
	for _, m := range givenName.FindAllStringSubmatch(source, -1) {
		if names[m[1]] == "" {
			names[m[1]] = m[2]
		}
	}
	texts := textOfCode.FindAllString(source, -1)
	written := map[string]bool{}
	var out []Writing
	for _, m := range writingCall.FindAllStringSubmatch(source, -1) {
		name := m[1] + m[3] + m[5] + m[7] + names[m[2]+m[4]+m[6]]
		if name == "" || written[name] || len(out) == maxWritings {
			continue
		}
		written[name] = true
		out = append(out, Writing{name, codeEdit(texts, name)})
	}
	return out
}

// codeEdit is what code that has some texts in it does to a file.
func codeEdit(texts []string, file string) Edit {
	var others strings.Builder
	for _, text := range texts {
		if !strings.Contains(text, file) {
			others.WriteString(text + "\n")
		}
	}
	if said := others.String(); versionEdit.MatchString(said) && !saying.MatchString(said) {
		return func(_, text string) (string, bool) { return text, true }
	}
	return unknownEdit
}
