// Package audit holds the nouns of Patrol: what an audit says about a
// repository, in the very form in which reports are written (schema 1).
//
// It imports nothing of ours and does no I/O. The analysis (workflow, shell,
// script, trace, infer, decide) ends in these types, the formats (report)
// begin with them, and neither knows the other. A saved report can therefore
// be read back and shown in any format.
package audit

import "encoding/json"

// SchemaVersion is the version of the JSON report. It grows when a reader of
// the old form could misread the new one.
const SchemaVersion = 1

// Report is everything that one run found out.
type Report struct {
	// Schema is SchemaVersion.
	Schema int `json:"schema"`
	// Tool is the program that wrote the report.
	Tool Tool `json:"tool"`
	// GeneratedAt is the time of writing in RFC 3339, UTC.
	GeneratedAt string `json:"generated_at"`
	// Repositories are the audited repositories, in the order asked for.
	Repositories []*Repository `json:"repositories"`
	// Tokens are the inspected tokens; empty unless the API was asked.
	Tokens []*Token `json:"tokens"`
	// Organization is what an audit of whole accounts knows beside; null for
	// any other audit.
	Organization *Organization `json:"organization,omitempty"`
	// Summary counts what stands above.
	Summary Summary `json:"summary"`
}

// Tool names the program that wrote a report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Repository is the audit of one repository (or of one loose workflow file).
type Repository struct {
	// Name is "owner/name", or null where nothing tells.
	Name *string `json:"repository"`
	// Root is the folder that was read, as it was given; null over the API.
	Root *string `json:"root"`
	// Ref is the commit or branch that was read; null for a work tree.
	Ref *string `json:"ref"`
	// Visibility is "public", "private" or "internal", Archived and Fork say
	// that it is that, Teams are the slugs of the teams that may write to it;
	// all are empty unless an account's repositories were listed.
	Visibility string   `json:"visibility,omitempty"`
	Archived   bool     `json:"archived,omitempty"`
	Fork       bool     `json:"fork,omitempty"`
	Teams      []string `json:"teams,omitempty"`
	// DefaultPermissions and ApprovePullRequests are as in Account, for the
	// repository itself; empty unless its settings were asked for.
	DefaultPermissions  string `json:"default_permissions,omitempty"`
	ApprovePullRequests *bool  `json:"approve_pull_requests,omitempty"`
	// SecretsKnown tells that the names of all its own secrets for actions
	// were asked for, those of its environments too.
	SecretsKnown bool `json:"secrets_known,omitempty"`
	// Files counts the workflow and action files that were read.
	Files int `json:"files"`
	// Workflows counts the workflow files among them.
	Workflows int `json:"workflows"`
	// Errors say what could not be read, and where.
	Errors []Problem `json:"errors"`
	// Secrets are the secrets behind the references, as GitHub keeps them;
	// empty unless the API was asked and may tell.
	Secrets []Secret `json:"secrets"`
	// References are the places where a secret is written, sorted by file
	// and position.
	References []*Reference `json:"references"`
	// Open are the places where secrets go that no reference names, sorted by
	// file and line: where there is one, it cannot be said of a secret that
	// no workflow reads it.
	Open []Opening `json:"open,omitempty"`
	// Findings are the rules' results, sorted by file and position. Where
	// Baseline is set, they are only those that it does not hold.
	Findings []*Finding `json:"findings"`
	// Accepted are the findings that somebody accepts, in the same order.
	Accepted []*Finding `json:"accepted,omitempty"`
	// Baseline says what the findings were held against; nil for nothing.
	Baseline *Baseline `json:"baseline,omitempty"`
}

// Baseline is what became of the findings of an earlier state.
type Baseline struct {
	// Commit is the commit that the work tree was held against; empty where
	// that was an earlier report.
	Commit string `json:"commit,omitempty"`
	// New counts the findings that are reported: those that were not there,
	// and, against a commit, those that the change touches.
	New int `json:"new"`
	// Gone are the findings that were there and are no more, as they were.
	Gone []*Finding `json:"gone"`
	// Still counts the findings that were there and are left out.
	Still int `json:"still"`
}

// Secret is a secret as GitHub keeps it. Its value is nowhere in it.
type Secret struct {
	Name string `json:"name"`
	// Scope is "repository", "organization" or "environment"; Environment is
	// the name of the latter.
	Scope       string `json:"scope"`
	Environment string `json:"environment,omitempty"`
	// UpdatedAt is when it was last set, in RFC 3339.
	UpdatedAt string `json:"updated_at"`
}

// Problem is a fault in what was read: never a failure of Patrol's own.
type Problem struct {
	File string `json:"file"`
	// Line is 1-based; 0 where the whole file is meant.
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
	// Unread says that something is there that was not read, such as a file
	// without permission or beyond a bound, so that the audit is not complete.
	// It is not set for faults that GitHub meets with as well, such as YAML that
	// does not parse.
	Unread bool `json:"unread,omitempty"`
}

