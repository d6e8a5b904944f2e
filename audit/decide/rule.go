package decide

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// rule judges one use.
func (d *decider) rule(j *jobView, u *infer.Use) *ruling {
	r := &ruling{verdict: audit.VerdictReplaceable}
	if u.Other {
		r.verdict = audit.VerdictNone
		return r
	}
	for _, op := range u.Operations {
		d.operation(j, u, op, r)
	}
	d.inPart(u, r)
	if r.verdict == audit.VerdictReplaceable {
		// A row that nobody has checked is no ground to tell people to act.
		for _, op := range u.Operations {
			if op.Confidence == "low" {
				r.open("unknown-action", "what "+u.What+" does is not known for sure", []audit.Place{op.Place})
			}
		}
	}
	for _, x := range u.Unknowns {
		detail := x.Detail
		if x.Settle != "" {
			detail += ": " + x.Settle
		}
		r.open(x.Code, detail, []audit.Place{x.Place})
	}
	d.inPieces(r, j.Root.Path, j.File.Path, u.File)
	if hours := lifetime(j); hours > 24 && len(u.Operations) > 0 {
		r.against("token-lifetime", fmt.Sprintf("the job may run for %d hours, and GITHUB_TOKEN lives for 24 at most", hours), []audit.Place{{File: j.File.Path, Line: j.Job.Job.Job.TimeoutMinutes.Line(), Text: "timeout-minutes: " + j.Job.Job.Job.TimeoutMinutes.Value}})
	}
	return r
}

// partial are the codes of calls that programs for many uses make in some of
// them, or give up where they are refused.
var partial = []string{"account-api", "user-only", "organization-api"}

// inPart leaves open what an action of others that is made to work with
// GITHUB_TOKEN calls beyond it: which of its calls a step comes by is not read.
func (d *decider) inPart(u *infer.Use, r *ruling) {
	a := u.Site.Through
	if a == nil || !a.Meant || u.Site.Call == nil || r.verdict != audit.VerdictNotReplaceable {
		return
	}
	if slices.ContainsFunc(r.reasons, func(x audit.Reason) bool { return !slices.Contains(partial, x.Code) }) {
		return
	}
	r.verdict = audit.VerdictUnknown
	r.open("unread", fmt.Sprintf("whether %s comes by this call here is not read, and GITHUB_TOKEN is its default: try it", a.Name), []audit.Place{{File: u.File, Line: u.Line, Text: u.What}})
}

// lifetime is how long a job on a machine of one's own may run, in hours.
func lifetime(j *jobView) int {
	job := j.Job.Job.Job
	own := slices.ContainsFunc(job.RunsOn, func(t workflow.Text) bool { return strings.Contains(t.Value, "self-hosted") })
	minutes, err := strconv.Atoi(job.TimeoutMinutes.Value)
	if !own || err != nil {
		return 0
	}
	return minutes / 60
}

// operation judges one operation on each of its targets.
func (d *decider) operation(j *jobView, u *infer.Use, op infer.Operation, r *ruling) {
	at := []audit.Place{op.Place}
	if op.Public && len(op.Needs) == 0 {
		return
	}
	for _, t := range op.Targets {
		switch t.Kind {
		case infer.Self:
			d.onSelf(j, u, op, r, at)
			if t.MayBeFork && op.Needs.Writes() {
				r.condition("other-repository", operationName(op)+" writes to the head of a pull request, which GITHUB_TOKEN does if it is no fork", at)
			}
			if linkedAddress(op) && op.Needs.Writes() {
				r.condition("other-repository", operationName(op)+" writes to the issues that a pull request closes, which GITHUB_TOKEN does if they are this repository's", at)
			}
		case infer.Repository:
			d.elsewhere(u, op, t, r, at)
		case infer.Registry:
			d.registry(j, u, op, t, r, at)
		case infer.Owner:
			d.onOwner(j, op, t, r, at)
		case infer.Nothing:
			d.permissions(j, op, r, at)
		case infer.UnknownTarget:
			d.nowhere(j, u, op, t, r, at)
		}
	}
}

