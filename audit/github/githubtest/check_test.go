package githubtest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMistakes(t *testing.T) {
	if all := testWorld().mistakes(); len(all) > 0 {
		t.Errorf("the world of the tests: %q", all)
	}
	world := World{
		Users:         []User{{Login: "mona"}},
		Organizations: []Organization{{Login: "Mona", Grants: []Grant{{TokenName: "g", Permissions: "contents"}}}},
		Repositories:  []Repository{{Owner: "a", Name: "b", Visibility: "hidden"}, {Owner: "A", Name: "B", Roles: map[string]string{"x": "push"}}},
		Tokens:        []Token{{Name: "t", Value: "v", Permissions: "content:read", Scopes: []string{"repos"}}, {Value: "v"}},
		Count:         1,
	}
	want := []string{
		`repository a/b: visibility "hidden"`, `repository "A/B": every one needs a name of its own`, `repository A/B: role "push" of x`,
		`grant g: permission "contents": want name:access, such as contents:write or org:members:read`,
		`account "mona": every one needs a name of its own`, `token t: permission content:read`, `token t: scope "repos"`,
		`token "": every one needs a name of its own`, `token value "v": every one needs a name of its own`,
		`a Count of repositories without Generate`,
	}
	if diff := cmp.Diff(want, world.mistakes()); diff != "" {
		t.Error(diff)
	}
}
