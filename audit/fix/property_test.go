package fix_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rhysd/actionlint"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/fix"
	"github.com/patrol-actions/patrol/audit/scan"
)

// sample is the share of the cases that a short run takes: one in so many.
const sample = 4

// What holds of every repository: only the lines that edits are about differ,
// the result parses as before, an audit finds the fixed findings gone and
// nothing new, and there is nothing left to fix.
func TestProperties(t *testing.T) {
	files, err := filepath.Glob("../../testdata/cases/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	fixed, enough := 0, 100
	if testing.Short() {
		enough /= sample
	}
	for n, file := range files {
		if testing.Short() && n%sample != 0 {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		archive := txtar.Parse(data)
		options := fix.Options{}
		for line := range strings.Lines(string(archive.Comment)) {
			if name, ok := strings.CutPrefix(line, "name "); ok {
				options.Scan.Name = strings.TrimSpace(name)
			}
			options.Scan.EnterpriseServer = options.Scan.EnterpriseServer || strings.HasPrefix(line, "server")
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			fixed += len(holds(t, mapFS(archive), options).Changes)
		})
	}
	if fixed < enough {
		t.Errorf("only %d changes in all cases", fixed)
	}
	t.Run("example", func(t *testing.T) {
		example := fstest.MapFS{}
		if err := fs.WalkDir(os.DirFS("../../testdata/example"), ".", func(name string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				data, err := os.ReadFile(filepath.Join("../../testdata/example", name))
				example[name] = &fstest.MapFile{Data: data}
				return err
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(holds(t, example, fix.Options{}).Changes) == 0 {
			t.Error("nothing to fix in the example")
		}
	})
}

func mapFS(archive *txtar.Archive) fstest.MapFS {
	out := fstest.MapFS{}
	for _, f := range archive.Files {
		out[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return out
}

// holds plans the fixes of a repository and tells t what does not hold.
func holds(t *testing.T, fsys fs.FS, o fix.Options) *fix.Result {
	t.Helper()
	result := fix.Plan(fsys, o)
	after := changed{fsys, map[string][]byte{}}
	for _, f := range result.Files {
		after.files[f.Path] = f.After
		onlyThese(t, f)
		if diff := cmp.Diff(lint(f.Before), lint(f.After)); diff != "" && len(lint(f.After)) > len(lint(f.Before)) {
			t.Errorf("%s: actionlint before (-), after (+):\n%s\n%s", f.Path, diff, f.After)
		}
	}
	said, says := scan.Repository(fsys, o.Scan), scan.Repository(after, o.Scan)
	before := findings(said)
	for key, n := range findings(says) {
		if n > before[key] {
			t.Errorf("an audit finds %q %d times, %d before\n%s", key, n, before[key], show(result))
		}
	}
	replaceable := func(r *audit.Repository) (n int) {
		for _, x := range r.References {
			if x.Verdict == audit.VerdictReplaceable && x.Credential == audit.CredentialGitHub && !x.Remedy.Settled() {
				n++
			}
		}
		return n
	}
	gone := 0
	for _, c := range result.Changes {
		gone += len(c.References)
	}
	if have := replaceable(says); have > replaceable(said)-gone || gone+len(result.Left) != replaceable(said) {
		t.Errorf("%d of %d references are replaced and %d left, and %d are found afterwards\n%s", gone, replaceable(said), len(result.Left), have, show(result))
	}
	if again := fix.Plan(after, o); len(again.Changes) > 0 {
		t.Errorf("a second run changes:\n%s", show(again))
	}
	return result
}

// show writes a result down.
func show(r *fix.Result) string {
	var b strings.Builder
	for _, c := range r.Changes {
		for _, e := range c.Edits {
			b.WriteString(e.File + ": " + e.Why + ": " + e.New + "\n")
		}
	}
	for _, n := range r.Left {
		b.WriteString(n.File + ": " + n.Text + "\n")
	}
	return b.String()
}

// findings counts the findings by their rules, and the problems.
func findings(r *audit.Repository) map[string]int {
	out := map[string]int{}
	for _, f := range r.Findings {
		out[f.File+" "+f.Rule]++
	}
	for _, e := range r.Errors {
		out[e.File+" "+e.Message]++
	}
	return out
}

func lint(source []byte) []string {
	_, faults := actionlint.Parse(source)
	var out []string
	for _, f := range faults {
		out = append(out, f.Message)
	}
	slices.Sort(out)
	return out
}

// onlyThese holds the lines of a file against its edits.
func onlyThese(t *testing.T, f fix.File) {
	t.Helper()
	before, after := f.Before, f.After
	at := 0
	for _, e := range f.Edits {
		keep := before[at:e.Start]
		rest, ok := bytes.CutPrefix(after, keep)
		if ok {
			rest, ok = bytes.CutPrefix(rest, []byte(e.New))
		}
		if !ok {
			t.Errorf("%s changes before or in the edit of line %d", f.Path, e.Line)
			return
		}
		if lines := 1 + bytes.Count(before[:e.Start], []byte("\n")); lines != e.Line {
			t.Errorf("%s: the edit of line %d is in line %d", f.Path, e.Line, lines)
		}
		after, at = rest, e.End
	}
	if !bytes.Equal(after, before[at:]) {
		t.Errorf("%s changes behind its last edit", f.Path)
	}
	crlf := bytes.Count(f.Before, []byte("\r\n"))
	if lf := bytes.Count(f.After, []byte("\n")); crlf > 0 && crlf == bytes.Count(f.Before, []byte("\n")) && lf != bytes.Count(f.After, []byte("\r\n")) {
		t.Errorf("%s mixes line ends", f.Path)
	}
}

// changed is a file system with some files replaced.
type changed struct {
	fs.FS
	files map[string][]byte
}

func (c changed) Open(name string) (fs.File, error) {
	if content, ok := c.files[name]; ok {
		return fstest.MapFS{name: {Data: content}}.Open(name)
	}
	return c.FS.Open(name)
}
