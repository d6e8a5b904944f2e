//go:build unix

package command

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestDevice writes to what is no file, and leaves it what it is; a link to a
// file is replaced, and the file is not.
func TestDevice(t *testing.T) {
	folder := t.TempDir()
	pipe, target, link := filepath.Join(folder, "pipe"), filepath.Join(folder, "target"), filepath.Join(folder, "link")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan string)
	go func() {
		data, _ := os.ReadFile(pipe)
		got <- string(data)
	}()
	hello := func(w io.Writer) error { _, err := io.WriteString(w, "hello"); return err }
	if err := replaceFile(pipe, os.O_TRUNC, hello); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(pipe); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		t.Fatalf("replaced: %v, %v", info, err)
	}
	if text := <-got; text != "hello" {
		t.Errorf("%q", text)
	}
	if err := os.WriteFile(target, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(link, os.O_TRUNC, hello); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(target); string(data) != "mine" {
		t.Errorf("written through a link: %q", data)
	}
}
