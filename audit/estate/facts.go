package estate

import (
	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/bulk"
	"github.com/patrol-actions/patrol/audit/decide"
)

// facts answer from the list of repositories and the settings of accounts what
// the files of one do not show. They ask nobody.
type facts struct {
	estate     *Estate
	repository *bulk.Repository
	// seen are the repositories whose visibility was asked for: when it
	// changes, so may the audit.
	seen map[string]string
}

// Public implements [decide.Facts] for the listed repositories.
func (f *facts) Public(name string) decide.Fact {
	r, err := f.estate.store.Repository(name)
	if err != nil || r == nil || r.Visibility == "" {
		return decide.Fact{}
	}
	f.seen[name] = r.Visibility
	if r.Visibility == "public" {
		return decide.Fact{Known: true, Yes: true, Detail: name + " is public"}
	}
	return decide.Fact{Known: true, Detail: name + " is " + r.Visibility}
}

// DefaultBranch implements [decide.Facts].
func (f *facts) DefaultBranch() string { return f.repository.Branch }

// PullRequestSetting implements [decide.Facts]: what an organization forbids no
// repository of it may allow, and what it allows each may forbid.
func (f *facts) PullRequestSetting() decide.Fact {
	a := f.estate.account(f.repository.Name)
	if a == nil || a.ApprovePullRequests == nil || *a.ApprovePullRequests {
		return decide.Fact{}
	}
	return decide.Fact{Known: true, Detail: "the organization " + a.Login + " does not let Actions create and approve pull requests"}
}

// Push implements [decide.Facts]: protections are not listed.
func (f *facts) Push(string) decide.Fact { return decide.Fact{} }

// DefaultPermissions implements [decide.Facts]: where an organization gives
// only reading, no repository of it may give more.
//
// Source: GitHub Docs, "Disabling or limiting GitHub Actions for your
// organization" (if the restricted default is chosen there, it cannot be
// changed in the settings of a repository).
func (f *facts) DefaultPermissions() decide.Fact {
	a := f.estate.account(f.repository.Name)
	if a == nil || a.DefaultPermissions != "read" {
		return decide.Fact{}
	}
	return decide.Fact{Known: true, Detail: "the organization " + a.Login + " gives GITHUB_TOKEN reading only"}
}

// Secrets and Problems implement [scan.Online]: the inventory is apart.
func (f *facts) Secrets([]string) []audit.Secret { return nil }

// Problems implements [scan.Online].
func (f *facts) Problems() []audit.Problem { return nil }
