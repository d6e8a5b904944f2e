package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// request is a REST request.
type request struct {
	method    string
	path      value.Value // path or route, without the host
	arguments map[string]value.Value
	// open says that there may be further arguments.
	open bool
	// without are arguments that it surely does not have, open or not.
	without []string
	// here is the repository that {owner}/{repo} of gh stands for.
	here  []Target
	place audit.Place
}

// rest adds what a REST request does to a use: one operation for each route
// that its path can be.
func (in *inferrer) rest(u *Use, r request) {
	for _, path := range r.path.Alternatives() {
		in.restRoute(u, r, path)
	}
}

// restPath returns a path with the repository's own name as {owner}/{repo}.
func restPath(path value.Value) (string, *value.Table) {
	table := &value.Table{}
	var b strings.Builder
	for _, p := range path {
		text, literal := (value.Value{p}).Literal()
		switch {
		case literal:
			b.WriteString(text)
		case rules.OwnRepository(p.Context) || rules.HeadRepository(p.Context):
			b.WriteString("{owner}/{repo}")
		default:
			b.WriteString(table.Placeholder(value.Value{p}, 0))
		}
	}
	return b.String(), table
}

func (in *inferrer) restRoute(u *Use, r request, path value.Value) {
	text, table := restPath(path)
	endpoint, params, ok := rules.Route(r.method, text)
	ok = ok && !gapped(text)
	if !ok {
		// The word behind repos/ may be a whole "owner/name".
		if head, rest, cut := strings.Cut(strings.TrimPrefix(text, "/"), "/"); cut && head == "repos" && !gapped(text) {
			if name, tail, _ := strings.Cut(rest, "/"); value.HasPlaceholder(name) {
				whole := table.Value(name)
				endpoint, params, ok = rules.Route(r.method, strings.TrimSuffix("/repos/{owner}/{repo}/"+tail, "/"))
				if ok {
					params["owner"] = name
					delete(params, "repo")
					in.endpoint(u, r, endpoint, params, table, in.anyTargets(whole))
					return
				}
			}
		}
		u.Unknowns = append(u.Unknowns, Unknown{
			Code: "unread", Detail: "the address " + path.String() + " is none of GitHub's known routes as far as it can be read", Place: r.place,
			Settle: "write the route out",
		})
		return
	}
	var targets []Target
	if slices.ContainsFunc(path, func(p value.Part) bool { return rules.HeadRepository(p.Context) }) {
		targets = []Target{in.head()}
	}
	in.endpoint(u, r, endpoint, params, table, targets)
}

// gapped tells whether a path has an empty segment where a name must stand, as
// where the owner could not be read: what follows is not in its place then. The
// path of a file is the last of a route, and GitHub takes it with a "/" too many.
func gapped(path string) bool {
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	if i := strings.Index(path, "/contents/"); i >= 0 {
		path = path[:i+1]
	}
	return strings.Contains(strings.TrimLeft(path, "/"), "//")
}

