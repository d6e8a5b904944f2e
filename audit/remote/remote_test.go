package remote

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
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
	"github.com/patrol-actions/patrol/audit/workflow"
)

// source is one that asks a server.
func source(t testing.TB, url string) *Source {
	t.Helper()
	host, err := github.ParseHost(url)
	if err != nil {
		t.Fatal(err)
	}
	client, err := github.New(github.Options{Host: host, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	return New(t.Context(), client)
}

func world(files map[string]string) githubtest.World {
	return githubtest.World{
		Organizations: []githubtest.Organization{{Login: "x"}},
		Limits:        githubtest.Limits{Anonymous: 1000},
		Repositories: []githubtest.Repository{
			{Owner: "x", Name: "y", Former: []string{"x/old"}, Files: files, Tags: map[string]map[string]string{"v1": files}},
			{Owner: "x", Name: "empty", Empty: true},
			{Owner: "x", Name: "private", Visibility: githubtest.Private, Files: files},
		},
	}
}

var files = map[string]string{
	"action.yml": "name: x\nruns: {using: composite, steps: []}\n", "a/b/c.sh": "echo c\n", "a/empty": "", "a b/ü#?%.sh": "echo ü\n",
	".github/workflows/ci.yml": "on: push\njobs: {a: {runs-on: x, steps: [{run: make}]}}\n", "large.sh": strings.Repeat("#", maxFile+1),
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"x/y": "x/y", "x/y@v1": "x/y@v1", "x/y@releases/v1": "x/y@releases/v1", "mona_acme/.github": "mona_acme/.github", "x/y@a@b": "x/y@a@b",
		"": "", "x": "", "x/": "", "/y": "", "x/y/z": "", "x/..": "", "x/.": "", "../y": "", "./y": "", "-x/y": "", "x/y@": "", "x/y@..": "", "x/y@a/../b": "", "x/y@/a": "",
		"x/y@a b": "", "x/y@a~1": "", "x/y@-a": "", "x/y@a@{0}": "", "x y/z": "", "x/y\n": "", "x/y@a\x00": "", "x/y?a=b": "", "x/y@a?b": "", "x/y@a:b": "", strings.Repeat("x", 40) + "/y": "",
	} {
		n, ok := Parse(text)
		if ok != (want != "") || ok && n.String() != want {
			t.Errorf("%q: %v %v", text, n, ok)
		}
	}
	for ref, want := range map[string]bool{"v1": false, strings.Repeat("a", 40): true, strings.Repeat("a", 39): false, strings.Repeat("A", 40): false} {
		if (Name{"x", "y", ref}).Pinned() != want {
			t.Errorf("%s: %v", ref, !want)
		}
	}
}

// TestTree holds the file system to the rules of package fs, listed at once
// and folder by folder.
func TestTree(t *testing.T) {
	for name, limit := range map[string]int{"at once": 0, "folder by folder": 2} {
		t.Run(name, func(t *testing.T) {
			w := world(map[string]string{"action.yml": files["action.yml"], "a/b/c.sh": "echo c\n", "a/empty": "", "a b/ü#?%.sh": "echo ü\n"})
			w.Repositories[0].TreeLimit = limit
			server := githubtest.New(t, w)
			tree, err := source(t, server.URL).At(Name{"x", "y", "v1"})
			if err != nil {
				t.Fatal(err)
			}
			if err := fstest.TestFS(tree, "action.yml", "a/b/c.sh", "a/empty", "a b/ü#?%.sh"); err != nil {
				t.Error(err)
			}
			before := len(server.Exchanges())
			for _, missing := range []string{"b", "a/c", "action.yml/x", "no/such/folder"} {
				if _, err := fs.Stat(tree, missing); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s: %v", missing, err)
				}
			}
			if data, err := fs.ReadFile(tree, "a/b/c.sh"); err != nil || string(data) != "echo c\n" {
				t.Errorf("%q %v", data, err)
			}
			if n := len(server.Exchanges()) - before; n != 0 {
				t.Errorf("%d requests for what is known", n)
			}
		})
	}
}

// TestAtRefuses gives fs.ErrNotExist for what cannot be had, and reads no file
// that is too large.
func TestAtRefuses(t *testing.T) {
	server := githubtest.New(t, world(files))
	s := source(t, server.URL)
	for _, n := range []Name{{"x", "none", "v1"}, {"x", "y", "v2"}, {"x", "private", "main"}} {
		if _, err := s.At(n); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", n, err)
		}
	}
	if _, err := s.At(Name{"x", "empty", "main"}); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty repository: %v", err)
	}
	if _, err := s.At(Name{"x", "..", "main"}); err == nil {
		t.Error("a name that leads out")
	}
	server.Forget()
	tree, err := s.At(Name{"X", "old", ""})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.ReadFile(tree, "large.sh"); !errors.Is(err, errLarge) {
		t.Error(err)
	}
	for _, e := range server.Exchanges() {
		if strings.Contains(e.Path, "large") {
			t.Errorf("%s was asked for", e.Path)
		}
	}
}

