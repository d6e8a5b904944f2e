package inventory

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
)

// The stores of secrets.
const (
	// StoreActions is read by workflows.
	StoreActions = "actions"
	// StoreDependabot is read by Dependabot, and by workflows that it starts.
	StoreDependabot = "dependabot"
	// StoreCodespaces is read by development environments.
	StoreCodespaces = "codespaces"
)

// Stores are all stores.
var stores = []string{StoreActions, StoreDependabot, StoreCodespaces}

// Bounds of what is read, in rows.
const (
	// maxRows bounds each list. GitHub allows an organisation 1,000 secrets.
	maxRows = 100_000
	// maxSelections bounds the lists of selected repositories of an account
	// together, in lists of maxRows: a secret may be selected for any number.
	maxSelections = 10
)

// pages asks for long pages.
var pages = url.Values{"per_page": {"100"}}

// asker asks about one account.
type asker struct {
	*Source
	ctx context.Context
	out *audit.Inventory
	// selections counts the rows of all lists of selected repositories.
	selections int
	// ended is the error that ends the inventory.
	ended error
}

// Account asks for the secrets of an organisation in all stores, the default
// of GITHUB_TOKEN (which it puts into the account), the tokens with access and
// those that wait for it, and the teams with the repositories that they may
// write to. A user has none of these. What was found out so far stands beside
// an error.
func (s *Source) Account(ctx context.Context, account *audit.Account) (*audit.Inventory, error) {
	out := &audit.Inventory{
		Account: account.Login, Secrets: []*audit.StoredSecret{}, Grants: []*audit.Grant{}, Teams: map[string][]string{},
		Repositories: []string{}, Unasked: []audit.Problem{}, Asked: account.Kind == "user",
	}
	if account.Kind != "organization" {
		return out, nil
	}
	a := &asker{Source: s, ctx: ctx, out: out}
	for _, store := range stores {
		a.secrets(store)
	}
	a.permissions(account)
	a.grants(audit.GrantFineGrained)
	a.grants(audit.GrantRequest)
	a.authorizations()
	a.teams()
	sortProblems(out.Unasked)
	out.Unasked = slices.Compact(out.Unasked)
	slices.SortFunc(out.Grants, func(a, b *audit.Grant) int { return cmp.Compare(a.ID, b.ID) })
	return out, a.ended
}

// AccountRequests is how many requests [Source.Account] takes for an
// organisation at least. Each secret and each token that is limited to
// selected repositories takes one more, and so does every hundred rows of a
// list after the first hundred.
func (s *Source) AccountRequests() int {
	n := len(stores) + 3 // the default of GITHUB_TOKEN, single sign-on, teams
	for _, k := range grantKinds {
		if asks(k.list, s.client.TokenKind()) {
			n++
		}
	}
	return n
}

// over tells whether nothing more is to be asked.
func (a *asker) over() bool { return a.ended != nil || a.halted() }

// failed notes why something could not be asked. It takes what the operation
// of that id does.
func (a *asker) failed(what, operation string, err error) {
	if a.ended = ends(a.ctx, err); a.ended == nil {
		a.note(a.explain(what, takes(operation), err))
	}
}

func (a *asker) note(message string) {
	a.out.Unasked = append(a.out.Unasked, audit.Problem{Message: message})
}

// truncated notes that a list is longer than what is read of it.
func (a *asker) truncated(what string) {
	a.note(fmt.Sprintf("only the first %d of %s were read", a.rows, what))
}

// secretRow is a secret in GitHub's lists.
type secretRow struct {
	Name       string    `json:"name"`
	Created    time.Time `json:"created_at"`
	Updated    time.Time `json:"updated_at"`
	Visibility string    `json:"visibility"`
}

// stored makes a secret of a row.
func (r *secretRow) stored(owner, scope, store string) *audit.StoredSecret {
	return &audit.StoredSecret{
		Name: short(r.Name), Owner: owner, Scope: scope, Store: store, State: audit.SecretStored,
		CreatedAt: stamp(r.Created), UpdatedAt: stamp(r.Updated), Visibility: short(r.Visibility), Selected: []string{},
		Credential: audit.CredentialUnknown, Verdicts: map[audit.Verdict]int{}, Users: []string{}, Permissions: noPermissions(),
		Targets: []string{}, Grants: []string{}, Excess: []string{}, Remedy: audit.Remedy{Kind: audit.RemedyNone, UnknownSteps: []string{}},
	}
}

