package github

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQuery(t *testing.T) {
	type into struct {
		Viewer *struct{ Login string }
		Node   *struct{ ID string }
	}
	viewer := into{Viewer: &struct{ Login string }{"octo"}}
	for name, test := range map[string]struct {
		answer  string
		want    into
		partial bool
		is      error
		err     string
	}{
		"data":       {`{"data":{"viewer":{"login":"octo"}}}`, viewer, false, nil, ""},
		"no errors":  {`{"data":{"viewer":{"login":"octo"}},"errors":[]}`, viewer, false, nil, ""},
		"partial":    {`{"data":{"viewer":{"login":"octo"},"node":null},"errors":[{"type":"NOT_FOUND","path":["node","refs",0],"message":"Could not resolve"}]}`, viewer, true, ErrNotFound, "GraphQL: Could not resolve (at node.refs.0); the rest was answered"},
		"forbidden":  {`{"data":null,"errors":[{"type":"FORBIDDEN","message":"Resource not accessible"},{"type":"INSUFFICIENT_SCOPES","message":"x"}]}`, into{}, false, ErrForbidden, "GraphQL: Resource not accessible, and 1 more"},
		"mixed":      {`{"data":null,"errors":[{"type":"FORBIDDEN","message":"a"},{"type":"NOT_FOUND","message":"b"}]}`, into{}, false, nil, "GraphQL: a, and 1 more"},
		"bad query":  {`{"errors":[{"message":"Parse error\u001b[2J","path":"x"}]}`, into{}, false, nil, "GraphQL: Parse error [2J"},
		"message":    {`{"message":"Something went wrong"}`, into{}, false, nil, "GraphQL: Something went wrong"},
		"nothing":    {`{}`, into{}, false, nil, "GraphQL answers without data"},
		"other form": {`{"data":[]}`, into{}, false, nil, "HOST answers /graphql with JSON of another form than the API's (status 200): is the address of the API right (--api-url), or does a proxy answer in its place?"},
	} {
		client, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			var body map[string]any
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			want := map[string]any{"query": "{viewer{login}}", "variables": map[string]any{"a": "<b>"}}
			if diff := cmp.Diff(want, body); diff != "" || r.URL.Path != "/graphql" || r.Method != "POST" || r.Header.Get("Authorization") == "" {
				t.Errorf("%s %s %v", r.Method, r.URL, diff)
			}
			say(w, 200, test.answer)
		})
		var got into
		err := client.Query(t.Context(), "{viewer{login}}", map[string]any{"a": "<b>"}, &got)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		text := ""
		if err != nil {
			text = err.Error()
		}
		if text != strings.ReplaceAll(test.err, "HOST", client.Host().Name()) {
			t.Errorf("%s:\n got %s\nwant %s", name, text, test.err)
		}
		var failed *QueryError
		if errors.As(err, &failed) && (failed.Partial != test.partial || failed.Response == nil) {
			t.Errorf("%s: %+v", name, failed)
		}
		if errors.Is(err, ErrNotFound) != (test.is == ErrNotFound) || errors.Is(err, ErrForbidden) != (test.is == ErrForbidden) {
			t.Errorf("%s: is of the wrong kind", name)
		}
	}
}

func TestQueryBoundsProblems(t *testing.T) {
	client, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		say(w, 200, `{"errors":[`+strings.Repeat(`{"message":"x"},`, 500)+`{"message":"x"}]}`)
	})
	var failed *QueryError
	if err := client.Query(t.Context(), "{viewer{login}}", nil, nil); !errors.As(err, &failed) || len(failed.Problems) != maxProblems {
		t.Errorf("%v", err)
	}
	client, _ = serve(t, func(w http.ResponseWriter, _ *http.Request) { say(w, 401, `{"message":"Bad credentials"}`) })
	if err := client.Query(t.Context(), "{viewer{login}}", nil, nil); !errors.Is(err, ErrUnauthorized) {
		t.Errorf("%v", err)
	}
}
