package script

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// suspects tells whether a credential, or the name of a variable that holds
// one, is among expressions.
func (g *golang) suspects(fn *goFunction, list []ast.Expr) bool {
	return slices.ContainsFunc(list, func(e ast.Expr) bool {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			e = pair.Value
		}
		things := g.eval(fn, e, 0)
		return g.holds(things) || g.names(things)
	})
}

// walk looks at everything that the reached functions do.
func (g *golang) walk() {
	// What a header is given shows on the request wherever that is sent.
	for range 2 {
		for _, fn := range g.queue {
			fn.each(func(n ast.Node) {
				switch n := n.(type) {
				case *ast.CallExpr:
					g.header(fn, n)
				case *ast.AssignStmt:
					g.headers(fn, n)
				}
			})
		}
	}
	for _, fn := range g.queue {
		fn.each(func(n ast.Node) { g.node(fn, n) })
	}
	for _, r := range g.sent {
		g.send(r)
	}
	g.unasked()
}

// unasked tells of variables with a credential that the program names by
// themselves, and does not ask for in a way that is followed: others may, by the
// tag of a field or a list of names.
func (g *golang) unasked() {
	for _, fn := range g.queue {
		fn.each(func(n ast.Node) {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return
			}
			text, _ := strconv.Unquote(lit.Value)
			for _, name := range g.in.Env.Credentials() {
				tagged := goTag.FindStringSubmatch(text)
				if (text == name || len(tagged) > 1 && tagged[1] == name) && !slices.Contains(g.result.EnvReads, name) {
					g.unread(fn.file, lit.Pos(), "names the variable "+name+" without a way to it that is followed")
				}
			}
		})
	}
}

// goTag matches the tag of a field that has the name of a variable.
var goTag = regexp.MustCompile(`(?i)\benv\w*:"(\w+)`)

func (g *golang) node(fn *goFunction, n ast.Node) {
	switch n := n.(type) {
	case *ast.CallExpr:
		g.heads[n.Fun] = true
		g.check(fn, n)
		g.written(fn, n)
	case *ast.StarExpr:
		g.heads[n.X] = true
	case *ast.SelectorExpr:
		if does := fn.does(n).Does; !g.heads[n] && (does == "program" || strings.HasPrefix(does, "starts")) {
			g.unread(fn.file, n.Pos(), "starts a program that is not known here")
		}
	case *ast.CompositeLit:
		g.literal(fn, n)
	case *ast.AssignStmt:
		g.assigned(fn, n)
	case *ast.SendStmt:
		if g.suspects(fn, []ast.Expr{n.Value}) {
			g.unread(fn.file, n.Pos(), "sends the token through a channel")
		}
	case *ast.ReturnStmt:
		// Others call these by an interface.
		if fn.decl != nil && fn.decl.Recv != nil && (fn.name == "Token" || fn.name == "RoundTrip") && g.suspects(fn, n.Results) {
			g.unread(fn.file, n.Pos(), "gives the token to whoever calls "+fn.name)
		}
	}
}

// literal looks at a literal of a type of others.
func (g *golang) literal(fn *goFunction, n *ast.CompositeLit) {
	switch kind := n.Type.(type) {
	case nil, *ast.ArrayType:
		return // the list that it stands in counts
	case *ast.MapType:
		// A function in it is followed where the map is.
		if !slices.ContainsFunc(g.mapped(fn, n).list, func(t goThing) bool { return t.kind != goFunctionKind }) {
			return
		}
	case *ast.Ident:
		if _, own := g.structs[kind.Name]; own {
			return
		}
	case *ast.SelectorExpr:
		if x, ok := kind.X.(*ast.Ident); ok && g.packageOf(fn.file, x.Name) != nil || slices.Contains([]string{"carries-token", "headers"}, fn.does(kind).Does) {
			return
		}
	}
	if slices.ContainsFunc(n.Elts, goNamesProgram) {
		g.unread(fn.file, n.Pos(), "may start a program by "+g.source(n.Type))
	}
	if g.suspects(fn, n.Elts) {
		g.unread(fn.file, n.Pos(), "puts the token into "+g.source(n.Type))
	}
}

