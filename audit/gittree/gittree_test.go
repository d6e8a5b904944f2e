package gittree

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// realGit runs the git of the system.
type realGit struct {
	t      testing.TB
	folder string
}

func (g realGit) Run(ctx context.Context, limit int, args ...string) (Output, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = g.folder
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "LC_ALL=C", "GIT_CEILING_DIRECTORIES="+os.TempDir(),
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var status *exec.ExitError
	if err != nil && !errors.As(err, &status) {
		return Output{}, err
	}
	out := Output{Stdout: stdout.Bytes(), Stderr: stderr.String(), Code: cmd.ProcessState.ExitCode()}
	if len(out.Stdout) > limit {
		out.Stdout, out.Truncated = out.Stdout[:limit], true
	}
	return out, nil
}

// do runs git and wants it to work.
func (g realGit) do(args ...string) string {
	g.t.Helper()
	out, err := g.Run(context.Background(), 1<<20, args...)
	if err != nil || out.Code != 0 {
		g.t.Fatalf("git %v: %v %s", args, err, out.Stderr)
	}
	return strings.TrimSpace(string(out.Stdout))
}

func (g realGit) write(name, content string) {
	g.t.Helper()
	file := filepath.Join(g.folder, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		g.t.Fatal(err)
	}
}

func (g realGit) link(target, name string) {
	g.t.Helper()
	if err := os.Symlink(target, filepath.Join(g.folder, name)); err != nil {
		g.t.Fatal(err)
	}
}

// history is a repository with two commits on main, and a branch from the
// first that the work tree is on.
func history(t testing.TB) realGit {
	g := realGit{t, t.TempDir()}
	g.do("init", "-q", "-b", "main")
	g.write("a/b.txt", "b")
	g.write("é \"\t.txt", "é")
	g.write("run.sh", "#!/bin/sh")
	g.write("web/c.txt", "c")
	g.link("a/b.txt", "link")
	g.link("a", "folder")
	g.link("../outside", "out")
	g.link("/etc/passwd", "absolute")
	g.link("loop", "loop")
	g.do("add", "-A")
	g.do("commit", "-qm", "one")
	g.do("tag", "first")
	g.do("switch", "-qc", "branch")
	g.write("a/b.txt", "changed")
	g.do("commit", "-qam", "two")
	g.do("switch", "-q", "main")
	g.write("later.txt", "x")
	g.do("add", "-A")
	g.do("commit", "-qm", "three")
	g.do("switch", "-q", "branch")
	return g
}

func TestTree(t *testing.T) {
	g := history(t)
	ctx := context.Background()
	base, err := FindBase(ctx, g, "main")
	if err != nil {
		t.Fatal(err)
	}
	if want := g.do("rev-parse", "first"); base.Commit != want || base.Prefix != "" {
		t.Errorf("the base is %+v, want %s", base, want)
	}
	tree, err := Open(ctx, g, base)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a/b.txt": "b", "é \"\t.txt": "é", "run.sh": "#!/bin/sh", "link": "b", "folder/b.txt": "b", "web/c.txt": "c"} {
		if got, err := fs.ReadFile(tree, name); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"later.txt", "out", "absolute", "loop", "a/x", "run.sh/x", "../a", ""} {
		if _, err := fs.ReadFile(tree, name); err == nil {
			t.Errorf("%q is there", name)
		}
	}
	for _, name := range []string{"out", "absolute", "loop", "link", "folder"} {
		// The tester of file systems takes no links.
		delete(tree.root.children, name)
	}
	if err := fstest.TestFS(tree, "a/b.txt", "run.sh", "web/c.txt"); err != nil {
		t.Error(err)
	}
}

func TestPrefix(t *testing.T) {
	g := history(t)
	ctx := context.Background()
	web := realGit{t, filepath.Join(g.folder, "web")}
	base, err := FindBase(ctx, web, "main")
	if err != nil || base.Prefix != "web/" {
		t.Fatalf("%+v, %v", base, err)
	}
	tree, err := Open(ctx, web, base)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := fs.ReadFile(tree, "c.txt"); err != nil || string(got) != "c" {
		t.Errorf("%q, %v", got, err)
	}
	g.write("new/d.txt", "d")
	fresh := realGit{t, filepath.Join(g.folder, "new")}
	base, err = FindBase(ctx, fresh, "main")
	if err != nil {
		t.Fatal(err)
	}
	tree, err = Open(ctx, fresh, base)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := fs.ReadDir(tree, "."); err != nil || len(list) > 0 {
		t.Errorf("%v, %v", list, err)
	}
}

func TestFindBaseErrors(t *testing.T) {
	g := history(t)
	g.do("switch", "-q", "--orphan", "other")
	g.write("x", "x")
	g.do("add", "-A")
	g.do("commit", "-qm", "x")
	g.do("switch", "-q", "branch")
	shallow := realGit{t, filepath.Join(t.TempDir(), "shallow")}
	realGit{t, t.TempDir()}.do("clone", "-q", "--depth=1", "--no-single-branch", "file://"+g.folder, shallow.folder)
	empty := realGit{t, t.TempDir()}
	empty.do("init", "-q")
	for _, test := range []struct {
		git       realGit
		ref, want string
	}{
		{g, "", `"" is no name of a commit`},
		{g, "--output=x", `"--output=x" is no name of a commit`},
		{g, "a\nb", `"a\nb" is no name of a commit`},
		{g, "nope", `git knows no commit "nope"`},
		{g, "main:a/b.txt", `git knows no commit "main:a/b.txt"`},
		{g, "other", `HEAD and "other" have no commit in common`},
		{shallow, "origin/main", `HEAD and "origin/main" have no commit in common; this clone is shallow: fetch the history with git fetch --unshallow, or give actions/checkout fetch-depth: 0`},
		{shallow, "nope", `git knows no commit "nope"; this clone is shallow`},
		{empty, "main", "the git repository has no commit yet"},
		{realGit{t, t.TempDir()}, "main", "this is not the work tree of a git repository"},
	} {
		if _, err := FindBase(context.Background(), test.git, test.ref); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%q: %v, want %s", test.ref, err, test.want)
		}
	}
	for _, ref := range []string{"main", "first", "HEAD", "HEAD~1", "main@{0}", g.do("rev-parse", "--short", "main")} {
		if _, err := FindBase(context.Background(), g, ref); err != nil {
			t.Errorf("%s: %v", ref, err)
		}
	}
}

