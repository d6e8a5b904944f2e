package fix

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHunks(t *testing.T) {
	const source = "one\ntwo\nthree\nfour\nfive"
	at := func(text string) int { return strings.Index(source, text) }
	for _, test := range []struct {
		name  string
		edits []Edit
		want  []Hunk
	}{
		{"in a line", []Edit{{Start: at("two"), End: at("two") + 3, New: "2"}}, []Hunk{{"f", 2, 2, "2\n"}}},
		{"twice in a line", []Edit{{Start: at("three") + 4, End: at("three") + 5, New: "E"}, {Start: at("three"), End: at("three") + 1, New: "T"}}, []Hunk{{"f", 3, 3, "ThreE\n"}}},
		{"neighbours", []Edit{{Start: at("two"), End: at("two") + 3, New: "2"}, {Start: at("three"), End: at("three") + 5, New: "3"}}, []Hunk{{"f", 2, 3, "2\n3\n"}}},
		{"apart", []Edit{{Start: 0, End: 3, New: "1"}, {Start: at("three"), End: at("three") + 5, New: "3"}}, []Hunk{{"f", 1, 1, "1\n"}, {"f", 3, 3, "3\n"}}},
		{"put in", []Edit{{Start: at("four"), End: at("four"), New: "between\n"}}, []Hunk{{"f", 4, 4, "between\nfour\n"}}},
		{"taken out", []Edit{{Start: at("two"), End: at("four"), New: ""}}, []Hunk{{"f", 2, 3, ""}}},
		{"the last line", []Edit{{Start: at("five"), End: at("five") + 4, New: "5"}}, []Hunk{{"f", 5, 5, "5"}}},
		{"none", nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := Hunks("f", []byte(source), test.edits)
			if diff := cmp.Diff(test.want, got); diff != "" || !ok {
				t.Errorf("%v -want +got:\n%s", ok, diff)
			}
		})
	}
	for _, e := range []Edit{{Start: -1}, {Start: 3, End: 2}, {Start: 0, End: 99}} {
		if got, ok := Hunks("f", []byte(source), []Edit{e}); ok || got != nil {
			t.Errorf("%+v gives %v", e, got)
		}
	}
}

// FuzzHunks wants the hunks to make of a source what the edits make of it.
func FuzzHunks(f *testing.F) {
	f.Add("a\nb\nc\n", 0, 1, "x", 2, 3, "y\n")
	f.Add("a", 1, 1, "\n", 0, 0, "")
	f.Fuzz(func(t *testing.T, source string, start, end int, text string, start2, end2 int, text2 string) {
		edits := []Edit{{Start: start, End: end, New: text}, {Start: start2, End: end2, New: text2}}
		want, err := Apply([]byte(source), edits)
		if err != nil {
			return
		}
		hunks, ok := Hunks("f", []byte(source), edits)
		if !ok {
			t.Fatal("edits that can be made give no hunks")
		}
		lines := slices.Collect(bytes.Lines([]byte(source)))
		if len(lines) == 0 {
			lines = [][]byte{nil}
		}
		for _, h := range slices.Backward(hunks) {
			lines = slices.Replace(lines, h.StartLine-1, h.EndLine, []byte(h.Text))
		}
		if got := bytes.Join(lines, nil); !bytes.Equal(got, want) {
			t.Errorf("%q, want %q, by %+v", got, want, hunks)
		}
	})
}
