package githubtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

// mistakes are what a world says that GitHub has no word for, and what it
// says twice: a test would wonder about the answers.
func (w World) mistakes() []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	seen := map[string]bool{}
	once := func(kind, name string) {
		if key := kind + " " + strings.ToLower(name); seen[key] || name == "" {
			add("%s %q: every one needs a name of its own", kind, name)
		} else {
			seen[key] = true
		}
	}
	for _, r := range w.Repositories {
		once("repository", r.FullName())
		if !slices.Contains([]string{"", Public, Private, Internal}, r.Visibility) {
			add("repository %s: visibility %q", r.FullName(), r.Visibility)
		}
		for login, role := range r.Roles {
			if !slices.Contains(roles, role) {
				add("repository %s: role %q of %s", r.FullName(), role, login)
			}
		}
	}
	for _, o := range w.Organizations {
		once("account", o.Login)
		for _, g := range slices.Concat(o.Grants, o.Requests) {
			out = append(out, unknownPermissions("grant "+g.TokenName, g.Permissions)...)
		}
	}
	for _, u := range w.Users {
		once("account", u.Login)
	}
	for _, t := range w.Tokens {
		once("token", t.Name)
		once("token value", t.Value)
		out = append(out, unknownPermissions("token "+t.Name, t.Permissions)...)
		for _, scope := range t.Scopes {
			if !slices.ContainsFunc(rules.Scopes(), func(s rules.Scope) bool { return s.Name == scope }) {
				add("token %s: scope %q", t.Name, scope)
			}
		}
	}
	if w.Count > 0 && w.Generate == nil {
		add("a Count of repositories without Generate")
	}
	return out
}

func unknownPermissions(who, text string) []string {
	needs, err := rules.ParseNeeds(text)
	if err != nil {
		return []string{who + ": " + err.Error()}
	}
	var out []string
	for _, group := range needs {
		if len(group) != 1 || !group[0].Known() {
			out = append(out, who+": permission "+group[0].String())
		}
	}
	return out
}
