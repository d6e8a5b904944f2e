package rules

import (
	"strings"
	"testing"
)

func TestImageTable(t *testing.T) {
	last := ""
	for _, w := range imageRows().rows {
		key := w.Kind + " " + w.Name
		if key <= last || w.Name != strings.ToLower(w.Name) || !strings.HasPrefix(w.Source, "https://") {
			t.Errorf("%s: out of order, twice, or with the source %q", key, w.Source)
		}
		last = key
		if len(w.Inputs) > 0 && (w.Kind != "action" || !w.Names) {
			t.Errorf("%s: inputs %q", key, w.Inputs)
		}
	}
}

func TestCommandImages(t *testing.T) {
	for words, want := range map[string]string{
		"docker push a/b":                   "names",
		"docker build .":                    "builds",
		"docker buildx build .":             "builds",
		"docker buildx imagetools create a": "names",
		"docker buildx ls":                  "nothing",
		"docker buildx bake":                "",
		"docker buildx":                     "",
		"docker compose up":                 "",
		"docker":                            "",
		"docker -H tcp://x push a":          "",
		"echo docker push":                  "nothing",
		"make":                              "",
		"":                                  "",
	} {
		w, ok := CommandImages(strings.Fields(words))
		got := map[[3]bool]string{{true, true, true}: "builds", {true, false, true}: "names", {true, false, false}: "nothing"}[[3]bool{ok, w.Builds, w.Names}]
		if got != want {
			t.Errorf("%s: %q, want %q", words, got, want)
		}
	}
	if w, ok := ActionImages("docker/build-push-action"); !ok || !w.Builds || len(w.Inputs) != 4 {
		t.Errorf("docker/build-push-action: %+v", w)
	}
	if _, ok := ActionImages("docker/bake-action"); ok {
		t.Error("docker/bake-action reads files that say what it pushes")
	}
}
