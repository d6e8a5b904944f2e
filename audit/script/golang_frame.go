package script

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"

	"github.com/patrol-actions/patrol/audit/value"
)

// goUnion is what may be one of two.
func goUnion(a, b []goThing) []goThing {
	out := slices.Clip(a)
	for _, t := range b {
		if !slices.ContainsFunc(out, func(u goThing) bool { return u.same(t) }) {
			out = append(out, t)
		}
	}
	if len(out) > maxGoAlternatives {
		return []goThing{goOne(out)}
	}
	return out
}

// same tells whether two things are the same as far as can be seen.
func (t goThing) same(u goThing) bool {
	return t.kind == u.kind && t.text.Equal(u.text) && t.token.Equal(u.token) && t.request == u.request && t.literal == u.literal && t.function == u.function &&
		t.open == u.open && t.mixed == u.mixed && t.service == u.service && slices.EqualFunc(t.list, u.list, goThing.same) && slices.EqualFunc(t.keys, u.keys, value.Value.Equal) &&
		t.process == u.process
}

// assign gives names what stands at the right of an assignment.
func (g *golang) assign(frame *goFrame, s *ast.AssignStmt) {
	for _, e := range s.Rhs {
		g.visit(frame, e)
	}
	things := make([][]goThing, len(s.Lhs))
	for i := range s.Lhs {
		if len(s.Rhs) == len(s.Lhs) {
			things[i] = g.valueOf(frame, s.Rhs[i], 0)
		} else {
			things[i] = g.valueOf(frame, s.Rhs[0], i)
		}
	}
	for i, left := range s.Lhs {
		switch left := left.(type) {
		case *ast.Ident:
			if s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
				things[i] = goTexts(value.Unknown(left.Name))
				if s.Tok == token.ADD_ASSIGN {
					things[i] = goTexts(bounded(value.Concat(g.text(frame.fn, left), g.text(frame.fn, s.Rhs[0]))))
				}
			}
			g.set(frame, left.Name, things[i])
		case *ast.SelectorExpr:
			g.visit(frame, left.X)
			if g.prepares(frame, left, things[i], s.Rhs[min(i, len(s.Rhs)-1)]) {
				g.prepared[s] = true
			}
		case *ast.IndexExpr:
			g.element(frame, left, things[i])
		}
	}
}

// valueOf is what an expression stands for; what is not known has its source.
func (g *golang) valueOf(frame *goFrame, e ast.Expr, part int) []goThing {
	if things := g.eval(frame.fn, e, part); len(things) > 0 {
		return things
	}
	return goTexts(value.Unknown(g.source(e)))
}

func (g *golang) set(frame *goFrame, name string, things []goThing) {
	if name != "_" && !g.shared(frame.fn)[name] && frame.fn.decl != nil {
		frame.vars[name] = things
	}
}

// element puts something into a list or a map that a name has.
func (g *golang) element(frame *goFrame, left *ast.IndexExpr, things []goThing) {
	name, ok := left.X.(*ast.Ident)
	if !ok || frame.vars[name.Name] == nil {
		return
	}
	key, index := g.text(frame.fn, left.Index), goIndex(left.Index)
	out := slices.Clone(frame.vars[name.Name])
	for i, t := range out {
		if t.kind == goMap || t.kind == goList {
			if g.steps += len(t.list); g.steps > maxGoSteps {
				out[i].open, out[i].mixed = true, true
				continue
			}
			if out[i].list = slices.Clone(t.list); t.kind == goList && !t.open && !t.mixed && index >= 0 && index < len(t.list) {
				out[i].list[index] = goOne(things)
				continue
			}
			out[i].list = append(out[i].list, goOne(things))
			out[i].mixed = t.mixed || t.kind == goList
			out[i].keys = append(slices.Clip(t.keys), key)
		}
	}
	g.set(frame, name.Name, out)
}

// goIndex is an index that is written out, -1 for another.
func goIndex(e ast.Expr) int {
	if lit, ok := e.(*ast.BasicLit); ok {
		if n, err := strconv.Atoi(lit.Value); err == nil {
			return n
		}
	}
	return -1
}

func (g *golang) define(frame *goFrame, spec *ast.ValueSpec) {
	for i, name := range spec.Names {
		switch {
		case len(spec.Values) == len(spec.Names):
			g.set(frame, name.Name, g.valueOf(frame, spec.Values[i], 0))
		case len(spec.Values) == 1:
			g.set(frame, name.Name, g.valueOf(frame, spec.Values[0], i))
		default:
			g.set(frame, name.Name, goZero(spec.Type))
		}
	}
}

// goZero is what a name of a type has before it is given anything.
func goZero(kind ast.Expr) []goThing {
	switch kind := kind.(type) {
	case *ast.ArrayType:
		return []goThing{{kind: goList}}
	case *ast.MapType:
		return []goThing{{kind: goMap}}
	case *ast.Ident:
		if kind.Name == "string" {
			return goTexts(value.Text(""))
		}
	}
	return goTexts(value.Unknown("…"))
}

