package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// general returns a getter for which all that is not given is open.
func general(inputs map[string]string) func(string) (string, bool, bool) {
	get := given(inputs)
	return func(name string) (string, bool, bool) {
		text, known, set := get(name)
		if !set || name == "@event" {
			return "", false, false
		}
		return text, known, set
	}
}

// said writes effects under conditions in lines: "=" for those that replace.
func said(all []Further) string {
	var lines []string
	for _, f := range all {
		mode := map[bool]string{false: "+", true: "="}[f.Replaces]
		lines = append(lines, strings.Join([]string{mode, f.When.String(), f.Effect.Needs.String(), string(f.Effect.Answer)}, " "))
	}
	return strings.Join(lines, "\n")
}

func TestActionFurther(t *testing.T) {
	for _, test := range []struct {
		action, token string
		inputs        inputs
		want          []string
	}{
		{"anchore/sbom-action", "github-token", inputs{"@event": "schedule"}, []string{
			"+ @event=release contents:write,actions:read yes", "+ @event=push contents:write,actions:read yes", "+ dependency-snapshot=true contents:write yes",
		}},
		{"anchore/sbom-action", "github-token", inputs{"@event": "schedule", "upload-release-assets": "false", "dependency-snapshot": "false"}, nil},
		{"anchore/sbom-action", "github-token", inputs{"@event": "schedule", "upload-release-assets": "false", "dependency-snapshot": "true"}, nil},
		// An event that may be the one leaves the condition open.
		{"actions-rs/audit-check", "token", inputs{"@event": "workflow_dispatch" + Either + "schedule"}, []string{"= @event=schedule issues:write yes"}},
		// A row that holds by what is not given: the base is further then.
		{"dorny/paths-filter", "token", inputs{"@event": "schedule"}, []string{"= @event!=push|schedule|workflow_dispatch|merge_group pull_requests:read yes"}},
		{"docker/login-action", "password", nil, []string{
			"= registry=ghcr.io|ghcr.io/*|https://ghcr.io*|docker.pkg.github.com*|containers.*.ghe.com packages:write conditional",
		}},
		{"docker/login-action", "password", inputs{"registry": "quay.io"}, nil},
		{"actions/checkout", "token", nil, []string{"+ submodules=true|recursive  conditional"}},
		{"actions/checkout", "token", inputs{"submodules": "false"}, nil},
		{"actions/checkout", "token", inputs{"submodules": "?"}, []string{"+ submodules=true|recursive  conditional"}},
		// What stands in place of the base makes other such rows idle.
		{"peter-evans/create-pull-request", "token", inputs{"branch-token": "x", "labels": "x", "assignees": "x", "milestone": "x", "reviewers": "x", "team-reviewers": "x", "delete-branch": "false", "branch-suffix": "random", "draft": "true", "add-paths": "a.txt"}, []string{
			"= push-to-fork contents:read,pull_requests:write conditional",
		}},
	} {
		token := actionToken(t, test.action, test.token)
		got := said(token.Further(given(test.inputs), general(test.inputs)))
		if diff := cmp.Diff(strings.Join(test.want, "\n"), got); diff != "" {
			t.Errorf("%s %v (-want +got):\n%s", test.action, test.inputs, diff)
		}
	}
}

func TestProgramFurther(t *testing.T) {
	nothing := func(string) (string, bool, bool) { return "", true, false }
	open := func(string) (string, bool, bool) { return "", false, false }
	for _, test := range []struct {
		call string
		want []string
	}{
		{"goreleaser release --clean", []string{"+ @config=*milestones:*close: true* issues:write yes", "+ @config=*kos:*ghcr.io* packages:write conditional"}},
		// The call's own words are all there.
		{"goreleaser release --snapshot", nil},
		// A variable that is not set makes it another's: the base is further.
		{"ko build", []string{"= env:KO_DOCKER_REPO=ghcr.io* packages:write conditional"}},
	} {
		info, ok := Program(strings.Fields(test.call))
		if !ok {
			t.Fatalf("%s is not known", test.call)
		}
		got := said(info.Further(info.Uses[0], nothing, open))
		if diff := cmp.Diff(strings.Join(test.want, "\n"), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.call, diff)
		}
	}
}

// TestFurther is about orders of rows that few actions have.
func TestFurther(t *testing.T) {
	choice := func(mode, when, needs string) Further {
		c, err := ParseCondition(when)
		if err != nil {
			t.Fatal(err)
		}
		n, err := ParseNeeds(needs)
		if err != nil {
			t.Fatal(err)
		}
		return Further{When: c, Replaces: mode == "=", Effect: Effect{Needs: n, Answer: AnswerYes}}
	}
	base := choice("=", "", "issues:read")
	for _, test := range []struct {
		name    string
		inputs  inputs
		choices []Further
		want    []string
	}{
		{"a row of two open terms falls by either", nil, []Further{choice("=", "a!=1&!b", "pages:read"), base},
			[]string{"= a=1 issues:read yes", "= b issues:read yes"}},
		{"a row behind it holds with its own term", nil, []Further{choice("=", "!a", "pages:read"), choice("=", "b", "pages:write"), base},
			[]string{"= b&a pages:write yes", "= a issues:read yes"}},
		{"unless that says the same", nil, []Further{choice("=", "a!=1", "pages:read"), choice("=", "a=1|2", "pages:write"), base},
			[]string{"= a=1|2 pages:write yes", "= a=1 issues:read yes"}},
		{"what is given keeps the row", inputs{"a": "2"}, []Further{choice("=", "a!=1", "pages:read"), choice("=", "b", "pages:write"), base}, nil},
		{"a row that adds is there already", nil, []Further{choice("+", "!a", "pages:read"), base}, nil},
		{"only what is open is said", inputs{"a": "1"}, []Further{choice("+", "a=1&b&c!=2", "pages:read"), base}, []string{"+ b pages:read yes"}},
		{"nothing stands", nil, []Further{choice("=", "a", "pages:read")}, nil},
	} {
		got := said(further(given(test.inputs), general(test.inputs), test.choices))
		if diff := cmp.Diff(strings.Join(test.want, "\n"), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}
