package trace

import "testing"

func TestMentionsMoves(t *testing.T) {
	tags, branch, remotes := Moves{Tags: true}, Moves{Branch: true}, Moves{Remotes: true}
	for source, want := range map[string]Moves{
		`system("git tag -a v1 -m v1")`:                                   tags,
		`system "git", "tag", "-s", version`:                              tags,
		"`git tag #{version}`":                                            tags,
		`sh 'cd x && git tag "v1"'`:                                       tags,
		"exec.Command(\n\t\"git\",\n\t\"tag\",\n\tversion,\n)":            tags,
		`exec.Command("git", "-C", filepath.Join(a, b), "tag", v)`:        tags,
		`run(["git", "tag", "-a", str(v)])`:                               tags,
		`repo.git.tag("-a", v)`:                                           tags,
		"import git\nrepo.create_tag(v)":                                  tags,
		"def git(*a)\n system('git', *a)\nend\ngit('tag', v)":             tags,
		"run(*a): [\"git\", *a]\n_run(\"tag\", \"-a\", v)":                tags,
		`exec.Command("git", "switch", "main").Run()`:                     branch,
		`os.system("git checkout -b work")`:                               branch,
		`%x(git remote set-url origin #{url})`:                            remotes,
		`["git", "config", "--global", f"url.{x}.insteadOf", "https://"]`: remotes,
		`system("git remote add upstream https://x.example")`:             remotes,
		"import git\nrepo.remotes.origin.set_url(u)":                      remotes,
		"import git\nrepo.create_remote(name, u)":                         remotes,
		"from git import Repo\nr.create_remote(\"upstream\", u)":          remotes,
		// What changes nothing.
		"`git tag`.split(\"\\n\").map(&:strip)":                                  {},
		`exec.Command("git", "tag").Output()`:                                    {},
		`["git", "tag", "--points-at", "HEAD"]`:                                  {},
		"from git import Repo\nr.create_remote(\"docs\", u)":                     {},
		"from git import Repo\nr = Repo.clone_from(u, d)\nr.git.checkout(\"x\")": {},
		`system("git tag -l v1")`:                                                {},
		`["git", "tag", "--sort=-creatordate"]`:                                  {},
		`puts "the git tag is " + v`:                                             {},
		"# git tag -a v1\nsystem('git status')":                                  {},
		`["git", "checkout", "--", "go.sum"]`:                                    {},
		`system("git remote add copy https://x.example")`:                        {},
		`system("git remote get-url origin")`:                                    {},
		`["git", "config", "user.name", "lamp"]`:                                 {},
		`["git", "config", "--get", "remote.origin.url"]`:                        {},
		`["git", "rev-parse", "HEAD"]; print("tag", x)`:                          {},
		`open("https://github.com/x/y.git", "tag")`:                              {},
		`p.add_argument("tag", help="x"); os.system("ls")`:                       {},
		"import\n\ngit\nrepo.create_remote(name, u)":                             remotes,
		"runner!(\n  [ 'Tag', v ])":                                              {},
		"import git.x\nrunner!(\n  [ 'tag', v ])":                                tags,
	} {
		if got := mentionsMoves(source); got != want {
			t.Errorf("%s: %+v, want %+v", source, got, want)
		}
	}
}