// onSelf judges an operation on the workflow's own repository.
func (d *decider) onSelf(j *jobView, u *infer.Use, op infer.Operation, r *ruling, at []audit.Place) {
	d.permissions(j, op, r, at)
	if j.UnknownCaller && op.Needs.Writes() {
		detail := "this repository is the caller's, whose workflows and permissions are not seen here"
		if !d.starts(j, u, op) {
			detail = "it takes permissions that the caller's job must have, which is not seen here; none of the caller's workflows is started by it"
		}
		r.condition("unknown-caller", detail, at)
	} else if j.Shared && op.Needs.Writes() && d.starts(j, u, op) {
		r.condition("unknown-caller", "other repositories seem to call "+j.File.Path+" too, whose workflows are not seen here: this one calls it by its full name, as they would", at)
	}
	if slices.Contains(op.Names, approvesRun) {
		r.condition("approval-required", "GITHUB_TOKEN approves the runs of outside contributors, not those that wait because GITHUB_TOKEN opened or updated the pull request", at)
	}
	d.cascade(j, u, op, r)
	d.merges(j, u, op, r, at)
	commands(op, r, at)
	d.approvedByToken(j, u, op, r, at)
	if approves(op) {
		d.ownApproval(j, u, op, r, at)
		if file := d.codeOwners(); file != "" {
			r.condition("protected-branch", file+" names who owns the code: where the branch's protection asks for their approval, one by GITHUB_TOKEN does not count", append(at, audit.Place{File: file, Line: 1}))
		}
	}
}

// approves tells whether an operation approves a pull request: it says so, or
// makes a review that hangs on the setting for approvals.
func approves(op infer.Operation) bool {
	return slices.ContainsFunc(op.Events, func(e infer.Event) bool {
		state, known := e.Attributes["state"]
		approved := state.LiteralOr("") == "approved" || !known && slices.Contains(op.Reasons, "pull-request-setting")
		return e.Key() == "pull_request_review.submitted" && approved
	})
}

// commands holds comments against GITHUB_TOKEN that tell a bot to do something,
// where that does not heed it, or may not.
func commands(op infer.Operation, r *ruling, at []audit.Place) {
	for _, e := range op.Events {
		if e.Key() != "issue_comment.created" {
			continue
		}
		for _, body := range e.Attributes["body"].Alternatives() {
			switch m, ok := rules.MentionIn(body.String()); {
			case ok && m.Answer == rules.AnswerNo:
				r.against(m.Reason, m.Detail, at)
			case ok:
				r.condition(m.Reason, m.Detail, at)
			}
		}
	}
}

// approvesRun is the operation by which a run that waits for a person's
// approval goes on. Whose runs they are shows only when it runs.
const approvesRun = "POST /repos/{owner}/{repo}/actions/runs/{run_id}/approve"

// permissions holds the needs against the keys that GITHUB_TOKEN has, and
// takes over what the tables say.
func (d *decider) permissions(j *jobView, op infer.Operation, r *ruling, at []audit.Place) {
	_, missing := op.Needs.Workflow()
	said := []string{}
	for _, group := range missing {
		code := rules.ReasonFor(group[0])
		if code == "" {
			continue
		}
		said = append(said, code)
		r.against(code, fmt.Sprintf("%s takes %s, which GITHUB_TOKEN cannot be given", operationName(op), group[0]), at)
	}
	codes := op.Reasons
	if op.UserOnly && !slices.ContainsFunc(codes, func(c string) bool { return c == "user-only" || c == "account-api" || c == "projects" }) {
		codes = append(slices.Clip(codes), "user-only")
	}
	for _, code := range codes {
		switch {
		case code == "triggers-workflows" || code == "approval-required":
			// These follow from the events.
			continue
		case slices.Contains(said, code):
			continue
		case code == "own-approval":
			// Looked at below, for all that approves.
			continue
		}
		switch op.Answer {
		case rules.AnswerNo:
			r.against(code, detail(code, op), at)
		case rules.AnswerConditional:
			if !d.settled(j, code, op, r, at) {
				r.condition(code, detail(code, op), at)
			}
		default:
			if canBeCondition(code) && d.settled(j, code, op, r, at) {
				continue
			}
			if canBeCondition(code) {
				r.condition(code, detail(code, op), at)
			} else {
				r.against(code, detail(code, op), at)
			}
		}
	}
	if op.Answer == rules.AnswerNo && len(codes) == 0 && len(missing) == 0 {
		r.against("user-only", detail("user-only", op), at)
	}
}

