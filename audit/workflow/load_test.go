package workflow

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rhysd/actionlint"
)

const workflowPath = ".github/workflows/w.yml"

// job is the smallest job, below "on: push".
const job = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: echo ${{ secrets.A }}\n"

// loadOne loads one workflow file, and returns its problems as
// "line: message".
func loadOne(source string) (r *Repository, problems []string) {
	r = Load(fstest.MapFS{workflowPath: {Data: []byte(source)}})
	for _, p := range r.Problems {
		problems = append(problems, fmt.Sprintf("%d: %s", p.Line, p.Message))
	}
	return r, problems
}

// bomb is YAML of few lines that stands for 9^12 values.
func bomb() string {
	var b strings.Builder
	b.WriteString("x0: &x0 [y]\n")
	for i := range 12 {
		fmt.Fprintf(&b, "x%d: &x%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*x%d,", i), 9), ","))
	}
	return b.String()
}

// TestBadWorkflows holds each kind of fault against the one problem that
// must come of it, and against the number of jobs that are read all the same.
func TestBadWorkflows(t *testing.T) {
	tests := []struct {
		name, source string
		want         string // "line: piece of the message", "" for none
		jobs         int
	}{
		{"good", job, "", 1},
		{"byte order mark", "\ufeff" + job, "", 1},
		{"CR LF", strings.ReplaceAll(job, "\n", "\r\n"), "", 1},
		{"empty", "", "1: workflow is empty", -1},
		{"comments only", "# a\n\n", "1: workflow is empty", -1},
		{"null", "~\n", `1: "workflow" section should not be empty`, -1},
		{"list", "- a\n- b\n", `1: "workflow" section is sequence node`, -1},
		{"scalar", "hello\n", `1: "workflow" section is scalar node`, -1},
		{"no jobs", "on: push\n", `1: "jobs" section is missing`, 0},
		{"empty jobs", "on: push\njobs:\n", `2: "jobs" section should not be empty`, 0},
		{"no on", strings.TrimPrefix(job, "on: push\n"), `1: "on" section is missing`, 1},
		{"no steps", job + "  b:\n    runs-on: x\n", `7: "steps" section is missing in job "b"`, 2},
		{"step without work", job + "      - name: b\n", "7: step must run script", 1},
		{"invalid UTF-8", job + "\n# \xff\n", "8: could not be read: this line is not valid UTF-8", -1},
		{"control character", job + "# \x07\n", "7: could not parse as YAML: control characters", 1},
		{"tab", job + "\tb: {}\n", "6: could not parse as YAML: found a tab", 1},
		{"wrong indentation", job + "   c: {}\n", "7: could not parse as YAML: did not find expected key", 1},
		{"open quote", job + "  b: \"\n  c: {}\n", "7: could not parse as YAML: found unexpected end of stream", 1},
		{"unknown alias", job + "  b: *b\n", "7: could not parse as YAML: unknown anchor", 1},
		{"merge key", job + "    env: {<<: &e {A: b}}\n", `7: GitHub Actions does not support YAML merge key "<<"`, 1},
		{"duplicate key", job + "  A:\n    runs-on: x\n    steps: [{run: x}]\n", `7: key "A" is duplicated`, 1},
		{"bomb", bomb() + job, "0: could not be read: its YAML aliases stand for more than", -1},
		{"deep", job + "x: " + strings.Repeat("[", 20000), "7: could not parse as YAML: exceeded max depth", 1},
		{"deep enough", job + "x: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "", 1},
		{"second document", job + "---\n" + job, "7: a second YAML document begins here", 1},
		{"first document's mark", "# a\n---\n" + job, "", 1},
		{"not a number", job + "    timeout-minutes: !!float nan\n", "0: could not be parsed", -1},
		{"list for a value", job + "      - run: [a]\n", "7: expected scalar node for string value", 1},
		{"value for a mapping", job + "    env: ${{ a }}${{ b }}\n", "7: expecting a single ${{...}} expression", 1},
		{"unknown key with an expression", job + "    x: ${{ secrets.B }}\n", `7: unexpected key "x"`, 1},
		{"call with steps", job + "  b: {uses: ./x, env: {A: b}}\n", `7: when a reusable workflow is called`, 2},
		{"half credentials", job + "    container: {image: x, credentials: {password: x}}\n", `7: both "username" and "password"`, 1},
		{"secrets of another form", job + "  b:\n    uses: ./x\n    secrets: ${{ secrets }}\n", "9: expected mapping node for secrets", 2},
		// What follows is advice only: nothing is left out.
		{"unknown key", job + "    x: y\n", "", 1},
		{"unknown event", strings.Replace(job, "push", "[nonsense]", 1), "", 1},
		{"unknown permission", job + "    permissions: {nonsense: write}\n", "", 1},
		{"unused anchor", job + "    env: &e {A: b}\n", "", 1},
		{"empty string", job + "    if: ''\n", "", 1},
		{"no runs-on", strings.Replace(job, "    runs-on: x\n", "", 1), "", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, problems := loadOne(test.source)
			switch {
			case test.want == "" && len(problems) > 0:
				t.Errorf("problems: %q", problems)
			case test.want != "" && (len(problems) != 1 || !strings.HasPrefix(problems[0], test.want)):
				t.Errorf("problems: %q, want %q", problems, test.want)
			}
			jobs := -1
			if len(r.Workflows) > 0 {
				jobs = len(r.Workflows[0].Jobs)
			}
			if jobs != test.jobs {
				t.Errorf("%d jobs, want %d", jobs, test.jobs)
			}
		})
	}
}