// Place is a piece of a file that proves something.
type Place struct {
	File string `json:"file"`
	// Line is 1-based; 0 where the whole file is meant.
	Line int `json:"line,omitempty"`
	// Text is what stands there, or what it means.
	Text string `json:"text,omitempty"`
}

// OpeningKind is a way in which secrets are read that are not named.
type OpeningKind string

// The kinds of opening.
const (
	// OpenAll takes in every secret: toJSON(secrets), or secrets[a computed
	// name].
	OpenAll OpeningKind = "all"
	// OpenInherit is "secrets: inherit" to a workflow that was not read, or
	// that takes in every secret itself.
	OpenInherit OpeningKind = "inherit"
	// OpenEnvironment is the call of another repository's workflow: its jobs
	// can name an environment of the caller and read the secrets of that one,
	// and of no other.
	OpenEnvironment OpeningKind = "environment"
	// OpenSkipped is a file that names secrets and that the configuration
	// skips, so that nothing of it is reported.
	OpenSkipped OpeningKind = "skipped"
)

// Opening is a place where secrets go that no reference names.
type Opening struct {
	Kind OpeningKind `json:"kind"`
	File string      `json:"file"`
	// Line is 1-based; 0 where the whole file is meant.
	Line int `json:"line,omitempty"`
}

// Span is a range of a file. Lines and columns are 1-based, columns count
// characters (runes), and the end is exclusive.
type Span struct {
	File      string
	Line      int
	Column    int
	EndLine   int
	EndColumn int
}

// Hop is one step on a secret's way from where it is written to its use.
type Hop struct {
	File string `json:"file"`
	Line int    `json:"line"`
	// What names the step, such as "job env GH_TOKEN".
	What string `json:"what"`
}

// Credential says what kind of secret a reference is.
type Credential string

// The kinds of credential.
const (
	// CredentialGitHub is a credential for GitHub.
	CredentialGitHub Credential = "github"
	// CredentialOther is for something else; such a reference has no verdict.
	CredentialOther Credential = "other"
	// CredentialUnknown is where nothing shows what it is for.
	CredentialUnknown Credential = "unknown"
)

// Verdict answers whether GITHUB_TOKEN would do.
type Verdict string

// The verdicts, from best to worst.
const (
	VerdictNone           Verdict = ""
	VerdictReplaceable    Verdict = "replaceable"
	VerdictConditional    Verdict = "conditional"
	VerdictUnknown        Verdict = "unknown"
	VerdictNotReplaceable Verdict = "not-replaceable"
)

// verdictOrder ranks the verdicts from best to worst.
var verdictOrder = map[Verdict]int{
	VerdictNone: 0, VerdictReplaceable: 1, VerdictConditional: 2, VerdictUnknown: 3, VerdictNotReplaceable: 4,
}

// Worse returns the worse of two verdicts: not-replaceable, then unknown,
// then conditional, then replaceable.
func (v Verdict) Worse(w Verdict) Verdict {
	if verdictOrder[w] > verdictOrder[v] {
		return w
	}
	return v
}

// MarshalJSON writes VerdictNone as null.
func (v Verdict) MarshalJSON() ([]byte, error) {
	if v == VerdictNone {
		return []byte("null"), nil
	}
	return json.Marshal(string(v))
}

// Reason is one ground of a verdict.
type Reason struct {
	// Code is one of the reason codes of package rules.
	Code string `json:"code"`
	// Detail says what it means here, in one sentence.
	Detail string `json:"detail"`
	// Evidence are the places that show it.
	Evidence []Place `json:"evidence"`
}

// Permissions is a need in the three vocabularies in which GitHub grants.
type Permissions struct {
	// Workflow has workflow keys ("pull-requests") with "read" or "write".
	Workflow map[string]string `json:"workflow"`
	// FineGrained has the permissions of fine-grained PATs and Apps.
	FineGrained FineGrained `json:"fine_grained"`
	// ClassicScopes are the smallest scopes of a classic PAT.
	ClassicScopes []string `json:"classic_scopes"`
}

// FineGrained has permissions by API name ("pull_requests") with "read",
// "write" or "admin", apart by what they are given on.
type FineGrained struct {
	Repository   map[string]string `json:"repository"`
	Organization map[string]string `json:"organization"`
	Account      map[string]string `json:"account"`
}

