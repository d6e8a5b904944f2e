package infer

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// lockFiles are the files in which the managers of JavaScript's packages write
// where every dependency comes from, by the manager.
var lockFiles = map[string][]string{
	"npm": {"npm-shrinkwrap.json", "package-lock.json"}, "yarn": {"yarn.lock"}, "pnpm": {"pnpm-lock.yaml"},
}

// fromGit matches what in a lock file may be a dependency that git clones. An
// address of a tarball is none: it is fetched without git.
var fromGit = regexp.MustCompile(`(?i)\bgit\+|\bgit://|\bgit@|\bssh://|\bgithub:|\bgist:|\bbitbucket:|\bgitlab:|\.git\b|\btype: *["']?git\b|\brepo:|#commit[=:]`)

// plainPackage matches the name of a package without a scope, with its version.
var plainPackage = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*(?:@[\w.^~-]+)?$`)

// installs are the words by which the managers install what the lock file says.
var installs = []string{"install", "i", "ci", "clean-install"}

// fetchesNothing tells whether a program that fetches dependencies is seen to
// fetch none of them with git: its lock file, or go.mod, is at hand and names none
// that git would clone. A package that a call names by itself must stand in the
// lock file too, or be one of the public registry, where nobody can keep a package
// without a scope to himself: what that comes with, everybody may read. It is wrong
// where the lock file is not the one that the install comes to, because
// package.json has changed and that has not.
func (in *inferrer) fetchesNothing(site *trace.Site) bool {
	words, _ := site.Command.Words()
	dir := folder(site.Command.Dir)
	if in.options.Read == nil || len(words) == 0 || strings.HasPrefix(dir, "?") || site.Elsewhere != "" {
		return false
	}
	read := func(name string) (string, bool) {
		data, err := in.options.Read(path.Clean(joinFolder(dir, name)))
		return string(data), err == nil
	}
	name := path.Base(words[0])
	if name == "go" {
		_, work := read("go.work")
		source, ok := read("go.mod")
		return ok && !work && len(words) > 1 && words[1] != "get" && words[1] != "install" && !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, "@") }) && !requires(source, "")
	}
	files, ok := lockFiles[name]
	if !ok || len(words) > 1 && !slices.Contains(installs, words[1]) && (name != "yarn" || !strings.HasPrefix(words[1], "-")) {
		return false
	}
	settings, _ := read(".npmrc")
	ownRegistry := strings.Contains(settings, "registry")
	for _, file := range files {
		source, ok := read(file)
		if !ok {
			continue
		}
		for _, w := range words[min(2, len(words)):] {
			switch {
			case value.HasPlaceholder(w), strings.HasPrefix(w, "--prefix"), strings.HasPrefix(w, "--dir"), strings.HasPrefix(w, "--cwd"), strings.HasPrefix(w, "-C"), w == "-g", w == "--global":
				return false
			case !strings.HasPrefix(w, "-") && !strings.Contains(source, `"node_modules/`+w+`"`) && (!plainPackage.MatchString(w) || ownRegistry):
				return false
			}
		}
		return !fromGit.MatchString(withoutFunding(source))
	}
	return false
}

// funding matches an address in a lock file that nothing is fetched from.
var funding = regexp.MustCompile(`"url": *"[^"]*"`)

func withoutFunding(source string) string { return funding.ReplaceAllString(source, "") }
