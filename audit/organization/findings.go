package organization

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/accept"
	"github.com/patrol-actions/patrol/audit/fingerprint"
	"github.com/patrol-actions/patrol/rules"
)

// The rules on secrets.
const (
	unusedSecret   = "unused-secret"
	unscopedSecret = "unscoped-secret"
)

// namedUsers bounds how many repositories a finding names.
const namedUsers = 10

// findings judges the secrets. They come in the order of owner and name: one
// that moves in the ranking is no new finding.
func (f *finisher) findings() {
	o := f.organization
	o.Findings = []*audit.Finding{}
	names := map[*audit.Finding]string{}
	var ids fingerprint.IDs
	entries := slices.Clone(f.all)
	slices.SortFunc(entries, func(a, b *entry) int {
		return cmp.Or(compareNames(a.secret.Owner, b.secret.Owner), compareNames(a.secret.Name, b.secret.Name), compareSecrets(a.secret, b.secret))
	})
	for _, e := range entries {
		found := f.judge(e)
		if found == nil {
			continue
		}
		s := e.secret
		page, _ := rules.PageByID(found.Rule)
		found.Severity = page.Severity
		found.ID = ids.ID(found.Rule, strings.ToLower(s.Owner), s.Scope, strings.ToLower(s.Environment), s.Store, strings.ToUpper(s.Name))
		names[found] = s.Name
		o.Findings = append(o.Findings, found)
	}
	o.Findings = f.options.Config.Apply(o.Findings)
	o.Findings, o.Accepted = accept.Secrets(o.Findings, func(x *audit.Finding) string { return names[x] },
		accept.Options{Config: f.options.Config, Now: f.options.Now, Ledger: f.options.Ledger})
}

// judge gives the finding about a secret, if there is one. Only secrets for
// actions are judged: other stores have readers that no workflow shows.
func (f *finisher) judge(e *entry) *audit.Finding {
	s := e.secret
	switch {
	case s.State != audit.SecretStored || s.Store != storeActions:
		return nil
	case e.references == 0 && s.Unclear == "":
		return &audit.Finding{
			Rule: unusedSecret, Message: fmt.Sprintf("No workflow reads %s%s.", described(s), lastSet(s)),
			Fix: "delete the secret, and revoke the token that it holds if nothing else uses that",
		}
	case e.references > 0 && s.Scope == "organization":
		return f.unscoped(e)
	}
	return nil
}

// described names a secret with who holds it.
func described(s *audit.StoredSecret) string {
	switch s.Scope {
	case "organization":
		return fmt.Sprintf("%s, a secret of the organisation %s that %s can read", s.Name, s.Owner, plural(s.Visible, "repository"))
	case "environment":
		return fmt.Sprintf("%s, a secret of the environment %s of %s", s.Name, s.Environment, s.Owner)
	}
	return fmt.Sprintf("%s, a secret of %s", s.Name, s.Owner)
}

// lastSet says when a secret was last set, if that is known.
func lastSet(s *audit.StoredSecret) string {
	if day, _, ok := strings.Cut(s.UpdatedAt, "T"); ok {
		return "; it was last set on " + day
	}
	return ""
}

// unscoped finds a secret of an organisation that more repositories can read
// than do. Those of which nobody knows whether they read it count as readers.
func (f *finisher) unscoped(e *entry) *audit.Finding {
	s := e.secret
	doubtful, _ := f.doubtful(e)
	if s.Visible <= len(s.Users)+doubtful {
		return nil
	}
	message := fmt.Sprintf("%s can read %s, a secret of the organisation %s, and workflows of %s do.", plural(s.Visible, "repository"), s.Name, s.Owner, only(len(s.Users)))
	if doubtful > 0 {
		message = strings.TrimSuffix(message, ".") + fmt.Sprintf("; of %d more it is not known.", doubtful)
	}
	named := strings.Join(s.Users[:min(len(s.Users), namedUsers)], ", ")
	if more := len(s.Users) - namedUsers; more > 0 {
		named += fmt.Sprintf(" and %d more", more)
	}
	fix := "make it a secret of selected repositories: " + named
	if s.Visibility == "selected" {
		fix = "select only the repositories that read it: " + named
	}
	return &audit.Finding{Rule: unscopedSecret, Message: message, Fix: fix}
}

func only(n int) string {
	if n == 1 {
		return "only one"
	}
	return fmt.Sprintf("only %d", n)
}
