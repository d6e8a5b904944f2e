package fix_test

import (
	"bytes"

	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/patrol-actions/patrol/audit/fix"
)

// Whatever a workflow looks like, a plan changes only what its edits are
// about, and finds nothing more to do afterwards.
func FuzzPlan(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, x := range archive.Files {
			if filepath.Dir(x.Name) == ".github/workflows" {
				f.Add(x.Data)
				f.Add(bytes.ReplaceAll(x.Data, []byte("\n"), []byte("\r\n")))
			}
		}
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		if len(source) > 1<<16 {
			return
		}
		holds(t, fstest.MapFS{".github/workflows/go.yml": {Data: source}}, fix.Options{})
	})
}

// Edits are made as they are, or not at all.
func FuzzApply(f *testing.F) {
	f.Add([]byte("on: push\n"), 0, 2, "off", 4, 4, "no ")
	f.Add([]byte("x"), 1, 1, "y", 1, 1, "z")
	f.Add([]byte(""), -1, 0, "", 0, 9, "")
	f.Fuzz(func(t *testing.T, source []byte, start, end int, text string, start2, end2 int, text2 string) {
		kept := bytes.Clone(source)
		edits := []fix.Edit{{Start: start, End: end, New: text}, {Start: start2, End: end2, New: text2}}
		got, err := fix.Apply(source, edits)
		if !bytes.Equal(source, kept) {
			t.Fatal("the source was written to")
		}
		valid := func(e fix.Edit) bool { return 0 <= e.Start && e.Start <= e.End && e.End <= len(source) }
		if !valid(edits[0]) || !valid(edits[1]) {
			if err == nil {
				t.Fatalf("%v was taken", edits)
			}
			return
		}
		first, second := edits[0], edits[1]
		if second.Start < first.Start || second.Start == first.Start && second.End < first.End {
			first, second = second, first
		}
		switch {
		case first == second:
			second.Start, second.End, second.New = first.End, first.End, ""
		case second.Start < first.End:
			if err == nil {
				t.Fatalf("%v overlap", edits)
			}
			return
		}
		want := string(source[:first.Start]) + first.New + string(source[first.End:second.Start]) + second.New + string(source[second.End:])
		if err != nil || string(got) != want {
			t.Fatalf("%v of %q: %q, %v; want %q", edits, source, got, err, want)
		}
	})
}
