package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// makesRelease is the request that makes a release.
const makesRelease = "POST /repos/{owner}/{repo}/releases"

// releases notes on an operation that makes a release which commit it is of. Where
// that commit itself changes files under .github/workflows, GitHub refuses
// GITHUB_TOKEN the release, though the commit is there and contents may be
// written; a release of the head of a branch it lets pass.
// Sources: https://github.com/cli/cli/issues/9514,
// https://github.com/softprops/action-gh-release#-customizing
func (in *inferrer) releases(op *Operation, commit value.Value) {
	if !slices.Contains(op.Names, makesRelease) || op.Answer != rules.AnswerYes || !slices.ContainsFunc(commit.Alternatives(), isCommit) {
		return
	}
	op.Reasons, op.Answer = append(slices.Clip(op.Reasons), "workflow-files"), rules.AnswerConditional
	op.Perhaps = op.Perhaps.Union(needs("workflows:write"))
	op.Note = "the commit that the release names must itself change no file under .github/workflows: of such a one GitHub refuses GITHUB_TOKEN a release"
}

// isCommit tells whether a value is a commit by its hash, as far as its source
// tells; a name is a branch's.
func isCommit(v value.Value) bool {
	if text, ok := v.Literal(); ok {
		return commitHash.MatchString(text)
	}
	if len(v) != 1 {
		return false
	}
	source := v[0].Unknown + v[0].Context
	return strings.Contains(source, "rev-parse") && !strings.Contains(source, "--abbrev-ref") ||
		slices.ContainsFunc(nameWords(source), func(w string) bool { return w == "sha" || w == "commit" || w == "commits" || w == "after" })
}

var commitHash = regexp.MustCompile(`^[0-9a-f]{40}$`)
