package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	gogithub "github.com/google/go-github/v60/github"
)

// The kinds of refusal for errors.Is: a [*StatusError] is one of them by its
// status.
var (
	// ErrUnauthorized is 401: GitHub does not know the token, or no longer.
	ErrUnauthorized = errors.New("GitHub does not accept the token")
	// ErrForbidden is 403: the token is good, and may not do this.
	ErrForbidden = errors.New("the token may not do this")
	// ErrNotFound is 404 or 410: there is nothing, or the token may not know.
	ErrNotFound = errors.New("not found")
)

// StatusError is an answer with a status that refuses the request, other than
// the rate limits (see [LimitError]).
type StatusError struct {
	// Method, Host and Path are what was asked; the path has no query.
	Method, Host, Path string
	// Status is the HTTP status.
	Status int
	// Message is GitHub's message, followed by the messages of its errors:
	// made safe for one line, bounded, without the token.
	Message string
	// DocumentationURL is the page to which GitHub points; "" if there is none.
	DocumentationURL string
	// Response is what the headers say, the accepted permissions among them.
	Response *Response
}

// Error says what was refused and, where the headers tell, what would help.
func (e *StatusError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s answers %d", e.Method, e.Path, e.Host, e.Status)
	if e.Message != "" {
		b.WriteString(" " + e.Message)
	} else if text := http.StatusText(e.Status); text != "" {
		b.WriteString(" " + text)
	}
	switch {
	case e.Status == http.StatusUnauthorized && e.Message == "Requires authentication":
		b.WriteString(": it takes a token") // what GitHub says where there was none
	case e.Status == http.StatusUnauthorized:
		b.WriteString(": the token is wrong, expired, revoked, or of another host")
	case e.Response != nil && e.Response.SSO.Required:
		b.WriteString(": the token must be authorised for single sign-on first")
		if e.Response.SSO.URL != "" {
			b.WriteString(", at " + e.Response.SSO.URL)
		}
	case e.Status == http.StatusForbidden && e.Response != nil && len(e.Response.AcceptedPermissions) > 0:
		b.WriteString(" (it takes " + describePermissions(e.Response.AcceptedPermissions) + ")")
	}
	return b.String()
}

// Is sorts the statuses into [ErrUnauthorized], [ErrForbidden] and
// [ErrNotFound].
func (e *StatusError) Is(target error) bool {
	switch e.Status {
	case http.StatusUnauthorized:
		return target == ErrUnauthorized
	case http.StatusForbidden:
		return target == ErrForbidden
	case http.StatusNotFound, http.StatusGone:
		return target == ErrNotFound
	}
	return false
}

// describePermissions writes sets of permissions as "contents: read and
// issues: read, or contents: write".
func describePermissions(sets []PermissionSet) string {
	var ways []string
	for _, set := range sets {
		var parts []string
		for name, level := range set {
			parts = append(parts, name+": "+level)
		}
		slices.Sort(parts)
		ways = append(ways, strings.Join(parts, " and "))
	}
	return strings.Join(ways, ", or ")
}

// LimitError is a rate limit for which the client may not wait (any longer).
type LimitError struct {
	// Until is when to ask again, by the clock of this machine.
	Until time.Time
	// Secondary tells a limit against bursts from the hourly one.
	Secondary bool
	// Resource is the name of the limit: core, search, graphql and others.
	Resource string
	// Anonymous tells that no token was sent: with one the limit is higher.
	Anonymous bool
}

// Error says which limit it is and when to ask again.
func (e *LimitError) Error() string {
	until := e.Until.UTC().Format(time.RFC3339)
	switch {
	case e.Secondary:
		return "GitHub's secondary rate limit, which is against many requests at once, holds until " + until
	case e.Anonymous:
		return fmt.Sprintf("GitHub's rate limit (%s) for requests without a token is used up until %s: give a token", e.Resource, until)
	}
	return fmt.Sprintf("GitHub's rate limit (%s) of the token is used up until %s", e.Resource, until)
}

// ReadOnlyError is a request other than GET by a client that may only read. It
// was not sent.
type ReadOnlyError struct{ Method, Path string }

// Error says what was not sent.
func (e *ReadOnlyError) Error() string {
	return fmt.Sprintf("%s %s was not sent: this client only asks", e.Method, e.Path)
}

// RedirectError is a redirect that the client does not follow, or a request to
// an address that it does not use. It was not sent.
type RedirectError struct {
	// Host is where it would have gone.
	Host string
	// Reason says why it did not.
	Reason string
}

// Error says where the request was sent on to, and why it was not followed.
func (e *RedirectError) Error() string {
	return fmt.Sprintf("a redirect to %s was not followed: %s", e.Host, e.Reason)
}

// FormatError is an answer that is not what the API gives: a page of HTML, a
// text, JSON of another form.
type FormatError struct {
	// Host and Path are what was asked.
	Host, Path string
	// Status is the HTTP status.
	Status int
	// ContentType is what the answer says it is.
	ContentType string
	// Reason says what is wrong with it.
	Reason string
}

// Error says what came, and the two usual causes.
func (e *FormatError) Error() string {
	return fmt.Sprintf("%s answers %s with %s (status %d): is the address of the API right (--api-url), or does a proxy answer in its place?",
		e.Host, e.Path, e.Reason, e.Status)
}

// TruncatedError is an answer that ended too early, several times over.
type TruncatedError struct{ Host, Path string }

// Error says which answer it was.
func (e *TruncatedError) Error() string {
	return fmt.Sprintf("the answer of %s to %s ended too early: the connection broke, or a proxy cut it", e.Host, e.Path)
}

