package change

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
)

func TestSed(t *testing.T) {
	const text = "repo: a/b\nversion: 1.2.3\ndraft: [no]\n"
	for _, test := range []struct {
		script, want string
		extended     bool
	}{
		{script: `s/a\/b/c\/d/`, want: "repo: c/d\nversion: 1.2.3\ndraft: [no]\n"},
		{script: `s#a/b#&e#; s/^draft: .*/draft: yes/`, want: "repo: a/be\nversion: 1.2.3\ndraft: yes\n"},
		{script: `s/\(version\): .*/\1 = $1/`, want: "repo: a/b\nversion = $1\ndraft: [no]\n"},
		{script: `s/(version|draft): .*/\1/`, want: "repo: a/b\nversion\ndraft\n", extended: true},
		{script: `s/[[:digit:]][.]/9/g`, want: "repo: a/b\nversion: 993\ndraft: [no]\n"},
		{script: `s/[]n[]//g`, want: "repo: a/b\nversio: 1.2.3\ndraft: o\n"},
		{script: `/^version/d`, want: "repo: a/b\ndraft: [no]\n"},
		{script: `/^version/!d`, want: "version: 1.2.3\n"},
		{script: `$a end`, want: text + "end\n"},
		{script: `1i begin`, want: "begin\n" + text},
		{script: `s/REPO/x/I`, want: "x: a/b\nversion: 1.2.3\ndraft: [no]\n"},
		{script: `s|x*|-|`, want: "-repo: a/b\n-version: 1.2.3\n-draft: [no]\n"},
	} {
		got, known := editOf([]value.Value{value.Text(test.script)}, syntax{extended: test.extended})("x.yml", text)
		if !known || got != test.want {
			t.Errorf("%s: %q, %v, want %q", test.script, got, known, test.want)
		}
	}
}

func TestUnknownEdits(t *testing.T) {
	v := value.Unknown("$VERSION")
	for name, test := range map[string]struct {
		script value.Value
		text   string
		known  bool
	}{
		"a line that says nothing":      {value.Concat(value.Text("s/^version:.*/version: "), v, value.Text("/")), "repo: a/b\nversion: 1\n", true},
		"a line that says where to go":  {value.Concat(value.Text("s/^repo:.*/repo: "), v, value.Text("/")), "repo: a/b\n", false},
		"a text that says where to go":  {value.Concat(value.Text("s/^version:.*/repo: "), v, value.Text("/")), "version: 1\n", false},
		"a pattern that is a version":   {value.Concat(value.Text("s/"), v, value.Text("/2/")), "repo: a/b\n", true},
		"a pattern that may be any":     {value.Concat(value.Text("s/"), value.Unknown("$OLD_NAME"), value.Text("/x/")), "repo: a/b\n", false},
		"a script of sed's own":         {value.Text("/a/,/b/d"), "repo: a/b\n", false},
		"one, of a file of little":      {value.Text("/a/,/b/d"), "year: 1\n", true},
		"a line that runs a program":    {value.Concat(value.Text("s/make all/make "), v, value.Text("/")), "make all\n", false},
		"a pattern that Go knows not":   {value.Text(`s/\(a\)\1/b/`), "repo: a/b\n", false},
		"a pattern that is not matched": {value.Concat(value.Text("s/none/"), v, value.Text("/")), "repo: a/b\n", true},
	} {
		if _, known := editOf([]value.Value{test.script}, syntax{})("x.sh", test.text); known != test.known {
			t.Errorf("%s: known %v, want %v", name, known, test.known)
		}
	}
}

