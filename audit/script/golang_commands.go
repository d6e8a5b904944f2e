package script

import (
	"go/ast"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

// goMember tells whether some type has a member of a name that does something.
func goMember(does, name string) bool {
	_, ok := rules.FindGoMember(does, name)
	return ok
}

// commands leaves out what the commands run whose names are not among the
// operands. The command at the root always counts, and so does one that an
// operand of another has the name of.
func (c *goChooser) commands() {
	below := map[*ast.CompositeLit]bool{}
	for _, fn := range c.queue {
		fn.each(func(n ast.Node) {
			switch n := n.(type) {
			case *ast.CallExpr:
				if callee, ok := n.Fun.(*ast.SelectorExpr); ok && goMember("adds-command", callee.Sel.Name) {
					c.below(fn, n.Args, below)
				}
			case *ast.KeyValueExpr:
				key, _ := n.Key.(*ast.Ident)
				list, _ := n.Value.(*ast.CompositeLit)
				if key != nil && list != nil && goMember("commands", key.Name) && c.commandType(fn, list.Type) {
					c.below(fn, list.Elts, below)
				}
			}
		})
	}
	for command := range below {
		if !c.named(command) {
			command.Elts = slices.DeleteFunc(command.Elts, func(e ast.Expr) bool {
				pair, _ := e.(*ast.KeyValueExpr)
				if pair == nil {
					return false
				}
				key, _ := pair.Key.(*ast.Ident)
				return key != nil && goMember("runs", key.Name)
			})
		}
	}
}

// reruns recognises what makes the name of a command say less of what is run: a
// command that runs another, one that runs without its name, or operands that
// the program makes up.
func (c *goChooser) reruns(fn *goFunction, n ast.Node) bool {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		// Others have methods of these names.
		runs := goMember("runs", n.Sel.Name) && !slices.Contains([]string{"Run", "Before", "After"}, n.Sel.Name)
		return runs || goMember("changes-command", n.Sel.Name) || fn.does(n).Does == "changes-command"
	case *ast.KeyValueExpr:
		key, ok := n.Key.(*ast.Ident)
		return ok && goMember("changes-command", key.Name)
	case *ast.CallExpr:
		callee, ok := n.Fun.(*ast.SelectorExpr)
		return ok && callee.Sel.Name == "Run" && len(n.Args) == 2 // cmd.Run() and app.Run(os.Args) are none
	}
	return false
}

// below notes the literals of commands that stand below another.
func (c *goChooser) below(fn *goFunction, list []ast.Expr, out map[*ast.CompositeLit]bool) {
	for _, e := range list {
		if address, ok := e.(*ast.UnaryExpr); ok {
			e = address.X
		}
		switch e := e.(type) {
		case *ast.CompositeLit:
			out[e] = true
		case *ast.Ident:
			if s, ok := c.only(goKey(fn, e.Name)); ok && s.part == 0 {
				c.made(s, out)
			}
		case *ast.SelectorExpr:
			if x, ok := e.X.(*ast.Ident); ok {
				if p := c.packageOf(fn.file, x.Name); p != nil {
					if s, ok := c.only(p.folder + "|" + e.Sel.Name); ok && s.part == 0 {
						c.made(s, out)
					}
				}
			}
		case *ast.CallExpr:
			c.made(goSource{expr: e, fn: fn}, out)
		}
	}
}

// made notes the one literal of a command that a name is given, or that a
// function makes.
func (c *goChooser) made(s goSource, out map[*ast.CompositeLit]bool) {
	e := s.expr
	if address, ok := e.(*ast.UnaryExpr); ok {
		e = address.X
	}
	call, ok := e.(*ast.CallExpr)
	if !ok {
		if literal, ok := e.(*ast.CompositeLit); ok && c.commandType(s.fn, literal.Type) {
			out[literal] = true
		}
		return
	}
	for _, f := range c.callees(s.fn, call) {
		var found []*ast.CompositeLit
		f.each(func(n ast.Node) {
			if literal, ok := n.(*ast.CompositeLit); ok && c.commandType(f, literal.Type) {
				found = append(found, literal)
			}
		})
		if len(found) == 1 {
			out[found[0]] = true
		}
	}
}

// commandType tells whether a type is that of a command, or of a list of them.
func (c *goChooser) commandType(fn *goFunction, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.ArrayType:
		return c.commandType(fn, e.Elt)
	case *ast.StarExpr:
		return c.commandType(fn, e.X)
	case *ast.SelectorExpr:
		return fn.does(e).Does == "command"
	}
	return false
}

// named tells whether one of the operands may be the name of a command.
func (c *goChooser) named(command *ast.CompositeLit) bool {
	var names []string
	for _, e := range command.Elts {
		pair, _ := e.(*ast.KeyValueExpr)
		if pair == nil {
			return true
		}
		key, _ := pair.Key.(*ast.Ident)
		if key == nil || !goMember("command-name", key.Name) {
			continue
		}
		values := []ast.Expr{pair.Value}
		if list, ok := pair.Value.(*ast.CompositeLit); ok {
			values = list.Elts
		}
		for _, e := range values {
			text, ok := goString(e)
			if !ok {
				return true
			}
			name, _, _ := strings.Cut(text, " ")
			names = append(names, name)
		}
	}
	return len(names) == 0 || slices.ContainsFunc(names, c.has)
}

func (c *goChooser) has(name string) bool {
	for i := range c.in.Operands {
		if word, _ := c.operand(i, true); word == name {
			return true
		}
	}
	return false
}
