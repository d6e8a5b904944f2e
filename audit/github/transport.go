package github

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxBody bounds, in bytes, an answer that is held in memory.
const maxBody = 32 << 20

// The header by which go-github tells cached answers apart. It is set on every
// answer, for go-github then keeps no count of the rate limit of its own, which
// would refuse requests before [Options.MaxWait] has its say.
const (
	cachedHeader = "X-From-Cache"
	cachedBody   = "1"
	sentBody     = "0"
)

// call is how one request differs from the usual.
type call struct {
	// raw tells that the answer need not be JSON.
	raw bool
	// stream is the bound, in bytes, of an answer that is not held in memory;
	// 0 for one that is.
	stream int64
	// query tells that a POST asks only, again that it is repeated where it
	// failed by chance.
	query, again bool
}

type callKey struct{}

// callOf reads what [withCall] put into a context.
func callOf(ctx context.Context) call {
	c, _ := ctx.Value(callKey{}).(call)
	return c
}

func withCall(ctx context.Context, c call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// roundTripper is a function as an http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// defaultTransport is the transport of the process's environment: proxies by
// HTTPS_PROXY and NO_PROXY.
func defaultTransport() http.RoundTripper {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    15 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}
}

// guard is the outermost layer: what it refuses is not sent. The answers that
// leave it name a request that never had the token in its headers.
func (c *Client) guard(request *http.Request) (*http.Response, error) {
	writes := request.Method != http.MethodGet && !(c.asksOnly && callOf(request.Context()).query)
	if (c.readOnly || c.asksOnly) && writes {
		closeBody(request)
		return nil, &ReadOnlyError{Method: request.Method, Path: c.pathOf(request.URL)}
	}
	if err := c.checkAddress(request.URL); err != nil {
		closeBody(request)
		return nil, err
	}
	inner := request.Clone(request.Context())
	for _, name := range []string{"Authorization", "Cookie", "Proxy-Authorization"} {
		inner.Header.Del(name)
	}
	inner.Header.Set("User-Agent", c.userAgent)
	answer, err := c.cached(inner)
	if err != nil {
		return nil, err
	}
	if answer.Header.Get(cachedHeader) != cachedBody {
		answer.Header.Set(cachedHeader, sentBody)
	}
	answer.Request = request
	return answer, nil
}

// checkAddress refuses the addresses to which nothing is sent, with a token or
// without.
func (c *Client) checkAddress(u *url.URL) error {
	switch {
	case u.User != nil:
		return &RedirectError{Host: c.say(u.Host), Reason: "the address holds a user name"}
	case u.Scheme == "https":
		return nil
	case u.Scheme != "http":
		return &RedirectError{Host: c.say(u.Host), Reason: "it is no address of https"}
	case strings.HasPrefix(c.host.REST(), "https:") || !isLoopback(u.Hostname()):
		return &RedirectError{Host: c.say(u.Host), Reason: "http:// would show the request to everybody on the way"}
	}
	return nil
}

// send is the innermost layer: one request, one answer, with the token if it
// goes to the token's own host.
func (c *Client) send(request *http.Request) (*http.Response, error) {
	setting := callOf(request.Context())
	ctx, cancel := context.WithCancel(request.Context())
	timer := time.AfterFunc(c.timeout, cancel)
	stop := func() { timer.Stop(); cancel() }

	out := request.Clone(ctx)
	if c.token.Present() && c.host.owns(request.URL) {
		out.Header.Set("Authorization", "Bearer "+c.token.value())
	}
	start := c.now()
	answer, err := c.base.RoundTrip(out)
	if err == nil {
		c.cleanHeaders(answer.Header)
		answer.Request = request
		if setting.stream > 0 && answer.StatusCode == http.StatusOK {
			answer.Body = &stream{body: answer.Body, client: c, url: request.URL, timer: timer, stop: stop,
				left: setting.stream, limit: setting.stream, timeout: c.timeout}
			c.sent(request, answer, start, nil)
			return answer, nil
		}
		err = c.hold(answer, setting)
	}
	stopped := request.Context().Err() == nil && ctx.Err() != nil
	stop()
	if err != nil {
		if stopped {
			err = errTimeout
		}
		err = c.failure(request, err)
		c.sent(request, nil, start, err)
		return nil, err
	}
	c.sent(request, answer, start, nil)
	return answer, nil
}

// errTimeout is the end of one request's time.
var errTimeout = errors.New("the time for one request is over")

// cleanHeaders takes the token out of the headers of a server that echoes it.
func (c *Client) cleanHeaders(h http.Header) {
	for name, values := range h {
		for i, value := range values {
			values[i] = c.redact(value)
		}
		if c.redact(name) != name {
			delete(h, name)
		}
	}
}

