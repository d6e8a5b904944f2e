package online

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
)

// maxEnvironments bounds how many environments are asked for their secrets.
const maxEnvironments = 30

// Secrets lists where the secrets of those names are kept, and when each was
// last set. GitHub gives the names of secrets, and never their values.
func (f *Facts) Secrets(names []string) []audit.Secret {
	if len(names) == 0 || f.stopped || !f.named() {
		return nil
	}
	var out []audit.Secret
	ask := func(path, scope, environment, what, takes string) bool {
		for s, err := range github.List[struct {
			Name       string    `json:"name"`
			Updated    time.Time `json:"updated_at"`
			Visibility string    `json:"visibility"`
		}](f.ctx, f.source.client, path, url.Values{"per_page": {"100"}}, "secrets") {
			if err != nil {
				f.failed(err, what, takes)
				return false
			}
			if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, s.Name) }) {
				out = append(out, audit.Secret{Name: s.Name, Scope: scope, Environment: environment, UpdatedAt: s.Updated.UTC().Format(time.RFC3339)})
			}
		}
		return true
	}
	if ask(f.path("actions", "secrets"), "repository", "", "the age of its secrets", "secrets: read") {
		ask(f.path("actions", "organization-secrets"), "organization", "", "the age of the organisation's secrets", "secrets: read")
	}
	for _, e := range f.environments() {
		if !ask(f.path("environments", e, "secrets"), "environment", e, "the age of the secrets of environments", "environments: read") {
			break
		}
	}
	slices.SortFunc(out, func(a, b audit.Secret) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Environment, b.Environment))
	})
	return out
}

// environments are the names of the repository's environments.
func (f *Facts) environments() []string {
	if f.stopped {
		return nil
	}
	var out []string
	for e, err := range github.List[struct {
		Name string `json:"name"`
	}](f.ctx, f.source.client, f.path("environments"), url.Values{"per_page": {"100"}}, "environments") {
		if err != nil {
			f.failed(err, "the environments", "actions: read")
			return nil
		}
		if len(out) == maxEnvironments {
			break
		}
		out = append(out, e.Name)
	}
	return out
}
