package decide

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// awaited is a job that merges or approves pull requests of one author.
type awaited struct {
	workflow *workflow.Workflow
	place    audit.Place
	login    string
	// condition is that of the job or step which names the author, zero where a
	// script or an input does.
	condition workflow.Text
}

// mergers matches what takes pull requests up in a script, mergerActions the
// names of actions that do.
var (
	mergers       = regexp.MustCompile(`\bgh pr (?:merge|review)\b|enablePullRequestAutoMerge|mergePullRequest|\bpulls\.(?:merge|createReview)\b|/pulls/\S+/(?:merge|reviews)\b`)
	mergerActions = regexp.MustCompile(`(?i)auto-?merge|auto-?approv|merge-(?:pull|pr|me|dependabot|action)`)
)

// quotedText and loginIn match the texts of a condition, and what may be logins in
// one: a list of them is one text, too.
var (
	quotedText = regexp.MustCompile(`'((?:[^']|'')*)'`)
	loginIn    = regexp.MustCompile(`[\w-]+(?:\[bot\])?`)
)

// namedIn are the logins among the texts of a condition: it holds for what they
// open, as far as it is known, and not for what GITHUB_TOKEN does.
func namedIn(condition workflow.Text) []string {
	var out []string
	for _, m := range quotedText.FindAllStringSubmatch(condition.Value, -1) {
		for _, login := range loginIn.FindAllString(m[1], -1) {
			if !slices.Contains(out, login) && expression.Condition(condition, authorScope{login: login}) != no && expression.Condition(condition, authorScope{login: actionsBot}) == no {
				out = append(out, login)
			}
		}
	}
	return out
}

// actionsBot is the author of what GITHUB_TOKEN makes.
const actionsBot = "github-actions[bot]"

// authorScope is what is known of any run for a pull request by its author; all
// that else may differ from run to run is open.
type authorScope struct {
	login string
	// opened is the scope of the run for its opening, nil for none: its branches
	// and its title are the same for all of them.
	opened *eventScope
}

// Context implements expression.Scope.
func (s authorScope) Context(path []string) value.Value {
	switch name := strings.Join(path, "."); name {
	case "github.actor", "github.triggering_actor", "github.event.sender.login", "github.event.pull_request.user.login", "github.event.issue.user.login",
		"github.event.workflow_run.actor.login", "github.event.workflow_run.triggering_actor.login":
		return value.Text(s.login)
	case "github.repository", "github.head_ref", "github.base_ref", "github.event.pull_request.head.ref", "github.event.pull_request.base.ref",
		"github.event.pull_request.title", "github.event.pull_request.head.repo.full_name", "github.event.pull_request.head.repo.fork":
		if s.opened != nil {
			return s.opened.Context(path)
		}
	}
	return value.Unknown(strings.Join(path, "."))
}

// Secret implements expression.Scope.
func (authorScope) Secret(name string, _ audit.Span) value.Value { return value.Unknown(name) }

// taker is a job that merges or approves pull requests, with whatever token. It is
// held against its texts alone, for most are not traced.
type taker struct {
	workflow *workflow.Workflow
	job      *workflow.Job
	scripts  []jobScript
}

// takersOf returns those of the repository.
func (d *decider) takersOf() []taker {
	if d.takers == nil {
		d.takers = []taker{}
		for _, w := range d.repository.Workflows {
			for _, j := range w.Jobs {
				// Few jobs take pull requests up.
				if scripts := scriptsOf(d.repository, w, j); takesUp(j, scripts) {
					d.takers = append(d.takers, taker{w, j, scripts})
				}
			}
		}
	}
	return d.takers
}

// awaitedJobs returns the jobs that merge or approve what one author opens.
func (d *decider) awaitedJobs() []awaited {
	out := []awaited{}
	for _, t := range d.takersOf() {
		out = append(out, awaitedBy(t.workflow, t.job, t.scripts)...)
	}
	return out
}

// awaitedBy are the authors whose pull requests a job takes up.
func awaitedBy(w *workflow.Workflow, j *workflow.Job, scripts []jobScript) []awaited {
	var out []awaited
	note := func(condition workflow.Text, line int) {
		if strings.Contains(condition.Value, "login") || strings.Contains(condition.Value, "actor") {
			for _, login := range namedIn(condition) {
				out = append(out, awaited{w, audit.Place{File: w.Path, Line: line}, login, condition})
			}
		}
	}
	note(j.If, j.Line)
	for _, s := range j.Steps {
		note(s.If, s.Line)
	}
	for _, s := range scripts {
		for _, author := range s.authors() {
			out = append(out, awaited{w, author.place, author.login, workflow.Text{}})
		}
	}
	return out
}

// takesUp tells whether a job merges or approves pull requests.
func takesUp(j *workflow.Job, scripts []jobScript) bool {
	return slices.ContainsFunc(j.Steps, func(s *workflow.Step) bool { return mergerActions.MatchString(s.Uses.Value) }) ||
		slices.ContainsFunc(scripts, func(s jobScript) bool { return s.program && s.merges() })
}

// merges tells whether a script merges or approves pull requests.
func (s jobScript) merges() bool {
	return (strings.Contains(s.text, "erge") || strings.Contains(s.text, "eview")) && mergers.MatchString(s.text)
}

// letters are those of a name, in lower case.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, strings.ToLower(name))
}

// awaits says which workflows would leave a pull request alone that GITHUB_TOKEN
// opens: those that merge or approve what the token's user opens. Whose token
// it is shows in the author that its job names, or in the secret's name.
func (d *decider) awaits(j *jobView, u *infer.Use, op infer.Operation, r *ruling) {
	opened := slices.IndexFunc(op.Events, func(e infer.Event) bool { return e.Key() == "pull_request.opened" })
	if opened < 0 {
		return
	}
	if d.awaited == nil {
		d.awaited = d.awaitedJobs()
	}
	secret := letters(u.Credential.Name)
	for _, a := range d.awaited {
		login := letters(a.login)
		named := len(login) > 3 && strings.Contains(secret, login)
		// An App has no personal access token.
		if strings.HasSuffix(a.login, "[bot]") || !named && !strings.EqualFold(a.login, j.actor) && !strings.EqualFold(a.login, j.owner) {
			continue
		}
		if e := op.Events[opened]; !a.condition.IsZero() && expression.Condition(a.condition, authorScope{a.login, d.scopeOf(e, a.login, d.refOf(j, e))}) == no {
			continue // it is for other branches
		}
		file := strings.TrimPrefix(a.workflow.Path, ".github/workflows/")
		r.against("triggers-workflows", fmt.Sprintf("%s takes up pull requests of %s by itself, and one that GITHUB_TOKEN opens is not among them", file, a.login),
			[]audit.Place{{File: a.place.File, Line: a.place.Line, Text: "author " + a.login}})
	}
}
