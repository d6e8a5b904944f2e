package needs

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/rules"
)

func TestMore(t *testing.T) {
	tests := []struct {
		query string
		want  []string
	}{
		{"anchore/sbom-action", []string{
			"on a release or a push: actions: read, contents: write",
			"if dependency-snapshot is true: contents: write",
		}},
		// What is given settles its condition, either way.
		{"anchore/sbom-action upload-release-assets=false", []string{"if dependency-snapshot is true: contents: write"}},
		{"anchore/sbom-action upload-release-assets=false dependency-snapshot=false", nil},
		{"anchore/sbom-action upload-release-assets=false dependency-snapshot=true", nil},
		{"peter-evans/create-pull-request", []string{
			"if push-to-fork is given: whether GITHUB_TOKEN can is not known (unknown-target)",
			"if team-reviewers is given: members: read (organisation); GITHUB_TOKEN cannot (organization-api)",
			`if add-paths contains ".github/workflows": workflows: write; GITHUB_TOKEN cannot (workflow-files)`,
		}},
		{"peter-evans/create-pull-request team-reviewers=core push-to-fork=bot/app add-paths=a.txt", nil},
		{"actions/checkout", []string{"if submodules is true or recursive: GITHUB_TOKEN if a condition holds (private-submodules)"}},
		{"actions/checkout submodules=false", nil},
		// What a value may be that is not known is in the answer.
		{"actions/checkout submodules=${{ inputs.deep }}", nil},
		// The base, where a row stands for it by the event.
		{"dorny/paths-filter", []string{"on any event but push, schedule, workflow_dispatch or merge_group: pull-requests: read"}},
		// What takes less is not listed.
		{"actions/stale", []string{"if delete-branch is true: contents: write"}},
		{"googleapis/code-suggester", nil},
		// The same under several conditions is one entry.
		{"actions-cool/check-pr-ci", []string{
			"if success-merge is true: contents: write; GITHUB_TOKEN if a condition holds (protected-branch)",
			"if success-comment, failure-comment or conflict-comment is given: pull-requests: write",
		}},
		// Two rows of the same condition are one, as are two uses.
		{"actions/attest", []string{"if push-to-registry is true: artifact-metadata: write, packages: write"}},
		// A condition that asks for more than another is left out.
		{"tauri-apps/tauri-action", []string{`if releaseId or tagName is given, or if tagName contains "__VERSION__" or begins with "v__VERSION__": contents: write`}},
		{"mheap/github-action-required-labels", []string{"if add_comment is true: issues or pull-requests: write"}},
		// As bad for GITHUB_TOKEN, for one more reason.
		{"betahuhn/repo-file-sync-action", []string{
			"if TEAM_REVIEWERS is given: members: read (organisation); for GITHUB_TOKEN also organization-api",
			"if FORK is given: for GITHUB_TOKEN also other-owner",
		}},
		{"super-linter/super-linter", []string{"on a pull request: pull-requests: write", "if $EXPORT_GITHUB_TOKEN is true: GITHUB_TOKEN if a condition holds (other-repository)"}},
		{"goreleaser release", []string{`if its configuration contains "milestones:…close: true": issues: write`, `if its configuration contains "kos:…ghcr.io": packages: write; GITHUB_TOKEN if a condition holds (package-access)`}},
		{"goreleaser release --snapshot", nil},
		{"release-it", []string{"if github.comments.submit is set in its configuration: issues: write, pull-requests: write"}},
		{"gh pr create", nil},
		{"issues/create", nil},
		{"./note", nil},
		{".github/workflows/inner.yml:label:1", nil},
	}
	for _, test := range tests {
		q, err := ParseLine(test.query, nil)
		if err != nil {
			t.Errorf("%s: %v", test.query, err)
			continue
		}
		r, err := Ask([]Query{q}, Options{Open: open})
		if err != nil {
			t.Errorf("%s: %v", test.query, err)
			continue
		}
		var got []string
		for _, m := range r.Needs[0].More {
			got = append(got, m.When+": "+m.onTop(r.Needs[0].GitHubToken))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.query, diff)
		}
	}
}