// codeOwners returns the file that says who owns which part of the code; "" for
// none.
func (d *decider) codeOwners() string {
	for _, name := range []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"} {
		if source, err := d.repository.Read(name); err == nil && strings.Contains(string(source), "@") {
			return name
		}
	}
	return ""
}

func place(u *infer.Use) audit.Place { return audit.Place{File: u.File, Line: u.Line, Text: u.What} }

// canBeCondition tells a code that may hold as a condition from one that only
// ever speaks against GITHUB_TOKEN.
func canBeCondition(code string) bool {
	p, ok := rules.PageByID(code)
	return ok && slices.Contains(p.Verdicts, audit.VerdictConditional)
}

// details say what a code means where the tables say no more.
var details = map[string]string{
	"pull-request-setting": "the setting \"Allow GitHub Actions to create and approve pull requests\" must be on",
	"private-submodules":   "submodules in private repositories are out of GITHUB_TOKEN's reach; public ones are not",
	"package-access":       "the package must grant this repository access",
	"protected-branch":     "no protection or ruleset of the branch may keep GITHUB_TOKEN out",
	"reduced-function":     "with GITHUB_TOKEN it does less",
	"token-lifetime":       "it is used after the job, when GITHUB_TOKEN is dead",
	"organization-policy":  "a policy of the organisation must allow it",
	"own-approval":         "GITHUB_TOKEN cannot approve a pull request that it opened itself",
	"user-only":            "no installation token, such as GITHUB_TOKEN, may do it",
	"projects":             "projects belong to an organisation or a user, and GITHUB_TOKEN reaches one repository",
	"organization-api":     "GITHUB_TOKEN has no permissions on the organisation",
	"account-api":          "GITHUB_TOKEN has no user account behind it",
	"administration":       "GITHUB_TOKEN cannot be given administration of the repository",
	"workflow-files":       "GITHUB_TOKEN may not write files under .github/workflows",
	"other-repository":     "it reaches into another repository",
	"other-owner":          "it reaches into a repository of somebody else",
	"rate-limit":           "GITHUB_TOKEN may make 1,000 requests an hour for a repository",
}

func detail(code string, op infer.Operation) string {
	text := details[code]
	if op.Note != "" && (text == "" || code == "package-access" && op.Answer == rules.AnswerNo || code == "reduced-function" || code == "user-only" || code == "token-lifetime" || code == "workflow-files" && op.Answer == rules.AnswerConditional) {
		text = strings.TrimSuffix(op.Note, ".")
	}
	if text == "" {
		text = "see patrol explain " + code
	}
	return operationName(op) + ": " + text
}

func operationName(op infer.Operation) string {
	if text := strings.TrimPrefix(op.Place.Text, "uses: "); text != "" && len(text) < 60 {
		return text
	}
	if len(op.Names) == 0 {
		return "it"
	}
	// What it reads on the way names it only if it does nothing else.
	return op.Names[max(0, slices.IndexFunc(op.Names, func(name string) bool { return !readsByName(name) }))]
}

// readsByName tells whether an operation only reads, by its name.
func readsByName(name string) bool {
	return strings.HasPrefix(name, "query ") || strings.HasPrefix(name, "GET ") || slices.Contains([]string{"git fetch", "git clone", "git ls-remote"}, name)
}