func TestKeys(t *testing.T) {
	for _, test := range []struct{ expression, text, want string }{
		{`.repo.name = "c"`, `{"repo":{"name":"b","x":1},"y":[true]}`, "{\n  \"repo\": {\n    \"name\": \"c\",\n    \"x\": 1\n  },\n  \"y\": [\n    true\n  ]\n}\n"},
		{`.git-repo = "c" | del(.owner)`, "owner: a\ngit-repo: b\n", "git-repo: \"c\"\n"},
		{`.release.draft = true`, "a: 1\n", "a: 1\nrelease:\n    draft: true\n"},
		{`.version = "2" + .x`, "version: 1\n", "version: 1\n"},
	} {
		if got, known := keyed(test.expression)("x.yml", test.text); !known || got != test.want {
			t.Errorf("%s: %q, %v, want %q", test.expression, got, known, test.want)
		}
	}
	if _, known := keyed(`.repo |= sub("a"; "b")`)("x.yml", "repo: a\n"); known {
		t.Error("what a filter makes of a repository is known")
	}
	got, known := gitSet("remote.origin.url", "x")("config", "[core]\n\ta = b\n[remote \"origin\"]\n\turl = y\n")
	if want := "[core]\n\ta = b\n[remote \"origin\"]\n\turl = x\n"; !known || got != want {
		t.Errorf("git config: %q, %v, want %q", got, known, want)
	}
}

// sure is for changes that have no guards.
func sure(c Change) bool { return !c.Perhaps }

