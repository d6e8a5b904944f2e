package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sample = `# source: here
# source: and there
# date: 2026-11-20
# version: 7
# A comment.
name	needs

a	contents:read
# Another.
b	-
`

func TestParseTable(t *testing.T) {
	got, err := parseTable("sample", sample)
	if err != nil {
		t.Fatal(err)
	}
	want := SourceInfo{Table: "sample", Source: "here; and there", Date: "2026-11-20", Version: "7", Rows: 2}
	if diff := cmp.Diff(want, got.info); diff != "" {
		t.Error(diff)
	}
	type cell struct {
		line        int
		name, needs string
	}
	var cells []cell
	for _, r := range got.rows {
		cells = append(cells, cell{r.line, r.cell("name"), r.cell("needs")})
	}
	if diff := cmp.Diff([]cell{{8, "a", "contents:read"}, {10, "b", ""}}, cells, cmp.AllowUnexported(cell{})); diff != "" {
		t.Error(diff)
	}
}

func TestParseTableRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                "no header line",
		"# source: x\n":   "no header line",
		"a\tb\nx\n":       "x:2: 1 cells under 2 columns",
		"a\tb\nx\ty\tz\n": "x:2: 3 cells under 2 columns",
		"a\ta\n":          "stands twice",
		"A column\n":      "column name",
	} {
		if _, err := parseTable("x", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parseTable(%q): %v, want %q", text, err, want)
		}
	}
}

func TestParseRows(t *testing.T) {
	table, err := parseTable("sample", sample)
	if err != nil {
		t.Fatal(err)
	}
	parse := func(r row) (string, error) {
		if r.cell("needs") == "" {
			return "", fmt.Errorf("no needs")
		}
		return r.cell("name"), nil
	}
	got := parseRows(table, []string{"name", "needs"}, parse)
	if diff := cmp.Diff([]string{"a"}, got.rows); diff != "" || got.err == nil || got.err.Error() != "sample:10: no needs" {
		t.Errorf("%v\n%s", got.err, diff)
	}
	if got := parseRows(table, []string{"name"}, parse); got.err == nil {
		t.Error("other columns than wanted: no error")
	}
}

func FuzzParseTable(f *testing.F) {
	f.Add(sample)
	f.Fuzz(func(t *testing.T, text string) {
		table, err := parseTable("fuzz", text)
		if err != nil {
			return
		}
		for _, r := range table.rows {
			for _, c := range table.columns {
				r.cell(c)
			}
		}
	})
}
