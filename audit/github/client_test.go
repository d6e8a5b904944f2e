package github

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// clock is a clock that only sleeping moves.
type clock struct {
	lock  sync.Mutex
	now   time.Time
	slept []time.Duration
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, wait time.Duration) error {
	c.lock.Lock()
	defer c.lock.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	c.now = c.now.Add(wait)
	c.slept = append(c.slept, wait)
	return nil
}

// serve starts a server and makes a client for it, with the canary as its
// token and a clock that does not wait.
func serve(t testing.TB, handler http.HandlerFunc, change ...func(*Options)) (*Client, *clock) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return clientFor(t, server.URL, change...)
}

// clientFor makes a client for an address.
func clientFor(t testing.TB, address string, change ...func(*Options)) (*Client, *clock) {
	t.Helper()
	host, err := ParseHost(address)
	if err != nil {
		t.Fatal(err)
	}
	c := newClock()
	options := Options{Host: host, Token: mustToken(t, canary), UserAgent: "patrol/test", Now: c.Now, Sleep: c.Sleep}
	for _, f := range change {
		f(&options)
	}
	client, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	return client, c
}

// say answers with JSON.
func say(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func TestGet(t *testing.T) {
	var got *http.Request
	client, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		w.Header().Set("X-OAuth-Scopes", "repo")
		say(w, 200, `{"login":"octo"}`)
	})
	var user struct{ Login string }
	response, err := client.Get(t.Context(), "/users/octo", url.Values{"a": {"1 2"}}, &user)
	if err != nil || user.Login != "octo" || response.Status != 200 || response.Cached {
		t.Fatalf("%+v %+v %v", user, response, err)
	}
	if diff := cmp.Diff([]string{"repo"}, response.Scopes); diff != "" {
		t.Error(diff)
	}
	want := map[string]string{"Authorization": "Bearer " + canary, "User-Agent": "patrol/test", "Accept": "application/vnd.github+json",
		"X-GitHub-Api-Version": "2022-11-28", "Cookie": ""}
	for name, value := range want {
		if got.Header.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, got.Header.Get(name), value)
		}
	}
	if got.URL.String() != "/users/octo?a=1+2" || got.Method != "GET" {
		t.Errorf("asked %s %s", got.Method, got.URL)
	}
	if usage := client.Usage(); usage.Sent != 1 || usage.Cached+usage.Retried+usage.Waits != 0 {
		t.Errorf("%+v", usage)
	}
}

func TestGetOnEnterpriseServerAndAnonymous(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v3/meta" || r.Header["Authorization"] != nil {
			t.Errorf("asked %s with %v", r.URL, r.Header["Authorization"])
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	client, _ := clientFor(t, server.URL+"/api/v3", func(o *Options) { o.Token = Token{} })
	var into map[string]any
	if response, err := client.Get(t.Context(), "meta", nil, &into); err != nil || response.Status != 204 || !client.Anonymous() {
		t.Errorf("%+v %v", response, err)
	}
}

func TestPaths(t *testing.T) {
	var asked []string
	client, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.EscapedPath())
		say(w, 200, `{}`)
	})
	for _, path := range []string{Path("repos", "o", "a/b?x#y"), Path("repos", "o", "ü %2F"), "/repos/o/n/contents/a%20b"} {
		if _, err := client.Get(t.Context(), path, nil, nil); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	want := []string{"/repos/o/a%2Fb%3Fx%23y", "/repos/o/%C3%BC%20%252F", "/repos/o/n/contents/a%20b"}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Error(diff)
	}
	for _, path := range []string{"//evil.example/x", "https://evil.example/x", "/x?y=1", "/x#y", "/repos/../user", "/repos/%2e%2e/user", "/x/./y", Path("repos", "o", ".."), Path("repos", "a/../../b"), "mailto:x", "/%zz"} {
		_, err := client.Get(t.Context(), path, nil, nil)
		var bad *PathError
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if len(asked) != 3 {
		t.Errorf("asked %q", asked)
	}
}

