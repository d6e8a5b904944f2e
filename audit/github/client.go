// Package github is Patrol's client of GitHub's API, and the only package that
// speaks HTTP.
//
// A [Client] sends requests with one [Token] to one [Host]. Below go-github it
// is a chain of layers, each in its own file, through which every request goes,
// those of [Client.REST] too:
//
//	guard    refuses what may not be sent          transport.go
//	cached   asks whether a kept answer holds      cache.go
//	limited  waits for rate limits, or reports     limit.go
//	retried  sends again what failed by chance     retry.go
//	send     adds the token, reads the answer      transport.go
//
// The token is known to the innermost layer alone, which adds it by the address
// of each single request: no redirect, Link header or absolute address can send
// it elsewhere. It never stands in an error, an event, a cache or a printed
// value. What the API says is bounded and made safe for one line before it
// becomes a message; what is decoded from its answers is as GitHub gave it.
package github

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	gogithub "github.com/google/go-github/v60/github"
)

// APIVersion is the version of the REST API that is asked for: the one whose
// answers go-github v60 reads, and the newest that every supported GitHub
// Enterprise Server knows.
const APIVersion = "2022-11-28"

// mediaType is the form of answers that is asked for.
const mediaType = "application/vnd.github+json"

// rawType asks for a file's bytes.
const rawType = "application/vnd.github.raw+json"

// defaultTimeout is for one request and its answer.
const defaultTimeout = 30 * time.Second

// Options say how a [Client] works.
type Options struct {
	// Host is where GitHub lives; the zero Host is github.com.
	Host Host
	// Token is sent to Host alone; the zero Token is none.
	Token Token
	// UserAgent names the program: patrol/VERSION.
	UserAgent string
	// Cache keeps answers; nil for none.
	Cache Cache
	// MaxWait is how long the client may wait for rate limits, all waits
	// together. Beyond it a call ends with a [*LimitError]; with 0 at once.
	MaxWait time.Duration
	// Timeout is for one request and its answer; 0 for 30 seconds.
	Timeout time.Duration
	// ReadOnly refuses every method but GET before it is sent, with a
	// [*ReadOnlyError]: for tokens that are looked at. GraphQL is refused too,
	// for it is POST.
	ReadOnly bool
	// AsksOnly refuses what could change anything: every method but GET, and
	// every GraphQL document but queries, with a [*ReadOnlyError].
	AsksOnly bool
	// Redact takes further secrets out of texts that come from elsewhere, such
	// as the other tokens of a run; nil for none. The token's own value is
	// taken out anyway.
	Redact func(string) string
	// Log is told of every request and wait, for -v; nil for nobody. It may be
	// called by several goroutines at once.
	Log func(Event)
	// Transport sends the requests; nil for one that goes by the proxies of
	// the environment. Unlike all others it sees the token.
	Transport http.RoundTripper
	// Now is the clock, time.Now if nil.
	Now func() time.Time
	// Sleep waits, or ends with the context's error; nil for a real wait.
	Sleep func(context.Context, time.Duration) error
}

// Client asks one GitHub with one token. It may be used by several goroutines.
type Client struct {
	host      Host
	token     Token
	userAgent string
	cache     Cache
	maxWait   time.Duration
	timeout   time.Duration
	readOnly  bool
	asksOnly  bool
	log       func(Event)
	// alsoRedact is Options.Redact.
	alsoRedact func(string) string
	base       http.RoundTripper
	now        func() time.Time
	sleep      func(context.Context, time.Duration) error
	rest       *gogithub.Client

	limits    limits
	usageLock sync.Mutex
	usage     Usage
	saltOnce  sync.Once
	saltBytes []byte
}

