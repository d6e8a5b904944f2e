package expression

import (
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
)

func TestMayHold(t *testing.T) {
	text, unknown := value.Text, value.Unknown("$X")
	number, sha, actor := value.Context("github.run_id"), value.Context("github.sha"), value.Context("github.actor")
	ended := value.Unknown("${{ needs.build.result }}")
	tests := []struct {
		name, search string
		v            value.Value
		part         string
		want         bool
	}{
		{"in the unknown", "contains", value.Concat(text("Run "), unknown), "/go", true},
		{"begun by the known", "contains", value.Concat(text("see /"), actor), "/go", true},
		{"ended by the known", "contains", value.Concat(actor, text("/go")), "x/go", true},
		{"on both sides", "contains", value.Concat(text("a/"), number, text("b")), "/12b", true},
		{"letters that are none of its", "contains", value.Concat(text("Run "), number, text(" is done.")), "/go", false},
		{"how it ended", "contains", value.Concat(text("It was a "), ended), "/go", false},
		{"how it ended, as a word", "contains", value.Concat(text("It was a "), ended), "Success", true},
		{"hexadecimal", "contains", value.Concat(text("/"), sha), "/cafe", true},
		{"not hexadecimal", "contains", value.Concat(text("/"), sha), "/go", false},
		{"one of several", "contains", value.Choice(text("a"), value.Concat(text("b"), unknown)), "/go", true},
		{"none of several", "contains", value.Choice(text("a"), value.Concat(text("b"), number)), "/go", false},
		{"nothing in between", "contains", value.Concat(text("/g"), number, text("o")), "/go", true},
		{"begins after it", "startswith", value.Concat(number, text("/go")), "/go", true},
		{"begins later", "startswith", value.Concat(text("x"), number, text("/go")), "/go", false},
		{"begins with it", "startswith", value.Concat(text("/g"), unknown), "/go", true},
		{"ends before", "endswith", value.Concat(unknown, text("/go now")), "/go", false},
		{"ends in the unknown", "endswith", value.Concat(text("/go now"), unknown), "/go", true},
		{"ends with it, or nothing", "endswith", value.Concat(text("/go"), number), "/go", true},
		{"more than one byte", "contains", value.Concat(text("é"), number), "é1", true},
		{"nothing", "contains", number, "", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := mayHold(test.search, test.v, test.part); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