// TestUnreadMessages makes sure that each piece of a message is one that the
// parser still says.
func TestUnreadMessages(t *testing.T) {
	// Of these the first three are our own.
	ours := []string{"could not be parsed", "could not be read", "a second YAML document"}
	// And of this no test knows a source: the parser says it of nodes that
	// are neither list nor mapping nor scalar.
	never := []string{"section value is expected to be mapping or sequence", "section value must be string or mapping"}
	sources := []string{
		"a: [", "", "~", "- a", "on: push", "jobs: {a: {}}", "on: push\njobs: {}", "on: push\njobs: {a: {runs-on: x}}",
		"<<: {a: b}", "on: push\non: push", "on: &a [*a]", "on: push\njobs: {a: {steps: [{}]}}", "jobs: {a: {steps: x}}",
		"name: [a]", "jobs: {a: {strategy: {matrix: {a: &b [*b]}}}}", "jobs: {a: {uses: x, secrets: y, steps: z}}", "jobs: {a: {with: {a: b}}}",
		"jobs: {a: {container: {credentials: {username: x}}}}", "env: x", "defaults: {x: y}", "concurrency: {cancel-in-progress: [a]}",
		"jobs: {a: {strategy: {max-parallel: [a]}, timeout-minutes: [a]}}", "x: y",
	}
	var said []string
	for _, source := range sources {
		_, faults := actionlint.Parse([]byte(source))
		for _, fault := range faults {
			said = append(said, fault.Message)
		}
	}
	for _, piece := range slices.Concat(unreadMessages, droppedMessages) {
		if slices.Contains(ours, piece) || slices.Contains(never, piece) {
			continue
		}
		if !slices.ContainsFunc(said, func(message string) bool { return strings.Contains(message, piece) }) {
			t.Errorf("the parser does not say %q", piece)
		}
	}
	if !slices.Contains(said, noWorkMessage) {
		t.Errorf("the parser does not say %q", noWorkMessage)
	}
}

func TestManyProblems(t *testing.T) {
	r, problems := loadOne(job + strings.Repeat("      - name: b\n", 10*maxProblems))
	if len(problems) != maxProblems+1 || !strings.Contains(problems[maxProblems], "more faults") {
		t.Errorf("%d problems, the last one is %q", len(problems), problems[len(problems)-1])
	}
	if got := len(r.Workflows[0].Jobs[0].Steps); got != 1+10*maxProblems {
		t.Errorf("%d steps", got)
	}
}

func TestIncomplete(t *testing.T) {
	r, _ := loadOne(job + "   c: {}\n")
	if r.Workflows[0].BreaksAt == 0 || r.Workflows[0].Jobs[0].Steps[0].Run.Value != "echo ${{ secrets.A }}" {
		t.Errorf("what stands before the fault is not read: %+v", r.Workflows[0])
	}
	if r, _ = loadOne(job); r.Workflows[0].BreaksAt > 0 {
		t.Errorf("a whole workflow is called incomplete")
	}
}

