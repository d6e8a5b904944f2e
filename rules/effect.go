package rules

import (
	"maps"
	"slices"
)

// Answer says whether GITHUB_TOKEN can do something in its own repository.
type Answer string

// The answers.
const (
	AnswerYes         Answer = "yes"
	AnswerNo          Answer = "no"
	AnswerConditional Answer = "conditional"
)

// Effect is what one use of an action, a command, a program or an API does
// to GitHub.
type Effect struct {
	// Operations are "METHOD /path/template", "mutation name",
	// "query Type.field", "git push" and the like.
	Operations []string
	// Needs are the permissions that they take together.
	Needs Needs
	// MayNeed are further ones that it takes where something holds that no
	// workflow shows. Nil for most effects.
	MayNeed []MayNeed
	// Answer is whether GITHUB_TOKEN would do where the target is the
	// workflow's own repository.
	Answer Answer
	// Reasons are the reason codes that always hold. Those that follow from
	// the events, the target or the needs are not among them.
	Reasons []string
	// Events are what it causes.
	Events []Event
	// Scopes are the classic scopes it takes, where the needs do not tell.
	Scopes []string
	// Target is "" for the workflow's own repository, "input:repository" or
	// "flag:--repo" where something given says it, "owner/name", "unknown",
	// or "public" for reading what anybody may read.
	Target string
	// Note says in our words why, or under which condition.
	Note string
	// Source is where this is known from.
	Source string
	// Confidence is high, medium or low.
	Confidence string
	// Cases are further parts, each of which counts where its condition
	// holds. Nil for most effects.
	Cases []Case
}

// MayNeed is what is taken beside the rest where something holds that no workflow
// shows: a label does not exist yet, a configuration says so.
type MayNeed struct {
	// Needs are permissions that GITHUB_TOKEN can hold.
	Needs Needs
	// Note says in our words what is then done.
	Note string
}

// Case is the part of an effect that counts under a condition only.
type Case struct {
	When   Condition
	Effect Effect
}

// Resolve puts into the effect the cases that hold, and leaves as its cases
// those that may hold. Get is as for Condition.Holds. Of the answers the
// worst counts.
func (e Effect) Resolve(get func(name string) (text string, known, set bool)) Effect {
	out := e
	out.Cases = nil
	for _, c := range e.Cases {
		switch c.When.Holds(get) {
		case Yes:
			out = out.And(c.Effect)
		case Maybe:
			out.Cases = append(out.Cases, c)
		}
	}
	return out
}

// And returns what e and f do together. Target, notes, source and confidence
// stay those of e.
func (e Effect) And(f Effect) Effect {
	e.Operations = union(e.Operations, f.Operations)
	e.Needs = e.Needs.Union(f.Needs)
	e.MayNeed = slices.Concat(e.MayNeed, f.MayNeed)
	e.Answer = e.Answer.Worse(f.Answer)
	e.Reasons = union(e.Reasons, f.Reasons)
	e.Events = unionEvents(e.Events, f.Events)
	e.Scopes = union(e.Scopes, f.Scopes)
	e.Cases = append(e.Cases[:len(e.Cases):len(e.Cases)], f.Cases...)
	return e
}

// answerOrder ranks the answers, as the verdicts that they lead to: what no
// token of GitHub's is, then yes, conditional, unknown, no.
var answerOrder = map[Answer]int{AnswerOther: 1, AnswerQuiet: 1, AnswerYes: 2, AnswerConditional: 3, AnswerUnknown: 4, AnswerNo: 5}

// Worse returns the worse of two answers, the one that stands for both.
func (a Answer) Worse(b Answer) Answer {
	if answerOrder[b] > answerOrder[a] {
		return b
	}
	return a
}

// union returns the texts of a and then those of b, each once.
func union(a, b []string) []string {
	out := slices.Clip(a)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func unionEvents(a, b []Event) []Event {
	out := slices.Clip(a)
	for _, e := range b {
		same := func(f Event) bool {
			return e.Name == f.Name && e.Type == f.Type && maps.Equal(e.Attributes, f.Attributes)
		}
		if !slices.ContainsFunc(out, same) {
			out = append(out, e)
		}
	}
	return out
}
