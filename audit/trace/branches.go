package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// commitName matches the names of commits, of tags and of lines of versions: their files are
// most often those of the checkout of another day.
var commitName = regexp.MustCompile(`^(?:v?\d[\w.-]*|[0-9a-f]{7,40}|HEAD.*|@.*|FETCH_HEAD|refs/(?:tags|pull)/.*)$`)

// otherBranch names the branch of the repository that a ref means where its files are
// not those of the audited checkout: one that is written out, that is no main branch and
// no line of versions by its name, and that no workflow listens to. Of any other ref, the
// event's first of all, the files are taken to be those that are audited.
func (r *run) otherBranch(ref value.Value) string {
	name, known := ref.Literal()
	name = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(name, "refs/heads/"), "refs/remotes/"), "origin/")
	lower := strings.ToLower(name)
	if !known || name == "" || strings.Contains(name, "?") || commitName.MatchString(name) || slices.Contains(r.made, name) ||
		rules.WordMain.Has(lower) || rules.WordDefault.Has(lower) || slices.ContainsFunc(rules.WordLine.Words(), func(w string) bool { return strings.HasPrefix(lower, w) }) {
		return ""
	}
	for _, w := range r.t.repository.Workflows {
		for _, trigger := range w.Triggers {
			if slices.ContainsFunc(trigger.Branches, func(b string) bool { ok, _ := path.Match(b, name); return ok && strings.Trim(b, "*/") != "" }) {
				return ""
			}
		}
	}
	return otherBranch + name
}

// otherBranch begins what names such a branch.
const otherBranch = "the branch "

// switches notes that a command of git has the working tree of the repository hold the
// files of another branch, or those of the audited one again; of a branch that is merged
// into it all count as that one's. The files that a new branch without a history keeps
// are not looked at.
func (r *run) switches(c *Command) {
	if len(c.Args) < 3 || path.Base(c.Args[0].LiteralOr("")) != "git" {
		return
	}
	words := make([]string, len(c.Args)-1)
	for n, a := range c.Args[1:] {
		words[n] = a.LiteralOr("?")
	}
	if words[0] == "-C" {
		return // In another folder, which is most often one of its own.
	}
	if words = shell.GitWords(words); len(words) < 2 {
		return
	}
	r.makesBranch(words)
	dir, known := repositoryPath(c.Dir).Literal()
	ref, merges := r.takes(words)
	if ref == "" || !known {
		return
	}
	if _, _, file := r.read(c.Dir, ref); file || len(r.t.repository.Files(path.Clean(path.Join(dir, ref)))) > 0 && words[0] == "checkout" {
		return // It takes a file or a folder back.
	}
	folder := "."
	for _, other := range r.checkouts {
		if inside := other.folder == "." || dir == other.folder || strings.HasPrefix(dir, other.folder+"/"); inside && len(other.folder) >= len(folder) {
			folder = other.folder
		}
	}
	to := checkout{folder: folder, other: r.otherBranch(value.Text(ref))}
	before := slices.IndexFunc(r.checkouts, func(b checkout) bool { return b.folder == folder })
	switch {
	case before >= 0 && r.checkouts[before].other != "" && !strings.HasPrefix(r.checkouts[before].other, otherBranch):
		// A branch of another repository is one of its own.
	case merges && to.other == "":
	case before >= 0 && (to.other != "" || len(r.guards) == 0):
		r.checkouts = slices.Clone(r.checkouts)
		r.checkouts[before] = to
	case before < 0 && to.other != "":
		r.checkouts = append(r.checkouts, to)
	}
}

// takes returns the ref whose files a command of git puts in place of those of the
// working tree, or merges into them.
func (r *run) takes(words []string) (ref string, merges bool) {
	if ref, merges = merged(words); !merges {
		ref = switchedTo(words)
	}
	switch {
	case words[0] == "fetch":
		r.fetched = ref
		return "", false
	case ref == "FETCH_HEAD" && r.fetched != "":
		ref = r.fetched
	}
	return ref, merges
}

// makesBranch notes a branch that a command of git makes: checked out later, its files
// are those of the job.
func (r *run) makesBranch(words []string) {
	for n, w := range words[1:] {
		switch {
		case words[0] == "branch" && !strings.HasPrefix(w, "-"):
			r.made = append(r.made, w)
			return
		case (words[0] == "checkout" || words[0] == "switch") && slices.Contains([]string{"-b", "-B", "-c", "-C", "--create", "--force-create", "--orphan"}, w) && n+2 < len(words):
			r.made = append(r.made, words[n+2])
			return
		}
	}
}

// valueFlags are the flags of git's merge and pull that take a value of their own.
var valueFlags = []string{"-m", "-F", "-X", "-s", "--strategy", "--strategy-option", "--message", "--into-name", "--depth", "-j"}

// merged returns the ref of which a command of git takes in the files, or by fetch the
// one that FETCH_HEAD is behind it.
func merged(words []string) (ref string, ok bool) {
	var operands []string
	for n := 1; n < len(words); n++ {
		switch w := words[n]; {
		case slices.Contains(valueFlags, w):
			n++
		case !strings.HasPrefix(w, "-"):
			operands = append(operands, w)
		}
	}
	switch {
	case words[0] == "merge" && len(operands) == 1:
		return operands[0], true
	case (words[0] == "pull" || words[0] == "fetch") && len(operands) == 2:
		ref, _, _ = strings.Cut(strings.TrimPrefix(operands[1], "+"), ":")
		return ref, true
	}
	return "", false
}

// switchedTo returns the ref whose files a command of git puts in place of those of the
// working tree, "" for none: "-" is taken for the audited branch.
func switchedTo(words []string) string {
	if len(words) < 2 {
		return ""
	}
	var operands []string
	made := false
	for n := 1; n < len(words); n++ {
		switch w := words[n]; {
		case w == "--" || w == "--orphan" || w == "-p" || w == "--patch" || strings.HasPrefix(w, "--pathspec"):
			return ""
		case words[0] != "reset" && slices.Contains([]string{"-b", "-B", "-c", "-C", "--create", "--force-create"}, w):
			made = true
		case w == "-":
			return "HEAD"
		case !strings.HasPrefix(w, "-"):
			operands = append(operands, w)
		}
	}
	switch {
	case words[0] == "reset" && slices.Contains(words, "--hard") && len(operands) == 1:
		return operands[0]
	case words[0] != "checkout" && words[0] != "switch":
	case made && len(operands) == 2:
		return operands[1]
	case !made && len(operands) == 1:
		return operands[0]
	}
	return ""
}
