package script

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// commandWords are the expressions of the words of the program that a call
// starts, and how it does; nil for a call that starts none.
func (g *golang) commandWords(fn *goFunction, call *ast.CallExpr) (words []ast.Expr, does rules.GoName) {
	does = fn.does(call.Fun)
	if !slices.Contains([]string{"starts", "starts-expanded", "starts-later"}, does.Does) || len(call.Args) <= does.Operand {
		return nil, does
	}
	return call.Args[does.Operand:], does
}

// goLine is a command line of which one of the words may be several, or none.
type goLine struct {
	words []value.Value
	loose bool
}

// start notes the programs that a call may start, one for each command line that
// its words may make.
func (g *golang) start(frame *goFrame, call *ast.CallExpr, words []ast.Expr, does rules.GoName) []goThing {
	lines := g.lines(frame, call, words, []goLine{{}})
	if does.Does == "starts-later" {
		return []goThing{{kind: goStarter, lines: lines}}
	}
	if does.Does == "starts-expanded" {
		for _, l := range lines {
			for i, v := range l.words {
				l.words[i] = g.expanded(v)
			}
		}
	}
	process := g.startLines(frame, call, lines)
	if does.Does == "starts-expanded" && does.Operand > 0 {
		env, known := g.withVariables(g.eval(frame.fn, call.Args[0], 0))
		if !known {
			g.unread(frame.fn.file, call.Pos(), "gives a program the token in a variable that is not known")
		}
		for _, i := range process.process.calls {
			g.result.Calls[i].Env = env
		}
	}
	return []goThing{process}
}

// lines are command lines with the words of a call behind them.
func (g *golang) lines(frame *goFrame, call *ast.CallExpr, words []ast.Expr, lines []goLine) []goLine {
	for i, e := range words {
		var tails []goLine
		if call.Ellipsis != token.NoPos && i == len(words)-1 {
			tails = goTails(g.valueOf(frame, e, 0))
		} else {
			tails = goWords(g.textOf(g.eval(frame.fn, e, 0), e))
		}
		if lines = goLonger(lines, tails); len(lines) > maxGoAlternatives {
			break
		}
	}
	return lines
}

// startLines notes the programs that command lines start.
func (g *golang) startLines(frame *goFrame, call *ast.CallExpr, lines []goLine) goThing {
	process := goThing{kind: goProcess, process: &goStarted{arm: g.arm}}
	if len(lines) == 0 {
		g.unread(frame.fn.file, call.Pos(), "starts a program that is not known here")
	}
	for _, l := range lines {
		if len(lines) > maxGoAlternatives || !l.plain() {
			g.unread(frame.fn.file, call.Pos(), "starts a program that is not known here")
			continue
		}
		for _, folder := range g.folders {
			process.process.calls = append(process.process.calls, len(g.result.Calls))
			c := Call{Kind: Exec, Env: g.in.Env, Command: l.words, Loose: l.loose}
			if folder != "" {
				c.Dir = value.Text(folder)
			}
			g.add(frame.fn, call, c)
		}
	}
	return process
}

// plain tells whether it is known what a command line does as far as its program
// and, of one that has several, its command say.
func (l goLine) plain() bool {
	if len(l.words) == 0 {
		return false
	}
	program, known := l.words[0].Literal()
	if !known || len(l.words) == 1 && l.loose {
		return false
	}
	for i, v := range l.words[1:] {
		word, known := v.Literal()
		before := l.words[i].LiteralOr("")
		if before != "-C" && before != "-c" && !strings.HasPrefix(v.String(), "-") {
			return known && word != "" || program != "git" && program != "gh"
		}
	}
	return true
}

// goTails are the words that lists may hand on, nil where one is not known.
func goTails(things []goThing) []goLine {
	lines := []goLine{}
	for _, t := range things {
		if t.kind != goList || t.mixed {
			return nil
		}
		all := []goLine{{loose: t.open}}
		for _, e := range t.list {
			if e.kind != goText {
				e.text = value.Unknown("…")
			}
			all = goLonger(all, goWords(e.text))
		}
		lines = append(lines, all...)
	}
	return lines
}

// goWords are the words that one may be. Those of which nothing is known count as
// one.
func goWords(v value.Value) (tails []goLine) {
	unknown := false
	for _, v := range v.Alternatives() {
		if none := len(v) == 1 && v[0].Unknown != ""; none && unknown {
			continue
		} else if none {
			unknown = true
		}
		tails = append(tails, goLine{words: []value.Value{v}})
	}
	return tails
}

// goLonger are command lines with each of several ends, one more than are followed
// where there are more.
func goLonger(lines, tails []goLine) []goLine {
	var longer []goLine
	for _, l := range lines {
		for _, tail := range tails {
			if longer = append(longer, goLine{append(slices.Clip(l.words), tail.words...), l.loose || tail.loose}); len(longer) > maxGoAlternatives {
				return longer
			}
		}
	}
	return longer
}

// goStarted is a program that may be started, with each of what it may be given.
type goStarted struct {
	// calls are the indexes of the calls that start it, arm is the way on which it
	// is made.
	calls []int
	arm   goArmNumber
	// env is the list of variables that it is given.
	env []goThing
}

// goArmNumber tells the ways apart on which statements stand.
type goArmNumber struct{ now, last int }

// enter begins a way that no other statement stands on so far.
func (n *goArmNumber) enter() {
	n.last++
	n.now = n.last
}

