package infer

import (
	"fmt"
	"testing"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

func TestPassedOn(t *testing.T) {
	in := &inferrer{job: &trace.Job{}, options: Options{Read: func(name string) ([]byte, error) {
		if name == "docs/ask.md" {
			return []byte("/deploy"), nil
		}
		return nil, fmt.Errorf("%s is not there", name)
	}}}
	for text, want := range map[string]string{
		"$(cat docs/ask.md)":                "/deploy",
		"$(< docs/ask.md)":                  "/deploy",
		"$(sed s/a/b/ docs/ask.md)":         "/deploy",
		"$(cat ask.md)":                     "$(cat ask.md)",
		"$(python check.py docs/ask.md)":    "$(python check.py docs/ask.md)",
		"$(catalog docs/ask.md)":            "$(catalog docs/ask.md)",
		"$(gh api x --jq .a < docs/ask.md)": "$(gh api x --jq .a < docs/ask.md)",
	} {
		if got := in.passedOn(".", value.Unknown(text)).String(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
