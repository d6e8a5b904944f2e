package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustNeeds(t *testing.T, text string) Needs {
	t.Helper()
	n, err := ParseNeeds(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestParseNeeds(t *testing.T) {
	got := mustNeeds(t, "contents:write, issues:write|pull_requests:write,org:members:read,account:gists:write,enterprise:enterprise_teams:read")
	want := Needs{
		{{LevelRepository, "contents", "write"}},
		{{LevelRepository, "issues", "write"}, {LevelRepository, "pull_requests", "write"}},
		{{LevelOrganization, "members", "read"}},
		{{LevelAccount, "gists", "write"}},
		{{LevelEnterprise, "enterprise_teams", "read"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, empty := range []string{"", "-", " "} {
		if n := mustNeeds(t, empty); n != nil {
			t.Errorf("ParseNeeds(%q) = %v, want nil", empty, n)
		}
	}
}

func TestParseNeedsRefuses(t *testing.T) {
	for _, text := range []string{"contents", "contents:", ":write", "contents:rw", "pull-requests:write",
		"contents:write,", "|issues:write", "org:members", "user:gists:write", "org:account:gists:read", "Contents:read"} {
		if n, err := ParseNeeds(text); err == nil {
			t.Errorf("ParseNeeds(%q) = %v, want an error", text, n)
		}
	}
}

func TestMerge(t *testing.T) {
	for _, test := range []struct{ needs, want string }{
		{"", ""},
		{"issues:write,contents:read,contents:write", "contents:write,issues:write"},
		{"org:members:read,contents:read", "contents:read,org:members:read"},
		{"org:members:read,members:write", "members:write,org:members:read"},
		// Held anyway.
		{"issues:write|pull_requests:write,issues:write", "issues:write"},
		{"issues:read|pull_requests:read,pull_requests:write", "pull_requests:write"},
		// Not held anyway: read is less than write, and an alternative is no need.
		{"issues:write|pull_requests:write,issues:read", "issues:read,issues:write|pull_requests:write"},
		{"issues:write|pull_requests:write,pull_requests:write|issues:write", "issues:write|pull_requests:write"},
		{"issues:write|pull_requests:write,issues:read|pull_requests:read", "issues:write|pull_requests:write"},
		{"contents:write|contents:read", "contents:read"},
		{"pages:admin,pages:write", "pages:admin"},
	} {
		if got := mustNeeds(t, test.needs).Merge().String(); got != test.want {
			t.Errorf("Merge(%q) = %q, want %q", test.needs, got, test.want)
		}
	}
}

func TestUnion(t *testing.T) {
	a, b := mustNeeds(t, "contents:read"), mustNeeds(t, "contents:write,checks:read")
	if got, want := a.Union(b).String(), "checks:read,contents:write"; got != want {
		t.Errorf("Union = %q, want %q", got, want)
	}
	if got := a.String(); got != "contents:read" {
		t.Errorf("Union changed its receiver to %q", got)
	}
}

func TestPermissionAlways(t *testing.T) {
	for text, want := range map[string]bool{"metadata:read": true, "metadata:write": false, "org:metadata:read": false, "contents:read": false} {
		p, err := ParsePermission(text)
		if err != nil || p.Always() != want {
			t.Errorf("%s.Always() = %v, %v", text, p.Always(), err)
		}
	}
}

func FuzzParseNeeds(f *testing.F) {
	f.Add("contents:write,issues:write|pull_requests:write,org:members:read")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseNeeds(text)
		if err != nil {
			return
		}
		again, err := ParseNeeds(n.String())
		if diff := cmp.Diff(n, again); err != nil || diff != "" {
			t.Fatalf("ParseNeeds(%q): %v\n%s", n.String(), err, diff)
		}
		merged := n.Merge()
		if diff := cmp.Diff(merged, merged.Merge()); diff != "" {
			t.Fatalf("Merge twice: %s", diff)
		}
		if diff := cmp.Diff(merged, n.Union(n)); diff != "" {
			t.Fatalf("union with itself: %s", diff)
		}
	})
}
