package decide

import (
	"testing"

	"github.com/patrol-actions/patrol/audit/infer"
)

func TestConditionalNeeds(t *testing.T) {
	labels := "labels that do not exist yet are created, which takes issues:write"
	for _, c := range []struct {
		note string
		keys map[string]string
		want string
	}{
		{labels, map[string]string{"pull-requests": "write"}, "; labels that do not exist yet are created, which takes issues: write"},
		{labels, map[string]string{"issues": "write"}, ""},
		{labels, map[string]string{"issues": "read"}, "; labels that do not exist yet are created, which takes issues: write"},
		{"the release of v6 takes pull_requests:write", nil, ""},
		{"", nil, ""},
	} {
		u := &ruled{Use: &infer.Use{Operations: []infer.Operation{{Note: c.note}, {Note: c.note}}}}
		if got := conditionalNeeds([]*ruled{u}, c.keys); got != c.want {
			t.Errorf("%q with %v: %q, want %q", c.note, c.keys, got, c.want)
		}
	}
}
