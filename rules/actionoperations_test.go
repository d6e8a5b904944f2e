package rules

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// readByAll are the permissions whose reading takes none in a public
// repository: rows leave them out where an action reads beside what it does.
var readByAll = []string{"actions", "checks", "contents", "issues", "pull_requests"}

// forks is the operation that takes its permission on the account in which the
// fork is made, and not on the target of the row.
const forks = "POST /repos/{owner}/{repo}/forks"

// readsElsewhere are rows that read public repositories of others, while the
// target of the row is where the rest of it is done.
var readsElsewhere = map[string]string{
	"graalvm/setup-graalvm": "GET /repos/{owner}/{repo}/releases",
}

// operationNeeds returns what an operation of a row takes by the tables of
// GitHub's own operations; nothing for what stands in none of them.
func operationNeeds(name string) Needs {
	kind, rest, _ := strings.Cut(name, " ")
	switch {
	case kind == "mutation":
		if e, ok := Mutation(rest); ok {
			return e.Needs
		}
	case kind == "query" && rest != "" && rest == strings.ToLower(rest[:1])+rest[1:]:
		return FieldNeeds(strings.Split(rest, ".")).Needs
	case kind == "query":
		if f, ok := guardedFields()[rest]; ok {
			return f.effect.Needs
		}
	case name == "git push":
		return Needs{{{LevelRepository, "contents", AccessWrite}}}
	case strings.HasPrefix(rest, "/"):
		if e, _, ok := Route(kind, strings.Replace(rest, "{base}...{head}", "{basehead}", 1)); ok {
			return e.Needs
		}
	}
	return nil
}

// stated is what a row says that it takes, with the base that it adds to.
func stated(t ActionToken, r ActionRow) ActionRow {
	if r.Replaces || len(r.When) == 0 {
		return r
	}
	r.Effect.Needs = r.Effect.Needs.Union(t.Base.Needs)
	keys := maps.Clone(t.Keys)
	for key, access := range r.Keys {
		if keys == nil {
			keys = map[string]string{}
		}
		if accessOrder[access] > accessOrder[keys[key]] {
			keys[key] = access
		}
	}
	r.Keys = keys
	return r
}

// beyond returns the part of needs that a row does not state. Of alternatives
// one is enough.
func beyond(needs Needs, r ActionRow) Needs {
	var out Needs
	for _, group := range needs {
		has := slices.ContainsFunc(group, func(p Permission) bool {
			key, access, ok := WorkflowKey(p)
			return p.Always() || ok && accessOrder[r.Keys[key]] >= accessOrder[access] ||
				slices.ContainsFunc(r.Effect.Needs.Permissions(), func(q Permission) bool { return q.Covers(p) })
		})
		if !has {
			out = append(out, group)
		}
	}
	return out
}

// public tells whether anybody may do in a public repository what takes needs.
func public(needs Needs) bool {
	return !slices.ContainsFunc(needs, func(group []Permission) bool {
		return !slices.ContainsFunc(group, func(p Permission) bool {
			return p.Access == AccessRead && p.Level == LevelRepository && slices.Contains(readByAll, p.Name)
		})
	})
}

// excused tells whether an operation takes what its row does not state, and
// yet stands where it belongs.
func excused(action, operation string, r ActionRow) bool {
	has := func(text string) bool {
		p, err := ParsePermission(text)
		return err == nil && len(beyond(Needs{{p}}, r)) == 0
	}
	switch {
	case r.Effect.Target == "public", readsElsewhere[action] == operation:
		return true
	case slices.Contains(r.Effect.Reasons, "reduced-function"):
		return true // it goes on without
	case operation == forks:
		return slices.Contains(r.Effect.Reasons, "other-owner")
	case strings.Contains(operation, "/packages/"):
		return has("packages:write") // the role of admin is the package's own to give
	case strings.HasSuffix(operation, "/reactions"):
		return has("pull_requests:write") // does for those on pull requests, though GitHub lists issues alone
	case strings.Contains(operation, "ProjectV2"):
		return r.Effect.Target == "user" // only a classic token has a scope for a user's
	}
	return false
}

// misplaced returns the operations of the rows of a token that take more than
// their row states, with what that is.
func misplaced(action string, t ActionToken) []string {
	all := append([]ActionRow{{Effect: t.Base, Keys: t.Keys}}, t.Rows...)
	for i, r := range all {
		all[i] = stated(t, r)
	}
	var out []string
	for i, r := range all {
		for _, operation := range r.Effect.Operations {
			missing := beyond(operationNeeds(operation), r)
			if len(missing) == 0 {
				continue
			}
			elsewhere := slices.ContainsFunc(all, func(other ActionRow) bool { return len(beyond(missing, other)) == 0 })
			if !excused(action, operation, all[i]) && (elsewhere || !public(missing)) {
				out = append(out, strings.TrimSpace(operation+" "+missing.String()+" "+r.When.String()))
			}
		}
	}
	return out
}

// TestActionOperationsAreStated holds the rows of actions to what they list: an
// operation takes no more than its row states together with the base that it
// adds to. What is done under a condition only stands in the row of that
// condition.
func TestActionOperationsAreStated(t *testing.T) {
	for name, rows := range actionRows() {
		info, err := parseAction(rows)
		if err != nil {
			t.Fatal(err)
		}
		tokens := info.Tokens
		if info.Job != nil {
			tokens = append(slices.Clip(tokens), *info.Job)
		}
		for _, token := range tokens {
			for _, operation := range misplaced(name, token) {
				t.Errorf("%s %s%s: more than the row states: %s", name, token.Input, token.Env, operation)
			}
		}
	}
}

func TestMisplaced(t *testing.T) {
	const comment, artifacts = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments", "GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts"
	row := func(when, needs string, replaces bool, operations ...string) ActionRow {
		n, err := ParseNeeds(needs)
		if err != nil {
			t.Fatal(err)
		}
		c, err := ParseCondition(when)
		if err != nil {
			t.Fatal(err)
		}
		return ActionRow{When: c, Replaces: replaces, Effect: Effect{Needs: n, Operations: operations}}
	}
	for _, test := range []struct {
		name string
		base ActionRow
		rows []ActionRow
		want string
	}{
		{"stated", row("", "issues:write", false, comment), nil, ""},
		{"one of two is enough", row("", "pull_requests:write", false, comment), nil, ""},
		{"stated nowhere", row("", "contents:read", false, comment), nil, comment + " issues:write|pull_requests:write"},
		{"stated by another row", row("", "contents:read", false, artifacts), []ActionRow{row("x", "actions:read", false)}, artifacts + " actions:read"},
		{"a public read", row("", "contents:read", false, artifacts), nil, ""},
		{"stated by the base", row("", "issues:write", false), []ActionRow{row("x", "contents:write", false, comment)}, ""},
		{"a row that replaces has no base", row("", "issues:write", false), []ActionRow{row("x", "contents:write", true, comment)}, comment + " issues:write|pull_requests:write x"},
		{"a push", row("", "contents:read", false, "git push"), nil, "git push contents:write"},
		{"a field by its path", row("", "contents:read", false, "query repository.discussions"), nil, "query repository.discussions discussions:read"},
		{"a mutation", row("", "contents:read", false, "mutation addComment"), nil, "mutation addComment issues:write|pull_requests:write"},
	} {
		got := strings.Join(misplaced("acme/act", ActionToken{Base: test.base.Effect, Rows: test.rows}), "; ")
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
