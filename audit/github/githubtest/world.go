package githubtest

import "time"

// Object is a JSON object: properties that a test sets over the shape that
// the server would answer with.
type Object = map[string]any

// World is what a server knows. A server never changes it, nor anything that
// it holds: what is written to a server stands beside.
type World struct {
	Users         []User
	Organizations []Organization
	Repositories  []Repository
	// Generate returns the i-th of Count further repositories, each time it
	// is asked anew, so that many of them take no memory. Names must differ.
	Generate func(i int) Repository
	Count    int
	Tokens   []Token
	Limits   Limits
	// Now is the server's clock; nil for time.Now.
	Now func() time.Time
	// Enterprise is the version of GitHub Enterprise Server that the server
	// says it is, such as "3.20.1"; "" for github.com.
	Enterprise string
}

// User is a person or a bot.
type User struct {
	Login string
	// ID is made from the login where it is 0.
	ID   int64
	Name string
	// Type is "User" where it is "".
	Type string
	// Lists are rows of the account's lists, by the path after /user/:
	// "emails", "keys", "followers", "starred".
	Lists map[string][]Object
}

// Organization is an organization with its policies.
type Organization struct {
	Login string
	ID    int64
	// Members are roles by login: "admin" (an owner) or "member".
	Members map[string]string
	// BaseRole is what members hold on every repository: "none", "read"
	// (also where it is ""), "write" or "admin".
	BaseRole string
	// SAML tells that members' tokens must be authorized for the
	// organization (single sign-on).
	SAML bool
	// ForbidsClassic and ForbidsFineGrained are the policies on tokens.
	ForbidsClassic, ForbidsFineGrained bool
	// Workflow is the default of GITHUB_TOKEN.
	Workflow WorkflowPermissions
	Secrets  []Secret
	// DependabotSecrets, CodespacesSecrets and Variables are like Secrets.
	DependabotSecrets, CodespacesSecrets, Variables []Secret
	Teams                                           []Team
	// Grants are the fine-grained tokens with access, Requests those that
	// wait for approval. Only an installation may list them.
	Grants, Requests []Grant
	// Authorizations are the credentials of members that are authorized for
	// single sign-on, as properties over the usual ones.
	Authorizations []Object
	Rulesets       []Ruleset
	// Lists are rows of further lists, by the path after /orgs/{org}/:
	// "hooks", "teams", "invitations".
	Lists map[string][]Object
	// Objects are properties of answers that are one object, likewise.
	Objects map[string]Object
}

// Grant is a fine-grained token's access to an organization, or its request.
type Grant struct {
	ID int64
	// Owner is the login of the token's user.
	Owner string
	// Selection is "none", "all" or "subset"; Repositories are the names of
	// a subset.
	Selection    string
	Repositories []string
	// Permissions is in the form of rules.ParseNeeds, without alternatives.
	Permissions string
	TokenID     int64
	TokenName   string
	Expired     bool
	// Expires, LastUsed: the zero time is null. Granted is when access was
	// given or asked for.
	Expires, LastUsed, Granted time.Time
	Reason                     string
}

// Repository is a repository with what stands around its files.
type Repository struct {
	Owner, Name string
	// ID is made from the name where it is 0.
	ID int64
	// Former are full names that the repository had; they redirect.
	Former []string
	// Visibility is Public where it is "".
	Visibility string
	// DefaultBranch is "main" where it is "".
	DefaultBranch                             string
	Archived, Fork, Empty, Disabled, Template bool
	// Files are the contents of the default branch by path.
	Files map[string]string
	// Branches and Tags are the files of other refs.
	Branches, Tags map[string]map[string]string
	// Annotated are those of Tags that are objects of their own.
	Annotated []string
	Topics    []string
	// TreeLimit bounds the entries of a recursive tree, which is then
	// truncated; 0 for GitHub's 100,000.
	TreeLimit int
	// Roles are those of users beside the owner: "read", "triage", "write",
	// "maintain" or "admin".
	Roles    map[string]string
	PushedAt time.Time
	// Workflow is the default of GITHUB_TOKEN.
	Workflow WorkflowPermissions
	// Protections are classic branch protections by branch, as properties
	// over the usual ones.
	Protections map[string]Object
	Rulesets    []Ruleset

	Secrets, Variables                   []Secret
	DependabotSecrets, CodespacesSecrets []Secret
	Environments                         []Environment
	Runs                                 []Run
	// Lists are rows of further lists, by the path after
	// /repos/{owner}/{repo}/: "issues", "pulls", "hooks", "keys",
	// "pulls/7/files". Issues and pull requests have a number.
	Lists map[string][]Object
	// Objects are properties of the answers that are one object, by the same
	// path: "" is the repository itself, "pages", "traffic/views". Where the
	// server has no object of its own, they must be all that there are.
	Objects map[string]Object
}

// The visibilities of a repository.
const (
	Public   = "public"
	Private  = "private"
	Internal = "internal"
)

// WorkflowPermissions are the settings of GITHUB_TOKEN.
type WorkflowPermissions struct {
	// Default is "read" (also where it is "") or "write".
	Default string
	// CanApprove tells that it may create and approve pull requests.
	CanApprove bool
}

// Secret is the name of a secret or, with a value, a variable.
type Secret struct {
	Name             string
	Value            string
	Created, Updated time.Time
	// Visibility and Repositories are for those of organizations: "all"
	// (also where it is ""), "private" or "selected" with names.
	Visibility   string
	Repositories []string
}

// Environment is an environment of a repository.
type Environment struct {
	Name               string
	Secrets, Variables []Secret
	// Properties are set over the usual ones.
	Properties Object
}

// Run is a workflow run.
type Run struct {
	ID int64
	// Workflow is the path of its file, Branch and Event what started it.
	Workflow, Branch, Event string
	// Conclusion is "success" where it is "".
	Conclusion string
	Created    time.Time
	Jobs       []Job
}

// Job is a job of a run with its log.
type Job struct {
	ID   int64
	Name string
	Log  string
	// Labels are those of the runner.
	Labels []string
}

// Ruleset is a ruleset of a repository or of an organization.
type Ruleset struct {
	ID   int64
	Name string
	// Target is "branch" where it is "", Enforcement "active".
	Target, Enforcement string
	// Include and Exclude are patterns of ref names, such as "~ALL",
	// "~DEFAULT_BRANCH" and "refs/heads/release/*" ("*" stands for anything
	// but a slash).
	Include, Exclude []string
	// Bypass are rows of bypass_actors, Rules those of rules.
	Bypass, Rules []Object
}