// TestFaultyNeighbours makes sure that no file costs another one.
func TestFaultyNeighbours(t *testing.T) {
	r := Load(fstest.MapFS{
		".github/workflows/a.yml":        {Data: []byte("\xff")},
		".github/workflows/b.yaml":       {Data: []byte(job)},
		".github/workflows/c.yml":        {Data: []byte(strings.Repeat("#\n", maxSize))},
		".github/workflows/d.txt":        {Data: []byte("no workflow")},
		".github/workflows/e.yml/x":      {Data: []byte("a folder")},
		".github/workflows/f.yml":        {Mode: fs.ModeNamedPipe},
		".github/workflows/g/h.yml":      {Data: []byte("GitHub does not look here")},
		"action.yml":                     {Data: []byte("- a\n")},
		"x/y/action.yaml":                {Data: []byte("runs: {using: composite, steps: [{run: a}]}")},
		"x/y/action.yml":                 {Data: []byte("runs: {using: node24, main: index.js}")},
		".git/action.yml":                {Data: []byte("- a\n")},
		"x/node_modules/y/action.yml":    {Data: []byte("- a\n")},
		".github/actions/z/action.yml":   {Data: []byte("runs: {using: docker, image: Dockerfile}")},
		".github/workflows/z/action.yml": {Data: []byte("runs: {using: docker, image: Dockerfile}")},
	})
	var files, problems []string
	for _, w := range r.Workflows {
		files = append(files, w.Path)
	}
	for dir, action := range r.Actions {
		files = append(files, dir+" "+action.Using)
	}
	slices.Sort(files)
	for _, p := range r.Problems {
		problems = append(problems, fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message))
	}
	wantFiles := []string{".github/actions/z docker", ".github/workflows/b.yaml", ".github/workflows/z docker", "x/y node24"}
	if diff := cmp.Diff(wantFiles, files); diff != "" {
		t.Errorf("files: -want +got:\n%s", diff)
	}
	wantProblems := []string{
		".github/workflows/a.yml:1: could not be read: this line is not valid UTF-8",
		".github/workflows/c.yml:0: could not be read: the file is larger than 1024 KiB, the most that is read",
		".github/workflows/f.yml:0: could not be read: this is not a regular file",
		"action.yml:1: this is no action: a mapping is expected, but this is a list",
	}
	if diff := cmp.Diff(wantProblems, problems); diff != "" {
		t.Errorf("problems: -want +got:\n%s", diff)
	}
}

