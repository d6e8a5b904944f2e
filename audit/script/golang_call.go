package script

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// goOAuth is the package that makes HTTP clients which send a token.
const goOAuth = "golang.org/x/oauth2"

// arguments are those of a call from the i-th on.
func goArguments(call *ast.CallExpr, i int) []ast.Expr {
	return call.Args[min(i, len(call.Args)):]
}

// called returns what a call gives, or one of its results.
func (g *golang) called(fn *goFunction, call *ast.CallExpr, part int) []goThing {
	if frame := g.frameOf(fn); frame != nil {
		if results, ok := frame.results[call]; ok {
			if part >= len(results) {
				return nil
			}
			return results[part]
		}
	}
	switch callee := call.Fun.(type) {
	case *ast.FuncLit:
		return g.returned(fn, callee.Body, callee.Type, part)
	case *ast.ArrayType, *ast.ParenExpr:
		if g.frame != nil && len(call.Args) == 1 && goEmpty(call.Args[0]) {
			return goZero(callee)
		}
		return g.all(fn, call.Args) // a conversion
	case *ast.SelectorExpr:
		if out, ok := g.calledOf(fn, call, callee, part); ok {
			return out
		}
	}
	if callees := g.callees(fn, call); len(callees) > 0 {
		g.steps += len(callees)
		var out []goThing
		for _, f := range callees {
			out = append(out, g.returned(f, f.decl.Body, f.decl.Type, part)...)
		}
		return out
	}
	name, ok := call.Fun.(*ast.Ident)
	if !ok {
		return nil
	}
	switch {
	case name.Name == "append" && len(call.Args) > 0 && g.frameOf(fn) != nil:
		return g.extended(call)
	case name.Name == "append" && len(call.Args) > 0:
		return g.appended(fn, call)
	case name.Name == "make" && len(call.Args) > 0 && g.frameOf(fn) != nil:
		return goZero(call.Args[0])
	}
	if things := g.name(fn, name); len(things) > 0 {
		var out []goThing
		for _, t := range things {
			switch {
			case t.literal != nil:
				out = append(out, g.returned(t.scope, t.literal.Body, t.literal.Type, part)...)
			case t.function != nil:
				out = append(out, g.returned(t.function, t.function.decl.Body, t.function.decl.Type, part)...)
			}
		}
		return out
	}
	if part > 0 {
		return nil
	}
	return g.all(fn, call.Args) // a conversion, or a function such as min
}

// all is what any of the expressions may stand for.
func (g *golang) all(fn *goFunction, list []ast.Expr) []goThing {
	var out []goThing
	for _, e := range list {
		out = append(out, g.eval(fn, e, 0)...)
	}
	return out
}

// appended is a list with more elements; the environment with more variables
// stays what it is, unless they hold a credential.
func (g *golang) appended(fn *goFunction, call *ast.CallExpr) []goThing {
	var out []goThing
	more := g.all(fn, call.Args[1:])
	for _, t := range g.eval(fn, call.Args[0], 0) {
		switch {
		case t.kind == goEnviron && !g.holds(more):
			out = append(out, t)
		case t.kind == goList:
			// Lists that grow by each other double with every name.
			if g.steps += len(t.list) + len(more); g.steps > maxGoSteps {
				g.farFrom(fn, call.Pos())
				return nil
			}
			mixed := t.mixed || call.Ellipsis != 0 || len(more) != len(call.Args)-1
			out = append(out, goThing{kind: goList, list: append(slices.Clip(t.list), more...), open: t.open, mixed: mixed})
		default:
			out = append(out, t)
		}
	}
	if len(out) == 0 || g.holds(more) {
		out = append(out, goThing{kind: goList, list: more, mixed: len(more) != len(call.Args)-1})
	}
	return out
}

// calledOf returns what a function of another package gives, or a method of
// something that is known here.
func (g *golang) calledOf(fn *goFunction, call *ast.CallExpr, callee *ast.SelectorExpr, part int) (out []goThing, ok bool) {
	name := callee.Sel.Name
	if x, isName := callee.X.(*ast.Ident); isName && !fn.locals[x.Name] && g.packageOf(fn.file, x.Name) == nil {
		if importPath, foreign := fn.file.imports[x.Name]; foreign {
			return g.calledForeign(fn, call, importPath, name, part), true
		}
	}
	for _, t := range g.eval(fn, callee.X, 0) {
		switch {
		case t.kind == goClient && name == "WithAuthToken":
			out = append(out, goThing{kind: goClient, token: value.Concat(t.token, g.tokens(fn, call.Args))})
		case t.kind == goClient && strings.HasPrefix(name, "With"):
			out = append(out, t)
		case t.kind == goRequestKind && (name == "WithContext" || name == "Clone"):
			out = append(out, t)
		case t.kind == goClient || t.kind == goService || t.kind == goHeader:
		case t.kind == goText && name == "String":
			out = append(out, t)
		default:
			continue
		}
		ok = true
	}
	return out, ok
}

