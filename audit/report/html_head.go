package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// pageMeta is what the page says of itself.
type pageMeta struct {
	Title       string            `json:"title"`
	Headline    string            `json:"headline"`
	Since       string            `json:"since"`
	Tool        string            `json:"tool"`
	GeneratedAt string            `json:"generated_at"`
	Web         string            `json:"web"`
	Rules       map[string]string `json:"rules"` // titles by id
	Verdicts    []pageVerdict     `json:"verdicts"`
}

// pageVerdict is a verdict in the words of the page.
type pageVerdict struct {
	Key   string `json:"key"`
	Short string `json:"short"`
	Long  string `json:"long"`
}

// pageVerdicts are the verdicts in the order of verdictRanks, then the secrets
// of other services.
func pageVerdicts() []pageVerdict {
	return []pageVerdict{
		{string(audit.VerdictReplaceable), "replaceable", "GITHUB_TOKEN can do this"},
		{string(audit.VerdictConditional), "conditional", "GITHUB_TOKEN can do this if a condition holds"},
		{string(audit.VerdictNotReplaceable), "needs a token", "GITHUB_TOKEN cannot do this"},
		{string(audit.VerdictUnknown), "not known", "not all of this could be read"},
		{"other", "other service", "a secret of another service"},
	}
}

// pageTitle names a report.
func pageTitle(head *audit.Report) string {
	if head.Organization == nil || len(head.Organization.Accounts) == 0 {
		return "Patrol"
	}
	return "Patrol: " + accountNames(head.Organization, 3)
}

// accountNames names the first accounts, cleaned.
func accountNames(o *audit.Organization, limit int) string {
	var names []string
	for i, a := range o.Accounts {
		if i == limit {
			names = append(names, "…")
			break
		}
		names = append(names, cmp.Or(bounded(a.Login, indexText), "a list of repositories"))
	}
	return strings.Join(names, ", ")
}

func (p *page) meta() pageMeta {
	m := pageMeta{
		Title:    pageTitle(p.head),
		Headline: p.counter.headline(p.head.Tokens, thousands), Since: p.since.words(thousands),
		Tool: bounded(p.head.Tool.Name+" "+p.head.Tool.Version, indexText), GeneratedAt: bounded(p.head.GeneratedAt, indexText),
		Web: p.options.web(), Rules: map[string]string{}, Verdicts: pageVerdicts(),
	}
	for _, r := range p.options.Rules {
		m.Rules[r.ID] = r.Title
	}
	return m
}

// secretsColumns are the secrets of an organisation.
type secretsColumns struct {
	Name       []int32 `json:"name"`
	Owner      []int32 `json:"owner"`
	Scope      []int32 `json:"scope"`
	Store      []int32 `json:"store"`
	State      []int32 `json:"state"`
	Updated    []int32 `json:"updated"`
	Visibility []int32 `json:"visibility"`
	Visible    []int32 `json:"visible"`
	Verdict    []int32 `json:"verdict"`
	References []int32 `json:"references"`
	Users      []int32 `json:"users"`
	Reach      []int32 `json:"reach"`
	After      []int32 `json:"after"`
	Work       []int32 `json:"work"` // references to touch
	Remedy     []int32 `json:"remedy"`
	Grants     []int32 `json:"grants"`
	Excess     []int32 `json:"excess"`
}

// recordSecret is all that is known of a secret.
type recordSecret struct {
	Facts    []recordField  `json:"facts"`
	Verdicts map[string]int `json:"verdicts"`
	Users    []string       `json:"users"`
	Selected []string       `json:"selected"`
	Needs    []recordField  `json:"needs"`
	Targets  []string       `json:"targets"`
	Grants   []string       `json:"grants"`
	Matched  string         `json:"matched,omitempty"`
	Excess   []string       `json:"excess"`
	Work     audit.Work     `json:"work"`
	Remedy   recordRemedy   `json:"remedy"`
}

// secrets adds the secrets of the organisation.
func (p *page) secrets() {
	if p.head.Organization == nil {
		return
	}
	c := &p.index.Secrets
	for _, s := range p.head.Organization.Secrets {
		c.Name = append(c.Name, p.text(s.Name))
		c.Owner = append(c.Owner, p.text(s.Owner))
		c.Scope = append(c.Scope, p.text(strings.TrimSpace(s.Scope+" "+s.Environment)))
		c.Store = append(c.Store, p.text(s.Store))
		c.State = append(c.State, p.text(string(s.State)))
		c.Updated = append(c.Updated, p.text(day(s.UpdatedAt)))
		c.Visibility = append(c.Visibility, p.text(s.Visibility))
		c.Visible = append(c.Visible, int32(s.Visible))
		c.Verdict = append(c.Verdict, secretVerdict(s))
		c.References = append(c.References, int32(s.References))
		c.Users = append(c.Users, int32(len(s.Users)))
		c.Reach = append(c.Reach, int32(s.Reach))
		c.After = append(c.After, int32(s.ReachAfter))
		c.Work = append(c.Work, int32(s.Work.References))
		c.Remedy = append(c.Remedy, p.text(remedyKind(s.Remedy)))
		c.Grants = append(c.Grants, p.set(s.Grants))
		c.Excess = append(c.Excess, int32(len(s.Excess)))
		p.blocks.add(kindSecret, newRecordSecret(s))
	}
}

// secretVerdict is a secret's verdict as in refColumns, or -1 for none.
func secretVerdict(s *audit.StoredSecret) int32 {
	if s.References == 0 {
		return -1
	}
	return verdictNumber(&audit.Reference{Credential: s.Credential, Verdict: s.Verdict})
}