// SizeError is an answer that is larger than the client takes.
type SizeError struct {
	Host, Path string
	// Limit is in bytes.
	Limit int64
}

// Error says which answer it was, and the bound.
func (e *SizeError) Error() string {
	return fmt.Sprintf("the answer of %s to %s is larger than %d bytes", e.Host, e.Path, e.Limit)
}

// NetworkError is a request without an answer.
type NetworkError struct {
	// Host is whom the request was for.
	Host string
	// Timeout tells that no answer came in time.
	Timeout bool
	// Reason says what happened, without the token and the query.
	Reason string
	// permanent tells that asking again is of no use.
	permanent bool
	cause     error // context.Canceled, context.DeadlineExceeded or nil
}

// Error says who did not answer, and why.
func (e *NetworkError) Error() string {
	if e.Timeout {
		return fmt.Sprintf("%s did not answer in time: %s", e.Host, e.Reason)
	}
	return fmt.Sprintf("%s cannot be reached: %s", e.Host, e.Reason)
}

// Unwrap gives the error of the context, if the request ended by it. No other
// cause is given: its text is not ours.
func (e *NetworkError) Unwrap() error { return e.cause }

// ours marks the errors of this package.
type ours interface {
	error
	ofGitHub()
}

func (*StatusError) ofGitHub()    {}
func (*LimitError) ofGitHub()     {}
func (*ReadOnlyError) ofGitHub()  {}
func (*RedirectError) ofGitHub()  {}
func (*FormatError) ofGitHub()    {}
func (*TruncatedError) ofGitHub() {}
func (*SizeError) ofGitHub()      {}
func (*NetworkError) ofGitHub()   {}
func (*QueryError) ofGitHub()     {}
func (*PathError) ofGitHub()      {}

// Explain turns an error of a call through [Client.REST] into one of this
// package: typed, without the address's query, with a message that helps. The
// methods of Client have done so already. A context's error stays what it is.
func (c *Client) Explain(err error) error {
	var own ours
	var refused *gogithub.ErrorResponse
	var twoFactor *gogithub.TwoFactorAuthError
	var limited *gogithub.RateLimitError
	var abuse *gogithub.AbuseRateLimitError
	var accepted *gogithub.AcceptedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own):
		return own
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case errors.As(err, &refused):
		return c.statusError(refused)
	case errors.As(err, &twoFactor):
		return c.statusError((*gogithub.ErrorResponse)(twoFactor))
	case errors.As(err, &limited):
		// The layers below have taken out every limit: here go-github means a
		// refusal that only has nothing left of the limit as well.
		return c.statusError(&gogithub.ErrorResponse{Response: limited.Response, Message: limited.Message})
	case errors.As(err, &abuse):
		return c.statusError(&gogithub.ErrorResponse{Response: abuse.Response, Message: abuse.Message})
	case errors.As(err, &accepted):
		return &StatusError{Method: http.MethodGet, Host: c.host.Name(), Status: http.StatusAccepted,
			Message: "GitHub is still preparing the answer: ask again later"}
	}
	return c.explainOther(err)
}

// explainOther explains errors of decoding and those of unknown kind.
func (c *Client) explainOther(err error) error {
	var syntax *json.SyntaxError
	var shape *json.UnmarshalTypeError
	var address *url.Error
	failed := &FormatError{Host: c.host.Name(), Path: "a request", Status: http.StatusOK, ContentType: "application/json"}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &TruncatedError{Host: c.host.Name(), Path: "a request"}
	case errors.As(err, &syntax):
		failed.Reason = "what is not JSON"
		return failed
	case errors.As(err, &shape):
		failed.Reason = "JSON of another form than the API's"
		return failed
	case errors.As(err, &address):
		return c.networkError(c.host.Name(), address.Err)
	}
	if text := err.Error(); c.redact(text) != text {
		return errors.New(c.redact(text))
	}
	return err
}

// statusError turns go-github's error into ours.
func (c *Client) statusError(refused *gogithub.ErrorResponse) *StatusError {
	e := &StatusError{Message: refused.Message, DocumentationURL: c.say(refused.DocumentationURL)}
	for _, detail := range refused.Errors {
		text := detail.Message
		if text == "" {
			text = strings.TrimSpace(detail.Resource + " " + detail.Field + " " + detail.Code)
		}
		if text != "" && !strings.Contains(e.Message, text) {
			e.Message += "; " + text
		}
	}
	e.Message = c.say(strings.TrimPrefix(e.Message, "; "))
	if refused.Response != nil {
		e.Status, e.Response = refused.Response.StatusCode, ResponseOf(refused.Response)
		if request := refused.Response.Request; request != nil {
			e.Method, e.Host, e.Path = request.Method, request.URL.Host, c.pathOf(request.URL)
		}
		if e.Message == "" && isHTML(refused.Response.Header) {
			e.Message = "with a page of HTML"
		}
	}
	return e
}

// redact takes the token out of a text of others, and what Options.Redact does.
func (c *Client) redact(text string) string {
	text = c.token.Redact(text)
	if c.alsoRedact != nil {
		text = c.alsoRedact(text)
	}
	return text
}

// say makes a text of others fit to be shown: without the token, on one line,
// bounded.
func (c *Client) say(text string) string { return clean(c.redact(text)) }

// pathOf is an address's path as it may be shown.
func (c *Client) pathOf(u *url.URL) string { return c.say(u.EscapedPath()) }
