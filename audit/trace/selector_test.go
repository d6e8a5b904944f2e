package trace

import (
	"slices"
	"testing"
)

func TestSelected(t *testing.T) {
	w := (&tracer{
		repository: repository("package.json", `{"workspaces": ["deck/*"]}`,
			"deck/a/package.json", `{"name": "@x/a", "dependencies": {"@x/b": "*"}}`,
			"deck/b/package.json", `{"name": "@x/b", "devDependencies": {"c": "*"}}`,
			"deck/c/package.json", `{"name": "c"}`),
		workspaces: map[string]*workspace{},
	}).workspace(".")
	tests := map[string]struct {
		filters []string
		want    []string
	}{
		"name":             {[]string{"c"}, []string{"deck/c"}},
		"without scope":    {[]string{"a"}, []string{"deck/a"}},
		"needs":            {[]string{"@x/a..."}, []string{"deck/a", "deck/b", "deck/c"}},
		"needs only":       {[]string{"@x/a^..."}, []string{"deck/b", "deck/c"}},
		"needed by":        {[]string{"...c"}, []string{"deck/a", "deck/b", "deck/c"}},
		"folder":           {[]string{"./deck/b"}, []string{"deck/b"}},
		"folder in braces": {[]string{"{deck/*}"}, []string{"deck/a", "deck/b", "deck/c"}},
		"since a commit":   {[]string{"[main]"}, []string{".", "deck/a", "deck/b", "deck/c"}},
		"but one":          {[]string{"!c", "@x/*", "c"}, []string{"deck/a", "deck/b"}},
		"not there":        {[]string{"d"}, nil},
	}
	for name, test := range tests {
		packages, why := w.selected(test.filters, ".")
		var got []string
		for _, p := range packages {
			got = append(got, p.dir)
		}
		if !slices.Equal(got, test.want) || (why == "") != (test.want != nil) {
			t.Errorf("%s: %v gives %v (%s), want %v", name, test.filters, got, why, test.want)
		}
	}
}

func FuzzSelector(f *testing.F) {
	for _, text := range []string{"...^@x/a^...", "!{deck/**}[main]", "./deck", "[", "{", "..."} {
		f.Add(text)
	}
	w := &workspace{packages: []*packageFolder{{dir: "."}, {dir: "deck/a"}}}
	f.Fuzz(func(t *testing.T, text string) {
		packages, why := w.selected([]string{text}, "deck")
		if why != "" && len(packages) > 0 {
			t.Errorf("%q: %d packages, and %s", text, len(packages), why)
		}
	})
}
