package decide

import (
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
)

func TestAskedOfCallers(t *testing.T) {
	called := []audit.Hop{{File: "release.yml", Line: 9}}
	for _, c := range []struct {
		name     string
		callers  []audit.Hop
		granting *trace.Granted
		keys     map[string]string
		want     string
	}{
		{"called by nobody", nil, nil, map[string]string{"contents": "write"}, ""},
		{"enough", called, &trace.Granted{Scopes: map[string]string{"contents": "write"}}, map[string]string{"contents": "read"}, ""},
		{"all", called, &trace.Granted{All: "write-all"}, map[string]string{"contents": "write", "issues": "write"}, ""},
		{"too little", called, &trace.Granted{Scopes: map[string]string{"contents": "write"}}, map[string]string{"contents": "write", "pull-requests": "read"}, "pull-requests: read"},
		{"to read only", called, &trace.Granted{All: "read-all"}, map[string]string{"contents": "read", "issues": "write"}, "issues: write"},
		{"nobody says", called, nil, map[string]string{"contents": "read"}, ""},
		{"nobody says, to write", called, nil, map[string]string{"contents": "write"}, "contents: write"},
	} {
		u := &ruled{job: &jobView{Job: &infer.Job{Job: &trace.Job{Callers: c.callers, Granting: c.granting}}}}
		got := askedOfCallers([]*ruled{u}, c.keys)
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want+" too") && c.want != "" {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
