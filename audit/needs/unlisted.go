package needs

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// statement returns the commands of a line that is more than a command: with
// variables set before it, or in a loop, a condition or a group. ok is false
// for other lines, and where none of the commands is known.
func (q Query) statement(source string) (calls [][]string, ok bool) {
	file, err := syntax.NewParser().Parse(strings.NewReader(masked(source)), "")
	if err != nil || len(file.Stmts) == 0 {
		return nil, false
	}
	call, simple := file.Stmts[0].Cmd.(*syntax.CallExpr)
	if simple && len(call.Assigns) == 0 {
		return nil, false
	}
	if binary, ok := file.Stmts[0].Cmd.(*syntax.BinaryCmd); ok {
		if first, ok := binary.X.Cmd.(*syntax.CallExpr); ok && len(first.Assigns) == 0 {
			return nil, false
		}
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		if c, is := n.(*syntax.CallExpr); is && len(c.Args) > 0 {
			words := literals(c.Args)
			calls, ok = append(calls, words), ok || q.isProgram(words)
		}
		return true
	})
	return calls, ok
}

// withoutTokens leaves out where a script sets the variables that the token of
// the question stands in: that is the token, whatever is written there.
func withoutTokens(source string) string {
	file, err := syntax.NewParser().Parse(strings.NewReader(source), "")
	if err != nil {
		return source
	}
	var b strings.Builder
	at := 0
	syntax.Walk(file, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		for _, a := range call.Assigns {
			start, end := int(a.Pos().Offset()), int(a.End().Offset())
			if a.Name != nil && rules.EnvReadsToken(a.Name.Value) && start >= at && end <= len(source) {
				b.WriteString(source[at:start])
				at = end
			}
		}
		return true
	})
	return b.String() + source[at:]
}

// literals are words as far as they are written, with a placeholder for the
// rest.
func literals(words []*syntax.Word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		var b strings.Builder
		for _, part := range w.Parts {
			switch part := part.(type) {
			case *syntax.Lit:
				b.WriteString(part.Value)
			case *syntax.SglQuoted:
				b.WriteString(part.Value)
			default:
				b.WriteString(masked("$x"))
			}
		}
		out[i] = b.String()
	}
	return out
}

// commands makes a query of a line with several commands.
func (q Query) commands(calls [][]string, source string) (Query, error) {
	q.kind, q.script = command, withoutTokens(source)
	for _, words := range calls {
		if _, described := q.own.Program(words, "."); described {
			continue
		}
		q.remarks = append(q.remarks, unknownFlags(words)...)
		if err := checkGh(words); err != nil {
			return q, err
		}
	}
	return q, nil
}

// meant asks whether a name was meant that is like a word; "" where none is.
func meant(word, prefix string, names []string) string {
	near := rules.Near(word, names)
	if len(near) == 0 {
		return ""
	}
	for i := range near {
		near[i] = prefix + near[i]
	}
	return ": did you mean " + strings.Join(near, ", or ") + "?"
}

// unknownFlags says of a call of gh which of its flags are not known.
func unknownFlags(words []string) []string {
	if path.Base(words[0]) != "gh" {
		return nil
	}
	call, ok := rules.ParseGh(words[1:])
	if !ok {
		return nil
	}
	var names []string
	for _, f := range rules.GhFlags(call.Command) {
		names = append(names, f.Long)
	}
	var out []string
	for _, flag := range call.Unlisted {
		out = append(out, fmt.Sprintf("gh %s is not known to have a flag %s", call.Command, flag)+meant(strings.TrimLeft(flag, "-"), "--", names))
	}
	return out
}

// unknownInputs says which inputs that an action is given have no part in the
// answer. Of most actions only the inputs are known that have one.
func (q Query) unknownInputs() []string {
	name, _, _ := strings.Cut(q.uses, "@")
	info, ok := infer.Action(q.own, name)
	if !ok {
		return nil
	}
	var names []string
	note := func(input string) {
		if input != "" && !strings.ContainsAny(input, "@:*") && !slices.Contains(names, input) {
			names = append(names, input)
		}
	}
	tokens := slices.Clone(info.Tokens)
	if info.Job != nil {
		tokens = append(tokens, *info.Job)
	}
	any := false
	for _, t := range tokens {
		any = any || t.Input == "*"
		note(t.Input)
		for _, input := range inputsOf(t.Base) {
			note(input)
		}
		var terms rules.Condition
		for _, r := range t.Rows {
			terms = append(terms, r.When...)
			for _, input := range inputsOf(r.Effect) {
				note(input)
			}
		}
		for _, may := range t.May {
			terms = append(terms, may.When...)
		}
		for _, term := range terms {
			particular, general := term.Names()
			note(particular)
			note(general)
		}
	}
	for _, c := range info.Code {
		note(c.Input)
	}
	for _, input := range slices.Concat(info.ByAuthor, info.ByActor, info.Payload) {
		note(input)
	}
	for _, runs := range rules.ActionRuns(info.Name) {
		for _, input := range runs.Inputs() {
			note(input)
		}
	}
	var out []string
	for _, f := range q.given {
		if any || slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, f.name) }) {
			continue
		}
		out = append(out, fmt.Sprintf("nothing that is known hangs on an input %s of %s", f.name, name)+meant(f.name, "", names))
	}
	return out
}

// inputsOf are the inputs that the target and the events of an effect name.
func inputsOf(e rules.Effect) []string {
	texts := []string{e.Target}
	for _, event := range e.Events {
		for _, text := range event.Attributes {
			texts = append(texts, text)
		}
	}
	var out []string
	for _, text := range texts {
		pieces := strings.Split(text, "input:")
		for _, piece := range pieces[1:] {
			end := strings.IndexFunc(piece, func(r rune) bool { return strings.ContainsRune("|/*,:", r) })
			if end < 0 {
				end = len(piece)
			}
			out = append(out, piece[:end])
		}
	}
	return out
}

// unknownField says that a document selects fields of something that the
// schema does not have. Of plain values nothing is known: whether a type has
// one of a name cannot be told.
func unknownField(kind string, fields []string) error {
	if kind != "query" || len(fields) < 2 || strings.HasSuffix(fields[len(fields)-1], "!") {
		return nil
	}
	above := rules.FieldNeeds(fields[:len(fields)-2])
	parent := fields[len(fields)-2]
	known := rules.FieldsOf(above.Type)
	if above.Unknown != "" || known == nil || strings.HasSuffix(parent, "!") || parent == "__typename" || slices.Contains(known, parent) {
		return nil
	}
	return &UnknownError{What: "a field " + parent + " of " + above.Type + " in GitHub's GraphQL schema", Near: rules.Near(parent, known), Hint: "see GitHub's GraphQL reference for its name"}
}

// missing says that an action of the repository's own is not there.
func (q Query) missing(repository *workflow.Repository) error {
	if !q.isLocalAction() {
		return nil
	}
	folder := path.Clean(strings.TrimPrefix(q.uses, "./"))
	if folder == "." {
		folder = ""
	}
	if repository.Actions[folder] != nil || repository.Actions[path.Clean(q.uses)] != nil {
		return nil
	}
	var near []string
	for name := range repository.Actions {
		if name = path.Clean(name); name != "." {
			near = append(near, "./"+name)
		}
	}
	slices.Sort(near)
	return &UnknownError{What: q.uses + ", which is no action of this repository", Near: rules.Near(q.uses, near), Hint: "give the folder of an action.yml, or a command"}
}
