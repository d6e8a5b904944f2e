package infer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestSubmoduleTargets(t *testing.T) {
	module := func(urls ...string) string {
		var b strings.Builder
		for n, u := range urls {
			fmt.Fprintf(&b, "[submodule \"a%d\"]\n\tpath = a%d\n\tURL = %s\n\tbranch = main\n", n, n, u)
		}
		return b.String()
	}
	for _, c := range []struct{ name, file, want string }{
		{"one", module("https://github.com/octo/app.git"), "octo/app!"},
		{"by ssh", module("git@github.com:octo/app.git", "ssh://git@github.com/octo/app"), "octo/app!"},
		{"a neighbour", module("../site.git"), "acme/site="},
		{"a stranger", module("../../octo/app"), "octo/app!"},
		{"itself", module("../rocket", "https://github.com/acme/rocket"), ""},
		{"elsewhere", module("https://gitlab.com/octo/app.git"), ""},
		{"two", module("../site", `"https://github.com/octo/app"`), "acme/site=, octo/app!"},
		{"out of the host", module("../../../x"), "?"},
		{"inside of itself", module("./x"), "?"},
		{"another host by ssh", module("git@work:octo/app"), "?"},
		{"a path", module("/srv/git/app"), "?"},
		{"no address", "[submodule \"a\"]\npath = a\n", "?"},
		{"another section", "[remote \"a\"]\nurl = https://github.com/octo/app\n", "?"},
		{"too many", module(slices.Repeat([]string{"../site"}, maxSubmodules+1)...), "?"},
		{"none", "", "?"},
	} {
		in := &inferrer{options: Options{Repository: "acme/rocket", Read: func(name string) ([]byte, error) {
			if name != ".gitmodules" || c.file == "" {
				return nil, errors.New("not there")
			}
			return []byte(c.file), nil
		}}}
		targets, ok := in.submoduleTargets()
		got := texts(targets)
		if !ok {
			got = "?"
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	if _, ok := (&inferrer{}).submoduleTargets(); ok {
		t.Error("targets of nothing")
	}
}
