package script

import (
	"go/ast"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

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
			out = append(out, g.results(goThing{function: f}, part)...)
		}
		return out
	}
	name, ok := call.Fun.(*ast.Ident)
	if !ok {
		return nil
	}
	switch {
	case name.Name == "append" && len(call.Args) > 0:
		return g.appended(fn, call)
	case name.Name == "make" && len(call.Args) > 0 && g.frameOf(fn) != nil:
		return goZero(call.Args[0])
	}
	if things := g.name(fn, name); len(things) > 0 {
		var out []goThing
		for _, t := range things {
			out = append(out, g.results(t, part)...)
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

// calledOf returns what a function of another package gives, or a method of
// something that is known here.
func (g *golang) calledOf(fn *goFunction, call *ast.CallExpr, callee *ast.SelectorExpr, part int) (out []goThing, ok bool) {
	name := callee.Sel.Name
	if x, isName := callee.X.(*ast.Ident); isName && !fn.locals[x.Name] && g.packageOf(fn.file, x.Name) == nil {
		if _, foreign := fn.file.imports[x.Name]; foreign {
			return g.calledForeign(fn, call, fn.does(callee), part), true
		}
	}
	for _, t := range g.eval(fn, callee.X, 0) {
		switch does := t.member(name); {
		case t.kind == goClient && does == "sets-token":
			out = append(out, goThing{kind: goClient, token: value.Concat(t.token, g.tokens(fn, call.Args))})
		case does == "changes-client" || does == "same":
			out = append(out, t)
		case does == "reads-file" && len(call.Args) == 1 && part == 0:
			out = append(out, g.embeddedFile(fn, call, t)...)
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

// member is what a member of a client, a request or its headers does.
func (t goThing) member(name string) string {
	switch t.kind {
	case goClient:
		return rules.FindGoName(goClientPackage, "Client."+name).Does
	case goRequestKind:
		return rules.FindGoName("net/http", "Request."+name).Does
	case goHeader:
		return rules.FindGoName("net/http", "Header."+name).Does
	case goEmbedded:
		return rules.FindGoName("embed", "FS."+name).Does
	}
	return ""
}

// calledForeign returns what a function of a package of others gives.
func (g *golang) calledForeign(fn *goFunction, call *ast.CallExpr, does rules.GoName, part int) []goThing {
	switch does.Does {
	case "environment":
		return []goThing{{kind: goEnviron}}
	case "cuts":
		return g.cut(fn, call, part)
	}
	if part > 0 {
		return nil
	}
	switch does.Does {
	case "starts-later":
		if g.frame != nil {
			return nil
		}
		frame := &goFrame{fn: fn, vars: map[string][]goThing{}}
		defer g.within(frame)()
		return []goThing{{kind: goStarter, lines: g.lines(frame, call, call.Args, []goLine{{}})}}
	case "reads-variable":
		if len(call.Args) > 0 {
			return goTexts(g.variable(fn, call.Args[0]))
		}
	case "formats":
		return goTexts(g.formatted(fn, call))
	case "joins":
		return goTexts(g.joined(fn, call.Args))
	case "same":
		return g.all(fn, call.Args)
	case "edits":
		return g.edited(fn, call)
	case "carries-token":
		return []goThing{{kind: goCarrier, token: g.tokens(fn, call.Args)}}
	case "makes-client":
		return []goThing{{kind: goClient, token: g.tokens(fn, call.Args)}}
	case "makes-request":
		return g.request(fn, call, goArguments(call, does.Operand))
	case "flag":
		if len(call.Args) > 1 {
			return g.flag(fn, call)
		}
	case "pure", "alters":
		if things := g.all(fn, call.Args); g.holds(things) {
			return things // strings.Replace(token, …)
		}
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

// goEdits are the functions that edit a text, by their names.
var goEdits = map[string]func(text, cut string) string{
	"ToLower": func(text, _ string) string { return strings.ToLower(text) }, "ToUpper": func(text, _ string) string { return strings.ToUpper(text) },
	"TrimSpace": func(text, _ string) string { return strings.TrimSpace(text) },
	"Trim":      strings.Trim, "TrimLeft": strings.TrimLeft, "TrimRight": strings.TrimRight, "TrimPrefix": strings.TrimPrefix, "TrimSuffix": strings.TrimSuffix,
}

// edited is a text that is edited. A part that is not known stays as it is.
func (g *golang) edited(fn *goFunction, call *ast.CallExpr) []goThing {
	edit := goEdits[goTypeName(call.Fun)]
	if edit == nil || len(call.Args) == 0 {
		return nil
	}
	things, cut, known := g.eval(fn, call.Args[0], 0), "", true
	if len(call.Args) > 1 {
		cut, known = g.text(fn, call.Args[1]).Literal()
	}
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
			out = append(out, goThing{text: masked.Table.Value(edit(masked.Text, cut))})
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
func (g *golang) cut(fn *goFunction, call *ast.CallExpr, part int) []goThing {
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
		case goTypeName(call.Fun) != "Cut":
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
func (g *golang) request(fn *goFunction, call *ast.CallExpr, args []ast.Expr) []goThing {
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
			r.body = (name == nil || name.Name != "nil") && fn.does(args[2]).Does != "no-body"
		}
	}
	return []goThing{{kind: goRequestKind, request: r}}
}
