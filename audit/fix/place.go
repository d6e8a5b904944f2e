package fix

import (
	"slices"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// spot is where a scalar of a workflow stands.
type spot struct {
	job  *workflow.Job
	step *workflow.Step
	// binding is the entry whose value it is, list all entries beside it, and
	// section the key above them; zero where it is no entry of with, env or
	// secrets.
	binding workflow.Binding
	list    []workflow.Binding
	section string
}

// The sections whose entries may go.
const (
	sectionEnv     = "env"
	sectionWith    = "with"
	sectionSecrets = "secrets"
)

// spots finds the places of all scalars that may name a secret. A scalar that
// is reached by several aliases has the first of its places.
func spots(w *workflow.Workflow) map[workflow.Text]spot {
	out := map[workflow.Text]spot{}
	add := func(s spot, texts ...workflow.Text) {
		for _, t := range texts {
			if _, have := out[t]; !have {
				out[t] = s
			}
		}
	}
	bindings := func(s spot, section string, list []workflow.Binding) {
		for _, b := range list {
			s.binding, s.list, s.section = b, list, section
			add(s, b.Value)
		}
	}
	bindings(spot{}, sectionEnv, w.Env)
	for _, j := range w.Jobs {
		bindings(spot{job: j}, sectionEnv, j.Env)
		if j.Call != nil {
			bindings(spot{job: j}, sectionSecrets, j.Call.Secrets)
		}
		for _, s := range j.Steps {
			at := spot{job: j, step: s}
			bindings(at, sectionEnv, s.Env)
			bindings(at, sectionWith, s.With)
			add(at, s.Run, s.EnvExpression)
		}
	}
	return out
}

// written is a place where a secret is written, down to its bytes.
type written struct {
	text        workflow.Text
	placeholder expression.Placeholder
	// root is the whole expression, start the offset of "secrets" in the
	// text.
	root  part
	start int
}

// find finds where a reference is written; ok is false where the expression
// is not understood.
func find(w *workflow.Workflow, r *audit.Reference) (out written, ok bool) {
	for text := range w.Texts() {
		secrets, _ := expression.Scan(text, false)
		i := slices.IndexFunc(secrets, func(s expression.Written) bool {
			return s.Span.Line == r.Line && s.Span.Column == r.Column && s.Span.EndLine == r.EndLine && s.Span.EndColumn == r.EndColumn
		})
		if i < 0 {
			continue
		}
		for _, p := range expression.Find(text.Value) {
			if p.Err != "" || p.End == 0 {
				continue
			}
			words, ok := tokens(text.Value[p.Body:p.End], p.Body)
			if !ok || len(words) == 0 {
				continue
			}
			for _, t := range words {
				if span := text.Span(t.start, t.end); span.Line == r.Line && span.Column == r.Column {
					return written{text, p, parsePart(words), t.start}, true
				}
			}
		}
	}
	return written{}, false
}

// exact returns the bytes of the source that write the bytes [from, to) of a
// text. It is not ok where they are written in another form, as in an escape
// or over the end of a line.
func exact(w *workflow.Workflow, t workflow.Text, from, to int) (start, end int, ok bool) {
	start, end = t.Range(from, to)
	return start, end, end <= len(w.Source) && start < end && string(w.Source[start:end]) == t.Value[from:to]
}
