package script

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"

	"github.com/patrol-actions/patrol/audit/value"
)

// The bounds of what is followed of one program from main on.
const (
	maxGoEntered      = 4_000
	maxGoFrames       = 25
	maxGoUnrolled     = 24
	maxGoAlternatives = 8
	// The parts, and the bytes, of all texts together that may be one.
	maxGoParts = 200
	maxGoText  = 1 << 14
)

// goFrame is one call of a function. Within it names have what they were given
// last, in the order of the statements; what is given in a branch or in a loop
// may have been given.
type goFrame struct {
	fn   *goFunction
	vars map[string][]goThing
	// results are those of the calls of this frame, by their parts.
	results map[*ast.CallExpr][][]goThing
	returns [][]goThing
	// broken are the states in which break leaves the switch that is walked.
	broken []map[string][]goThing
	kind   *ast.FuncType
	depth  int
}

// follow starts the programs that the program starts, in the order in which it
// does: it goes from main through all functions that are called, and gives them
// what each call gives them. A program that is started in a function that it
// does not come to is looked at by check.
func (g *golang) follow() {
	if !g.starting() {
		return
	}
	g.surroundings()
	for _, fn := range g.queue {
		if fn.decl == nil && g.starters[fn] {
			g.enter(fn, nil)
		}
	}
	for _, fn := range g.queue {
		if fn.decl != nil && g.entry(fn) {
			g.enterFunction(fn, nil, nil)
		}
	}
	g.remains()
	g.frame, g.steps = nil, 0
}

// starting finds the functions that may start a program: those that do, those
// that name one which does, and those that call what they are given. It tells
// whether there is any.
func (g *golang) starting() (starts bool) {
	users := map[*goFunction][]*goFunction{}
	var queue []*goFunction
	note := func(fn *goFunction) {
		if !g.starters[fn] {
			g.starters[fn] = true
			queue = append(queue, fn)
		}
	}
	for _, fn := range g.queue {
		fn.each(func(n ast.Node) {
			if call, ok := n.(*ast.CallExpr); ok {
				words, _ := g.commandWords(fn, call)
				own := words != nil
				if starts = starts || own; own || len(g.valued[call]) > 0 {
					note(fn)
				}
			}
			g.named(fn, n, func(used *goFunction) { users[used] = append(users[used], fn) })
		})
	}
	for len(queue) > 0 {
		fn := queue[0]
		queue = queue[1:]
		for _, user := range users[fn] {
			note(user)
		}
	}
	return starts
}

// enter walks the declarations of a file, or the body of a function.
func (g *golang) enter(fn *goFunction, vars map[string][]goThing) *goFrame {
	if vars == nil {
		vars = map[string][]goThing{}
	}
	frame := &goFrame{fn: fn, vars: vars, results: map[*ast.CallExpr][][]goThing{}}
	if fn.decl != nil {
		g.run(frame, fn.decl.Type, fn.decl.Body)
		return frame
	}
	defer g.within(frame)()
	for _, d := range fn.file.tree.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.VAR {
			ast.Inspect(d, g.visitor(frame))
		}
	}
	return frame
}

// within makes a frame the one in which names are looked up.
func (g *golang) within(frame *goFrame) (leave func()) {
	before := g.frame
	if before != nil {
		frame.depth = before.depth + 1
	}
	g.frame = frame
	return func() { g.frame = before }
}

func (g *golang) run(frame *goFrame, kind *ast.FuncType, body *ast.BlockStmt) {
	if body == nil {
		return
	}
	frame.kind = kind
	defer g.within(frame)()
	at := g.arm.now
	g.block(frame, body.List)
	g.arm.now = at
}

// enterFunction calls a function with operands. What it returns is kept by the
// frame that calls it.
func (g *golang) enterFunction(fn *goFunction, receiver []goThing, args [][]goThing) ([][]goThing, bool) {
	if fn.decl.Body == nil || !g.may(fn, fn.decl) {
		return nil, false
	}
	defer g.left(fn.decl)
	vars := map[string][]goThing{}
	if names := goNames(fn.decl.Recv); len(names) > 0 && receiver != nil {
		vars[names[0].Name] = receiver
	}
	g.bindFrame(vars, fn.decl.Type, args)
	return g.enter(fn, g.without(fn, vars)).returns, true
}

// enterLiteral is the same for a function without a name, which sees the names
// of the frame that it stands in.
func (g *golang) enterLiteral(t goThing, args [][]goThing) ([][]goThing, bool) {
	if !g.may(t.scope, t.literal) {
		return nil, false
	}
	defer g.left(t.literal)
	vars := map[string][]goThing{}
	if t.frame != nil {
		vars = maps.Clone(t.frame.vars)
	}
	g.bindFrame(vars, t.literal.Type, args)
	frame := &goFrame{fn: t.scope, vars: g.without(t.scope, vars), results: map[*ast.CallExpr][][]goThing{}}
	g.run(frame, t.literal.Type, t.literal.Body)
	return frame.returns, true
}

// may tells whether a function may be entered: it does not call itself, and not
// too many were. What only returns something is entered as long as that costs
// little; what starts programs and cannot be is Unread.
func (g *golang) may(fn *goFunction, function ast.Node) bool {
	depth := 0
	if g.frame != nil {
		depth = g.frame.depth
	}
	starts := g.starters[fn]
	switch {
	case g.active[function]:
	case !starts && (depth > maxGoFrames/4 || g.entered > maxGoEntered/4):
		return false
	case g.entered <= maxGoEntered && g.steps <= maxGoSteps && depth < maxGoFrames:
		g.entered++
		g.active[function] = true
		return true
	}
	if starts {
		g.unread(fn.file, function.Pos(), "starts programs in ways that lead too far to be followed")
	}
	return false
}