// assigned looks at assignments to anything but a variable or a field of the
// program's own.
func (g *golang) assigned(fn *goFunction, n *ast.AssignStmt) {
	if g.prepared[n] {
		return
	}
	for i, left := range n.Lhs {
		right := n.Rhs[min(i, len(n.Rhs)-1)]
		switch left := left.(type) {
		case *ast.Ident:
			continue
		case *ast.StarExpr:
			continue
		case *ast.SelectorExpr:
			if x, ok := left.X.(*ast.Ident); ok && !fn.locals[x.Name] && g.packageOf(fn.file, x.Name) != nil {
				continue
			}
			things := g.eval(fn, left.X, 0)
			client := slices.ContainsFunc(things, func(t goThing) bool { return t.kind == goClient && t.token.HoldsCredential() })
			if client && left.Sel.Name != "UserAgent" {
				g.unread(fn.file, n.Pos(), "changes "+left.Sel.Name+" of the client")
			}
			if slices.ContainsFunc(things, func(t goThing) bool { return t.kind == goRequestKind }) && left.Sel.Name == "Header" {
				continue // see headers
			}
			if g.fields[left.Sel.Name] && len(things) == 0 || left.Sel.Name == "Env" && g.onlyEnviron(g.eval(fn, right, 0)) {
				continue
			}
			if left.Sel.Name == "Dir" || left.Sel.Name == "Stdin" {
				g.unread(fn.file, n.Pos(), "starts a program with another "+left.Sel.Name)
				continue
			}
		}
		if g.suspects(fn, []ast.Expr{right}) {
			g.unread(fn.file, n.Pos(), "does something with the token that is not followed")
		}
	}
}

// onlyEnviron tells whether things are the environment as it is, with plain
// variables added.
func (g *golang) onlyEnviron(things []goThing) bool {
	return !slices.ContainsFunc(things, func(t goThing) bool {
		return t.kind == goList && !g.onlyEnviron(t.list) || t.kind != goList && t.kind != goEnviron && g.holds([]goThing{t})
	})
}

// check looks at one call.
func (g *golang) check(fn *goFunction, call *ast.CallExpr) {
	switch callee := call.Fun.(type) {
	case *ast.FuncLit, *ast.ArrayType, *ast.ParenExpr, *ast.InterfaceType, *ast.FuncType:
		return
	case *ast.Ident:
		if fn.does(callee).Does != "" || len(g.callees(fn, call)) > 0 || len(g.closures[goKey(fn, callee.Name)]) > 0 {
			return
		}
	case *ast.SelectorExpr:
		if g.checkMethod(fn, call, callee) {
			return
		}
	default:
		if len(g.callees(fn, call)) > 0 {
			return
		}
	}
	if slices.ContainsFunc(call.Args, goNamesProgram) && len(g.valued[call]) == 0 {
		g.unread(fn.file, call.Pos(), "may start a program by "+g.source(call.Fun))
	}
	if len(g.valued[call]) == 0 && g.suspects(fn, call.Args) {
		g.unread(fn.file, call.Pos(), "hands the token to "+g.source(call.Fun))
	}
}

// goNamesProgram recognises the name of a program that takes a token.
func goNamesProgram(e ast.Expr) bool {
	if pair, ok := e.(*ast.KeyValueExpr); ok {
		e = pair.Value
	}
	text, ok := goString(e)
	return ok && (text == "git" || text == "gh")
}

// checkMethod looks at a call of a method or of a function of a package. ok is
// false where what it is given must not be a credential.
func (g *golang) checkMethod(fn *goFunction, call *ast.CallExpr, callee *ast.SelectorExpr) (ok bool) {
	name := callee.Sel.Name
	if x, isName := callee.X.(*ast.Ident); isName && !fn.locals[x.Name] {
		if _, foreign := fn.file.imports[x.Name]; foreign && g.packageOf(fn.file, x.Name) == nil {
			return g.checkForeign(fn, call, fn.does(callee))
		}
	}
	things := g.eval(fn, callee.X, 0)
	for _, t := range things {
		switch t.kind {
		case goService:
			g.operation(fn, call, t, name)
			ok = true
		case goClient:
			if !g.clientCall(fn, call, t, name) {
				g.unread(fn.file, call.Pos(), "calls "+name+" of the client, which is not followed")
			}
			ok = true
		case goHeader:
			ok = true // see header
		case goRequestKind:
			ok = ok || t.member(name) != ""
		case goCarrier:
			if t.token.HoldsCredential() && !g.sends(fn, call, name) {
				g.unread(fn.file, call.Pos(), "calls "+name+" of a client with the token")
			}
			ok = true
		case goFunctionKind:
		}
	}
	switch {
	case ok:
		return true
	case len(g.callees(fn, call)) > 0:
		return true
	case (name == "Do" || name == "RoundTrip") && g.sends(fn, call, name):
		return true
	case g.flagDefault(fn, call) != nil:
		return true
	}
	g.guard(fn, call, callee)
	return false
}

