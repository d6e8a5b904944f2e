package github

import (
	"maps"
	"net/http"
	"time"
)

// Usage counts what a client did.
type Usage struct {
	// Sent counts requests that went out, repeated and redirected ones too.
	Sent int
	// Cached counts answers from the cache; GitHub does not count these.
	Cached int
	// Retried counts requests that were sent again after a failure.
	Retried int
	// Waits counts the waits for rate limits, Waited is their time.
	Waits  int
	Waited time.Duration
	// Remaining holds the rate limits as last seen, by their names.
	Remaining map[string]Rate
}

// Event is one request or one wait, for -v. It holds no header, no query and
// no body.
type Event struct {
	Method string
	// Host is whom it was sent to, Path the path without the query.
	Host, Path string
	// Status is the HTTP status; 0 where no answer came.
	Status int
	// Duration is the time until the answer was there.
	Duration time.Duration
	// Remaining is what is left of the rate limit; -1 where nothing says so.
	Remaining int
	// Err is why no answer came.
	Err error
	// Wait is how long the client is going to wait for a rate limit before it
	// sends the request: then Status, Duration and Err are empty.
	Wait time.Duration
}

// Usage is what the client did so far.
func (c *Client) Usage() Usage {
	c.usageLock.Lock()
	defer c.usageLock.Unlock()
	u := c.usage
	u.Remaining = maps.Clone(u.Remaining)
	return u
}

// count changes the counts.
func (c *Client) count(change func(*Usage)) {
	c.usageLock.Lock()
	defer c.usageLock.Unlock()
	change(&c.usage)
}

// sent counts a request, and tells of it.
func (c *Client) sent(request *http.Request, answer *http.Response, start time.Time, err error) {
	c.count(func(u *Usage) { u.Sent++ })
	e := Event{Method: request.Method, Host: c.say(request.URL.Host), Path: c.pathOf(request.URL), Duration: c.now().Sub(start), Remaining: -1, Err: err}
	if answer != nil {
		e.Status = answer.StatusCode
		if rate := parseRate(answer.Header); rate.Resource != "" {
			e.Remaining = rate.Remaining
		}
	}
	c.event(e)
}

// event tells of something that happens.
func (c *Client) event(e Event) {
	if c.log != nil {
		c.log(e)
	}
}
