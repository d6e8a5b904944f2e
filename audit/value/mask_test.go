package value

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMaskRoundTrip(t *testing.T) {
	pat := Of(secret("PAT", 1))
	for _, v := range []Value{
		nil, Text("a"), pat, Concat(Text("a_"), pat, Text("_b")), Concat(pat, Text("___")), Concat(pat, pat),
		Concat(Text("repos/"), Context("github.repository"), Text("/issues/"), Unknown("$N")),
		Concat(Choice(Text("a"), pat), Text("_x")), Text("naïve ꯀ 日本"), Concat(Text("\xff"), pat, Text("\xfe")),
	} {
		m := v.Mask()
		if got := m.Table.Value(m.Text); !got.Equal(v) {
			t.Errorf("%s: got %s by %q", v, got, m.Text)
		}
	}
}

// TestMaskIsCut cuts a masked string, as a URL is cut at its slashes.
func TestMaskIsCut(t *testing.T) {
	v := Concat(Text("repos/"), Context("github.repository_owner"), Text("/"), Context("github.event.repository.name"), Text("/pulls"))
	m := v.Mask()
	var got []string
	for part := range strings.SplitSeq(m.Text, "/") {
		got = append(got, m.Table.Value(part).String())
	}
	want := []string{"repos", "${{ github.repository_owner }}", "${{ github.event.repository.name }}", "pulls"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPlaceholderWidth holds byte offsets: a placeholder is as wide as the
// expression that it stands for, and takes no underscore that is the text's.
func TestPlaceholderWidth(t *testing.T) {
	expression := "${{ inputs.version }}"
	for _, width := range []int{0, 1, 3, 4, len(expression)} {
		table := &Table{}
		v := Context("inputs.version")
		p := table.Placeholder(v, width)
		if want := max(width, 3); len(p) != want {
			t.Errorf("width %d: %q has %d bytes", width, p, len(p))
		}
		for _, after := range []string{"", "_", "__x", "_" + p} {
			got := table.Value("v" + p + after)
			want := Concat(Text("v"), v, table.Value(after))
			if !got.Equal(want) {
				t.Errorf("width %d, then %q: got %s, want %s", width, after, got, want)
			}
		}
	}
}

// TestPlaceholderLosesPadding reads a placeholder that a parser cut short: the
// padding may be gone, the value must not be.
func TestPlaceholderLosesPadding(t *testing.T) {
	table := &Table{}
	p := table.Placeholder(Context("a.b"), 12)
	if got := table.Value(strings.TrimRight(p, "_") + "/x"); got.String() != "${{ a.b }}/x" {
		t.Errorf("got %s", got)
	}
}

func TestTableIsBounded(t *testing.T) {
	table := &Table{}
	last := ""
	for range 2000 {
		last = table.Placeholder(Context("a"), 10)
	}
	if len(last) != 10 || HasPlaceholder(last) {
		t.Errorf("got %q", last)
	}
	if got := table.Value(last).LiteralOr("?"); got != "__________" {
		t.Errorf("got %q", got)
	}
}

func TestForeignPlaceholder(t *testing.T) {
	table := &Table{}
	table.Placeholder(Context("a"), 0)
	text := string(rune(firstPlaceholder + 7))
	if got := table.Value(text); got.LiteralOr("") != text {
		t.Errorf("got %s", got)
	}
	var none *Table
	if got := none.Value(text); got.LiteralOr("") != text {
		t.Errorf("got %s", got)
	}
}

// FuzzTable puts a placeholder into any text and wants it back.
func FuzzTable(f *testing.F) {
	f.Add("a", "b", 0)
	f.Add("_", "__", 21)
	f.Add("\xff\ua000", "\ua001", 4)
	f.Fuzz(func(t *testing.T, before, after string, width int) {
		if HasPlaceholder(before) || HasPlaceholder(after) || width > 1000 {
			return
		}
		table := &Table{}
		v := Context("x")
		got := table.Value(before + table.Placeholder(v, width) + after)
		if want := Concat(Text(before), v, Text(after)); !got.Equal(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
