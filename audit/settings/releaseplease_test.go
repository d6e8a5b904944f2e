package settings

import (
	"errors"
	"slices"
	"testing"
)

func TestReleasePlease(t *testing.T) {
	for _, c := range []struct {
		text, draft, skip string
		tags, labels      []string
	}{
		{`{"packages": {".": {"release-type": "go"}}}`, "false", "false", []string{"v*"}, []string{"autorelease: pending", "autorelease: snapshot", "autorelease: tagged"}},
		{`{"packages": {".": {}}, "release-type": "node"}`, "false", "false", []string{"*"}, nil},
		{`{"packages": {".": {"package-name": "@acme/shop"}}}`, "false", "false", []string{"shop-v*"}, nil},
		{`{"packages": {".": {"component": "shop", "include-component-in-tag": false}}}`, "false", "false", []string{"v*"}, nil},
		{`{"tag-separator": "@", "packages": {"a": {"component": "a"}, "b": {"component": "b"}}}`, "false", "false", []string{"a@v*", "b@v*"}, nil},
		{`{"draft": true, "packages": {"a": {"component": "a"}}}`, "true", "false", []string{"a-v*"}, nil},
		{`{"draft": true, "packages": {"a": {"component": "a", "draft": false}, "b": {"component": "b"}}}`, "false", "false", []string{"a-v*", "b-v*"}, nil},
		{`{"draft": true, "force-tag-creation": true, "packages": {"a": {"component": "a"}}}`, "false", "false", []string{"a-v*"}, nil},
		{`{"packages": {"a": {"component": "a", "skip-github-release": true}}}`, "false", "true", []string{"a-v*"}, nil},
		{`{"label": "release, bot", "release-label": "out", "extra-label": "x", "packages": {"a": {"component": "a"}}}`, "false", "false", []string{"a-v*"}, []string{"autorelease: snapshot", "bot", "out", "release", "x"}},
		{`{"release-type": "go"}`, "", "", nil, nil},
	} {
		said := Find([]string{"c.json"}, func(name string) ([]byte, error) {
			if name != "c.json" {
				return nil, errors.New("not there")
			}
			return []byte(c.text), nil
		}).ReleasePlease()
		draft, _, _ := said.Lookup("draft")
		skip, _, _ := said.Lookup("skip")
		tags, _ := said.Texts("tags")
		labels, _ := said.Texts("labels")
		if draft != c.draft || skip != c.skip || !slices.Equal(tags, c.tags) || c.labels != nil && !slices.Equal(labels, c.labels) {
			t.Errorf("%s: draft %q, skip %q, tags %q, labels %q", c.text, draft, skip, tags, labels)
		}
	}
}

func TestReleasePleaseBareVersion(t *testing.T) {
	tags, _ := Find([]string{"c.json"}, func(string) ([]byte, error) {
		return []byte(`{"packages": {".": {"release-type": "simple", "include-v-in-tag": false}}}`), nil
	}).ReleasePlease().Texts("tags")
	if len(tags) != 10 || tags[0] != "0*" || tags[9] != "9*" {
		t.Errorf("tags %q", tags)
	}
}
