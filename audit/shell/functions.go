package shell

import (
	"iter"
	"maps"
	"slices"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/rules"
)

// function is a function of the script, with the text that it stands in.
type function struct {
	name   string
	decl   *syntax.FuncDecl
	text   *text
	called bool
	// mentioned says that its name stands in what may run.
	mentioned bool
	// picks says that not all of its branches were walked, again that they
	// were at another time.
	picks, again bool
	// scopes are those that its definition stands in; where a call stands in
	// none of them, or other code has taken it away perhaps, it may be what
	// instead says, which is nil where the name was none of a function before.
	scopes  []int
	instead *function
	// gone says that it is not defined any more.
	gone bool
}

func (i *interp) define(d *syntax.FuncDecl) {
	if d.Name == nil {
		return
	}
	name := d.Name.Value
	f := &function{name: name, decl: d, text: i.text, scopes: slices.Clone(i.scopes)}
	if old := i.funcs[name]; i.guard > 0 && old != nil {
		f.instead = old
		if old.decl == d {
			f.instead = old.instead // it is walked again
		}
	}
	i.changeFunction(name, f)
}

// functionOf returns the function of a name; nil for none.
func (i *interp) functionOf(name string) *function {
	if f := i.funcs[name]; f != nil && !f.gone {
		return f
	}
	return nil
}

// undefine is unset -f. A function that may be there still is kept.
func (i *interp) undefine(name string) {
	f := i.functionOf(name)
	if f == nil {
		return
	}
	changed := *f
	if i.guard == 0 {
		changed.gone = true
	} else {
		changed.scopes = append(slices.Clone(f.scopes), never)
	}
	i.changeFunction(name, &changed)
}

// never is a scope that no code stands in.
const never = -1

// functionChange is what the name of a function meant before it was changed, nil for
// nothing.
type functionChange struct {
	name   string
	before *function
}

func (i *interp) changeFunction(name string, f *function) {
	i.changes = append(i.changes, functionChange{name, i.funcs[name]})
	i.funcs[name] = f
}

// restoreFunctions takes back all changes of functions but the first n, as where a
// shell of its own ends. What it has defined may still be called by a trap, so that
// it stays known.
func (i *interp) restoreFunctions(n int) {
	done := map[string]bool{}
	for _, c := range i.changes[n:] {
		switch {
		case done[c.name]:
		case c.before != nil:
			i.funcs[c.name] = c.before
		default:
			i.funcs[c.name].gone = true
		}
		done[c.name] = true
	}
	i.changes = i.changes[:n]
}

// runDefined runs a function, or, where it need not be defined there, one of what
// else its name may mean: an earlier function, or a program that is known.
func (i *interp) runDefined(f *function, c *call) {
	sure := !slices.ContainsFunc(f.scopes, func(scope int) bool { return !slices.Contains(i.scopes, scope) })
	other := func() { i.runDefined(f.instead, c) }
	if f.instead == nil || f.instead.gone {
		d := *c
		d.program = true
		other = func() { i.invoke(&d) }
		sure = sure || !isProgram(c)
	}
	if sure {
		i.run(f, c)
		return
	}
	i.guarded(func() { i.alternatives(false, func() { i.run(f, c) }, other) })
}

// isProgram tells whether a call is of a program that is known by its words.
func isProgram(c *call) bool {
	name := c.args[0].LiteralOr("")
	if builtin(name) != nil || printer(name) != nil || shells[name] || slices.Contains(clients, name) {
		return true
	}
	words := make([]string, len(c.args))
	for n, v := range c.args {
		words[n] = v.String()
	}
	_, known := rules.Program(words)
	return known
}

// run walks the body of a function. A function that calls itself is walked
// once, or where branches were left out once more with all of them: what it does
// again it does with other words, which are lost.
func (i *interp) run(f *function, c *call) {
	f.called = true
	if slices.Contains(i.calls, f) {
		i.dynamic = true
		if f.picks && !f.again {
			f.again = true
			i.unsettled(func() { i.body(f, c) })
		}
		return
	}
	i.body(f, c)
}

