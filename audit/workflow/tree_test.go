package workflow

import (
	"slices"
	"testing"
	"testing/fstest"
)

func TestTree(t *testing.T) {
	r := Load(fstest.MapFS{
		".github/workflows/a.yml":  {Data: []byte("on: push\n")},
		"a.go":                     {Data: []byte("package a\n")},
		"tests/b_test.py":          {Data: []byte("x = 1\n")},
		"node_modules/c/index.js":  {Data: []byte("1\n")},
		"pkg/vendor/d/d.go":        {Data: []byte("package d\n")},
		".husky/pre-commit":        {Data: []byte("true\n")},
		"tests/.venv/lib/other.py": {Data: []byte("x = 1\n")},
	})
	if got, want := r.Tree(), []string{"a.go", ".husky/pre-commit", "tests/b_test.py"}; !slices.Equal(got, want) {
		t.Errorf("Tree() = %q, want %q", got, want)
	}
	if got := r.Peek("a.go", 100); string(got) != "package a\n" {
		t.Errorf("Peek = %q", got)
	}
	if r.Peek("a.go", 3) != nil || r.Peek("none", 100) != nil || r.Peek("../a.go", 100) != nil || r.Peek("tests", 100) != nil {
		t.Error("Peek returns what it should not")
	}
}
