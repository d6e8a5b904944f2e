package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustPermission(t *testing.T, text string) Permission {
	t.Helper()
	p, err := ParsePermission(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWorkflowKey(t *testing.T) {
	for text, want := range map[string]string{
		"contents:write":                     "contents: write",
		"pull_requests:read":                 "pull-requests: read",
		"security_events:write":              "security-events: write",
		"vulnerability_alerts:read":          "vulnerability-alerts: read",
		"checks:write":                       "checks: write",
		"packages:admin":                     "packages: write",
		"id_token:write":                     "id-token: write",
		"models:read":                        "models: read",
		"account:user_copilot_requests:read": "copilot-requests: write",
		"vulnerability_alerts:write":         "administration",
		"administration:read":                "administration",
		"secrets:write":                      "administration",
		"environments:write":                 "administration",
		"repository_hooks:read":              "administration",
		"workflows:write":                    "workflow-files",
		"org:members:read":                   "organization-api",
		"org:organization_projects:write":    "projects",
		"account:gists:write":                "account-api",
		"enterprise:enterprise_teams:read":   "user-only",
		"metadata:read":                      "",
		"brand_new:write":                    "administration",
		"org:brand_new:write":                "organization-api",
	} {
		p := mustPermission(t, text)
		key, access, ok := WorkflowKey(p)
		got := ReasonFor(p)
		if ok {
			if got != "" {
				t.Errorf("%s has a key, and the reason %q for having none", text, got)
			}
			got = key + ": " + access
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestWorkflowKeys(t *testing.T) {
	var keys []string
	defaults := map[string]string{}
	for _, k := range WorkflowKeys() {
		keys = append(keys, k.Key)
		if k.Default != "" {
			defaults[k.Key] = k.Default
		}
	}
	want := []string{"actions", "artifact-metadata", "attestations", "checks", "code-quality", "contents", "copilot-requests",
		"deployments", "discussions", "id-token", "issues", "models", "packages", "pages", "pull-requests", "security-events",
		"statuses", "vulnerability-alerts"}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"contents": "read", "packages": "read"}, defaults); diff != "" {
		t.Error(diff)
	}
}

func TestPermissionForKey(t *testing.T) {
	for _, k := range WorkflowKeys() {
		for _, access := range k.Accesses {
			p, ok := PermissionForKey(k.Key, access)
			if !ok || p.Access != access || p.Name != k.Permission.Name {
				t.Errorf("%s: %s gives %v, %v", k.Key, access, p, ok)
			}
			if key, _, ok := WorkflowKey(p); key != k.Key && k.Key != "copilot-requests" || !ok {
				t.Errorf("%v goes back to the key %q, want %q", p, key, k.Key)
			}
		}
	}
	for _, bad := range [][2]string{{"models", "write"}, {"id-token", "read"}, {"administration", "read"}, {"pull_requests", "read"}} {
		if p, ok := PermissionForKey(bad[0], bad[1]); ok {
			t.Errorf("%s: %s gives %v, want none", bad[0], bad[1], p)
		}
	}
}

func TestFineGrained(t *testing.T) {
	for text, want := range map[string]bool{"contents:write": true, "checks:read": false, "packages:read": false,
		"discussions:write": true, "org:organization_personal_access_tokens:read": false, "nonsense:read": false} {
		if got := mustPermission(t, text).FineGrained(); got != want {
			t.Errorf("FineGrained(%s) = %v", text, got)
		}
	}
}

func TestKnown(t *testing.T) {
	for text, want := range map[string]bool{"contents:write": true, "contents:admin": false, "workflows:read": false,
		"members:read": false, "org:members:read": true, "nonsense:read": false} {
		if got := mustPermission(t, text).Known(); got != want {
			t.Errorf("Known(%s) = %v", text, got)
		}
	}
}

func TestNeedsWorkflow(t *testing.T) {
	for _, test := range []struct {
		needs   string
		want    map[string]string
		missing string
	}{
		{"", map[string]string{}, ""},
		{"metadata:read", map[string]string{}, ""},
		{"contents:write,issues:write|pull_requests:write", map[string]string{"contents": "write", "issues": "write"}, ""},
		{"pull_requests:write,issues:read|pull_requests:read", map[string]string{"pull-requests": "write"}, ""},
		// The alternative that is given anyway wins, wherever it stands.
		{"checks:read,contents:read|issues:read,issues:read", map[string]string{"checks": "read", "issues": "read"}, ""},
		{"administration:read|contents:read", map[string]string{"contents": "read"}, ""},
		{"contents:write,workflows:write,org:members:read", map[string]string{"contents": "write"}, "workflows:write,org:members:read"},
		{"administration:write|org:organization_administration:write", map[string]string{}, "administration:write|org:organization_administration:write"},
		{"contents:write|metadata:read", map[string]string{}, ""},
	} {
		keys, missing := mustNeeds(t, test.needs).Workflow()
		if diff := cmp.Diff(test.want, keys); diff != "" || missing.String() != test.missing {
			t.Errorf("%q: missing %q\n%s", test.needs, missing, diff)
		}
	}
}

func TestClassicScopes(t *testing.T) {
	for _, test := range []struct {
		needs, private, public string
	}{
		{"", "", ""},
		{"contents:write", "repo", "public_repo"},
		{"contents:read", "repo", ""},
		{"issues:write|pull_requests:write,contents:read", "repo", "public_repo"},
		{"contents:write,workflows:write", "repo workflow", "public_repo workflow"},
		{"statuses:write", "repo:status", "repo:status"},
		{"statuses:write,contents:write", "repo", "public_repo"},
		{"packages:read", "read:packages", "read:packages"},
		{"packages:write", "write:packages", "write:packages"},
		{"packages:admin", "delete:packages read:packages", "delete:packages read:packages"},
		{"packages:write,packages:admin", "delete:packages read:packages", "delete:packages read:packages"},
		{"org:organization_projects:write,org:organization_projects:read", "project", "project"},
		{"org:organization_projects:read", "read:project", "read:project"},
		{"org:members:read", "read:org", "read:org"},
		{"org:members:read,org:members:write", "admin:org", "admin:org"},
		{"repository_hooks:write", "admin:repo_hook", "admin:repo_hook"},
		{"secrets:write", "repo", "repo"},
		{"administration:write", "repo", "public_repo"},
		{"account:gists:write", "gist", "gist"},
		{"account:emails:read", "user:email", "user:email"},
		{"security_events:write", "security_events", "public_repo"},
		{"security_events:write,contents:read", "repo", "public_repo"},
		{"org:organization_personal_access_tokens:read", "", ""},
		{"administration:write|org:organization_administration:write,org:members:write", "admin:org", "admin:org"},
	} {
		for i, want := range []string{test.private, test.public} {
			got := ""
			for j, s := range ClassicScopes(mustNeeds(t, test.needs), i == 1) {
				if j > 0 {
					got += " "
				}
				got += s
			}
			if got != want {
				t.Errorf("ClassicScopes(%q, %v) = %q, want %q", test.needs, i == 1, got, want)
			}
		}
	}
}

func TestReduceScopes(t *testing.T) {
	for _, test := range []struct{ scopes, want []string }{
		{nil, nil},
		{[]string{"repo", "public_repo", "repo:status", "workflow"}, []string{"repo", "workflow"}},
		{[]string{"read:org", "admin:org", "read:org"}, []string{"admin:org"}},
		{[]string{"admin:repo_hook", "read:repo_hook"}, []string{"admin:repo_hook"}},
	} {
		if diff := cmp.Diff(test.want, ReduceScopes(test.scopes)); diff != "" {
			t.Errorf("ReduceScopes(%q): %s", test.scopes, diff)
		}
	}
}
