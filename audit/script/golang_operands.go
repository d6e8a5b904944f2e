package script

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
)

// choose leaves out of the program what the operands that it is called with do
// not pick: the other cases of a switch, the other branch of a condition, the
// other functions of a map, and what other commands run. It decides only by
// names that are given one thing in all of the program; what it cannot decide
// stays, and all of it counts.
func (g *golang) choose() {
	g.reach()
	g.collect()
	g.alter()
	c := goChooser{
		golang: g, uses: map[string]int{}, picked: map[string]int{}, open: map[string]bool{}, owner: map[string]*goFunction{}, members: map[*ast.Ident]bool{},
		maps: map[string]*ast.CompositeLit{}, keys: map[string]string{},
	}
	for _, fn := range g.queue {
		fn.each(func(n ast.Node) { c.count(fn, n) })
	}
	if !c.shifted {
		for _, fn := range g.queue {
			fn.each(func(n ast.Node) { c.decide(fn, n) })
		}
		for key, m := range c.maps {
			if c.uses[key] == c.picked[key] {
				goPick(m, c.keys[key])
			}
		}
		if !c.rerun {
			c.commands()
		}
	}
}

// goChooser decides what operands pick.
type goChooser struct {
	*golang
	// uses counts the places that name something, picked those of a map that
	// take one entry of it, or only its keys.
	uses, picked map[string]int
	// open are the names that may be given more than what is bound to them, or
	// nothing. owner are the functions of parameters. members are names that are
	// none by themselves.
	open    map[string]bool
	owner   map[string]*goFunction
	members map[*ast.Ident]bool
	// shifted says that the program changes its operands, rerun that it may run
	// other commands than the one that they name; see reruns.
	shifted, rerun bool
	// maps are the maps that an operand picks of, keys what it picks.
	maps map[string]*ast.CompositeLit
	keys map[string]string
}