// fakeGit answers with what a test wants.
type fakeGit func(args []string) (Output, error)

func (f fakeGit) Run(_ context.Context, limit int, args ...string) (Output, error) {
	out, err := f(args)
	if len(out.Stdout) > limit {
		out.Stdout, out.Truncated = out.Stdout[:limit], true
	}
	return out, err
}

const id = "0123456789012345678901234567890123456789"

// listing is a git whose tree has some entries, and whose blobs are empty.
func listing(list string) fakeGit {
	return func(args []string) (Output, error) {
		if slices.Contains(args, "ls-tree") {
			return Output{Stdout: []byte(list)}, nil
		}
		return Output{Stdout: []byte(id)}, nil
	}
}

func TestHostileTree(t *testing.T) {
	for _, name := range []string{"../x", "/x", "a//b", "a/../b", ".", "", "a/"} {
		tree, err := Open(context.Background(), listing("100644 blob "+id+"\t"+name+"\x00"), Base{Commit: id})
		if err != nil {
			t.Fatal(err)
		}
		if list, err := fs.ReadDir(tree, "."); err != nil || len(list) > 0 {
			t.Errorf("%q gives %v, %v", name, list, err)
		}
	}
	tree, err := Open(context.Background(), listing("100644 blob "+id+"\ta\x00100644 blob "+id+"\ta/b\x00160000 commit "+id+"\tsub\x00x\x00"), Base{Commit: id})
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(tree, "a", "sub"); err != nil {
		t.Error(err)
	}
}

func TestFailures(t *testing.T) {
	broken := errors.New("git is not installed")
	never := fakeGit(func([]string) (Output, error) { return Output{}, broken })
	if _, err := FindBase(context.Background(), never, "main"); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := Open(context.Background(), never, Base{Commit: id}); !errors.Is(err, broken) {
		t.Error(err)
	}
	hostile := fakeGit(func([]string) (Output, error) {
		return Output{Code: 128, Stderr: "fatal: detected dubious ownership \x1b[31m\nmore"}, nil
	})
	if _, err := FindBase(context.Background(), hostile, "main"); err == nil || err.Error() != "git failed: fatal: detected dubious ownership \ufffd[31m" {
		t.Error(err)
	}
	large := fakeGit(func(args []string) (Output, error) {
		switch {
		case slices.Contains(args, "ls-tree"):
			return Output{Stdout: []byte("100644 blob " + id + "\ta\x00")}, nil
		case slices.Contains(args, "cat-file"):
			return Output{Stdout: make([]byte, maxBlob+1)}, nil
		}
		return Output{Stdout: []byte(id)}, nil
	})
	tree, err := Open(context.Background(), large, Base{Commit: id})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.ReadFile(tree, "a"); err == nil || !strings.Contains(err.Error(), "larger than 4 MiB") {
		t.Error(err)
	}
}

// FuzzTree lists any tree and walks it.
func FuzzTree(f *testing.F) {
	f.Add("100644 blob "+id+"\ta/b\x00120000 blob "+id+"\tc\x00", "c")
	f.Fuzz(func(t *testing.T, list, name string) {
		tree, err := Open(context.Background(), listing(list), Base{Commit: id})
		if err != nil {
			return
		}
		_ = fs.WalkDir(tree, ".", func(name string, _ fs.DirEntry, err error) error {
			if !fs.ValidPath(name) {
				t.Errorf("%q", name)
			}
			return err
		})
		_, _ = fs.ReadFile(tree, name)
	})
}

// TestFindHead reads the parents of a merge out of a clone that has none of
// them.
func TestFindHead(t *testing.T) {
	g, ctx := history(t), context.Background()
	g.do("switch", "-q", "main")
	ours, theirs := g.do("rev-parse", "main"), g.do("rev-parse", "branch")
	g.do("merge", "-q", "--no-edit", "branch")
	shallow := realGit{t, filepath.Join(t.TempDir(), "shallow")}
	g.do("clone", "-q", "--depth", "1", "file://"+g.folder, shallow.folder)
	if _, ok, err := commit(ctx, shallow, ours); ok || err != nil {
		t.Fatalf("the clone has a parent: %v %v", ok, err)
	}
	for _, folder := range []string{"", "web/"} {
		got, err := FindHead(ctx, realGit{t, filepath.Join(shallow.folder, folder)})
		if err != nil || got.Commit != g.do("rev-parse", "HEAD") || !slices.Equal(got.Parents, []string{ours, theirs}) || got.Prefix != folder {
			t.Errorf("%q: %+v %v, parents want %s %s", folder, got, err, ours, theirs)
		}
	}
	empty := realGit{t, t.TempDir()}
	if got, err := FindHead(ctx, empty); err == nil {
		t.Errorf("no repository: %+v", got)
	}
	empty.do("init", "-q")
	if got, err := FindHead(ctx, empty); err == nil {
		t.Errorf("no commit: %+v", got)
	}
}
