package trace

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/patrol-actions/patrol/audit/workflow"
)

func TestVersionOfAction(t *testing.T) {
	commit := strings.Repeat("0a", 20)
	for uses, want := range map[string]string{
		"a/a@v3":                                "v3",
		"a/a@main # v3":                         "main",
		"a/a@" + commit:                         "",
		"a/a@" + commit + " # v3":               "v3",
		"a/a@" + commit + " # v3.1.0":           "v3.1.0",
		"a/a@" + commit + " # 3.1.0 (newest)":   "3.1.0",
		"a/a@" + commit + " #tag=v3.1-rc.1":     "v3.1-rc.1",
		"a/a@" + commit + " # ratchet:a/a@v2":   "v2",
		"a/a@" + commit + " # pin@v2":           "v2",
		"a/a@" + commit + " # 3 weeks old":      "",
		"a/a@" + commit + " # works, not as v2": "",
		"a/a@" + commit + " # v3x":              "",
	} {
		repository := workflow.Load(fstest.MapFS{".github/workflows/a.yml": {Data: []byte(
			"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: " + uses + "\n        with: {token: '${{ secrets.A }}'}\n",
		)}})
		site := Trace(repository, Options{}).Jobs[0].Sites[0]
		if got := site.Action.Version(); got != want {
			t.Errorf("%s: version %q, want %q", uses, got, want)
		}
	}
}
