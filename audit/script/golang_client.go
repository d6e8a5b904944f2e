package script

import (
	"go/ast"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// goClientName is the name of go-github in table/clients.tsv.
const goClientName = "go-github"

// goClientPackage is its package in table/golang.tsv.
const goClientPackage = "github.com/google/go-github/github"

// goIsService tells whether go-github's client has a service of a name.
func goIsService(name string) bool { return rules.HasClientClass(goClientName, name) }

// clientCall handles a method of a client itself. ok is false for one that is
// not known.
func (g *golang) clientCall(fn *goFunction, call *ast.CallExpr, t goThing, name string) (ok bool) {
	does := t.member(name)
	switch {
	case !t.token.HoldsCredential():
		return does == "sets-token" || !g.suspects(fn, call.Args)
	case does == "makes-request":
		return g.clientRequest(fn, call, t)
	}
	return does == "sets-token" || does == "pure"
}

// clientRequest handles client.NewRequest, with a context in front or without.
func (g *golang) clientRequest(fn *goFunction, call *ast.CallExpr, t goThing) bool {
	for i := range min(2, len(call.Args)-1) {
		method, known := g.text(fn, call.Args[i]).Literal()
		if !known || method == "" || strings.ToUpper(method) != method {
			continue
		}
		address := g.text(fn, call.Args[i+1])
		for _, one := range address.Alternatives() {
			if masked := one.Mask(); !strings.HasPrefix(masked.Text, "/") && !strings.Contains(masked.Text, "://") {
				one = value.Concat(value.Text("/"), one)
			}
			g.add(fn, call, Call{Kind: Request, Method: method, Path: one, Open: true, Token: t.token})
		}
		return !g.suspects(fn, call.Args)
	}
	return false
}

// operation handles a method of a service: client.Issues.CreateComment.
func (g *golang) operation(fn *goFunction, call *ast.CallExpr, t goThing, name string) {
	method, known := rules.FindClientMethod(goClientName, t.service, name, false)
	if !known {
		method, known = rules.FindClientMethod(goClientName, t.service, strings.TrimSuffix(name, "Iter"), false)
	}
	switch {
	case !t.token.HoldsCredential():
		return
	case !known:
		g.unread(fn.file, call.Pos(), "calls "+t.service+"."+name+" of go-github, which is not known")
		return
	case g.suspects(fn, call.Args):
		g.unread(fn.file, call.Pos(), "hands the token to "+t.service+"."+name)
		return
	}
	args := goArguments(call, 1)
	if len(call.Args) == len(method.Parameters) && call.Ellipsis == 0 && !goLooksLikeContext(call.Args[0]) {
		args = call.Args // before contexts were
	}
	arguments := map[string]value.Value{}
	open := len(args) > len(method.Parameters) || call.Ellipsis != 0
	for i, e := range args {
		if i < len(method.Parameters) {
			open = open || !goWhole(method.Parameters[i], e)
			arguments[goSnake(method.Parameters[i])] = g.text(fn, e)
			fields := map[string][]value.Value{}
			g.flatten(fn, e, fields, 0)
			for name, texts := range fields {
				if same, ok := arguments[name]; ok {
					texts = append(texts, same)
				}
				if arguments[name] = value.Choice(texts...); len(texts) > maxGoGiven {
					arguments[name] = value.Unknown(name)
				}
			}
		}
	}
	var first value.Value
	if len(args) > 0 {
		first = g.text(fn, args[0])
	}
	for _, id := range goChosen(method.Operations, first) {
		if key := id + g.files.Position(call.Pos()).String(); !g.asked[key] {
			g.asked[key] = true
			g.add(fn, call, Call{Kind: REST, Method: id, Name: "go-github " + t.service + "." + name, Arguments: arguments, Open: open, Token: t.token})
		}
	}
}

// goWhole tells whether all that an operand says is seen: a part of the path, or
// a request that is written out where it is made.
func goWhole(parameter string, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.UnaryExpr:
		return goWhole("", e.X)
	case *ast.CompositeLit:
		_, list := e.Type.(*ast.ArrayType)
		return list || !slices.ContainsFunc(e.Elts, func(e ast.Expr) bool { _, named := e.(*ast.KeyValueExpr); return !named })
	case *ast.Ident:
		if e.Name == "nil" {
			return true
		}
	}
	return slices.Contains([]string{"owner", "repo", "org", "number", "id", "user", "name", "sha", "ref", "branch", "path", "label", "tag", "workflowFileName", "workflowID", "runID", "commentID"}, parameter)
}

// goLooksLikeContext recognises the context that go-github takes first.
func goLooksLikeContext(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return strings.Contains(strings.ToLower(e.Name), "ctx") || e.Name == "c" || strings.Contains(strings.ToLower(e.Name), "context")
	case *ast.CallExpr, *ast.SelectorExpr:
		return true
	}
	return false
}

// goChosen picks one of several operations where the first operand does:
// Users.Get(ctx, "") asks for the token's own user.
func goChosen(ids []string, first value.Value) []string {
	own := func(id string) bool {
		e, ok := rules.OperationByID(id)
		return ok && strings.HasPrefix(e.Path, "/user/") || ok && e.Path == "/user"
	}
	text, known := first.Literal()
	named := known && text != "" || len(first) == 1 && first[0].Context != ""
	if len(ids) < 2 || !slices.ContainsFunc(ids, own) || !known && !named {
		return ids
	}
	out := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return own(id) == named })
	if len(out) == 0 {
		return ids
	}
	return out
}

// goSnake is the name of a parameter or field as the API has it.
func goSnake(name string) string { return strings.ReplaceAll(kebab(name), "-", "_") }

// flatten adds the fields of a request that is written out where it is made:
// &github.RepositoryRelease{Draft: github.Bool(true)}.
func (g *golang) flatten(fn *goFunction, e ast.Expr, fields map[string][]value.Value, depth int) {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		g.flatten(fn, e.X, fields, depth)
	case *ast.Ident:
		for _, s := range g.bound[goKey(fn, e.Name)] {
			if s.expr != nil && depth == 0 {
				g.flatten(s.fn, s.expr, fields, 1)
			}
		}
	case *ast.CompositeLit:
		for _, element := range e.Elts {
			pair, ok := element.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			if name, ok := pair.Key.(*ast.Ident); ok {
				if key := goSnake(name.Name); len(fields[key]) <= maxGoGiven {
					fields[key] = append(fields[key], g.text(fn, pair.Value))
				}
			}
		}
	}
}

// add notes a call at a place of a file.
func (g *golang) add(fn *goFunction, at ast.Node, c Call) {
	c.File, c.Start = fn.file.name, g.files.Position(at.Pos()).Offset
	c.End = c.Start
	g.result.Calls = append(g.result.Calls, c)
}
