package decide

import (
	"slices"

	"github.com/patrol-actions/patrol/audit/infer"
)

// closing returns the closing of an issue where one of the events is the push of a
// commit to the default branch whose message says so. What the message of a merge
// closes is among the events that the tables have for it.
func (d *decider) closing(j *jobView, events []infer.Event) []infer.Event {
	if !slices.ContainsFunc(events, func(e infer.Event) bool {
		return e.Name == "push" && e.Type == "" && infer.ClosesIssue(e.Message) && d.isDefault(j, e.Attributes["branch"])
	}) {
		return nil
	}
	return []infer.Event{{Name: "issues", Type: "closed"}}
}
