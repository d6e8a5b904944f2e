package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// likeness says whether a name that is pushed without "refs/…" is a tag. Git
// takes what there is of that name in the checkout, which the code that is
// read may not show.
type likeness int

const (
	likeBranch likeness = iota
	// likeEither is a name that may be one or the other.
	likeEither
	likeTag
)

// Patterns for the names of tags: a whole version; the first number of one
// alone, which branches are called after as well; what stands before a version
// that is put in; and that of one part of a repository.
var (
	versionName  = regexp.MustCompile(`^v?[0-9]+(?:\.[0-9]+)+(?:[-+._]?[0-9A-Za-z][0-9A-Za-z.+-]*)?$`)
	majorName    = regexp.MustCompile(`^v[0-9]+$`)
	versionStart = regexp.MustCompile(`^v?[0-9.]*$`)
	partVersion  = regexp.MustCompile(`(?:[-_/.]v|@)$`)
)

// Words in the source of a name that is not known.
var (
	tagSource     = regexp.MustCompile(`git describe|git tag|(?:npm|yarn|pnpm) version`)
	tagWord       = regexp.MustCompile(`(?i:(?:^|[^a-z])tags?(?:[^a-z]|$)|tag_?name)|[a-z]Tag(?:[^a-z]|$)`)
	versionWord   = regexp.MustCompile(`(?i:version|semver|(?:^|[^a-z])ver(?:[^a-z]|$))`)
	branchRefWord = regexp.MustCompile(`(?i:branch|(?:^|[^a-z])(?:ref|head|base|target|topic)(?:[^a-z]|$))`)
)

// tagLike tells whether a pushed name is a tag, of one that is no branch which
// the job has checked out or made. It is wrong for a branch that is called
// after one version and that an earlier program has made.
func (in *inferrer) tagLike(c gitCall, name value.Value) likeness {
	result := likeBranch
	for alternative := range name.EachAlternative() {
		if slices.ContainsFunc(c.tree.branches, alternative.Equal) || alternative.Equal(c.tree.branch) {
			continue
		}
		result = max(result, in.oneTagLike(c, alternative))
	}
	return result
}

func (in *inferrer) oneTagLike(c gitCall, name value.Value) likeness {
	if len(name) == 0 || strings.HasSuffix(name[len(name)-1].Text, ".x") {
		return likeBranch
	}
	if text, ok := name.Literal(); ok {
		switch {
		case versionName.MatchString(text):
			return likeTag
		case majorName.MatchString(text):
			return likeEither
		}
		return likeBranch
	}
	if slices.ContainsFunc(name, func(p value.Part) bool { return p.Context != "" || p.Credential != nil }) {
		return likeBranch
	}
	made := len(c.tree.tags)+len(c.tree.annotated) > 0
	switch first := name[0].Text; {
	case first != "" && versionStart.MatchString(first):
		return likeTag
	case first == "":
		return sourceLike(name, made)
	case partVersion.MatchString(first), made && !strings.Contains(first, "/"):
		return likeEither
	}
	return likeBranch
}

// sourceLike reads what a name that is not known comes from.
func sourceLike(name value.Value, made bool) likeness {
	var source strings.Builder
	for _, p := range name {
		source.WriteString(p.Unknown + " ")
	}
	switch text := source.String(); {
	case tagSource.MatchString(text):
		return likeTag
	case branchRefWord.MatchString(text):
		return likeBranch
	case tagWord.MatchString(text), made && versionWord.MatchString(text):
		return likeTag
	}
	return likeEither
}

// doubted returns events as such that may not happen.
func doubted(events []Event) []Event {
	for i := range events {
		events[i].Doubted = true
	}
	return events
}

// maxBranches bounds those that are remembered of one working tree.
const maxBranches = 64

// knows notes that a name is a branch.
func (t *tree) knows(branch value.Value) {
	if len(t.branches) < maxBranches && !slices.ContainsFunc(t.branches, branch.Equal) {
		t.branches = append(t.branches, branch)
	}
}

// signsTags tells whether the job may set that git signs every tag.
func (in *inferrer) signsTags() bool {
	sets := func(text string) bool {
		text = strings.ToLower(text)
		return strings.Contains(text, "gpgsign") || strings.Contains(text, "git_config")
	}
	return sets(in.jobText()) || slices.ContainsFunc(in.job.Sites, func(s *trace.Site) bool {
		return s.Command != nil && slices.ContainsFunc(s.Command.Args, func(a value.Value) bool { return sets(a.String()) })
	})
}

// lightweight tells whether the words of git tag surely make a tag that is no object of
// its own: a name and at most what it is put on, and no word that may be a flag.
func lightweight(args []value.Value) bool {
	operands := 0
	for _, a := range args {
		switch text, known := a.Literal(); {
		case text == "-f" || text == "--force":
			continue
		case strings.HasPrefix(a.String(), "-"), !known && operands > 0, !known && a[0].Text == "" && a[0].Context == "":
			return false
		}
		operands++
	}
	return operands > 0 && operands < 3
}
