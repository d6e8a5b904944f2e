package decide

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// speaksOfGitHub matches code that may speak to GitHub: its names, clients that
// do not bear them, a sign-in in an address, what git is told to send along, and
// libraries for git.
var speaksOfGitHub = regexp.MustCompile(`(?i)github|ghcr\.io|octokit|ghapi|gidgethub|extraheader|insteadof|askpass|netrc|://[^\s"']*\}[^\s"']*@|\bgh\b|\bimport git\b|\bfrom git\b|dulwich|pygit2|api/v3`)

// startsOthers matches what in Python starts programs, or takes in code by a name
// that is put together; asksGit matches the calls of git that only ask.
var (
	startsOthers = regexp.MustCompile(`\bsubprocess\.\w+\(|\bfrom subprocess import\b|\bos\.(?:system|popen|exec\w*|spawn\w*|posix_spawn\w*)\b|\bcreate_subprocess|\bimportlib\b|__import__|(?:^|[^.\w])(?:exec|eval)\(`)
	asksGit      = regexp.MustCompile(`\bsubprocess\.\w+\(\s*\[\s*["']git["'],\s*["'](?:rev-parse|log|status|diff|describe|show|ls-files)["']`)
	pythonImport = regexp.MustCompile(`(?m)^\s*(?:from\s+(\.*[\w.]*)\s+import|import\s+([\w., ]+))`)
)

// ofOtherCode tells whether all that reads a secret is code of this repository
// that has nothing of GitHub in it, and gives the secret to no other code of
// this repository: where the secret's name says nothing, it is one of another
// service. Of other languages than Python it is not known what they take in. It
// is wrong for a package that speaks to GitHub and does not say so by its name.
func (d *decider) ofOtherCode(uses []*ruled) bool {
	return len(uses) > 0 && !slices.ContainsFunc(uses, func(u *ruled) bool { return u.Other || !d.otherCode(u.Use) })
}

func (d *decider) otherCode(u *infer.Use) bool {
	source := u.Site.Source
	if u.Site.Unread == nil || !strings.Contains(u.Site.Unread.Why, "in python") || source == "" || len(u.Operations) > 0 {
		return false
	}
	if speaksOfGitHub.MatchString(source) || startsOthers.MatchString(asksGit.ReplaceAllString(source, "")) {
		return false
	}
	if d.pointed(u.Site) {
		return false
	}
	for _, m := range pythonImport.FindAllStringSubmatch(source, -1) {
		for _, name := range strings.Split(m[1]+m[2], ",") {
			name, _, _ = strings.Cut(strings.TrimSpace(name), " ")
			root, _, _ := strings.Cut(name, ".")
			if root == "" || d.ownModule(path.Dir(u.Site.File), root) {
				return false
			}
		}
	}
	return true
}

// pointsToGitHub matches what code may be given that has no address of its own.
var pointsToGitHub = regexp.MustCompile(`(?i)github\.com|ghcr\.io|github\.(?:api_url|graphql_url|server_url|repository|event\.repository)`)

// pointed tells whether code is given an address on GitHub, or a repository, by a
// variable or a word.
func (d *decider) pointed(site *trace.Site) bool {
	for name, v := range site.Env.All() {
		if !strings.HasPrefix(name, "GITHUB_") && pointsToGitHub.MatchString(v.String()) {
			return true
		}
	}
	for _, j := range d.jobs {
		for _, s := range j.Sites {
			if s.Command != nil && s.Starts == site.File && slices.ContainsFunc(s.Command.Args, func(v value.Value) bool { return pointsToGitHub.MatchString(v.String()) }) {
				return true
			}
		}
	}
	return false
}

// ownModule tells whether a module may be one of this repository, for code in a
// folder.
func (d *decider) ownModule(folder, name string) bool {
	for _, dir := range []string{folder, path.Dir(folder), ".", "src", "lib"} {
		at := path.Join(dir, name)
		if _, err := d.repository.Read(at + ".py"); err == nil || len(d.repository.Files(at))+len(d.repository.Folders(at)) > 0 {
			return true
		}
	}
	return false
}