// What comes on top is no part of the answer itself.
func TestMoreIsNoNeed(t *testing.T) {
	r := ask(t, Options{}, "anchore/sbom-action", "+", "actions/checkout")
	if diff := cmp.Diff(map[string]string{"contents": "read"}, r.Union.Workflow); diff != "" {
		t.Errorf("union (-want +got):\n%s", diff)
	}
	if r.Together.GitHubToken != Yes || r.Together.More != nil {
		t.Errorf("together %s with %v, want yes and nothing more", r.Together.GitHubToken, r.Together.More)
	}
}

// What would need a GitHub token under a condition is said where the answer is
// that it is given none.
func TestMoreThanOther(t *testing.T) {
	_, err := Ask([]Query{{Text: "docker/login-action", kind: action, uses: "docker/login-action"}}, Options{Open: open})
	if err == nil || !strings.Contains(err.Error(), "if registry is ghcr.io") || !strings.Contains(err.Error(), "it takes packages: write; GITHUB_TOKEN if a condition holds (package-access)") {
		t.Errorf("error %v, want one that says what ghcr.io takes", err)
	}
}

func TestInWords(t *testing.T) {
	tests := []struct {
		conditions []string
		want       string
	}{
		{[]string{"draft"}, "if draft is given"},
		{[]string{"!draft"}, "if draft is not given"},
		{[]string{"draft=true"}, "if draft is true"},
		{[]string{"draft!=false"}, "if draft is not false"},
		{[]string{"mode=a|b|c"}, "if mode is a, b or c"},
		{[]string{"path=*.yml"}, `if path ends in ".yml"`},
		{[]string{"path=a|.github/*|*b*|x*y"}, `if path is a or x*y or contains "b" or begins with ".github/"`},
		{[]string{"path!=*a*|b*"}, `if path does not contain "a" and does not begin with "b"`},
		{[]string{"a", "b", "c=1", "d"}, "if a, b or d is given, or if c is 1"},
		{[]string{"a=1", "b", "a=2"}, "if a is 1 or 2, or if b is given"},
		{[]string{"a=1&b&!c"}, "if a is 1 and b is given and c is not given"},
		{[]string{"@event=release"}, "on a release"},
		{[]string{"@event=release", "a", "@event=push|merge_group"}, "on a release, a push or merge_group, or if a is given"},
		{[]string{"@event!=push|schedule"}, "on any event but push or schedule"},
		{[]string{"a&@event=pull_request&@version=v2*|main"}, "on a pull request, in v2 or main, if a is given"},
		{[]string{"@version!=v2*"}, "in any version but v2"},
		{[]string{"@version=until v2"}, "in versions until v2"},
		{[]string{"a??b=-1"}, "if a (without it b) is -1"},
		{[]string{"env:MODE", "env:X"}, "if $MODE or $X is set"},
		{[]string{"env:MODE=*x"}, `if $MODE ends in "x"`},
		{[]string{"@config=*x*"}, `if its configuration contains "x"`},
		{[]string{"@config:a.b=true", "@config:c=true"}, "if a.b or c is true in its configuration"},
		{[]string{"!@config:a.b"}, "if a.b is not set in its configuration"},
		{[]string{"@registry=*npm*"}, `if the registry contains "npm"`},
	}
	for _, test := range tests {
		var all [][]Term
		for _, text := range test.conditions {
			c, err := rules.ParseCondition(text)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, terms(c))
		}
		if got := inWords(all); got != test.want {
			t.Errorf("%q: %q, want %q", test.conditions, got, test.want)
		}
	}
}

func TestMoreIsBounded(t *testing.T) {
	n := &Need{Query: "x", GitHubToken: Yes, Tokens: []string{"T"}}
	for range maxMore + 3 {
		n.More = append(n.More, More{When: "if a is given", GitHubToken: Yes})
	}
	var out text
	out.Width = 80
	out.more(n)
	if got := strings.Count(out.String(), "\n"); got != maxMore+1 || !strings.Contains(out.String(), "and under 3 other conditions") {
		t.Errorf("%d lines:\n%s", got, out.String())
	}
}
