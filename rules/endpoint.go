package rules

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Endpoint is an operation of GitHub's REST API.
type Endpoint struct {
	// ID is the operation's id in GitHub's OpenAPI description, such as
	// "issues/create-comment"; "" for older and shorter forms of a path.
	ID string
	// Method and Path are as GitHub writes them: "POST",
	// "/repos/{owner}/{repo}/issues/{issue_number}/comments".
	Method, Path string
	// Needs are the permissions that it takes.
	Needs Needs
	// WorkflowFiles tells that it takes workflows:write as well where it
	// touches files under .github/workflows.
	WorkflowFiles bool
	// FineGrainedPAT tells whether a fine-grained PAT may call it.
	FineGrainedPAT bool
	// Installation tells whether an installation token may call it, such as
	// GITHUB_TOKEN. UserToken tells that an App may call it for a user only.
	Installation, UserToken bool
	// Scopes are the classic scopes that its page names, in order of
	// mention, which may be alternatives.
	Scopes []string
	// Public tells that reading what is public takes no permission.
	Public bool
	// Basis says how the needs are known.
	Basis Basis
	// Note is our word on what is odd about it.
	Note string
	// Cases are further needs and reasons under conditions.
	Cases []Case
}

// Basis says how the needs of an operation are known.
type Basis string

// The bases.
const (
	// BasisListed is for needs that stand in GitHub's lists.
	BasisListed Basis = "listed"
	// BasisPublic is for operations that take no permission at all.
	BasisPublic Basis = "public"
	// BasisJudged is for needs that we concluded from like operations.
	BasisJudged Basis = "judged"
	// BasisOpen is for needs that nobody has written down.
	BasisOpen Basis = "open"
)

var endpointRows = rows("endpoints", []string{"id", "method", "path", "needs", "workflows", "fine_grained_pat",
	"installation", "scopes", "public", "basis", "note"}, parseEndpoint)

func parseEndpoint(r row) (*Endpoint, error) {
	needs, err := r.needs("needs")
	if err != nil {
		return nil, err
	}
	e := &Endpoint{
		ID: r.cell("id"), Method: r.cell("method"), Path: r.cell("path"), Needs: needs,
		WorkflowFiles:  r.cell("workflows") == "1",
		FineGrainedPAT: r.cell("fine_grained_pat") == "1",
		Installation:   r.cell("installation") == "1",
		UserToken:      r.cell("installation") == "u",
		Scopes:         r.list("scopes"),
		Public:         r.cell("public") == "1",
		Basis:          Basis(r.cell("basis")),
		Note:           r.cell("note"),
	}
	if !strings.HasPrefix(e.Path, "/") || e.Method != strings.ToUpper(e.Method) {
		return nil, fmt.Errorf("%s %s: want METHOD /path", e.Method, e.Path)
	}
	if !slices.Contains([]Basis{BasisListed, BasisPublic, BasisJudged, BasisOpen}, e.Basis) {
		return nil, fmt.Errorf("%s: unknown basis %q", e.ID, e.Basis)
	}
	return e, nil
}

// operationCase is a row of the table of cases.
type operationCase struct {
	id string
	Case
}

var endpointCaseRows = rows("endpoint-cases", []string{"id", "when", "needs", "answer", "reasons", "note"},
	func(r row) (operationCase, error) {
		c, err := parseCase(r)
		return operationCase{r.cell("id"), c}, err
	})

// parseCase reads the columns that all tables with cases share.
func parseCase(r row) (Case, error) {
	when, err := r.condition("when")
	if err != nil {
		return Case{}, err
	}
	needs, err := r.needs("needs")
	if err != nil {
		return Case{}, err
	}
	effect := Effect{Needs: needs, Answer: Answer(r.cell("answer")), Reasons: r.list("reasons"), Note: r.cell("note")}
	if !slices.Contains([]Answer{AnswerYes, AnswerNo, AnswerConditional}, effect.Answer) {
		return Case{}, fmt.Errorf("answer %q: want yes, no or conditional", effect.Answer)
	}
	return Case{When: when, Effect: effect}, nil
}