func (i *interp) body(f *function, c *call) {
	i.deeper(func() {
		outer := i.text
		i.text = f.text
		i.calls = append(i.calls, f)
		var t *scope
		left := i.until(leavesFunction, func() { t = i.called(f, c) })
		i.calls = i.calls[:len(i.calls)-1]
		i.text = outer
		i.returns(t, left)
	})
}

// called walks the body of a function in the scope of a call, which it returns.
func (i *interp) called(f *function, c *call) *scope {
	return i.branch(func() {
		i.st.function, i.st.args, i.st.loose, i.st.smeared = true, c.args, c.loose, false
		for _, name := range slices.Sorted(maps.Keys(c.env)) {
			i.st.local(name)
			i.st.set(name, variable{value: c.env[name], exported: true})
		}
		i.apart(false, func() { i.stmt(f.decl.Body) })
	})
}

// returns takes over what a call has changed, at its end or where it was left.
func (i *interp) returns(t *scope, left []*scope) {
	switch {
	case len(left) > 0:
		for _, s := range append(left, t) {
			maps.DeleteFunc(s.vars, func(name string, _ variable) bool { return t.locals[name] })
			s.args, s.loose, s.smeared = i.st.args, i.st.loose, i.st.smeared
		}
		i.st.merge(false, append(left, t)...)
	case t.dead:
		i.st.dead, i.st.over = true, i.st.over || t.over // by exit
	default:
		i.st.adopt(t)
	}
}

// uncalled walks the functions that nothing was seen to call: a trap may, or
// a script that sources this one. Of a script that runs in a shell of its own,
// and calls nothing whose name is not known, those are left out whose names
// stand nowhere in what may run.
func (i *interp) uncalled() {
	i.guard++
	i.out, i.in, i.captured = nil, nil, ""
	names := slices.Sorted(maps.Keys(i.funcs))
	switch {
	case i.own && !i.dynamic && !i.sources:
		i.mentioned()
		i.walkUncalled(names, func(f *function) bool { return f.mentioned })
	case i.live != nil && len(names) > 0 && !(i.own && i.dynamic):
		live := i.live()
		i.walkUncalled(names, func(f *function) bool { return live.Has(f.name) })
	}
	if i.own && i.dynamic || !i.own && i.live == nil || i.sources && i.live == nil {
		i.walkUncalled(names, func(*function) bool { return true })
	}
	i.guard--
}

func (i *interp) walkUncalled(names []string, may func(*function) bool) {
	for _, name := range names {
		for f := i.funcs[name]; f != nil; f = f.instead {
			if !f.called && may(f) {
				dead := i.st.dead
				i.unsettled(func() { i.run(f, &call{loose: true}) })
				i.st.dead = dead
			}
		}
	}
}

// mentioned marks the functions whose names stand in what may run: in words
// and quotes anywhere but in the definitions of functions that are neither
// called nor marked.
func (i *interp) mentioned() {
	var open []*syntax.Stmt
	mark := func(text string) {
		for word := range plainWords(text) {
			if f := i.funcs[word]; f != nil && !f.called && !f.mentioned {
				f.mentioned = true
				open = append(open, f.decl.Body)
			}
		}
	}
	for _, f := range i.funcs {
		// Of those that an inner script defines, and those whose names are no
		// plain words, nothing is said.
		if !f.called && (f.text.inner || !syntax.ValidName(f.name)) {
			f.mentioned = true
			open = append(open, f.decl.Body)
		}
	}
	for _, text := range i.inners {
		mark(text)
	}
	for open = append(open, i.whole...); len(open) > 0; {
		next := open[len(open)-1]
		open = open[:len(open)-1]
		i.walkTaken(next, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.FuncDecl:
				if n.Name == nil {
					return true
				}
				f := i.funcs[n.Name.Value]
				return f == nil || f.decl != n || f.called || f.mentioned
			case *syntax.Lit:
				mark(n.Value)
			case *syntax.SglQuoted:
				mark(n.Value)
			}
			return true
		})
	}
}

// plainWords yields the longest pieces of a text that could be names.
func plainWords(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start := -1
		for n := 0; n <= len(text); n++ {
			if n < len(text) && isNameByte(text[n]) {
				if start < 0 {
					start = n
				}
				continue
			}
			if start >= 0 && !yield(text[start:n]) {
				return
			}
			start = -1
		}
	}
}
