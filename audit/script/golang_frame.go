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
