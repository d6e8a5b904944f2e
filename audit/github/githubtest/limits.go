package githubtest

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Limits are the rate limits of every token.
type Limits struct {
	// Hourly are the requests in an hour by resource ("core", "graphql",
	// "search"); what is missing is GitHub's: 5000, 5000, 30 a minute.
	Hourly map[string]int
	// Anonymous are the requests without a token; 0 for GitHub's 60.
	Anonymous int
	// Status answers a request over the limit: 403 where it is 0, or 429.
	Status int
	// Concurrent are the requests at a time that the secondary limit
	// allows; 0 for any number.
	Concurrent int
	// GraphQLObjects are the objects that an answer to a GraphQL query may
	// hold before the server gives up with 502; 0 for any number.
	GraphQLObjects int
	// RetryAfter is what the secondary limit says; a minute where it is 0.
	RetryAfter time.Duration
}

// window counts the requests of one token to one resource.
type window struct {
	limit, used int
	reset       time.Time
}

// limiter counts requests.
type limiter struct {
	mu      sync.Mutex
	limits  Limits
	windows map[string]*window
	flying  int
}

// resource is the limit that a path counts against.
func resource(path string) string {
	switch {
	case path == "/graphql":
		return "graphql"
	case strings.HasPrefix(path, "/search/code"):
		return "code_search"
	case strings.HasPrefix(path, "/search/"):
		return "search"
	}
	return "core"
}

func (l *limiter) window(t *Token, resource string, now time.Time) *window {
	key := resource
	if t != nil {
		key += " " + t.Name + " " + t.Value
	}
	w := l.windows[key]
	if w == nil || !now.Before(w.reset) {
		length := time.Hour
		if strings.HasSuffix(resource, "search") {
			length = time.Minute
		}
		limit := l.limit(t, resource)
		w = &window{limit: limit, reset: now.Add(length).Truncate(time.Second)}
		l.windows[key] = w
	}
	return w
}

func (l *limiter) limit(t *Token, resource string) int {
	if t == nil && resource == "core" {
		return orElse(l.limits.Anonymous, 60)
	}
	if t != nil && t.Limit > 0 {
		return t.Limit
	}
	usual := map[string]int{"search": 30, "code_search": 10}[resource]
	return orElse(l.limits.Hourly[resource], orElse(usual, 5000))
}

// enter counts a request in flight, and tells whether the secondary limit
// lets it through.
func (l *limiter) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flying++
	return l.limits.Concurrent == 0 || l.flying <= l.limits.Concurrent
}

func (l *limiter) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flying--
}

// take counts a request and tells whether the limit still lets it through.
// A cost of 0 only looks.
func (l *limiter) take(t *Token, resource string, cost int, now time.Time) (window, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.window(t, resource, now)
	if cost > 0 && w.used+cost > w.limit {
		return *w, false
	}
	w.used += cost
	return *w, true
}

// back returns a request that turned out to cost nothing.
func (l *limiter) back(t *Token, resource string, now time.Time) window {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.window(t, resource, now)
	w.used = max(0, w.used-1)
	return *w
}

// header writes the state of a limit into an answer.
func (w window) header(h http.Header, resource string) {
	h.Set("X-RateLimit-Limit", strconv.Itoa(w.limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(w.limit-w.used))
	h.Set("X-RateLimit-Used", strconv.Itoa(w.used))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(w.reset.Unix(), 10))
	h.Set("X-RateLimit-Resource", resource)
}

// SetRemaining leaves a token that many requests in this window of a
// resource ("core", "graphql"); the name "" is for requests without a token.
func (s *Server) SetRemaining(token, resource string, remaining int) {
	t := s.tokenNamed(token)
	s.limiter.mu.Lock()
	defer s.limiter.mu.Unlock()
	w := s.limiter.window(t, resource, s.now())
	w.used = w.limit - remaining
}

// rateLimit answers GET /rate_limit, which costs nothing.
func rateLimit(c *call) answer {
	resources := Object{}
	for _, name := range []string{"core", "graphql", "search", "code_search"} {
		w, _ := c.s.limiter.take(c.token, name, 0, c.s.now())
		resources[name] = Object{"limit": w.limit, "used": w.used, "remaining": w.limit - w.used, "reset": w.reset.Unix()}
	}
	return ok(Object{"resources": resources, "rate": resources["core"]})
}
