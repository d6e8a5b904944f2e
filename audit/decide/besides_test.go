package decide

import (
	"testing"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/rules"
)

func TestBesides(t *testing.T) {
	needs := func(text string) rules.Needs {
		out, err := rules.ParseNeeds(text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	labels := rules.MayNeed{Needs: needs("issues:write"), Note: "labels that do not exist yet are created"}
	reads := rules.MayNeed{Needs: needs("actions:read,contents:read"), Note: "earlier runs are read"}
	for _, c := range []struct {
		may  []rules.MayNeed
		keys map[string]string
		want string
	}{
		{[]rules.MayNeed{labels}, map[string]string{"pull-requests": "write"}, "; labels that do not exist yet are created, which takes issues: write"},
		{[]rules.MayNeed{labels}, map[string]string{"issues": "write"}, ""},
		{[]rules.MayNeed{labels}, map[string]string{"issues": "read"}, "; labels that do not exist yet are created, which takes issues: write"},
		{[]rules.MayNeed{reads}, map[string]string{"contents": "write"}, "; earlier runs are read, which takes actions: read"},
		{[]rules.MayNeed{reads}, nil, "; earlier runs are read, which takes actions: read, contents: read"},
		{[]rules.MayNeed{labels, reads}, map[string]string{"contents": "read", "actions": "read"}, "; labels that do not exist yet are created, which takes issues: write"},
		{nil, nil, ""},
	} {
		u := &ruled{Use: &infer.Use{Operations: []infer.Operation{{MayNeed: c.may}, {MayNeed: c.may}}}}
		if got := besides([]*ruled{u}, c.keys); got != c.want {
			t.Errorf("%v with %v: %q, want %q", c.may, c.keys, got, c.want)
		}
	}
}
