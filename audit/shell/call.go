package shell

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// simple walks assignments, or a command with its words.
func (i *interp) simple(x *syntax.CallExpr, output []Redirect) {
	if len(x.Args) == 0 {
		for n, a := range x.Assigns {
			i.plain = n == len(x.Assigns)-1 // its status is that of the last one
			i.assign(a, false)
		}
		i.plain = false
		return
	}
	c := &call{output: output, start: int(x.Pos().Offset()), end: int(x.End().Offset())}
	if v, ok := i.pasted(x); ok {
		i.paste(v, c)
		return
	}
	c.args = i.words(x.Args)
	c.loose = i.loose
	choices := i.choices
	if len(c.args) == 1 && isComparison(c.args[0]) {
		return
	}
	for _, a := range x.Assigns {
		if a.Name == nil {
			continue
		}
		if c.env == nil {
			c.env = map[string]value.Value{}
		}
		c.env[a.Name.Value] = i.assigned(a)
	}
	i.chooseCall(c, choices)
}

// pasted tells whether a command is one expression that holds a piece of
// script, as in `run: ${{ inputs.command }}`.
func (i *interp) pasted(x *syntax.CallExpr) (value.Value, bool) {
	if len(x.Args) != 1 || len(x.Assigns) > 0 {
		return nil, false
	}
	lit := x.Args[0].Lit()
	if !value.HasPlaceholder(lit) {
		return nil, false
	}
	v := i.text.table.Value(lit)
	for _, w := range v.Alternatives() {
		if strings.ContainsAny(w.Mask().Text, " \t\n;|&\"'$") {
			return v, true
		}
	}
	return nil, false
}

// isComparison tells whether a word is an expression of the workflow that
// becomes true or false, as in `if ${{ inputs.a == 'b' }}; then`.
func isComparison(v value.Value) bool {
	if len(v) != 1 || !strings.HasPrefix(v[0].Unknown, "${{") {
		return false
	}
	s := v[0].Unknown
	return (strings.Contains(s, "==") || strings.Contains(s, "!=")) && !strings.Contains(s, "&& '")
}

// paste reads a piece of script in place of an expression.
func (i *interp) paste(v value.Value, c *call) {
	all := v.Alternatives()
	if len(all) == 1 {
		i.inner(v, c)
		return
	}
	walks := make([]func(), len(all))
	for n, w := range all {
		walks[n] = func() { i.inner(w, c) }
	}
	i.guarded(func() { i.alternatives(false, walks...) })
}

// program runs Input.Words. Who has started it is told how it ends.
func (i *interp) program(in Input) {
	words, table := value.MaskWords(in.Words)
	i.text = &text{source: strings.Join(words, " "), table: table}
	i.st.loose, i.forgiven, i.asked = false, i.process.failure, true
	i.chooseCall(&call{args: in.Words, loose: in.Loose, end: len(i.text.source), program: true}, i.choicesOf(in.Words))
	i.finish()
}

// toolFolder matches folders that hold programs by their own names.
var toolFolder = regexp.MustCompile(`(?:^|/)(?:\.?bin|Scripts)/`)

// programBase is the name of the program that a word calls. A script of the
// project may have any name, and is none of the programs that are known by it.
func programBase(name string) string {
	if strings.Contains(name, "/") && !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "~") && !toolFolder.MatchString(name) {
		return name
	}
	return path.Base(name)
}

