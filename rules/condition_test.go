package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseCondition(t *testing.T) {
	got, err := ParseCondition("mode=a|b & kind!=x&token&!draft&empty=&+body")
	want := Condition{
		{Name: "mode", Values: []string{"a", "b"}},
		{Name: "kind", Not: true, Values: []string{"x"}},
		{Name: "token"},
		{Name: "draft", Not: true},
		{Name: "empty", Values: []string{""}},
		{Name: "body", Written: true},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, text := range []string{"&", "a&", "=a", "!=a", "!", "!a=b", "!+a", "+!a", "two words", "a|b"} {
		if c, err := ParseCondition(text); err == nil {
			t.Errorf("ParseCondition(%q) = %v, want an error", text, c)
		}
	}
}

func TestHolds(t *testing.T) {
	given := map[string]string{"mode": "Create", "empty": "", "path": "dist/*.zip", "title": "ci: update x"}
	get := func(name string) (string, bool, bool) {
		switch name {
		case "open":
			return "", false, true
		case "ref":
			return "refs/tags/" + Onwards, false, true
		}
		text, set := given[name]
		return text, true, set
	}
	for text, want := range map[string]Truth{
		"":                       Yes,
		"mode=create":            Yes,
		"mode=update|create":     Yes,
		"mode=update":            No,
		"mode!=update":           Yes,
		"mode!=create":           No,
		"mode":                   Yes,
		"!mode":                  No,
		"empty":                  No,
		"!empty":                 Yes,
		"+empty":                 Yes,
		"+open":                  Yes,
		"+absent":                No,
		"absent":                 No,
		"!absent":                Yes,
		"absent=":                Yes,
		"absent=*":               No,
		"empty=*":                No,
		"mode=*":                 Yes,
		"title=ci:*":             Yes,
		"title=*update*":         Yes,
		"title=*update":          No,
		"title=ci*x":             Yes,
		"title=ci*ci*x":          No,
		"title=*ci: update x":    Yes,
		"title=ci: update x*x":   No,
		"absent!=true":           Yes,
		"open":                   Maybe,
		"!open":                  Maybe,
		"open=x":                 Maybe,
		"open=x&mode=update":     No,
		"mode=create&open!=true": Maybe,
		"absent??mode=create":    Yes,
		"empty??mode=create":     Yes,
		"mode??title=create":     Yes,
		"title??mode=create":     No,
		"open??mode=create":      Maybe,
		"absent??open=create":    Maybe,
		"!absent??empty":         Yes,
		"ref":                    Yes,
		"!ref":                   No,
		"ref=refs/tags/*":        Yes,
		"ref!=Refs/Tags/*":       No,
		"ref=refs/heads/*":       No,
		"ref=refs/tags/v*":       Maybe,
		"ref!=refs/tags/v*":      Maybe,
		"ref=refs":               No,
		"ref=refs/tags/v1":       Maybe,
		"ref=refs/heads/x|*":     Yes,
		"ref=*/v1":               Maybe,
	} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Holds(get); got != want {
			t.Errorf("%q holds: %v, want %v", text, got, want)
		}
	}
}

func FuzzParseCondition(f *testing.F) {
	f.Add("a=b|c*&!d&e!=f")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCondition(text)
		if err != nil {
			return
		}
		again, err := ParseCondition(c.String())
		if diff := cmp.Diff(c, again); err != nil || diff != "" {
			t.Fatalf("ParseCondition(%q): %v\n%s", c.String(), err, diff)
		}
		c.Holds(func(string) (string, bool, bool) { return text, true, true })
	})
}
