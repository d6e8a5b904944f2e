package baseline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
)

func TestSince(t *testing.T) {
	told := func(id, message, reference string, line int) *audit.Finding {
		f := finding(id)
		f.Message, f.Reference, f.Line = message, reference, line
		return f
	}
	base := repository("o/r", "", told("same", "m", "", 1), told("moved", "m", "", 2), told("worded", "m", "", 3), told("reasoned", "m", "r", 4), told("edited", "m", "", 5), told("gone", "m", "", 6), told("accepted", "m", "", 7))
	head := repository("o/r", "", told("same", "m", "", 1), told("moved", "m", "", 12), told("worded", "n", "", 3), told("reasoned", "m", "r", 4), told("edited", "m", "", 15), told("new", "m", "", 8))
	head.Accepted = []*audit.Finding{told("accepted", "m", "", 7)}
	base.References = []*audit.Reference{{ID: "r", Reasons: []audit.Reason{{Code: "a"}, {Code: "b", Detail: "d"}}}}
	head.References = []*audit.Reference{{ID: "r", Reasons: []audit.Reason{{Code: "b", Detail: "d"}, {Code: "a"}, {Code: "c"}}}}
	Since(head, base, "abc", func(_ string, line int) bool { return line == 15 }, func(*audit.Finding) bool { return true })
	if diff := cmp.Diff([]string{"worded", "reasoned", "edited", "new"}, found(head.Findings)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b := head.Baseline
	if diff := cmp.Diff([]string{"gone"}, found(b.Gone)); diff != "" || b.Commit != "abc" || b.New != 4 || b.Still != 2 {
		t.Errorf("%+v", b)
	}
}

func TestChangedLines(t *testing.T) {
	var long string
	for i := range 50 {
		long += fmt.Sprintln("line", i)
	}
	for _, test := range []struct {
		before, after string
		want          []int
	}{
		{"a\nb\nc\n", "a\nb\nc\n", nil},
		{"a\nb\nc\n", "a\r\nb\r\nc\r\n", nil},
		{"a\nb\nc\n", "a\nx\nc\n", []int{2}},
		{"a\nb\nc\n", "a\nc\n", nil},
		{"", "a\nb", []int{1, 2}},
		{"a\nb", "", nil},
		{"a\n", "a", []int{1}},
		{"one\n" + long + "two\n", "one\n@@ -1,1 +900,1 @@\n" + long + "+++ b\ntwo\n", []int{2, 53}},
	} {
		got := slices.Sorted(maps.Keys(ChangedLines([]byte(test.before), []byte(test.after))))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%.20q to %.20q (-want +got):\n%s", test.before, test.after, diff)
		}
	}
}

// FuzzChangedLines wants every line that is not in the old text among the
// changed ones, and no line beyond the end.
func FuzzChangedLines(f *testing.F) {
	f.Add("a\nb\nc", "a\n@@ -1,2 +3,4 @@\nc\n")
	f.Fuzz(func(t *testing.T, before, after string) {
		changed := ChangedLines([]byte(before), []byte(after))
		had := map[string]bool{}
		for line := range strings.Lines(strings.ReplaceAll(before, "\r\n", "\n")) {
			had[line] = true
		}
		number := 0
		for line := range strings.Lines(strings.ReplaceAll(after, "\r\n", "\n")) {
			if number++; !had[line] && !changed[number] {
				t.Errorf("line %d is new, and not among %v", number, changed)
			}
		}
		for line := range changed {
			if line < 1 || line > number {
				t.Errorf("line %s of %d", fmt.Sprint(line), number)
			}
		}
	})
}