// TestAsksOnly lets queries through, and nothing that could change anything.
func TestAsksOnly(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { say(w, 200, `{"data":{}}`) }, func(o *Options) { o.AsksOnly = true })
	if err := c.Query(t.Context(), `{ viewer { login } }`, nil, nil); err != nil {
		t.Error(err)
	}
	if _, err := c.Get(t.Context(), "/user", nil, nil); err != nil {
		t.Error(err)
	}
	for _, document := range []string{`mutation { deleteRef(input: {refId: "x"}) { clientMutationId } }`, `query { a } mutation { b }`, `{`} {
		var refused *ReadOnlyError
		if err := c.QueryOnce(t.Context(), document, nil, nil); !errors.As(err, &refused) {
			t.Errorf("%s: %v", document, err)
		}
	}
	if _, _, err := c.REST().Issues.Create(t.Context(), "o", "r", nil); err == nil {
		t.Error("a POST of REST passes")
	}
	if n := c.Usage().Sent; n != 2 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestReadOnly(t *testing.T) {
	client, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("%s was sent", r.Method)
		}
		say(w, 200, `[]`)
	}, func(o *Options) { o.ReadOnly = true })
	if _, err := client.Get(t.Context(), "/user/repos", nil, nil); err != nil {
		t.Error(err)
	}
	var refused *ReadOnlyError
	if err := client.Query(t.Context(), "query{viewer{login}}", nil, nil); !errors.As(err, &refused) || refused.Method != "POST" {
		t.Errorf("GraphQL: %v", err)
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "get"} {
		request, err := client.REST().NewRequest(method, "repos/o/n", map[string]string{"x": "y"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.REST().Do(t.Context(), request, nil)
		if refused = nil; !errors.As(client.Explain(err), &refused) || refused.Path != "/repos/o/n" {
			t.Errorf("%s: %v", method, err)
		}
	}
	if client.Usage().Sent != 1 {
		t.Errorf("%+v", client.Usage())
	}
}

func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		header []string
		body   string
		is     error
		want   string
	}{
		"dead token": {401, nil, `{"message":"Bad credentials","documentation_url":"https://docs.github.com/rest"}`, ErrUnauthorized,
			"GET /x: HOST answers 401 Bad credentials: the token is wrong, expired, revoked, or of another host"},
		"no token": {401, nil, `{"message":"Requires authentication"}`, ErrUnauthorized, "GET /x: HOST answers 401 Requires authentication: it takes a token"},
		"forbidden": {403, []string{"X-Accepted-GitHub-Permissions: contents=read,issues=write; metadata=read"}, `{"message":"Resource not accessible by personal access token"}`, ErrForbidden,
			"GET /x: HOST answers 403 Resource not accessible by personal access token (it takes contents: read and issues: write, or metadata: read)"},
		"forbidden with the last request": {403, []string{"X-RateLimit-Limit: 60", "X-RateLimit-Remaining: 0"}, `{"message":"Resource not accessible by integration"}`, ErrForbidden,
			"GET /x: HOST answers 403 Resource not accessible by integration"},
		"sso": {403, []string{"X-GitHub-SSO: required; url=https://github.com/orgs/o/sso?a=b"}, `{"message":"Resource protected by organization SAML enforcement."}`, ErrForbidden,
			"GET /x: HOST answers 403 Resource protected by organization SAML enforcement.: the token must be authorised for single sign-on first, at https://github.com/orgs/o/sso?a=b"},
		"not found": {404, nil, `{"message":"Not Found"}`, ErrNotFound, "GET /x: HOST answers 404 Not Found"},
		"gone":      {410, nil, `{}`, ErrNotFound, "GET /x: HOST answers 410 Gone"},
		"invalid":   {422, nil, `{"message":"Validation Failed","errors":[{"resource":"Issue","field":"title","code":"missing_field"},{"message":"too long"}]}`, nil, "GET /x: HOST answers 422 Validation Failed; Issue title missing_field; too long"},
		"hostile":   {400, nil, `{"message":"a\u001b[2J\r\nb\u202ec"}`, nil, "GET /x: HOST answers 400 a [2J b c"},
		"strange":   {418, nil, `[1,2]`, nil, "GET /x: HOST answers 418 I'm a teapot"},
		"accepted":  {202, nil, `{}`, nil, "GET /x: HOST answers 202 GitHub is still preparing the answer: ask again later"},
		"unicorn":   {500, []string{"Content-Type: text/html"}, `<html>`, nil, "GET /x: HOST answers 500 with a page of HTML"},
		"html":      {404, []string{"Content-Type: text/html; charset=utf-8"}, `<html>`, nil, "HOST answers /x with a page of HTML (status 404): is the address of the API right (--api-url), or does a proxy answer in its place?"},
		"login":     {200, []string{"Content-Type: text/html"}, `<html>`, nil, "HOST answers /x with a page of HTML (status 200): is the address of the API right (--api-url), or does a proxy answer in its place?"},
		"text":      {200, nil, `hello`, nil, "HOST answers /x with what is not JSON (status 200): is the address of the API right (--api-url), or does a proxy answer in its place?"},
		"form":      {200, nil, `{"login":["x"]}`, nil, "HOST answers /x with JSON of another form than the API's (at Login) (status 200): is the address of the API right (--api-url), or does a proxy answer in its place?"},
		"cut":       {200, nil, `{"login":"x"`, nil, "the answer of HOST to /x ended too early: the connection broke, or a proxy cut it"},
		"nowhere":   {304, nil, ``, nil, "GET /x: HOST answers 304 Not Modified"},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				for key, values := range headers(test.header...) {
					w.Header()[key] = values
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			var into struct{ Login string }
			response, err := client.Get(t.Context(), "/x", url.Values{"q": {"private"}}, &into)
			if err == nil {
				t.Fatal("no error")
			}
			want := strings.ReplaceAll(test.want, "HOST", client.Host().Name())
			if name == "accepted" {
				want = strings.ReplaceAll(want, "GET /x", "GET ")
			}
			if err.Error() != want {
				t.Errorf("\n got %s\nwant %s", err, want)
			}
			for _, kind := range []error{ErrUnauthorized, ErrForbidden, ErrNotFound} {
				if errors.Is(err, kind) != (kind == test.is) {
					t.Errorf("is %v: %v", kind, errors.Is(err, kind))
				}
			}
			var status *StatusError
			if errors.As(err, &status) && test.status != 202 && (status.Response == nil || response == nil || response.Status != test.status) {
				t.Errorf("no Response beside %v", err)
			}
			if strings.Contains(err.Error(), "private") {
				t.Errorf("the query is shown: %v", err)
			}
		})
	}
}

