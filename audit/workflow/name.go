package workflow

import (
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// GuessName returns the name "owner/name" of a repository that lies in a
// folder, and in words where it comes from. Both are empty where nothing
// tells. It asks, in this order:
//
//   - the remotes in .git/config that lie on a GitHub host: origin, else the
//     only one, else upstream. The .git of a worktree or submodule is a file
//     that points elsewhere, and says nothing here;
//   - the folder's path: the two elements below one called "github.com", or
//     a last one of the form "owner+name", which is a way to write the name
//     where a slash cannot stand;
//   - conditions such as github.repository == 'owner/name' in the workflows,
//     where most of them name the same repository. This is wrong for a fork
//     whose workflows still name their origin.
func GuessName(fsys fs.FS, folder string, r *Repository) (name, from string) {
	if name, remote := remoteName(fsys); name != "" {
		return name, "the git remote " + remote
	}
	if name := folderName(folder); name != "" {
		return name, "the path of the folder"
	}
	if name := conditionName(r); name != "" {
		return name, "conditions on github.repository in the workflows"
	}
	return "", ""
}

// remoteName returns the repository that the best remote names.
func remoteName(fsys fs.FS) (name, remote string) {
	if fsys == nil {
		return "", ""
	}
	config, err := readFile(fsys, ".git/config")
	if err != nil {
		return "", ""
	}
	remotes := remoteURLs(string(config))
	names := map[string]string{}
	for remote, address := range remotes {
		if name := addressName(address); name != "" {
			names[remote] = name
		}
	}
	if name := names["origin"]; name != "" {
		return name, "origin"
	}
	if len(remotes) == 1 {
		for remote, name := range names {
			return name, remote
		}
	}
	return names["upstream"], "upstream"
}

// DefaultBranch returns the branch that the checkout's remote had as its
// default when it was cloned: what .git/refs/remotes/origin/HEAD points to, or
// the same of the only remote that has it. It is "" where nothing says so, as
// in what actions/checkout fetches.
func (r *Repository) DefaultBranch() string {
	if r.fsys == nil {
		return ""
	}
	_, remote := remoteName(r.fsys)
	for _, remote := range []string{"origin", remote} {
		if remote == "" || !fs.ValidPath(remote) {
			continue
		}
		head, err := readFile(r.fsys, ".git/refs/remotes/"+remote+"/HEAD")
		if err != nil {
			continue
		}
		line, _, _ := strings.Cut(string(head), "\n")
		if branch, ok := strings.CutPrefix(strings.TrimSpace(line), "ref: refs/remotes/"+remote+"/"); ok && branchName.MatchString(branch) {
			return branch
		}
	}
	return ""
}

// branchName is the form of the names of branches, as far as it must be known
// to take one over.
var branchName = regexp.MustCompile(`^[\pL\pN][\pL\pN._/+@#-]*$`)

// remoteURLs returns the first URL of each remote in a git configuration. It
// knows no include and no insteadOf.
func remoteURLs(config string) map[string]string {
	urls := map[string]string{}
	remote := ""
	for line := range strings.Lines(config) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section, ok := strings.CutPrefix(line, `[remote "`)
			remote, _, _ = strings.Cut(section, `"`)
			if !ok {
				remote = ""
			}
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		if value = strings.Trim(strings.TrimSpace(value), `"`); remote != "" && urls[remote] == "" && strings.EqualFold(strings.TrimSpace(key), "url") {
			urls[remote] = value
		}
	}
	return urls
}

// addressName returns the repository of a remote's URL, "" where the host is
// not GitHub's.
func addressName(address string) string {
	var host, repository string
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		host, repository = u.Hostname(), u.Path
	} else if before, after, ok := strings.Cut(address, ":"); ok && !strings.Contains(before, "/") {
		host, repository = before[strings.LastIndex(before, "@")+1:], after // git@github.com:owner/name
	}
	if !isGitHubHost(strings.ToLower(host)) {
		return ""
	}
	return validName(strings.TrimSuffix(strings.Trim(repository, "/"), ".git"))
}

// isGitHubHost tells whether a host is GitHub, GitHub with data residency,
// or an Enterprise Server whose host is named as most are.
func isGitHubHost(host string) bool {
	return host == "github.com" || strings.HasPrefix(host, "github.") || strings.HasSuffix(host, ".github.com") ||
		strings.HasSuffix(host, ".ghe.com")
}

// repositoryName is the form of "owner/name". Owners of Enterprise Managed
// Users and of Apps hold an underscore or brackets; brackets own nothing.
var repositoryName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+$`)

// validName returns the name, or "" where it is no repository's.
func validName(name string) string {
	if base := path.Base(name); !repositoryName.MatchString(name) || base == "." || base == ".." {
		return ""
	}
	return name
}

// folderName returns the repository that a folder's path names.
func folderName(folder string) string {
	elements := strings.FieldsFunc(folder, func(c rune) bool { return c == '/' || c == '\\' })
	n := len(elements)
	if n >= 3 && elements[n-3] == "github.com" {
		return validName(elements[n-2] + "/" + strings.TrimSuffix(elements[n-1], ".git"))
	}
	if n == 0 || strings.Count(elements[n-1], "+") != 1 {
		return ""
	}
	return validName(strings.Replace(elements[n-1], "+", "/", 1))
}

// repositoryCondition finds github.repository compared with a literal, on
// either side.
var repositoryCondition = regexp.MustCompile(`(?i)\bgithub\.repository\s*==\s*'([^']+)'|'([^']+)'\s*==\s*github\.repository\b`)

// conditionName returns the repository that more than half of the workflows'
// conditions name.
func conditionName(r *Repository) string {
	if r == nil {
		return ""
	}
	counts := map[string]int{}
	first := map[string]string{} // as first written: names have no case
	total := 0
	for _, w := range r.Workflows {
		for text := range w.Texts() {
			if !strings.Contains(text.Value, "github.repository") {
				continue
			}
			for _, match := range repositoryCondition.FindAllStringSubmatch(text.Value, -1) {
				name := validName(match[1] + match[2])
				if name == "" {
					continue
				}
				key := strings.ToLower(name)
				if first[key] == "" {
					first[key] = name
				}
				counts[key]++
				total++
			}
		}
	}
	for key, count := range counts {
		if 2*count > total {
			return first[key]
		}
	}
	return ""
}