func newRecordSecret(s *audit.StoredSecret) recordSecret {
	out := recordSecret{
		Users: boundedAll(s.Users, indexText), Selected: boundedAll(s.Selected, indexText),
		Needs: needFields(s.Permissions), Targets: boundedAll(s.Targets, indexText), Grants: boundedAll(s.Grants, indexText),
		Matched: bounded(s.MatchedBy, indexText), Excess: boundedAll(s.Excess, detailText), Work: s.Work,
		Verdicts: map[string]int{}, Remedy: newRecordRemedy(advise(&audit.Reference{Remedy: s.Remedy})),
	}
	for verdict, n := range s.Verdicts {
		out.Verdicts[bounded(string(verdict), indexText)] = n
	}
	for _, f := range []recordField{{"created", day(s.CreatedAt)}, {"last set", day(s.UpdatedAt)}, {"environment", s.Environment}} {
		if f.Value != "" {
			out.Facts = append(out.Facts, recordField{f.Name, bounded(f.Value, indexText)})
		}
	}
	return out
}

// day is the date of a time in RFC 3339.
func day(at string) string {
	date, _, _ := strings.Cut(at, "T")
	return date
}

// pageGrant is a grant as the page shows it.
type pageGrant struct {
	ID          string   `json:"id"`
	Kind        string   `json:"kind"`
	Account     string   `json:"account"`
	Name        string   `json:"name"`
	User        string   `json:"user"`
	Selection   string   `json:"selection"`
	Repos       []string `json:"repositories"`
	Count       int      `json:"count"` // repositories of a subset
	Permissions string   `json:"permissions"`
	Granted     string   `json:"granted"`
	LastUsed    string   `json:"last_used"`
	Expires     string   `json:"expires"`
	Expired     bool     `json:"expired"`
}

func pageGrants(o *audit.Organization) []pageGrant {
	out := []pageGrant{}
	if o == nil {
		return out
	}
	for _, g := range o.Grants {
		held := []string{
			listPermissions(g.Permissions.Repository), prefixed("organization:", g.Permissions.Organization),
			prefixed("account:", g.Permissions.Account), strings.Join(g.Scopes, ", ")}
		held = slices.DeleteFunc(held, func(s string) bool { return s == "" })
		out = append(out, pageGrant{
			ID: bounded(g.ID, indexText), Kind: bounded(string(g.Kind), indexText), Account: bounded(g.Account, indexText),
			Name: bounded(g.Name, indexText), User: bounded(g.User, indexText), Selection: bounded(g.Selection, indexText),
			Repos: boundedAll(g.Repositories, indexText), Count: len(g.Repositories), Permissions: bounded(strings.Join(held, ", "), detailText),
			Granted: bounded(day(g.GrantedAt), indexText), LastUsed: bounded(day(g.LastUsedAt), indexText),
			Expires: bounded(day(g.ExpiresAt), indexText), Expired: g.Expired,
		})
	}
	return out
}

// prefixed writes permissions of an organisation or an account.
func prefixed(prefix string, permissions map[string]string) string {
	all := map[string]string{}
	for name, access := range permissions {
		all[prefix+name] = access
	}
	return listPermissions(all)
}

// pageToken is an inspected token as the page shows it.
type pageToken struct {
	Name   string        `json:"name"`
	Title  string        `json:"title"`
	State  string        `json:"state"`
	Facts  []recordField `json:"facts"`
	Found  []recordNote  `json:"found"`
	Remedy recordRemedy  `json:"remedy"`
}

func pageTokens(tokens []*audit.Token) []pageToken {
	out := []pageToken{}
	for _, t := range tokens {
		token := pageToken{
			Name: bounded(t.Name, indexText), Title: bounded(tokenTitle(t), detailText), State: bounded(string(t.State), indexText),
			Remedy: newRecordRemedy(tokenAdvice(t))}
		for _, f := range tokenFields(t, true) {
			token.Facts = append(token.Facts, recordField{f.name, bounded(f.value, detailText)})
		}
		for _, f := range t.Findings {
			token.Found = append(token.Found, (&page{}).note(f))
		}
		for _, problem := range t.Problems {
			token.Facts = append(token.Facts, recordField{"problem", bounded(problem.Message, detailText)})
		}
		out = append(out, token)
	}
	return out
}

// pageOrg is what the page shows of an organisation beside its secrets.
type pageOrg struct {
	Accounts []audit.Account `json:"accounts"`
	Shard    string          `json:"shard"`
	Complete bool            `json:"complete"`
	Coverage audit.Coverage  `json:"coverage"`
	Unasked  []string        `json:"unasked"`
	Trend    *audit.Trend    `json:"trend"`
}

func newPageOrg(o *audit.Organization) *pageOrg {
	if o == nil {
		return nil
	}
	out := &pageOrg{Shard: bounded(o.Shard, indexText), Complete: o.Complete, Coverage: o.Coverage, Unasked: []string{}}
	for _, a := range o.Accounts[:min(len(o.Accounts), shownList)] {
		a.Login, a.Kind, a.DefaultPermissions = bounded(a.Login, indexText), bounded(a.Kind, indexText), bounded(a.DefaultPermissions, indexText)
		out.Accounts = append(out.Accounts, a)
	}
	for _, u := range o.Unasked[:min(len(o.Unasked), shownList)] {
		out.Unasked = append(out.Unasked, bounded(u.Message, detailText))
	}
	if o.Trend != nil {
		t := *o.Trend
		t.Points = slices.Clone(t.Points[max(0, len(t.Points)-shownList):])
		for i := range t.Points {
			t.Points[i].GeneratedAt = bounded(t.Points[i].GeneratedAt, indexText)
		}
		out.Trend = &t
	}
	return out
}
