package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit/fix"
)

// A file takes the place of the old one as a whole or not at all, and nothing
// else is left behind.
func TestWrite(t *testing.T) {
	const before, after = "on: push\r\n", "on: pull_request\r\n"
	tests := []struct {
		name    string
		prepare func(t *testing.T, path string)
		want    string // what the file holds then
		fault   string
	}{
		{"plain", nil, after, ""},
		{"changed", func(t *testing.T, path string) { put(t, path, "on: release\n") }, "on: release\n", "has changed since it was read"},
		{"gone", func(t *testing.T, path string) { check(t, os.Remove(path)) }, "", "no such file"},
		{"folder", func(t *testing.T, path string) { check(t, os.Remove(path)); check(t, os.Mkdir(path, 0o755)) }, "", "not a regular file"},
		{"link", func(t *testing.T, path string) {
			check(t, os.Rename(path, path+".real"))
			check(t, os.Symlink(filepath.Base(path)+".real", path))
		}, before, "it is a link"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			files := []fix.File{{Path: "w/a.yml", Before: []byte(before), After: []byte(after)}, {Path: "w/b.yml", Before: []byte(before), After: []byte(after)}}
			check(t, os.Mkdir(filepath.Join(dir, "w"), 0o755))
			for _, f := range files {
				put(t, filepath.Join(dir, f.Path), before)
				check(t, os.Chmod(filepath.Join(dir, f.Path), 0o664)) // more than a umask leaves
			}
			last := filepath.Join(dir, "w", "b.yml")
			if test.prepare != nil {
				test.prepare(t, last)
			}
			root, err := os.OpenRoot(dir)
			check(t, err)
			defer root.Close()
			names := list(t, dir)
			err = (&fixer{files: len(files)}).write(&opened{root: root, folder: dir}, files)
			if (err == nil) != (test.fault == "") || err != nil && !strings.Contains(err.Error(), test.fault) {
				t.Errorf("error %v, want %q", err, test.fault)
			}
			if diff := cmp.Diff(names, list(t, dir)); diff != "" {
				t.Errorf("files before (-), after (+):\n%s", diff)
			}
			got, _ := os.ReadFile(last)
			if string(got) != test.want {
				t.Errorf("%s holds %q, want %q", last, got, test.want)
			}
			other, _ := os.ReadFile(filepath.Join(dir, "w", "a.yml"))
			if want := map[bool]string{true: after, false: before}[test.fault == ""]; string(other) != want {
				t.Errorf("the other file holds %q, want %q", other, want)
			}
			if info, err := os.Stat(filepath.Join(dir, "w", "a.yml")); err != nil || info.Mode().Perm() != 0o664 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
		})
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	check(t, os.WriteFile(path, []byte(text), 0o644))
}

// list returns the names of all files in a folder.
func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	check(t, filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		names = append(names, path)
		return err
	}))
	return names
}

// Names that the header of a diff cannot hold are quoted as git does.
func TestDiffName(t *testing.T) {
	for name, want := range map[string]string{
		"a/x.yml":        "a/x.yml",
		"a/x y.yml":      "a/x y.yml\t",
		"a/é.yml":        `"a/\303\251.yml"`,
		"a/\"\\\n\t.yml": `"a/\"\\\012\011.yml"`,
	} {
		if got := diffName(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}