// hold reads an answer's body into memory, bounded, and checks that it can be
// one of the API. The token is taken out of the bodies of refusals, which
// become messages; all others stay as they are, for base64 would break.
func (c *Client) hold(answer *http.Response, setting call) error {
	body := answer.Body
	defer body.Close()
	if answer.ContentLength > maxBody {
		return &SizeError{Limit: maxBody}
	}
	data, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &TruncatedError{}
	case err != nil:
		return err
	case len(data) > maxBody:
		return &SizeError{Limit: maxBody}
	}
	if answer.StatusCode >= 400 {
		data = []byte(c.redact(string(data)))
	}
	if len(data) > 0 && !setting.raw && isHTML(answer.Header) && mustBeJSON(answer.StatusCode) {
		return &FormatError{Status: answer.StatusCode, ContentType: c.say(answer.Header.Get("Content-Type")), Reason: "a page of HTML"}
	}
	answer.Body, answer.ContentLength = newMemory(data), int64(len(data))
	return nil
}

// failure gives an error of one request its place.
func (c *Client) failure(request *http.Request, err error) error {
	host, path := c.say(request.URL.Host), c.pathOf(request.URL)
	switch e := err.(type) {
	case *SizeError:
		e.Host, e.Path = host, path
	case *TruncatedError:
		e.Host, e.Path = host, path
	case *FormatError:
		e.Host, e.Path = host, path
	default:
		if cause := request.Context().Err(); cause != nil {
			return cause
		}
		return c.networkError(host, err)
	}
	return err
}

// networkError explains why no answer came. The texts of net and net/http may
// quote what a server sent, and proxies' addresses with passwords: known causes
// get words of ours, of the others stays the innermost text.
func (c *Client) networkError(host string, err error) *NetworkError {
	e := &NetworkError{Host: host}
	var dns *net.DNSError
	var operation *net.OpError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, errTimeout) || errors.As(err, &timeout) && timeout.Timeout():
		e.Timeout, e.Reason = true, "no answer within "+c.timeout.String()
	case errors.As(err, &dns):
		name := ""
		if bare, _, _ := strings.Cut(host, ":"); dns.Name != bare { // that of a proxy
			name = " (" + c.say(dns.Name) + ")"
		}
		e.Reason, e.permanent = "its name"+name+" is not known: is there a network, does it take a proxy (HTTPS_PROXY), is the address of the API right (--api-url)?", dns.IsNotFound
	case errors.As(err, &certificate):
		e.Reason, e.permanent = "its certificate is not trusted: "+c.say(certificate.Err.Error()), true
	case errors.As(err, &record):
		e.Reason, e.permanent = "it does not speak TLS at this port", true
	case errors.As(err, &operation) && operation.Op == "proxyconnect":
		e.Reason = "the proxy does not answer: " + c.say(innermost(operation.Err).Error())
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		e.Reason = "the connection was closed before the answer came"
	default:
		e.Reason = c.say(innermost(err).Error())
	}
	return e
}

// innermost is the first cause of an error.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// mustBeJSON tells whether GitHub's API answers in JSON at a status. Its front
// answers 429 and 5xx, and where a redirect leads, with pages of its own.
func mustBeJSON(status int) bool {
	return status < 500 && status != http.StatusTooManyRequests && !isRedirect(status)
}

// isHTML tells whether an answer says that it is a page.
func isHTML(h http.Header) bool {
	kind := strings.ToLower(h.Get("Content-Type"))
	return strings.HasPrefix(kind, "text/html") || strings.HasPrefix(kind, "application/xhtml")
}

// memory is a body that was read already.
type memory struct {
	*bytes.Reader
	data []byte
}

func newMemory(data []byte) *memory { return &memory{bytes.NewReader(data), data} }

// Close does nothing.
func (*memory) Close() error { return nil }

// bodyOf is an answer's body without reading it; nil for a stream.
func bodyOf(answer *http.Response) []byte {
	if m, ok := answer.Body.(*memory); ok {
		return m.data
	}
	return nil
}

// stream is a body that is read as it comes, bounded in size; its time begins
// anew with every piece.
type stream struct {
	body        io.ReadCloser
	client      *Client
	url         *url.URL
	timer       *time.Timer
	stop        func()
	left, limit int64
	timeout     time.Duration
}

// Read reads a piece.
func (s *stream) Read(p []byte) (int, error) {
	host, path := s.client.say(s.url.Host), s.client.pathOf(s.url)
	if s.left <= 0 {
		var one [1]byte
		if n, _ := s.body.Read(one[:]); n == 0 {
			return 0, io.EOF
		}
		return 0, &SizeError{Host: host, Path: path, Limit: s.limit}
	}
	if int64(len(p)) > s.left {
		p = p[:s.left]
	}
	n, err := s.body.Read(p)
	s.left -= int64(n)
	if s.timer.Stop() {
		s.timer.Reset(s.timeout)
	}
	switch {
	case err == nil || err == io.EOF:
		return n, err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return n, &TruncatedError{Host: host, Path: path}
	case errors.Is(err, context.Canceled):
		return n, s.client.networkError(host, errTimeout)
	}
	return n, s.client.networkError(host, err)
}

// Close ends the request.
func (s *stream) Close() error {
	s.stop()
	return s.body.Close()
}

// closeBody closes the body of a request that is not sent, as a RoundTripper
// must.
func closeBody(request *http.Request) {
	if request.Body != nil {
		_ = request.Body.Close()
	}
}
