package decide

import (
	"fmt"
	"slices"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/rules"
)

// Facts answers what no file of a repository shows. An answer that is not
// known settles nothing: the condition stays.
type Facts interface {
	// Public tells whether everybody can read a repository, "owner/name".
	Public(repository string) Fact
	// DefaultBranch is the name of the audited repository's default branch;
	// "" where it is not known.
	DefaultBranch() string
	// PullRequestSetting tells whether Actions may create and approve pull
	// requests in the audited repository.
	PullRequestSetting() Fact
	// Push tells whether GITHUB_TOKEN may push to a branch of it.
	Push(branch string) Fact
	// DefaultPermissions tells what GITHUB_TOKEN holds in a job for which no
	// "permissions:" is written: Yes for writing everything, No for reading
	// contents and packages.
	DefaultPermissions() Fact
}

// Fact is an answer to a question with yes or no.
type Fact struct {
	// Known tells that there is an answer; it is Yes.
	Known, Yes bool
	// Detail says where the answer is from, in words that end a sentence.
	Detail string
}

// nothing is known offline.
type nothing struct{}

func (nothing) Public(string) Fact       { return Fact{} }
func (nothing) DefaultBranch() string    { return "" }
func (nothing) PullRequestSetting() Fact { return Fact{} }
func (nothing) Push(string) Fact         { return Fact{} }
func (nothing) DefaultPermissions() Fact { return Fact{} }

// settled holds a condition of the tables against what is known: done tells
// that nothing more is to be said of it. Settings are those of the audited
// repository, and say nothing of a caller that is not seen.
func (d *decider) settled(j *jobView, code string, op infer.Operation, r *ruling, at []audit.Place) (done bool) {
	if code != "pull-request-setting" || j.UnknownCaller {
		return false
	}
	f := d.facts.PullRequestSetting()
	if f.Known && !f.Yes {
		r.against(code, operationName(op)+": the setting \"Allow GitHub Actions to create and approve pull requests\" is off; with it on, GITHUB_TOKEN could", at)
	}
	return f.Known
}

// visible judges reading from another repository by whether everybody may.
func (d *decider) visible(code string, op infer.Operation, t infer.Target, r *ruling, at []audit.Place) (done bool) {
	f := d.public(t)
	switch {
	case f.Known && !f.Yes:
		r.against(code, fmt.Sprintf("%s reads %s, which is not public, and GITHUB_TOKEN reaches this repository only", operationName(op), t.Text), at)
		return true
	case f.Known && !publiclyRead(op):
		// What it reads is not for everybody, public repository or not.
		r.against(code, fmt.Sprintf("%s reads %s of %s, and GITHUB_TOKEN reaches this repository only", operationName(op), op.Needs, t.Text), at)
		return true
	}
	return f.Known
}

func (d *decider) public(t infer.Target) Fact {
	if t.Kind != infer.Repository || !IsFullName(t.Text) {
		return Fact{}
	}
	how := d.shownPublic(t.Text)
	if f := d.facts.Public(t.Text); f.Known || how == "" {
		return f
	}
	return Fact{Known: true, Yes: true, Detail: how}
}

// openToAll tells whether a repository is known to be public.
func (d *decider) openToAll(repository string) bool {
	f := d.public(infer.Target{Kind: infer.Repository, Text: repository})
	return f.Known && f.Yes
}

// published returns a use whose reading of repositories that are known to be
// public takes nothing.
func (d *decider) published(u *infer.Use) *infer.Use {
	return readsPublic(u, func(t infer.Target) bool { f := d.public(t); return f.Known && f.Yes })
}

// readByDefault is what GITHUB_TOKEN holds where neither a workflow nor the
// repository's settings say more. Source: GitHub Docs, "Use GITHUB_TOKEN for
// authentication in workflows".
var readByDefault = map[string]string{"contents": "read", "packages": "read"}

// defaultGrant is what a job's GITHUB_TOKEN holds without "permissions:"; nil
// where that is not known.
func (d *decider) defaultGrant(j *jobView) *trace.Granted {
	switch f := d.facts.DefaultPermissions(); {
	case !f.Known, j.UnknownCaller:
		return nil
	case f.Yes:
		return &trace.Granted{All: "write-all"}
	}
	return &trace.Granted{Scopes: readByDefault}
}

// publiclyRead tells whether an operation reads what everybody can read of a
// public repository.
func publiclyRead(op infer.Operation) bool {
	return op.Answer != rules.AnswerNo && !slices.ContainsFunc(op.Needs.Permissions(), func(p rules.Permission) bool {
		return p.Access != rules.AccessRead || p.Level != rules.LevelRepository || !slices.Contains(readable, p.Name)
	})
}
