package githubtest

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Match says which requests a fault meets: all conditions that are set.
type Match struct {
	// Method and Template are those of the operation
	// ("/repos/{owner}/{repo}"), Path is the request's own.
	Method, Template, Path string
	// Token is the name of a token.
	Token string
	// Body is a text that stands in the body of a query or of what is written.
	Body string
	// Skip are matching requests that pass before the first fault, Times
	// how many meet it then; 0 for all.
	Skip, Times int
	// When is any other condition.
	When func(*http.Request) bool
}

// Fault is what goes wrong. The fields are tried in order: what is set first
// decides, after the Delay.
type Fault struct {
	// Delay is how long the answer waits.
	Delay time.Duration
	// Reset cuts the connection before any answer.
	Reset bool
	// Secondary answers as the secondary rate limit does, with this
	// Retry-After (whole seconds).
	Secondary time.Duration
	// Redirect answers 302 to this address.
	Redirect string
	// HTML answers with a page, as a load balancer does, with Status or 502.
	HTML bool
	// Malformed answers 200 with JSON that ends too early, and says so
	// nowhere; Truncate cuts the true answer's connection in the middle.
	Malformed, Truncate bool
	// Status answers with GitHub's JSON for an error, or with Body.
	Status int
	Body   string
	Header http.Header
}

type rule struct {
	match Match
	fault Fault
	seen  int
}

// Fail makes the requests that match meet a fault. Rules that were added
// later are tried first.
func (s *Server) Fail(match Match, fault Fault) {
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	s.faults = append([]*rule{{match: match, fault: fault}}, s.faults...)
}

// Heal removes all faults.
func (s *Server) Heal() {
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	s.faults = nil
}

func (s *Server) fault(r *http.Request, e Exchange) *Fault {
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	for _, rule := range s.faults {
		if !rule.match.matches(r, e) {
			continue
		}
		rule.seen++
		if rule.seen > rule.match.Skip && (rule.match.Times == 0 || rule.seen <= rule.match.Skip+rule.match.Times) {
			return &rule.fault
		}
	}
	return nil
}

func (m Match) matches(r *http.Request, e Exchange) bool {
	return (m.Method == "" || m.Method == e.Method) && (m.Template == "" || m.Template == e.Template) &&
		(m.Path == "" || m.Path == e.Path) && (m.Token == "" || m.Token == e.Token) && strings.Contains(e.Body, m.Body) && (m.When == nil || m.When(r))
}

// strikes tells whether the fault is the answer, and its status: 0 for none.
// It is not where the true answer follows.
func (f *Fault) strikes() (status int, done bool) {
	switch {
	case f.Reset:
		return 0, true
	case f.Secondary > 0:
		return secondary(f.Secondary).status, true
	case f.Redirect != "":
		return http.StatusFound, true
	case f.HTML:
		return orElse(f.Status, http.StatusBadGateway), true
	case f.Malformed:
		return http.StatusOK, true
	}
	return f.Status, f.Status > 0
}

// wait is the fault's delay; it is not over where the client went away.
func (f *Fault) wait(r *http.Request) (over bool) {
	select {
	case <-time.After(f.Delay):
		return true
	case <-r.Context().Done():
		return false
	}
}

// strike answers with a fault that is the answer.
func (f *Fault) strike(w http.ResponseWriter) {
	for name, values := range f.Header {
		w.Header()[name] = values
	}
	status, _ := f.strikes()
	switch {
	case f.Reset:
		cut(w, true)
	case f.Secondary > 0:
		secondary(f.Secondary).write(w)
	case f.Redirect != "":
		w.Header().Set("Location", f.Redirect)
		w.WriteHeader(status)
	case f.HTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		io.WriteString(w, "<!DOCTYPE html>\n<html><head><title>Unicorn!</title></head><body><p>This page is taking too long to load.</p></body></html>\n")
	case f.Malformed:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		io.WriteString(w, `[{"id":1,"name":`)
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		if f.Body == "" {
			io.WriteString(w, `{"message":"Server Error"}`)
		}
		io.WriteString(w, f.Body)
	}
}

// cut ends the connection: with a reset, or as if all were said.
func cut(w http.ResponseWriter, hard bool) {
	h, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	conn, _, err := h.Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok && hard {
		tcp.SetLinger(0)
	}
	conn.Close()
}

// truncated writes half of an answer that says how long it is.
func truncated(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	a.body = a.body[:len(a.body)/2]
	a.write(w)
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	cut(w, false)
}