// invoke runs a function, a builtin or a program.
func (i *interp) invoke(c *call) {
	for range maxDepth {
		if len(c.args) == 0 {
			return
		}
		name, ok := c.args[0].Literal()
		if !ok {
			break
		}
		if s, ok := i.shorthands[name]; ok && !c.bare && !c.program {
			i.expand(s, c)
			return
		}
		if f := i.functionOf(name); f != nil && !c.bare && !c.program {
			i.runDefined(f, c)
			return
		}
		if b := builtin(name); b != nil {
			if len(c.env) > 0 && slices.Contains(specialBuiltins, name) {
				i.opens() // what stands in front stays, in sh
			}
			b(i, c)
			return
		}
		if other, ok := i.st.lookup(hashKey + name); ok {
			own := *c
			own.args = append([]value.Value{other.value}, c.args[1:]...)
			c, name = &own, other.value.LiteralOr("$"+name)
		}
		base := programBase(name)
		if i.startsPosh(base, c) || shells[base] && i.shell(c) {
			return
		}
		if base == "env" && len(c.args) == 1 {
			base = "printenv"
		}
		if p := printer(base); p != nil {
			p(i, c)
			return
		}
		if base == "git" {
			if top, ok := i.topLevel(c); ok {
				i.prints(c, value.Concat(top, value.Text("\n")))
				return
			}
			if c = i.gitRuns(c); c == nil {
				return
			}
		}
		if fetcher := base == "gh" || base == "curl" || base == "wget"; fetcher && fetches(i, c) {
			return
		}
		if base == "gh" {
			if token, ok := i.heldByGh(c); ok {
				i.prints(c, value.Concat(token, value.Text("\n")))
				return
			}
		}
		c = i.givenFiles(base, c)
		next, ok := i.unwrap(base, c)
		if !ok {
			break
		}
		next.program = next.program || !rules.RunsFunctions(base)
		switch base {
		case "xargs":
			// What xargs reads becomes words; its program reads nothing.
			run := func() { i.reading(nil, func() { i.chooseCall(next, next.turns) }) }
			if asksForInput(c, next) {
				i.alone(run)
			} else {
				run()
			}
			return
		case "find":
			// It says nothing of how its programs ended, and may start none.
			i.alone(func() { i.invoke(next) })
			return
		}
		if next.dir != nil {
			i.within(next)
			return
		}
		c = next
	}
	if len(c.args) > 0 {
		if slices.Contains(declares, c.args[0].LiteralOr("")) {
			i.opens() // behind builtin or command
		}
		if callsUnseen(c.args[0]) {
			i.dynamic = true
			i.opens() // as eval does, or an assignment in an expression of the workflow
		}
		i.emit(c)
		i.printed(c)
		i.borrowed(c)
	}
}

// within runs a program in another folder.
func (i *interp) within(c *call) {
	d := c.with(c.args)
	before := i.st.dir
	i.st.dir, d.dir = c.dir, nil
	i.invoke(d)
	i.st.dir = before
}

// callsUnseen tells whether a command may call functions of this shell that
// are not named: a word that is not all known may be any. A path is no function.
func callsUnseen(program value.Value) bool {
	if _, known := program.Literal(); known {
		return false
	}
	return !slices.ContainsFunc(program, func(p value.Part) bool { return strings.Contains(p.Text, "/") })
}

// assign performs an assignment of the script.
func (i *interp) assign(a *syntax.Assign, exported bool) {
	if a.Name == nil {
		return
	}
	name := a.Name.Value
	old, _ := i.st.lookup(name)
	switch {
	case a.Array != nil:
		v := variable{isList: true, exported: exported, hash: old.hash}
		if a.Append {
			v.list = old.elements()
		}
		v.list = i.array(a.Array, v)
		i.st.set(name, v)
	case a.Index != nil:
		v := variable{isList: true, exported: exported, list: old.elements(), hash: old.hash}
		v.list = setElement(v.list, i.keyOf(a.Index, old), i.assigned(a))
		i.st.set(name, v)
	case a.Append && old.isList:
		i.st.set(name, variable{isList: true, exported: exported, list: appendTo(old, i.assigned(a)), hash: old.hash})
	case a.Append:
		v := bounded(value.Concat(old.value, i.assigned(a)), "$"+name)
		i.st.set(name, variable{value: v, exported: exported})
	default:
		i.st.set(name, variable{value: i.assigned(a), exported: exported})
	}
}

// assigned returns the value of an assignment.
func (i *interp) assigned(a *syntax.Assign) value.Value {
	outer := i.target
	i.target = a.Name.Value
	v := i.word(a.Value)
	i.target = outer
	return i.narrowed(v)
}