func TestExplainREST(t *testing.T) {
	client, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/users/form" {
			say(w, 200, `{"login":1}`)
			return
		}
		say(w, 404, `{"message":"Not Found `+canary+`"}`)
	})
	_, answer, err := client.REST().Users.Get(t.Context(), "octo")
	checkHidden(t, "go-github's error", fmt.Sprintf("%v %+v %#v", err, err, err))
	checkHidden(t, "go-github's answer", fmt.Sprintf("%+v", answer.Request.Header))
	if err = client.Explain(err); !errors.Is(err, ErrNotFound) || !strings.HasSuffix(err.Error(), "404 Not Found ***") {
		t.Error(err)
	}
	var format *FormatError
	if _, _, err = client.REST().Users.Get(t.Context(), "form"); !errors.As(client.Explain(err), &format) {
		t.Error(err)
	}
	if client.Explain(nil) != nil {
		t.Error("nil is explained")
	}
	if own := errors.New("own"); client.Explain(own) != own {
		t.Error("another's error is changed")
	}
	checkHidden(t, "another's error", client.Explain(errors.New("x "+canary)).Error())
}

func TestNetworkErrors(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	slow := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-slow }))
	defer hanging.Close()
	defer close(slow)
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	for name, test := range map[string]struct {
		address, want string
		sent          int
		timeout       bool
	}{
		"refused":     {gone.URL, "HOST cannot be reached: connection refused", 4, false},
		"timeout":     {hanging.URL, "HOST did not answer in time: no answer within 50ms", 4, true},
		"certificate": {secure.URL, "HOST cannot be reached: its certificate is not trusted: x509: certificate signed by unknown authority", 1, false},
		"no name":     {"https://patrol.invalid", "patrol.invalid cannot be reached: its name is not known: is there a network, does it take a proxy (HTTPS_PROXY), is the address of the API right (--api-url)?", 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := clientFor(t, test.address, func(o *Options) {
				if o.Timeout = 10 * time.Second; test.timeout {
					o.Timeout = 50 * time.Millisecond
				}
				if name == "no name" {
					o.Transport = roundTripper(func(*http.Request) (*http.Response, error) {
						return nil, &url.Error{Op: "Get", URL: "https://patrol.invalid/?private", Err: noSuchHost()}
					})
				}
			})
			_, err := client.Get(t.Context(), "/x", url.Values{"q": {"private"}}, nil)
			var network *NetworkError
			if !errors.As(err, &network) || network.Timeout != test.timeout {
				t.Fatalf("%#v", err)
			}
			if want := strings.ReplaceAll(test.want, "HOST", client.Host().Name()); err.Error() != want {
				t.Errorf("\n got %s\nwant %s", err, want)
			}
			if sent := client.Usage().Sent; sent != test.sent {
				t.Errorf("sent %d times, want %d", sent, test.sent)
			}
		})
	}
}