// left takes back what may notes of a function that was entered.
func (g *golang) left(function ast.Node) {
	g.walked[function] = true
	delete(g.active, function)
}

// bindFrame gives the parameters of a function their operands. nil operands are
// those that are not known.
func (g *golang) bindFrame(vars map[string][]goThing, kind *ast.FuncType, args [][]goThing) {
	names := goNames(kind.Params)
	for i, name := range names {
		switch variadic := goVariadic(kind) && i == len(names)-1; {
		case args == nil:
			vars[name.Name] = []goThing{{text: value.Unknown(name.Name)}}
			if variadic {
				vars[name.Name] = []goThing{{kind: goList, open: true}}
			}
		case variadic:
			vars[name.Name] = goGathered(args[min(i, len(args)):])
		case i < len(args):
			vars[name.Name] = args[i]
		}
	}
}

func goVariadic(kind *ast.FuncType) bool {
	if kind.Params == nil || len(kind.Params.List) == 0 {
		return false
	}
	_, variadic := kind.Params.List[len(kind.Params.List)-1].Type.(*ast.Ellipsis)
	return variadic
}

// goGathered are the lists that the last operands of a call make. One that is
// handed on as it is stands for its elements.
func goGathered(args [][]goThing) []goThing {
	if len(args) == 1 && len(args[0]) > 0 && args[0][0].spread {
		out := slices.Clone(args[0])
		for i := range out {
			out[i].spread = false
		}
		return out
	}
	l := goThing{kind: goList}
	for _, things := range args {
		l.list = append(l.list, goOne(things))
	}
	return []goThing{l}
}

// goOne is one thing for several that something may be.
func goOne(things []goThing) goThing {
	if len(things) == 1 {
		return things[0]
	}
	var texts []value.Value
	for _, t := range things {
		if t.kind == goText {
			texts = append(texts, t.text)
		}
	}
	all := value.Value{{OneOf: texts}}
	parts, length := measure(all)
	switch {
	case parts > maxGoParts || length > maxGoText:
		return goThing{text: tooLong(all)}
	case len(texts) == 0 || len(texts) < len(things):
		return goThing{text: value.Concat(append(texts, value.Unknown("…"))...)}
	}
	return goThing{text: value.Choice(texts...)}
}

// block walks statements. It is true where what follows them is not reached.
func (g *golang) block(frame *goFrame, list []ast.Stmt) (ends bool) {
	for i, s := range list {
		if g.statement(frame, s) {
			g.leave(list[i+1:]...)
			return true
		}
	}
	return false
}

// leave notes statements that are not reached. One that another way leads to is
// walked there.
func (g *golang) leave(list ...ast.Stmt) {
	for _, s := range list {
		g.dead[s] = true
	}
}

func (g *golang) statement(frame *goFrame, s ast.Stmt) (ends bool) {
	defer g.hiding(frame, s)()
	switch s := s.(type) {
	case *ast.BlockStmt:
		return g.block(frame, s.List)
	case *ast.LabeledStmt:
		_, loop := s.Stmt.(*ast.ForStmt)
		if _, ranged := s.Stmt.(*ast.RangeStmt); !loop && !ranged && goLabelled(s.Stmt) {
			g.unread(frame.fn.file, s.Pos(), "jumps in a way that is not followed")
		}
		return g.statement(frame, s.Stmt)
	case *ast.AssignStmt:
		g.assign(frame, s)
	case *ast.DeclStmt:
		g.visit(frame, s)
		if d, ok := s.Decl.(*ast.GenDecl); ok {
			for _, spec := range d.Specs {
				if spec, ok := spec.(*ast.ValueSpec); ok {
					g.define(frame, spec)
				}
			}
		}
	case *ast.ReturnStmt:
		g.visit(frame, s)
		g.returning(frame, s)
		return true
	case *ast.BranchStmt:
		if s.Tok == token.GOTO {
			g.unread(frame.fn.file, s.Pos(), "jumps in a way that is not followed")
		}
		if s.Tok == token.BREAK {
			frame.broken = append(frame.broken, frame.vars)
		}
		return s.Tok != token.FALLTHROUGH
	case *ast.IfStmt:
		return g.branches(frame, []ast.Stmt{s.Init, &ast.ExprStmt{X: s.Cond}}, []goArm{{when: s.Cond, body: []ast.Stmt{s.Body}}, {unless: s.Cond, body: goAfter(s.Else)}})
	case *ast.SwitchStmt:
		return g.switched(frame, []ast.Stmt{s.Init, &ast.ExprStmt{X: s.Tag}}, s.Body)
	case *ast.TypeSwitchStmt:
		return g.switched(frame, []ast.Stmt{s.Init, s.Assign}, s.Body)
	case *ast.SelectStmt:
		return g.switched(frame, nil, s.Body)
	case *ast.ForStmt:
		if s.Init != nil {
			g.statement(frame, s.Init)
		}
		g.loop(frame, s, func() {
			g.visit(frame, s.Cond)
			g.block(frame, append(slices.Clip(s.Body.List), goAfter(s.Post)...))
		})
	case *ast.RangeStmt:
		g.visit(frame, s.X)
		g.ranged(frame, s)
	case *ast.ExprStmt:
		g.visit(frame, s.X)
		return g.leaves(frame, s.X)
	default:
		g.visit(frame, s)
	}
	return false
}

func goAfter(s ast.Stmt) []ast.Stmt {
	if s == nil {
		return nil
	}
	return []ast.Stmt{s}
}

// leaves recognises a call that ends the program.
func (g *golang) leaves(frame *goFrame, e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	return ok && frame.fn.does(call.Fun).Does == "exits"
}
