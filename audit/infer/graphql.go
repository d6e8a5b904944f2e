package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/script"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// graphQL adds what a GraphQL document does to a use.
func (in *inferrer) graphQL(u *Use, document value.Value, variables map[string]value.Value, at audit.Place) {
	for _, alternative := range document.Alternatives() {
		masked := alternative.Mask()
		if strings.TrimSpace(masked.Text) == "" || len(alternative) == 1 && alternative[0].Unknown != "" {
			u.Unknowns = append(u.Unknowns, Unknown{Code: "unread", Detail: "the GraphQL document is not seen: " + alternative.String(), Place: at, Settle: "write the document in the workflow"})
			continue
		}
		documents, err := script.ReadGraphQL(masked.Text)
		if err != nil {
			u.Unknowns = append(u.Unknowns, Unknown{Code: "unread", Detail: "the GraphQL document does not parse: " + err.Error(), Place: at, Settle: "mend the document"})
			continue
		}
		for _, d := range documents {
			in.graphQLDocument(u, d, masked.Table, variables, at)
		}
	}
}

func (in *inferrer) graphQLDocument(u *Use, d script.Document, table *value.Table, variables map[string]value.Value, at audit.Place) {
	lookup := func(text string) value.Value {
		if name, ok := strings.CutPrefix(text, "$"); ok {
			return variables[name]
		}
		return table.Value(strings.Trim(text, `"`))
	}
	if d.Kind == "mutation" {
		for _, f := range d.Fields {
			if len(f.Path) == 1 {
				in.mutation(u, f, lookup, at)
			}
		}
		return
	}
	targets := in.graphQLTargets(d, lookup)
	op := Operation{Targets: targets, Answer: rules.AnswerYes, Place: at, Public: true}
	for _, f := range d.Fields {
		field := rules.FieldNeeds(f.Path)
		for _, name := range field.Operations {
			op.Names = appendNew(op.Names, name)
		}
		for _, reason := range field.Reasons {
			op.Reasons = appendNew(op.Reasons, reason)
		}
		op.Needs = op.Needs.Union(field.Needs)
		op.Public = op.Public && field.Public
		op.Answer = worse(op.Answer, field.Answer)
		if ofOwner(f.Path) && slices.ContainsFunc(field.Cases, func(c rules.Case) bool { return c.When.String() == "other-private" }) {
			op.Answer, op.Reasons = worse(op.Answer, rules.AnswerConditional), appendNew(op.Reasons, "other-repository")
		}
		if field.Unknown != "" {
			u.Unknowns = append(u.Unknowns, Unknown{Code: "unread", Detail: "the GraphQL field " + field.Unknown + " is not known", Place: at, Settle: "check the field's name"})
		}
	}
	if len(op.Names) == 0 {
		op.Names = []string{"POST /graphql"}
	}
	for _, f := range d.Fields {
		if query, set := f.Arguments["query"]; set && len(f.Path) == 1 && f.Path[0] == "search" {
			in.searched(&op, lookup(query))
		}
	}
	u.Operations = append(u.Operations, op)
}

// ofOwner tells whether a field of a query is one of an organisation or a user
// that the query names, who may have repositories which not everybody sees.
func ofOwner(path []string) bool {
	return len(path) > 1 && slices.Contains([]string{"organization", "user", "repositoryOwner"}, path[0])
}

// mutation adds one mutation. The repository that it acts on is mostly behind
// a node id that the code asks for: it is taken to be the one that the
// document's queries or the workflow name, that is, this one.
func (in *inferrer) mutation(u *Use, f script.Selection, lookup func(string) value.Value, at audit.Place) {
	effect, ok := rules.Mutation(f.Path[0])
	if !ok {
		detail := "nothing is known of the GraphQL mutation " + f.Path[0]
		if value.HasPlaceholder(f.Path[0]) {
			detail = "which GraphQL mutation is sent is only known when it runs"
		}
		u.Unknowns = append(u.Unknowns, Unknown{Code: "unread", Detail: detail, Place: at})
		return
	}
	argument, open := mutationArguments(f, lookup)
	var object value.Value
	for _, name := range []string{"subjectId", "labelableId", "lockableId", "assignableId", "contentId", "id"} {
		if v, set := argument(name); set && len(object) == 0 {
			object = v
		}
	}
	get := func(name string) (text string, known, set bool) {
		if name == "workflow-files" && changesWorkflow(argument) {
			return name, true, true
		}
		if name == closing {
			return name, true, closesByMerge(argument) || in.session.closes
		}
		if circumstances[name] {
			return in.circumstance(name, object)
		}
		v, set := argument(name)
		if !set {
			return "", !open, false
		}
		if text, known = v.Literal(); !known && len(v) > 0 {
			text = v[0].Text + rules.Onwards
		}
		return text, known, true
	}
	given := func(reference string) (value.Value, bool) {
		_, name, _ := strings.Cut(reference, ":")
		v, set := argument(name)
		if len(v) == 0 && (open || set) && slices.Contains(preset, name) {
			return value.Unknown(name), true
		}
		return v, set
	}
	resolved := effect.Resolve(get)
	op := in.effect(resolved, given, nil, at)
	if targets := in.mutationTargets(argument); targets != nil {
		op.Targets = targets
	}
	if len(op.Names) == 0 {
		op.Names = []string{"mutation " + f.Path[0]}
	}
	for _, part := range resolved.Cases {
		op.Events = append(op.Events, in.events(part.Effect.Events, given, nil)...)
	}
	u.mayTake(&op, f.Path[0], resolved.Cases)
	u.Operations = append(u.Operations, op)
}