// returning notes what a function returns; see returned.
func (g *golang) returning(frame *goFrame, s *ast.ReturnStmt) {
	names := goNames(frame.kind.Results)
	for part := range names {
		var things []goThing
		switch {
		case goFails(s, frame.kind) && part < len(s.Results)-1 && goEmpty(s.Results[part]):
		case len(s.Results) == len(names):
			things = g.valueOf(frame, s.Results[part], 0)
		case len(s.Results) == 1:
			things = g.valueOf(frame, s.Results[0], part)
		default:
			things = g.name(frame.fn, names[part])
		}
		if g.shared(frame.fn)[names[part].Name] {
			things = goUnion(things, g.name(frame.fn, names[part]))
		}
		for len(frame.returns) <= part {
			frame.returns = append(frame.returns, nil)
		}
		frame.returns[part] = goUnion(frame.returns[part], things)
	}
}

// loop walks what may be done any number of times. What it gives names is taken
// together with all that these are given anywhere.
func (g *golang) loop(frame *goFrame, s ast.Stmt, body func()) {
	var given []string
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				if name, ok := goBase(e).(*ast.Ident); ok && n.Tok != token.DEFINE {
					given = append(given, name.Name)
				}
			}
		case *ast.IncDecStmt:
			if name, ok := n.X.(*ast.Ident); ok {
				given = append(given, name.Name)
			}
		}
		return true
	})
	open := func() {
		for _, name := range given {
			things := slices.Clone(g.given(goKey(frame.fn, name)))
			for i := range things {
				things[i].open = things[i].open || things[i].kind == goList
			}
			g.set(frame, name, goUnion(frame.vars[name], things))
		}
	}
	open()
	broken, at, looping := frame.broken, g.arm.now, g.looping
	g.looping = true
	g.arm.enter()
	body()
	frame.broken, g.arm.now, g.looping = broken, at, looping
	open()
}

// ranged walks the body of a loop once for each element of a list that is known.
func (g *golang) ranged(frame *goFrame, s *ast.RangeStmt) {
	over := g.eval(frame.fn, s.X, 0)
	key, _ := s.Key.(*ast.Ident)
	element, _ := s.Value.(*ast.Ident)
	give := func(k, v []goThing) {
		if key != nil {
			g.set(frame, key.Name, k)
		}
		if element != nil {
			g.set(frame, element.Name, v)
		}
	}
	known := len(over) == 1 && (over[0].kind == goList || over[0].kind == goMap) && !over[0].open && len(over[0].list)*max(1, g.unrolled) <= maxGoUnrolled*maxGoUnrolled && len(over[0].list) <= maxGoUnrolled && !goBreaks(s.Body)
	if !known {
		elements := goElements(over)
		if len(elements) == 0 {
			elements = goTexts(value.Unknown(g.source(s.X)))
		}
		g.loop(frame, s, func() {
			give(goTexts(value.Unknown("…")), elements)
			g.block(frame, s.Body.List)
		})
		return
	}
	outer := g.unrolled
	g.unrolled = max(1, outer) * max(1, len(over[0].list))
	defer func() { g.unrolled = outer }()
	for i, t := range over[0].list {
		k := value.Unknown("…")
		if over[0].kind == goMap && i < len(over[0].keys) {
			k = over[0].keys[i]
		}
		give(goTexts(k), []goThing{t})
		before := frame.vars
		if g.block(frame, s.Body.List) {
			frame.vars = goJoined([]map[string][]goThing{before, frame.vars})
		}
	}
}

// goBreaks tells whether a loop may end, or leave out the rest of its body,
// before its last element.
func goBreaks(body *ast.BlockStmt) (breaks bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BranchStmt:
			breaks = breaks || n.Tok != token.FALLTHROUGH
		case *ast.ForStmt:
			breaks = breaks || goLabelled(n)
			return false
		case *ast.RangeStmt:
			breaks = breaks || goLabelled(n)
			return false
		case *ast.FuncLit:
			return false
		}
		return true
	})
	return breaks
}

// goLabelled tells whether an inner loop may end another one.
func goLabelled(loop ast.Node) (labelled bool) {
	ast.Inspect(loop, func(n ast.Node) bool {
		b, ok := n.(*ast.BranchStmt)
		labelled = labelled || ok && b.Label != nil
		return true
	})
	return labelled
}

// visit walks the calls of a node in their order.
func (g *golang) visit(frame *goFrame, n ast.Node) {
	if n != nil {
		ast.Inspect(n, g.visitor(frame))
	}
}

func (g *golang) visitor(frame *goFrame) func(ast.Node) bool {
	return func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if g.steps++; g.steps <= maxGoSteps {
				g.call(frame, n)
			}
			return false
		case *ast.CompositeLit:
			g.escaping(frame, n)
		case *ast.SendStmt:
			g.escapes(frame, n.Value)
		}
		return true
	}
}

// escaping walks the functions that are put where it is not seen who calls them:
// into a thing of others. A list or a map is looked into where its elements are
// called.
func (g *golang) escaping(frame *goFrame, n *ast.CompositeLit) {
	switch kind := n.Type.(type) {
	case nil, *ast.ArrayType, *ast.MapType:
		return
	case *ast.Ident:
		if _, own := g.structs[kind.Name]; own {
			return
		}
	}
	for _, e := range n.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			e = pair.Value
		}
		g.escapes(frame, e)
	}
}

