package settings

import "testing"

func TestDependabotUpdates(t *testing.T) {
	for name, test := range map[string]struct {
		source string
		want   Updates
	}{
		"alone":     {"updates:\n  - {package-ecosystem: github-actions, directory: /}\n", Updates{Workflows: true}},
		"both":      {"updates:\n  - {package-ecosystem: \"github-actions\", directory: \"/\"}\n  - {package-ecosystem: npm, directory: /}\n", Updates{Workflows: true, Others: true}},
		"other":     {"updates:\n  - {package-ecosystem: npm, directory: /}\n", Updates{Others: true}},
		"action":    {"updates:\n  - {package-ecosystem: github-actions, directory: /.github/actions/build}\n", Updates{Others: true}},
		"folders":   {"updates:\n  - package-ecosystem: github-actions\n    directories: [/tools, /.github/workflows]\n", Updates{Workflows: true}},
		"limit":     {"updates:\n  - {package-ecosystem: github-actions, directory: /, open-pull-requests-limit: 0}\n", Updates{}},
		"malformed": {"updates: [", Updates{}},
		"empty":     {"", Updates{}},
	} {
		if got := dependabotUpdates([]byte(test.source)); got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}