// declare walks export, declare, local, readonly and typeset.
func (i *interp) declare(d *syntax.DeclClause) {
	exported := d.Variant.Value == "export"
	local := d.Variant.Value == "local"
	if d.Variant.Value == "declare" || d.Variant.Value == "typeset" {
		local = len(i.calls) > 0
	}
	named, refers := false, false
	for _, a := range d.Args {
		if refers && a.Name != nil && a.Value != nil {
			i.refer(a.Name.Value, i.word(a.Value), local)
			continue
		}
		if a.Name != nil {
			if named && a.Array != nil {
				i.st.set(a.Name.Value, variable{isList: true, hash: true})
			}
			i.declareName(a, exported, local)
			if old, _ := i.st.lookup(a.Name.Value); named && a.Naked && !old.isList {
				i.st.set(a.Name.Value, variable{isList: true, hash: true})
			}
			continue
		}
		flags := a.Value.Lit()
		named = named || isFlags(flags) && strings.Contains(flags, "A")
		refers = refers || isFlags(flags) && strings.Contains(flags, "n") && !exported
		for _, v := range i.words([]*syntax.Word{a.Value}) {
			switch s := v.LiteralOr(""); {
			case strings.HasPrefix(s, "-") && strings.Contains(s, "x"):
				exported = true
			case strings.HasPrefix(s, "-") && strings.Contains(s, "g"):
				local = false
			case strings.HasPrefix(s, "-") && (strings.Contains(s, "f") || strings.Contains(s, "n") && exported):
				// Programs may call an exported function, here by a name that is put together.
				i.dynamic = i.dynamic || slices.ContainsFunc(d.Args, func(a *syntax.Assign) bool { return a.Value != nil && a.Value.Lit() == "" })
				return
			default:
				i.declareWord(v, exported)
			}
		}
	}
}

// refer makes a name stand for the variable that a value names. Where that is one of
// several, or not known, it is not known what the name holds.
func (i *interp) refer(name string, to value.Value, local bool) {
	v := variable{refers: to.LiteralOr("")}
	if !syntax.ValidName(v.refers) || v.refers == name {
		i.opens()
		v = variable{value: value.Opaque("$"+name, to)}
	}
	if local {
		i.st.local(name)
	}
	i.st.set(name, v)
}

// declareWord declares what a word holds once it is expanded: an assignment, one of
// several, or the text of a file.
func (i *interp) declareWord(word value.Value, exported bool) {
	for _, v := range word.Alternatives() {
		if name, v, ok := splitAssignment(v); ok {
			i.st.set(name, variable{value: v, exported: exported})
			continue
		}
		i.opensUnless(v)
		found, _ := i.passedOn(v)
		for _, set := range found {
			i.st.set(set.Name, variable{value: set.Value, exported: exported})
		}
	}
}

func (i *interp) declareName(a *syntax.Assign, exported, local bool) {
	name := a.Name.Value
	if !a.Naked {
		if local {
			// The value is expanded before the name hides an outer one.
			v := variable{exported: exported}
			if a.Array == nil && a.Index == nil && !a.Append {
				v.value = i.assigned(a)
				i.st.local(name)
				i.st.set(name, v)
				return
			}
			i.st.local(name)
		}
		i.assign(a, exported)
		return
	}
	old, ok := i.st.lookup(name)
	switch {
	case local:
		i.st.local(name)
		i.st.set(name, variable{unset: true})
	case exported && ok:
		old.exported = true
		i.st.set(name, old)
	}
}

// splitAssignment parts NAME=value.
func splitAssignment(v value.Value) (name string, rest value.Value, ok bool) {
	if len(v) == 0 {
		return "", nil, false
	}
	name, after, ok := strings.Cut(v[0].Text, "=")
	if !ok || !syntax.ValidName(name) {
		return "", nil, false
	}
	return name, value.Concat(value.Text(after), v[1:]), true
}
