package command

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/rules"
)

func TestWrapPage(t *testing.T) {
	tests := []struct{ name, page, want string }{
		{"short", "one two", "one two"},
		{"words", "one two three four five", "one two\nthree four\nfive"},
		{"exact", "12345 6789", "12345 6789"},
		{"long word", "a https://example.com/x b", "a\nhttps://example.com/x\nb"},
		{"only a long word", "https://example.com/x", "https://example.com/x"},
		{"paragraphs", "one two three\n\nfour", "one two\nthree\n\nfour"},
		{"list", "- one two three", "- one two\n  three"},
		{"long word in a list", "- https://example.com/x b", "- https://example.com/x\n  b"},
		{"heading", "## one two three", "## one two three"},
		{"code", "```yaml\nrun: one two three\n```\none two three", "```yaml\nrun: one two three\n```\none two\nthree"},
		{"wide", "日本 日本 日本", "日本 日本\n日本"},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, wrapPage(test.page, 10)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// Nothing but the ends of lines is changed in any page.
func TestWrapPages(t *testing.T) {
	for _, id := range append(rules.RuleIDs(), rules.ReasonCodes()...) {
		page, _ := rules.PageByID(id)
		if diff := cmp.Diff(strings.Fields(page.Body), strings.Fields(wrapPage(page.Body, 40))); diff != "" {
			t.Errorf("%s:\n%s", id, diff)
		}
	}
}
