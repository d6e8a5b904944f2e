package organization

import (
	"cmp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/rules"
)

// Finish fills in the secrets, the grants, what was not asked and the findings
// of an organisation whose Accounts, Coverage and Complete are set. The
// secrets come in the order in which most reach goes away when what is advised
// is done. A joiner is of no use afterwards.
func (j *Joiner) Finish(o *audit.Organization) {
	f := &finisher{Joiner: j, organization: o, counts: map[string]count{}}
	f.count()
	f.gap = f.missed()
	f.byName()
	o.Secrets = make([]*audit.StoredSecret, 0, len(j.all))
	for _, e := range j.all {
		f.fill(e)
		o.Secrets = append(o.Secrets, e.secret)
	}
	slices.SortFunc(o.Secrets, compareSecrets)
	o.Grants = append([]*audit.Grant{}, j.grants...)
	slices.SortFunc(o.Grants, func(a, b *audit.Grant) int {
		return cmp.Or(compareNames(a.Account, b.Account), cmp.Compare(a.ID, b.ID))
	})
	o.Unasked = append(append([]audit.Problem{}, o.Unasked...), j.unasked...)
	slices.SortFunc(o.Unasked, func(a, b audit.Problem) int { return cmp.Compare(a.Message, b.Message) })
	o.Unasked = slices.Compact(o.Unasked)
	f.findings()
}

// finisher turns sums into a report.
type finisher struct {
	*Joiner
	organization *audit.Organization
	// counts are those of the accounts, by login in lower case.
	counts map[string]count
	// gap counts the repositories that were not looked at and of which no
	// report was added.
	gap int
	// named are the grants of an account by the name of their token.
	named map[string][]*audit.Grant
	// open are the repositories where secrets go unnamed, by name.
	open map[string][]*repository
}

// count is how many repositories an account has, and how many of them are not
// public.
type count struct{ all, private int }

// count finds out how many repositories each account has: by its listing, or
// else by what was added.
func (f *finisher) count() {
	for login, a := range f.accounts {
		f.counts[login] = count{a.added, a.private}
	}
	for i := range f.organization.Accounts {
		known := &f.organization.Accounts[i]
		a := f.account(known.Login)
		a.login = known.Login
		known.SecretsKnown = known.SecretsKnown || a.asked
		c := f.counts[strings.ToLower(known.Login)]
		f.counts[strings.ToLower(known.Login)] = count{max(c.all, known.Repositories), max(c.private, known.Private)}
	}
	f.open = map[string][]*repository{}
	for login, a := range f.accounts {
		for _, r := range a.repositories {
			if r.open != "" || r.openEnvironment != "" {
				f.open[login] = append(f.open[login], r)
			}
		}
		slices.SortFunc(f.open[login], func(a, b *repository) int { return compareNames(a.name, b.name) })
	}
}

// missed counts the repositories of which nobody said anything. Those that
// could not be read are mostly known by name: a report was added that says so.
func (f *finisher) missed() int {
	known := 0
	for _, list := range f.open {
		for _, r := range list {
			if r.open == unread {
				known++
			}
		}
	}
	c := f.organization.Coverage
	n := c.Excluded + c.Forks + c.Left + max(c.Failed-known, 0)
	if !f.organization.Complete && c.Failed == 0 || f.organization.Shard != "" {
		n = max(n, 1)
	}
	return n
}

// fill writes the sums of an entry into its secret.
func (f *finisher) fill(e *entry) {
	s := e.secret
	if s.State == audit.SecretUnasked {
		s.Owner = f.account(s.Owner).login
	}
	slices.SortFunc(e.users, compareNames)
	s.Users = append([]string{}, e.users...)
	s.Selected = append([]string{}, s.Selected...)
	s.Targets, s.Verdict, s.Verdicts, s.References = sorted(e.targets), e.verdict, e.verdicts, e.references
	s.Permissions, s.Credential, s.Visible = *e.tally.Needed(), f.credential(e), f.visibleTo(e)
	if e.references == 0 {
		s.Unclear = f.unclear(e)
	} else {
		s.Unclear = ""
	}
	f.match(e)
	s.Work = e.work
	known := f.reach(e)
	f.advise(e)
	s.ReachAfter = min(s.Reach, after(e, known))
}