// escapes walks a function that is handed to others, with operands that are not
// known.
func (g *golang) escapes(frame *goFrame, e ast.Expr) {
	switch e.(type) {
	case *ast.FuncLit, *ast.Ident, *ast.SelectorExpr:
		for _, t := range g.eval(frame.fn, e, 0) {
			if t.kind == goFunctionKind {
				g.apply(t, nil, nil)
			}
		}
	}
}

// apply calls a function that is a value.
func (g *golang) apply(t goThing, receiver []goThing, args [][]goThing) ([][]goThing, bool) {
	if t.literal != nil {
		return g.enterLiteral(t, args)
	}
	if t.function == nil {
		return nil, false
	}
	return g.enterFunction(t.function, receiver, args)
}

// call walks one call: its operands, and the function that it is of.
func (g *golang) call(frame *goFrame, call *ast.CallExpr) {
	g.walked[call] = true
	if _, literal := call.Fun.(*ast.FuncLit); !literal {
		g.visit(frame, call.Fun)
	}
	for _, e := range call.Args {
		g.visit(frame, e)
	}
	if g.commandWords(frame.fn, call) != nil {
		frame.results[call] = [][]goThing{g.start(frame, call)}
		return
	}
	g.piped(frame, call)
	g.goes(frame, call)
	things, receiver := g.functions(frame, call)
	if g.startsMore(frame, call) {
		return
	}
	if len(things) == 0 {
		for _, e := range call.Args {
			g.escapes(frame, e) // A function of others may call it.
		}
		return
	}
	args := g.operandsOf(frame, call)
	var results [][]goThing
	whole := true
	for _, t := range things {
		got, ok := g.apply(t, receiver, args)
		whole = whole && ok
		for part, things := range got {
			for len(results) <= part {
				results = append(results, nil)
			}
			results[part] = goUnion(results[part], things)
		}
	}
	if whole {
		frame.results[call] = results
	}
}

// startsMore starts what a function of Mage that was made for a program starts.
func (g *golang) startsMore(frame *goFrame, call *ast.CallExpr) (ok bool) {
	if _, member := call.Fun.(*ast.SelectorExpr); member && len(g.callees(frame.fn, call)) > 0 {
		return false
	}
	for _, t := range g.eval(frame.fn, call.Fun, 0) {
		if t.kind == goStarter {
			g.startLines(frame, call, g.lines(frame, call, call.Args, t.lines))
			ok = true
		}
	}
	return ok
}

// functions are the functions of the program that a call is of.
func (g *golang) functions(frame *goFrame, call *ast.CallExpr) (things []goThing, receiver []goThing) {
	callees := g.callees(frame.fn, call)
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok && len(callees) > 0 && callees[0].decl.Recv != nil {
		receiver = g.eval(frame.fn, sel.X, 0)
		if slices.ContainsFunc(receiver, func(t goThing) bool { return t.kind == goProcess }) {
			return nil, nil // cmd.Run() is none of the program's own
		}
	}
	g.steps += len(callees)
	for _, f := range callees {
		if names := goNames(f.decl.Type.Params); len(names) == len(call.Args) || goVariadic(f.decl.Type) && len(call.Args) >= len(names)-1 || len(call.Args) == 1 {
			things = append(things, goThing{kind: goFunctionKind, function: f})
		}
	}
	if len(callees) > 0 {
		return things, receiver
	}
	switch call.Fun.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.CallExpr, *ast.FuncLit:
		for _, t := range g.eval(frame.fn, call.Fun, 0) {
			if t.kind == goFunctionKind {
				things = append(things, t)
			}
		}
	}
	return things, nil
}

// operandsOf are the operands of a call; of one that hands on the results of
// another, those.
func (g *golang) operandsOf(frame *goFrame, call *ast.CallExpr) [][]goThing {
	if inner, ok := goOnlyCall(call); ok && len(frame.results[inner]) > 1 {
		return frame.results[inner]
	}
	args := make([][]goThing, 0, len(call.Args))
	for i, e := range call.Args {
		things := g.valueOf(frame, e, 0)
		if call.Ellipsis != token.NoPos && i == len(call.Args)-1 {
			things = goSpread(things)
		}
		args = append(args, things)
	}
	return args
}

func goOnlyCall(call *ast.CallExpr) (*ast.CallExpr, bool) {
	if len(call.Args) != 1 {
		return nil, false
	}
	inner, ok := call.Args[0].(*ast.CallExpr)
	return inner, ok
}

// goSpread marks lists whose elements are operands. Anything else may be any
// number of them.
func goSpread(things []goThing) []goThing {
	out := slices.Clone(things)
	for i, t := range out {
		switch t.kind {
		case goList:
		case goEnviron:
			out[i] = goThing{kind: goList, list: []goThing{t}}
		default:
			out[i] = goThing{kind: goList, open: true}
		}
		out[i].spread = true
	}
	return out
}