// mutationTargets returns the repositories that a mutation names, nil where it
// names none. Whose a node id is that is written out or handed in, the code
// does not show.
func (in *inferrer) mutationTargets(argument func(name string) (v value.Value, set bool)) []Target {
	if repository, set := argument("branch.repositoryNameWithOwner"); set {
		if len(repository) == 0 {
			return []Target{unknownTarget(nil)}
		}
		return in.targets(repository)
	}
	for _, name := range []string{"repositoryId", "branch.id"} {
		id, _ := argument(name)
		for alternative := range id.EachAlternative() {
			if text, literal := alternative.Literal(); literal && text != "" || len(alternative) > 0 && isHandedIn(alternative[0]) {
				return []Target{unknownTarget(nil)}
			}
		}
	}
	return nil
}

// changesWorkflow tells whether a workflow is among the files that a mutation
// writes or deletes.
func changesWorkflow(argument func(name string) (v value.Value, set bool)) bool {
	return slices.ContainsFunc([]string{"fileChanges.additions.path", "fileChanges.deletions.path"}, func(name string) bool {
		files, _ := argument(name)
		return isWorkflowFile(files)
	})
}

// closesByMerge tells whether the message that a mutation gives a merge closes an
// issue. What the text of a pull request closes that is not the job's own is not
// seen.
func closesByMerge(argument func(name string) (v value.Value, set bool)) bool {
	headline, _ := argument("commitHeadline")
	body, _ := argument("commitBody")
	return ClosesIssue(headline) || ClosesIssue(body)
}

// mutationArguments looks up the fields of a mutation's input, inner ones after
// a dot. Open says that it may have more of them than are seen: it is a variable
// as a whole.
func mutationArguments(f script.Selection, lookup func(string) value.Value) (argument func(name string) (v value.Value, set bool), open bool) {
	_, open = strings.CutPrefix(f.Arguments["input"], "$")
	return func(name string) (value.Value, bool) {
		for _, key := range []string{"input." + name, name} {
			if text, set := f.Arguments[key]; set {
				return several(text, strings.HasSuffix(key, ".path"), lookup), true
			}
		}
		// What holds it may be a variable.
		for outer, inner := "input."+name, ""; ; {
			dot := strings.LastIndexByte(outer, '.')
			if dot < 0 {
				return nil, false
			}
			outer, inner = outer[:dot], outer[dot:]+inner
			if text := f.Arguments[outer]; strings.HasPrefix(text, "$") {
				v := lookup(text + inner)
				return v, len(v) > 0
			}
		}
	}, open
}

// several looks up the text of an argument, of which a list gives one of its
// members.
func several(text string, list bool, lookup func(string) value.Value) value.Value {
	if !list {
		return lookup(text)
	}
	var out []value.Value
	for _, one := range strings.Split(text, ",") {
		out = append(out, lookup(one))
	}
	return value.Choice(out...)
}

// graphQLTargets says which repositories or owners a query names.
func (in *inferrer) graphQLTargets(d script.Document, lookup func(string) value.Value) []Target {
	var out []Target
	for _, f := range d.Fields {
		switch f.Path[len(f.Path)-1] {
		case "repository":
			owner, hasOwner := f.Arguments["owner"]
			name, hasName := f.Arguments["name"]
			if !hasOwner || !hasName {
				continue
			}
			o, n := lookup(owner), lookup(name)
			if len(o) == 0 || len(n) == 0 {
				out = append(out, Target{Kind: UnknownTarget, Text: "unknown"})
				continue
			}
			out = append(out, in.parts(o, n)...)
		case "organization", "user", "repositoryOwner":
			if login, ok := f.Arguments["login"]; ok && len(f.Path) == 1 {
				out = append(out, in.owner(lookup(login)))
			}
		}
	}
	if len(out) == 0 {
		return []Target{self}
	}
	return out
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// worse returns the answer that says less of GITHUB_TOKEN.
func worse(a, b rules.Answer) rules.Answer {
	order := []rules.Answer{rules.AnswerYes, rules.AnswerConditional, rules.AnswerNo}
	return order[max(slices.Index(order, a), slices.Index(order, b), 0)]
}
