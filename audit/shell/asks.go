package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// WithoutTests returns a script without its comments and without the places
// that only ask whether a variable is set, which hand its value to nothing, and
// counts these: [ -z "$X" ], [[ $X == "" ]], test -n "$X", ${X:+yes}, ${#X},
// : "${X:?}". Its bare name in what echo prints to the log is no place of it
// either. Parsed is false for what is no script of a POSIX shell.
func WithoutTests(source, name string) (rest string, tests int, parsed bool) {
	if readable(source) != nil {
		return source, 0, false
	}
	file, err := syntax.NewParser(syntax.KeepComments(true)).Parse(strings.NewReader(source), "")
	if err != nil {
		return source, 0, false
	}
	a := &asks{source: source, name: name, cut: map[int]int{}}
	syntax.Walk(file, func(n syntax.Node) bool {
		a.visit(n)
		return true
	})
	return a.rest(), a.tests, true
}

// asks collects what is cut out of a script.
type asks struct {
	source, name string
	// cut has the ends of pieces by their beginnings.
	cut   map[int]int
	tests int
}

func (a *asks) rest() string {
	var b strings.Builder
	for at := 0; at < len(a.source); {
		if end := a.cut[at]; end > at {
			at = end
			continue
		}
		b.WriteByte(a.source[at])
		at++
	}
	return b.String()
}

func (a *asks) visit(n syntax.Node) {
	switch n := n.(type) {
	case *syntax.Comment:
		a.drop(n)
	case *syntax.ParamExp:
		if n.Length || n.Exp != nil && (n.Exp.Op == syntax.AlternateUnset || n.Exp.Op == syntax.AlternateUnsetOrNull) {
			a.ask(n)
		}
	case *syntax.TestClause:
		a.alone(n.X)
	case *syntax.ParenTest:
		a.alone(n.X)
	case *syntax.UnaryTest:
		a.unary(n)
	case *syntax.BinaryTest:
		a.binary(n)
	case *syntax.CallExpr:
		a.call(n.Args)
	}
}

// alone takes a word that is a test by itself: [[ $X ]].
func (a *asks) alone(x syntax.TestExpr) {
	if w, ok := x.(*syntax.Word); ok {
		a.word(w)
	}
}

func (a *asks) unary(n *syntax.UnaryTest) {
	w, ok := n.X.(*syntax.Word)
	switch {
	case !ok:
	case n.Op == syntax.TsVarSet && w.Lit() == a.name:
		a.drop(w)
		a.tests++
	case n.Op == syntax.TsEmpStr, n.Op == syntax.TsNempStr, n.Op == syntax.TsNot:
		a.word(w)
	}
}

func (a *asks) binary(n *syntax.BinaryTest) {
	switch n.Op {
	case syntax.AndTest, syntax.OrTest:
		a.alone(n.X)
		a.alone(n.Y)
	case syntax.TsMatch, syntax.TsMatchShort, syntax.TsNoMatch:
		x, isWord := n.X.(*syntax.Word)
		y, areWords := n.Y.(*syntax.Word)
		if isWord && areWords {
			a.compared(x, y)
		}
	}
}

// call takes the words of a builtin that tests or prints to the log.
func (a *asks) call(args []*syntax.Word) {
	if len(args) < 2 {
		return
	}
	switch args[0].Lit() {
	case "[", "test":
		var test []*syntax.Word
		for _, w := range args[1:] {
			if slices.Contains([]string{"!", "-a", "-o", "(", ")", "]"}, w.Lit()) {
				a.builtin(test)
				test = nil
				continue
			}
			test = append(test, w)
		}
		a.builtin(test)
	case ":":
		for _, w := range args[1:] {
			a.word(w)
		}
	case "echo", "printf":
		for _, w := range args[1:] {
			syntax.Walk(w, func(n syntax.Node) bool { return a.printed(n) })
		}
	}
}

// builtin takes one test of [ or test.
func (a *asks) builtin(words []*syntax.Word) {
	switch {
	case len(words) == 1:
		a.word(words[0])
	case len(words) == 2 && slices.Contains([]string{"-z", "-n"}, words[0].Lit()):
		a.word(words[1])
	case len(words) == 2 && words[0].Lit() == "-v" && words[1].Lit() == a.name:
		a.drop(words[1])
		a.tests++
	case len(words) == 3 && slices.Contains([]string{"=", "==", "!="}, words[1].Lit()):
		a.compared(words[0], words[2])
	}
}

// printed takes the bare name in a text; it does not look into other commands.
func (a *asks) printed(n syntax.Node) bool {
	switch n := n.(type) {
	case *syntax.CmdSubst, *syntax.ProcSubst, *syntax.ParamExp:
		return false
	case *syntax.Lit, *syntax.SglQuoted:
		start, end := int(n.Pos().Offset()), int(n.End().Offset())
		for at := start; at+len(a.name) <= end; at++ {
			if strings.EqualFold(a.source[at:at+len(a.name)], a.name) && !strings.ContainsAny(a.source[max(0, at-1):at], "${%!") {
				a.cut[at] = at + len(a.name)
			}
		}
	}
	return true
}

// compared takes two words that are held against each other, where that only
// tells whether the variable is empty: "$X" and "", "x$X" and "x".
func (a *asks) compared(x, y *syntax.Word) {
	left, leftParams, ok := expanded(x)
	right, rightParams, both := expanded(y)
	if ok && both && left == right && len(leftParams)+len(rightParams) == 1 {
		a.word(x)
		a.word(y)
	}
}

// word takes the variable in a word that goes nowhere.
func (a *asks) word(w *syntax.Word) {
	_, params, ok := expanded(w)
	if !ok {
		return
	}
	for _, p := range params {
		if !p.Excl && p.Index == nil && p.Slice == nil && p.Repl == nil {
			a.ask(p)
		}
	}
}

// expanded returns the text of a word and the variables in it. It is not ok for
// one that runs commands.
func expanded(w *syntax.Word) (text string, params []*syntax.ParamExp, ok bool) {
	parts := slices.Clone(w.Parts)
	for len(parts) > 0 {
		part := parts[0]
		parts = parts[1:]
		switch p := part.(type) {
		case *syntax.Lit:
			text += p.Value
		case *syntax.SglQuoted:
			text += p.Value
		case *syntax.DblQuoted:
			parts = append(slices.Clone(p.Parts), parts...)
		case *syntax.ParamExp:
			params = append(params, p)
		default:
			return "", nil, false
		}
	}
	return text, params, true
}

// ask cuts the name out of an expansion of the variable.
func (a *asks) ask(p *syntax.ParamExp) {
	if p.Param == nil || p.Param.Value != a.name || a.cut[int(p.Param.Pos().Offset())] > 0 {
		return
	}
	a.drop(p.Param)
	a.tests++
}

func (a *asks) drop(n syntax.Node) { a.cut[int(n.Pos().Offset())] = int(n.End().Offset()) }
