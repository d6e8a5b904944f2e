package change

import (
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
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

// ByCode returns the changes that code in JavaScript, Python or Ruby is seen to make: the
// files that it writes by names which it spells. What it puts there is not known; where
// its texts speak of a version and of nothing that says where to go, nothing is said.
// at is as [Command.At].
func ByCode(source string, at func(value.Value) (string, bool)) []Change {
	if len(source) > maxCode || !writes.MatchString(source) {
		return nil
	}
	var out []Change
	for _, m := range writingCall.FindAllStringSubmatch(source, -1) {
		name := m[1] + m[3] + m[5] + m[7]
		if variable := m[2] + m[4] + m[6]; variable != "" {
			name = spelledIn(source, variable)
		}
		if at, ok := at(value.Text(name)); ok && at != "" {
			out = append(out, Change{Kind: Edited, Path: at, Edit: codeEdit(source, name), By: "code that writes " + name})
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