// calledForeign returns what a function of a package of others gives.
func (g *golang) calledForeign(fn *goFunction, call *ast.CallExpr, importPath, name string, part int) []goThing {
	if words, _, partly := g.shellWords(fn, call); partly && g.frame == nil {
		frame := &goFrame{fn: fn, vars: map[string][]goThing{}}
		defer g.within(frame)()
		return []goThing{{kind: goStarter, lines: g.lines(frame, call, words, []goLine{{}})}}
	}
	switch importPath + "." + name {
	case "os.Getenv", "os.LookupEnv", "syscall.Getenv":
		if part > 0 || len(call.Args) == 0 {
			return nil
		}
		return goTexts(g.variable(fn, call.Args[0]))
	case "os.Environ":
		return []goThing{{kind: goEnviron}}
	case "fmt.Sprintf":
		return goTexts(g.formatted(fn, call))
	case "os/exec.LookPath":
		if part > 0 {
			return nil
		}
		return g.all(fn, call.Args)
	case "slices.Clone", "maps.Clone":
		return g.all(fn, call.Args)
	case "path.Join", "path/filepath.Join":
		return goTexts(g.joined(fn, call.Args))
	case "strings.TrimSpace", "strings.ToLower", "strings.NewReader", "bytes.NewBufferString", "bytes.NewReader", "bytes.NewBuffer", "cmp.Or", "fmt.Sprint", "net/url.QueryEscape", "net/url.PathEscape":
		return g.all(fn, call.Args)
	case "strings.Trim", "strings.TrimLeft", "strings.TrimRight", "strings.TrimPrefix", "strings.TrimSuffix":
		return g.trimmed(fn, call, name)
	case "strings.Split", "strings.SplitN", "strings.Cut":
		return g.cut(fn, call, name, part)
	case goOAuth + ".StaticTokenSource", goOAuth + ".NewClient", goOAuth + ".ReuseTokenSource":
		return []goThing{{kind: goCarrier, token: g.tokens(fn, call.Args)}}
	case "net/http.NewRequest", "net/http.NewRequestWithContext":
		if part > 0 {
			return nil
		}
		return g.request(fn, call, name == "NewRequestWithContext")
	case "flag.String":
		if len(call.Args) < 2 {
			return nil
		}
		return g.flag(fn, call)
	}
	if goClientPath(importPath) {
		return g.constructed(fn, call, name, part)
	}
	if part > 0 || !goPlain(importPath) || importPath == "fmt" {
		return nil
	}
	if things := g.all(fn, call.Args); g.holds(things) {
		return things // strings.TrimPrefix(token, …)
	}
	return nil
}

// joined is a path of several parts.
func (g *golang) joined(fn *goFunction, list []ast.Expr) value.Value {
	var out value.Value
	for _, e := range list {
		part := g.text(fn, e)
		if text, known := part.Literal(); known && (text == "" || text == ".") {
			continue
		}
		if len(out) > 0 {
			out = value.Concat(out, value.Text("/"))
		}
		out = bounded(value.Concat(out, part))
	}
	return out
}

// trimmed is a text without something at its ends. What is at the ends of a
// part that is not known stays.
func (g *golang) trimmed(fn *goFunction, call *ast.CallExpr, name string) []goThing {
	if len(call.Args) != 2 {
		return nil
	}
	things := g.eval(fn, call.Args[0], 0)
	cut, known := g.text(fn, call.Args[1]).Literal()
	if !known {
		if g.holds(things) {
			return things
		}
		return nil
	}
	var out []goThing
	for _, t := range things {
		if t.kind != goText {
			out = append(out, t)
			continue
		}
		for _, one := range t.text.Alternatives() {
			masked := one.Mask()
			text := masked.Text
			switch name {
			case "Trim":
				text = strings.Trim(text, cut)
			case "TrimLeft":
				text = strings.TrimLeft(text, cut)
			case "TrimRight":
				text = strings.TrimRight(text, cut)
			case "TrimPrefix":
				text = strings.TrimPrefix(text, cut)
			case "TrimSuffix":
				text = strings.TrimSuffix(text, cut)
			}
			out = append(out, goThing{text: masked.Table.Value(text)})
		}
	}
	return out
}

