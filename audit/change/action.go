package change

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// OfAction returns the changes that an action makes, by its inputs. Which files a
// pattern matches is not looked at: it stands for the folder before its first sign.
// at is as [Command.At].
func OfAction(name string, inputs map[string]value.Value, at func(value.Value) (string, bool)) []Change {
	info, ok := rules.ChangesFiles(name)
	if !ok {
		return nil
	}
	files, given := inputs[info.Files]
	if !given || len(files) == 0 {
		files = value.Text(info.Unset)
	}
	c := Change{Kind: Replaced, By: "uses: " + name}
	switch info.Does {
	case rules.FilesWritten:
		if c.Kind, c.Content = Written, inputs[info.To]; len(inputs["write-mode"]) > 0 && inputs["write-mode"].LiteralOr("") == "append" {
			c.Kind = Added
		}
	case rules.FilesEdited:
		c.Kind, c.Edit = Edited, actionEdit(info, inputs)
	}
	var out []Change
	for _, v := range files.Alternatives() {
		masked := v.Mask()
		for _, word := range strings.FieldsFunc(masked.Text, func(r rune) bool { return r == '\n' || r == ',' }) {
			word = strings.Trim(strings.TrimSpace(word), `"'`)
			one := c
			pattern := strings.IndexAny(word, "*?[{")
			if pattern >= 0 {
				word = path.Dir(word[:pattern] + "x")
				one.Perhaps = true
			}
			name, ok := at(masked.Table.Value(word))
			if !ok || word == "" || strings.HasPrefix(word, "!") {
				continue
			}
			if one.Path = name; pattern >= 0 || info.Does == rules.FilesPut {
				one.Path = folderPath(name)
			}
			if one.Path == "" && one.Kind == Replaced {
				continue
			}
			out = append(out, one)
			if info.Does == rules.FilesPut && one.Path != name {
				one.Path = name // a cache may be of one file
				out = append(out, one)
			}
		}
	}
	return out
}

// actionEdit is what an action does to the text of a file.
func actionEdit(info rules.ActionFiles, inputs map[string]value.Value) Edit {
	if info.From != "" {
		const mark = "\x01"
		script := value.Concat(value.Text("s"+mark), inputs[info.From], value.Text(mark), inputs[info.To], value.Text(mark+"g"))
		return editOf([]value.Value{script}, syntax{perl: true})
	}
	var said []string
	for name, v := range inputs {
		if name != info.Files && !v.HoldsCredential() {
			said = append(said, v.String())
		}
	}
	if len(said) == 0 {
		return unknownEdit
	}
	slices.Sort(said)
	return setsKeys(nil, false, strings.Join(said, "\n"))
}
