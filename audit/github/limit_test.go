package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// limitCase is a server's refusal by a limit, at the clock's beginning.
var limitCases = map[string]struct {
	status    int
	header    []string
	body      string
	wait      time.Duration
	secondary bool
	resource  string
}{
	"primary 403": {403, []string{"X-RateLimit-Limit: 5000", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1767323645", "X-RateLimit-Resource: core"},
		`{"message":"API rate limit exceeded for user ID 1."}`, 601 * time.Second, false, "core"},
	"primary 429": {429, []string{"X-RateLimit-Limit: 5000", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1767323645"}, `{}`, 601 * time.Second, false, "core"},
	"another resource": {403, []string{"X-RateLimit-Limit: 10", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1767323075", "X-RateLimit-Resource: code_search"},
		`{"message":"API rate limit exceeded"}`, 31 * time.Second, false, "code_search"},
	"without a body": {403, []string{"X-RateLimit-Limit: 60", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1767323075"}, ``, 31 * time.Second, false, "core"},
	"the server's clock is wrong": {403, []string{"X-RateLimit-Limit: 60", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1767326675", "Date: Fri, 02 Jan 2026 04:04:05 GMT"},
		`{"message":"API rate limit exceeded"}`, 31 * time.Second, false, "core"},
	"reset in the past": {403, []string{"X-RateLimit-Limit: 60", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1"},
		`{"message":"API rate limit exceeded"}`, time.Second, false, "core"},
	"reset in a million years": {403, []string{"X-RateLimit-Limit: 60", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 99999999999"},
		`{"message":"API rate limit exceeded"}`, maxHold, false, "core"},
	"no reset":       {429, []string{"X-RateLimit-Limit: 60", "X-RateLimit-Remaining: 0"}, `{}`, time.Minute, false, "core"},
	"secondary":      {403, []string{"Retry-After: 42"}, `{"message":"You have exceeded a secondary rate limit."}`, 42 * time.Second, true, "core"},
	"secondary date": {403, []string{"Retry-After: Fri, 02 Jan 2026 03:05:05 GMT", "Date: Fri, 02 Jan 2026 03:04:05 GMT"}, `{"message":"x"}`, time.Minute, true, "core"},
	"secondary, still some left": {403, []string{"X-RateLimit-Limit: 5000", "X-RateLimit-Remaining: 4000", "X-RateLimit-Reset: 1767326675"},
		`{"message":"You have exceeded a secondary rate limit."}`, time.Minute, true, "core"},
	"abuse":       {403, nil, `{"message":"You have triggered an abuse detection mechanism."}`, time.Minute, true, "core"},
	"by its page": {403, nil, `{"message":"Slow down","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`, time.Minute, true, "core"},
	"429 of HTML": {429, nil, `<html>`, time.Minute, true, "core"},
	"huge":        {429, []string{"Retry-After: 9223372036854775807"}, `{}`, maxHold, true, "core"},
	"larger":      {429, []string{"Retry-After: 92233720368547758070"}, `{}`, time.Minute, true, "core"},
	"zero":        {429, []string{"Retry-After: 0"}, `{}`, time.Second, true, "core"},
	"negative":    {429, []string{"Retry-After: -5"}, `{}`, time.Minute, true, "core"},
	"Retry-After wins": {403, []string{"Retry-After: 5", "X-RateLimit-Limit: 60", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1767326675"},
		`{"message":"API rate limit exceeded"}`, 5 * time.Second, false, "core"},
}

// write answers with a case.
func writeLimit(w http.ResponseWriter, status int, header []string, body string) {
	w.Header()["Date"] = nil
	for name, values := range headers(header...) {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func TestLimitReported(t *testing.T) {
	for name, test := range limitCases {
		t.Run(name, func(t *testing.T) {
			asked := 0
			client, clock := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				asked++
				writeLimit(w, test.status, test.header, test.body)
			})
			path := "/x"
			if test.resource == "code_search" {
				path = "/search/code"
			}
			begin := clock.Now()
			for range 2 { // the second is not even sent
				_, err := client.Get(t.Context(), path, nil, nil)
				var limit *LimitError
				if !errors.As(err, &limit) {
					t.Fatalf("%v", err)
				}
				want := LimitError{Until: begin.Add(test.wait), Secondary: test.secondary, Resource: test.resource}
				if diff := cmp.Diff(want, *limit); diff != "" {
					t.Error(diff)
				}
			}
			if asked != 1 || len(clock.slept) != 0 {
				t.Errorf("asked %d times, slept %v", asked, clock.slept)
			}
		})
	}
}

func TestLimitWaited(t *testing.T) {
	for name, test := range limitCases {
		if test.wait > time.Hour {
			continue
		}
		t.Run(name, func(t *testing.T) {
			asked := 0
			client, clock := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if asked++; asked == 1 {
					writeLimit(w, test.status, test.header, test.body)
					return
				}
				say(w, 200, `{}`)
			}, func(o *Options) { o.MaxWait = test.wait })
			if _, err := client.Get(t.Context(), "/x", nil, nil); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]time.Duration{test.wait}, clock.slept); diff != "" {
				t.Error(diff)
			}
			if usage := client.Usage(); usage.Waits != 1 || usage.Waited != test.wait || usage.Retried != 0 {
				t.Errorf("%+v", usage)
			}
		})
	}
}

// MaxWait holds for all waits together.
func TestMaxWait(t *testing.T) {
	for maxWait, want := range map[time.Duration]int{0: 1, 9 * time.Second: 1, 10 * time.Second: 2, 29 * time.Second: 3, time.Hour: maxRefusals} {
		asked := 0
		client, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			asked++
			writeLimit(w, 429, []string{"Retry-After: 10"}, `{}`)
		}, func(o *Options) { o.MaxWait = maxWait })
		var limit *LimitError
		if _, err := client.Get(t.Context(), "/x", nil, nil); !errors.As(err, &limit) || asked != want {
			t.Errorf("MaxWait %s: asked %d times, want %d: %v", maxWait, asked, want, err)
		}
	}
}

// Without a time the waits double.
func TestSecondaryDoubles(t *testing.T) {
	client, clock := serve(t, func(w http.ResponseWriter, _ *http.Request) { writeLimit(w, 429, nil, ``) },
		func(o *Options) { o.MaxWait = 7 * time.Minute })
	_, err := client.Get(t.Context(), "/x", nil, nil)
	if diff := cmp.Diff([]time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute}, clock.slept); diff != "" {
		t.Errorf("%s%v", diff, err)
	}
}

// The last request that a limit allows is answered; the next one waits before
// it is sent, and other limits are not touched.
func TestUsedUp(t *testing.T) {
	var asked []string
	client, clock := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		w.Header()["Date"] = nil
		w.Header().Set("X-RateLimit-Limit", "60")
		w.Header().Set("X-RateLimit-Resource", "core")
		w.Header().Set("X-RateLimit-Remaining", fmt.Sprint(1-len(asked)%2))
		if len(asked) != 1 {
			w.Header().Set("X-RateLimit-Resource", "search")
		}
		w.Header().Set("X-RateLimit-Reset", "1767323075")
		say(w, 200, `{}`)
	}, func(o *Options) { o.Token = Token{} })
	if _, err := client.Get(t.Context(), "/a", nil, nil); err != nil {
		t.Fatal(err)
	}
	_, err := client.Get(t.Context(), "/b", nil, nil)
	var limit *LimitError
	if !errors.As(err, &limit) || !limit.Anonymous || limit.Resource != "core" ||
		err.Error() != "GitHub's rate limit (core) for requests without a token is used up until 2026-01-02T03:04:36Z: give a token" {
		t.Errorf("%v", err)
	}
	if _, err := client.Get(t.Context(), "/search/issues", nil, nil); err != nil {
		t.Error(err)
	}
	if _, _, err := client.REST().Users.Get(t.Context(), "c"); !errors.As(client.Explain(err), &limit) {
		t.Errorf("%v", err)
	}
	_ = clock.Sleep(t.Context(), 31*time.Second)
	if _, _, err := client.REST().Users.Get(t.Context(), "d"); err != nil {
		t.Errorf("%v", err)
	}
	if diff := cmp.Diff([]string{"/a", "/search/issues", "/users/d"}, asked); diff != "" {
		t.Error(diff)
	}
	remaining := client.Usage().Remaining
	if remaining["core"].Remaining != 0 || remaining["core"].Limit != 60 || len(remaining) != 2 {
		t.Errorf("%v", remaining)
	}
}

// Requests that wait side by side cost one wait.
func TestWaitTogether(t *testing.T) {
	var lock sync.Mutex
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	limited := true
	waiting := make(chan struct{}, 10)
	release := make(chan struct{})
	client, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		if limited {
			writeLimit(w, 429, []string{"Retry-After: 10"}, `{}`)
			return
		}
		say(w, 200, `{}`)
	}, func(o *Options) {
		o.MaxWait = 10 * time.Second
		o.Now = func() time.Time { lock.Lock(); defer lock.Unlock(); return now }
		o.Sleep = func(context.Context, time.Duration) error { waiting <- struct{}{}; <-release; return nil }
	})
	failed := make(chan error, 5)
	for range 5 {
		go func() { _, err := client.Get(context.Background(), "/x", nil, nil); failed <- err }()
	}
	for range 5 {
		select {
		case <-waiting:
		case err := <-failed:
			t.Fatalf("it does not wait: %v", err)
		}
	}
	lock.Lock()
	limited, now = false, now.Add(10*time.Second)
	lock.Unlock()
	close(release)
	for range 5 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	if usage := client.Usage(); usage.Waited != 10*time.Second {
		t.Errorf("%+v", usage)
	}
}