// TestBounds ends the asking, and says why.
func TestBounds(t *testing.T) {
	s := source(t, githubtest.New(t, world(files)).URL)
	tree, err := s.At(Name{"x", "y", "v1"})
	if err != nil {
		t.Fatal(err)
	}
	s.requests = maxRequests
	if _, err := fs.ReadFile(tree, "action.yml"); err == nil || !strings.Contains(err.Error(), "5000 requests") {
		t.Error(err)
	}
	s.requests, s.ended, s.bytes = 0, nil, maxBytes
	if _, err := fs.ReadFile(tree, "a/b/c.sh"); err == nil || !strings.Contains(err.Error(), "256 MiB") {
		t.Error(err)
	}
}

func TestView(t *testing.T) {
	server := githubtest.New(t, world(files))
	s := source(t, server.URL)
	view := s.Over(fstest.MapFS{"x/y@v1/action.yml": {Data: []byte("mine")}, "a@b": {Data: []byte("a")}})
	if data, err := fs.ReadFile(view, "x/y@v1/action.yml"); string(data) != "mine" {
		t.Errorf("before it is mounted: %q %v", data, err)
	}
	folder, err := view.Mount("x/y", "v1", audit.Place{File: "w.yml", Line: 3})
	if err != nil || folder != "x/y@v1" {
		t.Fatal(folder, err)
	}
	if data, err := fs.ReadFile(view, folder+"/action.yml"); string(data) != files["action.yml"] {
		t.Errorf("%q %v", data, err)
	}
	if data, err := fs.ReadFile(view, "a@b"); string(data) != "a" {
		t.Errorf("%q %v", data, err)
	}
	if entries, err := fs.ReadDir(view, folder); err != nil || len(entries) != 5 {
		t.Errorf("%v %v", entries, err)
	}
	for _, bad := range [][2]string{{"x/y", ""}, {"x/..", "v1"}, {"x/y/z", "v1"}, {"x/y", "a/../b"}, {"x/none", "v1"}} {
		if _, err := view.Mount(bad[0], bad[1], audit.Place{}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if p := view.Problems(); len(p) != 0 {
		t.Errorf("%+v", p)
	}
	// One view's repositories are not another's, but are asked for once.
	server.Forget()
	other := s.Over(fstest.MapFS{})
	if _, err := fs.ReadFile(other, folder+"/action.yml"); err == nil {
		t.Error("it is there before it is mounted")
	}
	if _, err := other.Mount("x/y", "v1", audit.Place{}); err != nil || len(server.Exchanges()) != 0 {
		t.Errorf("%v %v", err, server.Exchanges())
	}
	for i := range maxMounts + 10 {
		_, _ = view.Mount("x/y", fmt.Sprint("w", i), audit.Place{File: "w.yml", Line: i})
	}
	if p := view.Problems(); len(p) == 0 || !strings.Contains(p[0].Message, "more than 200") {
		t.Errorf("%+v", p)
	}
}

func TestSnapshot(t *testing.T) {
	server := githubtest.New(t, world(files))
	s := source(t, server.URL)
	for _, n := range []Name{{"x", "y", "v1"}, {"x", "old", ""}} {
		got, err := s.Snapshot(n)
		if err != nil {
			t.Fatal(err)
		}
		if got.Name != "x/y" || got.DefaultBranch != "main" || !commitName.MatchString(got.Commit) {
			t.Errorf("%+v", got)
		}
		if err := fstest.TestFS(noLarge{got.FS}, "action.yml", "a/b/c.sh", ".github/workflows/ci.yml"); err != nil {
			t.Error(err)
		}
		if r := workflow.Load(got.FS); len(r.Workflows) != 1 || r.Actions["."] == nil || len(r.Problems) != 0 {
			t.Errorf("%+v", r)
		}
		if _, err := fs.ReadFile(got.FS, "large.sh"); !errors.Is(err, errLarge) {
			t.Error(err)
		}
	}
	for n, want := range map[Name]string{
		{"x", "none", ""}:      "GitHub shows no repository x/none to requests without a token: check the name, or put a token that may read its contents into GH_TOKEN",
		{"x", "private", "v1"}: "GitHub shows no repository x/private to requests without a token: check the name, or put a token that may read its contents into GH_TOKEN",
		{"x", "y", "v2"}:       `x/y has no branch, tag or commit "v2": check its name`,
		{"x", "empty", ""}:     "the repository x/empty is empty",
	} {
		if _, err := s.Snapshot(n); err == nil || err.Error() != want {
			t.Errorf("%s: %v", n, err)
		}
	}
}

// noLarge hides the file that is too large, as TestFS reads all.
type noLarge struct{ fs.FS }

func (n noLarge) Open(name string) (fs.File, error) {
	f, err := n.FS.Open(name)
	if d, ok := f.(fs.ReadDirFile); ok && name == "." {
		return withoutLarge{d}, err
	}
	return f, err
}

type withoutLarge struct{ fs.ReadDirFile }

func (w withoutLarge) ReadDir(n int) ([]fs.DirEntry, error) {
	entries, err := w.ReadDirFile.ReadDir(n)
	var out []fs.DirEntry
	for _, e := range entries {
		if e.Name() != "large.sh" {
			out = append(out, e)
		}
	}
	if len(out) == 0 && n > 0 && err == nil {
		return w.ReadDir(n)
	}
	return out, err
}

// TestSnapshotLarge reads a repository file by file whose archive is larger
// than the bounds, or breaks off.
func TestSnapshotLarge(t *testing.T) {
	var many bytes.Buffer
	zipped := gzip.NewWriter(&many)
	w := tar.NewWriter(zipped)
	for i := range maxFiles + 2 {
		_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: fmt.Sprint("d/", i), Mode: 0o644})
	}
	_ = w.Close()
	_ = zipped.Close()
	var bomb bytes.Buffer
	zipped = gzip.NewWriter(&bomb)
	w = tar.NewWriter(zipped)
	zeros := make([]byte, 1<<20)
	_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "d/bomb", Mode: 0o644, Size: 300 << 20})
	for range 300 {
		_, _ = w.Write(zeros)
	}
	_ = w.Close()
	_ = zipped.Close()
	for name, archive := range map[string][]byte{"many files": many.Bytes(), "a bomb": bomb.Bytes()} {
		t.Run(name, func(t *testing.T) {
			server := githubtest.New(t, world(files))
			other := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(archive) })
			server.Fail(githubtest.Match{Template: "/repos/{owner}/{repo}/tarball/{ref}"}, githubtest.Fault{Redirect: other})
			got, err := source(t, server.URL).Snapshot(Name{"x", "y", ""})
			if err != nil {
				t.Fatal(err)
			}
			if r := workflow.Load(got.FS); len(r.Workflows) != 1 || r.Actions["."] == nil {
				t.Errorf("%+v", r)
			}
		})
	}
	server := githubtest.New(t, world(files))
	other := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(many.Bytes()[:1000]) })
	server.Fail(githubtest.Match{Template: "/repos/{owner}/{repo}/tarball/{ref}"}, githubtest.Fault{Redirect: other})
	if _, err := source(t, server.URL).Snapshot(Name{"x", "y", ""}); err == nil || !strings.Contains(err.Error(), "the archive of x/y could not be read") {
		t.Error(err)
	}
}

