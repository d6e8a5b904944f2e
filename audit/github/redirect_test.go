package github

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Inside its host a request is sent on with the token, beyond it without, and
// never from https to http.
func TestRedirects(t *testing.T) {
	var seen []string
	note := func(r *http.Request, name string) {
		seen = append(seen, fmt.Sprintf("%s %s %v %v", name, r.URL.Path, r.Header["Authorization"] != nil, r.Header["Referer"] != nil))
	}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		note(r, "other")
		for name, values := range r.Header {
			checkHidden(t, "a header to another host", name+": "+fmt.Sprint(values))
		}
		say(w, 200, `{}`)
	}))
	defer other.Close()
	var own *httptest.Server
	own = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		note(r, "own")
		var status int
		var to string
		_, _ = fmt.Sscanf(r.URL.Path, "/%d/%s", &status, &to)
		switch to {
		case "other":
			http.Redirect(w, r, other.URL+"/x", status)
		case "own":
			http.Redirect(w, r, own.URL+"/x?private", status)
		case "user":
			http.Redirect(w, r, strings.Replace(own.URL, "://", "://me:pw@", 1)+"/x", status)
		case "ftp":
			http.Redirect(w, r, "ftp://127.0.0.1/x", status)
		case "outside":
			http.Redirect(w, r, "http://example.com/x", status)
		case "loop":
			http.Redirect(w, r, r.URL.Path, status)
		default:
			say(w, 200, `{}`)
		}
	}))
	defer own.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for to, want := range map[string]string{
			"other":   "own true, other false",
			"own":     "own true, own true",
			"user":    "own true: the address holds a user name",
			"ftp":     "own true: it is no address of https",
			"outside": "own true: http:// would show the request to everybody on the way",
			"loop":    "own true, own true, own true, own true, own true, own true: the request was sent on too often",
		} {
			for _, way := range []string{"Get", "Download", "REST"} {
				seen = nil
				client, _ := clientFor(t, own.URL)
				path := fmt.Sprintf("/%d/%s", status, to)
				var err error
				switch way {
				case "Get":
					_, err = client.Get(t.Context(), path, nil, nil)
				case "REST":
					request, _ := client.REST().NewRequest("GET", path[1:], nil)
					request.Header.Set("Authorization", "Bearer "+canary)
					request.Header.Set("Cookie", canary)
					_, err = client.REST().Do(t.Context(), request, nil)
					err = client.Explain(err)
				default:
					var body io.ReadCloser
					if body, _, err = client.Download(t.Context(), path, nil, 10); err == nil {
						_ = body.Close()
					}
				}
				var got []string
				for _, line := range seen {
					fields := strings.Fields(line)
					got = append(got, fields[0]+" "+fields[2])
					if fields[3] != "false" {
						t.Errorf("%s %s sends a Referer", way, path)
					}
				}
				text := strings.Join(got, ", ")
				var refused *RedirectError
				if errors.As(err, &refused) {
					text += ": " + refused.Reason
				} else if err != nil {
					t.Errorf("%s %s: %v", way, path, err)
				}
				if text != want {
					t.Errorf("%s %s:\n got %s\nwant %s", way, path, text, want)
				}
			}
		}
	}
}

func TestNoRedirectToHTTP(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s was asked without TLS, with %v", r.URL, r.Header)
	}))
	defer plain.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain.URL+"/x", http.StatusFound)
	}))
	defer secure.Close()
	client, _ := clientFor(t, secure.URL, func(o *Options) { o.Transport = secure.Client().Transport })
	var refused *RedirectError
	if _, err := client.Get(t.Context(), "/x", nil, nil); !errors.As(err, &refused) {
		t.Errorf("%v", err)
	}
	// The same without a redirect: an absolute address.
	request, err := client.REST().NewRequest("GET", plain.URL+"/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.REST().Do(t.Context(), request, nil); !errors.As(client.Explain(err), &refused) {
		t.Errorf("%v", err)
	}
}

// A POST's body goes nowhere else.
func TestPostIsNotSentOn(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s was asked", r.Method, r.URL)
	}))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		client, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/graphql" {
				t.Errorf("%s was asked", r.URL)
			}
			http.Redirect(w, r, other.URL, status)
		})
		var refused *RedirectError
		if err := client.Query(t.Context(), "query{viewer{login}}", nil, nil); !errors.As(err, &refused) {
			t.Errorf("%d: %v", status, err)
		}
	}
}