// New makes a client. It sends nothing.
func New(o Options) (*Client, error) {
	if strings.ContainsFunc(o.UserAgent, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, errors.New("the name of the program for User-Agent has a character that a header cannot hold")
	}
	if o.Token.Kind() == KindRefresh {
		return nil, errors.New("that is the refresh token of an App (ghr_): the API takes none, give the token that it is exchanged for")
	}
	c := &Client{
		host: o.Host, token: o.Token, userAgent: o.UserAgent, cache: o.Cache, maxWait: o.MaxWait,
		timeout: o.Timeout, readOnly: o.ReadOnly, asksOnly: o.AsksOnly, log: o.Log, alsoRedact: o.Redact, base: o.Transport, now: o.Now, sleep: o.Sleep,
	}
	c.limits.until = map[string]time.Time{}
	c.usage.Remaining = map[string]Rate{}
	if c.userAgent == "" {
		c.userAgent = "patrol"
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	if c.base == nil {
		c.base = defaultTransport()
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.sleep == nil {
		c.sleep = Sleep
	}
	base, err := url.Parse(c.host.REST())
	if err != nil {
		return nil, fmt.Errorf("the address of the API: %w", err)
	}
	c.rest = gogithub.NewClient(&http.Client{Transport: roundTripper(c.guard), CheckRedirect: c.checkRedirect})
	c.rest.BaseURL, c.rest.UploadURL, c.rest.UserAgent = base, base, c.userAgent
	return c, nil
}

// Host is where the client's GitHub lives.
func (c *Client) Host() Host { return c.host }

// Anonymous tells that the client has no token.
func (c *Client) Anonymous() bool { return !c.token.Present() }

// ReadOnly tells that the client refuses every method but GET.
func (c *Client) ReadOnly() bool { return c.readOnly }

// TokenKind is the kind of the client's token by its form.
func (c *Client) TokenKind() Kind { return c.token.Kind() }

// REST is go-github on top of the client: cache, limits, retries and all
// refusals hold for it too. Its errors are go-github's until [Client.Explain]
// turns them; [ResponseOf] reads the headers of its answers. Uploads are not
// for it: it knows no other host than the API's.
func (c *Client) REST() *gogithub.Client { return c.rest }

// PathError is a path that cannot be asked. Nothing was sent.
type PathError struct{ Reason string }

// Error says what is wrong with the path.
func (e *PathError) Error() string { return "the path of a request " + e.Reason }

// Path joins the parts of a path, such as Path("repos", owner, name), and
// escapes each, so that a part never becomes two. A part that leads out of the
// path (..) is refused when the path is asked.
func Path(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteString("/" + url.PathEscape(part))
	}
	return b.String()
}

// address checks a path and makes it relative to the API's address.
func (c *Client) address(path string, query url.Values) (string, error) {
	relative, err := url.Parse(strings.TrimPrefix(path, "/"))
	switch {
	case err != nil || strings.HasPrefix(path, "//"):
		return "", &PathError{"is malformed"}
	case relative.Scheme != "" || relative.Host != "" || relative.User != nil || relative.Opaque != "":
		return "", &PathError{"is a whole address"}
	case relative.RawQuery != "" || relative.ForceQuery || relative.Fragment != "":
		return "", &PathError{"holds a query; give it apart"}
	}
	for part := range strings.SplitSeq(relative.Path, "/") {
		if part == "." || part == ".." {
			return "", &PathError{"leads out of itself (" + part + ")"}
		}
	}
	base, err := url.Parse(c.host.REST())
	if err != nil {
		return "", &PathError{"has no host"}
	}
	base.RawQuery = query.Encode()
	base.Path, base.RawPath = base.Path+relative.Path, base.EscapedPath()+relative.EscapedPath()
	return base.String(), nil
}

// Get asks for a path of the REST API, such as /repos/OWNER/NAME, and decodes
// the answer into what into points at; a nil into drops it. The Response is
// there whenever GitHub answered, also beside an error.
func (c *Client) Get(ctx context.Context, path string, query url.Values, into any) (*Response, error) {
	address, err := c.address(path, query)
	if err != nil {
		return nil, err
	}
	data, response, err := c.fetch(ctx, http.MethodGet, address, mediaType, nil)
	if err != nil || into == nil {
		return response, err
	}
	return response, c.decode(data, into, path)
}

// Send changes something at a path: it sends body as JSON by a method such as
// POST, and decodes the answer into what into points at; a nil into drops it.
// It is sent once, whatever comes of it, but for refusals of rate limits.
func (c *Client) Send(ctx context.Context, method, path string, body, into any) (*Response, error) {
	address, err := c.address(path, nil)
	if err != nil {
		return nil, err
	}
	data, response, err := c.fetch(ctx, method, address, mediaType, body)
	if err != nil || into == nil {
		return response, err
	}
	return response, c.decode(data, into, path)
}

// Raw asks for the bytes of a path, such as those of a file by
// /repos/OWNER/NAME/contents/PATH, of at most 32 MiB.
func (c *Client) Raw(ctx context.Context, path string, query url.Values) ([]byte, *Response, error) {
	address, err := c.address(path, query)
	if err != nil {
		return nil, nil, err
	}
	return c.fetch(withCall(ctx, call{raw: true}), http.MethodGet, address, rawType, nil)
}

// Download asks for the bytes of a path, such as /repos/OWNER/NAME/tarball/REF,
// and gives them as they come, at most limit of them: beyond it a Read ends
// with a [*SizeError]. Archives come from another host, to which the token does
// not go. The caller closes the reader.
func (c *Client) Download(ctx context.Context, path string, query url.Values, limit int64) (io.ReadCloser, *Response, error) {
	address, err := c.address(path, query)
	if err != nil {
		return nil, nil, err
	}
	request, err := c.rest.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, c.Explain(err)
	}
	answer, err := c.rest.BareDo(withCall(ctx, call{raw: true, stream: max(limit, 1)}), request)
	if err != nil {
		return nil, responseOf(answer), c.Explain(err)
	}
	return answer.Body, responseOf(answer), nil
}

