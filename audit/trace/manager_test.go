package trace

import (
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
)

func TestLaunchesAreBounded(t *testing.T) {
	words := []value.Value{value.Text("bun"), value.Text("hail.ts")}
	s, ok := new(run).launched(&Command{launches: maxLaunches}, words, value.Text("."))
	if !ok || s.why == "" || s.run != nil {
		t.Errorf("after %d launches: %+v, %v; want a start that says why it is not read", maxLaunches, s, ok)
	}
}

func TestElsewhereByBun(t *testing.T) {
	tests := map[string]bool{
		"bun run hail.ts":                false,
		"bun run hail.ts --cwd other":    false,
		"bun hail.ts --filter a":         false,
		"bun --cwd other run hail":       true,
		"bun run --cwd=other hail.ts":    true,
		"bun --filter @a/b run hail":     true,
		"bun run --filter '*' hail":      true,
		"bun --workspaces run hail":      true,
		"bun run hail --workspaces":      false,
		"bun --smol run hail.ts --cwd .": false,
	}
	for line, want := range tests {
		c := &Command{}
		for word := range strings.FieldsSeq(line) {
			c.Args = append(c.Args, value.Text(word))
		}
		if got := elsewhereByBun(c, "bun"); got != want {
			t.Errorf("elsewhereByBun(%s) = %v, want %v", line, got, want)
		}
	}
}
