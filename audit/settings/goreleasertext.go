package settings

import (
	"strings"
	template "text/template/parse"

	"github.com/patrol-actions/patrol/audit/value"
)

// GoreleaserEnv lays variables of GoReleaser's configuration, as NAME=text,
// over an environment; their templates are filled in from another one.
func GoreleaserEnv(base, from *value.Env, assignments []string) *value.Env {
	for _, a := range assignments {
		if name, text, ok := strings.Cut(a, "="); ok {
			base = base.Set(name, GoreleaserText(text, from))
		}
	}
	return base
}

// GoreleaserText fills in the templates of a text of GoReleaser's
// configuration, as far as they ask for variables of the environment. A
// variable that is not seen to be set is taken not to be, where a template may
// ask for one that is not; a choice that cannot be made is both of its texts.
// Source: https://goreleaser.com/customization/templates/
func GoreleaserText(text string, env *value.Env) value.Value {
	if !strings.Contains(text, "{{") {
		return value.Text(text)
	}
	tree := template.New("")
	tree.Mode = template.SkipFuncCheck
	tree, err := tree.Parse(text, "", "", map[string]*template.Tree{})
	if err != nil || tree.Root == nil {
		return value.Unknown(text)
	}
	return templateReader{env}.list(tree.Root)
}

// templateReader fills in templates.
type templateReader struct{ env *value.Env }

func (t templateReader) list(list *template.ListNode) value.Value {
	if list == nil {
		return value.Text("")
	}
	var out []value.Value
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *template.TextNode:
			out = append(out, value.Text(string(node.Text)))
		case *template.ActionNode:
			out = append(out, t.pipe(node.Pipe))
		case *template.IfNode:
			out = append(out, t.choice(node))
		default:
			out = append(out, value.Unknown(node.String()))
		}
	}
	return value.Concat(out...)
}

func (t templateReader) choice(node *template.IfNode) value.Value {
	holds, known := truth(t.pipe(node.Pipe))
	switch {
	case !known:
		return value.Choice(t.list(node.List), t.list(node.ElseList))
	case holds:
		return t.list(node.List)
	}
	return t.list(node.ElseList)
}

// truth tells whether a value holds in a condition: a text that is not empty,
// or what isEnvSet has answered.
func truth(v value.Value) (holds, known bool) {
	if text, ok := v.Literal(); ok {
		return text != "" && text != "false", true
	}
	return true, v.HoldsCredential() && len(v.Alternatives()) == 1
}

// sameText are the functions that leave a text what it is, as far as a name of
// GitHub's goes: there letters count alike whatever their case.
var sameText = map[string]bool{"tolower": true, "toupper": true, "title": true, "trim": true, "print": true}

func (t templateReader) pipe(p *template.PipeNode) value.Value {
	if p == nil || len(p.Decl) > 0 || len(p.Cmds) == 0 {
		return value.Unknown("a template")
	}
	v := t.command(p.Cmds[0])
	for _, cmd := range p.Cmds[1:] {
		if name, ok := cmd.Args[0].(*template.IdentifierNode); !ok || len(cmd.Args) > 1 || !sameText[name.Ident] {
			return open(p.String(), v)
		}
	}
	return v
}

// open is a text of which only the credentials are known.
func open(source string, parts ...value.Value) value.Value {
	out := []value.Value{value.Unknown(source)}
	for _, p := range parts {
		for _, c := range p.Credentials() {
			out = append(out, value.Of(c))
		}
	}
	return value.Concat(out...)
}

func (t templateReader) command(cmd *template.CommandNode) value.Value {
	var args []value.Value
	for _, arg := range cmd.Args[1:] {
		args = append(args, t.argument(arg))
	}
	function, _ := cmd.Args[0].(*template.IdentifierNode)
	if function == nil {
		if len(args) > 0 {
			return open(cmd.String(), args...)
		}
		return t.argument(cmd.Args[0])
	}
	switch name := function.Ident; {
	case name == "index" && len(args) == 2 && cmd.Args[1].String() == ".Env":
		return t.variable(args[1], value.Text(""))
	case name == "envOrDefault" && len(args) == 2:
		if v := t.variable(args[0], nil); len(v) > 0 {
			return v
		}
		return args[1]
	case name == "isEnvSet" && len(args) == 1:
		if _, known := truth(t.variable(args[0], value.Text(""))); !known {
			return value.Unknown(cmd.String())
		}
		return t.variable(args[0], value.Text(""))
	case name == "not" && len(args) == 1:
		holds, known := truth(args[0])
		return answer(!holds, known, cmd)
	case (name == "eq" || name == "ne") && len(args) == 2:
		a, known := args[0].Literal()
		b, too := args[1].Literal()
		return answer((a == b) == (name == "eq"), known && too, cmd)
	case sameText[name] && len(args) == 1:
		return args[0]
	}
	return open(cmd.String(), args...)
}

// answer is that of a function that compares.
func answer(holds, known bool, cmd *template.CommandNode) value.Value {
	switch {
	case !known:
		return value.Unknown(cmd.String())
	case holds:
		return value.Text("true")
	}
	return value.Text("")
}

// variable returns the value of a variable by a text that names it.
func (t templateReader) variable(name, unset value.Value) value.Value {
	text, known := name.Literal()
	if !known {
		return value.Unknown(name.String())
	}
	if v, ok := t.env.Lookup(text); ok {
		return v
	}
	return unset
}

func (t templateReader) argument(node template.Node) value.Value {
	switch node := node.(type) {
	case *template.StringNode:
		return value.Text(node.Text)
	case *template.BoolNode, *template.NumberNode:
		return value.Text(node.String())
	case *template.PipeNode:
		return t.pipe(node)
	case *template.FieldNode:
		if len(node.Ident) == 2 && node.Ident[0] == "Env" {
			return t.variable(value.Text(node.Ident[1]), value.Unknown(node.String()))
		}
	}
	return value.Unknown(node.String())
}
