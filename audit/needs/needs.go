// Package needs answers "what does this need?": for a command line, a REST
// call, a GraphQL document, an action, a workflow file.
//
// It knows nothing of its own. A query becomes a step of a workflow in
// memory, which is traced and inferred like any other, and package decide
// says what its uses of a token take. So an answer here is the answer of an
// audit.
//
// A query that is a command runs in a checkout of the workflow's own
// repository with a token for git and gh, as steps usually do.
package needs

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/decide"
)

// Options say what is known beside the queries.
type Options struct {
	// Open returns the file system of the repository that holds a file, by
	// its path as in a query, and the file's name in it. Nil where there are
	// no files.
	Open func(path string) (fsys fs.FS, name string, err error)
	// Config returns what the project says of its own actions and programs,
	// by the path of a file in it, or "." for where the queries are asked;
	// nil where nothing is said.
	Config func(path string) (*config.Config, error)
	// Repository is the workflow's own repository, "owner/name", or empty.
	Repository string
	// PublicOnly says that all repositories are public.
	PublicOnly bool
	// EnterpriseServer says that it is not on github.com.
	EnterpriseServer bool
	// Web is the address of its pages; empty for https://github.com.
	Web string
}

// Report is the answer to several queries. Its JSON form is schema 1.
type Report struct {
	// Schema is audit.SchemaVersion.
	Schema int `json:"schema"`
	// Needs has one entry for each query, in order; for each step where a
	// query names a workflow file.
	Needs []*Need `json:"needs"`
	// Union is what all of them take together.
	Union audit.Permissions `json:"union"`

	// Groups are the needs by query.
	Groups []*Group `json:"-"`
	// Together is the answer for all of them.
	Together *Need `json:"-"`

	sum *decide.Sum
}

// Group are the needs of one query.
type Group struct {
	Query string
	Needs []*Need
	// Job is the job of a workflow file, or empty for other queries.
	Job string
	// Block is what the job's steps take of GITHUB_TOKEN as they are, by
	// workflow key. Nil for other queries.
	Block map[string]string
	// Replaced is Block with GITHUB_TOKEN in place of every other token that
	// it can replace, Replaceable their names.
	Replaced    map[string]string
	Replaceable []string
	// Open are the steps of which not everything is known.
	Open []string
	// Tokens are the other tokens of the job, with what they take.
	Tokens []*Need
}

// Answer says whether GITHUB_TOKEN can do something.
type Answer string

// The answers.
const (
	Yes         Answer = "yes"
	No          Answer = "no"
	Conditional Answer = "conditional"
	// Unknown is for what is known to use a token, while what it does with
	// it cannot be read.
	Unknown Answer = "unknown"
)

// Need is what one thing takes.
type Need struct {
	// Query is the query; for a step one that asks for the step alone.
	Query       string            `json:"query"`
	Operations  []Operation       `json:"operations"`
	Permissions audit.Permissions `json:"permissions"`
	// GitHubToken says whether GITHUB_TOKEN can do it, Reasons why not, or
	// under which conditions.
	GitHubToken Answer         `json:"github_token"`
	Reasons     []audit.Reason `json:"reasons"`
	// More is what comes on top under conditions that the query leaves open.
	// There is none for workflow files, in which these are settled.
	More []More `json:"more,omitempty"`

	// Remarks say what has no part in the answer: what of the query is not known,
	// a flag or an input, and what is taken besides where something holds that
	// no workflow shows.
	Remarks []string `json:"remarks,omitempty"`

	// Label names a step for people.
	Label string `json:"-"`
	// Events are what it causes.
	Events []string `json:"-"`
	// Choices are needs of which either will do.
	Choices []string `json:"-"`
	// PublicScopes are the classic scopes where all repositories are public.
	PublicScopes []string `json:"-"`
	// Sources say where this is known from.
	Sources []string `json:"-"`
	// Tokens name the credentials that a step goes by.
	Tokens []string `json:"-"`
}

// Operation is one thing done to GitHub.
type Operation struct {
	Name   string `json:"operation"`
	Target string `json:"target"`
	// Evidence is where it stands, for a query that names a file.
	Evidence *audit.Place `json:"evidence,omitempty"`
}

