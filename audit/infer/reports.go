package infer

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// Reported is the value of the attribute CommandIn where the text is a report.
const Reported = "report"

// Fixed is its value where the tables say that a program has a text of its own.
const Fixed = "fixed"

// reports notes of the comments of an action, whose text the tables do not tell,
// that they are no command for a bot: what an action says by itself is a
// report. It is not so where an input may be such a command.
func (in *inferrer) reports(op *Operation, a *trace.Action) {
	for i, e := range op.Events {
		if e.Name != "issue_comment" || e.Attributes["body"] != nil || e.Attributes[CommandIn] != nil || mayCommand(a) {
			continue
		}
		attributes := map[string]value.Value{CommandIn: value.Text(Reported)}
		if text := in.saidInFile(a); len(text) > 0 {
			attributes = map[string]value.Value{"body": text}
		}
		for name, v := range e.Attributes {
			attributes[name] = v
		}
		op.Events[i].Attributes = attributes
	}
}

// saidInFile returns the text of the file of the checkout that an action is given
// to say; nil where there is none.
func (in *inferrer) saidInFile(a *trace.Action) value.Value {
	if in.options.Read == nil {
		return nil
	}
	for _, name := range rules.InputSaidFile.Names() {
		if file, known := a.Inputs[name].Literal(); known && file != "" {
			if data, err := in.options.Read(path.Clean(file)); err == nil && len(data) > 0 {
				return value.Text(string(data))
			}
		}
	}
	return nil
}

// mayCommand tells whether what an action is given to say begins with a command,
// or with what is only known when it runs.
func mayCommand(a *trace.Action) bool {
	for name, v := range a.Inputs {
		switch {
		case len(v) == 0:
		case strings.HasPrefix(strings.TrimSpace(v[0].Text), "/"):
			return true
		case v[0].Text == "" && slices.ContainsFunc(rules.WordSaid.Words(), func(part string) bool { return strings.Contains(name, part) }):
			return true
		}
	}
	return false
}
