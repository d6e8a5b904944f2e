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
func (in *inferrer) reports(op *Operation, site *trace.Site) {
	a := site.Action
	for i, e := range op.Events {
		if e.Name != "issue_comment" || e.Attributes["body"] != nil || e.Attributes[CommandIn] != nil || mayCommand(a) {
			continue
		}
		attributes := map[string]value.Value{CommandIn: value.Text(Reported)}
		if text := in.saidInFile(site); len(text) > 0 {
			attributes = map[string]value.Value{"body": text}
		}
		for name, v := range e.Attributes {
			attributes[name] = v
		}
		op.Events[i].Attributes = attributes
	}
}

// saidInFile returns the text of the file that an action is given to say, as far as it
// is known: what the job wrote there, or what lies in the checkout. It is nil where
// none is.
func (in *inferrer) saidInFile(site *trace.Site) value.Value {
	for _, name := range rules.InputSaidFile.Names() {
		file := site.Action.Inputs[name]
		if written, ok := site.Action.Written[name]; ok {
			return opened(in.passedOn(".", written.Content))
		}
		if len(file) == 0 || in.unchanged == nil {
			continue
		}
		var texts []value.Value
		for _, one := range in.filesLike(file) {
			if now := site.FileNow(path.Clean(one), in.unchanged); now.There && now.By == "" {
				texts = append(texts, value.Text(now.Text))
			}
		}
		if len(texts) > 0 {
			return opened(value.Choice(texts...))
		}
	}
	return nil
}

// filesLike are the files of the checkout that a path may name of which a part is only
// known when it runs.
func (in *inferrer) filesLike(file value.Value) []string {
	if name, known := file.Literal(); known {
		return []string{name}
	}
	var pattern strings.Builder
	for _, p := range file {
		switch {
		case p.Text != "":
			pattern.WriteString(globSigns.Replace(p.Text))
		case p.Context != "github.workspace":
			pattern.WriteString("*")
		}
	}
	name := strings.TrimPrefix(pattern.String(), "/")
	if in.options.Glob == nil || strings.Trim(name, "*./") == "" {
		return nil
	}
	found := in.options.Glob(name)
	return found[:min(len(found), maxSaid)]
}

var globSigns = strings.NewReplacer("*", `\*`, "?", `\?`, "[", `\[`, `\`, `\\`)

// maxSaid bounds the texts that one comment may have.
const maxSaid = 16

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
