package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// elsewhere is a repository of which no more is known than that it is not the
// workflow's own.
var elsewhere = Target{Kind: Repository, Text: "*/*"}

// compared returns what the conditions under which the site at hand runs say
// of a repository whose name is not known: that it is the workflow's own, or
// that it is not. Where they say neither, that is t.
func (in *inferrer) compared(repository value.Value, t Target) Target {
	if _, known := repository.Literal(); known || in.job == nil || in.index >= len(in.job.Sites) {
		return t
	}
	site := in.job.Sites[in.index]
	var conditions []workflow.Text
	for _, c := range []workflow.Text{in.job.Job.If, site.Condition()} {
		if strings.Contains(c.Value, "repository") {
			conditions = append(conditions, c)
		}
	}
	if site.Command != nil {
		for _, test := range site.Command.Held {
			if own, ok := ownTest(test, repository); ok {
				return either(own)
			}
		}
	}
	for _, c := range conditions {
		stops := func(name string) bool {
			s := nameScope{env: site.Env, repository: repository, own: value.Text("own/" + forkName), name: value.Text(name)}
			return expression.Condition(c, s) == expression.No
		}
		if own, other := !stops("own/"+forkName), !stops("other/"+forkName); own != other {
			return either(own)
		}
	}
	return t
}

func either(own bool) Target {
	if own {
		return self
	}
	return elsewhere
}

// ownTest reads a test of a script; ok tells whether it compares the
// repository with the workflow's own.
func ownTest(t shell.Test, repository value.Value) (own, ok bool) {
	isOwn := func(v value.Value) bool { return v.IsContext("github.repository") }
	ok = isOwn(t.Left) && t.Right.Equal(repository) || isOwn(t.Right) && t.Left.Equal(repository)
	return t.Equal, ok
}

// nameScope is a run in which a repository that is not known has a name.
type nameScope struct {
	env                   *value.Env
	repository, own, name value.Value
}

// Context implements expression.Scope.
func (s nameScope) Context(path []string) value.Value {
	name := strings.Join(path, ".")
	v := value.Unknown("${{ " + name + " }}")
	switch {
	case name == "github.repository" || name == "github.event.repository.full_name":
		return s.own
	case path[0] == "github":
		v = value.Context(name)
	case path[0] == "env" && len(path) == 2:
		v, _ = s.env.LookupFold(path[1])
	}
	if slices.ContainsFunc(append(v.Alternatives(), v), s.repository.Equal) {
		return s.name
	}
	return v
}

// Secret implements expression.Scope.
func (nameScope) Secret(name string, _ audit.Span) value.Value { return value.Unknown(name) }
