package githubtest

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// next is the address of the next page, "" on the last.
func next(h http.Header) string {
	for part := range strings.SplitSeq(h.Get("Link"), ", ") {
		if address, ok := strings.CutSuffix(part, `>; rel="next"`); ok {
			return strings.TrimPrefix(address, "<")
		}
	}
	return ""
}

func TestPages(t *testing.T) {
	c := client{t, New(t, testWorld())}
	var names []string
	path := "/user/repos?per_page=3&sort=full_name"
	for path != "" {
		resp, body := c.get(path, "classic")
		for _, r := range c.array(body) {
			names = append(names, r["full_name"].(string))
		}
		path = strings.TrimPrefix(next(resp.Header), c.s.URL)
	}
	want := []string{"mona/attic", "mona/closed", "mona/empty", "mona/open", "octo/app", "octo/web"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	resp, _ := c.get("/user/repos?per_page=3&page=2", "classic")
	link := `<U/user/repos?page=1&per_page=3>; rel="prev", <U/user/repos?page=1&per_page=3>; rel="first"`
	if got := strings.ReplaceAll(resp.Header.Get("Link"), c.s.URL, "U"); got != link {
		t.Errorf("Link: %s", got)
	}
	if resp, _ = c.get("/api/v3/user/repos?per_page=1", "classic"); !strings.HasPrefix(next(resp.Header), c.s.EnterpriseURL()+"/user/repos?") {
		t.Errorf("the next page of Enterprise Server is %s", next(resp.Header))
	}
}

func TestCursors(t *testing.T) {
	world := testWorld()
	alerts := make([]Object, 5)
	for i := range alerts {
		alerts[i] = Object{"number": i + 1}
	}
	world.Repositories[0].Lists["dependabot/alerts"] = alerts
	world.Repositories[0].Lists["autolinks"] = make([]Object, 120)
	c := client{t, New(t, world)}
	var numbers []any
	path := "/repos/mona/open/dependabot/alerts?per_page=2"
	for path != "" {
		resp, body := c.get(path, "classic")
		for _, a := range c.array(body) {
			numbers = append(numbers, a["number"])
		}
		path = strings.TrimPrefix(next(resp.Header), c.s.URL)
	}
	if diff := cmp.Diff([]any{1.0, 2.0, 3.0, 4.0, 5.0}, numbers); diff != "" {
		t.Error(diff)
	}
	if got := c.readAll("/repos/mona/open/autolinks", "classic"); len(got) != 120 {
		t.Errorf("%d rows of a list without pages", len(got))
	}
}

func TestVersion(t *testing.T) {
	c := client{t, New(t, testWorld())}
	resp, _ := c.get("/user", "classic", "X-GitHub-Api-Version", "2026-03-10")
	if resp.StatusCode != 200 || resp.Header.Get("X-GitHub-Api-Version-Selected") != "2026-03-10" {
		t.Errorf("a version: %d %s", resp.StatusCode, resp.Header.Get("X-GitHub-Api-Version-Selected"))
	}
	mute := client{t, New(&listener{TB: t}, testWorld())}
	if resp, _ := mute.get("/user", "classic", "X-GitHub-Api-Version", "2020-01-01"); resp.StatusCode != 400 {
		t.Errorf("an unknown version: %d", resp.StatusCode)
	}
}

func TestArchived(t *testing.T) {
	c := client{t, New(t, testWorld())}
	if got := c.send("POST", "/repos/mona/attic/issues", "classic", Object{"title": "t"}, 403)["message"]; got != "Repository was archived so is read-only." {
		t.Errorf("message %v", got)
	}
}

func TestRepositoryLists(t *testing.T) {
	c := client{t, New(t, testWorld())}
	for _, test := range []struct {
		path, token string
		want        []string
	}{
		{"/user/repos?visibility=private", "classic", []string{"mona/closed", "octo/app"}},
		{"/user/repos?affiliation=organization_member", "classic", []string{"octo/app", "octo/web"}},
		{"/user/repos", "public", []string{"mona/open", "mona/empty", "octo/web", "mona/attic"}},
		{"/user/repos?visibility=private", "fine", []string{"mona/closed"}},
		{"/user/repos?visibility=private", "authorized", []string{"mona/closed", "octo/app", "saml/vault"}},
		{"/orgs/octo/repos", "", []string{"octo/web"}},
		{"/orgs/octo/repos", "fineorg", []string{"octo/app", "octo/web"}},
		{"/orgs/octo/repos?type=private", "app", []string{"octo/app"}},
		{"/user/repos", "hubot", []string{"mona/open", "octo/app", "octo/web", "closed-org/inner"}},
		{"/users/mona/repos", "job", []string{"mona/open", "mona/closed", "mona/empty", "mona/attic"}},
	} {
		_, body := c.get(test.path, test.token)
		var names []string
		for _, r := range c.array(body) {
			names = append(names, r["full_name"].(string))
		}
		if diff := cmp.Diff(test.want, names); diff != "" {
			t.Errorf("%s with %q: %s", test.path, test.token, diff)
		}
	}
	if got := c.read("/installation/repositories", "app"); got["total_count"] != 2.0 || got["repository_selection"] != "all" {
		t.Errorf("%v repositories of the installation, %v", got["total_count"], got["repository_selection"])
	}
	if got := c.read("/repos/mona/open", "classic")["permissions"]; !cmp.Equal(got, Object{"admin": true, "maintain": true, "push": true, "triage": true, "pull": true}) {
		t.Errorf("permissions: %v", got)
	}
	if got := c.readAll("/repos/mona/open/collaborators", "classic"); len(got) != 2 || got[0]["login"] != "hubot" || got[0]["role_name"] != "write" {
		t.Errorf("collaborators: %v", got)
	}
	if got := c.read("/repos/mona/open/collaborators/hubot/permission", "classic")["permission"]; got != "write" {
		t.Errorf("permission of a collaborator: %v", got)
	}
	if got := c.read("/orgs/octo/actions/secrets/BOT_PAT/repositories", "classic")["total_count"]; got != 1.0 {
		t.Errorf("%v repositories of the secret", got)
	}
	if got := c.read("/repos/octo/app/actions/organization-secrets", "classic")["total_count"]; got != 3.0 {
		t.Errorf("%v shared secrets", got)
	}
	if got := c.read("/repos/octo/web/actions/organization-secrets", "classic")["total_count"]; got != 1.0 {
		t.Errorf("%v secrets shared with a public repository", got)
	}
	for token, want := range map[string]any{"classic": "read", "hubot": nil, "app": nil} {
		if got := c.read("/orgs/octo", token)["default_repository_permission"]; got != want {
			t.Errorf("%s sees the base role %v", token, got)
		}
	}
	grant := c.readAll("/orgs/octo/personal-access-tokens", "app")[0]
	if diff := cmp.Diff(Object{"repository": Object{"contents": "write"}, "organization": Object{"members": "read"}}, grant["permissions"]); diff != "" {
		t.Error(diff)
	}
	if got := c.readAll(fmt.Sprintf("/orgs/octo/personal-access-tokens/%.0f/repositories", grant["id"]), "app"); len(got) != 1 {
		t.Errorf("%d repositories of the grant", len(got))
	}
}

func TestOrganizations(t *testing.T) {
	c := client{t, New(t, testWorld())}
	for token, want := range map[string][]string{"classic": {"octo"}, "oauth": {"octo", "strict"}, "authorized": {"octo", "saml"}, "fineorg": {"octo"}, "fine": nil} {
		var logins []string
		for _, o := range c.readAll("/user/orgs", token) {
			logins = append(logins, o["login"].(string))
		}
		if diff := cmp.Diff(want, logins); diff != "" {
			t.Errorf("%s: %s", token, diff)
		}
	}
	roles := map[any]any{}
	for _, m := range c.readAll("/user/memberships/orgs", "hubot") {
		roles[at(m, "organization", "login")] = m["role"]
	}
	if diff := cmp.Diff(map[any]any{"octo": "member", "closed-org": "member"}, roles); diff != "" {
		t.Error(diff)
	}
}

func TestManyRepositories(t *testing.T) {
	world := World{
		Users: []User{{Login: "mona"}}, Tokens: []Token{{Name: "t", Value: "ghp_x", Kind: Classic, User: "mona", Scopes: []string{"repo"}, Limit: 100_000}}, Count: 20_000,
		Generate: func(i int) Repository {
			return Repository{Owner: "mona", Name: fmt.Sprintf("r%05d", i), Visibility: Private, Files: map[string]string{"a": fmt.Sprint(i)}}
		},
	}
	c := client{t, New(t, world)}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	resp, _ := c.get("/user/repos?per_page=100&page=200", "t")
	if next(resp.Header) != "" || !strings.Contains(resp.Header.Get("Link"), "page=199") {
		t.Errorf("the last page leads to %s", resp.Header.Get("Link"))
	}
	if got := c.read("/repos/mona/r19999/contents/a", "t")["sha"]; got != BlobID("19999") {
		t.Errorf("file of the last repository: %v", got)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("20,000 repositories take %d bytes", grown)
	}
}

func TestContents(t *testing.T) {
	world := testWorld()
	world.Repositories[0].TreeLimit = 3
	c := client{t, New(t, world)}
	const repo = "/repos/mona/open"
	if got := c.read(repo+"/contents/README.md?ref=v1", "")["content"]; got != "b25l\n" {
		t.Errorf("content of the tag: %v", got)
	}
	resp, body := c.get(repo+"/contents/README.md", "", "Accept", "application/vnd.github.raw+json")
	if string(body) != "Hi" || resp.Header.Get("X-GitHub-Media-Type") != "github.raw; format=json" {
		t.Errorf("raw: %q, %s", body, resp.Header.Get("X-GitHub-Media-Type"))
	}
	if got := c.readAll(repo+"/contents", ""); len(got) != 3 {
		t.Errorf("%d entries of the root", len(got))
	}
	tree := c.read(repo+"/git/trees/main?recursive=1", "")
	if entries := tree["tree"].([]any); len(entries) != 3 || tree["truncated"] != true {
		t.Errorf("%d entries, truncated %v", len(entries), tree["truncated"])
	}
	for path, want := range map[string]int{
		"/repos/mona/empty/contents/a": 404, "/repos/mona/empty/git/trees/main": 409, "/repos/mona/empty/commits": 409, "/repos/mona/empty/branches": 200,
		repo + "/contents/none": 404, repo + "/contents/README.md?ref=none": 404, repo + "/branches/feature/x": 200, repo + "/branches/none": 404,
		repo + "/branches/main/protection": 401,
	} {
		if resp, body := c.get(path, ""); resp.StatusCode != want {
			t.Errorf("%s: %d %s, want %d", path, resp.StatusCode, body, want)
		}
	}
}

// TestObjectIDs holds ids against those of git: git hash-object, git
// write-tree. A folder sorts as if its name ended with a slash.
func TestObjectIDs(t *testing.T) {
	if got := BlobID("package b\n"); got != "e0836a8839424e5d84578830d98c7f53d5f8d738" {
		t.Errorf("blob %s", got)
	}
	files := map[string]string{"README.md": "Hi", "src/a/b.go": "package b\n", "src.x/y": "x"}
	if got := newObjects().add(files); got != "d3bfce60ab2aa194710bfb7f3f6b37446c8b24d7" {
		t.Errorf("tree %s", got)
	}
}

func TestRules(t *testing.T) {
	c := client{t, New(t, testWorld())}
	const repo = "/repos/mona/open"
	if got := c.readAll(repo+"/rules/branches/main", ""); len(got) != 1 || got[0]["type"] != "deletion" {
		t.Errorf("rules of main: %v", got)
	}
	if got := c.readAll(repo+"/rules/branches/feature/x", ""); len(got) != 0 {
		t.Errorf("rules of another branch: %v", got)
	}
	if got := c.read(repo+"/rulesets/7", "")["bypass_actors"]; got != nil {
		t.Errorf("anybody sees who may bypass: %v", got)
	}
	if got, _ := c.read(repo+"/rulesets/7", "classic")["bypass_actors"].([]any); len(got) != 1 {
		t.Errorf("the owner sees %v", got)
	}
	if resp, _ := c.get(repo+"/branches/main/protection", "classic"); resp.StatusCode != 200 {
		t.Errorf("protection: %d", resp.StatusCode)
	}
}

func TestRedirects(t *testing.T) {
	c := client{t, New(t, testWorld())}
	resp, _ := c.get("/repos/mona/old/contents/README.md?ref=v1", "classic")
	if want := c.s.URL + "/repositories/" + number(idOf("mona/open")) + "/contents/README.md?ref=v1"; resp.StatusCode != 301 || resp.Header.Get("Location") != want {
		t.Fatalf("an old name: %d %s, want %s", resp.StatusCode, resp.Header.Get("Location"), want)
	}
	if resp, body := c.get(strings.TrimPrefix(resp.Header.Get("Location"), c.s.URL), "classic"); resp.StatusCode != 200 {
		t.Errorf("by its id: %d %s", resp.StatusCode, body)
	}
	resp, _ = c.get("/repos/mona/open/tarball/main", "classic")
	archive := c.storage(resp)
	zipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for r := tar.NewReader(zipped); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(h.Name, "/")
		names = append(names, rest)
	}
	want := []string{"", "", ".github/", ".github/workflows/", ".github/workflows/ci.yml", "README.md", "src/", "src/a/", "src/a/b.go"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	resp, _ = c.get("/repos/mona/open/actions/jobs/21/logs", "classic")
	if got := c.storage(resp); string(got) != "done\n" {
		t.Errorf("log: %q", got)
	}
	resp, _ = c.get("/repos/mona/open/actions/runs/11/logs", "classic")
	logs := c.storage(resp)
	if r, err := zip.NewReader(bytes.NewReader(logs), int64(len(logs))); err != nil || len(r.File) != 1 || r.File[0].Name != "0_build.txt" {
		t.Errorf("logs: %v", err)
	}
}

// storage follows a redirect to the other host, with a token and without.
func (c client) storage(resp *http.Response) []byte {
	c.t.Helper()
	location := resp.Header.Get("Location")
	if resp.StatusCode != 302 || !strings.HasPrefix(location, c.s.StorageURL) {
		c.t.Fatalf("redirect: %d %s", resp.StatusCode, location)
	}
	req, _ := http.NewRequest("GET", location, nil)
	req.Header.Set("Authorization", "Bearer ghp_1")
	leaked, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	leaked.Body.Close()
	if leaked.StatusCode != 400 {
		c.t.Errorf("the other host takes a token: %d", leaked.StatusCode)
	}
	if all := c.s.Exchanges(); all[len(all)-1].Token != "classic" || all[len(all)-1].Host != "storage" {
		c.t.Errorf("the leak is recorded as %+v", all[len(all)-1])
	}
	got, err := http.Get(location)
	if err != nil {
		c.t.Fatal(err)
	}
	defer got.Body.Close()
	data, _ := io.ReadAll(got.Body)
	if got.StatusCode != 200 {
		c.t.Fatalf("%s: %d", location, got.StatusCode)
	}
	return data
}

func TestCache(t *testing.T) {
	c := client{t, New(t, testWorld())}
	resp, _ := c.get("/repos/mona/open", "classic")
	used := resp.Header.Get("X-RateLimit-Used")
	resp, body := c.get("/repos/mona/open", "classic", "If-None-Match", resp.Header.Get("ETag"))
	if resp.StatusCode != 304 || len(body) > 0 || resp.Header.Get("X-RateLimit-Used") != used {
		t.Errorf("%d with %d bytes, used %s after %s", resp.StatusCode, len(body), resp.Header.Get("X-RateLimit-Used"), used)
	}
	if resp, _ = c.get("/repos/mona/open", "classic", "If-None-Match", `"other"`); resp.StatusCode != 200 {
		t.Errorf("another tag: %d", resp.StatusCode)
	}
}

func TestClock(t *testing.T) {
	world := testWorld()
	now := world.Now()
	world.Now = func() time.Time { return now }
	c := client{t, New(t, world)}
	for _, path := range []string{"/user", "/repos/mona/open", "/orgs/octo", "/repos/mona/open/rulesets", "/user/repos", "/repos/mona/empty"} {
		resp, _ := c.get(path, "classic")
		now = now.Add(time.Minute)
		if again, _ := c.get(path, "classic", "If-None-Match", resp.Header.Get("ETag")); again.StatusCode != 304 {
			t.Errorf("%s changes with the clock", path)
		}
	}
}

func TestLimits(t *testing.T) {
	for _, status := range []int{0, 429} {
		world := testWorld()
		world.Limits = Limits{Hourly: map[string]int{"core": 2}, Status: status}
		c := client{t, New(t, world)}
		for range 2 {
			if resp, _ := c.get("/user", "classic"); resp.StatusCode != 200 {
				t.Fatalf("within the limit: %d", resp.StatusCode)
			}
		}
		resp, body := c.get("/user", "classic")
		reset := fmt.Sprint(world.Now().Add(time.Hour).Unix())
		if resp.StatusCode != orElse(status, 403) || !strings.HasPrefix(message(body), "API rate limit exceeded for user ID") ||
			resp.Header.Get("X-RateLimit-Remaining") != "0" || resp.Header.Get("X-RateLimit-Reset") != reset {
			t.Errorf("over the limit: %d %s %v", resp.StatusCode, body, resp.Header)
		}
		if resp, _ := c.get("/user", "oauth"); resp.StatusCode != 200 {
			t.Errorf("another token: %d", resp.StatusCode)
		}
		if got := at(c.read("/rate_limit", "classic"), "resources", "core", "remaining"); got != 0.0 {
			t.Errorf("rate_limit says %v are left", got)
		}
		c.s.SetRemaining("classic", "core", 1)
		if resp, _ := c.get("/user", "classic"); resp.StatusCode != 200 {
			t.Errorf("with one left: %d", resp.StatusCode)
		}
	}
}

func TestConcurrency(t *testing.T) {
	world := testWorld()
	world.Limits = Limits{Concurrent: 1, RetryAfter: 7 * time.Second}
	s := New(t, world)
	c := client{t, s}
	s.limiter.enter()
	resp, body := c.get("/user", "classic")
	if resp.StatusCode != 403 || resp.Header.Get("Retry-After") != "7" || !strings.Contains(message(body), "secondary rate limit") {
		t.Errorf("a second request: %d %s, Retry-After %s", resp.StatusCode, body, resp.Header.Get("Retry-After"))
	}
	s.limiter.leave()
	if resp, _ := c.get("/user", "classic"); resp.StatusCode != 200 {
		t.Errorf("alone: %d", resp.StatusCode)
	}
}

func TestFaults(t *testing.T) {
	ask := func(s *Server) (*http.Response, []byte, error) {
		req, _ := http.NewRequest("GET", s.URL+"/user", nil)
		req.Header.Set("Authorization", "Bearer ghp_1")
		resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
		if err != nil {
			return nil, nil, err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return resp, body, err
	}
	for name, test := range map[string]struct {
		fault Fault
		check func(*http.Response, []byte, error) bool
	}{
		"status":    {Fault{Status: 503}, func(r *http.Response, b []byte, err error) bool { return err == nil && r.StatusCode == 503 }},
		"reset":     {Fault{Reset: true}, func(r *http.Response, b []byte, err error) bool { return r == nil && err != nil }},
		"truncated": {Fault{Truncate: true}, func(r *http.Response, b []byte, err error) bool { return r != nil && r.StatusCode == 200 && err != nil }},
		"html":      {Fault{HTML: true}, func(r *http.Response, b []byte, err error) bool { return r.StatusCode == 502 && b[0] == '<' }},
		"malformed": {Fault{Malformed: true}, func(r *http.Response, b []byte, err error) bool {
			return r.StatusCode == 200 && bytes.HasSuffix(b, []byte(":"))
		}},
		"redirect": {Fault{Redirect: "https://elsewhere.example/"}, func(r *http.Response, b []byte, err error) bool {
			return r.StatusCode == 302 && r.Header.Get("Location") == "https://elsewhere.example/"
		}},
		"secondary": {Fault{Secondary: 3 * time.Second}, func(r *http.Response, b []byte, err error) bool {
			return r.StatusCode == 403 && r.Header.Get("Retry-After") == "3"
		}},
		"delay": {Fault{Delay: time.Millisecond, Header: http.Header{"X-Late": {"1"}}}, func(r *http.Response, b []byte, err error) bool {
			return r.StatusCode == 200 && r.Header.Get("X-Late") == "1"
		}},
	} {
		s := New(t, testWorld())
		s.Fail(Match{Template: "/user", Token: "classic", Skip: 1, Times: 1}, test.fault)
		for _, other := range []Match{{Method: "POST"}, {Template: "/user/repos"}, {Path: "/users/x"}, {Token: "oauth"}, {When: func(*http.Request) bool { return false }}} {
			s.Fail(other, Fault{Status: 500})
		}
		for i, want := range []bool{false, true, false} {
			resp, body, err := ask(s)
			plain := err == nil && resp.StatusCode == 200 && resp.Header.Get("X-Late") == "" && bytes.HasSuffix(body, []byte("}"))
			if plain == want || want && !test.check(resp, body, err) {
				t.Errorf("%s: request %d: %v %s %v", name, i, resp, body, err)
			}
		}
		s.Fail(Match{Path: "/user", Method: "GET", When: func(r *http.Request) bool { return r.Header.Get("Authorization") != "" }}, test.fault)
		s.Heal()
		if resp, _, err := ask(s); err != nil || resp.StatusCode != 200 {
			t.Errorf("%s: not healed: %v", name, err)
		}
	}
}

func TestRecord(t *testing.T) {
	c := client{t, New(t, testWorld())}
	c.get("/repos/mona/open/issues?state=all", "classic")
	c.get("/user", "ghp_unknown")
	c.send("POST", "/repos/mona/open/issues", "classic", Object{"title": "t"}, 201)
	c.query("fine", "{viewer{login}}", nil)
	want := []Exchange{
		{Method: "GET", Template: "/repos/{owner}/{repo}/issues", Path: "/repos/mona/open/issues", Query: "state=all", Operation: "issues/list-for-repo", Token: "classic", Status: 200, Host: "api"},
		{Method: "GET", Template: "/user", Path: "/user", Operation: "users/get-authenticated", Token: "?", Status: 401, Host: "api"},
		{Method: "POST", Template: "/repos/{owner}/{repo}/issues", Path: "/repos/mona/open/issues", Operation: "issues/create", Token: "classic", Status: 201, Host: "api", Body: `{"title":"t"}`},
		{Method: "POST", Template: "/graphql", Path: "/graphql", Token: "fine", Status: 200, Host: "api", Body: `{"query":"{viewer{login}}","operationName":"","variables":null}`},
	}
	if diff := cmp.Diff(want, c.s.Exchanges()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want[2:3], c.s.Writes()); diff != "" {
		t.Error(diff)
	}
	if !mutates(`{"query":"mutation{addStar(input:{starrableId:\"x\"}){clientMutationId}}"}`) || mutates(`{"query":"{viewer{login}}"}`) {
		t.Error("mutations are not told from queries")
	}
	c.s.Forget()
	if len(c.s.Exchanges()) > 0 {
		t.Error("forgotten exchanges are there")
	}
}

func TestBasicAuth(t *testing.T) {
	s := New(t, testWorld())
	address, _ := url.Parse(s.URL + "/user")
	address.User = url.UserPassword("x-access-token", "ghp_1")
	resp, err := http.Get(address.String())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Errorf("basic authentication: %d", resp.StatusCode)
	}
}
