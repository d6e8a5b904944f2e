package github

import (
	"net/http"
)

// maxRedirects bounds how often one request is sent on.
const maxRedirects = 5

// checkRedirect decides whether a request is sent on. GET is, to the same host
// with the token, to others (the stores of archives and logs) without: the
// token is added by [Client.send], by the address. What changes is not, for
// its body would go with it.
func (c *Client) checkRedirect(next *http.Request, before []*http.Request) error {
	host := c.say(next.URL.Host)
	switch first := before[0]; {
	case first.Method != http.MethodGet && first.Method != http.MethodHead:
		return &RedirectError{Host: host, Reason: "only GET is sent on; is the address of the API right (--api-url)?"}
	case len(before) > maxRedirects:
		return &RedirectError{Host: host, Reason: "the request was sent on too often"}
	}
	// The page before is nobody's business; its query may be private.
	next.Header.Del("Referer")
	return c.checkAddress(next.URL)
}

// isRedirect tells whether a status sends a request on.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}
