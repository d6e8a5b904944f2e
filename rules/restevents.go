package rules

import (
	"errors"
	"slices"
	"strings"
)

// EventRow are events that a REST call causes under a condition.
type EventRow struct {
	// When is a condition over the arguments of the call (the parameters of
	// its path and the keys of its body, by name) and the circumstances that
	// the package's documentation lists. Nil: always.
	When Condition
	// Events are what it causes. Their attributes refer to arguments as
	// "arg:NAME"; a branch or tag may stand there as a full reference
	// ("refs/heads/main", "heads/main"). "@base" and "@head" are the branches
	// of the pull request at hand, "@default" is the default branch.
	Events []Event
}

// restEvent is one row of table/rest-events.tsv.
type restEvent struct {
	route string
	EventRow
}

var restEventRows = rows("rest-events", []string{"method", "path", "when", "events"}, parseRestEvent)

var restEvents = index(restEventRows, func(r restEvent) string { return r.route })

func parseRestEvent(r row) (restEvent, error) {
	out := restEvent{route: restRoute(r.cell("method"), r.cell("path"))}
	var errs [2]error
	out.When, errs[0] = r.condition("when")
	out.Events, errs[1] = r.events("events")
	return out, errors.Join(errs[:]...)
}

// restRoute returns a key for a route in which the names of parameters do
// not matter.
func restRoute(method, path string) string {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	for i, s := range segments {
		if strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") {
			segments[i] = "{}"
		}
	}
	return strings.ToUpper(method) + " /" + strings.Join(segments, "/")
}

// RestEvents returns the events of a REST operation, given by its method and
// path template. Every row counts whose condition holds. An operation that
// workflows cannot listen to has none.
func RestEvents(method, path string) []EventRow {
	var out []EventRow
	for _, r := range restEvents()[restRoute(method, path)] {
		out = append(out, EventRow{When: slices.Clone(r.When), Events: slices.Clone(r.Events)})
	}
	return out
}
