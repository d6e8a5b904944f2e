package bulk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
	"github.com/patrol-actions/patrol/audit/github/githubtest/connect"
	"github.com/patrol-actions/patrol/audit/trace"
)

const token = "ghp_bulk"

func world(repositories ...githubtest.Repository) githubtest.World {
	return githubtest.World{
		Users:         []githubtest.User{{Login: "octo"}},
		Organizations: []githubtest.Organization{{Login: "example", Members: map[string]string{"octo": "admin"}}},
		Tokens:        []githubtest.Token{{Name: "auditor", Value: token, Kind: githubtest.Classic, User: "octo", Scopes: []string{"repo", "read:org"}}},
		Repositories:  repositories,
	}
}

func reader(t testing.TB, s *githubtest.Server) *Reader {
	return NewReader(connect.Client(t, s, token))
}

// all lists an account page by page.
func all(t testing.TB, r *Reader, login string) (out []*Repository) {
	t.Helper()
	for after := ""; ; {
		page, err := r.List(context.Background(), login, after)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, page.Repositories...)
		if after = page.Next; after == "" {
			return out
		}
	}
}

// settle asks until a function that reads a view wants nothing more.
func settle(t testing.TB, r *Reader, tree *Tree, others *Others, read func(*View)) *View {
	t.Helper()
	for range 20 {
		v := tree.View(others)
		read(v)
		wants := v.Wants()
		if len(wants) == 0 {
			return v
		}
		for len(wants) > 0 {
			left, err := r.Fetch(context.Background(), wants)
			if err != nil {
				t.Fatal(err)
			}
			wants = left
		}
	}
	t.Fatal("it never ends")
	return nil
}

func TestList(t *testing.T) {
	server := githubtest.New(t, world(
		githubtest.Repository{Owner: "example", Name: "b", Visibility: githubtest.Private, Topics: []string{"go", "web"}, Files: map[string]string{"README.md": "x", ".github/workflows/a.yml": "on: push"}},
		githubtest.Repository{Owner: "example", Name: "a", Archived: true, Fork: true, DefaultBranch: "trunk", Files: map[string]string{"x": ""}},
		githubtest.Repository{Owner: "example", Name: "empty", Empty: true},
		githubtest.Repository{Owner: "octo", Name: "own", Files: map[string]string{"x": ""}},
	))
	var got []string
	for _, r := range all(t, reader(t, server), "EXAMPLE") {
		var names []string
		for _, e := range r.Root {
			names = append(names, e.Name)
			if len(e.ID) != idLength {
				t.Errorf("%s: %s has the id %q", r.Name, e.Name, e.ID)
			}
		}
		got = append(got, fmt.Sprintf("%s %s %t %t %v %s %v %t", r.Name, r.Visibility, r.Archived, r.Fork, r.Topics, r.Branch, names, r.Empty()))
	}
	want := []string{
		"example/a public true true [] trunk [x] false",
		"example/b private false false [go web] main [.github README.md] false",
		"example/empty public false false []  [] true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if page, err := reader(t, server).List(context.Background(), "octo", ""); err != nil || page.Kind != "user" || page.Login != "octo" || page.Total != 1 {
		t.Errorf("a user's: %+v, %v", page, err)
	}
	var missing *MissingError
	if _, err := reader(t, server).List(context.Background(), "nobody", ""); !errors.As(err, &missing) || missing.Login != "nobody" {
		t.Errorf("an account that is not there: %v", err)
	}
	if n, cost, err := reader(t, server).Budget(context.Background(), []string{"example", "octo"}); err != nil || n != 4 || cost.Limit == 0 {
		t.Errorf("budget: %d %+v %v", n, cost, err)
	}
	found, err := reader(t, server).Lookup(context.Background(), []string{"example/b", "octo/own", "example/no\"ne"})
	if err != nil || found["example/b"] == nil || found["octo/own"] == nil || found["example/no\"ne"] != nil {
		t.Errorf("by name: %v, %v", found, err)
	}
}

