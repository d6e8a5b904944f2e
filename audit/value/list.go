package value

import (
	"encoding/json"
	"strings"
)

// List is a list of texts as arguments have it: with commas between them, or,
// where one has a comma of its own, as JSON. Where such a list cannot be written
// down, for an element is not known, it is unknown.
func List(items ...Value) Value {
	var texts []string
	var out Value
	commas := false
	for i, v := range items {
		if i > 0 {
			out = Concat(out, Text(","))
		}
		out = Concat(out, v)
		text, known := v.Literal()
		if known {
			texts = append(texts, text)
		}
		commas = commas || strings.ContainsAny(text, ",\n")
	}
	switch {
	case !commas:
		return out
	case len(texts) < len(items):
		return Unknown("a list")
	}
	encoded, err := json.Marshal(texts)
	if err != nil {
		return Unknown("a list")
	}
	return Text(string(encoded))
}

// Items are the elements of a list as [List], actions and commands have it: a line
// or what stands between two commas for each, or a list in JSON. None is empty.
func Items(list string) []string {
	text, around := strings.TrimSpace(list), "\r\t "
	var items []string
	if strings.HasPrefix(text, "[") && json.Unmarshal([]byte(text), &items) == nil {
		around = ""
	} else {
		if strings.HasPrefix(text, "[\"") || strings.HasPrefix(text, "['") {
			text, around = strings.Trim(text, "[]"), around+`"'`
		}
		items = strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' })
	}
	var out []string
	for _, item := range items {
		if item = strings.Trim(item, around); item != "" {
			out = append(out, item)
		}
	}
	return out
}