func noPermissions() audit.Permissions {
	return audit.Permissions{Workflow: map[string]string{}, ClassicScopes: []string{}, FineGrained: fineGrained(nil, nil, nil)}
}

// fineGrained makes permissions of which no part is nil.
func fineGrained(repository, organization, account map[string]string) audit.FineGrained {
	full := func(m map[string]string) map[string]string {
		if m == nil {
			return map[string]string{}
		}
		return m
	}
	return audit.FineGrained{Repository: full(repository), Organization: full(organization), Account: full(account)}
}

// stamp writes a time down; empty for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// secrets lists the secrets of a store, and for whom they are selected.
func (a *asker) secrets(store string) {
	if a.over() {
		return
	}
	what := "the secrets of " + a.out.Account + " for " + storeName(store)
	begun, full := len(a.out.Secrets), true
	for row, err := range github.List[secretRow](a.ctx, a.client, github.Path("orgs", a.out.Account, store, "secrets"), pages, "secrets") {
		if err != nil {
			a.failed(what, store+"/list-org-secrets", err)
			return
		}
		if len(a.out.Secrets)-begun >= a.rows {
			a.truncated(what)
			full = false
			break
		}
		a.out.Secrets = append(a.out.Secrets, row.stored(a.out.Account, "organization", store))
	}
	a.out.Asked = a.out.Asked || store == StoreActions && full
	for _, secret := range a.out.Secrets[begun:] {
		if secret.Visibility == "selected" {
			a.selected(secret)
		}
	}
}

// storeName is what GitHub's pages call a store.
func storeName(store string) string {
	return map[string]string{StoreActions: "Actions", StoreDependabot: "Dependabot", StoreCodespaces: "Codespaces"}[store]
}

// selected lists the repositories that a secret is selected for. A list that
// is not read to its end is as good as none.
func (a *asker) selected(secret *audit.StoredSecret) {
	what := "the repositories for which secrets of " + a.out.Account + " are selected"
	if !a.over() {
		path := github.Path("orgs", a.out.Account, secret.Store, "secrets", secret.Name, "repositories")
		names, full, err := a.repositories(path, "repositories", what)
		if err == nil && full {
			secret.Selected, secret.Visible = names, len(names)
			return
		}
		if err != nil {
			a.failed(what, secret.Store+"/list-selected-repos-for-org-secret", err)
		}
	}
	secret.Unclear = "it could not be asked for which repositories it is selected"
}

// repositories lists the full names of repositories, sorted, and tells whether
// these are all.
func (a *asker) repositories(path, member, what string) (names []string, full bool, err error) {
	names = []string{}
	for row, err := range github.List[struct {
		FullName string `json:"full_name"`
	}](a.ctx, a.client, path, pages, member) {
		if err != nil {
			return nil, false, err
		}
		if len(names) >= a.rows || a.selections >= a.rows*maxSelections {
			a.truncated(what)
			break
		}
		a.selections++
		names = append(names, short(row.FullName))
	}
	full = len(names) < a.rows && a.selections < a.rows*maxSelections
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return names, full, nil
}

// workflowPermissions is GitHub's answer on the default of GITHUB_TOKEN.
type workflowPermissions struct {
	Default string `json:"default_workflow_permissions"`
	Approve *bool  `json:"can_approve_pull_request_reviews"`
}

// access is the default, if it is one that is known.
func (p *workflowPermissions) access() string {
	if p.Default == "read" || p.Default == "write" {
		return p.Default
	}
	return ""
}

// permissions asks for the default of GITHUB_TOKEN.
func (a *asker) permissions(account *audit.Account) {
	if a.over() {
		return
	}
	var answer workflowPermissions
	_, err := a.client.Get(a.ctx, github.Path("orgs", a.out.Account, "actions", "permissions", "workflow"), nil, &answer)
	if err != nil {
		a.failed("the default permissions of GITHUB_TOKEN in "+a.out.Account, "actions/get-github-actions-default-workflow-permissions-organization", err)
		return
	}
	account.DefaultPermissions, account.ApprovePullRequests = answer.access(), answer.Approve
}
