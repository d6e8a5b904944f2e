package organization

import (
	"fmt"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// unclear says why nobody can tell that a secret without references is unused;
// empty where that can be told. Files of other branches than the audited one
// are not looked at.
func (f *finisher) unclear(e *entry) string {
	s := e.secret
	switch {
	case s.State != audit.SecretStored:
		return ""
	case s.Store == storeDependabot:
		return "Dependabot itself reads these secrets too, for private registries"
	case s.Store != storeActions:
		return "development environments read these secrets, and no workflow does"
	case s.Scope == "organization":
		return f.unclearShared(e)
	case strings.EqualFold(s.Environment, "copilot"):
		return "Copilot's coding agent reads the secrets of the environment copilot"
	}
	owner, _, _ := strings.Cut(s.Owner, "/")
	r := f.accounts[strings.ToLower(owner)].repositories[strings.ToLower(s.Owner)]
	switch {
	case !r.added && f.gap > 0:
		return s.Owner + " may be among the repositories that were not audited"
	case r.open != "":
		return r.opened(r.open)
	case s.Scope == "environment" && r.openEnvironment != "":
		return r.openEnvironment + " of " + r.name + " calls a workflow of another repository, whose jobs can read the secrets of an environment"
	}
	return ""
}

// opened says where secrets go unnamed.
func (r *repository) opened(place string) string {
	if place == unread {
		return r.name + " could not be read"
	}
	return place + " of " + r.name + " hands over secrets that it does not name, or could not be read in full"
}

// unclearShared says it of an organisation's secret.
func (f *finisher) unclearShared(e *entry) string {
	s := e.secret
	if s.Unclear != "" {
		return s.Unclear
	}
	doubtful, first := f.doubtful(e)
	if doubtful == 0 {
		return ""
	}
	if first == nil {
		return "not audited: " + plural(doubtful, "repository") + " that may read it"
	}
	text := first.opened(first.open)
	if doubtful > 1 {
		text += fmt.Sprintf("; so do %d more that may read it, or they were not audited", doubtful-1)
	}
	return text
}

// doubtful counts the repositories that can read an organisation's secret and
// of which nobody knows whether they do, and gives the first that is open.
func (f *finisher) doubtful(e *entry) (n int, open *repository) {
	login := strings.ToLower(e.secret.Owner)
	user := map[string]bool{}
	for _, name := range e.users {
		user[strings.ToLower(name)] = true
	}
	for _, r := range f.open[login] {
		if r.open == "" || !e.visible(r) || user[strings.ToLower(r.name)] {
			continue
		}
		if n++; open == nil {
			open = r
		}
	}
	switch {
	case f.gap == 0:
	case e.secret.Visibility != "selected" || e.listless():
		n += f.gap
	default:
		for name := range e.selected {
			if r := f.accounts[login].repositories[name]; r == nil || !r.added {
				n++
			}
		}
	}
	return n, open
}

// plural counts a noun.
func plural(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(noun, "y"))
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
