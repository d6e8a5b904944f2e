package audit

// Organization is what an audit of whole accounts knows beside the reports of
// their repositories. Everything in it but Accounts, Coverage and Unasked
// follows from the repositories and the inventory, so that parts of it that
// were written apart can be joined again.
type Organization struct {
	// Accounts are the audited organisations and users, in the order asked
	// for.
	Accounts []Account `json:"accounts"`
	// Shard is "3/16" for one part of an audit; empty for the whole.
	Shard string `json:"shard,omitempty"`
	// Complete tells that every repository that was to be audited was.
	Complete bool     `json:"complete"`
	Coverage Coverage `json:"coverage"`
	// Secrets are the secrets of the accounts, those that workflows name and
	// nobody has among them. Those with the most reach to lose come first.
	Secrets []*StoredSecret `json:"secrets"`
	// Grants are the tokens that have, or ask for, access to an organisation.
	Grants []*Grant `json:"grants"`
	// Unasked say what of the inventory could not be asked for, and which
	// permission that takes. File is empty.
	Unasked []Problem `json:"unasked"`
	// Findings are those about secrets: no file of a repository holds them.
	Findings []*Finding `json:"findings"`
	// Accepted are the findings that somebody accepts.
	Accepted []*Finding `json:"accepted,omitempty"`
	// Trend is how the numbers changed over earlier reports; null without.
	Trend *Trend `json:"trend,omitempty"`
}

// Account is an audited organisation or user.
type Account struct {
	Login string `json:"login"`
	// Kind is "organization" or "user", or "list" for repositories that were
	// named one by one.
	Kind string `json:"kind"`
	// Repositories counts all that the token sees of it, Private those of them
	// that are not public; 0 where they were not counted.
	Repositories int `json:"repositories,omitempty"`
	Private      int `json:"private,omitempty"`
	// SecretsKnown tells that the names of all its own secrets for actions were
	// asked for. A user has none.
	SecretsKnown bool `json:"secrets_known,omitempty"`
	// DefaultPermissions are GITHUB_TOKEN's in workflows that name none,
	// "read" or "write"; empty where it could not be asked.
	DefaultPermissions string `json:"default_permissions,omitempty"`
	// ApprovePullRequests tells whether GITHUB_TOKEN may create and approve
	// pull requests; null where it could not be asked.
	ApprovePullRequests *bool `json:"approve_pull_requests,omitempty"`
}

// Coverage counts the repositories of the accounts. Those that were left out
// count once, under the first reason that holds in the order of the fields.
type Coverage struct {
	// Listed counts all that the token sees.
	Listed int `json:"listed"`
	// Audited counts those whose workflows were read, or that have none.
	Audited int `json:"audited"`
	// WithWorkflows counts those of Audited that have a workflow.
	WithWorkflows int `json:"with_workflows"`
	// Excluded, Archived, Forks and Empty were left out for that reason.
	Excluded int `json:"excluded"`
	Archived int `json:"archived"`
	Forks    int `json:"forks"`
	Empty    int `json:"empty"`
	// Failed could not be read; each is an error of its repository's report.
	Failed int `json:"failed"`
	// Left were not reached before the audit ended.
	Left int `json:"left"`
}

// SecretState says whether a secret exists.
type SecretState string

// The answers to whether a secret exists.
const (
	// SecretStored is one that GitHub holds.
	SecretStored SecretState = "stored"
	// SecretMissing is one that a workflow names and nobody holds.
	SecretMissing SecretState = "missing"
	// SecretUnasked is one that a workflow names, where it could not be asked
	// who holds it.
	SecretUnasked SecretState = "unasked"
)

