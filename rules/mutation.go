package rules

import (
	"slices"
	"sync"
)

// mutationRow is a row of the table of mutations: what always holds, or what
// holds under a condition.
type mutationRow struct {
	name string
	Case
}

var mutationRows = rows("mutations", []string{"mutation", "when", "object", "needs", "answer", "reasons", "events",
	"scopes", "rest", "confidence", "note"}, parseMutation)

func parseMutation(r row) (mutationRow, error) {
	c, err := parseCase(r)
	if err != nil {
		return mutationRow{}, err
	}
	c.Effect.Events, err = r.events("events")
	if err != nil {
		return mutationRow{}, err
	}
	if len(c.When) == 0 {
		c.Effect.Operations = []string{"mutation " + r.cell("mutation")}
	}
	c.Effect.Scopes = r.list("scopes")
	c.Effect.Source = r.cell("rest")
	c.Effect.Confidence = r.cell("confidence")
	return mutationRow{r.cell("mutation"), c}, nil
}

var mutations = sync.OnceValue(func() map[string]*Effect {
	return byName(mutationRows().rows)
})

// byName puts the rows of each name together: the first is the effect, those
// under a condition are its cases.
func byName(all []mutationRow) map[string]*Effect {
	out := map[string]*Effect{}
	for _, r := range all {
		e, ok := out[r.name]
		switch {
		case !ok:
			effect := r.Effect
			out[r.name] = &effect
		default:
			e.Cases = append(e.Cases, r.Case)
		}
	}
	return out
}

// Mutation returns what a GraphQL mutation does. Conditions of its cases name
// fields of the mutation's input, such as "labelIds", or a circumstance (see
// the package's comment), most often "object": the type of what it acts on.
// The caller must not change the effect; Source is the REST operation that
// does the same.
func Mutation(name string) (*Effect, bool) {
	e, ok := mutations()[name]
	return e, ok
}

// Mutations returns the names of the mutations that are known, sorted.
func Mutations() []string {
	var names []string
	for _, r := range mutationRows().rows {
		names = append(names, r.name)
	}
	return slices.Compact(names)
}