// endpoint adds what an endpoint does. targets is nil where the parameters
// tell.
func (in *inferrer) endpoint(u *Use, r request, e *rules.Endpoint, params map[string]string, table *value.Table, targets []Target) {
	if targets == nil {
		targets = in.endpointTargets(e, r, params, table)
	}
	effect := e.Effect()
	given := func(name string) (value.Value, bool) {
		if v, ok := r.arguments[name]; ok {
			return v, true
		}
		p, ok := params[name]
		return table.Value(p), ok
	}
	number, numbered := given("issue_number")
	if own, ok := strings.CutPrefix(number.LiteralOr(""), "{"); ok {
		// A route has a name of its own for it.
		number, numbered = given(strings.TrimSuffix(own, "}"))
	}
	get := func(name string) (text string, known, set bool) {
		if name == "workflow-files" {
			path, _ := given("path")
			files, _ := given("tree.path")
			if isWorkflowFile(path) || isWorkflowFile(files) {
				return name, true, true
			}
		}
		v, set := given(name)
		without := !set && (!r.open || slices.Contains(r.without, name))
		if name == closing {
			title, _ := given("commit_title")
			message, _ := given("commit_message")
			return name, true, ClosesIssue(title) || ClosesIssue(message) || in.session.closes
		}
		if name == "assignee" {
			if several, ok := given("assignees"); ok {
				v, set = several, true
			}
			return named(v), set || without, set
		}
		if circumstances[name] {
			return in.circumstance(name, number)
		}
		if !set {
			return "", without, false
		}
		if text, known = v.Literal(); !known && len(v) > 0 {
			text = v[0].Text + rules.Onwards
		}
		return text, known, true
	}
	if e.ID == "pulls/create" {
		body, _ := given("body")
		base, _ := given("base")
		in.opens(ClosesIssue(body), base)
	}
	effect = effect.Resolve(get)
	op := Operation{
		Names: []string{e.Method + " " + e.Path}, Targets: targets, Needs: effect.Needs, Answer: effect.Answer, Reasons: effect.Reasons,
		Scopes: effect.Scopes, UserOnly: e.UserToken || !e.Installation && !e.Public && e.Basis != rules.BasisOpen, ClassicOnly: !e.FineGrainedPAT && len(effect.Scopes) > 0, Public: e.Public && e.Reads(), Note: effect.Note,
		Confidence: effect.Confidence, Place: r.place,
	}
	op.MayNeed = mayNeed(effect.Cases, given)
	u.mayTake(&op, op.Names[0], slices.DeleteFunc(effect.Cases, func(c rules.Case) bool { return unlikely(c, get) }))
	if commit, ok := given("target_commitish"); ok {
		in.releases(&op, commit)
	}
	if strings.HasPrefix(e.Path, "/search/") {
		in.searched(&op, queryText(r))
	}
	if numbered && strings.Contains(e.Path, "{issue_number}") {
		op.Number = number
	}
	if number, ok := given("pull_number"); ok && strings.Contains(e.Path, "{pull_number}") {
		op.Number, op.OnPull = number, true
	}
	lookup := func(reference string) (value.Value, bool) {
		_, name, _ := strings.Cut(reference, ":")
		v, set := given(name)
		if !set && r.open && slices.Contains(preset, name) && !slices.Contains(r.without, name) {
			return value.Unknown(name), true
		}
		return v, set
	}
	for _, row := range rules.RestEvents(e.Method, e.Path) {
		if row.When.Holds(get) != rules.No {
			op.Events = append(op.Events, in.events(row.Events, lookup, nil)...)
		}
	}
	u.Operations = append(u.Operations, op)
}

// missing is the circumstance that a label does not exist yet. Nearly every one
// does, so that what making it takes is only said.
const missing = "missing-label"

// mayNeed returns what cases take where a label does not exist yet and what else
// they ask for is given.
func mayNeed(cases []rules.Case, given func(name string) (value.Value, bool)) []rules.MayNeed {
	var out []rules.MayNeed
	for _, c := range cases {
		others := slices.DeleteFunc(slices.Clone(c.When), func(t rules.Term) bool { return t.Name == missing })
		if len(others) < len(c.When) && !slices.ContainsFunc(others, func(t rules.Term) bool { _, set := given(t.Name); return !set }) {
			out = append(out, rules.MayNeed{Needs: c.Effect.Needs, Note: c.Effect.Note})
		}
	}
	return out
}

// unlikely tells whether a case only takes a permission besides, for an argument
// that nothing shows to be given: few calls have one, and where a body is not
// seen, any might be in it.
func unlikely(c rules.Case, get func(name string) (text string, known, set bool)) bool {
	return c.Effect.Answer == rules.AnswerYes && !slices.ContainsFunc(c.When, func(t rules.Term) bool {
		_, _, set := get(t.Name)
		return set
	})
}

// named returns what is known of logins: those of a list that may be one or the
// other all together. One that is only known when it runs is taken for a
// person's.
func named(logins value.Value) string {
	var texts []string
	for _, v := range logins.Alternatives() {
		texts = append(texts, v.Mask().Text)
	}
	return strings.Join(texts, ",")
}

// preset are the arguments that mean something of their own where a request does
// not have them, and of which an event tells.
var preset = []string{"context", "draft", "environment", "state_reason", "stateReason", "task"}

// isWorkflowFile tells whether a path, or one of several, is that of a
// workflow.
func isWorkflowFile(file value.Value) bool {
	return slices.ContainsFunc(file.Alternatives(), func(v value.Value) bool {
		name := strings.TrimPrefix(strings.TrimPrefix(v.Mask().Text, "./"), "/")
		return strings.HasPrefix(name, ".github/workflows/") || name == ".github/workflows"
	})
}

// endpointTargets says what an endpoint acts on.
func (in *inferrer) endpointTargets(e *rules.Endpoint, r request, params map[string]string, table *value.Table) []Target {
	argument := func(name string) value.Value {
		if v, ok := r.arguments[name]; ok {
			return v
		}
		text := params[name]
		if text == "{"+name+"}" || text == ":"+name {
			return nil
		}
		return table.Value(text)
	}
	switch {
	case strings.HasPrefix(e.Path, "/repos/{owner}/{repo}"):
		owner, repo := argument("owner"), argument("repo")
		if len(owner) == 0 && len(repo) == 0 {
			if r.here != nil {
				return r.here
			}
			return []Target{self}
		}
		return in.parts(owner, repo)
	case strings.HasPrefix(e.Path, "/repos/{template_owner}"):
		return in.parts(argument("template_owner"), argument("template_repo"))
	case strings.HasPrefix(e.Path, "/orgs/{org}"):
		return []Target{in.owner(argument("org"))}
	}
	return []Target{{Kind: Nothing, Text: "none"}}
}

