package githubtest

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/patrol-actions/patrol/rules"
)

// listener hears what a server finds wrong, in place of the test.
type listener struct {
	testing.TB
	mu    sync.Mutex
	heard []string
}

func (l *listener) Errorf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = append(l.heard, fmt.Sprintf(format, args...))
}

func (l *listener) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.heard, "\n")
}

// TestContract shows that each kind of mismatch is found. It is about
// GitHub's descriptions, so without them there is nothing to test.
func TestContract(t *testing.T) {
	if os.Getenv("PATROL_OPENAPI") == "" || os.Getenv("PATROL_GRAPHQL_SCHEMA") == "" {
		t.Skip("PATROL_OPENAPI or PATROL_GRAPHQL_SCHEMA is not set")
	}
	for _, test := range []struct {
		method, path, body, want string
		world                    func(*World)
	}{
		{"GET", "/no/such/path", "", "GitHub has no such operation", nil},
		{"GET", "/user/repos?per_page=5&size=3", "", "unknown parameter size", nil},
		{"GET", "/user/repos?visibility=most", "", "parameter visibility", nil},
		{"GET", "/user/repos?per_page=many", "", "parameter per_page", nil},
		{"GET", "/orgs/octo/attestations/repositories?per_page=1", "", "", nil},
		{"POST", "/repos/mona/open/issues", `{"body":"no title"}`, "missing property 'title'", nil},
		{"POST", "/repos/mona/open/issues", "", "the request needs a body", nil},
		{"POST", "/graphql", `{"query":"{viewer{nothing}}"}`, "Cannot query field", nil},
		{"GET", "/repos/mona/open", "", "got number, want boolean", func(w *World) {
			w.Repositories[0].Objects = map[string]Object{"": {"archived": 3}}
		}},
		{"GET", "/repos/mona/open/hooks", "", "config", func(w *World) {
			w.Repositories[0].Lists = map[string][]Object{"hooks": {{"config": "none"}}}
		}},
		{"GET", "/repos/mona/open", "", "", nil},
	} {
		world := testWorld()
		if test.world != nil {
			test.world(&world)
		}
		l := &listener{TB: t}
		c := client{t, New(l, world)}
		c.do(test.method, test.path, "classic", strings.NewReader(test.body))
		if heard := l.all(); (heard == "") != (test.want == "") || !strings.Contains(heard, test.want) {
			t.Errorf("%s %s: heard %q, want %q", test.method, test.path, heard, test.want)
		}
		if c.s.Checked() != 1 {
			t.Errorf("%s %s: %d exchanges checked", test.method, test.path, c.s.Checked())
		}
	}
}

// parameterValues are what stands for the parameters of templates.
var parameterValues = map[string]string{
	"owner": "mona", "repo": "open", "org": "octo", "username": "hubot", "ref": "main", "branch": "main", "path": "README.md",
	"tree_sha": "main", "secret_name": "BOT_PAT", "environment_name": "prod", "run_id": "11", "job_id": "21", "basehead": "main...v1",
	"ruleset_id": "7", "workflow_id": "ci.yml", "issue_number": "1", "pull_number": "2", "enterprise": "corp",
}

var parameterPattern = regexp.MustCompile(`\{(\w+)\}`)

func fill(template string) string {
	return parameterPattern.ReplaceAllStringFunc(template, func(p string) string {
		if v, ok := parameterValues[strings.Trim(p, "{}")]; ok {
			return v
		}
		return "1"
	})
}

// gone are operations of the table that the description no longer has.
var gone = []string{"copilot/copilot-metrics-for-organization", "copilot/copilot-metrics-for-team"}

// requiredQuery is what an operation wants in its query.
func requiredQuery(template string) string {
	for _, row := range [][2]string{
		{"/search/labels", "?q=a&repository_id=1"}, {"/search/", "?q=a"}, {"/insights/api/time-stats", "?min_timestamp=2026-01-01T00:00:00Z&timestamp_increment=1d"},
		{"/insights/api/", "?min_timestamp=2026-01-01T00:00:00Z"}, {"permissions_check", "?ref=main&devcontainer_path=a"},
		{"-1-day", "?day=2026-01-01"},
	} {
		if strings.Contains(template, row[0]) {
			return row[1]
		}
	}
	if strings.HasSuffix(template, "/packages") {
		return "?package_type=npm"
	}
	return ""
}

// TestEveryRead asks for everything that the table can read, with a row in
// each list, so that the contract sees the shape of each.
func TestEveryRead(t *testing.T) {
	world := testWorld()
	lists := map[string]map[string][]Object{"/repos/": {}, "/orgs/": {}, "/user/": {}}
	for key, row := range shapes().Lists {
		path := fill(strings.TrimPrefix(key, "GET "))
		for prefix, rows := range lists {
			rest, ok := strings.CutPrefix(path, prefix)
			if prefix != "/user/" {
				_, rest, _ = strings.Cut(rest, "/")
			}
			if prefix == "/repos/" {
				_, rest, _ = strings.Cut(rest, "/")
			}
			if ok && row.Item != "" && !strings.HasSuffix(rest, "events") {
				rows[rest] = []Object{{}}
			}
		}
	}
	world.Repositories[0].Lists, world.Organizations[0].Lists, world.Users[0].Lists = lists["/repos/"], lists["/orgs/"], lists["/user/"]
	world.Repositories[0].Objects = map[string]Object{"pages": {}}
	c := client{t, New(t, world)}
	answered := 0
	for _, e := range rules.Endpoints() {
		if !e.Reads() {
			continue
		}
		token := "root"
		if !e.FineGrainedPAT && e.Installation && !e.Public {
			token = "app"
		}
		if slices.Contains(gone, e.ID) {
			continue
		}
		resp, _ := c.get(fill(e.Path)+requiredQuery(e.Path), token)
		if resp.StatusCode == 200 {
			answered++
		}
		if resp.StatusCode >= 500 || resp.StatusCode == 401 {
			t.Errorf("%s: %d", e.Operation(), resp.StatusCode)
		}
	}
	t.Logf("%d reads answered", answered)
	if answered < 250 {
		t.Errorf("%d reads answered, want most", answered)
	}
}
