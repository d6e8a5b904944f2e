package settings

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const preCommit = `
exclude: ^vendored/
repos:
  - repo: https://github.com/fern-labs/hooks
    rev: v1
    hooks:
      - id: pinner
        args: [--all]
      - id: format
        entry: fmt --write
        files: \.md$
        exclude: (?!lookahead)
`

func TestReadPreCommit(t *testing.T) {
	hooks := ReadPreCommit([]byte(preCommit))
	if len(hooks) != 2 {
		t.Fatalf("%d hooks", len(hooks))
	}
	if diff := cmp.Diff([][]string{{"pinner", "--all"}, {"fmt", "--write"}}, [][]string{hooks[0].Words, hooks[1].Words}); diff != "" {
		t.Error(diff)
	}
	for file, want := range map[string][2]bool{"a.md": {true, true}, "a.yml": {true, false}, "vendored/a.md": {false, false}} {
		if got := [2]bool{hooks[0].Takes(file), hooks[1].Takes(file)}; got != want {
			t.Errorf("%s is taken: %v, want %v", file, got, want)
		}
	}
	if got := ReadPreCommit([]byte("repos: [")); got != nil {
		t.Errorf("of what does not parse: %v", got)
	}
}

func FuzzReadPreCommit(f *testing.F) {
	f.Add([]byte(preCommit))
	f.Fuzz(func(_ *testing.T, source []byte) {
		for _, h := range ReadPreCommit(source) {
			h.Takes(".github/workflows/a.yml")
		}
	})
}
