package script

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// maxGoNames bounds how far a name is followed to an operand.
const maxGoNames = 20

// operandCount is the number of operands in len(os.Args) and the like.
func (c *goChooser) operandCount(fn *goFunction, e ast.Expr) (int, bool) {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return 0, false
	}
	if fn.does(call.Fun).Does == "counts-operands" && c.undashed() {
		return len(c.in.Operands), true
	}
	if f, ok := call.Fun.(*ast.Ident); !ok || f.Name != "len" || len(call.Args) != 1 {
		return 0, false
	}
	from, ok := c.operands(fn, call.Args[0], 0)
	return len(c.in.Operands) - from, ok
}

// word is the text of an expression that is an operand, or known for another
// reason.
func (c *goChooser) word(fn *goFunction, e ast.Expr) (string, bool) { return c.wordOf(fn, e, 0) }

func (c *goChooser) wordOf(fn *goFunction, e ast.Expr, depth int) (string, bool) {
	if depth > maxGoNames {
		return "", false
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		return goString(e)
	case *ast.ParenExpr:
		return c.wordOf(fn, e.X, depth+1)
	case *ast.StarExpr:
		return c.wordOf(fn, e.X, depth+1)
	case *ast.Ident:
		if e.Name == "true" || e.Name == "false" {
			return e.Name, true
		}
		if s, ok := c.only(goKey(fn, e.Name)); ok && s.part == 0 {
			return c.wordOf(s.fn, s.expr, depth+1)
		}
	case *ast.IndexExpr:
		from, ok := c.operands(fn, e.X, depth+1)
		lit, _ := e.Index.(*ast.BasicLit)
		if !ok || lit == nil {
			return "", false
		}
		n, err := strconv.Atoi(lit.Value)
		return c.operand(from+n, err == nil)
	case *ast.CallExpr:
		return c.wordOfCall(fn, e, depth)
	}
	return "", false
}

func (c *goChooser) operand(n int, known bool) (string, bool) {
	if !known || n < 0 || n >= len(c.in.Operands) {
		return "", false
	}
	return c.in.Operands[n].Literal()
}

func (c *goChooser) wordOfCall(fn *goFunction, call *ast.CallExpr, depth int) (string, bool) {
	switch does := fn.does(call.Fun).Does; {
	case does == "operand" && len(call.Args) == 1 && c.undashed():
		lit, _ := call.Args[0].(*ast.BasicLit)
		if lit == nil {
			return "", false
		}
		n, err := strconv.Atoi(lit.Value)
		return c.operand(n, err == nil)
	case does == "flag" && len(call.Args) > 1:
		return c.flagged(fn, call)
	case does == "edits" && len(call.Args) == 1 && goEdits[goTypeName(call.Fun)] != nil:
		word, ok := c.wordOf(fn, call.Args[0], depth+1)
		return goEdits[goTypeName(call.Fun)](word, ""), ok
	}
	return "", false
}

// flagged is what a flag of package flag is.
func (c *goChooser) flagged(fn *goFunction, call *ast.CallExpr) (string, bool) {
	things := c.flag(fn, call)
	if len(things) != 1 {
		return "", false
	}
	return things[0].text.Literal()
}

// undashed tells whether no operand may be a flag.
func (c *goChooser) undashed() bool {
	return !slices.ContainsFunc(c.in.Operands, func(v value.Value) bool { return strings.HasPrefix(v.String(), "-") })
}

// operands recognises a list of operands by the first of them: -1 where the
// program's own name comes first.
func (c *goChooser) operands(fn *goFunction, e ast.Expr, depth int) (from int, ok bool) {
	if depth > maxGoNames {
		return 0, false
	}
	switch e := e.(type) {
	case *ast.SelectorExpr:
		does := fn.does(e)
		return -does.Operand, does.Does == "operands" && does.Operand > 0
	case *ast.CallExpr:
		return 0, fn.does(e.Fun).Does == "operands" && c.undashed()
	case *ast.SliceExpr:
		from, ok = c.operands(fn, e.X, depth+1)
		if !ok || e.High != nil || e.Low == nil {
			return from, ok && e.High == nil
		}
		lit, _ := e.Low.(*ast.BasicLit)
		if lit == nil {
			return 0, false
		}
		n, err := strconv.Atoi(lit.Value)
		return from + n, err == nil
	case *ast.Ident:
		if s, ok := c.only(goKey(fn, e.Name)); ok && s.part == 0 {
			return c.operands(s.fn, s.expr, depth+1)
		}
	}
	return 0, false
}