// Reference is one place where a secret is written: ${{ secrets.NAME }}.
type Reference struct {
	// ID is a fingerprint that stays when lines move.
	ID string `json:"id"`
	// Secret is the name as written.
	Secret string `json:"secret"`
	// Environments are those of the jobs that it stands in, as written: a
	// secret of such an environment goes before the repository's own. "" is
	// for a job without one beside others with one; without any there is no
	// list.
	Environments []string `json:"environments,omitempty"`
	// FromCaller says that other workflows can call this one: which secret is
	// meant is then for its caller to say.
	FromCaller bool   `json:"from_caller,omitempty"`
	File       string `json:"file"`
	// Line and Column are where the expression's context begins, 1-based;
	// EndLine and EndColumn are where it ends (exclusive).
	Line       int        `json:"line"`
	Column     int        `json:"column"`
	EndLine    int        `json:"end_line"`
	EndColumn  int        `json:"end_column"`
	Credential Credential `json:"credential"`
	// Verdict is the worst of the uses; null where Credential is other.
	Verdict     Verdict     `json:"verdict"`
	Reasons     []Reason    `json:"reasons"`
	Permissions Permissions `json:"permissions"`
	// Target holds "self", "owner/name", "ghcr.io/owner/image" or "unknown".
	Target []string `json:"target"`
	// Events are those that the uses cause, such as "pull_request.opened".
	Events []string `json:"events"`
	Uses   []*Use   `json:"uses"`
	Remedy Remedy   `json:"remedy"`
}

// Use is one place where a secret's value reaches something that talks to
// GitHub (or may do so).
type Use struct {
	Job string `json:"job"`
	// Step is the step's number in its job, 1-based; 0 where the use is of
	// the whole job (a call of a reusable workflow, a container).
	Step int    `json:"step"`
	File string `json:"file"`
	Line int    `json:"line"`
	// What names the consumer, such as "gh release create".
	What string `json:"what"`
	// Via are the hops from the reference to the use, in order.
	Via         []Hop       `json:"via"`
	Operations  []Operation `json:"operations"`
	Verdict     Verdict     `json:"verdict"`
	Reasons     []Reason    `json:"reasons"`
	Permissions Permissions `json:"permissions"`
}

// Operation is one thing done to GitHub.
type Operation struct {
	// Name is "METHOD /path/template", "query Type.field",
	// "mutation name", "git push" or a like word of the tables.
	Name string `json:"operation"`
	// Target is as in Reference.Target.
	Target   string `json:"target"`
	Evidence Place  `json:"evidence"`
}

// RemedyKind is what should stand in place of a secret.
type RemedyKind string

// The remedies, best first.
const (
	RemedyGitHubToken RemedyKind = "github-token"
	RemedyApp         RemedyKind = "app"
	RemedyFineGrained RemedyKind = "fine-grained"
	RemedyClassic     RemedyKind = "classic"
	RemedyNone        RemedyKind = "none"
)

// Remedy says what to do about a reference.
type Remedy struct {
	Kind    RemedyKind `json:"kind"`
	Summary string     `json:"summary"`
	// JobPermissions is the complete job-level permissions block, by
	// workflow key; null unless Kind is github-token, and where it is
	// GITHUB_TOKEN already.
	JobPermissions map[string]string `json:"job_permissions"`
	// UnknownSteps name the steps of the job whose need of GITHUB_TOKEN is
	// not known, so that JobPermissions may lack something for them.
	UnknownSteps []string `json:"unknown_steps"`
	// FineGrained is the recipe for a token; null for github-token and none.
	FineGrained *Recipe `json:"fine_grained"`
}

// Settled tells that there is nothing to do: callers hand over GITHUB_TOKEN
// already, or it is only asked whether the secret is set.
func (r Remedy) Settled() bool { return r.Kind == RemedyGitHubToken && r.JobPermissions == nil }

// Recipe is all that is needed to make the least token. For an App it lists
// what the App's installation token should be asked for.
type Recipe struct {
	Name          string   `json:"name"`
	ResourceOwner string   `json:"resource_owner"`
	Repositories  []string `json:"repositories"`
	// Permissions is by API name with "read" or "write"; organisation and
	// account permissions stand under their own names as well.
	Permissions   map[string]string `json:"permissions"`
	ClassicScopes []string          `json:"classic_scopes"`
	ExpiresInDays int               `json:"expires_in_days"`
	Justification string            `json:"justification"`
	// URL is the pre-filled page for a new fine-grained token, or the page
	// for a new classic one.
	URL string `json:"url"`
}

// Summary counts.
type Summary struct {
	Repositories   int `json:"repositories"`
	Workflows      int `json:"workflows"`
	References     int `json:"references"`
	Replaceable    int `json:"replaceable"`
	Conditional    int `json:"conditional"`
	NotReplaceable int `json:"not_replaceable"`
	Unknown        int `json:"unknown"`
	// Other counts references to secrets that are no GitHub credentials.
	Other    int `json:"other"`
	Errors   int `json:"errors"`
	Findings int `json:"findings"`
	// BySeverity counts the findings.
	BySeverity map[Severity]int `json:"by_severity"`
	// Accepted counts the findings that are left out because somebody
	// accepts them.
	Accepted int `json:"accepted,omitempty"`
}