// StoredSecret is a secret of an account, with all that is known of its uses.
type StoredSecret struct {
	Name string `json:"name"`
	// Owner is "org" for an organisation's secret, else "owner/name".
	Owner string `json:"owner"`
	// Scope is "organization", "repository" or "environment"; empty where
	// State is not stored. Environment is the name of the latter.
	Scope       string `json:"scope"`
	Environment string `json:"environment,omitempty"`
	// Store is "actions", "dependabot" or "codespaces".
	Store string      `json:"store"`
	State SecretState `json:"state"`
	// CreatedAt and UpdatedAt are in RFC 3339; empty where not known.
	CreatedAt string `json:"created_at,omitempty"`
	UpdatedAt string `json:"updated_at,omitempty"`
	// Visibility of an organisation's secret is "all", "private" (which
	// includes internal) or "selected"; Selected are the repositories of the
	// last, sorted, and Visible counts those that can read it: 0 where that is
	// not known.
	Visibility string   `json:"visibility,omitempty"`
	Selected   []string `json:"selected"`
	Visible    int      `json:"visible"`
	// Unclear says why nobody can tell whether it is used, where no reference
	// to it was found; empty where that can be told.
	Unclear string `json:"unclear,omitempty"`
	// Credential is the kind of credential that its uses show.
	Credential Credential `json:"credential"`
	// Verdict is the worst of the references, Verdicts counts them.
	Verdict    Verdict         `json:"verdict"`
	References int             `json:"references"`
	Verdicts   map[Verdict]int `json:"verdicts"`
	// Users are the repositories whose workflows read it, sorted.
	Users []string `json:"users"`
	// Permissions are what all uses take together, and Targets where: "self"
	// is every repository of Users.
	Permissions Permissions `json:"permissions"`
	Targets     []string    `json:"targets"`
	// Grants are the IDs of the grants that are taken for the secret's token.
	// GitHub does not say which token a secret holds: MatchedBy says why it is
	// thought to be these ("name": the token is called like the secret).
	Grants    []string `json:"grants"`
	MatchedBy string   `json:"matched_by,omitempty"`
	// Excess are permissions and repositories of the grants that no use takes.
	Excess []string `json:"excess"`
	// Work is what has to be changed.
	Work Work `json:"work"`
	// Reach is how many repositories the token behind the secret gets at, or
	// the secret gets into where the token is not known; ReachAfter is how
	// many are left when what is advised is done.
	Reach      int    `json:"reach"`
	ReachAfter int    `json:"reach_after"`
	Remedy     Remedy `json:"remedy"`
}

// Work counts what has to be changed to do without a secret, or with less.
type Work struct {
	// Repositories, Files and References count what is to be touched.
	Repositories int `json:"repositories"`
	Files        int `json:"files"`
	References   int `json:"references"`
	// Replaceable counts the references that GITHUB_TOKEN replaces today.
	Replaceable int `json:"replaceable"`
}

// GrantKind is a kind of access to an organisation.
type GrantKind string

// The kinds of grant.
const (
	// GrantFineGrained is a fine-grained personal access token.
	GrantFineGrained GrantKind = "fine-grained"
	// GrantRequest is one that waits for an owner's approval.
	GrantRequest GrantKind = "request"
	// GrantAuthorization is a classic token or an SSH key that its user
	// authorised for SAML single sign-on.
	GrantAuthorization GrantKind = "authorization"
)

// Grant is the access of a token to an organisation. It says nothing of what
// the token's value is.
type Grant struct {
	// ID is "fine-grained/12", unique in its organisation.
	ID      string    `json:"id"`
	Kind    GrantKind `json:"kind"`
	Account string    `json:"account"`
	// Name is what its owner calls it; "" for a classic token.
	Name string `json:"name"`
	// User is the login of its owner.
	User string `json:"user"`
	// Selection is "all", "subset" or "none" (public ones only); Repositories
	// are those of a subset, sorted.
	Selection    string   `json:"selection,omitempty"`
	Repositories []string `json:"repositories"`
	// Permissions are those of a fine-grained token, by API name.
	Permissions FineGrained `json:"permissions"`
	// Scopes are those of a classic token.
	Scopes []string `json:"scopes"`
	// GrantedAt, LastUsedAt and ExpiresAt are in RFC 3339; empty where there
	// is no such time, or GitHub does not say.
	GrantedAt  string `json:"granted_at,omitempty"`
	LastUsedAt string `json:"last_used_at,omitempty"`
	ExpiresAt  string `json:"expires_at,omitempty"`
	Expired    bool   `json:"expired,omitempty"`
}

// Trend is how the numbers changed over time.
type Trend struct {
	// Points are those of earlier reports, oldest first; this report's own is
	// not among them.
	Points []TrendPoint `json:"points"`
	// New, Still and Gone count the findings since the last of them.
	New   int `json:"new"`
	Still int `json:"still"`
	Gone  int `json:"gone"`
}

// TrendPoint is one earlier report.
type TrendPoint struct {
	// GeneratedAt is in RFC 3339.
	GeneratedAt string  `json:"generated_at"`
	Summary     Summary `json:"summary"`
	// Reach adds up that of the secrets.
	Reach int `json:"reach"`
}

// Inventory is what GitHub tells of an account without a look at its
// workflows: what the joins of Organization start from. It is no part of a
// report, and can be kept between runs.
type Inventory struct {
	// Account is the login.
	Account string `json:"account"`
	// Secrets are stored ones, as GitHub lists them, without uses.
	Secrets []*StoredSecret `json:"secrets"`
	Grants  []*Grant        `json:"grants"`
	// Teams has the slugs of the teams that may write to a repository, sorted,
	// by its full name in lower case.
	Teams map[string][]string `json:"teams"`
	// Asked tells that all of the account's own secrets for actions are among
	// Secrets. It is set for a user too, who has none. Repositories are those
	// of which the same holds for their own secrets and those of their
	// environments.
	Asked        bool     `json:"asked"`
	Repositories []string `json:"repositories"`
	// Unasked is as in Organization.
	Unasked []Problem `json:"unasked"`
}
