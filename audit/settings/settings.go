// Package settings reads the configuration files of programs: JSON, YAML and
// TOML, as they stand in a repository, literals that modules of JavaScript
// export, and what stands in YAML in front of a text in Markdown. What is computed
// is known to be there, and no more.
//
// It knows nothing of any program: package rules says which files a program
// takes, and which keys of them matter.
package settings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit/script"
)

// Tree is a program's configuration. The zero Tree is one of which nothing is
// known.
type Tree struct {
	// File is where it was found, "" where it was not.
	File string
	// root holds what was read: maps, lists, texts, numbers, truth values.
	root any
	// none says that all of its files are there, and none holds a section
	// for the program: it runs with its defaults.
	none bool
	// opaque says that there is a file which cannot be read.
	opaque bool
}

// maxSize bounds what is read of a file, in bytes.
const maxSize = 1 << 20

// maxOpeners bounds the brackets in a file: parsers recurse into them without
// a bound of their own.
const maxOpeners = 20_000

// readable tells whether a file is small and flat enough to be parsed.
func readable(source []byte) bool {
	openers := bytes.Count(source, []byte("[")) + bytes.Count(source, []byte("{")) + bytes.Count(source, []byte("("))
	return len(source) <= maxSize && openers <= maxOpeners
}

// Find returns the configuration in the first of the files that has one. A
// name is that of a file, "cliff.toml", or of a part of one,
// "package.json#release". The last is taken for a file that every checkout of
// such a project has: if it is there without that part, there is no
// configuration. The name "." stands for what every checkout has. Read
// returns a file's text.
func Find(names []string, read func(name string) ([]byte, error)) Tree {
	for i, name := range names {
		if name == "." {
			return Tree{none: true}
		}
		file, section, part := strings.Cut(name, "#")
		source, err := read(file)
		if err != nil {
			continue
		}
		root, err := parse(file, source)
		if err == nil {
			root = inherited(root, file, read, maxInherited)
		}
		switch {
		case err != nil:
			return Tree{File: file, opaque: true}
		case !part:
			return Tree{File: file, root: root}
		}
		if inner, ok := walk(root, strings.Split(section, ".")); ok {
			return Tree{File: file, root: inner}
		}
		if i == len(names)-1 {
			return Tree{none: true}
		}
	}
	return Tree{}
}

// code are the endings of files that are written in code.
var code = []string{".js", ".cjs", ".mjs", ".ts", ".cts", ".mts"}

// jsonEndings are the endings of files that are written in JSON and what has
// been made of it.
var jsonEndings = []string{".json", ".jsonc", ".json5"}

// lined are the endings of files of which each line is a key and its value.
// Source: https://github.com/github-changelog-generator/github-changelog-generator/blob/master/lib/github_changelog_generator/parser_file.rb
var lined = []string{".github_changelog_generator"}

// readLined reads lines "key=value"; of a key that is there twice the last one counts.
func readLined(source []byte) map[string]any {
	out := map[string]any{}
	for line := range strings.Lines(string(source)) {
		key, text, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		if ok && !strings.HasPrefix(key, "#") && !strings.HasPrefix(key, ";") {
			out[key] = text
		}
	}
	return out
}

// parse reads a file by the ending of its name. One without a known ending
// (.releaserc) is read as YAML, which JSON is as well.
func parse(name string, source []byte) (root any, err error) {
	if !readable(source) {
		return nil, fmt.Errorf("%s: too long to be read, or nested too deeply", name)
	}
	switch ending := path.Ext(name); {
	case slices.Contains(code, ending):
		root, ok := script.Exported(name, string(source))
		if !ok {
			return nil, fmt.Errorf("%s: exports no literal", name)
		}
		return root, nil
	case slices.Contains(lined, ending):
		return readLined(source), nil
	case ending == ".toml":
		var table map[string]any
		_, err = toml.NewDecoder(bytes.NewReader(source)).Decode(&table)
		return plain(table), err
	case ending == ".md":
		source = frontMatter(source)
	case ending == ".json":
		if err = json.Unmarshal(source, &root); err == nil {
			return root, nil
		}
	}
	if slices.Contains(jsonEndings, path.Ext(name)) {
		// JSON with comments, loose commas or bare keys is a literal of
		// JavaScript.
		if root, ok := script.Exported(name+".js", "export default "+string(source)); ok {
			return root, nil
		}
	}
	err = yaml.Unmarshal(source, &root)
	return root, err
}

// frontMatter returns what stands between the first line of a text and the next one
// that has three dashes and nothing else, nil where the text does not begin so.
func frontMatter(source []byte) []byte {
	var inner []byte
	inside := false
	for line := range bytes.Lines(source) {
		switch dashes := string(bytes.TrimSpace(line)) == "---"; {
		case dashes && inside:
			return inner
		case dashes:
			inside = true
		case inside:
			inner = append(inner, line...)
		default:
			return nil
		}
	}
	return nil
}

// plain turns lists of tables into lists of anything.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			v[key] = plain(inner)
		}
	case []map[string]any:
		list := make([]any, len(v))
		for i, inner := range v {
			list[i] = plain(inner)
		}
		return list
	case []any:
		for i, inner := range v {
			v[i] = plain(inner)
		}
	}
	return v
}

// maxInherited bounds how many files take from one another.
const maxInherited = 8

// inherited is what a file says together with what it inherits: the file at the path
// under "INHERIT", from its own folder, says what it does not.
// Source: https://www.mkdocs.org/user-guide/configuration/#configuration-inheritance
func inherited(root any, file string, read func(name string) ([]byte, error), most int) any {
	own, _ := root.(map[string]any)
	base, given := own["INHERIT"].(string)
	if !given || most == 0 {
		return root
	}
	base = path.Join(path.Dir(file), base)
	source, err := read(base)
	if err != nil {
		return root
	}
	from, err := parse(base, source)
	if err != nil {
		return root
	}
	whole, ok := inherited(from, base, read, most-1).(map[string]any)
	if !ok {
		return root
	}
	delete(own, "INHERIT") // It says all that it takes.
	if unread, ok := whole["INHERIT"]; ok {
		own["INHERIT"] = unread
	}
	for key, v := range whole {
		if _, set := own[key]; !set {
			own[key] = v
		}
	}
	return own
}

// inherits tells whether the file takes what it does not say from elsewhere.
func (t Tree) inherits() bool {
	m, _ := t.root.(map[string]any)
	_, extends := m["extends"]
	_, inherit := m["INHERIT"]
	_, spread := m["..."]
	return extends || inherit || spread
}
