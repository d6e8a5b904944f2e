package rules

import (
	"strings"
	"testing"
)

func TestTagOutput(t *testing.T) {
	if err := tagOutputRows().err; err != nil {
		t.Fatal(err)
	}
	for call, want := range map[string]TagFrom{
		"wyrihaximus/github-action-get-previous-tag tag":                      TagOfCheckout,
		"wyrihaximus/github-action-get-previous-tag tag fallback=0.0.1":       "",
		"wyrihaximus/github-action-get-previous-tag timestamp":                "",
		"wyrihaximus/github-action-next-semvers patch":                        "",
		"googleapis/release-please-action tag_name":                           TagMade,
		"googleapis/release-please-action part--tag_name":                     TagMade,
		"googleapis/release-please-action version":                            "",
		"actions-ecosystem/action-get-latest-tag tag":                         "",
		"actions-ecosystem/action-get-latest-tag tag with_initial_version=no": "",
		"proudust/gh-describe tag":                                            TagOfRepository,
		"proudust/gh-describe tag repo=else/where":                            "",
	} {
		words := strings.Fields(call)
		get := func(name string) (string, bool, bool) {
			for _, w := range words[2:] {
				if key, text, _ := strings.Cut(w, "="); key == name {
					return text, true, true
				}
			}
			return "", true, false
		}
		if from, ok := TagOutput(words[0], words[1], get); from != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", call, from, ok)
		}
	}
}
