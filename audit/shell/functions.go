package shell

import (
	"maps"
	"slices"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// function is a function of the script, with the text that it stands in.
type function struct {
	name   string
	body   *syntax.Stmt
	text   *text
	called bool
}

func (i *interp) define(d *syntax.FuncDecl) {
	if d.Name != nil {
		i.funcs[d.Name.Value] = &function{name: d.Name.Value, body: d.Body, text: i.text}
	}
}

// run walks the body of a function. A function that calls itself is walked
// once: what it does again it does with other words, which are lost.
func (i *interp) run(f *function, args []value.Value, env map[string]value.Value) {
	f.called = true
	if slices.Contains(i.calls, f) {
		return
	}
	i.deeper(func() {
		outer := i.text
		i.text = f.text
		i.calls = append(i.calls, f)
		t := i.branch(func() {
			i.st.function, i.st.args, i.st.smeared = true, args, false
			for _, name := range slices.Sorted(maps.Keys(env)) {
				i.st.local(name)
				i.st.set(name, variable{value: env[name], exported: true})
			}
			i.stmt(f.body)
		})
		i.calls = i.calls[:len(i.calls)-1]
		i.text = outer
		i.st.adopt(t)
	})
}

// uncalled walks the functions that nothing was seen to call: a trap may,
// or a script that sources this one.
func (i *interp) uncalled() {
	i.guard++
	i.out, i.in, i.captured = nil, nil, ""
	for _, name := range slices.Sorted(maps.Keys(i.funcs)) {
		if f := i.funcs[name]; !f.called {
			i.run(f, nil, nil)
		}
	}
	i.guard--
}
