package script

import (
	"go/ast"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// flag is what flag.String or flag.Bool gives: what the program is called with,
// or else the default.
func (g *golang) flag(fn *goFunction, call *ast.CallExpr) []goThing {
	if name, known := g.text(fn, call.Args[0]).Literal(); known {
		if given, known := g.flagGiven(name); known && given != nil {
			return goTexts(given)
		} else if known {
			return g.eval(fn, call.Args[1], 0)
		}
	}
	return append(g.eval(fn, call.Args[1], 0), goThing{text: value.Unknown(g.source(call.Args[0]))})
}

// flagGiven is what the operands give a flag of package flag, nil for none. They
// are flags up to the first that is none. known is false where one of these is not
// known, as it may be the flag.
func (g *golang) flagGiven(name string) (given value.Value, known bool) {
	booleans := g.booleans()
	for i := 0; i < len(g.in.Operands); i++ {
		word, literal := g.in.Operands[i].Literal()
		if !literal {
			return nil, false
		}
		dashed, isFlag := strings.CutPrefix(word, "-")
		if !isFlag || dashed == "" || dashed == "-" {
			break
		}
		flag, assigned, joined := strings.Cut(strings.TrimPrefix(dashed, "-"), "=")
		var v value.Value
		switch {
		case joined:
			v = value.Text(assigned)
		case booleans[flag]:
			v = value.Text("true")
		case i+1 == len(g.in.Operands):
			return nil, false
		default:
			i++
			v = g.in.Operands[i]
		}
		if flag == name {
			given = v
		}
	}
	return given, true
}

// booleans are the flags of the program that take no word along.
func (g *golang) booleans() map[string]bool {
	if g.switches != nil {
		return g.switches
	}
	g.switches = map[string]bool{}
	for _, p := range g.packages {
		for _, f := range p.files {
			ast.Inspect(f.tree, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					if callee, ok := call.Fun.(*ast.SelectorExpr); ok && rules.FindGoName("*", callee.Sel.Name).Does == "switch" {
						for _, e := range call.Args[:min(2, len(call.Args))] {
							if name, ok := goString(e); ok {
								g.switches[name] = true
							}
						}
					}
				}
				return true
			})
		}
	}
	return g.switches
}
