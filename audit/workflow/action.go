package workflow

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// action reads an action. It returns nil where the file is none.
func (r *reader) action() *Action {
	document, err := parseYAML(r.file.Source)
	if err != nil {
		before := r.syntaxProblem(err)
		if document, err = parseYAML(before); err != nil || len(document.Content) == 0 {
			return nil
		}
		r.lost(len(before))
	}
	if len(document.Content) == 0 {
		r.fault(&yaml.Node{Line: 1, Column: 1}, "the file is empty")
		return nil
	}
	if mayHaveAliases(r.file.Source) {
		if err := checkAliases(document); err != nil {
			r.fault(document, err.Message)
			return nil
		}
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		r.fault(root, "this is no action: a mapping is expected, but this is a "+kindName(root))
		return nil
	}
	if !hasKey(root, "runs") {
		r.fault(root, `this is no action: it has no "runs" section`)
		return nil
	}
	a := &Action{File: r.file}
	for key, value := range r.entries(root) {
		switch key.Value {
		case "name":
			a.Name = r.scalar(value)
		case "inputs":
			a.Inputs = r.actionInputs(value)
		case "outputs":
			a.Outputs = r.actionOutputs(value)
		case "runs":
			r.runs(a, value)
		default:
			r.other(key, value)
		}
	}
	a.texts = r.sortedTexts()
	return a
}

func (r *reader) actionInputs(section *yaml.Node) (inputs []Input) {
	for name, settings := range r.entries(section) {
		input := Input{Name: name.Value, FromCall: true}
		for key, value := range r.entries(settings) {
			switch key.Value {
			case "default":
				input.Default = r.plain(r.scalar(value))
			case "required":
				input.Required = strings.EqualFold(r.scalar(value).Value, "true")
			default:
				r.other(key, value)
			}
		}
		inputs = append(inputs, input)
	}
	return inputs
}

func (r *reader) actionOutputs(section *yaml.Node) (outputs []Binding) {
	for name, settings := range r.entries(section) {
		output := Binding{Name: name.Value, NameText: r.key(name)}
		for key, value := range r.entries(settings) {
			if key.Value == "value" {
				output.Value = r.scalar(value)
			} else {
				r.other(key, value)
			}
		}
		outputs = append(outputs, output)
	}
	return outputs
}

// runs reads the section that says what the action does.
func (r *reader) runs(a *Action, section *yaml.Node) {
	for key, value := range r.entries(section) {
		switch key.Value {
		case "using":
			a.Using = r.scalar(value).Value
			a.UsingLine = r.physicalLine(key.Line, key.Column)
		case "steps":
			a.Steps = r.steps(1, value)
		case "main":
			a.Main = r.scalar(value).Value
		case "pre", "pre-entrypoint":
			a.Pre = r.scalar(value).Value
		case "post", "post-entrypoint":
			a.Post = r.scalar(value).Value
		case "image":
			a.Image = r.scalar(value).Value
		case "entrypoint":
			a.Entrypoint = r.scalar(value).Value
		case "args":
			for _, arg := range r.elements(value) {
				a.Args = append(a.Args, r.scalar(arg))
			}
		case "env":
			a.Env, _ = r.nodeEnv(value)
		default:
			r.other(key, value)
		}
	}
}