func TestContextEnds(t *testing.T) {
	release := make(chan struct{})
	arrived := make(chan struct{}, 10)
	client, _ := serve(t, func(http.ResponseWriter, *http.Request) { arrived <- struct{}{}; <-release })
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	if _, err := client.Get(ctx, "/x", nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if sent := client.Usage().Sent; sent != 1 {
		t.Errorf("sent %d times", sent)
	}
}

func TestSizes(t *testing.T) {
	client, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/announced" {
			w.Header().Set("Content-Length", fmt.Sprint(maxBody+1))
		}
		chunk := strings.Repeat("x", 1<<20)
		for range maxBody>>20 + 1 {
			if _, err := io.WriteString(w, chunk); err != nil {
				return
			}
		}
	})
	for _, path := range []string{"/announced", "/chunked"} {
		var size *SizeError
		if _, err := client.Get(t.Context(), path, nil, nil); !errors.As(err, &size) || size.Path != path || size.Limit != maxBody {
			t.Errorf("%s: %v", path, err)
		}
	}
	if sent := client.Usage().Sent; sent != 2 {
		t.Errorf("sent %d times", sent)
	}
}

func TestDownload(t *testing.T) {
	client, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/missing" {
			say(w, 404, `{"message":"Not Found"}`)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "0123456789")
	})
	for limit, want := range map[int64]bool{10: true, 11: true, 9: false, 0: false} {
		body, response, err := client.Download(t.Context(), "/x", nil, limit)
		if err != nil || response.Status != 200 {
			t.Fatal(err)
		}
		data, err := io.ReadAll(body)
		var size *SizeError
		if errors.As(err, &size) == want || want && string(data) != "0123456789" || int64(len(data)) > max(limit, 1) {
			t.Errorf("limit %d: %q %v", limit, data, err)
		}
		if err := body.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := client.Download(t.Context(), "/missing", nil, 10); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	data, _, err := client.Raw(t.Context(), "/x", nil)
	if err != nil || string(data) != "0123456789" {
		t.Errorf("raw: %q %v", data, err)
	}
}

func TestNewRefuses(t *testing.T) {
	if _, err := New(Options{UserAgent: "x\r\nEvil: y"}); err == nil {
		t.Error("a broken User-Agent is taken")
	}
	if _, err := New(Options{Token: mustToken(t, "ghr_CANARYcanary")}); err == nil || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("a refresh token: %v", err)
	}
	client, err := New(Options{})
	if err != nil || client.Host().REST() != "https://api.github.com/" || client.REST().BaseURL.String() != "https://api.github.com/" {
		t.Errorf("the zero Options: %v", err)
	}
}

func TestLog(t *testing.T) {
	var events []Event
	client, clock := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-RateLimit-Limit", "60")
		w.Header().Set("X-RateLimit-Remaining", "59")
		say(w, 200, `{}`)
	}, func(o *Options) { o.Log = func(e Event) { events = append(events, e) } })
	if _, err := client.Get(t.Context(), "/x", url.Values{"q": {"private"}}, nil); err != nil {
		t.Fatal(err)
	}
	want := []Event{{Method: "GET", Host: client.Host().Name(), Path: "/x", Status: 200, Remaining: 59}}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Error(diff)
	}
	_ = clock
}
