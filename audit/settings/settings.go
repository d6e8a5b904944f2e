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
	"maps"
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

// Lookup returns the text at a path of keys, joined by dots. In a list a key
// picks the entry of that name ("a", ["a", {…}]), or else the entries' own
// keys. A truth value is "true" or "false", a list is its entries joined by
// commas, and what has no text is "true". Known is false where the file does
// not tell, so that it may be set or not.
func (t Tree) Lookup(key string) (text string, known, set bool) {
	switch {
	case t.none:
		return "", true, false
	case t.root == nil:
		return "", false, false
	}
	found, ok := walk(t.root, strings.Split(key, "."))
	if _, open := found.(script.Open); open {
		return "", false, false
	}
	if ok {
		return textOf(found), true, true
	}
	return "", !t.inherits(), false
}

// Readable tells whether there is a configuration, and it could be read.
func (t Tree) Readable() bool { return t.root != nil }

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

// Names returns the names of the entries of a list: "a" and ["b", {…}] are a
// and b. All is false where there may be more.
func (t Tree) Names(key string) (names []string, all bool) {
	switch {
	case t.none:
		return nil, true
	case t.root == nil:
		return nil, false
	}
	found, ok := walk(t.root, strings.Split(key, "."))
	list, isList := found.([]any)
	if !ok || !isList {
		return nil, !ok && !t.inherits()
	}
	all = true
	for _, entry := range list {
		if pair, ok := entry.([]any); ok && len(pair) > 0 {
			entry = pair[0]
		}
		name, ok := entry.(string)
		if !ok {
			all = false
			continue
		}
		names = append(names, name)
	}
	return names, all
}

// Texts returns every text at a path, in order: of a list each entry. A last
// key "*" stands for all keys. Open is true where the file does not tell.
func (t Tree) Texts(key string) (texts []string, open bool) {
	if t.root == nil {
		return nil, t.opaque
	}
	parent, all := strings.CutSuffix(key, ".*")
	found, ok := walk(t.root, strings.Split(parent, "."))
	if !ok {
		return nil, t.inherits()
	}
	if _, isOpen := found.(script.Open); isOpen {
		return nil, true
	}
	if m, isMap := found.(map[string]any); isMap && all {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			texts = appendTexts(texts, m[name])
		}
		return texts, false
	}
	return appendTexts(nil, found), false
}

// Keys returns the names of the outermost keys, sorted. Known is false where there
// may be others.
func (t Tree) Keys() (names []string, known bool) {
	m, isMap := t.root.(map[string]any)
	if !isMap || t.inherits() {
		return nil, t.none
	}
	return slices.Sorted(maps.Keys(m)), true
}

// Within returns what stands at a path of keys, as Lookup takes it: a configuration of
// its own, one that is known to hold nothing where nothing stands there.
func (t Tree) Within(key string) Tree {
	found, ok := walk(t.root, strings.Split(key, "."))
	if t.root == nil || !ok && t.inherits() {
		return t
	}
	return Tree{File: t.File, root: found, none: !ok}
}

// Anywhere returns what stands under a key, however deep the key stands, as
// Lookup writes it, of a list each entry. Open is true where some of it is
// computed, so that the key may hold more or stand where it is not seen.
func (t Tree) Anywhere(key string) (texts []string, open bool) {
	var search func(v any, under bool)
	search = func(v any, under bool) {
		switch v := v.(type) {
		case script.Open:
			open = true
		case []any:
			for _, e := range v {
				search(e, under)
			}
		case map[string]any:
			if under {
				texts = append(texts, textOf(v))
			}
			for _, name := range slices.Sorted(maps.Keys(v)) {
				search(v[name], name == key)
			}
		default:
			if under && v != nil {
				texts = append(texts, textOf(v))
			}
		}
	}
	search(t.root, false)
	return texts, open || t.opaque
}

func appendTexts(texts []string, v any) []string {
	switch v := v.(type) {
	case string:
		return append(texts, v)
	case []any:
		for _, e := range v {
			texts = appendTexts(texts, e)
		}
	}
	return texts
}

// walk follows keys through maps and lists. A key may itself hold dots, as
// the names of packages do; "*" before another stands for any.
func walk(v any, keys []string) (found any, ok bool) {
	if len(keys) == 0 {
		return v, true
	}
	switch v := v.(type) {
	case script.Open:
		return v, true
	case map[string]any:
		if keys[0] == "*" && len(keys) > 1 {
			return walkAny(v, keys[1:])
		}
		for n := 1; n <= len(keys); n++ {
			if inner, ok := v[strings.Join(keys[:n], ".")]; ok {
				return walk(inner, keys[n:])
			}
		}
	case []any:
		return walkList(v, keys)
	}
	return nil, false
}

// walkAny collects what stands under keys in each entry of a map.
func walkAny(m map[string]any, keys []string) (found any, ok bool) {
	var all []any
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if inner, ok := walk(m[name], keys); ok {
			all = append(all, inner)
		}
	}
	return all, len(all) > 0
}

func walkList(list []any, keys []string) (found any, ok bool) {
	var inner []any
	open := false
	for _, entry := range list {
		if _, ok := entry.(script.Open); ok {
			open = true
			continue
		}
		for n := 1; n <= len(keys); n++ {
			if options, named := entryOf(entry, strings.Join(keys[:n], ".")); named {
				return walk(options, keys[n:])
			}
		}
		if m, isMap := entry.(map[string]any); isMap {
			if v, ok := walk(m, keys); ok {
				inner = append(inner, v)
			}
		}
	}
	if open && len(inner) == 0 {
		return script.Open{}, true
	}
	return inner, len(inner) > 0
}

// entryOf tells whether an entry of a list is the one of a name, and returns
// its options.
func entryOf(entry any, name string) (options any, ok bool) {
	switch e := entry.(type) {
	case string:
		return map[string]any{}, e == name
	case []any:
		if len(e) == 0 || e[0] != name {
			return nil, false
		}
		if len(e) == 1 {
			return map[string]any{}, true
		}
		return e[1], true
	}
	return nil, false
}

// textOf writes a value as conditions compare it.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "false" // as good as switched off
	case map[string]any:
		return "true"
	case []any:
		var words []string
		for _, e := range v {
			if list, ok := e.([]any); ok && len(list) > 0 {
				e = list[0]
			}
			words = append(words, textOf(e))
		}
		return strings.Join(words, ",")
	}
	return fmt.Sprint(v)
}
