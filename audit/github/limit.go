package github

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// minute is how long GitHub's documentation asks to wait at a limit for which
// no header gives a time; it doubles each time in a row.
const minute = time.Minute

// maxHold bounds the time until which a header can hold requests back.
const maxHold = 7 * 24 * time.Hour

// maxRefusals bounds how often in a row one request is refused by a limit
// before the client gives up, whatever it may still wait.
const maxRefusals = 8

// limits is what is known of the host's rate limits. Its clock is that of this
// machine; the server's times are moved to it by the Date header.
//
// It stands in the place of a library: those known to us wait for the
// secondary limit alone, by the machine's clock, and have no bound for both
// limits together.
type limits struct {
	sync.Mutex
	// until holds back the requests of a resource, secondary all requests.
	until     map[string]time.Time
	secondary time.Time
	// charged is the time up to which waiting was charged, for requests that
	// wait side by side cost one wait.
	charged time.Time
	waited  time.Duration
}

// limited holds a request back while a limit is known to be used up, and sends
// it again when a limit refused it, as long as [Options.MaxWait] allows.
func (c *Client) limited(request *http.Request) (*http.Response, error) {
	if !c.host.owns(request.URL) {
		return c.retried(request)
	}
	resource := resourceOf(c.host, request.URL)
	for refusals := 0; ; {
		if err := c.holdBack(request, resource); err != nil {
			closeBody(request)
			return nil, err
		}
		answer, err := c.retried(request)
		if err != nil {
			return nil, err
		}
		refusal := c.noteLimit(answer, resource, refusals)
		if refusal == nil {
			return answer, nil
		}
		if refusals++; refusals == maxRefusals || request.Body != nil && request.GetBody == nil {
			return nil, refusal
		}
	}
}

// resourceOf guesses the limit that a request counts against. A wrong guess
// (code search has a limit of its own, so have some rare routes) is put right
// by the refusal that follows.
func resourceOf(host Host, u *url.URL) string {
	switch path := u.Path; {
	case u.String() == host.GraphQL():
		return "graphql"
	case strings.HasSuffix(path, "/search/code"):
		return "code_search"
	case strings.Contains(path, "/search/") && !strings.Contains(path, "/repos/"):
		return "search"
	}
	return "core"
}

// holdBack waits until the known limits allow a request.
func (c *Client) holdBack(request *http.Request, resource string) error {
	for {
		wait, refusal := c.reserve(resource)
		if refusal != nil {
			return refusal
		}
		if wait <= 0 {
			return nil
		}
		c.event(Event{Method: request.Method, Path: c.pathOf(request.URL), Wait: wait})
		if err := c.sleep(request.Context(), wait); err != nil {
			return err
		}
	}
}

// reserve tells how long to wait, and charges it; or refuses.
func (c *Client) reserve(resource string) (time.Duration, *LimitError) {
	l := &c.limits
	l.Lock()
	defer l.Unlock()
	now, until, secondary := c.now(), l.until[resource], false
	if l.secondary.After(until) {
		until, secondary = l.secondary, true
	}
	if !until.After(now) {
		return 0, nil
	}
	from := now
	if l.charged.After(from) {
		from = l.charged
	}
	cost := max(until.Sub(from), 0)
	if l.waited+cost > c.maxWait {
		return 0, &LimitError{Until: until, Secondary: secondary, Resource: resource, Anonymous: !c.token.Present()}
	}
	if cost > 0 {
		l.waited += cost
		l.charged = until
		c.count(func(u *Usage) { u.Waits++; u.Waited += cost })
	}
	return until.Sub(now), nil
}

