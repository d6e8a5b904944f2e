package remote

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/patrol-actions/patrol/audit/github/githubtest"
)

// forked is a repository with a branch that began at main, and the commits of
// both. A tree of more entries than the limit is cut.
func forked(t *testing.T, limit int) (server *githubtest.Server, began, topic string) {
	t.Helper()
	w := world(map[string]string{"a": "one\n", "b": "same\n", "web/c": "c\n"})
	w.Repositories[0].Branches = map[string]map[string]string{"topic": {"a": "two\n", "b": "same\n", "web/c": "c\n"}}
	w.Repositories[0].TreeLimit = limit
	server = githubtest.New(t, w)
	s := source(t, server.URL)
	began, err := s.commit(Name{"x", "y", "main"})
	if err != nil {
		t.Fatal(err)
	}
	if topic, err = s.commit(Name{"x", "y", "topic"}); err != nil {
		t.Fatal(err)
	}
	server.Forget()
	return server, began, topic
}

func TestBase(t *testing.T) {
	server, began, topic := forked(t, 0)
	s := source(t, server.URL)
	for _, ref := range []string{"main", began} {
		if got, err := s.Base(Name{"x", "y", topic}, ref); err != nil || got != began {
			t.Errorf("%s: %s %v, want %s", ref, got, err, began)
		}
	}
	for _, test := range []struct{ name, head, ref string }{{"y", topic, strings.Repeat("1", 40)}, {"y", "none", "main"}, {"y", "v1", "main"}, {"private", "main", "main"}} {
		var missing *MissingError
		if got, err := s.Base(Name{"x", test.name, test.head}, test.ref); !errors.As(err, &missing) {
			t.Errorf("%+v: %s %v", test, got, err)
		}
	}
	before := len(server.Exchanges())
	for _, ref := range []string{"", "main~1", "a...b", "../x", "-x"} {
		if got, err := s.Base(Name{"x", "y", topic}, ref); err == nil {
			t.Errorf("%q: %s", ref, got)
		}
	}
	if n := len(server.Exchanges()) - before; n != 0 {
		t.Errorf("%d requests for what is no name", n)
	}
}

// TestBefore asks for what changed alone.
func TestBefore(t *testing.T) {
	for name, limit := range map[string]int{"at once": 0, "folder by folder": 2} {
		t.Run(name, func(t *testing.T) {
			server, began, _ := forked(t, limit)
			files, err := source(t, server.URL).Before(Name{"x", "y", began}, fstest.MapFS{"a": {Data: []byte("two\n")}, "b": {Data: []byte("same\n")}, "web": {Data: []byte("c")}}, "")
			if err != nil {
				t.Fatal(err)
			}
			for file, want := range map[string]string{"a": "one\n", "b": "same\n", "web/c": "c\n"} {
				if got, err := fs.ReadFile(files, file); err != nil || string(got) != want {
					t.Errorf("%s: %q %v", file, got, err)
				}
			}
			asked := ""
			for _, e := range server.Exchanges() {
				asked += e.Path[strings.LastIndexByte(e.Path, '/'):]
			}
			if want := "/" + began; !strings.HasPrefix(asked, want) || strings.Contains(asked[len(want):], "/b") || !strings.Contains(asked, "/a") {
				t.Errorf("asked for %s", asked)
			}
		})
	}
}

// TestBeforeBelow has a folder below the root at hand.
func TestBeforeBelow(t *testing.T) {
	server, began, _ := forked(t, 0)
	files, err := source(t, server.URL).Before(Name{"x", "y", began}, fstest.MapFS{"c": {Data: []byte("c\n")}}, "web/")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := fs.ReadFile(files, "c"); err != nil || string(got) != "c\n" {
		t.Errorf("%q %v", got, err)
	}
	if n := len(server.Exchanges()); n != 1 {
		t.Errorf("%d requests, want the list alone", n)
	}
	// A folder that was not there yet is empty.
	files, err = source(t, server.URL).Before(Name{"x", "y", began}, fstest.MapFS{}, "new/")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.ReadFile(files, "c"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
