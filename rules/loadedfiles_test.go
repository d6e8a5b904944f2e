package rules

import (
	"slices"
	"strings"
	"testing"
)

func TestLoadedFiles(t *testing.T) {
	files := []string{"conftest.py", "docs/conf.py", "lib/conf.py", "setup.js", "site.yml", "tests/a/test_x.py", "tests/b/test_y.py", "tests/conftest.py", "vite.config.ts", "x/vite.config.ts"}
	for call, want := range map[string]string{
		"pytest":                    "conftest.py tests/conftest.py tests/a/test_x.py tests/b/test_y.py",
		"pytest .":                  "conftest.py tests/conftest.py tests/a/test_x.py tests/b/test_y.py",
		"pytest tests/a":            "conftest.py tests/conftest.py tests/a/test_x.py",
		"pytest tests/a/test_x.py":  "conftest.py tests/conftest.py tests/a/test_x.py",
		"pytest --cov tests/a":      "conftest.py tests/conftest.py tests/a/test_x.py tests/b/test_y.py",
		"python -m pytest tests/b/": "conftest.py tests/conftest.py tests/b/test_y.py",
		"npx vite build":            "vite.config.ts",
		"sphinx-build docs out":     "docs/conf.py",
		"node -r ./setup.js x":      "setup.js",
		"ansible-playbook site.yml": "site.yml",
		"wc -l tests/a/test_x.py":   "",
	} {
		loaded, _ := LoadedFiles(strings.Fields(call))
		if got := loaded.Select(files); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %q", call, got)
		}
	}
}
