package rules

import (
	"strings"
	"testing"
)

func TestPusherTable(t *testing.T) {
	last := ""
	for _, p := range pusherRows().rows {
		key := p.Kind + " " + p.Name
		if key <= last || p.Name != strings.ToLower(p.Name) || !strings.HasPrefix(p.Source, "https://") {
			t.Errorf("%s: out of order, twice, or with the source %q", key, p.Source)
		}
		last = key
	}
}

func TestCommandPusher(t *testing.T) {
	for words, want := range map[string]string{
		"docker push a/b":                        "first",
		"docker buildx build -t a/b --push .":    "tags",
		"docker buildx imagetools create -t a b": "tags",
		"docker buildx imagetools inspect a":     "",
		"helm push a.tgz oci://ghcr.io/a":        "last",
		"docker pull a/b":                        "",
		"":                                       "",
	} {
		if p, _ := CommandPusher(strings.Fields(words)); p.Images != want {
			t.Errorf("%s: %q, want %q", words, p.Images, want)
		}
	}
	if p, ok := ActionPusher("docker/build-push-action"); !ok || p.Images != "tags" || p.If != "push" {
		t.Errorf("docker/build-push-action: %+v", p)
	}
}
