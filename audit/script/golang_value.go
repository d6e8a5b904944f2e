package script

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// goKind says what a goThing is.
type goKind int

const (
	// goText is a string, or anything that is printed as one.
	goText goKind = iota
	// goCarrier is something of oauth2 or net/http that adds a token to
	// requests.
	goCarrier
	// goClient is a client of go-github, goService one of its services.
	goClient
	goService
	// goRequestKind is a request of net/http, goHeader its headers.
	goRequestKind
	goHeader
	// goList is a list of things, goMap a map of them by texts.
	goList
	goMap
	// goEnviron is the environment as a whole.
	goEnviron
	// goFunctionKind is a function that may be called later.
	goFunctionKind
	// goProcess is a program that may be started later.
	goProcess
	// goStarter is a function that starts a program with more words.
	goStarter
)

// goThing is what an expression may stand for.
type goThing struct {
	kind    goKind
	text    value.Value
	token   value.Value
	service string
	request *goRequest
	list    []goThing
	// keys are those of the elements of a map.
	keys []value.Value
	// literal and function are of goFunctionKind, scope is where a literal
	// stands.
	literal  *ast.FuncLit
	function *goFunction
	scope    *goFunction
	// frame is that in which a literal was met.
	frame *goFrame
	// open says that a list may have more elements, or fewer; spread that its
	// elements are operands.
	open, spread bool
	// started are the indexes of the calls that start a program.
	started []int
	// lines are the command lines that a goStarter begins with.
	lines []goLine
}

// goRequest is one http.NewRequest.
type goRequest struct {
	fn          *goFunction
	call        *ast.CallExpr
	method, url value.Value
	token       value.Value
	body        bool
}

// holds tells whether a credential goes where a thing goes.
func (g *golang) holds(things []goThing) bool {
	return slices.ContainsFunc(things, func(t goThing) bool {
		switch t.kind {
		case goRequestKind, goHeader:
			return t.request.token.HoldsCredential() || t.request.url.HoldsCredential()
		case goEnviron:
			return g.in.Env.HoldsCredential()
		case goList, goMap:
			return g.holds(t.list)
		case goFunctionKind:
			return g.holds(g.results(t))
		}
		return t.text.HoldsCredential() || t.token.HoldsCredential()
	})
}

// names tells whether one of the things has the name of a variable that holds a
// credential: whoever is given that may look the variable up.
func (g *golang) names(things []goThing) bool {
	return slices.ContainsFunc(things, func(t goThing) bool {
		if t.kind == goList || t.kind == goMap {
			return g.names(t.list)
		}
		for _, v := range t.text.Alternatives() {
			text, ok := v.Literal()
			if ok && slices.ContainsFunc(g.in.Env.Credentials(), func(name string) bool { return strings.Contains(text, name) }) {
				return true
			}
		}
		return false
	})
}

// textOf is the string that things are; what is not known has its source.
func (g *golang) textOf(things []goThing, e ast.Expr) value.Value {
	var texts []value.Value
	for _, t := range things {
		if t.kind == goText {
			texts = append(texts, t.text)
		}
	}
	if len(texts) == 0 {
		return value.Unknown(g.source(e))
	}
	return value.Choice(texts...)
}

func (g *golang) text(fn *goFunction, e ast.Expr) value.Value { return g.textOf(g.eval(fn, e, 0), e) }

// source is an expression as it is written, shortened.
func (g *golang) source(e ast.Expr) string {
	from, to := g.files.Position(e.Pos()), g.files.Position(e.End())
	for _, p := range g.packages {
		for _, f := range p.files {
			if f.name == from.Filename && to.Offset <= len(f.source) && from.Offset < to.Offset {
				return shortened(strings.Join(strings.Fields(f.source[from.Offset:to.Offset]), " "))
			}
		}
	}
	return "…"
}

func goTexts(v value.Value) []goThing { return []goThing{{text: v}} }