// elsewhere judges an operation on another repository.
func (d *decider) elsewhere(u *infer.Use, op infer.Operation, t infer.Target, r *ruling, at []audit.Place) {
	if len(op.Needs) == 0 && op.Answer == rules.AnswerYes {
		return
	}
	code := "other-repository"
	if t.OtherOwner {
		code = "other-owner"
	}
	if !op.Needs.Writes() && op.Answer != rules.AnswerNo {
		submodules := slices.Contains(op.Reasons, "private-submodules")
		itself := submodules && slices.Contains(op.Names, infer.UpdatesSubmodules)
		if submodules && !itself {
			r.condition("private-submodules", fmt.Sprintf("%s fetches the submodules of %s, which are not seen here: GITHUB_TOKEN does that if they are public", operationName(op), t.Text), at)
		}
		if d.visible(code, op, t, r, at) || private(code, u, op, t, r, at) {
			return
		}
		if itself {
			r.condition("private-submodules", fmt.Sprintf("%s fetches the submodule %s: GITHUB_TOKEN does that if it is public", operationName(op), t.Text), at)
			return
		}
		r.condition("other-repository", fmt.Sprintf("%s reads %s: GITHUB_TOKEN does that if it is public", operationName(op), t.Text), at)
		return
	}
	r.against(code, fmt.Sprintf("%s acts on %s, and GITHUB_TOKEN reaches this repository only", operationName(op), t.Text), at)
	_, missing := op.Needs.Workflow()
	for _, group := range missing {
		if c := rules.ReasonFor(group[0]); c != "" {
			r.against(c, fmt.Sprintf("%s takes %s", operationName(op), group[0]), at)
		}
	}
}

// private takes the name of a repository that is read, or of the step that
// reads it, against GITHUB_TOKEN where it says that not everybody may. It is
// wrong for a public repository of such a name, to which a token is handed for
// nothing.
func private(code string, u *infer.Use, op infer.Operation, t infer.Target, r *ruling, at []audit.Place) (done bool) {
	says := ""
	if sign, ok := rules.SignOf(rules.SignPrivate, t.Text[strings.LastIndexByte(t.Text, '/')+1:]); ok {
		says = "which " + sign.Says
	} else if title, sign, ok := privateStep(u); ok {
		says = fmt.Sprintf("and the step %q %s", title, sign.Says)
	}
	if says != "" {
		r.against(code, fmt.Sprintf("%s reads %s, %s, and GITHUB_TOKEN reaches this repository only", operationName(op), t.Text, says), at)
	}
	return says != ""
}

// privateStep tells whether the name of the step that a use belongs to says
// that it reads what not everybody may.
func privateStep(u *infer.Use) (title string, sign rules.Sign, ok bool) {
	if u.Site == nil {
		return "", sign, false
	}
	title, _ = u.Site.Title()
	sign, ok = rules.SignOf(rules.SignStepPrivate, title)
	return title, sign, ok
}

// registry judges an operation on a package.
func (d *decider) registry(j *jobView, u *infer.Use, op infer.Operation, t infer.Target, r *ruling, at []audit.Place) {
	if op.Answer == rules.AnswerYes && slices.Equal(op.Names, []string{"registry login"}) {
		return // no package is asked for
	}
	if op.Answer == rules.AnswerNo {
		d.permissions(j, op, r, at)
		return
	}
	what := "the package " + t.Text
	if name := strings.Count(t.Text, "/"); name == 0 || name == 1 && strings.Contains(t.Text, ".pkg.github.com/") {
		// Only the registry is known, or whose it is.
		what = "each package on " + t.Text
	}
	if t.OtherOwner {
		r.against("package-access", what+" belongs to somebody else", at)
		return
	}
	if t.Name != "" && op.Needs.Writes() {
		// Packages of the registry for Maven have the access of their repository,
		// and cannot grant another one's workflows any.
		r.against("package-access", what+" belongs to another repository, whose packages GITHUB_TOKEN cannot write", at)
		return
	}
	// A package is linked to one repository, whose workflows hear of it: where
	// any here listens, that is this one.
	d.cascade(j, u, op, r)
	r.condition("package-access", what+" must grant this repository access", at)
}

// onOwner judges an operation on an organisation or user as a whole.
func (d *decider) onOwner(j *jobView, op infer.Operation, t infer.Target, r *ruling, at []audit.Place) {
	before := len(r.reasons)
	d.permissions(j, op, r, at)
	if len(r.reasons) == before && op.Needs.Writes() {
		r.against("organization-api", fmt.Sprintf("%s acts on %s, and GITHUB_TOKEN has no permissions there", operationName(op), t.Text), at)
	}
}
