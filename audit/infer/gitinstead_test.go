package infer

import (
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
)

func TestRewriteOf(t *testing.T) {
	for _, test := range []struct {
		key, base string
		push, ok  bool
	}{
		{"url.https://github.com/b/.insteadOf", "https://github.com/b/", false, true},
		{"URL.https://github.com/b/.pushinsteadof", "https://github.com/b/", true, true},
		{"url.insteadOf", "", false, false},
		{"url.https://github.com/b/.other", "https://github.com/b/", false, false},
		{"remote.origin.url", "", false, false},
	} {
		r, ok := rewriteOf(value.Text(test.key), nil)
		if ok != test.ok || r.base.String() != test.base || r.push != test.push {
			t.Errorf("%s: got %s, %v, %v", test.key, r.base, r.push, ok)
		}
	}
}

func TestCutBeginning(t *testing.T) {
	name := value.Context("inputs.name")
	for _, test := range []struct {
		v, beginning value.Value
		rest         string
		ok           bool
	}{
		{value.Text("https://github.com/a/b"), value.Text("https://github.com/a/"), "b", true},
		{value.Text("https://github.com/a/b"), value.Text("https://github.com/b/"), "", false},
		{value.Concat(value.Text("https://github.com/"), name), value.Text("https://github.com/"), name.String(), true},
		{value.Concat(value.Text("https://github.com/"), name, value.Text("/b")), value.Concat(value.Text("https://github.com/"), name), "/b", true},
		{value.Text("https://github.com/a/b"), value.Concat(value.Text("https://github.com/"), name), "", false},
		{value.Text("https://github.com/a/b"), nil, "", false},
	} {
		rest, ok := cutBeginning(test.v, test.beginning)
		if ok != test.ok || ok && rest.String() != test.rest {
			t.Errorf("%s without %s: got %s, %v", test.v, test.beginning, rest, ok)
		}
	}
}
