package githubtest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/patrol-actions/patrol/rules"
)

// Server is a GitHub that serves one World. It may be used from several
// goroutines.
type Server struct {
	// URL is the base of REST requests, without a slash at its end: it takes
	// the paths of api.github.com, and those of GitHub Enterprise Server
	// (/api/v3/…) too.
	URL string
	// GraphQLURL takes GraphQL queries; URL + "/api/graphql" does as well.
	GraphQLURL string
	// StorageURL is the other host, to which archives and logs redirect. It
	// refuses requests that carry a token.
	StorageURL string

	t        testing.TB
	world    World
	index    *index
	limiter  *limiter
	contract *contract
	// started dates what has no date of its own: an answer must not change
	// with the clock, or no client could keep it.
	started time.Time

	// mu guards what was written to repositories, and the last id given to it.
	mu    sync.Mutex
	state map[string]*state
	// minimized are the node ids of comments that were folded away.
	minimized []string
	// reasons are why, by node id.
	reasons map[string]string
	ids     int64
	// built are the refs of repositories that nobody wrote to.
	built map[*Repository]refs

	faultMu sync.Mutex
	faults  []*rule

	recordMu  sync.Mutex
	exchanges []Exchange
}

// New starts a server for a world; it stops when the test ends.
func New(t testing.TB, world World) *Server {
	t.Helper()
	for _, m := range world.mistakes() {
		t.Fatalf("githubtest: %s", m)
	}
	s := &Server{
		t: t, world: world, index: newIndex(world), contract: newContract(t),
		limiter: &limiter{limits: world.Limits, windows: map[string]*window{}}, state: map[string]*state{}, reasons: map[string]string{}, built: map[*Repository]refs{},
	}
	s.started = s.now()
	api := httptest.NewServer(http.HandlerFunc(s.serve))
	storage := httptest.NewServer(http.HandlerFunc(s.serveStorage))
	t.Cleanup(api.Close)
	t.Cleanup(storage.Close)
	// Another name than the API's: clients compare hosts without the port.
	s.URL, s.StorageURL = api.URL, strings.Replace(storage.URL, "127.0.0.1", "localhost", 1)
	s.GraphQLURL = api.URL + "/graphql"
	return s
}

// EnterpriseURL is the base of REST requests as GitHub Enterprise Server has
// it, with /api/v3 at its end.
func (s *Server) EnterpriseURL() string { return s.URL + "/api/v3" }

func (s *Server) now() time.Time {
	if s.world.Now != nil {
		return s.world.Now()
	}
	return time.Now()
}

// call is a request on its way to an answer.
type call struct {
	s *Server
	r *http.Request
	// path is the request's without the prefix of Enterprise Server.
	prefix, path string
	token        *Token
	endpoint     *rules.Endpoint
	params       map[string]string
	// repo and org are what the path names, with nil for nothing.
	repo *Repository
	org  *Organization
	body []byte
	// hidden are organizations whose rows single sign-on left out.
	hidden []int64
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	c, e := s.read(r)
	fault := s.fault(r, e)
	if fault != nil {
		over := fault.wait(r)
		if status, done := fault.strikes(); done || !over {
			// What a client has seen must stand in the record already.
			s.contract.check(s.t, c, nil)
			e.Status = status
			s.record(e)
			if over {
				fault.strike(w)
			}
			return
		}
		for name, values := range fault.Header {
			w.Header()[name] = values
		}
	}
	a := s.answer(c, e)
	a.headers(w.Header(), c)
	s.contract.check(s.t, c, &a)
	e.Status = a.status
	s.record(e)
	if fault != nil && fault.Truncate {
		truncated(w, a)
		return
	}
	a.write(w)
}

// read finds out what a request asks for, and begins its record.
func (s *Server) read(r *http.Request) (*call, Exchange) {
	c := &call{s: s, r: r, path: r.URL.EscapedPath()}
	for _, prefix := range []string{"/api/v3", "/api"} {
		rest, found := strings.CutPrefix(c.path, prefix)
		if found && (prefix == "/api/v3" || rest == "/graphql") {
			c.prefix, c.path = prefix, rest
			break
		}
	}
	c.body, _ = io.ReadAll(io.LimitReader(r.Body, 64<<20))
	e := Exchange{Method: r.Method, Path: c.path, Query: r.URL.RawQuery, Host: "api"}
	if value := credential(r); value != "" {
		c.token = s.index.tokens[value]
		e.Token = "?"
		if c.token != nil {
			e.Token = c.token.Name
		}
	}
	if c.path == "/graphql" {
		e.Template, e.Body = "/graphql", string(c.body)
		return c, e
	}
	c.route()
	if c.endpoint != nil {
		e.Template, e.Operation = c.endpoint.Path, c.endpoint.ID
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		e.Body = string(c.body)
	}
	return c, e
}

// versions are those of the REST API that GitHub serves.
var versions = []string{"2022-11-28", "2026-03-10"}

// answer gives the answer to a request that met no fault.
func (s *Server) answer(c *call, e Exchange) answer {
	if c.r.UserAgent() == "" {
		return failure(http.StatusForbidden, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.")
	}
	if version := c.r.Header.Get("X-GitHub-Api-Version"); version != "" && !slices.Contains(versions, version) {
		return failure(http.StatusBadRequest, "Invalid API version: "+version)
	}
	if e.Token == "?" || c.token != nil && !c.token.valid(s.now()) {
		return failure(http.StatusUnauthorized, "Bad credentials")
	}
	defer s.limiter.leave()
	if !s.limiter.enter() {
		return secondary(orElse(s.limiter.limits.RetryAfter, time.Minute))
	}
	kind, cost := resource(c.path), 1
	if c.path == "/rate_limit" {
		cost = 0
	}
	state, allowed := s.limiter.take(c.token, kind, cost, s.now())
	if !allowed {
		a := s.exhausted(c)
		state.header(a.head(), kind)
		return a
	}
	a := s.dispatch(c).encoded()
	if cost > 0 && a.fresh(c.r) {
		a = answer{status: http.StatusNotModified, header: a.header}
		state = s.limiter.back(c.token, kind, s.now())
	}
	state.header(a.head(), kind)
	return a
}

// valid tells whether a token is let in at all.
func (t *Token) valid(now time.Time) bool {
	return !t.Revoked && (t.Expires.IsZero() || now.Before(t.Expires))
}

// credential is the token that a request carries: as "Bearer", "token", or
// the password of basic authentication.
func credential(r *http.Request) string {
	if _, password, ok := r.BasicAuth(); ok {
		return password
	}
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "bearer") || strings.EqualFold(scheme, "token") {
		return strings.TrimSpace(value)
	}
	return r.Header.Get("Authorization")
}

// dispatch routes, authorizes and handles a request.
func (s *Server) dispatch(c *call) answer {
	if c.path == "/graphql" {
		return s.graphql(c)
	}
	if c.endpoint == nil {
		return notFound()
	}
	if refused := c.resolve(); refused != nil {
		return *refused
	}
	if refused := c.authorize(); refused != nil {
		return *refused
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return handle(c)
}

func orElse[T comparable](v, other T) T {
	var zero T
	if v == zero {
		return other
	}
	return v
}
