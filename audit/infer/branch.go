package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// runContexts are the contexts that no two runs share, those of a commit
// among them: a job that makes commits finds another one when it runs again.
var runContexts = []string{
	"github.run_id", "github.run_number", "github.run_attempt", "github.sha", "github.event.after", "github.event.head_commit.id",
}

// runSource matches the sources of values that are made anew in each run: the
// date, chance, the commit at hand. That a step or a variable is called so is
// taken for the same.
var runSource = regexp.MustCompile(`(?i)(?:^|[^a-z])(?:date|datetime|timestamp|epoch|random|rand|uuid|uuidgen)(?:[^a-z]|$)|rev-parse (?:--short\S* |--verify )*(?:HEAD|@)`)

// ofThisRun tells whether a branch's name holds something that no other run
// has: nobody but this run can have opened a pull request for it.
func ofThisRun(branch value.Value) bool {
	return slices.ContainsFunc(branch, func(p value.Part) bool {
		return slices.Contains(runContexts, p.Context) || runSource.MatchString(p.Unknown)
	})
}

// TakesOver is what the attribute "fresh" of a push is where the branch is made
// by the job, or taken over from whoever has one of that name.
const TakesOver = "or taken over"

// outsideSources begin the sources of names that are given to the job by those
// who run or set it up, or that another step or job chooses. A variable that no
// code sets is another such.
var outsideSources = append([]string{"${{ matrix.", "${{ needs.", "${{ steps."}, handedIn...)

// handedIn begin the sources of those that who starts a run gives, or who sets up
// the repository.
var handedIn = []string{"${{ inputs.", "${{ github.event.inputs.", "${{ github.event.client_payload.", "${{ vars."}

// sourceOf is what stands in the code for a part that is not known.
func sourceOf(p value.Part) string {
	if p.Context != "" {
		return "${{ " + p.Context
	}
	return p.Unknown
}

// isHandedIn tells whether a part is what who starts a run gives, or who sets up the
// repository.
func isHandedIn(p value.Part) bool {
	return slices.ContainsFunc(handedIn, func(s string) bool { return strings.HasPrefix(sourceOf(p), s) })
}

// fromOutside tells whether all of a branch's name comes from outside the code
// that makes it: it may be that of any branch that is there.
func fromOutside(branch value.Value) bool {
	own := func(p value.Part) bool {
		source := sourceOf(p)
		variable := strings.HasPrefix(source, "$") && !strings.HasPrefix(source, "$(") && !strings.HasPrefix(source, "${{")
		return !variable && !slices.ContainsFunc(outsideSources, func(s string) bool { return strings.HasPrefix(source, s) })
	}
	for alternative := range branch.EachAlternative() {
		if len(alternative) > 0 && !slices.ContainsFunc(alternative, own) {
			return true
		}
	}
	return false
}

// lastingSources begin the sources of what is not known and yet the same in
// the next run.
var lastingSources = []string{"${{ matrix.", "${{ inputs.", "${{ github.event.inputs.", "${{ vars."}

// again tells whether the next run would give a branch the same name. What a
// step puts out is taken for something new, the tag of a run for tags is.
func (in *inferrer) again(branch value.Value) bool {
	return !slices.ContainsFunc(branch, func(p value.Part) bool {
		switch {
		case p.OneOf != nil:
			return !slices.ContainsFunc(p.OneOf, in.again)
		case p.Context == "github.ref_name" || p.Context == "github.ref":
			return in.forTags()
		case p.Context != "":
			return slices.Contains(runContexts, p.Context) || strings.HasPrefix(p.Context, "github.event.release.")
		}
		return p.Unknown != "" && !slices.ContainsFunc(lastingSources, func(s string) bool { return strings.HasPrefix(p.Unknown, s) })
	})
}

// forTags tells whether all that starts the workflow, but for people, is a
// new tag.
func (in *inferrer) forTags() bool {
	tags := false
	for _, t := range in.job.Root.Triggers {
		switch {
		case t.Event == "workflow_dispatch":
		case t.Event == "release", t.Event == "push" && t.Tags != nil && t.Branches == nil && t.BranchesIgnore == nil:
			tags = true
		default:
			return false
		}
	}
	return tags
}

// asksLater tells whether the job, after the command at hand, asks for the
// pull request of a branch before it opens one: there may be one already.
func (in *inferrer) asksLater(branch value.Value) bool {
	for _, site := range in.job.Sites[in.index+1:] {
		call, table, ok := ghCall(site)
		if !ok {
			continue
		}
		switch head, given := call.Lookup("head"); {
		case call.Command == "pr create":
			return false
		case call.Command == "pr list" && given && table.Value(head).Equal(branch):
			return true
		case call.Command == "pr view" && (len(call.Operands) == 0 || table.Value(call.Operands[0]).Equal(branch)):
			return true
		}
	}
	return false
}

// proposedBefore tells whether the job has opened a pull request from a branch
// before, with whatever token: gh does so from the branch that is checked out,
// where none is named.
func (in *inferrer) proposedBefore(branch value.Value) bool {
	return slices.ContainsFunc(in.uses, func(u *Use) bool {
		return slices.ContainsFunc(u.Operations, func(op Operation) bool {
			return slices.ContainsFunc(op.Events, func(e Event) bool {
				head := e.Attributes["head"]
				return e.Key() == "pull_request.opened" && (head.Equal(branch) || len(head) == 0 && u.Site.Command != nil)
			})
		})
	})
}

// ghCall takes a call of gh apart; ok is false for any other site.
func ghCall(site *trace.Site) (call rules.GhCall, table *value.Table, ok bool) {
	if site.Command == nil || site.Followed || len(site.Command.Args) < 2 || site.Command.Args[0].LiteralOr("") != "gh" {
		return rules.GhCall{}, nil, false
	}
	words, table := value.MaskWords(site.Command.Args[1:])
	call, ok = rules.ParseGh(words)
	return call, table, ok
}
