package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEventAddress(t *testing.T) {
	got, ok := EventAddress("github.event.issue.labels_url", nil)
	want := []AddressPart{{Text: "https://api.github.com/repos/"}, {Context: "github.event.repository.full_name"}, {Text: "/issues/"}, {Context: "github.event.issue.number"}, {Text: "/labels"}}
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Errorf("%v %s", ok, diff)
	}
	// What holds a repository has all of its addresses, with its own name.
	for field, name := range map[string]string{
		"repository": "repository", "pull_request.base.repo": "repository", "pull_request.head.repo": "pull_request.head.repo", "workflow_run.head_repository": "workflow_run.head_repository",
	} {
		got, ok := EventAddress("github.event."+field+".git_refs_url", nil)
		want := []AddressPart{{Text: "https://api.github.com/repos/"}, {Context: "github.event." + name + ".full_name"}, {Text: "/git/refs"}}
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("%s: %v %s", field, ok, diff)
		}
	}
	if _, ok := EventAddress("github.event.comment.url", []string{"issue_comment", "push"}); !ok {
		t.Error("the address of an issue's comment is not known")
	}
	for _, context := range []string{"", "github.event.", "github.event.comment.url", "github.event.issue.title", "issue.url", "github.event.pull_request.head.repo", "github.event.pull_request.head.repo.full_name"} {
		if got, ok := EventAddress(context, []string{"issue_comment", "commit_comment"}); ok {
			t.Errorf("%q: %v, want none", context, got)
		}
	}
}