// endpoints are the endpoints with their cases.
var endpoints = sync.OnceValue(func() []*Endpoint {
	cases := index(endpointCaseRows, func(c operationCase) string { return c.id })()
	all := endpointRows().rows
	for _, e := range all {
		for _, c := range cases[e.ID] {
			e.Cases = append(e.Cases, c.Case)
		}
	}
	return all
})

var endpointIndex = sync.OnceValue(func() map[string]*Endpoint {
	out := map[string]*Endpoint{}
	for _, e := range endpoints() {
		if e.ID != "" {
			out[e.ID] = e
		}
	}
	return out
})

// OperationByID returns the endpoint with an operation id.
func OperationByID(id string) (*Endpoint, bool) {
	e, ok := endpointIndex()[id]
	return e, ok
}

// Endpoints returns every endpoint, sorted by id. The caller must not change
// them.
func Endpoints() []*Endpoint { return slices.Clone(endpoints()) }

// Operation returns the name by which reports call the endpoint: its method
// and path.
func (e *Endpoint) Operation() string { return e.Method + " " + e.Path }

// Reads tells whether the endpoint changes nothing.
func (e *Endpoint) Reads() bool { return e.Method == "GET" }

// Reasons returns why GITHUB_TOKEN cannot call the endpoint whatever it is
// given, sorted; nil where it can. Cases have reasons of their own.
func (e *Endpoint) Reasons() []string {
	_, missing := e.Needs.Workflow()
	var reasons []string
	for _, group := range missing {
		reasons = append(reasons, ReasonFor(group[0]))
	}
	if !e.Installation && len(reasons) == 0 && !e.readsPublic() {
		reasons = append(reasons, e.userReason())
	}
	slices.Sort(reasons)
	return slices.Compact(reasons)
}

// readsPublic tells whether the endpoint works without any token.
func (e *Endpoint) readsPublic() bool { return e.Public && e.Basis == BasisPublic }

// userReason says why an installation token may not call an endpoint whose
// permissions GITHUB_TOKEN can hold.
func (e *Endpoint) userReason() string {
	first, _, _ := strings.Cut(strings.TrimPrefix(e.Path, "/"), "/")
	switch {
	case strings.Contains(e.Path, "/projectsV2/") || strings.HasSuffix(e.Path, "/projectsV2"):
		return "projects"
	case first == "user" || first == "gists" || first == "notifications", slices.Contains(e.Scopes, "notifications"):
		return "account-api"
	}
	return "user-only"
}

// Effect returns what a call of the endpoint does in the workflow's own
// repository. Its events stand in a table of their own.
func (e *Endpoint) Effect() Effect {
	effect := Effect{
		Operations: []string{e.Operation()}, Needs: e.Needs, Answer: AnswerYes, Reasons: e.Reasons(),
		Scopes: e.ClassicScopes(false), Note: e.Note, Confidence: "high", Cases: e.Cases,
	}
	if len(effect.Reasons) > 0 {
		effect.Answer = AnswerNo
	}
	if e.takesPackage() {
		effect.Answer, effect.Reasons = AnswerConditional, []string{"package-access"}
	}
	switch e.Basis {
	case BasisJudged:
		effect.Confidence = "medium"
	case BasisOpen:
		effect.Confidence = "low"
	}
	return effect
}

// takesPackage tells whether a package's own list of repositories decides.
func (e *Endpoint) takesPackage() bool {
	return e.Installation && slices.ContainsFunc(e.Needs.Permissions(), func(p Permission) bool {
		return p.Level == LevelRepository && p.Name == "packages"
	})
}

// ClassicScopes returns the smallest classic scopes for the endpoint. Where
// its page names scopes, one of these is taken as far as it meets the needs
// better than the general rule: deleting a repository takes delete_repo.
func (e *Endpoint) ClassicScopes(publicOnly bool) []string {
	if e.Public && publicOnly {
		return nil
	}
	general := ClassicScopes(e.Needs, publicOnly)
	if len(e.Scopes) == 0 || slices.ContainsFunc(general, func(s string) bool {
		return slices.ContainsFunc(e.Scopes, func(named string) bool { return ScopeCovers(named, s) })
	}) {
		return general
	}
	if len(e.Needs) > 0 {
		// The page names alternatives, the least demanding first as a rule.
		return e.Scopes[:1]
	}
	return ReduceScopes(e.Scopes)
}