// credential is the kind that the uses show; where there are none, what its
// name says.
func (f *finisher) credential(e *entry) audit.Credential {
	if e.references == 0 {
		if kind, ok := f.options.Config.SecretKind(e.secret.Name); ok {
			return audit.Credential(kind)
		}
		if kind, _ := rules.SecretKind(e.secret.Name); kind != "" {
			return audit.Credential(kind)
		}
	}
	for _, kind := range []audit.Credential{audit.CredentialGitHub, audit.CredentialUnknown, audit.CredentialOther} {
		if e.kinds[kind] {
			return kind
		}
	}
	return audit.CredentialUnknown
}

// visibleTo counts the repositories that can read a secret; 0 where that is
// not known.
func (f *finisher) visibleTo(e *entry) int {
	switch s := e.secret; {
	case s.State != audit.SecretStored:
		return 0
	case s.Scope != "organization":
		return 1
	case s.Visibility == "selected":
		return len(s.Selected)
	case s.Visibility == "private":
		return f.counts[strings.ToLower(s.Owner)].private
	default:
		return f.counts[strings.ToLower(s.Owner)].all
	}
}

// compareSecrets puts first what most reach goes away with, then what has the
// most of it.
func compareSecrets(a, b *audit.StoredSecret) int {
	return cmp.Or(
		cmp.Compare(b.Reach-b.ReachAfter, a.Reach-a.ReachAfter), cmp.Compare(b.Reach, a.Reach),
		compareNames(a.Owner, b.Owner), compareNames(a.Name, b.Name), cmp.Compare(a.Store, b.Store), cmp.Compare(a.Scope, b.Scope),
		compareNames(a.Environment, b.Environment), cmp.Compare(a.State, b.State),
	)
}

// reach says how many repositories a secret's token gets at, and whether that
// is known of the token: by an inspected token that is called like the secret,
// or by the grants that are. Where it is not, the secret counts by the
// repositories that it gets into.
func (f *finisher) reach(e *entry) (known bool) {
	s := e.secret
	for _, t := range f.options.Tokens {
		if strings.EqualFold(t.Name, s.Name) && t.Reach != nil {
			s.Reach = t.Reach.Repositories
			return true
		}
	}
	within, all, granted := map[string]bool{}, 0, false
	for _, g := range f.matched(e) {
		if g.Kind != audit.GrantFineGrained || g.Expired {
			continue
		}
		granted = true
		if g.Selection == "all" {
			all = f.counts[strings.ToLower(g.Account)].all
		}
		for _, name := range g.Repositories {
			within[strings.ToLower(name)] = true
		}
	}
	switch {
	case granted:
		s.Reach = max(all, len(within))
	case s.State == audit.SecretUnasked:
		s.Reach = len(e.users)
	default:
		s.Reach = s.Visible
	}
	return granted
}

// after says how many repositories are left when what is advised is done:
// those that the uses touch which still need a token, or, where the token is
// not known, those whose workflows do.
func after(e *entry, known bool) int {
	s := e.secret
	switch {
	case s.State == audit.SecretStored && s.References == 0 && s.Unclear == "", s.State == audit.SecretMissing:
		return 0
	case s.Credential == audit.CredentialOther, s.References == 0:
		return s.Reach
	case e.tally.References == e.tally.Replaceable:
		return 0
	case e.tally.Kind() == audit.RemedyNone:
		return s.Reach
	case !known:
		return e.needing
	case e.boundless, e.tally.Kind() == audit.RemedyClassic:
		return s.Reach // a classic token reaches all that its user does
	}
	return len(e.touched)
}
