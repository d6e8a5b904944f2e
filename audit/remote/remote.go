// Package remote reads the files of repositories that are not at hand, over
// GitHub's API: those of actions and reusable workflows that a workflow names,
// and whole repositories for an audit.
//
// What it gives is an [fs.FS], so that the analysis reads a repository of
// others as it reads a folder. It reads file by file, and asks for none twice.
// All of it is hostile: names are checked before they are asked for, links are
// never followed out, and files, requests and bytes are bounded.
package remote

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit/github"
)

// Bounds of one run.
const (
	// maxFile is the size in bytes up to which files are read, as in package
	// workflow.
	maxFile = 1 << 20
	// maxRequests bounds the requests, maxBytes what they bring.
	maxRequests = 5000
	maxBytes    = 256 << 20
)

// Name names a repository at a version of it.
type Name struct {
	// Owner and Repository are the parts of "owner/name".
	Owner, Repository string
	// Ref is a branch, a tag or a commit; empty for the default branch.
	Ref string
}

var (
	// ownerName also takes the underscore of enterprise managed users.
	ownerName      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,38}$`)
	repositoryName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)
	commitName     = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)
)

// Parse reads OWNER/NAME or OWNER/NAME@REF. ok is false for what cannot be the
// name of a repository or of a ref.
func Parse(text string) (n Name, ok bool) {
	full, ref, given := strings.Cut(text, "@")
	n.Owner, n.Repository, ok = strings.Cut(full, "/")
	n.Ref = ref
	return n, ok && n.valid() && given == (ref != "")
}

// valid checks a name before anybody is asked for it.
func (n Name) valid() bool {
	return ownerName.MatchString(n.Owner) && repositoryName.MatchString(n.Repository) && n.Repository != "." && n.Repository != ".." &&
		(n.Ref == "" || validRef(n.Ref))
}

// validRef follows the rules of git check-ref-format.
func validRef(ref string) bool {
	return len(ref) <= 255 && fs.ValidPath(ref) && ref != "." && !strings.HasPrefix(ref, "-") &&
		!strings.Contains(ref, "..") && !strings.Contains(ref, "@{") &&
		!strings.ContainsFunc(ref, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`~^:?*[\`, r) })
}

// FullName is "owner/name".
func (n Name) FullName() string { return n.Owner + "/" + n.Repository }

// String is "owner/name@ref", or without a ref "owner/name".
func (n Name) String() string {
	if n.Ref == "" {
		return n.FullName()
	}
	return n.FullName() + "@" + n.Ref
}

// Pinned tells whether the version is a commit, which nobody can move.
func (n Name) Pinned() bool { return commitName.MatchString(n.Ref) }

// Source reads the repositories of one GitHub, for one run. It may be used by
// several goroutines.
type Source struct {
	// ctx is kept, for file systems have no place for one.
	ctx    context.Context
	client *github.Client

	lock     sync.Mutex
	trees    map[string]*tree
	requests int
	bytes    int64
	// ended is why nothing more is asked.
	ended error
}

// New makes a source that asks with a client.
func New(ctx context.Context, client *github.Client) *Source {
	return &Source{ctx: ctx, client: client, trees: map[string]*tree{}}
}

// At returns the files of a repository at a version. The error is
// [fs.ErrNotExist] where there is none, or the token may not know of it.
func (s *Source) At(n Name) (fs.FS, error) {
	t, err := s.tree(n)
	if err != nil {
		return nil, err
	}
	return t, nil
}

func (s *Source) tree(n Name) (*tree, error) {
	if !n.valid() {
		return nil, errors.New("this is no name of a repository, or of a version of one")
	}
	if n.Ref == "" {
		n.Ref = "HEAD"
	}
	key := strings.ToLower(n.FullName()) + "@" + n.Ref
	s.lock.Lock()
	t := s.trees[key]
	if t == nil {
		t = newTree(s, n)
		s.trees[key] = t
	}
	s.lock.Unlock()
	t.once.Do(t.load)
	return t, t.err
}

// begin asks for leave to send a request.
func (s *Source) begin() error {
	s.lock.Lock()
	defer s.lock.Unlock()
	switch {
	case s.ended != nil:
		return s.ended
	case s.requests >= maxRequests:
		s.ended = fmt.Errorf("%d requests for files of other repositories were sent, which is the most of one run", maxRequests)
		return s.ended
	case s.bytes >= maxBytes:
		s.ended = fmt.Errorf("%d MiB of other repositories were read, which is the most of one run", maxBytes>>20)
		return s.ended
	}
	s.requests++
	return nil
}

// end takes in how a request ended. What will hold for all others as well,
// such as a rate limit, ends the asking: nothing is gained by more waiting.
func (s *Source) end(size int, err error) error {
	var limit *github.LimitError
	var network *github.NetworkError
	s.lock.Lock()
	defer s.lock.Unlock()
	s.bytes += int64(size)
	switch {
	case errors.Is(err, github.ErrNotFound):
		return fs.ErrNotExist
	case errors.As(err, &limit), errors.As(err, &network), errors.Is(err, github.ErrUnauthorized), s.ctx.Err() != nil && err != nil:
		if s.ended == nil {
			s.ended = err
		}
	}
	return err
}

// over tells whether nothing more is asked, and why.
func (s *Source) over() error {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.ended
}

func (s *Source) get(path string, query url.Values, into any) error {
	if err := s.begin(); err != nil {
		return err
	}
	_, err := s.client.Get(s.ctx, path, query, into)
	return s.end(0, err)
}

func (s *Source) raw(path string, query url.Values) ([]byte, error) {
	if err := s.begin(); err != nil {
		return nil, err
	}
	data, _, err := s.client.Raw(s.ctx, path, query)
	return data, s.end(len(data), err)
}
