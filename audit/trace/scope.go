package trace

import (
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// runnerEnv are the variables that the runner sets and that name something
// of the workflow.
var runnerEnv = (*value.Env)(nil).With(map[string]value.Value{
	"GITHUB_REPOSITORY":       value.Context("github.repository"),
	"GITHUB_REPOSITORY_OWNER": value.Context("github.repository_owner"),
	"GITHUB_REPOSITORY_ID":    value.Context("github.repository_id"),
	"GITHUB_ACTOR":            value.Context("github.actor"),
	"GITHUB_REF":              value.Context("github.ref"),
	"GITHUB_REF_NAME":         value.Context("github.ref_name"),
	"GITHUB_HEAD_REF":         value.Context("github.head_ref"),
	"GITHUB_BASE_REF":         value.Context("github.base_ref"),
	"GITHUB_SHA":              value.Context("github.sha"),
	"GITHUB_RUN_ID":           value.Context("github.run_id"),
	"GITHUB_RUN_NUMBER":       value.Context("github.run_number"),
	"GITHUB_EVENT_NAME":       value.Context("github.event_name"),
	"GITHUB_EVENT_PATH":       value.Context("github.event_path"),
	"GITHUB_WORKFLOW":         value.Context("github.workflow"),
	"GITHUB_WORKSPACE":        value.Context("github.workspace"),
	"GITHUB_ACTION_PATH":      value.Context("github.action_path"),
	"GITHUB_ENV":              value.Context("github.env"),
	"GITHUB_OUTPUT":           value.Context("github.output"),
	"GITHUB_STEP_SUMMARY":     value.Context("github.step_summary"),
	"GITHUB_SERVER_URL":       value.Text("https://github.com"),
	"GITHUB_API_URL":          value.Text("https://api.github.com"),
	"GITHUB_GRAPHQL_URL":      value.Text("https://api.github.com/graphql"),
	"CI":                      value.Text("true"),
	"GITHUB_ACTIONS":          value.Text("true"),
	"RUNNER_TEMP":             value.Context("runner.temp"),
	"HOME":                    value.Context("runner.home"),
})

// scope gives expressions their values at one point of a job.
type scope struct {
	t      *tracer
	call   *call
	env    *value.Env
	matrix map[string]value.Value
	steps  map[string]outputs // by step id
	needs  map[string]outputs // by job id
	jobs   map[string]outputs // for the outputs of a workflow
	// events are those that may have started the run, by name; never says that none
	// of them lets anything run here.
	events []string
	never  bool
	// conditions are those that hold where the expression stands, and that are
	// written in the same terms; guards are those of a step as [Site] has them.
	conditions []workflow.Text
	guards     []string
	// inputs replaces the workflow's inputs inside a composite action.
	inputs map[string]value.Value
	// composite says that secrets are out of reach.
	composite bool
	// dir is the folder of the composite action.
	dir string
}

var _ expression.Scope = (*scope)(nil)

// Context implements expression.Scope.
func (s *scope) Context(path []string) value.Value { return s.narrowed(path, s.context(path)) }

func (s *scope) context(path []string) value.Value {
	rest := path[1:]
	switch path[0] {
	case "github":
		return s.github(strings.Join(path, "."), rest)
	case "env":
		if len(rest) == 1 {
			if v, ok := s.env.LookupFold(rest[0]); ok {
				if said, own := runnerEnv.LookupFold(rest[0]); own && v.Equal(said) && said.LiteralOr("") == "true" {
					// The context has what workflows set, not what the runner does:
					// whether one sets it to the same is not told apart here.
					return value.Unknown("env." + rest[0])
				}
				return v
			}
			// Whoever asks for it means somebody to set it: an action before,
			// a program, or the runner's own machine.
			return unknown(path)
		}
	case "inputs":
		if len(rest) == 1 {
			return s.input(rest[0])
		}
	case "matrix":
		if v, ok := s.matrix[strings.Join(rest, ".")]; ok {
			return v
		}
	case "steps":
		if len(rest) == 3 && rest[1] == "outputs" {
			return s.stepOutput(rest[0], rest[2], path)
		}
	case "needs":
		if len(rest) == 3 && rest[1] == "outputs" {
			return s.jobOutput(rest[0], rest[2], path)
		}
	case "jobs":
		if len(rest) == 3 && rest[1] == "outputs" {
			return s.calledOutput(rest[0], rest[2], path)
		}
	case "runner":
		return value.Context(strings.Join(path, "."))
	}
	return unknown(path)
}

// unknown is what a context's path stands for where that is not known.
func unknown(path []string) value.Value {
	return value.Unknown("${{ " + strings.Join(path, ".") + " }}")
}

func (s *scope) github(name string, rest []string) value.Value {
	if sent := s.relayed(name); sent != name {
		return s.github(sent, strings.Split(sent, ".")[1:])
	}
	switch {
	case name == "github.token":
		return jobToken()
	case name == "github.event_name" && !s.call.unknownCaller:
		return s.eventName()
	case name == "github.action_path" && s.composite:
		return s.actionPath()
	case name == "github.server_url":
		return value.Text("https://github.com")
	case name == "github.api_url":
		return value.Text("https://api.github.com")
	case name == "github.graphql_url":
		return value.Text("https://api.github.com/graphql")
	case len(rest) == 3 && rest[0] == "event" && rest[1] == "inputs":
		return s.eventInput(rest[2])
	case name == "github.event.repository.full_name":
		return value.Context("github.repository")
	case name == "github.event.repository.owner.login", name == "github.event.repository.owner.name":
		return value.Context("github.repository_owner")
	}
	return value.Context(name)
}

// ownScope is a scope with the name of the workflow's own repository written
// out.
type ownScope struct {
	*scope
	name string
}

// Context implements expression.Scope.
func (s ownScope) Context(path []string) value.Value {
	v := s.scope.Context(path)
	owner, short, _ := strings.Cut(s.name, "/")
	switch {
	case v.IsContext("github.repository"):
		return value.Text(s.name)
	case v.IsContext("github.repository_owner"):
		return value.Text(owner)
	case v.IsContext("github.event.repository.name"):
		return value.Text(short)
	}
	return v
}

// actionPath is where the files of the composite action lie.
func (s *scope) actionPath() value.Value {
	workspace := value.Context("github.workspace")
	if s.dir == "." {
		return workspace
	}
	return value.Concat(workspace, value.Text("/"+s.dir))
}

// Secret implements expression.Scope.
func (s *scope) Secret(name string, written audit.Span) value.Value {
	if s.composite {
		// GitHub gives no secrets context to actions.
		return value.Unknown("${{ secrets." + name + " }}")
	}
	if place, ok := s.call.handsOver(name); ok {
		s.t.away.inherit(name, place)
	}
	v := s.call.secret(name, written)
	s.t.result.hand(Reference{Secret: name, Span: written}, v)
	return v
}

// secret resolves a secret as a workflow sees it: its own, or what its
// caller binds to that name.
func (c *call) secret(name string, written audit.Span) value.Value {
	if isJobToken(name) {
		return jobToken()
	}
	if c.only != nil && !c.only[strings.ToLower(name)] {
		return nil
	}
	if !c.bound {
		return value.Of(&value.Credential{Kind: value.Secret, Name: name, Written: []audit.Span{written}})
	}
	if c.inherit {
		if c.inherited.File != "" {
			// Of what is written in the audited repository, this is the place.
			written = c.inherited
		}
		hop := c.callers[len(c.callers)-1]
		hop.What += " with secrets: inherit"
		return c.outer.secret(name, written).Via(hop)
	}
	v, ok := c.secrets[strings.ToLower(name)]
	if !ok {
		return nil
	}
	return v.Map(func(d *value.Credential) *value.Credential {
		if d.Kind != value.Secret && d.Kind != value.JobToken {
			return d
		}
		e := *d
		e.Written = append([]audit.Span{written}, d.Written...)
		return &e
	})
}

func jobToken() value.Value {
	return value.Of(&value.Credential{Kind: value.JobToken, Name: "GITHUB_TOKEN"})
}