func TestEmptyRepository(t *testing.T) {
	for name, fsys := range map[string]fs.FS{
		"empty":      fstest.MapFS{},
		"no folder":  os.DirFS(filepath.Join(t.TempDir(), "missing")),
		"no .github": fstest.MapFS{"README.md": {}},
	} {
		r := Load(fsys)
		if len(r.Workflows) != 0 || len(r.Actions) != 0 || len(r.Problems) != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestLinks loads a folder with links as os.Root gives it: what leads out is
// a problem, and what stays inside is read.
func TestLinks(t *testing.T) {
	base := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		name = filepath.Join(base, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(base, name)); err != nil {
			t.Fatal(err)
		}
	}
	write("outside.yml", job)
	write("r/inside.yml", job)
	write("r/.github/workflows/a.yml", job)
	link("../../../outside.yml", "r/.github/workflows/b.yml")
	link("../../inside.yml", "r/.github/workflows/c.yml")
	link("d.yml", "r/.github/workflows/d.yml")
	link("..", "r/up")
	link(".", "r/self")
	root, err := os.OpenRoot(filepath.Join(base, "r"))
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	r := Load(root.FS())
	var read, problems []string
	for _, w := range r.Workflows {
		read = append(read, w.Path)
	}
	for _, p := range r.Problems {
		problems = append(problems, p.File)
	}
	if diff := cmp.Diff([]string{".github/workflows/a.yml", ".github/workflows/c.yml"}, read); diff != "" {
		t.Errorf("workflows: -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{".github/workflows/b.yml", ".github/workflows/d.yml"}, problems); diff != "" {
		t.Errorf("problems: -want +got:\n%s", diff)
	}
}

func TestLoadFile(t *testing.T) {
	fsys := fstest.MapFS{
		"x.yml":                        {Data: []byte(job)},
		"a/action.yml":                 {Data: []byte("runs: {using: composite, steps: [{run: a}]}")},
		".github/workflows/action.yml": {Data: []byte(job)},
	}
	for _, test := range []struct {
		path                         string
		workflows, actions, problems int
	}{
		{"x.yml", 1, 0, 0},
		{"./x.yml", 1, 0, 0},
		{"a/action.yml", 0, 1, 0},
		{".github/workflows/action.yml", 1, 0, 0},
		{"missing.yml", 0, 0, 1},
		{"../x.yml", 0, 0, 1},
		{"a", 0, 0, 1},
	} {
		r := LoadFile(fsys, test.path)
		if len(r.Workflows) != test.workflows || len(r.Actions) != test.actions || len(r.Problems) != test.problems {
			t.Errorf("%s: %d workflows, %d actions, problems %v", test.path, len(r.Workflows), len(r.Actions), r.Problems)
		}
	}
}

func TestRead(t *testing.T) {
	r := Load(fstest.MapFS{
		"scripts/a.sh": {Data: []byte("a")},
		"big":          {Data: make([]byte, maxSize+1)},
		"full":         {Data: make([]byte, maxSize)},
	})
	for _, test := range []struct {
		path string
		size int // -1 for an error
	}{
		{"scripts/a.sh", 1}, {"./scripts/../scripts/a.sh", 1}, {"full", maxSize},
		{"big", -1}, {"missing", -1}, {"scripts", -1}, {"../a", -1}, {"/etc/passwd", -1}, {"", -1},
	} {
		content, err := r.Read(test.path)
		if size := len(content); (err != nil) != (test.size < 0) || err == nil && size != test.size {
			t.Errorf("Read(%q): %d bytes, %v", test.path, size, err)
		}
	}
	if _, err := new(Repository).Read("a"); err == nil {
		t.Error("the empty repository has a file")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(job)
	f.Add(bomb())
	f.Add(everything)
	f.Add(composite)
	for _, test := range scalarSources {
		f.Add("on: push\nenv: {}\njobs:\n  a:\n    steps:\n    - run: a\n      env: {" + test.source + "}\n")
	}
	f.Fuzz(func(t *testing.T, source string) {
		r := Load(fstest.MapFS{workflowPath: {Data: []byte(source)}, "action.yml": {Data: []byte(source)}})
		check := func(text Text) {
			span := text.Span(0, len(text.Value))
			if span.Line < 1 || span.Column < 1 || span.EndLine < span.Line || text.Line() < 1 {
				t.Errorf("%q is at %v", text.Value, span)
			}
			for line, offset := text.Lines(), 0; offset < len(text.Value); offset += 1 + len(text.Value)/16 {
				if want := text.Span(offset, offset).Line; line(offset) != want {
					t.Errorf("byte %d of %q is on line %d, not %d", offset, text.Value, want, line(offset))
				}
			}
		}
		for _, w := range r.Workflows {
			for text := range w.Texts() {
				check(text)
			}
			for _, j := range w.Jobs {
				if j.Line < 1 || j.EndLine < j.Line {
					t.Errorf("job %q is on lines %d to %d", j.ID, j.Line, j.EndLine)
				}
			}
		}
		for _, a := range r.Actions {
			for text := range a.Texts() {
				check(text)
			}
		}
		GuessName(fstest.MapFS{".git/config": {Data: []byte(source)}}, source, r)
	})
}

func BenchmarkLoad(b *testing.B) {
	fsys, source := fstest.MapFS{}, strings.Repeat("# a comment\n", 20)+everything
	for i := range 50 {
		fsys[fmt.Sprintf(".github/workflows/%d.yml", i)] = &fstest.MapFile{Data: []byte(source)}
	}
	b.Run("Load", func(b *testing.B) {
		for b.Loop() {
			Load(fsys)
		}
	})
	// The parser alone, to compare with.
	b.Run("Parse", func(b *testing.B) {
		for b.Loop() {
			for _, file := range fsys {
				_, _ = actionlint.Parse(file.Data)
			}
		}
	})
}

// locked is a file system in which one name may not be opened.
type locked struct {
	fstest.MapFS
	name string
}

func (l locked) Open(name string) (fs.File, error) {
	if name == l.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return l.MapFS.Open(name)
}

func (l locked) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == l.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return l.MapFS.ReadDir(name)
}

// TestUnread tells what was kept from the audit from what is at fault.
func TestUnread(t *testing.T) {
	files := fstest.MapFS{workflowPath: {Data: []byte("on: push\njobs: [")}, "data/x": {}, "one/action.yml": {Data: []byte("name: x\n")}}
	for name, want := range map[string][]string{
		workflowPath: {workflowPath}, Folder: {Folder}, "data": {"data"}, "one/action.yml": {"one/action.yml"}, "": nil,
	} {
		var got []string
		for _, p := range Load(locked{files, name}).Problems {
			if p.Unread && !slices.Contains(got, p.File) {
				got = append(got, p.File)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q locked (-want +got):\n%s", name, diff)
		}
	}
}
