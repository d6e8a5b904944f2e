package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// actionAnswers are the words under "answer", by what the row is about.
var (
	actionAnswers   = []string{"yes", "no", "conditional", "other"}
	actionLanguages = []string{"bash", "pwsh", "javascript", "graphql", "route"}
	// actionReasons are the codes that a row may give.
	actionReasons = []string{
		"other-repository", "other-owner", "triggers-workflows", "workflow-files", "administration",
		"organization-api", "account-api", "projects", "protected-branch", "package-access",
		"own-approval", "user-only", "token-lifetime", "rate-limit", "pull-request-setting",
		"approval-required", "private-submodules", "reduced-function", "organization-policy", "unknown-caller",
	}
	// workflowKeys are the keys under permissions.
	workflowKeys = []string{
		"actions", "artifact-metadata", "attestations", "checks", "code-quality", "contents",
		"copilot-requests", "deployments", "discussions", "id-token", "issues", "models", "packages",
		"pages", "pull-requests", "security-events", "statuses", "vulnerability-alerts",
	}
)

func actionTable(t *testing.T) *table {
	t.Helper()
	table, err := openTable("actions")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(actionColumns, table.columns); diff != "" {
		t.Fatalf("columns (-want +got):\n%s", diff)
	}
	return table
}

func TestActionTableOrder(t *testing.T) {
	table := actionTable(t)
	seen := map[[2]string]bool{}
	last := ""
	for i, r := range table.rows {
		action, token := r.cells[0], r.cells[1]
		if action != strings.ToLower(action) || strings.ContainsAny(action, " @") || !strings.Contains(action, "/") {
			t.Errorf("line %d: action %q: want owner/repo[/path] in lower case", r.line, action)
		}
		if action < last {
			t.Errorf("line %d: %s stands after %s", r.line, action, last)
		}
		last = action
		key := [2]string{action, token}
		same := i > 0 && table.rows[i-1].cells[0] == action && table.rows[i-1].cells[1] == token
		first := !same
		switch {
		case first && seen[key]:
			t.Errorf("line %d: %s %s: the rows of a token stand apart", r.line, action, token)
		case first && (r.cell("mode") != "" || r.cell("when") != ""):
			t.Errorf("line %d: %s %s: the first row is the base and has no condition", r.line, action, token)
		case !first && r.cell("when") == "":
			t.Errorf("line %d: %s %s: a second base", r.line, action, token)
		}
		seen[key] = true
	}
	if n := len(Actions()); n < 400 {
		t.Errorf("%d actions: want at least 400", n)
	}
}

func TestActionTableCells(t *testing.T) {
	for _, r := range actionTable(t).rows {
		for column, cell := range r.cells {
			if cell == "" || strings.TrimSpace(cell) != cell {
				t.Errorf("line %d: column %s is %q: nothing is written as \"-\"", r.line, actionColumns[column], cell)
			}
		}
		if _, err := parseActionRow(r); err != nil {
			t.Errorf("line %d: %v", r.line, err)
		}
		checkActionWords(t, r)
	}
}

func checkActionWords(t *testing.T, r row) {
	t.Helper()
	answer, mode := r.cell("answer"), r.cell("mode")
	token, _, _ := strings.Cut(r.cell("token"), ":")
	switch {
	case token == "output":
		if answer != "mints" {
			t.Errorf("line %d: answer %q of an output: want mints", r.line, answer)
		}
	case token == "code":
		if !slices.Contains(actionLanguages, answer) {
			t.Errorf("line %d: language %q: want one of %q", r.line, answer, actionLanguages)
		}
	case mode == "+" && answer == "":
	case !slices.Contains(actionAnswers, answer):
		t.Errorf("line %d: answer %q: want one of %q", r.line, answer, actionAnswers)
	}
	if mode != "" && mode != "=" && mode != "+" {
		t.Errorf("line %d: mode %q: want = or +", r.line, mode)
	}
	if d := r.cell("default"); mode == "" && d != "none" && d != "github.token" {
		t.Errorf("line %d: default %q: want github.token or none", r.line, d)
	}
	for _, reason := range r.list("reasons") {
		if !slices.Contains(actionReasons, reason) {
			t.Errorf("line %d: reason %q: no such code", r.line, reason)
		}
	}
	if answer == "no" && r.cell("reasons") == "" {
		t.Errorf("line %d: the answer no takes a reason", r.line)
	}
	if answer == "other" && r.cell("needs") != "" {
		t.Errorf("line %d: what is no GitHub token needs nothing", r.line)
	}
	keys, _ := parseKeys(r.cell("extra"))
	for key := range keys {
		if !slices.Contains(workflowKeys, key) {
			t.Errorf("line %d: workflow permission %q: no such key", r.line, key)
		}
	}
	if !strings.HasPrefix(r.cell("source"), "https://") {
		t.Errorf("line %d: source %q: want an address", r.line, r.cell("source"))
	}
	if c := r.cell("confidence"); !slices.Contains([]string{"high", "medium", "low"}, c) {
		t.Errorf("line %d: confidence %q", r.line, c)
	}
}

func TestActionsParse(t *testing.T) {
	for name, rows := range actionRows() {
		if _, err := parseAction(rows); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
