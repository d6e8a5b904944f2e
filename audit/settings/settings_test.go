package settings

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// files is a repository of the tests.
type files map[string]string

func (f files) read(name string) ([]byte, error) {
	text, ok := f[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return []byte(text), nil
}

func TestLookup(t *testing.T) {
	tests := []struct {
		name       string
		files      files
		names      []string
		key        string
		text       string
		known, set bool
	}{
		{"JSON", files{"a.json": `{"a": {"b": "x"}}`}, []string{"a.json"}, "a.b", "x", true, true},
		{"JSON with comments", files{"a.json": "{\n  # c\n  \"a\": true,\n}"}, []string{"a.json"}, "a", "true", true, true},
		{"JSON5", files{"a.json5": "{\n  // b: 1,\n  a: 'x', /* b: 2 */\n}"}, []string{"a.json5"}, "a", "x", true, true},
		{"commented out", files{"a.json": "{\n  // see: c, b: 1,\n  \"a\": 2 // x\n}"}, []string{"a.json"}, "b", "", true, false},
		{"YAML without an ending", files{".rc": "a:\n  b: false\n"}, []string{".rc"}, "a.b", "false", true, true},
		{"TOML", files{"a.toml": "[a]\nb = 1\n"}, []string{"a.toml"}, "a.b", "1", true, true},
		{"TOML's tables", files{"a.toml": "[[p]]\nx = true\n[[p]]\nname = 'n'\n"}, []string{"a.toml"}, "p.x", "true", true, true},
		{"part of a file", files{"p.json": `{"r": {"a": 1}}`}, []string{"a.json", "p.json#r"}, "a", "1", true, true},
		{"the first that exists", files{"a.json": `{"a": 1}`, "b.json": `{"a": 2}`}, []string{"c.json", "a.json", "b.json"}, "a", "1", true, true},
		{"a part that is missing in the last file", files{"p.json": `{}`}, []string{"a.json", "p.json#r"}, "a", "", true, false},
		{"a part that is missing in another file", files{"p.json": `{}`}, []string{"p.json#r", "a.json"}, "a", "", false, false},
		{"always there", files{}, []string{"a.json", "."}, "a", "", true, false},
		{"no file", files{}, []string{"a.json"}, "a", "", false, false},
		{"broken", files{"a.json": `{"a`}, []string{"a.json", "."}, "a", "", false, false},
		{"not set", files{"a.json": `{"b": 1}`}, []string{"a.json"}, "a", "", true, false},
		{"taken from elsewhere", files{"a.json": `{"extends": "x"}`}, []string{"a.json"}, "a", "", false, false},
		{"set, whatever is elsewhere", files{"a.json": `{"extends": "x", "a": 1}`}, []string{"a.json"}, "a", "1", true, true},
		{"inherited", files{"d/a.yml": "INHERIT: ../b.yml\nc: 1", "b.yml": "a: x\nc: 2"}, []string{"d/a.yml"}, "a", "x", true, true},
		{"own before inherited", files{"a.yml": "INHERIT: b.yml\na: 1", "b.yml": "a: x"}, []string{"a.yml"}, "a", "1", true, true},
		{"inherited from one another", files{"a.yml": "INHERIT: b.yml", "b.yml": "INHERIT: a.yml"}, []string{"a.yml"}, "a", "", false, false},
		{"inherited from what is not there", files{"a.yml": "INHERIT: b.yml"}, []string{"a.yml"}, "a", "", false, false},
		{"null", files{"a.json": `{"a": null}`}, []string{"a.json"}, "a", "false", true, true},
		{"list", files{"a.json": `{"a": ["x", ["y", {}]]}`}, []string{"a.json"}, "a", "x,y", true, true},
		{"entry of a list", files{"a.json": `{"a": ["x", "@y/z.w"]}`}, []string{"a.json"}, "a.@y/z.w", "true", true, true},
		{"options of an entry", files{"a.json": `{"a": [["x", {"b": 2}]]}`}, []string{"a.json"}, "a.x.b", "2", true, true},
		{"options beside an entry", files{"a.json": `{"a": ["x", {"b": 2}]}`}, []string{"a.json"}, "a.b", "2", true, true},
		{"no such entry", files{"a.json": `{"a": ["xy"]}`}, []string{"a.json"}, "a.x", "", true, false},
		{"module", files{"a.mjs": "const b = ['x'];\nexport default { a: b, c: `d` }"}, []string{"a.mjs"}, "a.x", "true", true, true},
		{"module of CommonJS", files{"a.js": "module.exports = { a: { b: 'x' } }"}, []string{"a.js"}, "a.b", "x", true, true},
		{"module of TypeScript", files{"a.ts": "export default defineConfig({ a: 1 as number })"}, []string{"a.ts"}, "a", "1", true, true},
		{"computed entry", files{"a.js": "module.exports = { a: [f(), 'x'] }"}, []string{"a.js"}, "a.y", "", false, false},
		{"computed value", files{"a.js": "module.exports = { a: process.env.A }"}, []string{"a.js"}, "a", "", false, false},
		{"spread", files{"a.js": "module.exports = { ...b }"}, []string{"a.js"}, "a", "", false, false},
		{"computed module", files{"a.js": "module.exports = f(process.env)"}, []string{"a.js"}, "a", "", false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, known, set := Find(test.names, test.files.read).Lookup(test.key)
			if text != test.text || known != test.known || set != test.set {
				t.Errorf("%q, known %v, set %v; want %q, %v, %v", text, known, set, test.text, test.known, test.set)
			}
		})
	}
}

