package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseEvents(t *testing.T) {
	for _, test := range []struct {
		text string
		want []Event
	}{
		{"", nil},
		{"-", nil},
		{"push", []Event{{Name: "push"}}},
		{"push:tag,release.published", []Event{{Name: "push", Type: "tag"}, {Name: "release", Type: "published"}}},
		{"push[branch=input:branch|create-pull-request/patch], pull_request.opened[base=input:base,label=a/b:c]", []Event{
			{Name: "push", Attributes: map[string]string{"branch": "input:branch|create-pull-request/patch"}},
			{Name: "pull_request", Type: "opened", Attributes: map[string]string{"base": "input:base", "label": "a/b:c"}},
		}},
	} {
		got, err := ParseEvents(test.text)
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("ParseEvents(%q): %v\n%s", test.text, err, diff)
		}
	}
}

func TestParseEventsRefuses(t *testing.T) {
	for _, text := range []string{"push,", "push:branch", "release:published", "push.tag", "release.", "issues.opened(Issue)", "push[", "push[]",
		"push[branch]", "push[branch=]", "push[branch=a,branch=b]", "push[branch=a]x", "push[branch=a;tag=b]", "[branch=a]", "Push"} {
		if e, err := ParseEvents(text); err == nil {
			t.Errorf("ParseEvents(%q) = %v, want an error", text, e)
		}
	}
}

func TestEventString(t *testing.T) {
	e := Event{Name: "push", Type: "tag", Attributes: map[string]string{"tag": "v1", "by": "flag:--x"}}
	if got, want := e.String(), "push:tag[by=flag:--x,tag=v1]"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
}

func FuzzParseEvents(f *testing.F) {
	f.Add("push[branch=input:branch|x],pull_request.opened,push:tag")
	f.Fuzz(func(t *testing.T, text string) {
		events, err := ParseEvents(text)
		if err != nil {
			return
		}
		for _, e := range events {
			again, err := ParseEvents(e.String())
			if diff := cmp.Diff([]Event{e}, again); err != nil || diff != "" {
				t.Fatalf("ParseEvents(%q): %v\n%s", e.String(), err, diff)
			}
		}
	})
}
