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
	// goEmbedded are files of the folder that is its text.
	goEmbedded
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
	// mixed says that the elements of a list may stand at other places, and that
	// there may be others.
	mixed bool
	// process is that of a goProcess.
	process *goStarted
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
			return g.holds(g.results(t, 0))
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
	if e == nil {
		return "…"
	}
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
// All that it hands on counts among the steps.
func (g *golang) eval(fn *goFunction, e ast.Expr, part int) []goThing {
	g.steps++
	if e == nil || g.depth > maxGoDepth || g.steps > maxGoSteps {
		if e != nil {
			g.farFrom(fn, e.Pos())
		}
		return nil
	}
	g.depth++
	things := g.evaluated(fn, e, part)
	g.depth--
	g.steps += len(things)
	for i, t := range things {
		if nested := 0; !t.light(&nested) {
			things = slices.Clone(things)
			things[i] = goThing{text: value.Concat(value.Unknown(g.source(e)), goTokens(t.list))}
		}
	}
	return things
}

// maxGoNested bounds the lists in a list, which doubles with each that it is in
// twice.
const maxGoNested = 2_000

// light tells whether no more things than these are nested in a thing.
func (t goThing) light(nested *int) bool {
	for _, e := range t.list {
		if e.kind != goList && e.kind != goMap {
			continue
		}
		if *nested += 1 + len(e.list); *nested > maxGoNested || !e.light(nested) {
			return false
		}
	}
	return true
}

// farFrom says, once for all that follows, that what is read leads too far.
func (g *golang) farFrom(fn *goFunction, at token.Pos) {
	if !g.far {
		g.far = true
		g.unread(fn.file, at, "leads too far to be followed")
	}
}

func (g *golang) evaluated(fn *goFunction, e ast.Expr, part int) []goThing {
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
			return goTexts(bounded(value.Concat(g.text(fn, e.X), g.text(fn, e.Y))))
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

// given is everything that a name or a field is given. What was found is kept,
// unless it was cut short because it leads back to what is being asked for.
func (g *golang) given(key string) []goThing {
	if things, ok := g.known[key]; ok {
		return things
	}
	if g.steps += len(g.bound[key]); g.steps > maxGoSteps {
		return goTexts(unknownGoName(key))
	}
	defer g.outside()()
	at, before := len(g.resolving), g.lowest
	g.lowest = at
	var out, put goGiven
	var keys []value.Value
	for _, s := range g.bound[key] {
		if s.expr == nil {
			out.add(goThing{text: unknownGoName(key)})
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
			if !s.put {
				out.add(t)
				continue
			}
			// Each of them may be put under each of the keys.
			if put.add(t); len(keys) < len(put.things) {
				keys = append(keys, g.textOf(g.keyOf(s), s.key))
			}
		}
	}
	out.things = putInto(out.things, put.things, keys)
	if out.more || put.more {
		out.things = append(out.things, goThing{text: unknownGoName(key)})
	}
	g.steps += len(out.things)
	if g.lowest >= at && g.collected {
		g.known[key] = out.things
	}
	g.lowest = min(before, g.lowest)
	return out.things
}

// keyOf is that under which something is put.
func (g *golang) keyOf(s goSource) []goThing {
	if s.key == nil {
		return nil
	}
	things, _ := g.once(s.fn, s.key, 0)
	return things
}

// unknownGoName is what a name or a field stands for where that is not known.
func unknownGoName(key string) value.Value {
	return value.Unknown(strings.TrimLeft(key[strings.LastIndexByte(key, '|')+1:], "."))
}

// maxGoGiven bounds the plain texts that a name is taken to have: what hands on
// all of many to all of many others takes the product of both. A value that may
// be more than these is not known for whoever asks for its alternatives either.
const maxGoGiven = 64

// goGiven gathers what a name is given, plain texts each once. more says that
// there were too many of these.
type goGiven struct {
	things []goThing
	texts  map[string]bool
	more   bool
}

func (g *goGiven) add(t goThing) {
	if t.kind == goText && !t.text.HoldsCredential() {
		text := t.text.String()
		if g.texts[text] {
			return
		}
		if len(g.texts) == maxGoGiven {
			g.more = true
			return
		}
		if g.texts == nil {
			g.texts = map[string]bool{}
		}
		g.texts[text] = true
	}
	g.things = append(g.things, t)
}

// outside leaves the frame that is walked: what names are given anywhere is asked.
func (g *golang) outside() (back func()) {
	frame := g.frame
	g.frame = nil
	return func() { g.frame = frame }
}