// TestDeep reads what would make a parser run out of stack.
func TestDeep(t *testing.T) {
	deep := strings.Repeat("[", 900_000)
	for _, name := range []string{"a.json", "a.yaml", "a.toml", "a.js", ".rc"} {
		if _, known, _ := Find([]string{name}, files{name: "a = " + deep}.read).Lookup("a"); known {
			t.Errorf("%s: known", name)
		}
	}
	f := files{"a.tf": "a = " + deep}
	if got := ReadTerraform(".", f.list, f.read); len(got.Open) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestNames(t *testing.T) {
	tests := []struct {
		source string
		want   []string
		all    bool
	}{
		{`{"a": ["x", ["y", {}]]}`, []string{"x", "y"}, true},
		{`{"a": ["x", {"y": 1}]}`, []string{"x"}, false},
		{`{"a": "x"}`, nil, false},
		{`{}`, nil, true},
		{`{"extends": "x"}`, nil, false},
		{`{"a`, nil, false},
	}
	for _, test := range tests {
		names, all := Find([]string{"a.json"}, files{"a.json": test.source}.read).Names("a")
		if d := cmp.Diff(test.want, names); d != "" || all != test.all {
			t.Errorf("%s: all %v, %s", test.source, all, d)
		}
	}
}

func TestTexts(t *testing.T) {
	tests := []struct {
		source, key string
		want        []string
		open        bool
	}{
		{`{"a": {"x": "1", "y": ["2", "3"], "z": 4}}`, "a.*", []string{"1", "2", "3"}, false},
		{`{"a": [{"cmd": "1"}, {"cmd": "2"}]}`, "a.cmd", []string{"1", "2"}, false},
		{`{"a": "1"}`, "a", []string{"1"}, false},
		{`{"b": "1"}`, "a", nil, false},
		{`{"extends": "1"}`, "a", nil, true},
		{`{"a`, "a", nil, true},
	}
	for _, test := range tests {
		texts, open := Find([]string{"a.json"}, files{"a.json": test.source}.read).Texts(test.key)
		if d := cmp.Diff(test.want, texts); d != "" || open != test.open {
			t.Errorf("%s: open %v, %s", test.source, open, d)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("a.json", `{"a": [["x", {"b": 2}]]}`, "a.x.b")
	f.Add("a.toml", "[[a]]\nb = 1979-05-27", "a.b")
	f.Add(".rc", "a: &x\n  b: *x\n", "a.b.b")
	f.Add("a.js", "const a = b, b = a; module.exports = a", "a")
	f.Add("a.ts", "export default { a: [, ...b] }", "a.*")
	f.Fuzz(func(t *testing.T, name, source, key string) {
		tree := Find([]string{name}, func(string) ([]byte, error) { return []byte(source), nil })
		if _, known, set := tree.Lookup(key); set && !known {
			t.Error("set, and not known")
		}
		tree.Names(key)
		tree.Texts(key)
	})
}

func TestAnywhere(t *testing.T) {
	tests := []struct {
		name, file, source, key string
		want                    []string
		open                    bool
	}{
		{"at the top", "a.json", `{"a": true}`, "a", []string{"true"}, false},
		{"deep, and in lists", "a.json", `{"b": [{"a": ["x", "y"]}, {"c": {"a": 1}}]}`, "a", []string{"x", "y", "1"}, false},
		{"maps in a list", "a.json", `{"a": [{"b": 1}]}`, "a", []string{"true"}, false},
		{"another key", "a.json", `{"b": {"c": "a"}}`, "a", nil, false},
		{"computed elsewhere", "a.js", `module.exports = { b: f() }`, "a", nil, true},
		{"spread", "a.js", `module.exports = { b: { ...c, a: 1 } }`, "a", []string{"1"}, true},
		{"broken", "a.json", `{"a`, "a", nil, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree := Find([]string{test.file}, files{test.file: test.source}.read)
			got, open := tree.Anywhere(test.key)
			if diff := cmp.Diff(test.want, got); diff != "" || open != test.open {
				t.Errorf("open %v, want %v; -want +got:\n%s", open, test.open, diff)
			}
		})
	}
}
