package github

import (
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// noSuchHost is the error of a name that does not exist.
func noSuchHost() error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "patrol.invalid", IsNotFound: true}}
}

// breakOff answers with the beginning of an answer and cuts the connection.
func breakOff(t testing.TB, w http.ResponseWriter, start string) {
	t.Helper()
	connection, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = io.WriteString(connection, start)
	_ = connection.Close()
}

func TestRetries(t *testing.T) {
	passing := map[string]func(http.ResponseWriter){
		"500":   func(w http.ResponseWriter) { say(w, 500, `{}`) },
		"502":   func(w http.ResponseWriter) { say(w, 502, `<html>`) },
		"503":   func(w http.ResponseWriter) { say(w, 503, `{}`) },
		"504":   func(w http.ResponseWriter) { say(w, 504, `{}`) },
		"reset": func(w http.ResponseWriter) { breakOff(t, w, "") },
		"truncated": func(w http.ResponseWriter) {
			breakOff(t, w, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"login\":")
		},
		"chunks": func(w http.ResponseWriter) {
			breakOff(t, w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"log")
		},
		"nonsense": func(w http.ResponseWriter) { breakOff(t, w, "HTTP/9.9 hello\r\n\r\n") },
	}
	for name, fail := range passing {
		for _, way := range []string{"get", "query", "mutation", "unreadable", "put"} {
			for _, failures := range []int{1, maxRetries, maxRetries + 1} {
				asked := 0
				client, clock := serve(t, func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					if r.Method != "GET" && len(body) == 0 {
						t.Errorf("%s %s: the body is missing", name, way)
					}
					if asked++; asked <= failures {
						fail(w)
						return
					}
					say(w, 200, `{"data":{}}`)
				})
				var err error
				switch way {
				case "get":
					_, err = client.Get(t.Context(), "/x", nil, nil)
				case "query":
					err = client.Query(t.Context(), "query A($x: ID!) { node(id: $x) { id } } fragment F on User { id }", map[string]any{"x": 1}, nil)
				case "mutation":
					err = client.Query(t.Context(), "query A { viewer { login } } mutation { deleteRef { id } }", nil, nil)
				case "unreadable":
					err = client.Query(t.Context(), "query {", nil, nil)
				case "put":
					request, _ := client.REST().NewRequest("PUT", "x", map[string]int{"a": 1})
					_, err = client.REST().Do(t.Context(), request, nil)
				}
				wantAsked := 1
				if way == "get" || way == "query" {
					wantAsked = min(failures, maxRetries) + 1
				}
				if asked != wantAsked || (err == nil) != (wantAsked > failures) {
					t.Errorf("%s %s with %d failures: asked %d times, want %d: %v", name, way, failures, asked, wantAsked, err)
				}
				usage := client.Usage()
				if usage.Sent != asked || usage.Retried != asked-1 || len(clock.slept) != asked-1 || usage.Waits != 0 {
					t.Errorf("%s %s: %+v, slept %v", name, way, usage, clock.slept)
				}
				for i, wait := range clock.slept {
					if wait < 200*time.Millisecond<<i/2 || wait > 2*time.Second<<i {
						t.Errorf("wait %d is %s", i, wait)
					}
				}
			}
		}
	}
}

func TestNoRetry(t *testing.T) {
	for _, status := range []int{200, 204, 400, 401, 404, 409, 422, 501} {
		asked := 0
		client, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { asked++; say(w, status, ``) })
		_, _ = client.Get(t.Context(), "/x", nil, nil)
		if asked != 1 {
			t.Errorf("%d: asked %d times", status, asked)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{"7": 7 * time.Second, "30": 30 * time.Second} {
		asked := 0
		client, clock := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if asked++; asked == 1 {
				w.Header().Set("Retry-After", value)
				say(w, 503, `{}`)
				return
			}
			say(w, 200, `{}`)
		})
		if _, err := client.Get(t.Context(), "/x", nil, nil); err != nil || len(clock.slept) != 1 || clock.slept[0] != want {
			t.Errorf("%s: slept %v, %v", value, clock.slept, err)
		}
	}
	for _, value := range []string{"", "-1", "0", "31", "x", "99999999999999999999"} {
		answer := &http.Response{Header: http.Header{"Retry-After": {value}}}
		if got := retryAfter(answer); got != 0 {
			t.Errorf("%q waits %s", value, got)
		}
	}
	var truncated *TruncatedError
	client, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		breakOff(t, w, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
	})
	if _, err := client.Get(t.Context(), "/x", nil, nil); !errors.As(err, &truncated) || truncated.Path != "/x" {
		t.Errorf("%v", err)
	}
}