// prepares gives a program that is to be started another folder, environment or
// input: one of several programs, or on a way that may not be taken, besides what
// it has. It is false for what is no such program.
func (g *golang) prepares(frame *goFrame, left *ast.SelectorExpr, things []goThing, right ast.Expr) (ok bool) {
	of := g.eval(frame.fn, left.X, 0)
	for _, t := range of {
		if t.kind != goProcess {
			continue
		}
		ok = true
		sure := len(of) == 1 && t.process.arm.now == g.arm.now
		if !sure && len(t.process.calls) > maxGoAlternatives {
			g.unread(frame.fn.file, left.Pos(), "starts a program with another "+left.Sel.Name)
			continue
		}
		for _, i := range t.process.calls {
			if !sure {
				t.process.calls = append(t.process.calls, len(g.result.Calls))
				g.result.Calls = append(g.result.Calls, g.result.Calls[i])
				i = len(g.result.Calls) - 1
			}
			g.prepare(frame, &g.result.Calls[i], left, things, right)
		}
		if left.Sel.Name == "Env" {
			if !sure {
				things = goUnion(t.process.env, things)
			}
			t.process.env = things
		}
	}
	return ok
}

func (g *golang) prepare(frame *goFrame, c *Call, left *ast.SelectorExpr, things []goThing, right ast.Expr) {
	switch left.Sel.Name {
	case "Dir":
		if len(g.folders) > 1 || g.folders[0] != "" {
			g.unread(frame.fn.file, left.Pos(), "starts a program with another Dir")
		}
		if c.Dir = g.textOf(things, right); len(c.Dir.Alternatives()) > 1 {
			c.Dir = value.Unknown(g.source(right))
		} else if folder, known := c.Dir.Literal(); known && folder == "" {
			c.Dir = nil
		}
	case "Env":
		env, known := g.environment(things)
		if !known {
			g.unread(frame.fn.file, left.Pos(), "gives a program the token in a variable that is not known")
			return
		}
		c.Env = env
	case "Stdin":
		if frame.fn.does(right).Does != "input" {
			c.Stdin = g.textOf(things, right)
		}
	case "Path", "Args":
		g.unread(frame.fn.file, left.Pos(), "starts a program with another "+left.Sel.Name)
	}
}

// piped notes that a program gets an input that is not known.
func (g *golang) piped(frame *goFrame, call *ast.CallExpr) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "StdinPipe" {
		return
	}
	for _, t := range g.eval(frame.fn, sel.X, 0) {
		if t.kind == goProcess {
			for _, i := range t.process.calls {
				g.result.Calls[i].Stdin = value.Unknown("StdinPipe")
			}
		}
	}
}

// environment is that of a program which is given a list of variables. known is
// false where a credential is in one whose name is not.
func (g *golang) environment(things []goThing) (env *value.Env, known bool) {
	vars, whole := map[string]value.Value{}, len(things) == 0
	known = true
	var add func(list []goThing)
	add = func(list []goThing) {
		for _, t := range list {
			switch {
			case t.kind == goEnviron:
				whole = true
			case t.kind == goList:
				whole = whole || t.open || t.mixed
				add(t.list)
			case t.kind == goText:
				for _, v := range t.text.Alternatives() {
					masked := v.Mask()
					name, rest, found := strings.Cut(masked.Text, "=")
					switch {
					case found && !value.HasPlaceholder(name) && name != "":
						vars[name] = masked.Table.Value(rest)
					case v.HoldsCredential():
						known = false
					default:
						whole = true
					}
				}
			}
		}
	}
	add(things)
	if !whole {
		return (*value.Env)(nil).With(vars), known
	}
	return g.in.Env.With(vars), known
}

// appended is a list with more elements. In a frame each operand is one of them;
// outside of all, any of what it may be.
func (g *golang) appended(fn *goFunction, call *ast.CallExpr) []goThing {
	in := &goFrame{fn: fn}
	framed := g.frameOf(fn) != nil
	var out []goThing
	before := g.eval(fn, call.Args[0], 0)
	if len(before) == 0 {
		before = []goThing{{kind: goList, open: framed}} // outside, it may lead back to itself
	}
	for _, t := range before {
		switch t.kind {
		case goList:
		case goEnviron:
			t = goThing{kind: goList, list: []goThing{t}}
		default:
			t = goThing{kind: goList, open: true}
		}
		t.list = slices.Clip(t.list)
		tails := []goThing{{kind: goList}}
		for i, e := range goArguments(call, 1) {
			things := g.valueOf(in, e, 0)
			if call.Ellipsis != token.NoPos && i == len(call.Args)-2 {
				tails = goSpread(things)
				continue
			}
			if framed {
				things = goKept(things)
			}
			t.mixed = t.mixed || len(things) != 1
			t.list = append(t.list, things...)
		}
		for _, tail := range tails {
			if g.steps += len(t.list) + len(tail.list); g.steps > maxGoSteps {
				g.farFrom(fn, call.Pos())
				return nil
			}
			out = append(out, goThing{kind: goList, list: append(slices.Clip(t.list), tail.list...), open: t.open || tail.open, mixed: t.mixed || tail.mixed})
		}
	}
	return goUnion(nil, out)
}

// goKept is an element of a list: one thing, or the environment's variables.
func goKept(things []goThing) []goThing {
	if len(things) > 1 && slices.ContainsFunc(things, func(t goThing) bool { return t.kind == goEnviron }) {
		return things
	}
	return []goThing{goOne(things)}
}
