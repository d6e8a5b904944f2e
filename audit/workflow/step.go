package workflow

import (
	"slices"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v4"
)

// noWorkMessage is what the parser says of a step that does nothing; steps
// that it does not read are judged in the same words.
const noWorkMessage = `step must run script with "run" section or run action with "uses" section`

// controlKeys are the keys of steps that steer other steps, in place of
// "run" and "uses". The parser does not know them.
var controlKeys = []string{"wait", "wait-all", "cancel", parallelKey}

// parallelKey is the key of a step that holds a list of steps.
const parallelKey = "parallel"

// mappingAt returns the mapping that begins at a place, as the file is
// written. The file is parsed again for it, but once only.
func (r *reader) mappingAt(line, column int) *yaml.Node {
	if r.mappings == nil {
		r.mappings = map[[2]int]*yaml.Node{}
		if document, err := parseYAML(r.file.Source); err == nil {
			r.addMappings(document)
		}
	}
	return r.mappings[[2]int{line, column}]
}

func (r *reader) addMappings(n *yaml.Node) {
	if place := [2]int{n.Line, n.Column}; n.Kind == yaml.MappingNode && r.mappings[place] == nil {
		r.mappings[place] = n
	}
	for _, child := range n.Content {
		r.addMappings(child)
	}
}

// control returns the key and the value of a step that steers other steps;
// nil where the step at this place is none.
func (r *reader) control(line, column int) (key, value *yaml.Node) {
	n := r.mappingAt(line, column)
	if n == nil {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if slices.Contains(controlKeys, n.Content[i].Value) {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// controlOf is control for a step that the parser complains about.
func (r *reader) controlOf(fault *actionlint.Error) (key, value *yaml.Node) {
	if fault.Message != noWorkMessage {
		return nil, nil
	}
	return r.control(fault.Line, fault.Column)
}

// parsedSteps turns a parsed step into the model. It is one step, or several
// where they run in parallel; these are listed as if they ran in turn.
func (r *reader) parsedSteps(number int, parsed *actionlint.Step) []*Step {
	if parsed.Exec == nil {
		if key, value := r.control(parsed.Pos.Line, parsed.Pos.Col); key != nil && key.Value == parallelKey {
			return r.steps(number, value)
		}
	}
	return []*Step{r.parsedStep(number, parsed)}
}

func (r *reader) parsedStep(number int, parsed *actionlint.Step) *Step {
	s := &Step{
		Number:  number,
		Line:    r.physicalLine(parsed.Pos.Line, parsed.Pos.Col),
		EndLine: r.blockEnd(parsed.Pos.Line, parsed.Pos.Col, false),
		ID:      r.text(parsed.ID),
		Name:    r.text(parsed.Name),
		If:      r.text(parsed.If),
	}
	s.Env, s.EnvExpression = r.env(parsed.Env)
	s.Forgiven = r.mayBeOn(parsed.ContinueOnError)
	r.number(parsed.TimeoutMinutes)
	switch exec := parsed.Exec.(type) {
	case *actionlint.ExecRun:
		s.Run, s.Shell, s.Directory = r.text(exec.Run), r.text(exec.Shell), r.text(exec.WorkingDirectory)
	case *actionlint.ExecAction:
		s.Uses, s.Self = selfReference(r.text(exec.Uses))
		s.With = bindings(r, exec.Inputs, func(i *actionlint.Input) (name, value *actionlint.String) { return i.Name, i.Value })
		for _, input := range []struct {
			name  string
			value *actionlint.String
		}{{"entrypoint", exec.Entrypoint}, {"args", exec.Args}} {
			if input.value != nil {
				s.With = append(s.With, Binding{Name: input.name, Value: r.text(input.value)})
			}
		}
	}
	return s
}

// steps reads a list of steps, of which the first one has a given number.
func (r *reader) steps(number int, list *yaml.Node) (steps []*Step) {
	for _, node := range r.elements(list) {
		s := &Step{
			Number:  number + len(steps),
			Line:    r.physicalLine(node.Line, node.Column),
			EndLine: r.blockEnd(node.Line, node.Column, false),
		}
		for key, value := range r.entries(node) {
			r.stepEntry(s, key, value)
		}
		if s.Run.IsZero() && s.Uses.IsZero() {
			r.fault(node, noWorkMessage)
		}
		steps = append(steps, s)
	}
	return steps
}

// stepEntry reads one key of a step.
func (r *reader) stepEntry(s *Step, key, value *yaml.Node) {
	switch key.Value {
	case "id":
		s.ID = r.scalar(value)
	case "name":
		s.Name = r.scalar(value)
	case "continue-on-error":
		s.Forgiven = r.scalar(value).Value != "false"
	case "if":
		s.If = r.scalar(value)
	case "uses":
		s.Uses, s.Self = selfReference(r.scalar(value))
	case "run":
		s.Run = r.scalar(value)
	case "shell":
		s.Shell = r.scalar(value)
	case "working-directory":
		s.Directory = r.scalar(value)
	case "env":
		s.Env, s.EnvExpression = r.nodeEnv(value)
	case "with":
		s.With, _ = r.nodeEnv(value)
	default:
		r.other(key, value)
	}
}

// nodeEnv reads a mapping of names to values, or the one expression that
// stands in its place.
func (r *reader) nodeEnv(node *yaml.Node) (list []Binding, expression Text) {
	if node = resolve(node); node.Kind == yaml.ScalarNode {
		if t := r.scalar(node); t.Value != "" {
			return nil, t
		}
		return nil, Text{}
	}
	for key, value := range r.entries(node) {
		list = append(list, Binding{Name: key.Value, NameText: r.key(key), Value: r.plain(r.scalar(value))})
	}
	slices.SortStableFunc(list, func(a, b Binding) int { return compareTexts(a.NameText, b.NameText) })
	return list, Text{}
}
