package remote

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func serve(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func sorted(list []string) string { return strings.Join(slices.Sorted(slices.Values(list)), "\n") }

func unpackedTree(t testing.TB, archive []byte) *tree {
	t.Helper()
	out := newTree(nil, Name{})
	out.whole, out.dirs["."] = true, map[string]*node{}
	if err := out.unpack(bytes.NewReader(archive)); err != nil {
		t.Fatal(err)
	}
	return out
}

// FuzzUnpack unpacks any archive without a panic, and into a tree in which
// every name is a path inside of it.
func FuzzUnpack(f *testing.F) {
	var buffer bytes.Buffer
	w := tar.NewWriter(&buffer)
	_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "d/a/../b", Size: 1})
	_, _ = w.Write([]byte("a"))
	_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: "d/c", Linkname: "a/b"})
	_ = w.Close()
	f.Add(buffer.Bytes())
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		var zipped bytes.Buffer
		z := gzip.NewWriter(&zipped)
		_, _ = z.Write(data)
		_ = z.Close()
		out := newTree(nil, Name{})
		out.whole, out.dirs["."] = true, map[string]*node{}
		_ = out.unpack(&zipped)
		_ = fs.WalkDir(out, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || !fs.ValidPath(name) {
				t.Errorf("%q: %v", name, err)
			}
			if entry.Type().IsRegular() {
				_, _ = fs.ReadFile(out, name)
			}
			return nil
		})
	})
}

// FuzzParse wants a name that is read to be safe in a path of the API.
func FuzzParse(f *testing.F) {
	f.Add("x/y@v1")
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := Parse(text)
		if !ok {
			return
		}
		if n.String() != text || !fs.ValidPath(n.String()) || strings.ContainsAny(text, "\r\n\x00\\ ?") || strings.Contains(text, "..") && n.Repository == ".." {
			t.Errorf("%q is %+v", text, n)
		}
	})
}
