package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// furtherAction returns what an action may do under conditions that are open
// where the question is what it takes in general: an input that is not given
// may be, any event may start the workflow, and a variable may be set.
func (in *inferrer) furtherAction(site *trace.Site, token rules.ActionToken, get func(string) (string, bool, bool), here *tree) []Further {
	if !in.general() {
		return nil
	}
	open := func(name string) (text string, known, set bool) {
		text, known, set = get(name)
		if name == "@event" || !set {
			return "", false, false
		}
		return text, known, set
	}
	var out []Further
	for _, f := range token.Further(get, open) {
		if f.Effect.Answer == rules.AnswerOther {
			continue
		}
		lookup := func(reference string) (value.Value, bool) {
			if v, set := in.actionGiven(site, reference); set {
				return v, true
			}
			return supposed(f.When, strings.TrimPrefix(reference, "input:"))
		}
		op := in.effect(f.Effect, lookup, here, site.Place())
		out = append(out, Further{When: f.When, Operations: []Operation{op}, Replaces: f.Replaces, Keys: f.Keys})
	}
	return out
}

// furtherProgram is as furtherAction, for a program: what its configuration
// says where it has none, which registry an earlier step set up, and variables
// are open, while its words are the question: those that stand in for others
// stay out.
func (in *inferrer) furtherProgram(site *trace.Site, info *rules.ProgramInfo, use rules.ProgramUse, table *value.Table) []Further {
	if !in.general() {
		return nil
	}
	get := func(name string) (string, bool, bool) { return in.aroundProgram(site, info, name) }
	plain := *in
	plain.options.Assumed = nil
	open := func(name string) (text string, known, set bool) {
		text, known, set = plain.aroundProgram(site, info, name)
		if !set && (name == "@registry" || strings.HasPrefix(name, "env:")) {
			return "", false, false
		}
		return text, known, set
	}
	var out []Further
	for _, f := range info.Further(use, get, open) {
		ownWords := slices.ContainsFunc(f.When, func(t rules.Term) bool { return !strings.HasPrefix(t.Name, "@") && !strings.HasPrefix(t.Name, "env:") })
		if ownWords || slices.Contains([]rules.Answer{rules.AnswerOther, rules.AnswerQuiet, rules.AnswerUnknown}, f.Effect.Answer) {
			continue
		}
		op := in.programOperation(site, info, f.Effect, table)
		out = append(out, Further{When: f.When, Operations: []Operation{op}, Replaces: f.Replaces})
	}
	return out
}

// supposed returns what is given by a name where a condition holds.
func supposed(when rules.Condition, name string) (value.Value, bool) {
	for _, t := range when {
		switch {
		case !strings.EqualFold(t.Name, name) || t.Not:
		case len(t.Values) == 1 && !strings.Contains(t.Values[0], "*"):
			return value.Text(t.Values[0]), true
		default:
			return value.Unknown(name), true
		}
	}
	return nil, false
}