// mayTake adds to an operation what it takes besides if its arguments, which are
// only known when it runs, are what the cases ask for.
func (u *Use) mayTake(op *Operation, name string, cases []rules.Case) {
	for _, part := range cases {
		switch {
		case ofCircumstance(part.When):
		case part.Effect.Answer == rules.AnswerNo:
			u.Unknowns = append(u.Unknowns, Unknown{
				Code: "unread", Detail: name + " may be given " + part.When.String() + ", which is only known when it runs", Place: op.Place, Settle: "write its arguments out",
			})
		default:
			op.Needs = op.Needs.Union(part.Effect.Needs)
			op.Answer = worse(op.Answer, part.Effect.Answer)
			for _, reason := range part.Effect.Reasons {
				op.Reasons = appendNew(op.Reasons, reason)
			}
		}
	}
}

// ofCircumstance tells whether a condition asks for something that no argument
// answers by itself.
func ofCircumstance(c rules.Condition) bool {
	return slices.ContainsFunc(c, func(t rules.Term) bool {
		particular, general := t.Names()
		return circumstances[particular] || circumstances[general]
	})
}

// circumstances are the names in conditions of the tables that no argument
// answers by itself.
var circumstances = map[string]bool{
	"object": true, "parent": true, "workflow-files": true, "protected": true, "fork": true, "private-fork": true, "other-repository": true,
	"other-private": true, "private": true, "viewer": true, "secret": true, "drafts": true, "person": true, "assignee": true,
	"team-reviewers": true, "open-pull-request": true, "merge-queue": true, "merged": true, closing: true, missing: true, "new-ref": true,
	"deleted-ref": true, "destination": true, "last-run": true, "pending-comments": true, "review-submitted": true,
}

// circumstance answers a circumstance: of the object acted on, what starts
// the workflow tells, where it is the one that the event is about; nothing is
// known of the others.
func (in *inferrer) circumstance(name string, of value.Value) (text string, known, set bool) {
	switch {
	case name != "object":
	case holdsOnly(of, discussionNode):
		return "Discussion", true, true
	case in.commentedOnDiscussion() && holdsOnly(of, commentNode):
		return "DiscussionComment", true, true
	case OfEvent(of):
		switch in.job.About() {
		case "issues":
			return "Issue", true, true
		case "pull_requests":
			return "PullRequest", true, true
		}
	}
	return "", false, false
}

// The contexts that hold the ids of a discussion and of a comment that an event is
// about.
const (
	discussionNode = "github.event.discussion.node_id"
	commentNode    = "github.event.comment.node_id"
)

// holdsOnly tells whether a value is surely the id that a context holds.
func holdsOnly(v value.Value, context string) bool {
	return len(v) > 0 && !slices.ContainsFunc(v.Alternatives(), func(a value.Value) bool { return !a.IsContext(context) })
}

// commentedOnDiscussion tells whether the only comments that start the job are
// those on discussions.
func (in *inferrer) commentedOnDiscussion() bool {
	commented := slices.DeleteFunc(slices.Clone(in.job.Root.Triggers), func(t workflow.Trigger) bool { return !strings.HasSuffix(t.Event, "_comment") })
	return len(commented) > 0 && !slices.ContainsFunc(commented, func(t workflow.Trigger) bool { return t.Event != "discussion_comment" })
}

// ownObject matches the contexts that hold the number or the id of what an
// event is about.
var ownObject = regexp.MustCompile(`^github\.event\.(?:(?:issue|pull_request)\.)?(?:number|node_id|url|html_url|comments_url)$`)

// ofRun matches what scripts read of the event or of the ref of a pull request,
// and ofText what they find in the text of one: the number of something else.
var (
	ofRun  = regexp.MustCompile(`GITHUB_EVENT_PATH|GITHUB_REF`)
	ofText = regexp.MustCompile(`body|title|head|label|commit`)
)

// OfEvent tells whether a value surely names the issue or pull request that the
// event of the run is about.
func OfEvent(v value.Value) bool {
	return len(v) > 0 && !slices.ContainsFunc(v.Alternatives(), func(a value.Value) bool {
		if len(a) != 1 {
			return true
		}
		return !ownObject.MatchString(a[0].Context) && !(ofRun.MatchString(a[0].Unknown) && !ofText.MatchString(a[0].Unknown))
	})
}
