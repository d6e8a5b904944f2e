package estate

import (
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/bulk"
	"github.com/patrol-actions/patrol/audit/decide"
)

// facts answer from the list of repositories and the settings of accounts what
// the files of one do not show. They ask nobody.
type facts struct {
	estate     *Estate
	repository *bulk.Repository
	// seen are the repositories whose visibility, and the accounts whose
	// settings were asked for, as they are: when one changes, so may the audit.
	seen map[string]string
}

// Public implements [decide.Facts] for the listed repositories.
func (f *facts) Public(name string) decide.Fact {
	visibility := f.estate.visibility(name)
	f.seen[name] = visibility // one that is not listed now may be tomorrow
	switch visibility {
	case "":
		return decide.Fact{}
	case "public":
		return decide.Fact{Known: true, Yes: true, Detail: name + " is public"}
	}
	return decide.Fact{Known: true, Detail: name + " is " + visibility}
}

// account gives what is known of the account, and notes that it was asked for.
func (f *facts) account() *audit.Account {
	owner, _, _ := strings.Cut(f.repository.Name, "/")
	f.seen[owner] = f.estate.settings(owner)
	return f.estate.account(owner)
}

// DefaultBranch implements [decide.Facts].
func (f *facts) DefaultBranch() string { return f.repository.Branch }

// PullRequestSetting implements [decide.Facts]: what an organization forbids no
// repository of it may allow, and what it allows each may forbid.
func (f *facts) PullRequestSetting() decide.Fact {
	a := f.account()
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
	a := f.account()
	if a == nil || a.DefaultPermissions != "read" {
		return decide.Fact{}
	}
	return decide.Fact{Known: true, Detail: "the organization " + a.Login + " gives GITHUB_TOKEN reading only"}
}

// Secrets and Problems implement [scan.Online]: the inventory is apart.
func (f *facts) Secrets([]string) []audit.Secret { return nil }

// Problems implements [scan.Online].
func (f *facts) Problems() []audit.Problem { return nil }
