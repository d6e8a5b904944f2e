package report

import (
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit"
)

// checkCells fails where a row has not its columns, or a cell begins like a
// formula.
func checkCells(t *testing.T, name, out string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll() // rows of one length
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if lines := strings.Count(out, "\n"); lines != len(rows) {
		t.Errorf("%s: %d rows on %d lines", name, len(rows), lines)
	}
	for _, row := range rows {
		for _, cell := range row {
			if trimmed := strings.TrimLeft(cell, " "); trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@\t\r") || strings.HasPrefix(trimmed, "＝") || len(cell) > cellBytes+8 {
				t.Errorf("%s: the cell %.40q of %d bytes", name, cell, len(cell))
			}
		}
	}
}

func TestInert(t *testing.T) {
	tests := map[string]string{
		"": "", "plain": "plain", "a=b": "a=b", "é": "é", "'x": "'x",
		"=1": "'=1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\tx": "' x", "\rx": `'\rx`, "\nx": `'\nx`, " =1": "' =1", "＝1": "'＝1", "－1": "'－1",
		"\x1b[1m": `\u001b[1m`,
	}
	for in, want := range tests {
		if got := inert(in); got != want {
			t.Errorf("inert(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzInert(f *testing.F) {
	f.Add("\t=1+1")
	f.Fuzz(func(t *testing.T, s string) {
		got := inert(s)
		if strings.ContainsAny(got, "\r\n\t\x00") {
			t.Errorf("inert(%q) = %q", s, got)
		}
		if trimmed := strings.TrimLeft(got, " "); trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@") {
			t.Errorf("inert(%q) = %q", s, got)
		}
	})
}

// TestColumnsAreDocumented holds the documentation against the columns.
func TestColumnsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/reports.md")
	if err != nil {
		t.Fatal(err)
	}
	for title, columns := range map[string][]string{"## csv\n": referenceColumns, "## csv-secrets\n": secretColumns} {
		_, part, _ := strings.Cut(string(page), title)
		part, _, _ = strings.Cut(part, "\n## ")
		var documented []string
		for line := range strings.Lines(part) {
			if cells := strings.Split(line, "|"); len(cells) > 2 && strings.Contains(cells[1], "`") {
				for _, name := range strings.Split(cells[1], ",") {
					documented = append(documented, strings.Trim(name, " `"))
				}
			}
		}
		if !slices.Equal(documented, columns) {
			t.Errorf("%sdocumented %q\ncolumns    %q", title, documented, columns)
		}
	}
}

func TestLineLink(t *testing.T) {
	name, ref, evil := "o/r", "feature/x y", "o/r/../../x"
	repository := &audit.Repository{Name: &name, Ref: &ref}
	tests := []struct {
		repository *audit.Repository
		web, file  string
		line       int
		want       string
	}{
		{repository, "", ".github/workflows/a b#?.yml", 3, "https://github.com/o/r/blob/feature/x%20y/.github/workflows/a%20b%23%3F.yml#L3"},
		{repository, "https://ghe.example/", "a.yml", 0, "https://ghe.example/o/r/blob/feature/x%20y/a.yml"},
		{repository, "http://ghe.example", "a.yml", 1, ""},
		{repository, "", "../a.yml", 1, ""},
		{repository, "", "a//b", 1, ""},
		{repository, "", "", 1, ""},
		{repository, "", "x/y@v1/action.yml", 4, "https://github.com/x/y/blob/v1/action.yml#L4"},
		{&audit.Repository{Name: &name}, "", "a.yml", 1, "https://github.com/o/r/blob/HEAD/a.yml#L1"},
		{&audit.Repository{Name: &evil}, "", "a.yml", 1, ""},
		{&audit.Repository{}, "", "a.yml", 1, ""},
		{nil, "", "a.yml", 1, ""},
	}
	for _, test := range tests {
		if got := (Options{Web: test.web}).linker(test.repository).line(test.file, test.line); got != test.want {
			t.Errorf("%s at %s: got %s, want %s", test.file, test.web, got, test.want)
		}
	}
}
