// Package bulk reads many repositories of GitHub in few requests.
//
// A repository is listed together with the entries of its root folder, and
// its workflows are asked for together with those of others, as many as GitHub
// answers in one request. What else an audit reads is not known before: a
// [View] shows it what is there of a repository so far, and notes what it
// wanted beside. A [Reader] asks for that, again for many repositories at
// once, and the audit is made anew, until it wants nothing more.
//
// All that is read is hostile: names are quoted for the queries that they
// stand in, and files, folders, rounds and bytes of a repository are bounded.
package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/patrol-actions/patrol/audit/github"
)

// Bounds of what is read of one repository.
const (
	// maxFile is the size in bytes up to which files are read, as in package
	// workflow.
	maxFile = 1 << 20
	// maxObjects bounds the files and folders, maxBytes the files' bytes.
	maxObjects = 1000
	maxBytes   = 32 << 20
)

// Repository is a repository as it is listed.
type Repository struct {
	// Name is "owner/name".
	Name string `json:"name"`
	// Visibility is "public", "private" or "internal".
	Visibility string `json:"visibility"`
	Archived   bool   `json:"archived,omitempty"`
	Fork       bool   `json:"fork,omitempty"`
	// Topics are its topics, in GitHub's order, 20 at most.
	Topics []string `json:"topics,omitempty"`
	// Branch is the default branch, Commit its commit: empty for a repository
	// without one.
	Branch string `json:"branch,omitempty"`
	Commit string `json:"commit,omitempty"`
	// Root are the entries of the commit's root folder.
	Root []Entry `json:"root,omitempty"`
	// Proposal tells that it has the branch of [Reader.ProposalBranch].
	Proposal bool `json:"proposal,omitempty"`
	// Size is the size of the repository in KiB, as GitHub counts it.
	Size int `json:"size,omitempty"`
	// Unread is why GitHub did not say what the repository holds; empty where
	// it did.
	Unread string `json:"unread,omitempty"`
}

// Empty tells that the repository has no commit.
func (r *Repository) Empty() bool { return r.Commit == "" && r.Unread == "" }

// Entry is a file or a folder in a folder.
type Entry struct {
	Name string `json:"n"`
	// Mode is git's: 0o40000 for a folder, 0o120000 for a link, 0o160000 for
	// a submodule, else a file.
	Mode int `json:"m,omitempty"`
	// ID is the beginning of the object's id: it changes when anything in it
	// does. Only the entries of a root folder have it.
	ID string `json:"i,omitempty"`
}

// Git's modes of entries that are no files.
const (
	modeFolder    = 0o40000
	modeLink      = 0o120000
	modeSubmodule = 0o160000
)

// mode is the entry's mode for a file system.
func (e Entry) mode() fs.FileMode {
	switch e.Mode {
	case modeFolder, modeSubmodule:
		return fs.ModeDir
	case modeLink:
		return fs.ModeSymlink
	}
	return 0
}

// Reader asks one GitHub. It may not be used by several goroutines at once.
type Reader struct {
	// ProposalBranch is the full name of a branch to look for in every
	// repository that is listed; "" for none.
	ProposalBranch string

	client *github.Client
	// pages and objects are how many repositories a page lists and how many
	// files and folders one request asks for.
	pages, objects size
	// failures counts the repositories in a row of which nothing could be read.
	failures int
}

// NewReader makes a reader. Its client must be allowed to send queries, and
// should not be able to write.
func NewReader(client *github.Client) *Reader {
	return &Reader{client: client, pages: size{now: 100, most: 100}, objects: size{now: 300, most: 500}}
}

// Most is how much [Reader.Fetch] asks for at once at present.
func (r *Reader) Most() int { return r.objects.now }

// size is how much is asked for at once. It is halved where that was too much
// and grows again when it goes well.
type size struct {
	now, most int
	good      int
}

// growAfter is the number of answers in a row after which more is asked for.
const growAfter = 8

func (s *size) went(well bool) {
	if !well {
		s.now, s.good = max(s.now/2, 1), 0
		return
	}
	if s.good++; s.good >= growAfter {
		s.now, s.good = min(s.now*2, s.most), 0
	}
}

// ask sends a query that asks for n things at once. It tells whether the
// answer should be asked for again with fewer of them.
func (r *Reader) ask(ctx context.Context, s *size, n int, document string, variables map[string]any, into any) (again bool, err error) {
	if n > 1 {
		err = r.client.QueryOnce(ctx, document, variables, into)
		// What is no JSON a passing trouble has written, or somebody in between.
		var format *github.FormatError
		if err != nil && (github.TooMuch(err) || errors.As(err, &format)) {
			s.went(false)
			return true, nil
		}
	} else {
		// Less cannot be asked for: it may be a passing failure.
		err = r.client.Query(ctx, document, variables, into)
	}
	var partly *github.QueryError
	if err == nil || errors.As(err, &partly) && partly.Partial {
		s.went(true)
	}
	return false, err
}

// ends tells whether an error means that asking on is of no use: the limit is
// used up, nobody answers, the token is refused, the run was ended.
func ends(err error) bool {
	var limit *github.LimitError
	var network *github.NetworkError
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &limit) || errors.As(err, &network) || errors.Is(err, github.ErrUnauthorized)
}

// quote writes a text as a string of GraphQL, whose escapes are those of JSON.
func quote(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		return `""` // no string fails
	}
	return string(quoted)
}

// Cost is what requests are left of GraphQL's limit.
type Cost struct {
	// Limit is what an hour has, Remaining what is left of it, in points: a
	// request of this package costs one.
	Limit     int `json:"limit"`
	Remaining int `json:"remaining"`
}

// Budget asks what is left of the limit, and how many repositories the
// accounts have. Asking costs one point for each account.
func (r *Reader) Budget(ctx context.Context, accounts []string) (repositories int, cost Cost, err error) {
	for _, login := range accounts {
		var answer struct {
			RateLimit       *Cost
			RepositoryOwner *struct {
				Repositories struct{ TotalCount int }
			}
		}
		const document = `query($login: String!) {
  rateLimit { limit remaining }
  repositoryOwner(login: $login) { repositories(first: 1, ownerAffiliations: [OWNER]) { totalCount } }
}`
		if err := r.client.Query(ctx, document, map[string]any{"login": login}, &answer); err != nil {
			return 0, cost, err
		}
		if answer.RepositoryOwner == nil {
			return 0, cost, &MissingError{Login: login}
		}
		repositories += answer.RepositoryOwner.Repositories.TotalCount
		if answer.RateLimit != nil { // a server may have no limit
			cost = *answer.RateLimit
		}
	}
	return repositories, cost, nil
}

// MissingError is an account that GitHub does not show.
type MissingError struct{ Login string }

// Error says what is missing and what to do.
func (e *MissingError) Error() string {
	return fmt.Sprintf("GitHub shows no organization or user %q: check the name, and that the token may see it", e.Login)
}
