package settings

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSubmodules(t *testing.T) {
	const source = `
# a comment
[submodule "theme"]
	path = site/theme/
	url = "https://github.com/o/theme.git" # the look
	branch = .
[other "x"]
	url = https://github.com/o/other
[submodule "without address"]
	path = empty
[submodule "docs"]
URL=../docs
`
	want := []Submodule{{"site/theme", "https://github.com/o/theme.git", "."}, {"", "../docs", ""}}
	if diff := cmp.Diff(want, Submodules(source)); diff != "" {
		t.Error(diff)
	}
	if got := Submodules("[submodule\nurl = x\n]="); got != nil {
		t.Errorf("of what does not parse: %v", got)
	}
}
