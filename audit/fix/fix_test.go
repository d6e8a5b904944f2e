package fix_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/fix"
	"github.com/patrol-actions/patrol/audit/scan"
)

var update = flag.Bool("update", false, "write what the cases expect anew")

// Files of a case that are no part of its repository: what files become, as
// "after/NAME", and what is said.
const (
	afterFolder = "after/"
	saidFile    = "said"
)

// variants are the ways in which the files of a case may be written. None of
// them makes a difference.
var variants = []struct {
	name string
	of   func([]byte) []byte
}{
	{"as it is", func(b []byte) []byte { return b }},
	{"with CRLF", func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) }},
	{"with a byte order mark", func(b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) }},
	{"without a last line break", func(b []byte) []byte { return bytes.TrimSuffix(b, []byte("\n")) }},
	{"with comments of other scripts", func(b []byte) []byte { return append([]byte("# Ænd 漢字 😀\n"), b...) }},
}

// TestCases runs the cases of testdata: a repository, what it becomes, and
// what is said of that.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			before, want := split(archive)
			got := run(t, before, variants[0].of)
			if *update {
				rewrite(t, file, archive, before, got)
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("want (-), got (+):\n%s", diff)
			}
			for _, v := range variants[1:] {
				other := run(t, before, v.of)
				for name, text := range want {
					if name == saidFile {
						continue
					}
					// A line break before a last line that goes stays.
					if diff := cmp.Diff(string(v.of([]byte(text))), strings.TrimSuffix(other[name], lastBreak(v.name))); diff != "" {
						t.Errorf("%s, %s: want (-), got (+):\n%s", v.name, name, diff)
					}
				}
				if len(other) != len(got) {
					t.Errorf("%s: %d files, not %d\n%s", v.name, len(other), len(got), other[saidFile])
				}
			}
		})
	}
}

// lastBreak is what may follow the last line in a variant.
func lastBreak(variant string) string {
	if variant == "without a last line break" {
		return "\n"
	}
	return ""
}

// split takes what is expected out of a case.
func split(archive *txtar.Archive) (before fstest.MapFS, want map[string]string) {
	before, want = fstest.MapFS{}, map[string]string{}
	for _, f := range archive.Files {
		name, after := strings.CutPrefix(f.Name, afterFolder)
		if after || f.Name == saidFile {
			want[name] = string(f.Data)
		} else {
			before[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return before, want
}

// run fixes a case, with its files written in some way, and holds the result
// against what is true of all.
func run(t *testing.T, files fstest.MapFS, of func([]byte) []byte) map[string]string {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, f := range files {
		fsys[name] = &fstest.MapFile{Data: of(f.Data)}
	}
	result := holds(t, fsys, fix.Options{Scan: scan.Options{Name: "acme/rocket"}})
	out := map[string]string{}
	for _, f := range result.Files {
		out[f.Path] = string(f.After)
	}
	notes := slices.Clone(result.Left)
	for _, c := range result.Changes {
		notes = append(notes, c.Notes...)
	}
	var said strings.Builder
	for _, n := range notes {
		fmt.Fprintf(&said, "%s:%d: %s\n", n.File, n.Line, n.Text)
	}
	if said.Len() > 0 {
		out[saidFile] = said.String()
	}
	return out
}

func rewrite(t *testing.T, file string, archive *txtar.Archive, before fstest.MapFS, got map[string]string) {
	t.Helper()
	out := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		if _, ok := before[f.Name]; ok {
			out.Files = append(out.Files, f)
		}
	}
	for _, f := range out.Files {
		if text, ok := got[f.Name]; ok {
			out.Files = append(out.Files, txtar.File{Name: afterFolder + f.Name, Data: []byte(text)})
		}
	}
	if text, ok := got[saidFile]; ok {
		out.Files = append(out.Files, txtar.File{Name: saidFile, Data: []byte(text)})
	}
	if err := os.WriteFile(file, txtar.Format(out), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A change that takes edits in a file that nobody asked to change is none.
func TestOnly(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/call.txtar")
	if err != nil {
		t.Fatal(err)
	}
	before, _ := split(archive)
	const callee, caller = ".github/workflows/close.yml", ".github/workflows/go.yml"
	skip, err := config.Read("patrol.yml", strings.NewReader("skip: ["+caller+"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	for want, options := range map[string]scan.Options{
		"it takes a change in " + caller + " too":                            {Only: callee},
		"it takes a change in " + caller + ", which the configuration skips": {Config: skip},
	} {
		result := fix.Plan(before, fix.Options{Scan: options})
		if len(result.Files) > 0 {
			t.Errorf("%+v: %s changes", options, result.Files[0].Path)
		}
		if !slices.ContainsFunc(result.Left, func(n fix.Note) bool { return strings.Contains(n.Text, want) }) {
			t.Errorf("%v, want %q", result.Left, want)
		}
	}
}