// TestView reads files through a view as through a folder.
func TestView(t *testing.T) {
	files := map[string]string{
		".github/workflows/a.yml": "on: push", ".github/patrol.yml": "x", "README.md": "Hello", "tools/deep/er/run.sh": "echo", "tools/empty": "",
		"binary": "a\x00b", "large": strings.Repeat("x", 600_000), "huge": strings.Repeat("x", 1<<20+1), `odd "name"` + "\\\n.sh": "odd",
	}
	server := githubtest.New(t, world(githubtest.Repository{Owner: "example", Name: "r", Files: files}))
	r := reader(t, server)
	tree := all(t, r, "example")[0].Tree()
	var got []string
	settle(t, r, tree, nil, func(v *View) {
		got = nil
		read := func(name string) {
			data, err := fs.ReadFile(v, name)
			said := string(data[:min(len(data), 20)])
			var path *fs.PathError
			if errors.As(err, &path) {
				said = path.Err.Error()
			}
			got = append(got, fmt.Sprintf("%q: %d %s", name, len(data), said))
		}
		for _, name := range []string{
			".github/workflows/a.yml", ".github/patrol.yml", "README.md", "readme.md", "tools/deep/er/run.sh", "tools/deep/er/no.sh", "tools/no/er/run.sh", "no/run.sh",
			"tools/empty", "binary", "large", "huge", `odd "name"` + "\\\n.sh", "tools", "../x", "README.md/x",
		} {
			read(name)
		}
		matches, _ := fs.Glob(v, "tools/*")
		got = append(got, fmt.Sprint(matches))
	})
	want := []string{
		`".github/workflows/a.yml": 8 on: push`, `".github/patrol.yml": 1 x`, `"README.md": 5 Hello`, `"readme.md": 0 file does not exist`,
		`"tools/deep/er/run.sh": 4 echo`, `"tools/deep/er/no.sh": 0 file does not exist`, `"tools/no/er/run.sh": 0 file does not exist`, `"no/run.sh": 0 file does not exist`,
		`"tools/empty": 0 `, `"binary": 0 it is no text`, `"large": 600000 xxxxxxxxxxxxxxxxxxxx`, `"huge": 0 the file is larger than 1024 KiB, the most that is read`,
		`"odd \"name\"\\\n.sh": 3 odd`, `"tools": 0 this is a folder`, `"../x": 0 invalid argument`, `"README.md/x": 0 file does not exist`,
		`[tools/deep tools/empty]`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestLikeAnyFileSystem holds a view against the rules of package fs.
func TestLikeAnyFileSystem(t *testing.T) {
	server := githubtest.New(t, world(githubtest.Repository{Owner: "example", Name: "r", Files: map[string]string{".github/workflows/a.yml": "on: push", "tools/run.sh": "x", "a": "b"}}))
	r := reader(t, server)
	tree := all(t, r, "example")[0].Tree()
	v := settle(t, r, tree, nil, func(v *View) {
		_ = fs.WalkDir(v, ".", func(name string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				_, _ = fs.ReadFile(v, name)
			}
			return nil
		})
	})
	if err := fstest.TestFS(v, ".github/workflows/a.yml", "tools/run.sh", "a"); err != nil {
		t.Error(err)
	}
}

// TestLinks follows links to files of the tree, and none out of it.
func TestLinks(t *testing.T) {
	r := &Repository{Name: "example/r", Commit: strings.Repeat("a", 40), Root: []Entry{{Name: "run", Mode: modeLink}, {Name: "out", Mode: modeLink}, {Name: "loop", Mode: modeLink}, {Name: "real", Mode: 0o100644}, {Name: "sub", Mode: modeSubmodule}}}
	tree := r.Tree()
	for name, text := range map[string]string{"run": "real", "out": "../secret", "loop": "loop", "real": "echo"} {
		tree.fill(name, &object{data: []byte(text)})
	}
	v := tree.View(nil)
	for name, want := range map[string]string{"run": "echo", "out": "", "loop": "", "real": "echo"} {
		data, err := fs.ReadFile(v, name)
		if string(data) != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
	if info, err := fs.Stat(v, "run"); err != nil || !info.Mode().IsRegular() {
		t.Errorf("a link to a file: %v, %v", info, err)
	}
}

// TestMount reads the repositories of the same accounts that one names.
func TestMount(t *testing.T) {
	shared := map[string]string{".github/workflows/w.yml": "on: workflow_call", "act/action.yml": "name: x"}
	server := githubtest.New(t, world(
		githubtest.Repository{Owner: "example", Name: "r", Files: map[string]string{".github/workflows/a.yml": "on: push"}},
		githubtest.Repository{Owner: "example", Name: "shared", Files: map[string]string{"x": ""}, Tags: map[string]map[string]string{"v1": shared, "v2": shared}, Annotated: []string{"v2"}},
	))
	r := reader(t, server)
	tree := all(t, r, "example")[0].Tree()
	others := &Others{Owners: map[string]bool{"example": true}}
	got := map[string]string{}
	v := settle(t, r, tree, others, func(v *View) {
		for _, name := range []string{"Example/shared@v1", "example/shared@v2", "example/shared@v3", "example/none@v1", "octo/x@v1"} {
			full, ref, _ := strings.Cut(name, "@")
			folder, err := v.Mount(full, ref, audit.Place{File: "a.yml", Line: 3})
			if err == nil {
				_, err = fs.ReadFile(v, folder+"/.github/workflows/w.yml")
			}
			got[name] = "read"
			switch {
			case errors.Is(err, trace.ErrUnasked):
				got[name] = "unasked"
			case errors.Is(err, fs.ErrNotExist):
				got[name] = "none"
			case err != nil:
				got[name] = err.Error()
			}
		}
	})
	want := map[string]string{"Example/shared@v1": "read", "example/shared@v2": "read", "example/shared@v3": "none", "example/none@v1": "none", "octo/x@v1": "unasked"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	mounted := v.Mounted()
	commits, err := r.Commits(context.Background(), []string{"Example/shared@v1", "example/shared@v2", "example/shared@v3"})
	if err != nil || mounted["Example/shared@v1"] == "" || commits["Example/shared@v1"] != mounted["Example/shared@v1"] || commits["example/shared@v2"] != mounted["example/shared@v2"] || commits["example/shared@v3"] != "" {
		t.Errorf("mounted %v, asked again %v, %v", mounted, commits, err)
	}
}

// TestTooMuch halves what is asked for where GitHub does not bear it, and asks
// for more again when it does.
func TestTooMuch(t *testing.T) {
	var repositories []githubtest.Repository
	for i := range 60 {
		repositories = append(repositories, githubtest.Repository{Owner: "example", Name: fmt.Sprintf("r%02d", i), Files: map[string]string{".github/workflows/a.yml": "on: push"}})
	}
	w := world(repositories...)
	w.Limits.GraphQLObjects = 150
	server := githubtest.New(t, w)
	r := reader(t, server)
	listed := all(t, r, "example")
	if len(listed) != 60 || r.pages.now == 100 {
		t.Fatalf("%d repositories, %d at a time", len(listed), r.pages.now)
	}
	var wants []Want
	for _, x := range listed {
		wants = append(wants, x.Tree().View(nil).Wants()...)
	}
	for len(wants) > 0 {
		left, err := r.Fetch(context.Background(), wants)
		if err != nil {
			t.Fatal(err)
		}
		wants = left
	}
	if r.objects.now >= 300 {
		t.Errorf("%d objects at a time", r.objects.now)
	}
	s := size{now: 3, most: 10}
	for range 3 * growAfter {
		s.went(true)
	}
	if s.now != 10 {
		t.Errorf("after answers that went well: %d", s.now)
	}
}

// TestFailures keeps what cannot be read of one repository from the others.
func TestFailures(t *testing.T) {
	w := world(
		githubtest.Repository{Owner: "example", Name: "a", Files: map[string]string{".github/workflows/a.yml": "on: push"}},
		githubtest.Repository{Owner: "example", Name: "b", Files: map[string]string{".github/workflows/a.yml": "on: push"}},
	)
	server := githubtest.New(t, w)
	r := reader(t, server)
	gone := &Repository{Name: "example/gone", Commit: strings.Repeat("a", 40), Root: []Entry{{Name: ".github", Mode: modeFolder}}}
	first, missing := all(t, r, "example")[0].Tree(), gone.Tree()
	wants := append(first.View(nil).Wants(), missing.View(nil).Wants()...)
	if _, err := r.Fetch(context.Background(), wants); err != nil {
		t.Fatal(err)
	}
	if first.Err() != nil || !errors.Is(missing.Err(), fs.ErrNotExist) {
		t.Errorf("one: %v, the other: %v", first.Err(), missing.Err())
	}
	server.Fail(githubtest.Match{Template: "/graphql"}, githubtest.Fault{Status: http.StatusUnauthorized, Body: `{"message":"Bad credentials"}`})
	if _, err := r.Fetch(context.Background(), wants); !errors.Is(err, github.ErrUnauthorized) {
		t.Errorf("a token that is refused: %v", err)
	}
	server.Heal()
	server.Fail(githubtest.Match{Template: "/graphql"}, githubtest.Fault{HTML: true})
	if _, err := r.Fetch(context.Background(), wants[:1]); err != nil {
		t.Errorf("a repository that cannot be read: %v", err)
	}
	if first.Err() == nil {
		t.Error("what cannot be read is not said")
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add("a/b", "Tree", 0o40000, "x")
	f.Fuzz(func(t *testing.T, name, typename string, mode int, text string) {
		r := &Repository{Name: "example/r", Commit: strings.Repeat("a", 40), Root: []Entry{{Name: "d", Mode: modeFolder}}}
		tree := r.Tree()
		g := group{tree: tree, wants: []Want{{tree, kindFolder, "d"}, {tree, kindObject, "d/x"}}}
		binary := false
		b := &blob{ByteSize: len(text), IsBinary: &binary, Text: &text}
		g.take(map[string]*answered{"o0": {Typename: typename, Entries: []folderEntry{{name, mode, b}, {"x", 0, b}}}, "o1": {Typename: "Blob", blob: *b}}, nil)
		v := tree.View(nil)
		_ = fs.WalkDir(v, ".", func(p string, _ fs.DirEntry, _ error) error {
			if !fs.ValidPath(p) {
				t.Errorf("the path %q", p)
			}
			_, _ = fs.ReadFile(v, p)
			return nil
		})
	})
}

// TestAllFiles asks for the names of all files once, and says that what is found
// among them rests on every folder.
func TestAllFiles(t *testing.T) {
	files := map[string]string{"README.md": "x", "src/deep/a.py": "x", ".github/workflows/a.yml": "on: push"}
	for _, test := range []struct {
		name  string
		limit int
		want  []string
	}{
		{"all", 0, []string{".github/workflows/a.yml", "README.md", "src/deep/a.py"}},
		{"more than GitHub lists", 2, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := githubtest.New(t, world(githubtest.Repository{Owner: "example", Name: "a", Files: files, TreeLimit: test.limit}))
			r := reader(t, server)
			var got []string
			v := settle(t, r, all(t, r, "example")[0].Tree(), nil, func(v *View) { got = v.AllFiles() })
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, name := range []string{".", "README.md", "src", ".github"} {
				if v.Used()[name] == "" {
					t.Errorf("%s is not said to have been used", name)
				}
			}
		})
	}
}
