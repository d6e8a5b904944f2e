package decide

import (
	"slices"
	"testing"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

func TestTelling(t *testing.T) {
	secret := value.Of(&value.Credential{Name: "PAT"})
	env := (*value.Env)(nil).Set("TOKEN", secret)
	site := func(step int, env *value.Env, words ...value.Value) *trace.Site {
		return &trace.Site{File: "a.sh", Step: step, Env: env, Command: &trace.Command{Command: shell.Command{Args: words, Env: env}}}
	}
	echo, tool := value.Text("echo"), value.Text("unheard-of")
	for _, c := range []struct {
		name  string
		site  *trace.Site
		used  bool
		stays bool
	}{
		{"the first of its step", site(1, env, echo), false, true},
		{"one like it", site(1, env, echo, value.Text("again")), false, false},
		{"with a secret among its words", site(1, env, echo, secret), false, true},
		{"with other secrets around", site(1, env.Set("MORE", secret), echo), false, true},
		{"one that is used", site(1, env, echo), true, true},
		{"one that may name a user", site(1, env, value.Text("git"), value.Text("status")), false, true},
		{"the first that may read more", site(1, env, tool), false, true},
		{"the second of these", site(1, env, tool, secret), false, false},
		{"one of another step", site(2, env, tool), false, true},
	} {
		job := &infer.Job{Job: &trace.Job{}}
		for _, words := range [][]value.Value{{echo}} {
			job.Sites = append(job.Sites, site(1, env, words...))
		}
		switch c.name {
		case "the first of its step":
			job.Sites = nil
		case "the second of these":
			job.Sites = append(job.Sites, site(1, env, tool))
		}
		job.Sites = append(job.Sites, c.site)
		for range fewSites {
			job.Sites = append(job.Sites, site(3, env, echo))
		}
		if c.used {
			job.Uses = []*infer.Use{{Site: c.site}}
		}
		kept := Telling(job)
		if got := slices.Contains(kept, c.site); got != c.stays {
			t.Errorf("%s: stays %t, want %t", c.name, got, c.stays)
		}
		if len(kept) > 5 {
			t.Errorf("%s: %d sites are kept", c.name, len(kept))
		}
	}
}
