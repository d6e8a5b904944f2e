// Package reach finds out what a token really reaches: whose it is, what it
// may do, for how long, and which repositories and organisations it gets at.
//
// It asks by GET requests alone, and only by such as change nothing; the
// client refuses any other, which [Inspect] insists on. What a fine-grained
// token holds is not listed anywhere, so it is asked permission by permission
// (table probes of package rules); where no request proves an answer, the
// answer is unknown.
package reach

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/rules"
)

// Options say what to look at.
type Options struct {
	// Name is the name under which the token was given.
	Name string
	// Repositories are the full names of those that a use touches: they are
	// looked for in the list, and asked first.
	Repositories []string
	// MaxRepositories bounds how many repositories are listed; 0 for no bound.
	MaxRepositories int
	// Progress is told how many repositories were listed so far; nil for
	// nobody.
	Progress func(repositories int)
}

// Inspect asks what a token reaches. The client must be one that only reads
// ([github.Options.ReadOnly]). What cannot be found out is a problem of the
// token's, never an error; a context that ends is one.
func Inspect(ctx context.Context, c *github.Client, o Options) (*audit.Token, error) {
	if !c.ReadOnly() {
		return nil, errors.New("a token is looked at with a client that can write")
	}
	in := &inspector{client: c, options: o, used: map[string]bool{}, owners: map[string]*owner{}, token: &audit.Token{
		Name: o.Name, Kind: kindOf(c.TokenKind()), Host: c.Host().Name(), State: audit.TokenUnclear,
		SSO: []audit.SingleSignOn{}, Refused: []audit.Refusal{}, Probes: []audit.ProbeResult{}, References: []string{},
		Comparison: []audit.Comparison{}, Excess: []string{}, Missing: []string{}, Problems: []audit.Problem{}, Findings: []*audit.Finding{},
	}}
	for _, name := range o.Repositories {
		in.used[strings.ToLower(name)] = true
	}
	in.identify(ctx)
	if in.token.State == audit.TokenAlive {
		in.list(ctx)
		in.organizations(ctx)
		in.permissions(ctx)
	}
	in.token.Requests = c.Usage().Sent
	return in.token, ctx.Err()
}

// kindOf is the kind of a token by its form alone.
func kindOf(k github.Kind) audit.TokenKind {
	switch k {
	case github.KindClassic:
		return audit.TokenClassic
	case github.KindFineGrained:
		return audit.TokenFineGrained
	case github.KindOAuth:
		return audit.TokenOAuth
	case github.KindAppUser:
		return audit.TokenAppUser
	case github.KindInstallation:
		return audit.TokenInstallation
	}
	return audit.TokenUnknown
}

// inspector gathers what is found out about one token.
type inspector struct {
	client  *github.Client
	options Options
	token   *audit.Token
	// used are the lower-case names of the repositories that uses touch.
	used   map[string]bool
	owners map[string]*owner
	// private and public are the repositories to ask about permissions.
	private, public *repository
	// stopped tells that asking on is of no use: the limit is reached, or the
	// network is down.
	stopped bool
}

// owner is the owner of a repository within reach.
type owner struct {
	login        string
	organization bool
	repositories int
	// hidden counts those that not everybody can read.
	hidden int
}

// installationText is what GitHub says to an installation's token that asks
// what only users may.
const installationText = "Resource not accessible by integration"

// identify asks whose token it is.
func (in *inspector) identify(ctx context.Context) {
	var user struct {
		Login string `json:"login"`
	}
	answer, err := in.client.Get(ctx, "/user", nil, &user)
	in.note(answer)
	var refused *github.StatusError
	switch {
	case err == nil:
		in.token.State = audit.TokenAlive
		in.token.User = &user.Login
	case errors.Is(err, github.ErrUnauthorized):
		in.token.State = audit.TokenDead
	case errors.As(err, &refused) && (in.token.Kind == audit.TokenInstallation || strings.Contains(refused.Message, installationText)):
		in.token.State, in.token.Kind = audit.TokenAlive, audit.TokenInstallation
	default:
		in.problem("whose token it is", err)
	}
	if in.token.State == audit.TokenAlive {
		in.settle(answer)
	}
}

// settle takes the kind and the end of the token's life from the headers of
// the first answer.
func (in *inspector) settle(answer *github.Response) {
	t := in.token
	if answer.Scopes != nil {
		if t.Kind == audit.TokenUnknown {
			t.Kind = audit.TokenClassic
		}
		t.Scopes = answer.Scopes
		t.ImpliedScopes = implied(answer.Scopes)
	}
	switch {
	case !answer.Expires.IsZero():
		text := answer.Expires.UTC().Format(time.RFC3339)
		t.ExpiresAt = &text
	case answer.ExpiresText != "":
		t.Problems = append(t.Problems, audit.Problem{Message: "GitHub gave the end of its life in a form that could not be read"})
	case t.Kind == audit.TokenClassic || t.Kind == audit.TokenFineGrained:
		// GitHub gives this header for personal access tokens that have an end.
		t.Unlimited = true
	}
}

// implied are the scopes that others bring along.
func implied(held []string) []string {
	out := []string{}
	for _, s := range rules.Scopes() {
		for _, h := range held {
			if h == s.Name {
				break
			}
			if rules.ScopeCovers(h, s.Name) {
				out = append(out, s.Name)
				break
			}
		}
	}
	return out
}

// note keeps what the headers of any answer say of single sign-on.
func (in *inspector) note(answer *github.Response) {
	if answer == nil {
		return
	}
	for _, id := range answer.SSO.Organizations {
		known := false
		for _, s := range in.token.SSO {
			known = known || s.ID == id
		}
		if !known {
			in.token.SSO = append(in.token.SSO, audit.SingleSignOn{ID: id})
		}
	}
}

// problem says what could not be found out, and stops where asking on would
// bring the same.
func (in *inspector) problem(what string, err error) {
	var limit *github.LimitError
	var network *github.NetworkError
	if errors.As(err, &limit) || errors.As(err, &network) || errors.Is(err, github.ErrUnauthorized) {
		in.stopped = true
	}
	in.token.Problems = append(in.token.Problems, audit.Problem{Message: "could not find out " + what + ": " + err.Error()})
}
