package script

import (
	"strings"

	"github.com/grafana/sobek/ast"

	"github.com/patrol-actions/patrol/audit/value"
)

// frame is a function (or file) that is being walked.
type frame struct {
	*reader
	program *program
	module  *module
	scope   *scope
	this    thing
	// home is the class that a method belongs to, for super.
	home *class
	// returned is what the function gave back so far.
	returned thing
	// token is the one that the function has asked for: see [frame.asks].
	token value.Value
}

// start and end are the bytes of a node in its file, or -1.
func (f *frame) start(node ast.Node) int {
	return f.program.place(firstByte(node))
}

func (f *frame) end(node ast.Node) int {
	last := f.program.place(lastByte(node) - 1)
	if last < 0 || last < f.start(node) {
		return f.start(node)
	}
	return last + 1
}

// firstByte is where a node begins. A dynamic import has no place of its own,
// so the one of its parenthesis is taken.
func firstByte(node ast.Node) int {
	if call, ok := node.(*ast.CallExpression); ok {
		if _, dynamic := call.Callee.(*ast.DynamicImportExpression); dynamic {
			return int(call.LeftParenthesis) - 1 - len("import")
		}
	}
	return int(node.Idx0()) - 1
}

// lastByte is where a node ends. The parser counts the bytes of a name in
// UTF-16 where it is not ASCII; that is put right for the nodes that end with
// a name, but not for those that end with such a node. Calls end with a
// parenthesis, which is exact.
func lastByte(node ast.Node) int {
	switch node := node.(type) {
	case *ast.Identifier:
		return int(node.Idx) - 1 + len(node.Name.String())
	case *ast.DotExpression:
		return lastByte(&node.Identifier)
	}
	return int(node.Idx1()) - 1
}

// maxSourceText bounds how much code is looked at for a message.
const maxSourceText = 400

// source returns a node's code in short, with placeholders turned back. Of a
// call the arguments are left out, so that what is taken from its result can
// be seen behind it: "github.rest.pulls.get(…).data.head.ref".
func (f *frame) source(node ast.Node) string {
	from, to := firstByte(node), lastByte(node)
	end := ""
	switch node := node.(type) {
	case *ast.CallExpression:
		to, end = int(node.LeftParenthesis)-1, ended(len(node.ArgumentList))
		if method, ok := paginated(node); ok {
			end = "(" + f.source(method) + ", …)"
		}
	case *ast.NewExpression:
		if node.ArgumentList != nil {
			to, end = int(node.LeftParenthesis)-1, ended(len(node.ArgumentList))
		}
	}
	to = min(to, len(f.program.code))
	if from < 0 || from >= to {
		return "a value"
	}
	code := f.program.code[max(from, to-maxSourceText):to]
	if value.HasPlaceholder(code) && f.in.Table != nil {
		code = f.in.Table.Value(code).String()
	}
	if missing := strings.Count(code, ")") - strings.Count(code, "("); missing > 0 {
		code = strings.Repeat("(", missing) + code
	}
	return shortened(code + end)
}

// code is the whole text of a node.
func (f *frame) code(node ast.Node) string {
	to := min(lastByte(node), len(f.program.code))
	return f.program.code[min(max(firstByte(node), 0), max(to, 0)):max(to, 0)]
}

// paginated returns the method whose pages a call gets, if it is such a call.
func paginated(node *ast.CallExpression) (*ast.DotExpression, bool) {
	callee, ok := node.Callee.(*ast.DotExpression)
	if !ok || callee.Identifier.Name != "paginate" || len(node.ArgumentList) == 0 {
		return nil, false
	}
	method, ok := node.ArgumentList[0].(*ast.DotExpression)
	return method, ok
}

// ended stands for the arguments of a call.
func ended(arguments int) string {
	if arguments == 0 {
		return "()"
	}
	return "(…)"
}

// literal turns text of the code into a value, with placeholders turned back.
func (f *frame) literal(s string) thing {
	if f.program.main && f.in.Table != nil {
		return text{f.in.Table.Value(s)}
	}
	return literal(s)
}

// block walks code in a scope of its own.
func (f *frame) block(walk func()) {
	outer := f.scope
	f.scope = newScope(outer, false)
	walk()
	f.scope = outer
}

// lookup returns what a name stands for.
func (f *frame) lookup(name string) thing {
	if v := f.scope.find(name); v != nil {
		return v.value
	}
	return f.global(name)
}

// assign gives a name another value.
func (f *frame) assign(name string, t thing) {
	v := f.scope.find(name)
	if v == nil {
		f.scope.forFunction().declare(name, t, f.condition)
		return
	}
	f.write(spot{variable: v}, t)
}

// loop walks the body of a loop: once more where the first time changed
// something that it may read.
func (f *frame) loop(walk func()) {
	before := f.changed
	for range 2 {
		f.changed = false
		f.guarded(walk)
		if before = before || f.changed; !f.changed {
			break
		}
	}
	f.changed = before
}