// eval returns what an expression, or one of its results, may stand for.
// Nothing means that it is not known, and no credential as far as can be seen.
func (g *golang) eval(fn *goFunction, e ast.Expr, part int) []goThing {
	g.steps++
	if e == nil || g.depth > maxGoDepth || g.steps > maxGoSteps {
		if e != nil && !g.far {
			g.far = true // Once says it for all that follows.
			g.unread(fn.file, e.Pos(), "leads too far to be followed")
		}
		return nil
	}
	g.depth++
	defer func() { g.depth-- }()
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, _ := strconv.Unquote(e.Value)
			return goTexts(value.Text(text))
		}
		return goTexts(value.Text(e.Value))
	case *ast.ParenExpr:
		return g.eval(fn, e.X, part)
	case *ast.StarExpr:
		return g.eval(fn, e.X, part)
	case *ast.UnaryExpr:
		return g.eval(fn, e.X, part)
	case *ast.TypeAssertExpr:
		if part > 0 {
			return nil
		}
		return g.eval(fn, e.X, 0)
	case *ast.SliceExpr:
		return g.sliced(fn, e)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return goTexts(value.Concat(g.text(fn, e.X), g.text(fn, e.Y)))
		}
		return nil
	case *ast.Ident:
		return g.name(fn, e)
	case *ast.SelectorExpr:
		return g.selected(fn, e)
	case *ast.IndexExpr:
		return g.indexed(fn, e)
	case *ast.FuncLit:
		return []goThing{{kind: goFunctionKind, literal: e, scope: fn, frame: g.frameOf(fn)}}
	case *ast.CompositeLit:
		return g.composite(fn, e)
	case *ast.CallExpr:
		return g.called(fn, e, part)
	}
	return nil
}

func (g *golang) name(fn *goFunction, e *ast.Ident) []goThing {
	switch {
	case e.Name == "true" || e.Name == "false":
		return goTexts(value.Text(e.Name))
	case e.Name == "nil" || e.Name == "_":
		return nil
	case fn.file.pkg.functions[e.Name] != nil && !fn.locals[e.Name]:
		return []goThing{{kind: goFunctionKind, function: fn.file.pkg.functions[e.Name]}}
	}
	if frame := g.frameOf(fn); frame != nil && fn.locals[e.Name] {
		if things, ok := frame.vars[e.Name]; ok {
			return things
		}
	}
	return g.given(goKey(fn, e.Name))
}

// frameOf is the frame that is walked, where it is one of a function.
func (g *golang) frameOf(fn *goFunction) *goFrame {
	if g.frame == nil || g.frame.fn != fn {
		return nil
	}
	return g.frame
}

// sliced is a part of a list.
func (g *golang) sliced(fn *goFunction, e *ast.SliceExpr) []goThing {
	things := g.eval(fn, e.X, 0)
	bound := func(e ast.Expr, otherwise int) int {
		if lit, ok := e.(*ast.BasicLit); ok {
			if n, err := strconv.Atoi(lit.Value); err == nil {
				return n
			}
		}
		if e == nil {
			return otherwise
		}
		return -1
	}
	out := slices.Clone(things)
	for i, t := range out {
		if t.kind != goList || g.frame == nil {
			continue
		}
		low, high := bound(e.Low, 0), bound(e.High, len(t.list))
		if t.open || low < 0 || high > len(t.list) || low > high {
			out[i].open = true
			continue
		}
		out[i].list = t.list[low:high]
	}
	return out
}

// given is everything that a name or a field is given. What was found is kept,
// unless it was cut short because it leads back to what is being asked for.
func (g *golang) given(key string) []goThing {
	if things, ok := g.known[key]; ok {
		return things
	}
	defer g.outside()()
	at, before := len(g.resolving), g.lowest
	g.lowest = at
	var out []goThing
	seen := map[string]bool{}
	for _, s := range g.bound[key] {
		if s.expr == nil {
			out = append(out, goThing{text: value.Unknown(strings.TrimLeft(key[strings.LastIndexByte(key, '|')+1:], "."))})
			continue
		}
		things, again := g.once(s.fn, s.expr, s.part)
		if again {
			continue
		}
		if s.element {
			things = goElements(things)
		}
		if len(things) == 0 {
			things = goTexts(value.Unknown(g.source(s.expr)))
		}
		for _, t := range things {
			if text := t.text.String(); t.kind != goText || t.text.HoldsCredential() || !seen[text] {
				seen[text] = true
				out = append(out, t)
			}
		}
	}
	g.steps += len(out)
	if g.lowest >= at && g.collected {
		g.known[key] = out
	}
	g.lowest = min(before, g.lowest)
	return out
}