func TestNow(t *testing.T) {
	files := map[string]string{"a": "repo: a/b\n", "b": "repo: c/d\n", "d/x": "repo: e/f\n", "e/x": "repo: g/h\n"}
	checkout := Files{Read: func(name string) (string, bool) { text, ok := files[name]; return text, ok }}
	copied := Change{Kind: Copied, Path: "a", From: "b"}
	perhaps := copied
	perhaps.Perhaps = true
	for name, test := range map[string]struct {
		changes []Change
		of      string
		want    File
	}{
		"a copy":                         {[]Change{copied}, "a", File{"repo: c/d\n", true, ""}},
		"a copy that may be none":        {[]Change{perhaps}, "a", File{"repo: a/b\n", true, ""}},
		"a copy of what was changed":     {[]Change{{Kind: Removed, Path: "b"}, copied}, "a", File{"repo: a/b\n", true, ""}},
		"what is gone":                   {[]Change{{Kind: Removed, Path: "a"}}, "a", File{}},
		"what is put back":               {[]Change{copied, {Kind: Restored}}, "a", File{"repo: a/b\n", true, ""}},
		"a folder that is copied":        {[]Change{{Kind: Copied, Path: "d/", From: "e"}}, "d/x", File{"repo: g/h\n", true, ""}},
		"a folder that comes from away":  {[]Change{{Kind: Replaced, Path: "d/"}}, "d/x", File{"repo: e/f\n", true, ""}},
		"a file of such a folder":        {[]Change{{Kind: Replaced, Path: "d/"}}, "d/new", File{}},
		"what is added":                  {[]Change{{Kind: Added, Path: "a", Content: value.Text("x\n")}}, "a", File{"repo: a/b\nx\n", true, ""}},
		"what is added and says nothing": {[]Change{{Kind: Added, Path: "a", Content: value.Concat(value.Text("x="), value.Unknown("$Y"), value.Text("\n"))}}, "a", File{"repo: a/b\nx=$Y\n", true, ""}},
		"what a program prints":          {[]Change{{Kind: Written, Path: "a", Content: value.Unknown("$(sed 's/c/x/' b)")}}, "a", File{"repo: x/d\n", true, ""}},
	} {
		var l *List
		for _, c := range test.changes {
			c.By = "it"
			l = l.With(c)
		}
		unknown := map[string]bool{"a copy that may be none": true, "a copy of what was changed": true, "a folder that comes from away": true}
		if unknown[name] {
			test.want.By = "it"
		}
		if got := checkout.Now(l, test.of, sure); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestManyChanges(t *testing.T) {
	longer := value.Text("s/x/" + strings.Repeat("x", 1000) + "/g")
	grow := Change{Kind: Edited, Path: "a", Edit: editOf([]value.Value{longer}, syntax{}), By: "sed"}
	perhaps := grow
	perhaps.Perhaps = true
	mild := Change{Kind: Edited, Path: "a", Edit: editOf([]value.Value{value.Text("s/y/z/")}, syntax{}), By: "sed", Perhaps: true}
	twice := Change{Kind: Written, Path: "a", Content: value.Unknown("$(cat a a)"), By: "cat"}
	for name, test := range map[string]struct {
		change Change
		times  int
		by     string
	}{
		"a text that grows without end":    {grow, 100, "sed"},
		"one that is put behind itself":    {twice, 100, "cat"},
		"one that may grow without end":    {perhaps, 100, "sed"},
		"many that say nothing":            {mild, maxChanges - 1, ""},
		"more than are kept":               {mild, maxChanges + 10, "more changes of files than are looked at"},
		"a script of many ways of growing": {Change{Kind: Edited, Path: "a", Edit: editOf(slices.Repeat([]value.Value{longer}, 40), syntax{}), By: "sed"}, 1, "sed"},
	} {
		files := Files{Read: func(string) (string, bool) { return "repo: x/w\n", true }}
		var l *List
		for range test.times {
			l = l.With(test.change)
		}
		if got := files.Now(l, "a", sure); !got.There || got.By != test.by {
			t.Errorf("%s: %.100q %v %q, want %q", name, got.Text, got.There, got.By, test.by)
		}
	}
}

func TestOf(t *testing.T) {
	const patch = "--- a/conf.env\n+++ b/conf.env\n@@ -1 +1 @@\n-X=1\n+repo=o/r\n--- a/other.env\n+++ b/other.env\n@@ -1 +1 @@\n-X=1\n+X=2\n"
	files := map[string]string{"a.env": "repo: a/b\n", "x.patch": patch, "conf.env": "repo=a/b\n", "other.env": "repo=a/b\n", "dist/a.env": "repo: c/d\n"}
	read := func(name string) (string, bool) { text, ok := files[name]; return text, ok }
	for command, want := range map[string]map[string]File{
		"cp -t dist a.env":                      {"dist/a.env": {"repo: a/b\n", true, ""}},
		"mv -ft dist a.env":                     {"dist/a.env": {"repo: a/b\n", true, ""}, "a.env": {}},
		"install --target-directory=dist a.env": {"dist/a.env": {"repo: a/b\n", true, ""}},
		"git apply x.patch":                     {"conf.env": {"repo=a/b\n", true, "it"}, "other.env": {"repo=a/b\n", true, ""}},
	} {
		var l *List
		for _, c := range Of(Command{
			Args:   plainWords(strings.Fields(command)),
			At:     func(word value.Value) (string, bool) { return word.Literal() },
			Folder: func(name string) bool { return name == "dist" },
			Read:   read,
		}) {
			c.By = "it"
			l = l.With(c)
		}
		for name, want := range want {
			if got := (&Files{Read: read}).Now(l, name, sure); got != want {
				t.Errorf("%s: %s is %+v, want %+v", command, name, got, want)
			}
		}
	}
}

func TestByCode(t *testing.T) {
	var many strings.Builder
	for n := range 2000 {
		fmt.Fprintf(&many, "open(f%d, 'w')\nf%d = 'x%d'\n", n, n, n)
	}
	for source, want := range map[string][]string{
		`fs.writeFileSync("repo.json", x)`:                   {"repo.json"},
		"out: str = Path('conf.env')\nout.write_text(other)": {"conf.env"},
		`out = name; out.write_text(other)`:                  nil,
	} {
		var got []string
		for _, w := range ByCode(source) {
			got = append(got, w.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", source, got, want)
		}
	}
	if got := len(ByCode(many.String())); got != maxWritings {
		t.Errorf("%d files of many, want %d", got, maxWritings)
	}
}