// TestUnpack leaves out of a hostile archive what leads out of it.
func TestUnpack(t *testing.T) {
	var buffer bytes.Buffer
	zipped := gzip.NewWriter(&buffer)
	w := tar.NewWriter(zipped)
	add := func(h tar.Header, text string) {
		h.Size, h.Mode = int64(len(text)), 0o644
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(text))
	}
	for _, name := range []string{"d/ok.sh", "d/../out.sh", "d/../../etc/passwd", "/etc/passwd", "d//etc/passwd", "d/a/../../../out", "d/./x", "d/node_modules/a/action.yml", "d/.git/config", "top", "d/\xff"} {
		add(tar.Header{Typeflag: tar.TypeReg, Name: name}, "text")
	}
	add(tar.Header{Typeflag: tar.TypeReg, Name: "d/ok.sh/below"}, "text")
	add(tar.Header{Typeflag: tar.TypeReg, Name: "d/ok.sh"}, "another")
	add(tar.Header{Typeflag: tar.TypeReg, Name: "d/binary"}, "a\x00b")
	add(tar.Header{Typeflag: tar.TypeFifo, Name: "d/pipe"}, "")
	for name, to := range map[string]string{"in": "ok.sh", "deep/in": "../ok.sh", "out": "../../etc/passwd", "absolute": "/etc/passwd", "self": "self", "folder": "deep", "dangling": "nowhere"} {
		add(tar.Header{Typeflag: tar.TypeSymlink, Name: "d/" + name, Linkname: to}, "")
	}
	add(tar.Header{Typeflag: tar.TypeLink, Name: "d/hard", Linkname: "/etc/passwd"}, "")
	_ = w.Close()
	_ = zipped.Close()
	tree := unpackedTree(t, buffer.Bytes())
	var got []string
	for dir, entries := range tree.dirs {
		for base, n := range entries {
			if n.mode.IsRegular() {
				data, err := tree.read(base, n)
				got = append(got, fmt.Sprintf("%s/%s=%s %v", dir, base, data, err))
			} else if !n.mode.IsDir() {
				got = append(got, dir+"/"+base)
			}
		}
	}
	want := []string{
		"./absolute", "./binary= the file is no text", "./dangling", "./folder", "./in=text <nil>", "./ok.sh=text <nil>", "./out", "./self", "deep/in=text <nil>",
	}
	if diff := cmp.Diff(want, got, cmp.Transformer("sort", sorted)); diff != "" {
		t.Error(diff)
	}
}
