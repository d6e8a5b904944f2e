package virtual

import (
	"errors"
	"io"
	"io/fs"
	"testing"
)

func TestFile(t *testing.T) {
	asked := 0
	for _, f := range []fs.File{
		File(Info{Base: "a", Bytes: 4}, []byte("text")),
		LazyFile(Info{Base: "a", Bytes: 4}, func() ([]byte, error) { asked++; return []byte("text"), nil }),
	} {
		if info, err := f.Stat(); err != nil || info.Name() != "a" || info.Size() != 4 || !info.Mode().IsRegular() || info.IsDir() {
			t.Errorf("%v, %v", info, err)
		}
		if data, err := io.ReadAll(f); err != nil || string(data) != "text" {
			t.Errorf("%q, %v", data, err)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	broken := errors.New("broken")
	if _, err := io.ReadAll(LazyFile(Info{}, func() ([]byte, error) { return nil, broken })); !errors.Is(err, broken) {
		t.Error(err)
	}
}

func TestFolder(t *testing.T) {
	entries := []fs.DirEntry{fs.FileInfoToDirEntry(Info{Base: "a"}), fs.FileInfoToDirEntry(Info{Base: "b", Kind: fs.ModeDir}), fs.FileInfoToDirEntry(Info{Base: "c"})}
	f := Folder(Info{Base: "d", Kind: fs.ModeDir}, func() ([]fs.DirEntry, error) { return entries, nil })
	for _, want := range []int{2, 1} {
		if some, err := f.ReadDir(2); err != nil || len(some) != want {
			t.Errorf("%v, %v", some, err)
		}
	}
	if _, err := f.ReadDir(2); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
	if rest, err := f.ReadDir(-1); err != nil || len(rest) != 0 {
		t.Errorf("the rest of nothing: %v, %v", rest, err)
	}
	if _, err := f.Read(nil); err == nil {
		t.Error("a folder can be read")
	}
}
