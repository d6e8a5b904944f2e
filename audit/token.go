package audit

// TokenKind is the kind of a token, by its prefix and by what the API says.
type TokenKind string

// The kinds of token.
const (
	// TokenClassic is a classic personal access token: it has scopes.
	TokenClassic TokenKind = "classic"
	// TokenFineGrained is a fine-grained personal access token.
	TokenFineGrained TokenKind = "fine-grained"
	// TokenOAuth is an OAuth app's token for a user: it has scopes.
	TokenOAuth TokenKind = "oauth"
	// TokenAppUser is a GitHub App's token for a user.
	TokenAppUser TokenKind = "app-user"
	// TokenInstallation is the token of a GitHub App's installation.
	TokenInstallation TokenKind = "installation"
	// TokenGitHub is the installation token that GitHub makes for a job.
	TokenGitHub TokenKind = "github-token"
	// TokenUnknown is where neither its form nor the API tells.
	TokenUnknown TokenKind = "unknown"
)

// TokenState says whether GitHub takes a token.
type TokenState string

// The states of a token.
const (
	// TokenAlive is a token that GitHub takes.
	TokenAlive TokenState = "alive"
	// TokenDead is one that it does not: revoked, expired or mistyped.
	TokenDead TokenState = "dead"
	// TokenUnclear is where it could not be found out.
	TokenUnclear TokenState = "unknown"
)

// Access is how far a token holds a permission, as far as it can be known
// without writing.
type Access string

// The answers to whether a permission is granted.
const (
	// AccessNone is a permission that is not granted.
	AccessNone Access = "none"
	// AccessRead is one that is granted for reading at least: whether for
	// writing too cannot be asked without writing.
	AccessRead Access = "read"
	// AccessWrite is one that is granted for writing.
	AccessWrite Access = "write"
	// AccessUnknown is where no request proves anything.
	AccessUnknown Access = "unknown"
)

// Token is what the API says about a token. Its value is nowhere in it.
type Token struct {
	// Name is the name under which it was given: a variable's, a secret's.
	Name  string     `json:"name"`
	Kind  TokenKind  `json:"kind"`
	Host  string     `json:"host"`
	State TokenState `json:"state"`
	// User is the login behind the token; null for an installation, and where
	// it is not known.
	User *string `json:"user"`
	// Scopes are those of a classic or OAuth token; null for all other kinds.
	Scopes []string `json:"scopes"`
	// ImpliedScopes are the scopes that Scopes bring along.
	ImpliedScopes []string `json:"implied_scopes"`
	// Permissions are what a token without scopes holds, by API name; null
	// for one with scopes.
	Permissions *Granted `json:"permissions"`
	// ExpiresAt is in RFC 3339; null for a token that never expires, and
	// where GitHub does not say.
	ExpiresAt *string `json:"expires_at"`
	// Unlimited tells that the token never expires.
	Unlimited bool `json:"unlimited"`
	// SSO are the organisations that want the token authorised for single
	// sign-on and have kept something back.
	SSO []SingleSignOn `json:"sso"`
	// Refused are the organisations that take no such token.
	Refused []Refusal `json:"refused"`
	// Reach is what the token can get at; null where it could not be asked.
	Reach *Reach `json:"reach"`
	// Probes are the requests behind Permissions.
	Probes []ProbeResult `json:"probes"`
	// References are the IDs of the references to a secret of that name, and
	// Needed is what they take together; null where no uses were given.
	References []string     `json:"references"`
	Needed     *Permissions `json:"needed"`
	// Comparison sets granted against needed, one row per permission (or
	// scope) and repository.
	Comparison []Comparison `json:"comparison"`
	// Excess are the scopes or permissions that no use takes, Missing those
	// that a use takes and the token lacks.
	Excess  []string `json:"excess"`
	Missing []string `json:"missing"`
	// Remedy is the smallest replacement; null where no uses were given.
	Remedy *Remedy `json:"remedy"`
	// Requests counts what was asked.
	Requests int        `json:"requests"`
	Problems []Problem  `json:"problems"`
	Findings []*Finding `json:"findings"`
	// Accepted and Baseline are as in Repository.
	Accepted []*Finding `json:"accepted,omitempty"`
	Baseline *Baseline  `json:"baseline,omitempty"`
}

// Granted are permissions by API name, apart by what they are given on.
type Granted struct {
	Repository   map[string]Access `json:"repository"`
	Organization map[string]Access `json:"organization"`
	Account      map[string]Access `json:"account"`
}

// SingleSignOn is an organisation that wants a token authorised.
type SingleSignOn struct {
	// Organization is its login, "" where GitHub only gives ID.
	Organization string `json:"organization"`
	ID           int64  `json:"id,omitempty"`
	// URL is where the token's user authorises it; "" where GitHub gives none.
	URL string `json:"url,omitempty"`
}

// Refusal is an organisation's refusal of a token.
type Refusal struct {
	Organization string `json:"organization"`
	// Message is GitHub's, made safe for one line.
	Message string `json:"message"`
}

// Reach is what a token can get at.
type Reach struct {
	// Repositories counts all, Public, Private and Internal by visibility;
	// Push and Admin those on which the token's user has that role.
	Repositories int `json:"repositories"`
	Public       int `json:"public"`
	Private      int `json:"private"`
	Internal     int `json:"internal"`
	Push         int `json:"push"`
	Admin        int `json:"admin"`
	// UsedRepositories are those within reach that a use touches.
	UsedRepositories []string `json:"used_repositories"`
	// Complete tells that the whole list was read.
	Complete      bool         `json:"complete"`
	Organizations []Membership `json:"organizations"`
}

// Membership is an organisation behind a token.
type Membership struct {
	Login string `json:"login"`
	// Role is "admin" (an owner), "member", or "" where it is not known.
	Role string `json:"role"`
	// Repositories counts those within reach.
	Repositories int `json:"repositories"`
}

// ProbeResult is one request that asked about a permission.
type ProbeResult struct {
	// Permission is the permission asked about, such as
	// "organization:members:read".
	Permission string `json:"permission"`
	// Request is "GET /path"; "" where nothing could be asked.
	Request string `json:"request"`
	// Status is the HTTP status; 0 where nothing was asked or answered.
	Status int    `json:"status"`
	Answer Access `json:"answer"`
	// Detail says why the answer is what it is.
	Detail string `json:"detail"`
}

// Comparison sets what a token was granted against what its uses take.
type Comparison struct {
	// Permission is "contents", "organization:members" or, for a token with
	// scopes, a scope.
	Permission string `json:"permission"`
	// Repository is "owner/name", or "" where the permission is of no
	// repository or the token holds it on all.
	Repository string `json:"repository"`
	Needed     Access `json:"needed"`
	Granted    Access `json:"granted"`
	// State is "ok", "missing", "excess" or "unknown".
	State string `json:"state"`
}
