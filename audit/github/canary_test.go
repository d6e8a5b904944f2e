package github

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// misbehaviours are servers that give back the token that they were sent.
func misbehaviours(t *testing.T, other string) map[string]http.HandlerFunc {
	basic := base64.StdEncoding.EncodeToString([]byte("x-access-token:" + canary))
	refuse := func(status int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for _, name := range []string{"X-OAuth-Scopes", "X-Accepted-OAuth-Scopes", "X-GitHub-Request-Id", "X-RateLimit-Resource",
				"GitHub-Authentication-Token-Expiration", "ETag", "Server", "X-" + canary} {
				w.Header().Set(name, canary)
			}
			w.Header().Set("X-Accepted-GitHub-Permissions", canary+"="+canary)
			w.Header().Set("X-GitHub-SSO", "required; url=https://github.com/sso?a="+canary)
			w.Header().Set("Link", "<https://evil.example/"+canary+`>; rel="next"`)
			w.Header().Set("X-RateLimit-Limit", "1")
			w.Header().Set("X-RateLimit-Remaining", "1")
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	servers := map[string]http.HandlerFunc{
		"echo":     func(w http.ResponseWriter, r *http.Request) { say(w, 400, fmt.Sprintf(`{"message":%q}`, r.Header)) },
		"basic":    refuse(403, "application/json", `{"message":"`+basic+`","documentation_url":"https://docs.github.com/`+canary+`"}`),
		"errors":   refuse(422, "application/json", `{"message":"x","errors":[{"message":"`+canary+`"},{"resource":"`+canary+`","field":"`+canary+`"}]}`),
		"html":     refuse(200, "text/html; x="+canary, canary),
		"html 404": refuse(404, "text/html; x="+canary, canary),
		"text":     refuse(200, "text/plain", canary),
		"json":     refuse(200, "application/json", `{"login":{"`+canary+`":1},"data":["`+canary+`"]}`),
		"list":     refuse(200, "application/json", `[]`),
		"graphql":  refuse(200, "application/json", `{"errors":[{"type":"`+canary+`","path":["`+canary+`"],"message":"`+canary+`"}]}`),
		"limit":    refuse(429, "application/json", `{"message":"`+canary+`"}`),
		"escaped":  refuse(401, "application/json", `{"message":"\u0067hp_`+canary[4:]+`"}`),
		"nonsense": func(w http.ResponseWriter, _ *http.Request) { breakOff(t, w, canary+"\r\n\r\n") },
		"status":   func(w http.ResponseWriter, _ *http.Request) { breakOff(t, w, "HTTP/1.1 "+canary+"\r\n\r\n") },
		"header":   func(w http.ResponseWriter, _ *http.Request) { breakOff(t, w, "HTTP/1.1 200 OK\r\n"+canary+"\r\n\r\n") },
		"length": func(w http.ResponseWriter, _ *http.Request) {
			breakOff(t, w, "HTTP/1.1 200 OK\r\nContent-Length: "+canary+"\r\n\r\n")
		},
		"transfer": func(w http.ResponseWriter, _ *http.Request) {
			breakOff(t, w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: "+canary+"\r\n\r\n")
		},
		"chunk": func(w http.ResponseWriter, _ *http.Request) {
			breakOff(t, w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+canary+"\r\n")
		},
		"gzip": func(w http.ResponseWriter, _ *http.Request) {
			breakOff(t, w, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 40\r\n\r\n"+canary)
		},
		"reset": func(w http.ResponseWriter, _ *http.Request) { breakOff(t, w, "") },
		"500":   refuse(500, "application/json", canary),
	}
	for name, location := range map[string]string{
		"same host": "/" + canary, "another host": other + "/" + canary + "?" + canary, "to a host": "https://" + canary + ".invalid/",
		"to http": "http://" + canary + ".invalid/", "to a user": "https://" + canary + ":x@127.0.0.1/", "to a scheme": canary + "://x", "nowhere": "http://%zz" + canary,
	} {
		servers["sent on, "+name] = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", location)
			say(w, 302, canary)
		}
	}
	return servers
}

// However a server behaves: the token stands in no error, no event, no file of
// the cache, no fact of an answer, and in nothing that is printed.
func TestCanary(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		checkHidden(t, "a request to another host", fmt.Sprint(r.Header))
		say(w, 404, `{"message":"`+canary+`"}`)
	}))
	defer other.Close()
	for name, handler := range misbehaviours(t, other.URL) {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			cache, err := OpenDiskCache(folder, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			defer cache.Close()
			sent := 0
			var log strings.Builder
			var options Options
			client, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") == "Bearer "+canary {
					sent++
				}
				handler(w, r)
			}, func(o *Options) {
				o.Cache, o.MaxWait, o.Timeout = cache, 2*time.Minute, time.Second
				o.Log = func(e Event) { fmt.Fprintf(&log, "%v %+v %#v %v\n", e, e, e, e.Err) }
				options = *o
			})
			check := func(way string, response *Response, err error) {
				t.Helper()
				checkHidden(t, way, fmt.Sprintf("%v|%+v|%#v|%s|%q", err, err, err, err, fmt.Sprint(err)))
				facts, _ := json.Marshal([]any{response, err})
				checkHidden(t, way+"'s facts", string(facts))
				for cause := err; cause != nil; {
					checkHidden(t, way+"'s cause", fmt.Sprintf("%v %+v %#v", cause, cause, cause))
					next, ok := cause.(interface{ Unwrap() error })
					if !ok {
						break
					}
					cause = next.Unwrap()
				}
			}
			for range 2 {
				var into struct{ Login string }
				response, err := client.Get(t.Context(), "/x/"+canary, url.Values{"q": {canary}}, &into)
				check("Get", response, err)
				_, response, err = client.Raw(t.Context(), "/x", nil)
				check("Raw", response, err)
				body, response, err := client.Download(t.Context(), "/x", nil, 100)
				check("Download", response, err)
				if err == nil {
					_, err = io.Copy(io.Discard, body)
					check("the reader", nil, err)
					check("Close", nil, body.Close())
				}
				check("Query", nil, client.Query(t.Context(), "{viewer{login}}", nil, &into))
				for page, err := range client.Pages(t.Context(), "/x", nil) {
					check("Pages", page.Response, err)
				}
				for _, err := range List[int](t.Context(), client, "/x", nil, "") {
					check("List", nil, err)
				}
				_, answer, err := client.REST().Users.Get(t.Context(), "x")
				check("Explain", responseOf(answer), client.Explain(err))
			}
			if sent == 0 {
				t.Error("the token was never sent: this test shows nothing")
			}
			checkHidden(t, "the log", log.String())
			if log.Len() == 0 {
				t.Error("no event")
			}
			for _, value := range []any{client, options, &options, client.Usage(), client.REST(), client.REST().Client(), cache} {
				// Not %s: it follows pointers into net/http, which is at work.
				checkHidden(t, "a printed value", fmt.Sprintf("%v %+v %#v", value, value, value))
			}
			files, _ := filepath.Glob(filepath.Join(folder, "*"))
			for _, file := range files {
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				checkHidden(t, "the cache", filepath.Base(file)+string(data))
			}
		})
	}
}
