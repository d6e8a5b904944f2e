// Package publish brings a report to where people work: a check run with its
// annotations, and suggestions on a pull request.
//
// It writes to GitHub, always with the token of the run itself and never with
// one that is looked at. What it may not do it says ([Denied]), so that the
// caller can fall back on less.
package publish

import (
	"context"
	"errors"
	"strings"

	"github.com/patrol-actions/patrol/audit/github"
)

// Target is where a report goes.
type Target struct {
	// Repository is "owner/name".
	Repository string
	// Commit is the SHA of the audited commit: of a pull request its head,
	// not the merge that GitHub makes of it.
	Commit string
	// PullRequest is its number, 0 for none.
	PullRequest int
}

// Denied is a thing that the token may not do.
type Denied struct {
	// What it is, such as "a check run".
	What string
	// Permission is what it takes, such as "checks: write".
	Permission string
	Err        error
}

// Error says what lacks.
func (d *Denied) Error() string {
	return d.What + " takes " + d.Permission + ", which the token of this run has not got"
}

// Unwrap gives GitHub's answer.
func (d *Denied) Unwrap() error { return d.Err }

// denied turns a refusal into a *Denied. GitHub answers 404 where the token
// may not even know that there is something.
func denied(err error, what, permission string) error {
	if errors.Is(err, github.ErrForbidden) || errors.Is(err, github.ErrNotFound) {
		return &Denied{what, permission, err}
	}
	return err
}

// Publisher writes to one repository.
type Publisher struct {
	client      *github.Client
	target      Target
	owner, name string
}

// New makes a publisher. The client must be one that may write.
func New(client *github.Client, target Target) (*Publisher, error) {
	owner, name, ok := strings.Cut(target.Repository, "/")
	switch {
	case client.ReadOnly():
		return nil, errors.New("publishing takes a client that may write")
	case !ok || owner == "" || name == "" || strings.Contains(name, "/") || owner == "." || name == "." || name == "..":
		return nil, errors.New("the repository's name is not of the form OWNER/NAME")
	case target.Commit == "":
		return nil, errors.New("the commit is not known")
	}
	return &Publisher{client: client, target: target, owner: owner, name: name}, nil
}

// send sends a request that writes, and decodes the answer.
func (p *Publisher) send(ctx context.Context, method, path string, body, into any) error {
	_, err := p.client.Send(ctx, method, path, body, into)
	return err
}

// path is that of something in the repository.
func (p *Publisher) path(parts ...string) string {
	return github.Path(append([]string{"repos", p.owner, p.name}, parts...)...)
}

// cut shortens a text to a number of bytes, at a character.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most-len("…")], "") + "…"
}
