package workflow

import (
	"github.com/rhysd/actionlint"
)

// event adds one event of "on:" to the workflow: the trigger, and what the
// event declares.
func (r *reader) event(w *Workflow, parsed actionlint.Event) {
	t := Trigger{Event: parsed.EventName()}
	switch event := parsed.(type) {
	case *actionlint.WebhookEvent:
		t.Line = event.Pos.Line
		r.filters(&t, event)
	case *actionlint.ScheduledEvent:
		t.Line = event.Pos.Line
		for _, entry := range event.Schedules {
			r.text(entry.Cron)
			r.text(entry.Timezone)
		}
	case *actionlint.RepositoryDispatchEvent:
		t.Line = event.Pos.Line
		t.Types = r.filter(event.Types)
	case *actionlint.WorkflowDispatchEvent:
		t.Line = event.Pos.Line
		r.dispatchInputs(w, event)
	case *actionlint.WorkflowCallEvent:
		t.Line = event.Pos.Line
		r.callInputs(w, event)
	case *actionlint.ImageVersionEvent:
		t.Line = event.Pos.Line
		r.values(event.Names)
		r.values(event.Versions)
	}
	t.Line = r.physicalLine(t.Line, 1)
	w.Triggers = append(w.Triggers, t)
}

// filter returns the values of a filter, nil where it is not written.
func (r *reader) filter(list []*actionlint.String) []string {
	if list == nil {
		return nil
	}
	return r.values(list)
}

func (r *reader) filters(t *Trigger, event *actionlint.WebhookEvent) {
	filter := func(f *actionlint.WebhookEventFilter) []string {
		if f == nil {
			return nil
		}
		return r.values(f.Values)
	}
	t.Types = r.filter(event.Types)
	t.Branches, t.BranchesIgnore = filter(event.Branches), filter(event.BranchesIgnore)
	t.Tags, t.TagsIgnore = filter(event.Tags), filter(event.TagsIgnore)
	t.Paths, t.PathsIgnore = filter(event.Paths), filter(event.PathsIgnore)
	t.Workflows = r.filter(event.Workflows)
}

var dispatchTypes = map[actionlint.WorkflowDispatchEventInputType]string{
	actionlint.WorkflowDispatchEventInputTypeString:      "string",
	actionlint.WorkflowDispatchEventInputTypeNumber:      "number",
	actionlint.WorkflowDispatchEventInputTypeBoolean:     "boolean",
	actionlint.WorkflowDispatchEventInputTypeChoice:      "choice",
	actionlint.WorkflowDispatchEventInputTypeEnvironment: "environment",
}

var callTypes = map[actionlint.WorkflowCallEventInputType]string{
	actionlint.WorkflowCallEventInputTypeBoolean: "boolean",
	actionlint.WorkflowCallEventInputTypeNumber:  "number",
	actionlint.WorkflowCallEventInputTypeString:  "string",
}

func (r *reader) dispatchInputs(w *Workflow, event *actionlint.WorkflowDispatchEvent) {
	for _, input := range inOrder(event.Inputs, func(i *actionlint.DispatchInput) *actionlint.Pos { return i.Name.Pos }) {
		w.Inputs = append(w.Inputs, Input{
			Name:        input.Name.Value,
			Description: r.text(input.Description).Value,
			Default:     r.plain(r.text(input.Default)),
			Required:    isTrue(input.Required),
			Type:        dispatchTypes[input.Type],
			Options:     r.filter(input.Options),
		})
	}
}

func (r *reader) callInputs(w *Workflow, event *actionlint.WorkflowCallEvent) {
	for _, input := range event.Inputs {
		w.Inputs = append(w.Inputs, Input{
			Name:        input.Name.Value,
			Description: r.text(input.Description).Value,
			Default:     r.plain(r.text(input.Default)),
			Required:    isTrue(input.Required),
			Type:        callTypes[input.Type],
			FromCall:    true,
		})
	}
	for _, secret := range inOrder(event.Secrets, func(s *actionlint.WorkflowCallEventSecret) *actionlint.Pos { return s.Name.Pos }) {
		r.text(secret.Description)
		w.CallSecrets = append(w.CallSecrets, CallSecret{secret.Name.Value, isTrue(secret.Required), r.name(secret.Name).Line()})
	}
	for _, output := range event.Outputs {
		r.text(output.Description)
	}
	w.CallOutputs = bindings(r, event.Outputs, func(o *actionlint.WorkflowCallEventOutput) (name, value *actionlint.String) { return o.Name, o.Value })
}

// isTrue tells whether a switch is on for certain.
func isTrue(b *actionlint.Bool) bool { return b != nil && b.Value }