// config returns the configuration for a path.
func (o Options) config(path string) (*config.Config, error) {
	if o.Config == nil {
		return nil, nil
	}
	return o.Config(path)
}

// Ask answers queries. The error is that of a query that cannot be answered.
func Ask(queries []Query, o Options) (*Report, error) {
	asked, err := askMemory(queries, o)
	if err != nil {
		return nil, err
	}
	r := &Report{Schema: audit.SchemaVersion, Needs: []*Need{}}
	var sums []*decide.Sum
	for i, q := range queries {
		if q.kind == file {
			groups, steps, err := askFile(q, o)
			if err != nil {
				return nil, err
			}
			r.Groups, sums = append(r.Groups, groups...), append(sums, steps...)
			continue
		}
		n := needOf(q.Text, asked[i])
		n.More, n.Remarks = moreOf(asked[i]), slices.Concat(q.remarks, n.Remarks)
		r.Groups, sums = append(r.Groups, &Group{Query: q.Text, Needs: []*Need{n}}), append(sums, asked[i])
	}
	for _, g := range r.Groups {
		r.Needs = append(r.Needs, g.Needs...)
	}
	r.sum = decide.Together(sums...)
	r.Together = needOf("", r.sum)
	r.Union = r.Together.Permissions
	return r, nil
}

var answers = map[audit.Verdict]Answer{
	audit.VerdictReplaceable: Yes, audit.VerdictConditional: Conditional, audit.VerdictNotReplaceable: No, audit.VerdictUnknown: Unknown,
}

// needOf writes down what a sum says.
func needOf(query string, s *decide.Sum) *Need {
	n := &Need{
		Query: query, Operations: []Operation{}, Permissions: s.Permissions(), GitHubToken: answers[s.Verdict()], Reasons: s.Reasons(),
		Events: s.Events(), Sources: sources(s), PublicScopes: s.PublicScopes(), Tokens: s.Tokens(), Remarks: s.MayNeed(),
	}
	for _, group := range s.Choices() {
		var words []string
		for _, p := range group {
			words = append(words, p.Name+": "+p.Access)
		}
		n.Choices = append(n.Choices, strings.Join(words, " or "))
	}
	for _, op := range s.Operations() {
		out := Operation{Name: op.Name, Target: op.Target}
		if op.Evidence.File != memory {
			out.Evidence = &op.Evidence
		}
		if !slices.ContainsFunc(n.Operations, func(have Operation) bool { return sameOperation(have, out) }) {
			n.Operations = append(n.Operations, out)
		}
	}
	n.Reasons = withoutMemory(n.Reasons)
	return n
}

func sameOperation(a, b Operation) bool {
	return a.Name == b.Name && a.Target == b.Target && (a.Evidence == nil && b.Evidence == nil || a.Evidence != nil && b.Evidence != nil && *a.Evidence == *b.Evidence)
}

// sources are the tables' own words for where they know something from, and
// ours where they have none.
func sources(s *decide.Sum) []string {
	var out []string
	for _, source := range s.Sources() {
		text := source.Text
		switch {
		case strings.HasPrefix(text, "GET /"), strings.HasPrefix(text, "POST /"), strings.HasPrefix(text, "PUT /"), strings.HasPrefix(text, "PATCH /"), strings.HasPrefix(text, "DELETE /"):
			text = "what GitHub lists for " + text
		case source.Git:
			text = "how GitHub serves git: contents to read and to write"
		case strings.HasPrefix(text, "gh "):
			text = "the sources and the manual of " + text
		case text == "":
			text = "GitHub's lists of the permissions of REST operations"
		}
		switch source.Confidence {
		case "medium":
			text += " (concluded from like ones)"
		case "low":
			text += " (not checked)"
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// Recipe writes down the least token that does everything that was asked
// about.
func (r *Report) Recipe(w decide.Wanted) (*audit.Recipe, audit.RemedyKind) {
	if w.Purpose == "" {
		var queries []string
		for _, g := range r.Groups {
			queries = append(queries, g.Query)
		}
		w.Purpose = "For " + strings.Join(queries, "; ")
	}
	return r.sum.Recipe(w)
}
