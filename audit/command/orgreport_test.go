package command

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// What is no file stays what it is, and a link leads where it led.
func TestReplaceFile(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(text string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
	}
	if err := os.Symlink("file", "link"); err != nil {
		t.Skipf("no links here: %v", err)
	}
	if err := os.WriteFile("file", []byte("a longer text than the new one"), 0o644); err != nil {
		t.Fatal(err)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	pipe := fmt.Sprintf("/dev/fd/%d", writer.Fd())
	tests := []struct {
		name string
		mode fs.FileMode
		want string
	}{{"new", 0, "new"}, {"file", 0, "link"}, {"link", fs.ModeSymlink, "link"}, {pipe, fs.ModeNamedPipe, ""}}
	if _, err := os.Stat(pipe); err != nil {
		tests = tests[:3] // a system without names for what is open
	}
	for _, test := range tests {
		if err := replaceFile(test.name, os.O_TRUNC, write(test.name)); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		info, err := os.Lstat(test.name)
		if test.name == pipe {
			info, err = os.Stat(test.name)
		}
		if err != nil || info.Mode().Type() != test.mode {
			t.Errorf("%s is now %v: %v", test.name, info.Mode(), err)
		}
	}
	for _, test := range tests[:3] {
		if got, err := os.ReadFile(test.name); string(got) != test.want {
			t.Errorf("%s has %q: %v", test.name, got, err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(reader); len(tests) > 3 && string(got) != pipe {
		t.Errorf("the pipe has %q: %v", got, err)
	}
	if left, err := filepath.Glob(".patrol-*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}