// variable is a variable of the environment, by the expression of its name.
func (g *golang) variable(fn *goFunction, name ast.Expr) value.Value {
	var out []value.Value
	for _, alternative := range g.text(fn, name).Alternatives() {
		text, known := alternative.Literal()
		if !known {
			if g.in.Env.HoldsCredential() {
				g.unread(fn.file, name.Pos(), "reads a variable whose name is only known when it runs")
			}
			out = append(out, value.Unknown(g.source(name)))
			continue
		}
		g.result.EnvReads = append(g.result.EnvReads, text)
		v, set := g.in.Env.Lookup(text)
		if !set {
			v = value.Unknown("$" + text)
		}
		out = append(out, v)
	}
	return value.Choice(out...)
}

// formatted is the text of fmt.Sprintf.
func (g *golang) formatted(fn *goFunction, call *ast.CallExpr) value.Value {
	if len(call.Args) == 0 {
		return nil
	}
	format, known := g.text(fn, call.Args[0]).Literal()
	if !known {
		return value.Concat(value.Unknown(g.source(call)), g.tokens(fn, call.Args))
	}
	var out value.Value
	rest := call.Args[1:]
	for {
		before, after, more := strings.Cut(format, "%")
		out = value.Concat(out, value.Text(before))
		if !more || after == "" {
			return out
		}
		verb := strings.IndexFunc(after, func(r rune) bool { return r == '%' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
		switch {
		case verb < 0:
			return out
		case strings.ContainsAny(after[:verb], "[*"):
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(after[:verb], "["), "]"))
			if err != nil || n < 1 || n >= len(call.Args) {
				return value.Concat(out, value.Unknown(g.source(call)), g.tokens(fn, call.Args))
			}
			out = bounded(value.Concat(out, g.text(fn, call.Args[n])))
			rest = call.Args[n+1:]
		case after[verb] == '%':
			out = value.Concat(out, value.Text("%"))
		case len(rest) == 0:
		default:
			out = bounded(value.Concat(out, g.text(fn, rest[0])))
			rest = rest[1:]
		}
		format = after[verb+1:]
	}
}

// cut is the list of strings.Split, or one of the halves of strings.Cut.
func (g *golang) cut(fn *goFunction, call *ast.CallExpr, name string, part int) []goThing {
	if len(call.Args) < 2 {
		return nil
	}
	separator, known := g.text(fn, call.Args[1]).Literal()
	whole := g.text(fn, call.Args[0])
	if !known || separator == "" {
		if whole.HoldsCredential() {
			return goTexts(whole)
		}
		return nil
	}
	var out []goThing
	for _, v := range whole.Alternatives() {
		l := goThing{kind: goList}
		for _, piece := range splitOne(v, separator).items {
			if t, ok := piece.(text); ok {
				l.list = append(l.list, goThing{text: t.value})
			}
		}
		switch {
		case name != "Cut":
			out = append(out, l)
		case part < len(l.list) && (part == 0 || len(l.list) == 2):
			out = append(out, l.list[part])
		case v.HoldsCredential():
			out = append(out, goThing{text: v})
		}
	}
	return out
}

// request makes the stand-in for a request of net/http, one a call.
func (g *golang) request(fn *goFunction, call *ast.CallExpr, context bool) []goThing {
	args := call.Args
	if context {
		args = goArguments(call, 1)
	}
	if len(args) < 2 {
		return nil
	}
	r := g.requests[call]
	if r == nil {
		defer g.outside()() // It is one for all calls of the function that makes it.
		r = &goRequest{fn: fn, call: call}
		g.requests[call] = r
		g.sent = append(g.sent, r)
		r.method, r.url = g.text(fn, args[0]), g.text(fn, args[1])
		if len(args) > 2 {
			name, _ := args[2].(*ast.Ident)
			r.body = (name == nil || name.Name != "nil") && g.imported(fn, args[2], "net/http") != "NoBody"
		}
	}
	return []goThing{{kind: goRequestKind, request: r}}
}

// goPlain tells whether a package only handles text: what it is given goes
// nowhere, but to the terminal.
func goPlain(importPath string) bool {
	return slices.Contains([]string{"fmt", "log", "log/slog", "errors", "strings", "strconv", "cmp", "slices", "unicode", "bytes", "flag", "regexp", "net/url", "sort", "time", "testing", "path", "path/filepath"}, importPath)
}