// count notes where a name is used, and which names are given more than can be
// seen.
func (c *goChooser) count(fn *goFunction, n ast.Node) {
	c.rerun = c.rerun || c.reruns(fn, n)
	switch n := n.(type) {
	case *ast.Ident:
		if !c.members[n] {
			c.uses[goKey(fn, n.Name)]++
		}
	case *ast.SelectorExpr:
		c.members[n.Sel] = true
		c.shifted = c.shifted || fn.does(n).Does == "changes-operands"
		if x, ok := n.X.(*ast.Ident); ok {
			if p := c.packageOf(fn.file, x.Name); p != nil {
				c.uses[p.folder+"|"+n.Sel.Name]++
			}
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			for _, key := range c.keysOf(fn, goBase(n.X)) {
				c.open[key] = true
			}
		}
	case *ast.ValueSpec:
		for _, name := range n.Names {
			c.members[name] = true
			c.open[goKey(fn, name.Name)] = c.open[goKey(fn, name.Name)] || len(n.Values) == 0
		}
	case *ast.AssignStmt:
		c.shifted = c.shifted || slices.ContainsFunc(n.Lhs, func(e ast.Expr) bool { return fn.does(goBase(e)).Does == "operands" })
		for _, left := range n.Lhs {
			if name, ok := left.(*ast.Ident); ok && n.Tok == token.DEFINE {
				c.members[name] = true
			}
		}
	case *ast.Field:
		for _, name := range n.Names {
			c.members[name] = true
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok {
			c.members[key] = true // neither a function nor a map
		}
	case *ast.FuncLit:
		c.unseen(fn, n.Type.Params)
		c.unseen(fn, n.Type.Results)
	case *ast.FuncDecl:
		c.members[n.Name] = true
		c.unseen(fn, n.Recv)
		c.unseen(fn, n.Type.Results)
		for _, name := range goNames(n.Type.Params) {
			c.owner[goKey(fn, name.Name)] = fn
		}
	case *ast.RangeStmt:
		if x, ok := n.X.(*ast.Ident); ok && n.Value == nil {
			c.picked[goKey(fn, x.Name)]++
		}
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "len" && len(n.Args) == 1 {
			if x, ok := n.Args[0].(*ast.Ident); ok {
				c.picked[goKey(fn, x.Name)]++
			}
		}
	}
}

func (c *goChooser) unseen(fn *goFunction, list *ast.FieldList) {
	for _, name := range goNames(list) {
		c.open[goKey(fn, name.Name)] = true
	}
}

func (c *goChooser) decide(fn *goFunction, n ast.Node) {
	switch n := n.(type) {
	case *ast.IfStmt:
		switch truth, known := c.truth(fn, n.Cond); {
		case known && truth:
			n.Else = nil
		case known:
			n.Body.List = nil
		}
	case *ast.SwitchStmt:
		c.cases(fn, n)
	case *ast.IndexExpr:
		x, ok := n.X.(*ast.Ident)
		key, known := c.word(fn, n.Index)
		if !ok || !known {
			return
		}
		name := goKey(fn, x.Name)
		given, _ := c.only(name)
		m, _ := given.expr.(*ast.CompositeLit)
		if m == nil || given.part > 0 {
			return
		}
		if _, isMap := m.Type.(*ast.MapType); isMap && (c.maps[name] == nil || c.keys[name] == key) {
			c.maps[name], c.keys[name] = m, key
			c.picked[name]++
		}
	}
}

// only is what a name is given, where that is one thing: a parameter is by the one
// place that names its function.
func (c *goChooser) only(key string) (goSource, bool) {
	s := c.bound[key]
	if len(s) != 1 || s[0].expr == nil || s[0].element || c.open[key] {
		return goSource{}, false
	}
	if f := c.owner[key]; f != nil && (f.decl.Recv != nil || c.uses[f.file.pkg.folder+"|"+f.name] != 1) {
		return goSource{}, false
	}
	return s[0], true
}

// goPick leaves only the entry of a key in a map whose keys are all texts.
func goPick(m *ast.CompositeLit, key string) {
	var kept []ast.Expr
	for _, e := range m.Elts {
		pair, _ := e.(*ast.KeyValueExpr)
		if pair == nil {
			return
		}
		text, ok := goString(pair.Key)
		switch {
		case !ok:
			return
		case text == key:
			kept = append(kept, e)
		}
	}
	if len(kept) > 0 {
		m.Elts = kept
	}
}

// goString is the text of a literal.
func goString(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// cases leaves only the case of a switch that is picked. A case that runs into
// the next one keeps all.
func (c *goChooser) cases(fn *goFunction, s *ast.SwitchStmt) {
	var tag string
	if s.Tag != nil {
		var known bool
		if tag, known = c.word(fn, s.Tag); !known {
			return
		}
	}
	var picked, other *ast.CaseClause
	for _, statement := range s.Body.List {
		clause, _ := statement.(*ast.CaseClause)
		if clause == nil || slices.ContainsFunc(clause.Body, func(s ast.Stmt) bool { b, ok := s.(*ast.BranchStmt); return ok && b.Tok == token.FALLTHROUGH }) {
			return
		}
		if clause.List == nil {
			other = clause
		}
		for _, e := range clause.List {
			truth, decided := false, false
			if s.Tag == nil {
				truth, decided = c.truth(fn, e)
			} else if text, literal := c.word(fn, e); literal {
				truth, decided = text == tag, true
			}
			if !decided && picked == nil {
				return
			}
			if truth && picked == nil {
				picked = clause
			}
		}
	}
	if picked == nil {
		picked = other
	}
	if picked == nil {
		return
	}
	s.Tag, s.Body.List = nil, []ast.Stmt{&ast.CaseClause{Case: picked.Case, Colon: picked.Colon, Body: picked.Body}}
}

// truth decides a condition on operands.
func (c *goChooser) truth(fn *goFunction, e ast.Expr) (truth, known bool) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return c.truth(fn, e.X)
	case *ast.UnaryExpr:
		truth, known = c.truth(fn, e.X)
		return e.Op == token.NOT && !truth, known && e.Op == token.NOT
	case *ast.BinaryExpr:
		return c.compared(fn, e)
	case *ast.StarExpr, *ast.Ident:
		word, known := c.word(fn, e)
		truth, err := strconv.ParseBool(word)
		return truth, known && err == nil
	}
	return false, false
}

func (c *goChooser) compared(fn *goFunction, e *ast.BinaryExpr) (truth, known bool) {
	if e.Op == token.LAND || e.Op == token.LOR {
		left, first := c.truth(fn, e.X)
		right, second := c.truth(fn, e.Y)
		settles := e.Op == token.LOR // what decides by itself
		if first && left == settles || second && right == settles {
			return settles, true
		}
		return !settles, first && second
	}
	if n, ok := c.operandCount(fn, e.X); ok {
		lit, _ := e.Y.(*ast.BasicLit)
		if lit == nil {
			return false, false
		}
		m, err := strconv.Atoi(lit.Value)
		return goCompares(n-m, e.Op), err == nil
	}
	left, first := c.word(fn, e.X)
	right, second := c.word(fn, e.Y)
	if !first || !second || e.Op != token.EQL && e.Op != token.NEQ {
		return false, false
	}
	return (left == right) == (e.Op == token.EQL), true
}

func goCompares(difference int, op token.Token) bool {
	switch op {
	case token.EQL:
		return difference == 0
	case token.NEQ:
		return difference != 0
	case token.LSS:
		return difference < 0
	case token.LEQ:
		return difference <= 0
	case token.GTR:
		return difference > 0
	case token.GEQ:
		return difference >= 0
	}
	return false
}
