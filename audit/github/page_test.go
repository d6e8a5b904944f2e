package github

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestList(t *testing.T) {
	for member, body := range map[string]string{"": `[%d,%d]`, "items": `{"total_count":6,"items":[%d,%d]}`} {
		var asked []string
		var client *Client
		client, _ = serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.URL.Query().Encode())
			page := len(asked)
			if page < 3 {
				w.Header().Set("Link", fmt.Sprintf(`<%sx?page=%d&q=a>; rel="next"`, client.Host().REST(), page+1))
			}
			say(w, 200, fmt.Sprintf(body, 2*page-1, 2*page))
		})
		var got []int
		for n, err := range List[int](t.Context(), client, "/x", url.Values{"q": {"a"}}, member) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, n)
			if pages := (len(got) + 1) / 2; len(asked) != pages {
				t.Errorf("at row %d %d pages were asked", n, len(asked))
			}
		}
		if diff := cmp.Diff([]int{1, 2, 3, 4, 5, 6}, got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"per_page=100&q=a", "page=2&q=a", "page=3&q=a"}, asked); diff != "" {
			t.Error(diff)
		}
		asked = nil
		for n := range List[int](t.Context(), client, "/x", nil, member) {
			if n == 1 {
				break
			}
		}
		if len(asked) != 1 {
			t.Errorf("a loop that ends asks for %d pages", len(asked))
		}
	}
}

func TestPagesStop(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was asked", r.URL) }))
	defer other.Close()
	for name, test := range map[string]struct{ next, body, want string }{
		"another host": {other.URL + "/x?page=2", `[1]`, "the next page of a list lies at the host of the API"},
		"user":         {"http://me:pw@HOST/x?page=2", `[1]`, "the next page of a list lies at the host of the API"},
		"no scheme":    {"//HOST/x?page=2", `[1]`, "the next page of a list lies at the host of the API"},
		"https":        {"https://HOST/x?page=2", `[1]`, "the next page of a list lies at the host of the API"},
		"malformed":    {"http://HOST/%zz", `[1]`, "malformed"},
		"endless":      {"http://HOST/x?per_page=100", `[1]`, "a list without end"},
		"no list":      {"", `{"message":"x"}`, "JSON of another form"},
		"broken":       {"", `[1`, "ended too early"},
	} {
		asked := 0
		client, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked++
			if test.next != "" {
				w.Header().Set("Link", "<"+strings.ReplaceAll(test.next, "HOST", r.Host)+`>; rel="next"`)
			}
			say(w, 200, test.body)
		})
		var last error
		rows := 0
		for _, err := range List[int](t.Context(), client, "/x", nil, "") {
			if last = err; err == nil {
				rows++
			}
		}
		if last == nil || !strings.Contains(last.Error(), test.want) || asked != 1 || rows > 1 {
			t.Errorf("%s: asked %d times, %d rows, %v", name, asked, rows, last)
		}
	}
	client, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-GitHub-SSO", "required")
		say(w, 403, `{"message":"x"}`)
	})
	count := 0
	for page, err := range client.Pages(t.Context(), "/x", nil) {
		if count++; !errors.Is(err, ErrForbidden) || !page.Response.SSO.Required {
			t.Errorf("%+v %v", page, err)
		}
	}
	for _, err := range List[int](t.Context(), client, "https://x/", nil, "") {
		if count++; err == nil {
			t.Error("an address is taken for a path")
		}
	}
	client, _ = serve(t, func(w http.ResponseWriter, _ *http.Request) { say(w, 200, `{"total_count":0}`) })
	for _, err := range List[int](t.Context(), client, "/x", nil, "repositories") {
		var format *FormatError
		if count++; !errors.As(err, &format) {
			t.Errorf("a missing member: %v", err)
		}
	}
	if count != 3 {
		t.Errorf("%d pairs", count)
	}
}
