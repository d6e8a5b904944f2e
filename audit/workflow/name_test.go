package workflow

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

func TestRemoteName(t *testing.T) {
	remote := func(name, address string) string {
		return fmt.Sprintf("[remote %q]\n\turl = %s\n\tfetch = x\n", name, address)
	}
	tests := []struct{ name, config, want string }{
		{"https", remote("origin", "https://github.com/o/n.git"), "o/n"},
		{"no suffix", remote("origin", "https://github.com/o/n.x/"), "o/n.x"},
		{"with a user", remote("origin", "https://user:password@github.com/o/n"), "o/n"},
		{"ssh", remote("origin", "ssh://git@github.com:22/o/n.git"), "o/n"},
		{"ssh by the https port", remote("origin", "ssh://git@ssh.github.com:443/o/n.git"), "o/n"},
		{"scp", remote("origin", "git@github.com:o/n.git"), "o/n"},
		{"scp, organisation's user", remote("origin", "org-1@GitHub.com:O/n.git"), "O/n"},
		{"quoted", remote("origin", `"git@github.com:o/n.git"`), "o/n"},
		{"data residency", remote("origin", "https://octo.ghe.com/o/n"), "o/n"},
		{"server", remote("origin", "https://github.example.com/o/n"), "o/n"},
		{"other host", remote("origin", "https://gitlab.com/o/n"), ""},
		{"local", remote("origin", "/srv/github.com/o/n"), ""},
		{"too long", remote("origin", "https://github.com/o/n/x"), ""},
		{"origin first", remote("a", "git@github.com:a/a") + remote("origin", "git@github.com:o/n"), "o/n"},
		{"the only one", remote("fork", "git@github.com:o/n"), "o/n"},
		{"upstream last", remote("a", "git@github.com:a/a") + remote("upstream", "git@github.com:o/n"), "o/n"},
		{"no choice", remote("a", "git@github.com:a/a") + remote("b", "git@github.com:b/b"), ""},
		{"other sections", "[core]\n\turl = https://github.com/x/y\n[submodule \"s\"]\n\turl = https://github.com/x/y\n", ""},
		{"junk", "[remote \"\n=\nurl\n[", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			name, from := GuessName(fstest.MapFS{".git/config": {Data: []byte(test.config)}}, "", nil)
			if name != test.want || (name != "") != strings.HasPrefix(from, "the git remote ") {
				t.Errorf("%q from %q, want %q", name, from, test.want)
			}
		})
	}
}

func TestGuessName(t *testing.T) {
	const folder, conditions = "the path of the folder", "conditions on github.repository in the workflows"
	ifs := func(conditions ...string) *Repository {
		fsys := fstest.MapFS{}
		for i, c := range conditions {
			source := "on: push\njobs:\n  a:\n    if: " + c + "\n    runs-on: x\n    steps: [{run: a}]\n"
			fsys[fmt.Sprintf(".github/workflows/%d.yml", i)] = &fstest.MapFile{Data: []byte(source)}
		}
		return Load(fsys)
	}
	tests := []struct {
		name, folder string
		repository   *Repository
		want, from   string
	}{
		{"nothing", "/home/me/project", nil, "", ""},
		{"github.com", "/home/me/src/github.com/o/n", nil, "o/n", folder},
		{"github.com on Windows", `C:\src\github.com\o\n`, nil, "o/n", folder},
		{"below it", "/home/me/src/github.com/o/n/docs", nil, "", ""},
		{"plus", "/srv/mirror/o+n.x/", nil, "o/n.x", folder},
		{"two of them", "/srv/o+n+x", nil, "", ""},
		{"nothing before it", "/srv/+n", nil, "", ""},
		{"condition", ".", ifs("github.repository == 'o/n'"), "o/n", conditions},
		{"the other way round", ".", ifs("${{ 'o/n'==github.repository && x }}"), "o/n", conditions},
		{"majority", ".", ifs("github.repository == 'o/n'", "github.repository == 'a/b'", "github.repository == 'O/N'"), "o/n", conditions},
		{"no majority", ".", ifs("github.repository == 'o/n'", "github.repository == 'a/b'"), "", ""},
		{"unequal", ".", ifs("github.repository != 'o/n'"), "", ""},
		{"owner", ".", ifs("github.repository_owner == 'o'", "${{ 'o/n' == github.repository_x }}"), "", ""},
		{"folder first", "o+n", ifs("github.repository == 'a/b'"), "o/n", folder},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			// A worktree's .git is a file.
			fsys := fstest.MapFS{".git": {Data: []byte("gitdir: /x/.git/worktrees/y\n")}}
			name, from := GuessName(fsys, test.folder, test.repository)
			if name != test.want || from != test.from {
				t.Errorf("%q from %q, want %q from %q", name, from, test.want, test.from)
			}
		})
	}
	if name, _ := GuessName(nil, "", &Repository{}); name != "" {
		t.Errorf("%q from nothing", name)
	}
}

func TestDefaultBranch(t *testing.T) {
	tests := []struct{ name, remote, head, want string }{
		{"origin", "origin", "ref: refs/remotes/origin/10.x\n", "10.x"},
		{"with a slash", "origin", "ref: refs/remotes/origin/line/2\n", "line/2"},
		{"the only remote", "fork", "ref: refs/remotes/fork/trunk", "trunk"},
		{"of another remote", "origin", "ref: refs/remotes/fork/trunk\n", ""},
		{"a commit", "origin", "0123456789012345678901234567890123456789\n", ""},
		{"no name", "origin", "ref: refs/remotes/origin/\n", ""},
		{"hostile", "origin", "ref: refs/remotes/origin/<b>\n", ""},
		{"a remote out of bounds", "../../x", "ref: refs/remotes/../../x/main\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := &Repository{fsys: fstest.MapFS{
				".git/config": {Data: fmt.Appendf(nil, "[remote %q]\n\turl = git@github.com:o/n\n", test.remote)},
				".git/refs/remotes/" + test.remote + "/HEAD": {Data: []byte(test.head)},
			}}
			if got := r.DefaultBranch(); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
	if got := (&Repository{}).DefaultBranch(); got != "" {
		t.Errorf("%q without files", got)
	}
}
