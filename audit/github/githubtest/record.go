package githubtest

import (
	"net/http"
	"slices"
)

// Exchange is a request with what it was answered.
type Exchange struct {
	Method string
	// Template is the path of the operation, with its parameters in braces;
	// "" where the server knows none. Path is the request's own, with Query.
	Template, Path, Query string
	// Operation is the operation's id in the OpenAPI description.
	Operation string
	// Token is the name of the token, "" without one, and "?" for one that
	// the server does not know.
	Token  string
	Status int
	// Host is "api", or "storage" for the host that archives and logs
	// redirect to, which a token must never reach.
	Host string
	// Body is what a write or a GraphQL query sent.
	Body string
}

// writes tells whether the exchange may have changed something.
func (e Exchange) writes() bool {
	switch {
	case e.Method == http.MethodGet || e.Method == http.MethodHead:
		return false
	case e.Template == "/graphql":
		return mutates(e.Body)
	}
	return true
}

// Exchanges returns every exchange so far, in the order of the answers.
func (s *Server) Exchanges() []Exchange {
	s.recordMu.Lock()
	defer s.recordMu.Unlock()
	return slices.Clone(s.exchanges)
}

// Writes returns the exchanges that asked for a change, whether they were
// let through or not: everything but GET, HEAD and GraphQL queries.
func (s *Server) Writes() []Exchange {
	return slices.DeleteFunc(s.Exchanges(), func(e Exchange) bool { return !e.writes() })
}

// Forget drops what was recorded so far.
func (s *Server) Forget() {
	s.recordMu.Lock()
	defer s.recordMu.Unlock()
	s.exchanges = nil
}

func (s *Server) record(e Exchange) {
	s.recordMu.Lock()
	defer s.recordMu.Unlock()
	s.exchanges = append(s.exchanges, e)
}