// outside leaves the frame that is walked: what names are given anywhere is asked.
func (g *golang) outside() (back func()) {
	frame := g.frame
	g.frame = nil
	return func() { g.frame = frame }
}

// goElements are the elements of lists.
func goElements(things []goThing) []goThing {
	var out []goThing
	for _, t := range things {
		if t.kind == goList || t.kind == goMap {
			out = append(out, t.list...)
		} else if t.kind == goEnviron {
			out = append(out, t)
		}
	}
	return out
}

func (g *golang) selected(fn *goFunction, e *ast.SelectorExpr) []goThing {
	name := e.Sel.Name
	if x, ok := e.X.(*ast.Ident); ok && !fn.locals[x.Name] {
		if p := g.packageOf(fn.file, x.Name); p != nil {
			if f := p.functions[name]; f != nil {
				return []goThing{{kind: goFunctionKind, function: f}}
			}
			return g.given(p.folder + "|" + name)
		}
		if importPath, foreign := fn.file.imports[x.Name]; foreign {
			if method, ok := strings.CutPrefix(name, "Method"); ok && importPath == "net/http" {
				return goTexts(value.Text(strings.ToUpper(method)))
			}
			return nil
		}
	}
	var out []goThing
	for _, t := range g.eval(fn, e.X, 0) {
		switch {
		case t.kind == goClient && goIsService(name):
			out = append(out, goThing{kind: goService, token: t.token, service: name})
		case t.kind == goProcess && name == "Env" && len(t.started) > 0:
			out = append(out, g.environs[g.result.Calls[t.started[0]].Start]...)
		case t.kind == goRequestKind && name == "Header":
			out = append(out, goThing{kind: goHeader, request: t.request})
		}
	}
	if g.fields[name] {
		out = append(out, g.given(goFieldKey(name))...)
	}
	for _, m := range g.methods[name] {
		out = append(out, goThing{kind: goFunctionKind, function: m})
	}
	return out
}

func (g *golang) indexed(fn *goFunction, e *ast.IndexExpr) []goThing {
	var out []goThing
	index := -1
	if lit, ok := e.Index.(*ast.BasicLit); ok {
		if n, err := strconv.Atoi(lit.Value); err == nil {
			index = n
		}
	}
	if g.imported(fn, e.X, "os") == "Args" && index > 0 && index <= len(g.in.Operands) {
		return goTexts(g.in.Operands[index-1])
	}
	for _, t := range g.eval(fn, e.X, 0) {
		switch {
		case t.kind == goFunctionKind:
			out = append(out, t) // its types
		case t.kind == goMap:
			out = append(out, t.list...)
		case t.kind != goList:
		case index >= 0 && index < len(t.list):
			out = append(out, t.list[index])
		default:
			out = append(out, t.list...)
		}
	}
	return out
}

// composite reads a literal of a list, or of a type that carries a token.
func (g *golang) composite(fn *goFunction, e *ast.CompositeLit) []goThing {
	if _, ok := e.Type.(*ast.ArrayType); ok {
		l := goThing{kind: goList}
		for _, element := range e.Elts {
			things := g.eval(fn, element, 0)
			if len(things) == 0 {
				things = goTexts(value.Unknown(g.source(element)))
			}
			if g.frame != nil {
				things = goKept(things)
			}
			l.list = append(l.list, things...)
		}
		return []goThing{l}
	}
	if _, ok := e.Type.(*ast.MapType); ok {
		return []goThing{g.mapped(fn, e)}
	}
	if !g.carries(fn, e) {
		return nil
	}
	return []goThing{{kind: goCarrier, token: g.tokens(fn, e.Elts)}}
}

