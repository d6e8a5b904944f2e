package settings

import (
	"io/fs"
	"strings"
	"testing"
)

// TestReleased checks which plugins of semantic-release a configuration comes
// to, and what the github plugin is told of its comments.
func TestReleased(t *testing.T) {
	const defaults = "@semantic-release/commit-analyzer @semantic-release/release-notes-generator @semantic-release/npm @semantic-release/github"
	for _, c := range []struct {
		source, names, success, fail string
		open                         bool
	}{
		{`{}`, defaults, "", "", false},
		{`{"success": [], "fail": []}`, defaults, "false", "false", false},
		{`{"success": null, "fail": [null, false]}`, defaults, "", "false", false},
		{`{"successComment": false}`, defaults, "false", "", false},
		{`{"plugins": ["a", ["@semantic-release/github", {"successCommentCondition": false, "failComment": "no"}]]}`, "a @semantic-release/github", "false", "no", false},
		{`{"plugins": [["@semantic-release/github", {"successComment": false}]], "success": {"path": "@semantic-release/github"}}`, "@semantic-release/github", "", "", false},
		{`{"plugins": ["a", "@semantic-release/github"], "success": {"successComment": false}}`, "a @semantic-release/github", "false", "", false},
		{`{"plugins": ["@semantic-release/github"], "publish": [], "addChannel": [], "success": [], "fail": "b"}`, "b", "", "", false},
		{`{"plugins": ["@semantic-release/git"], "prepare": "./x", "publish": "@semantic-release/npm"}`, "./x @semantic-release/npm", "", "", false},
		{`{"plugins": ["a"], "success": [["b", {}], {"other": 1}]}`, "a b", "", "", true},
		{`{"extends": "x", "plugins": ["a"], "success": ["b"]}`, "a", "", "", false},
	} {
		tree := Find([]string{".releaserc"}, func(string) ([]byte, error) { return []byte(c.source), nil }).Released()
		names, all := tree.Names("plugins")
		success, _, _ := tree.Lookup("plugins.@semantic-release/github.successComment")
		fail, _, _ := tree.Lookup("plugins.@semantic-release/github.failComment")
		if got := strings.Join(names, " "); got != c.names || all == c.open || success != c.success || fail != c.fail {
			t.Errorf("%s: %q (all %v), success %q, fail %q", c.source, got, all, success, fail)
		}
	}
	none := Find([]string{"package.json#release"}, func(string) ([]byte, error) { return nil, fs.ErrNotExist }).Released()
	if _, known, _ := none.Lookup("plugins"); known {
		t.Error("a configuration that is not there is known")
	}
}

// TestReleasedCommands checks that what the exec plugin is told at several
// places comes together.
func TestReleasedCommands(t *testing.T) {
	source := `{"plugins": [["@semantic-release/exec", {"prepareCmd": "a"}], ["@semantic-release/exec", {"prepareCmd": "b"}]], "success": [{"path": "@semantic-release/exec", "successCmd": "c"}, "./x", "./it's"]}`
	tree := Find([]string{".releaserc"}, func(string) ([]byte, error) { return []byte(source), nil }).Released()
	texts, open := tree.Texts("plugins.@semantic-release/exec.*")
	if got := strings.Join(texts, " "); got != "a b c" || open {
		t.Errorf("%q, %v", got, open)
	}
	if got := strings.Join(tree.LocalPlugins(), " "); got != "./x" {
		t.Errorf("local plugins %q", got)
	}
}
