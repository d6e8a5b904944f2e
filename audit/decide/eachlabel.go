package decide

import (
	"maps"
	"regexp"
	"slices"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
)

// labelOf is the attribute of the events of a label: its name, or those of all
// that are given at once.
const labelOf = "label"

// maxLabels is how many labels an issue can have.
const maxLabels = 100

// eachLabel returns the events that GitHub sends for labels that are given or
// taken at once: one for each. Any other event is returned as it is.
func eachLabel(e infer.Event) []infer.Event {
	var names []value.Value
	for _, one := range e.Attributes[labelOf].Alternatives() {
		for _, name := range labelNames(one) {
			if !slices.ContainsFunc(names, name.Equal) {
				names = append(names, name)
			}
		}
	}
	switch {
	case len(names) == 0:
		return []infer.Event{e}
	case len(names) > maxLabels:
		names = []value.Value{value.Unknown("one of many labels")}
	}
	out := make([]infer.Event, len(names))
	for i, name := range names {
		out[i] = e
		out[i].Attributes = maps.Clone(e.Attributes)
		out[i].Attributes[labelOf] = name
	}
	return out
}

// labelNames are the labels of a list.
func labelNames(v value.Value) []value.Value {
	masked := v.Mask()
	var out []value.Value
	for _, name := range value.Items(masked.Text) {
		out = append(out, masked.Table.Value(name))
	}
	return out
}

// givesLabels matches the REST calls that give labels.
var givesLabels = regexp.MustCompile(`^(?:POST|PUT|PATCH) /repos/\{owner\}/\{repo\}/issues\b`)

// newLabels are the events of making the labels that an operation gives by REST:
// it makes those that do not exist yet, where GitHub CLI and GraphQL look for them
// first. Whether one does, no code shows. An action of which no such call is known
// is taken to make none.
func newLabels(op infer.Operation, events []infer.Event) []infer.Event {
	makes := func(e infer.Event) bool { return e.Name == "label" && e.Type == "created" }
	if !slices.ContainsFunc(op.Names, givesLabels.MatchString) || slices.ContainsFunc(events, makes) {
		return nil
	}
	var out []infer.Event
	for _, e := range events {
		label := e.Attributes[labelOf]
		if e.Type == "labeled" && !slices.ContainsFunc(out, func(f infer.Event) bool { return f.Attributes[labelOf].Equal(label) }) {
			out = append(out, infer.Event{Name: "label", Type: "created", Attributes: map[string]value.Value{labelOf: label}, Doubted: true})
		}
	}
	return out
}