func TestWaitEndsWithContext(t *testing.T) {
	client, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { writeLimit(w, 429, []string{"Retry-After: 60"}, ``) },
		func(o *Options) { o.MaxWait, o.Sleep, o.Now = time.Hour, nil, nil })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := client.Get(ctx, "/x", nil, nil); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(start))
	}
}

func TestGraphQLLimit(t *testing.T) {
	asked := 0
	client, clock := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked == 1 {
			writeLimit(w, 200, []string{"X-RateLimit-Limit: 5000", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1767323075", "X-RateLimit-Resource: graphql"},
				`{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded for user ID 1."}]}`)
			return
		}
		say(w, 200, `{"data":{"viewer":{"login":"RATE_LIMITED"}}}`)
	}, func(o *Options) { o.MaxWait = time.Minute })
	if err := client.Query(t.Context(), "{viewer{login}}", nil, nil); err != nil || asked != 2 {
		t.Errorf("%v, asked %d times", err, asked)
	}
	if diff := cmp.Diff([]time.Duration{31 * time.Second}, clock.slept); diff != "" {
		t.Error(diff)
	}
}

// go-github refuses by itself what its own count of the limit, which goes by
// the real clock, has nothing left for. It must not: MaxWait decides.
func TestGoGithubDoesNotRefuse(t *testing.T) {
	asked := 0
	reset := time.Now().Add(10 * time.Minute)
	client, clock := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.Header()["Date"] = nil
		w.Header().Set("X-RateLimit-Limit", "60")
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", fmt.Sprint(reset.Unix()))
		say(w, 200, `{}`)
	}, func(o *Options) { o.MaxWait = time.Hour })
	clock.now = time.Now()
	for range 2 {
		if _, _, err := client.REST().Users.Get(t.Context(), "octo"); err != nil {
			t.Error(err)
		}
	}
	if asked != 2 || len(clock.slept) != 1 {
		t.Errorf("asked %d times, slept %v", asked, clock.slept)
	}
}
