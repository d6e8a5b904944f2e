package shell

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// script reads Input.Source as bash, and the functions in it that nothing was seen to
// call.
func (i *interp) script() {
	if i.statements() {
		i.uncalled()
		i.finish()
	}
}

// statements reads those of Input.Source, and tells whether it is bash.
func (i *interp) statements() bool {
	stmts, rest, err := i.parse(i.text.source)
	if err != nil && looksLikePowerShell(i.text.source) {
		i.powerShell(nil)
		i.res.Opens = true
		return false
	}
	i.res.Commands, i.whole = slices.Grow(i.res.Commands, len(stmts)), stmts
	if i.lines == nil {
		i.all(stmts)
	} else {
		i.eachLine(stmts)
	}
	if err != nil {
		i.dynamic = true
		i.broken(rest, err)
	}
	i.res.Unseen = i.dynamic
	return true
}

// inner reads a text that the script gives to a shell, such as that of
// eval. Its commands are reported at c.
func (i *interp) inner(v value.Value, c *call) { i.innerBy(v, c, i.stmts) }

// innerBy is inner for what walk walks.
func (i *interp) innerBy(v value.Value, c *call, walk func([]*syntax.Stmt)) {
	i.innerText(v, c, func() {
		stmts, rest, err := i.parse(i.text.source)
		walk(stmts)
		if err != nil {
			i.broken(rest, err)
		}
	})
}

// innerText makes v the text that read reads. What it finds is reported at c.
func (i *interp) innerText(v value.Value, c *call, read func()) {
	i.deeper(func() {
		masked := v.Mask()
		t := &text{source: masked.Text, table: masked.Table, inner: true}
		t.start, t.end = i.place(c.start, c.end)
		if len(i.inners) < maxWords {
			i.inners = append(i.inners, masked.Text)
		} else {
			i.dynamic = true
		}
		outer := i.text
		i.text = t
		read()
		i.text = outer
	})
}

// Parsed has bash scripts by their source, with a placeholder for every
// expression. A repository runs the same ones from many jobs: composite actions,
// reusable workflows, steps that are copied. It is not safe for concurrent use.
type Parsed map[string]parsedScript

// parsedScript is what [parse] returns. Nobody changes it.
type parsedScript struct {
	stmts []*syntax.Stmt
	rest  int
	err   error
}

// parse is the function of that name for what was not parsed before.
func (i *interp) parse(source string) (stmts []*syntax.Stmt, rest int, err error) {
	if s, known := i.parsed[source]; known {
		return s.stmts, s.rest, s.err
	}
	stmts, rest, err = parse(source)
	if i.parsed != nil {
		i.parsed[source] = parsedScript{stmts, rest, err}
	}
	return stmts, rest, err
}

// parse parses a bash script. After an error it returns what could be read,
// and the offset where that ends.
func parse(source string) (stmts []*syntax.Stmt, rest int, err error) {
	if err := readable(source); err != nil {
		return nil, 0, err
	}
	// The parser is not ours: should it panic, the script counts as one
	// that does not parse.
	defer func() {
		if recover() != nil {
			err = errors.New("the parser failed")
		}
	}()
	parser := parsers.Get().(*syntax.Parser)
	for stmt, failure := range parser.StmtsSeq(strings.NewReader(source)) {
		switch {
		case failure != nil && err == nil:
			err = failure
		case err == nil && stmt != nil:
			stmts = append(stmts, stmt)
			rest = max(rest, stmtEnd(stmt))
		}
	}
	// A parser that panicked is not used again.
	parsers.Put(parser)
	return stmts, min(rest, len(source)), err
}

// parsers are used again: each brings a buffer of its own.
var parsers = sync.Pool{New: func() any { return syntax.NewParser() }}

// stmtEnd returns where a statement ends, its heredocs included.
func stmtEnd(stmt *syntax.Stmt) int {
	end := stmt.End().Offset()
	for _, r := range stmt.Redirs {
		if r.Hdoc != nil {
			end = max(end, r.Hdoc.End().Offset())
		}
	}
	return int(end)
}

// readable refuses what could make the parser run out of stack.
func readable(source string) error {
	if len(source) > maxSource {
		return errors.New("the script is too large to be parsed")
	}
	openers := strings.Count(source, "(") + strings.Count(source, "{") + strings.Count(source, "`") +
		strings.Count(source, "[")
	if openers > maxOpeners {
		return errors.New("the script is nested too deeply to be parsed")
	}
	return nil
}

func (i *interp) stmts(list []*syntax.Stmt) {
	for n, s := range list {
		if i.round != nil && i.round.over || i.st.over {
			return
		}
		if n < len(list)-1 && (i.ignored || !i.st.errexit) {
			i.alone(func() { i.stmt(s) })
			continue
		}
		i.stmt(s)
	}
}

// stmt walks a statement with its redirections.
func (i *interp) stmt(s *syntax.Stmt) {
	if s == nil || !i.step(int(s.Position.Offset())) || i.nesting >= maxNesting {
		return
	}
	switch {
	case s.Background:
		i.alone(func() { i.apart(true, func() { i.branch(func() { i.plainly(s) }) }) })
	case s.Negated:
		i.alone(func() { i.plainly(s) })
	default:
		i.plainly(s)
	}
}

