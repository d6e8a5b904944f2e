package act

import (
	"context"
	"fmt"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/fix"
)

// Branch is the branch from which pull requests are opened. A repository that
// has nothing to fix and no such branch need not be asked about: whoever reads
// many repositories in one query can ask for BranchRef as well.
const Branch = "patrol/github-token"

// BranchRef is the full name of Branch.
const BranchRef = "refs/heads/" + Branch

// PullRequest is what there is to change in one repository.
type PullRequest struct {
	// Repository is "owner/name".
	Repository string
	// Base is the branch that was audited and is to be changed.
	Base string
	// Archived tells that the repository takes no changes.
	Archived bool
	// Plan is what [fix.Plan] found in the audited files; nil where they have
	// nothing to fix. What could not be read must not come as nil: it would
	// close the pull request.
	Plan *fix.Result
}

// What the steps take.
const (
	pullPermission = "contents: write, pull-requests: write and workflows: write"
	refPermission  = "contents: write and workflows: write"
	openPermission = "pull-requests: write"
)

// PullRequest brings the one pull request of a repository up to date: opened
// where there are edits, changed when they are others, closed, with its branch,
// when nothing is left to fix.
//
// The commit is made on top of the head of the base branch, provided that the
// files which change are there, byte for byte, as they were audited. A branch
// that exists is only added to. It is left alone where its head is not ours:
// then somebody works on it. A pull request that a person closed is a no to its
// references: it is opened again only with others among them.
func (a *Actor) PullRequest(ctx context.Context, x PullRequest) audit.Outcome {
	t, ok := a.target(audit.ActionPullRequest, x.Repository)
	if !ok {
		return t.outcome
	}
	switch {
	case x.Archived:
		return t.done(audit.DoneSkipped, "", "the repository is archived")
	case x.Base == "":
		return t.done(audit.DoneFailed, "", "the audited branch is not known")
	case x.Base == Branch:
		return t.done(audit.DoneSkipped, "", "the audited branch is the one that pull requests are opened from")
	}
	p := &puller{target: t, base: x.Base, proposal: propose(x.Plan, a.page)}
	self, err := a.identity(ctx)
	if err != nil {
		return t.refused(err, pullPermission)
	}
	s, err := p.look(ctx, self)
	switch {
	case err != nil:
		return t.refused(err, pullPermission)
	case s.foreign != nil:
		return t.done(audit.DoneSkipped, s.foreign.URL, "the pull request from the branch "+Branch+" is not Patrol's, or no longer")
	case len(p.proposal.files) == 0 && x.unread():
		return t.done(audit.DoneSkipped, "", "not all of the repository could be read")
	case len(p.proposal.files) == 0:
		return p.retire(ctx, s)
	case s.head != "" && !s.ours:
		return p.leave(s)
	case s.open != nil && s.digest == p.proposal.digest:
		return t.done(audit.DoneUnchanged, s.open.URL, "")
	case s.open == nil && p.proposal.declined(s.declined):
		return t.done(audit.DoneSkipped, s.declinedURL, "a person closed the pull request: it is opened again when there is something else to replace")
	case s.open == nil && a.opened >= a.most:
		return t.done(audit.DoneSkipped, "", fmt.Sprintf("%d pull requests were opened, which is the most of this run", a.most))
	}
	return p.bring(ctx, s)
}

// unread tells whether the plan may lack something.
func (x PullRequest) unread() bool {
	return x.Plan != nil && x.Plan.Report != nil && len(x.Plan.Report.Errors) > 0
}

// puller brings the pull request of one repository up to date.
type puller struct {
	*target
	base     string
	proposal proposal
}

// leave leaves a branch alone that somebody works on.
func (p *puller) leave(s standing) audit.Outcome {
	if s.open != nil {
		return p.done(audit.DoneSkipped, s.open.URL, "the head of its branch is not Patrol's: it is left to those who work on it")
	}
	return p.done(audit.DoneSkipped, "", "there is a branch "+Branch+" whose head is not Patrol's")
}

// bring commits the edits and opens the pull request, or changes it.
func (p *puller) bring(ctx context.Context, s standing) audit.Outcome {
	at, outcome := p.audited(ctx)
	if outcome != nil {
		return *outcome
	}
	if s.open == nil {
		p.opened++
	}
	if p.dryRun {
		if s.open != nil {
			return p.done(audit.DoneUpdated, s.open.URL, p.proposal.title)
		}
		return p.done(audit.DoneCreated, "", p.proposal.title)
	}
	head, outcome := p.commit(ctx, at, s.head)
	if outcome != nil {
		return *outcome
	}
	if s.open != nil {
		return p.describe(ctx, s)
	}
	return p.openPull(ctx, s, head)
}

// describe gives the pull request the body of the new edits.
func (p *puller) describe(ctx context.Context, s standing) audit.Outcome {
	change := map[string]any{"title": p.proposal.title, "body": p.proposal.body()}
	if err := p.send(ctx, quiet, "PATCH", p.path("pulls", fmt.Sprint(s.open.Number)), change, nil); err != nil {
		return p.refused(err, openPermission)
	}
	return p.done(audit.DoneUpdated, s.open.URL, p.proposal.title)
}

// openPull opens the pull request. Where GitHub refuses it, the branch goes
// again that was made for it.
func (p *puller) openPull(ctx context.Context, s standing, head string) audit.Outcome {
	var made pullRow
	body := map[string]any{"title": p.proposal.title, "body": p.proposal.body(), "head": Branch, "base": p.base}
	err := p.send(ctx, content, "POST", p.path("pulls"), body, &made)
	if err == nil {
		return p.done(audit.DoneCreated, made.URL, p.proposal.title)
	}
	p.opened--
	o := p.refused(err, openPermission)
	if statusOf(err) != 0 && s.head == "" {
		if err := p.deleteBranch(ctx, s.node, head); err != nil {
			o.Message += "; the branch " + Branch + " was made and stays"
		}
	}
	return o
}

// retire closes the pull request where nothing is left to fix, and deletes the
// branch if nobody else has put anything on it.
func (p *puller) retire(ctx context.Context, s standing) audit.Outcome {
	done, url, message := audit.DoneUnchanged, "", ""
	if s.open != nil {
		done, url, message = audit.DoneClosed, s.open.URL, "nothing is left to fix"
		change := map[string]any{"state": "closed", "body": outdated(s.open.Body)}
		if !p.dryRun {
			if err := p.send(ctx, content, "PATCH", p.path("pulls", fmt.Sprint(s.open.Number)), change, nil); err != nil {
				return p.refused(err, openPermission)
			}
		}
	}
	switch {
	case s.head == "" || !s.ours && s.open == nil:
		return p.done(done, url, message)
	case !s.ours:
		return p.done(done, url, message+"; the branch stays, for its head is not Patrol's")
	case s.open == nil:
		done, message = audit.DoneClosed, "the branch "+Branch+" was left over"
	}
	if p.dryRun {
		return p.done(done, url, message)
	}
	if err := p.deleteBranch(ctx, s.node, s.head); err != nil {
		o := p.refused(err, "contents: write")
		if s.open != nil {
			o.Done, o.URL, o.Message = done, url, message+"; "+o.Message
		}
		return o
	}
	return p.done(done, url, message)
}
