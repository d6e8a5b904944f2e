package githubtest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzServe shows that no request brings the server down.
func FuzzServe(f *testing.F) {
	for _, seed := range [][4]string{
		{"GET", "/user/repos?per_page=0&page=-1", "", "classic"},
		{"GET", "/repos/mona/open/contents/src?ref=v1", "", "fine"},
		{"GET", "/repos/mona/open/git/trees/main?recursive=1", "", ""},
		{"GET", "/repositories/1/issues", "", "app"},
		{"GET", "/api/v3/orgs/octo/actions/secrets/ALL/repositories", "", "classic"},
		{"POST", "/graphql", `{"query":"query($n:Int){viewer{repositories(first:$n,after:\"x\"){edges{cursor node{name}}}}}","variables":{"n":3}}`, "classic"},
		{"POST", "/graphql", `{"query":"{a:repository(owner:\"mona\",name:\"open\"){...f} nodes(ids:[\"R_1\"]){id}} fragment f on Repository{object(expression:\":\"){...on Tree{entries{object{oid}}}}}"}`, "fine"},
		{"POST", "/repos/mona/open/pulls/1/reviews", `{"event":"COMMENT","comments":[{"path":"a","line":1}]}`, "writer"},
		{"POST", "/repos/mona/open/git/trees", `{"tree":[{"path":"a/b/../c","content":"x"},{"path":"","sha":null}]}`, "writer"},
		{"POST", "/repos/mona/open/check-runs", `{"name":"a","head_sha":"main","output":{"annotations":[null]}}`, "writer"},
		{"PATCH", "/repos/mona/open/issues/1", `0`, "writer"},
		{"PATCH", "/repos/mona/open/issues/1", `{"labels":[1,null],"state":"closed"}`, "writer"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, method, target, body, token string) {
		r, err := http.NewRequest(method, "http://api.example"+target, strings.NewReader(body))
		if err != nil || !strings.HasPrefix(target, "/") {
			return
		}
		s := New(&listener{TB: t}, testWorld())
		r.Header.Set("User-Agent", "fuzz")
		if known := s.tokenNamed(token); known != nil {
			r.Header.Set("Authorization", "Bearer "+known.Value)
		}
		w := httptest.NewRecorder()
		s.serve(w, r)
		if w.Code == http.StatusInternalServerError {
			t.Errorf("%s %s: %s", method, target, w.Body)
		}
		storage := httptest.NewRecorder()
		s.serveStorage(storage, r)
	})
}
