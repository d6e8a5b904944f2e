package infer

import (
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

func TestTouchesGit(t *testing.T) {
	for _, test := range []struct {
		command string
		want    bool
	}{
		{"rm -rf .git", true}, {"rm -rf ./site/.git/", true}, {`rmdir /s site\.git`, true}, {"mv .git ../kept", true}, {"rm -rf .??*", true},
		{"sed -i /extraheader/d .git/config", true}, {"tee -a .git/config", true}, {"find . -name .git -delete", true}, {"Remove-Item -Recurse .git", true},
		{"rm -rf .github dist/* *.git", false}, {"rm .gitignore", false}, {"rm -rf site/.", false}, {"cat .git/HEAD", false}, {"sed -i s/a/b/ a.txt", false},
		{"find . -not -path ./.git -name x.go", false}, {"ls -la .git", false}, {"tar --exclude .git -cf a.tar .", false},
		{"echo x > .git/config", true}, {"echo x > a.git", false},
	} {
		t.Run(test.command, func(t *testing.T) {
			words, file, _ := strings.Cut(test.command, " > ")
			c := &trace.Command{}
			for _, w := range strings.Fields(words) {
				c.Args = append(c.Args, value.Text(w))
			}
			if file != "" {
				c.Output = []shell.Redirect{{Path: value.Text(file)}}
			}
			if got := touchesGit(c); got != test.want {
				t.Errorf("touchesGit = %v", got)
			}
		})
	}
}
