package infer

import (
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
)

func TestPushedBy(t *testing.T) {
	own := value.Text("own")
	for words, want := range map[string]string{
		"":                                   "own",
		"--force":                            "own",
		"origin":                             "own",
		"origin HEAD":                        "own",
		"origin HEAD:stamps --force":         "stamps",
		"origin +main:refs/heads/stamps":     "stamps",
		"origin a b:c -u":                    "a|c",
		"origin HEAD:refs/tags/x":            "*",
		"origin v1.2.3":                      "*",
		"origin tag x":                       "*",
		"origin :gone":                       "*",
		"origin main --tags":                 "*",
		"mirror main":                        "*",
		"origin 'a b'":                       "*",
		"https://github.com/a/b HEAD:stamps": "*",
	} {
		got := ""
		for i, v := range pushedBy(value.Text(words), own).Alternatives() {
			if i > 0 {
				got += "|"
			}
			if text, ok := v.Literal(); ok {
				got += text
			} else {
				got += "*"
			}
		}
		if got != want {
			t.Errorf("%q: %s, want %s", words, got, want)
		}
	}
	if v := pushedBy(value.Context("inputs.words"), own); v.LiteralOr("*") != "*" {
		t.Errorf("what is not known pushes %s", v)
	}
}
