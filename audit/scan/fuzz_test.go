package scan

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/report"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// split makes files of a text that is like an archive of package txtar, which
// itself does not take any text whatever.
func split(text string) fstest.MapFS {
	files := fstest.MapFS{}
	for part := range strings.SplitSeq("\n"+text, "\n-- ") {
		name, data, _ := strings.Cut(part, " --\n")
		if fs.ValidPath(name) && name != "." {
			files[name] = &fstest.MapFile{Data: []byte(data)}
		}
	}
	return files
}

func schema(tb testing.TB) *jsonschema.Schema {
	tb.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	s, err := compiler.Compile(filepath.Join("..", "report", "schema", "report.schema.json"))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// written audits files and writes the report in a format.
func written(tb testing.TB, files fs.FS, format string) []byte {
	tb.Helper()
	r := &audit.Report{
		Schema: audit.SchemaVersion, Tool: audit.Tool{Name: "patrol", Version: "test"}, GeneratedAt: "2026-11-21T09:00:00Z",
		Repositories: []*audit.Repository{Repository(files, Options{Folder: "x/rocket"})}, Tokens: []*audit.Token{},
	}
	report.Sort(r)
	report.Summarize(r)
	var b bytes.Buffer
	err := report.Write(&b, format, r, report.Options{Verbose: 1, Open: func(_ *audit.Repository, name string) ([]byte, error) { return fs.ReadFile(files, name) }})
	if err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// sample is how many cases there are to each that a short run takes through what
// is slow with the race detector.
const sample = 8

// FuzzRepository audits whatever is thrown at it: without a panic, with a
// report that is valid and the same each time, and that can be shown in every
// format.
func FuzzRepository(f *testing.F) {
	example := ""
	for name, file := range folder(f, exampleFolder) {
		example += "-- " + name + " --\n" + string(file.Data)
	}
	f.Add(example)
	for _, kind := range kinds {
		f.Add("-- .github/workflows/w.yml --\n" + kind)
	}
	cases, err := filepath.Glob(filepath.Join(caseFolder, "*.txtar"))
	if err != nil || len(cases) == 0 {
		f.Fatalf("no cases: %v", err)
	}
	for n, name := range cases {
		if testing.Short() && n%sample != 0 {
			continue // TestCases reads them all
		}
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	s := schema(f)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<15 {
			return
		}
		files := split(text)
		first := written(t, files, "json")
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(first))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(document); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(string(first), string(written(t, files, "json"))); diff != "" {
			t.Errorf("the second audit differs:\n%s", diff)
		}
		for _, format := range report.Formats() {
			written(t, files, format)
		}
	})
}

// deniedFS is a file system of which some files cannot be opened, and others
// break off while they are read.
type deniedFS struct {
	files          fstest.MapFS
	denied, broken string
}

func (d deniedFS) Open(name string) (fs.File, error) {
	if name == d.denied {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	f, err := d.files.Open(name)
	if err == nil && name == d.broken {
		return brokenFile{f}, nil
	}
	return f, err
}

type brokenFile struct{ fs.File }

func (brokenFile) Read(p []byte) (int, error) { return iotest.ErrReader(fs.ErrClosed).Read(p) }

// TestUnreadable audits what can be read where other files cannot.
func TestUnreadable(t *testing.T) {
	const good = "on: push\njobs: {a: {runs-on: x, steps: [{uses: ./act}, {run: ./a.sh && gh issue close 1, env: {GH_TOKEN: '${{ secrets.A_PAT }}'}}]}}\n"
	files := fstest.MapFS{
		workflow.Folder + "/good.yml":   {Data: []byte(good)},
		workflow.Folder + "/denied.yml": {Data: []byte(good)},
		workflow.Folder + "/broken.yml": {Data: []byte(good)},
		"act/action.yml":                {Data: []byte("name: a\nruns: {using: composite, steps: [{run: x, shell: sh}]}\n")},
		"a.sh":                          {Data: []byte("gh secret set A")},
	}
	r := Repository(deniedFS{files, workflow.Folder + "/denied.yml", workflow.Folder + "/broken.yml"}, Options{})
	var got []string
	for _, p := range r.Errors {
		got = append(got, p.File+": "+p.Message)
	}
	want := []string{
		workflow.Folder + "/broken.yml: could not be read: file already closed",
		workflow.Folder + "/denied.yml: could not be read: permission denied",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if len(r.References) != 1 || r.References[0].Verdict != audit.VerdictNotReplaceable || r.Workflows != 1 {
		t.Errorf("%d references, %d workflows", len(r.References), r.Workflows)
	}

	// A script that cannot be read may do anything: never replaceable.
	r = Repository(deniedFS{files, "a.sh", ""}, Options{Only: workflow.Folder + "/good.yml"})
	if len(r.References) != 1 || r.References[0].Verdict != audit.VerdictUnknown {
		t.Errorf("with a script unread: %+v", r.References)
	}

	// Nor is a folder an answer.
	r = Repository(deniedFS{files, workflow.Folder, ""}, Options{})
	if len(r.Errors) == 0 || r.Errors[0].File != workflow.Folder || r.Workflows != 0 {
		t.Errorf("%+v", r.Errors)
	}
}

// TestOnly limits the report to one file, with the others still read.
func TestOnly(t *testing.T) {
	files := folder(t, exampleFolder)
	for _, w := range Repository(files, Options{}).References {
		r := Repository(files, Options{Only: w.File})
		if r.Workflows != 1 || len(r.References) == 0 {
			t.Fatalf("%s: %d workflows, %d references", w.File, r.Workflows, len(r.References))
		}
		for _, x := range r.References {
			if x.ID == w.ID && cmp.Diff(w, x) != "" {
				t.Errorf("%s says something else alone:\n%s", w.Secret, cmp.Diff(w, x))
			}
		}
		for _, x := range r.Findings {
			if x.File != w.File {
				t.Errorf("%s: a finding in %s", w.File, x.File)
			}
		}
	}
	if r := Repository(files, Options{Only: workflow.Folder + "/none.yml"}); r.Workflows != 0 || r.Files != 0 {
		t.Errorf("%d workflows", r.Workflows)
	}
}