// plainly walks a statement as if it were not negated.
func (i *interp) plainly(s *syntax.Stmt) {
	i.nesting++
	if len(s.Redirs) == 0 {
		i.command(s.Cmd, nil)
	} else {
		i.redirected(s)
	}
	i.nesting--
}

// command walks a command; output is where its output is redirected to.
func (i *interp) command(cmd syntax.Command, output []Redirect) {
	switch c := cmd.(type) {
	case *syntax.CallExpr:
		i.simple(c, output)
	case *syntax.DeclClause:
		i.declare(c)
	case *syntax.BinaryCmd:
		i.binary(c)
	case *syntax.Block:
		i.stmts(c.Stmts)
	case *syntax.Subshell:
		i.apart(true, func() { i.branch(func() { i.stmts(c.Stmts) }) })
	case *syntax.IfClause:
		i.ifClause(c)
	case *syntax.WhileClause:
		i.whileClause(c)
	case *syntax.ForClause:
		i.forClause(c)
	case *syntax.CaseClause:
		i.caseClause(c)
	case *syntax.FuncDecl:
		i.define(c)
	case *syntax.TimeClause:
		i.stmt(c.Stmt)
	case *syntax.CoprocClause:
		i.opens() // it sets its name
		i.alone(func() { i.apart(true, func() { i.branch(func() { i.stmt(c.Stmt) }) }) })
	case *syntax.TestClause:
		i.substitutions(c)
	case *syntax.ArithmCmd:
		i.arithmetic(c)
	case *syntax.LetClause:
		if i.arithmetic(c); slices.ContainsFunc(c.Exprs, isQuotedExpression) {
			i.opens()
		}
	}
}

// substitutions walks the command substitutions in a test or an arithmetic
// expression; nothing else of these matters.
func (i *interp) substitutions(n syntax.Node) {
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CmdSubst:
			i.substitute(n)
			return false
		case *syntax.ProcSubst:
			i.processSubstitution(n)
			return false
		}
		return true
	})
}

// arithmetic walks the substitutions in an arithmetic command, and makes
// the variables that it sets unknown.
func (i *interp) arithmetic(n syntax.Node) {
	i.substitutions(n)
	syntax.Walk(n, func(n syntax.Node) bool {
		if name := counted(n); name != "" {
			i.st.set(name, variable{value: value.Unknown("$" + name)})
		}
		return true
	})
}

// counted returns the variable that an arithmetic expression sets, if any.
func counted(n syntax.Node) string {
	var x syntax.ArithmExpr
	switch n := n.(type) {
	case *syntax.BinaryArithm:
		if strings.HasSuffix(n.Op.String(), "=") && isAssignment(n.Op) {
			x = n.X
		}
	case *syntax.UnaryArithm:
		if n.Op == syntax.Inc || n.Op == syntax.Dec {
			x = n.X
		}
	}
	if w, ok := x.(*syntax.Word); ok && syntax.ValidName(w.Lit()) {
		return w.Lit()
	}
	return ""
}

// isQuotedExpression tells whether an arithmetic expression is a word of which more is
// seen only once it is expanded.
func isQuotedExpression(x syntax.ArithmExpr) bool {
	w, ok := x.(*syntax.Word)
	return ok && w.Lit() == ""
}

// isAssignment tells = and += from == and <=.
func isAssignment(op syntax.BinAritOperator) bool {
	switch op {
	case syntax.Eql, syntax.Neq, syntax.Leq, syntax.Geq:
		return false
	}
	return true
}

// stages returns the stages of a pipe.
func stages(b *syntax.BinaryCmd) []*syntax.Stmt {
	var out []*syntax.Stmt
	var add func(s *syntax.Stmt)
	add = func(s *syntax.Stmt) {
		c, ok := s.Cmd.(*syntax.BinaryCmd)
		if !ok || len(s.Redirs) > 0 || c.Op != syntax.Pipe && c.Op != syntax.PipeAll {
			out = append(out, s)
			return
		}
		add(c.X)
		add(c.Y)
	}
	add(b.X)
	add(b.Y)
	return out
}

// pipe walks a pipe: each stage, in a sub-shell, reads what the one before
// it prints.
func (i *interp) pipe(list []*syntax.Stmt) {
	in := i.in
	for n, s := range list {
		walk := func() { i.reading(in, func() { i.apart(true, func() { i.branch(func() { i.stmt(s) }) }) }) }
		if n == len(list)-1 {
			walk()
			return
		}
		if !i.st.pipefail {
			stage := walk
			walk = func() { i.alone(stage) }
		}
		out := i.capture(walk)
		in = &stream{value: i.printedBy(out, list[0], s)}
	}
}

// printedBy returns what the next stage of a pipe reads.
func (i *interp) printedBy(out *sink, first, last *syntax.Stmt) value.Value {
	if !out.partial || !isOpaque(trimNewlines(out.value)) {
		return out.value
	}
	source := i.source(int(first.Pos().Offset()), int(last.End().Offset()))
	return value.Opaque("$("+source+")", out.value)
}