// guard notes calls that look like those of a client which is not followed to
// where it was made.
func (g *golang) guard(fn *goFunction, call *ast.CallExpr, callee *ast.SelectorExpr) {
	service, ok := callee.X.(*ast.SelectorExpr)
	if !ok || !goIsService(service.Sel.Name) {
		return
	}
	if _, known := rules.FindClientMethod(goClientName, service.Sel.Name, callee.Sel.Name, false); known && len(g.eval(fn, service, 0)) == 0 {
		g.unread(fn.file, call.Pos(), "calls "+service.Sel.Name+"."+callee.Sel.Name+" of a client that is not followed")
	}
}

// sends tells whether a call sends a request that was made by NewRequest.
func (g *golang) sends(fn *goFunction, call *ast.CallExpr, name string) bool {
	if name != "Do" && name != "RoundTrip" || len(call.Args) != 1 {
		return false
	}
	things := g.eval(fn, call.Args[0], 0)
	return len(things) > 0 && !slices.ContainsFunc(things, func(t goThing) bool { return t.kind != goRequestKind })
}

// header notes the token that a request is given.
func (g *golang) header(fn *goFunction, call *ast.CallExpr) {
	callee, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !goMember("sets-token", callee.Sel.Name) && callee.Sel.Name != "Do" {
		return
	}
	for _, t := range g.eval(fn, callee.X, 0) {
		switch {
		case t.request != nil && t.member(callee.Sel.Name) == "sets-token":
			add := g.tokens(fn, call.Args)
			if len(t.request.token) == 0 {
				t.request.token = add
			}
		case t.kind == goCarrier && callee.Sel.Name == "Do" && g.sends(fn, call, "Do"):
			for _, r := range g.eval(fn, call.Args[0], 0) {
				if len(r.request.token) == 0 {
					r.request.token = t.token
				}
			}
		}
	}
}

// headers notes the token of headers that a request is given as a whole.
func (g *golang) headers(fn *goFunction, n *ast.AssignStmt) {
	for i, left := range n.Lhs {
		if left, ok := left.(*ast.SelectorExpr); ok && left.Sel.Name == "Header" && len(n.Lhs) == len(n.Rhs) {
			for _, t := range g.eval(fn, left, 0) {
				if t.kind == goHeader && len(t.request.token) == 0 {
					t.request.token = g.tokens(fn, n.Rhs[i:i+1])
				}
			}
		}
	}
}

// goKeeping are the words for functions that keep what they are handed, or hand it
// on as it is followed.
var goKeeping = []string{
	"pure", "same", "formats", "joins", "edits", "cuts", "carries-token", "makes-client", "flag", "flag-variable", "operand", "operands", "counts-operands", "changes-operands",
	"reads-variable", "alters", "exits", "starts", "starts-expanded", "starts-later",
}

// checkForeign looks at a call of a function of another package.
func (g *golang) checkForeign(fn *goFunction, call *ast.CallExpr, does rules.GoName) (ok bool) {
	switch does.Does {
	case "starts-unknown":
		g.unread(fn.file, call.Pos(), "starts a program that is not known here")
		return true
	case "reads-variable":
		g.called(fn, call, 0) // a name that is not known is told
	case "prints":
		return does.Operand == 0 || len(call.Args) == 0 || fn.does(call.Args[0]).Does == "terminal"
	case "fills":
		// What is handed on by its address is bound; see bindCall.
		return !slices.ContainsFunc(goArguments(call, 1), func(e ast.Expr) bool {
			address, ok := e.(*ast.UnaryExpr)
			_, text := goString(e)
			_, made := goMade(e)
			return !text && !made && (!ok || address.Op != token.AND)
		})
	case "makes-request":
		// What stands in the address or a header is looked at when it is sent.
		return !g.suspects(fn, goArguments(call, does.Operand+2))
	}
	return slices.Contains(goKeeping, does.Does)
}

// send notes a request of net/http that carries a credential.
func (g *golang) send(r *goRequest) {
	if !r.token.HoldsCredential() && !r.url.HoldsCredential() {
		return
	}
	method, known := r.method.Literal()
	if !known {
		g.unread(r.fn.file, r.call.Pos(), "sends a request whose method is not known")
		return
	}
	if method == "" {
		method = "GET"
	}
	for _, address := range r.url.Alternatives() {
		if strings.Contains(strings.ToLower(address.String()), "graphql") {
			g.unread(r.fn.file, r.call.Pos(), "asks GraphQL")
			continue
		}
		c := Call{Kind: Fetch, Method: strings.ToUpper(method), Path: address, Headers: map[string]value.Value{"authorization": r.token}, Open: r.body}
		g.add(r.fn, r.call, c)
	}
}
