// Package inventory asks GitHub which secrets an account holds, which tokens
// have access to it, and what GITHUB_TOKEN may do there by default.
//
// GitHub gives the names of secrets and the rights of tokens, never their
// values. What it does not tell is a problem of the inventory that names the
// permission it takes, each said once; only a rate limit and a context that
// ends are errors, for asking on would bring the same.
package inventory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/rules"
)

// Source asks one GitHub. It may be used for several accounts and repositories
// at once.
type Source struct {
	client *github.Client
	// rows bounds each list that is read.
	rows  int
	mutex sync.Mutex
	// said are the messages about repositories, each of which is about many.
	said map[string]bool
	// refused are the operations that an App's installation may not call for
	// the repositories of an owner: it may for none, or for all.
	refused map[string]bool
	// stopped is why asking on is of no use; nil where it is.
	stopped error
}

// New makes a source. Of the client nothing is asked but by GET, and by one
// GraphQL query for teams, which a client that only reads refuses.
func New(client *github.Client) *Source {
	return &Source{client: client, rows: maxRows, said: map[string]bool{}, refused: map[string]bool{}}
}

// Unasked are what could not be asked of repositories, sorted.
func (s *Source) Unasked() []audit.Problem {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	out := []audit.Problem{}
	for message := range s.said {
		out = append(out, audit.Problem{Message: message})
	}
	return sortProblems(out)
}

func sortProblems(list []audit.Problem) []audit.Problem {
	slices.SortFunc(list, func(a, b audit.Problem) int { return cmp.Compare(a.Message, b.Message) })
	return slices.Compact(list)
}

// halted tells whether asking on is of no use.
func (s *Source) halted() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.stopped != nil
}

// Stopped is why nothing more is asked: GitHub does not answer, or does not
// take the token. What came after that is not known; nil where all was asked.
func (s *Source) Stopped() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.stopped
}

// ends returns the errors that end an inventory: a limit, and the context's.
func ends(ctx context.Context, err error) error {
	var limit *github.LimitError
	if errors.As(err, &limit) || errors.Is(err, context.Canceled) {
		return err
	}
	return ctx.Err()
}

// explain says why something could not be asked, and halts where the next
// question would get no answer either. Operation is the id of what was asked;
// takes is what that takes, where it is not in the table of operations.
func (s *Source) explain(what, takes string, err error) string {
	var network *github.NetworkError
	if errors.As(err, &network) || errors.Is(err, github.ErrUnauthorized) {
		s.mutex.Lock()
		s.stopped = err
		s.mutex.Unlock()
	}
	var refused *github.StatusError
	message := "not asked of GitHub: " + what + ": "
	switch {
	case errors.As(err, &refused) && refused.Response != nil && refused.Response.SSO.Required:
		return message + err.Error()
	case errors.Is(err, github.ErrForbidden):
		return message + "that takes " + takes + ", which the token has not got"
	case errors.Is(err, github.ErrNotFound):
		return message + "that takes " + takes + ", which the token may lack, or there is no such thing"
	}
	return message + err.Error()
}

// takes says which permission an operation takes, and which classic scope.
func takes(operation string) string {
	e, ok := rules.OperationByID(operation)
	if !ok {
		return "a permission that is not known"
	}
	var all []string
	for _, group := range e.Needs {
		var names []string
		for _, p := range group {
			names = append(names, p.Name+": "+p.Access)
		}
		all = append(all, strings.Join(names, " or "))
	}
	text := strings.Join(all, " and ")
	switch scopes := e.ClassicScopes(false); {
	case !e.FineGrainedPAT:
		text += " of a GitHub App"
	case len(scopes) > 0:
		text += " (of a classic token the scope " + strings.Join(scopes, ", ") + ")"
	}
	return text
}

// asks tells whether a kind of token may call an operation at all. A token of
// unknown kind is tried.
func asks(operation string, kind github.Kind) bool {
	e, ok := rules.OperationByID(operation)
	switch kind {
	case github.KindClassic, github.KindOAuth, github.KindFineGrained:
		return ok && e.FineGrainedPAT
	}
	return ok
}

// maxName bounds a name in characters.
const maxName = 256

// short makes a name from the API fit for one line, and bounds it.
func short(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, name)
	for i := range name {
		if i >= maxName {
			return name[:i]
		}
	}
	return name
}
