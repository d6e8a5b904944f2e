package rules

import (
	"strings"
	"testing"
)

func TestFindClientMethod(t *testing.T) {
	tests := []struct {
		client, class, name string
		none                bool
		want                string
	}{
		{"pygithub", "Repository", "create_issue", false, "issues/create Issue title"},
		{"pygithub", "Repository", "get_issues", true, "issues/list-for-repo Issue[] milestone"},
		{"pygithub", "Github", "get_user", true, "users/get-authenticated AuthenticatedUser "},
		{"pygithub", "Github", "get_user", false, "users/get-by-username NamedUser login"},
		{"pygithub", "Issue", "update", true, "  "},
		{"pygithub", "Issue", "frobnicate", false, "-"},
		{"pygithub", "Issue", "repository", false, " Repository "},
		{"another", "Repository", "create_issue", false, "-"},
	}
	for _, test := range tests {
		got := "-"
		if m, ok := FindClientMethod(test.client, test.class, test.name, test.none); ok {
			returns := strings.Join(m.Returns, "|")
			if m.List {
				returns += "[]"
			}
			got = strings.Join(m.Operations, ",") + " " + returns + " " + strings.Join(m.Parameters[:min(1, len(m.Parameters))], "")
		}
		if got != test.want {
			t.Errorf("%s %s.%s: %q, want %q", test.client, test.class, test.name, got, test.want)
		}
	}
}

// TestClientTable checks that the classes that methods give stand in the
// table too, but for those that can do nothing.
func TestClientTable(t *testing.T) {
	for _, class := range []string{"Github", "Repository", "Issue", "PullRequest", "Organization", "Team", "GitRelease", "Workflow", "WorkflowRun"} {
		count := 0
		for _, r := range clientRows().rows {
			if r.client == "pygithub" && r.class == class && len(r.method.Operations) > 0 {
				count++
			}
		}
		if count == 0 {
			t.Errorf("nothing is known of %s", class)
		}
	}
}