// fetch sends one request and gives the answer's body.
func (c *Client) fetch(ctx context.Context, method, address, accept string, body any) ([]byte, *Response, error) {
	request, err := c.rest.NewRequest(method, address, body)
	if err != nil {
		return nil, nil, c.Explain(err)
	}
	request.Header.Set("Accept", accept)
	request.Header.Set("X-GitHub-Api-Version", APIVersion)
	answer, err := c.rest.BareDo(ctx, request)
	response := responseOf(answer)
	// 202 is the wish to be asked again for what asks, and a yes to all else.
	var accepted *gogithub.AcceptedError
	if method != http.MethodGet && errors.As(err, &accepted) {
		return accepted.Raw, response, nil
	}
	if err != nil {
		return nil, response, c.Explain(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, response, c.Explain(err)
	}
	return data, response, nil
}

// responseOf reads the headers of go-github's answer, if there is one.
func responseOf(answer *gogithub.Response) *Response {
	if answer == nil {
		return nil
	}
	return ResponseOf(answer.Response)
}

// decode reads JSON. The errors of encoding/json can quote the answer: ours do
// not.
func (c *Client) decode(data []byte, into any, path string) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil // 204 and others without a body
	}
	err := json.Unmarshal(data, into)
	var shape *json.UnmarshalTypeError
	failed := &FormatError{Host: c.host.Name(), Path: c.say(path), Status: http.StatusOK, ContentType: "application/json"}
	switch {
	case err == nil:
		return nil
	case errors.As(err, &shape):
		failed.Reason = "JSON of another form than the API's"
		if shape.Field != "" {
			failed.Reason += " (at " + c.say(shape.Field) + ")"
		}
	case !json.Valid(data) && (data[0] == '{' || data[0] == '['):
		return &TruncatedError{Host: c.host.Name(), Path: c.say(path)}
	default:
		failed.Reason = "what is not JSON"
	}
	return failed
}
