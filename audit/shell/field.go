package shell

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit/value"
)

// fieldPath matches a program of jq, or of yq, that picks one field.
var fieldPath = regexp.MustCompile(`^(?:\.[A-Za-z_][\w-]*|\.?\["[^"\\]+"\])+$`)

// fieldKey matches one key of it.
var fieldKey = regexp.MustCompile(`\.([A-Za-z_][\w-]*)|\["([^"\\]+)"\]`)

// likeVersion matches what the next release has another text for: it says nothing of
// what stands there when the script runs.
var likeVersion = regexp.MustCompile(`\d+\.\d+|^v?\d`)

// maxFieldFile bounds the files of which a field is looked up.
const maxFieldFile = 1 << 18

// fieldOf returns the text of one field of a file of the checkout, in JSON or YAML,
// that a program picks: behind the program, or in what it reads. Texts that change with
// each version are not known, nor is what is no text.
func (i *interp) fieldOf(args []value.Value) (v value.Value, ok bool) {
	program, named := args[0].LiteralOr(""), args[1:]
	file := value.Value(nil)
	switch len(named) {
	case 1:
		file = named[0]
	case 0:
		if i.in == nil {
			return nil, false
		}
		name, read := FileOf(i.in.value)
		if !read {
			return nil, false
		}
		file = value.Text(name)
	default:
		return nil, false
	}
	if !fieldPath.MatchString(program) {
		return nil, false
	}
	if _, written := i.file(file); written {
		return nil, false
	}
	source, there := i.readNow(file)
	if !there || len(source) > maxFieldFile {
		return nil, false
	}
	var at any
	if yaml.Unmarshal([]byte(source), &at) != nil {
		return nil, false
	}
	for _, key := range fieldKey.FindAllStringSubmatch(program, -1) {
		fields, is := at.(map[string]any)
		if !is {
			return nil, false
		}
		at = fields[key[1]+key[2]]
	}
	text, is := at.(string)
	if !is || text == "" || strings.Contains(text, "\n") || likeVersion.MatchString(text) {
		return nil, false
	}
	return value.Text(text + "\n"), true
}

// yq prints one field of a file, or is a filter.
func yq(i *interp, c *call) {
	args := slices.DeleteFunc(slices.Clone(c.args[1:]), func(v value.Value) bool {
		word := v.LiteralOr("")
		return slices.Contains(rawFlags, word) || word == "e" || word == "eval"
	})
	if len(args) > 0 {
		if v, ok := i.fieldOf(args); ok {
			i.prints(c, v)
			return
		}
	}
	filter(i, c)
}

// jqField takes one field out of a file, as a text without quotes.
func (i *interp) jqField(args []value.Value) (v value.Value, ok bool) {
	if len(args) < 2 || !slices.Contains(rawFlags, args[0].LiteralOr("")) {
		return nil, false
	}
	return i.fieldOf(args[1:])
}