// mapped reads a literal of a map.
func (g *golang) mapped(fn *goFunction, e *ast.CompositeLit) goThing {
	m := goThing{kind: goMap}
	for _, element := range e.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key := g.text(fn, pair.Key)
		for _, t := range g.eval(fn, pair.Value, 0) {
			m.keys, m.list = append(m.keys, key), append(m.list, t)
		}
	}
	return m
}

// carries tells whether a literal is of a type that hands a token to requests.
func (g *golang) carries(fn *goFunction, e *ast.CompositeLit) bool {
	return slices.Contains([]string{"Token", "Transport", "ReuseTokenSource"}, g.imported(fn, e.Type, goOAuth)) ||
		g.imported(fn, e.Type, "net/http") == "Client" || g.isClientPackage(fn, e.Type) == "BasicAuthTransport"
}

// tokens puts the credentials of expressions together.
func (g *golang) tokens(fn *goFunction, list []ast.Expr) value.Value {
	var out value.Value
	for _, e := range list {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			e = pair.Value
		}
		for _, t := range g.eval(fn, e, 0) {
			switch {
			case t.kind == goCarrier:
				out = value.Concat(out, t.token)
			case t.kind == goText && t.text.HoldsCredential():
				out = value.Concat(out, t.text)
			}
		}
	}
	return out
}

// results are what a function may return.
func (g *golang) results(t goThing) []goThing {
	if t.literal != nil {
		return g.returned(t.scope, t.literal.Body, t.literal.Type, 0)
	}
	if t.function == nil {
		return nil
	}
	return g.returned(t.function, t.function.decl.Body, t.function.decl.Type, 0)
}

// returned is one of the results of a function's body, whose own functions
// without a name return for themselves.
func (g *golang) returned(fn *goFunction, body *ast.BlockStmt, kind *ast.FuncType, part int) []goThing {
	var out []goThing
	if body == nil {
		return nil
	}
	defer g.outside()()
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			switch names := goNames(kind.Results); {
			case goFails(n, kind) && part < len(n.Results)-1 && goEmpty(n.Results[part]):
				// Whoever gets an error has no use for the rest.
			case part < len(n.Results) && len(n.Results) > 1 || len(n.Results) == 1 && len(names) == 1 && part == 0:
				out = append(out, g.first(fn, n.Results[part], 0)...)
			case len(n.Results) == 1:
				out = append(out, g.first(fn, n.Results[0], part)...)
			case len(n.Results) == 0 && part < len(names):
				out = append(out, g.name(fn, names[part])...)
			}
		}
		return true
	})
	return out
}

// goFails recognises "return …, err" of a function whose last result is an
// error.
func goFails(n *ast.ReturnStmt, kind *ast.FuncType) bool {
	if len(n.Results) < 2 || kind.Results == nil || len(kind.Results.List) == 0 {
		return false
	}
	of, _ := kind.Results.List[len(kind.Results.List)-1].Type.(*ast.Ident)
	last, isName := n.Results[len(n.Results)-1].(*ast.Ident)
	return of != nil && of.Name == "error" && !(isName && last.Name == "nil")
}

// goEmpty recognises "" and nil.
func goEmpty(e ast.Expr) bool {
	if name, ok := e.(*ast.Ident); ok && name.Name == "nil" {
		return true
	}
	lit, ok := e.(*ast.BasicLit)
	return ok && (lit.Value == `""` || lit.Value == "``")
}

// once evaluates an expression that may lead back to itself; again tells that
// it does.
func (g *golang) once(fn *goFunction, e ast.Expr, part int) (things []goThing, again bool) {
	if at, again := g.resolving[e]; again {
		g.lowest = min(g.lowest, at)
		return nil, true
	}
	g.resolving[e] = len(g.resolving)
	defer delete(g.resolving, e)
	return g.eval(fn, e, part), false
}

// first is what an expression may stand for besides itself.
func (g *golang) first(fn *goFunction, e ast.Expr, part int) []goThing {
	things, _ := g.once(fn, e, part)
	return things
}