// noteLimit learns from an answer. It gives an error where a limit refused the
// request, and holds the next ones back.
func (c *Client) noteLimit(answer *http.Response, resource string, refusals int) *LimitError {
	rate := parseRate(answer.Header)
	if rate.Resource != "" {
		c.count(func(u *Usage) { u.Remaining[rate.Resource] = rate })
	}
	message, refused := limitMessage(answer)
	now := c.now()
	l := &c.limits
	l.Lock()
	defer l.Unlock()
	used := rate.Resource != "" && rate.Remaining == 0
	reset := c.local(answer, rate.Reset, now)
	if !refused {
		if used && reset.After(now) {
			l.until[rate.Resource] = reset
		}
		return nil
	}
	e := &LimitError{Resource: resource, Anonymous: !c.token.Present()}
	if rate.Resource != "" {
		e.Resource = rate.Resource
	}
	e.Secondary = !used || strings.Contains(strings.ToLower(message), "secondary rate limit")
	e.Until = now.Add(minute << min(refusals, 6))
	if wait, ok := waitAfter(answer, now); ok {
		e.Until = now.Add(wait)
	} else if used && !rate.Reset.IsZero() {
		e.Until = reset
	}
	// Never at once: a server whose times lie in the past would be asked
	// without end.
	e.Until = clamp(e.Until, now.Add(time.Second), now.Add(maxHold))
	if e.Secondary {
		l.secondary = e.Until
	} else {
		l.until[e.Resource], l.until[resource] = e.Until, e.Until
	}
	return e
}

// local moves a time of the server's clock to this machine's, one second later
// because the header is cut to seconds.
func (c *Client) local(answer *http.Response, t, now time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	if date, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		t = now.Add(t.Sub(date))
	}
	return clamp(t.Add(time.Second), time.Time{}, now.Add(maxHold))
}

// clamp puts a time between two others.
func clamp(t, low, high time.Time) time.Time {
	switch {
	case t.Before(low):
		return low
	case t.After(high):
		return high
	}
	return t
}

// waitAfter reads Retry-After, in seconds or as a date.
func waitAfter(answer *http.Response, now time.Time) (time.Duration, bool) {
	value := answer.Header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, int64(maxHold/time.Second))) * time.Second, true
	}
	if date, err := http.ParseTime(value); err == nil {
		if server, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
			return date.Sub(server), true
		}
		return date.Sub(now), true
	}
	return 0, false
}

// limitMessage tells whether a limit refused a request: 429; 403 with a
// Retry-After, a message of limits or nothing left; for GraphQL also 200 with
// an error of type RATE_LIMITED. A 403 for lack of a permission can have
// nothing left as well: its message tells it apart.
//
// Source: GitHub Docs, "Rate limits for the REST API" (exceeding the rate
// limit) and "Rate limits and query limits for the GraphQL API".
func limitMessage(answer *http.Response) (message string, refused bool) {
	var body struct {
		Message          string `json:"message"`
		DocumentationURL string `json:"documentation_url"`
		Errors           []struct {
			Type    string `json:"type"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	switch answer.StatusCode {
	case http.StatusTooManyRequests, http.StatusForbidden:
		_ = json.Unmarshal(bodyOf(answer), &body) // what is no JSON has no message
	case http.StatusOK:
		data := bodyOf(answer)
		if answer.Request.Method != http.MethodPost || !strings.Contains(string(data[:min(len(data), 1<<16)]), "RATE_LIMIT") {
			return "", false
		}
		_ = json.Unmarshal(data, &body)
		for _, problem := range body.Errors {
			if problem.Type == "RATE_LIMITED" || problem.Type == "RATE_LIMIT" {
				return problem.Message, true
			}
		}
		return "", false
	default:
		return "", false
	}
	text := strings.ToLower(body.Message + " " + body.DocumentationURL)
	named := strings.Contains(text, "rate limit") || strings.Contains(text, "rate-limit") || strings.Contains(text, "abuse detection")
	empty := answer.Header.Get("X-RateLimit-Remaining") == "0" && body.Message == ""
	return body.Message, answer.StatusCode == http.StatusTooManyRequests || named || empty || answer.Header.Get("Retry-After") != ""
}
