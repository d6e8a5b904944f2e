package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// A script that takes a command as its argument runs one of its branches. Where
// the words of a test or a case are surely what the reading says, only the
// branch that they lead to is walked. What else may stand there is asked for
// narrowly: a branch that is left out by mistake hides what it does.

// settled returns the text of a word that is the same whenever the script comes
// by: one of text, of arguments of the call, of variables that the script itself
// has set, of those that the workflow gives it and of those that the runner sets in
// every run, and of defaults of such as nothing sets.
func (i *interp) settled(w *syntax.Word) (string, bool) {
	v, ok := i.settledValue(w)
	if !ok {
		return "", false
	}
	return v.Literal()
}

// settledValue is the value of such a word, of which parts may only be known
// when it runs: "--token=…" is.
func (i *interp) settledValue(w *syntax.Word) (value.Value, bool) {
	if i.open > 0 || !i.isSettled(w) {
		return nil, false
	}
	return i.word(w), true
}

// isSettled tells whether nothing but what [interp.settled] names is in a word.
func (i *interp) isSettled(w *syntax.Word) bool {
	settled := true
	syntax.Walk(w, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CmdSubst, *syntax.ProcSubst, *syntax.ArithmExp, *syntax.ExtGlob:
			settled = false
		case *syntax.ParamExp:
			settled = settled && i.isSettledParameter(n)
		}
		return settled
	})
	return settled
}

func (i *interp) isSettledParameter(p *syntax.ParamExp) bool {
	if p.Param == nil || p.Excl || p.Length || p.Width || p.Index != nil || p.Slice != nil || p.Repl != nil || p.Names != 0 {
		return false
	}
	name := p.Param.Value
	unset := defaults(p) && i.isUnset(name)
	if p.Exp != nil && p.Exp.Op != syntax.DefaultUnset && p.Exp.Op != syntax.DefaultUnsetOrNull && !unset {
		return false
	}
	if !syntax.ValidName(name) {
		return isNumber(name) && name != "0" && i.hasSettledArguments()
	}
	for t := i.st; t != nil; t = t.outer {
		if v, ok := t.vars[name]; ok {
			return !i.outOfTurn() && known(v.value) && !v.isList && !v.unset && v.refers == ""
		}
	}
	v, ok := i.st.env.Lookup(name)
	return !i.outOfTurn() && (unset || ok && known(v) && slices.Contains(always, name)) || ok && known(v) && i.isGiven(name)
}

// outOfTurn tells whether what the script has set may not be what it finds.
func (i *interp) outOfTurn() bool { return i.rounds > 0 || i.dynamic || i.sources }

// always are the variables that the runner sets to the same in every run, and
// by which scripts tell whether somebody has started them at a desk. A program
// in between that keeps its environment from what it starts is not known.
// Source: https://docs.github.com/actions/reference/workflows-and-actions/variables
var always = []string{"CI", "GITHUB_ACTIONS"}

// hasSettledArguments tells whether all arguments are known to be in their
// places, if not what they are.
func (i *interp) hasSettledArguments() bool {
	return len(i.st.args) > 0 && !i.st.smeared && !i.st.loose
}

// unsettled walks what may run at another time than where it stands.
func (i *interp) unsettled(walk func()) {
	i.open++
	walk()
	i.open--
}

// chosen walks the one branch that a condition leads to.
func (i *interp) chosen(walk func()) {
	dead, goesOn := i.st.dead, i.goesOn
	walk()
	i.st.over = i.st.over || i.st.dead && !dead && i.goesOn == goesOn
}

// took notes which branch of a command was walked alone; -1 is all of them.
func (i *interp) took(c syntax.Node, branch int) {
	if branch >= 0 {
		for _, f := range i.calls {
			f.picks = true // see [interp.run]
		}
	}
	if len(i.funcs) == 0 {
		return // [interp.mentioned] is not asked
	}
	if i.taken == nil {
		i.taken = map[syntax.Node]branches{}
	}
	if branch < 0 || branch > 62 {
		i.taken[c] = allBranches
	} else {
		i.taken[c] |= 1 << branch
	}
}

// branches is the set of those branches of a command that were walked, by their
// order: of an if, then is the first one and the rest the second.
type branches uint64

const allBranches = ^branches(0)

// left tells whether a branch was never walked, though the command was.
func (i *interp) left(c syntax.Node, branch int) bool {
	taken, ok := i.taken[c]
	return ok && taken&(1<<min(branch, 63)) == 0
}

// walkTaken visits all in a piece of script but the branches that were never
// walked.
func (i *interp) walkTaken(root syntax.Node, visit func(syntax.Node) bool) {
	var inside func(n syntax.Node) bool
	list := func(stmts []*syntax.Stmt) {
		for _, s := range stmts {
			syntax.Walk(s, inside)
		}
	}
	inside = func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.IfClause:
			list(n.Cond)
			if !i.left(n, 0) {
				list(n.Then)
			}
			if n.Else != nil && !i.left(n, 1) {
				syntax.Walk(n.Else, inside)
			}
			return false
		case *syntax.CaseClause:
			syntax.Walk(n.Word, inside)
			for k, item := range n.Items {
				if !i.left(n, k) {
					syntax.Walk(item, inside)
				}
			}
			return false
		case *syntax.BinaryCmd:
			syntax.Walk(n.X, inside)
			if !i.left(n, 0) {
				syntax.Walk(n.Y, inside)
			}
			return false
		}
		return visit(n)
	}
	syntax.Walk(root, inside)
}

// pickItem returns the branch of a case that is run; one behind the last is none.
func (i *interp) pickItem(c *syntax.CaseClause) (item int, ok bool) {
	v, ok := i.settledValue(c.Word)
	if !ok {
		return 0, false
	}
	for n, item := range c.Items {
		for _, p := range item.Patterns {
			matches, ok := i.matches(v, p)
			switch {
			case !ok:
				return 0, false
			case matches:
				return n, item.Op == syntax.Break
			}
		}
	}
	return len(c.Items), true
}

// perArgument walks a loop that takes the arguments one after the other, once
// for each; false where it does not do so for sure, or goes on behind them.
func (i *interp) perArgument(c *syntax.WhileClause) bool {
	if c.Until || i.open > 0 || !i.hasSettledArguments() || !i.wantsArguments(c.Cond) {
		return false
	}
	for _, v := range i.st.args[1:] {
		if text, ok := v.Literal(); ok && text == "" {
			return false
		}
	}
	outer, args := i.round, i.st.args
	done := i.everyRound(c)
	if i.round = outer; !done {
		i.st.args = args
	}
	return done
}

// everyRound walks the loop until it ends, or false where that is not sure.
func (i *interp) everyRound(c *syntax.WhileClause) bool {
	for endless := i.isEndless(c.Cond); endless || len(i.st.args) > 1; {
		before := len(i.st.args)
		i.round = &round{guard: i.guard, calls: len(i.calls), rounds: i.rounds}
		i.stmts(c.Do)
		switch {
		case i.round.unsure || i.st.smeared:
			return false
		case i.round.left:
			return true
		case len(i.st.args) >= before:
			return false
		}
	}
	return true
}

// round is one of a loop that [interp.perArgument] walks.
type round struct {
	// guard, calls and rounds are those where the loop stands.
	guard, calls, rounds int
	// over says that break or continue has ended it, left that it was break,
	// unsure that it may have.
	over, left, unsure bool
}

// leaveRound is break and continue.
func leaveRound(i *interp, c *call) {
	r := i.round
	if r == nil || len(i.calls) > r.calls || i.rounds > r.rounds {
		if i.innermost(leavesLoop) != nil {
			i.leavesHere(leavesLoop, true)
		}
		return // of a loop that is not walked round by round
	}
	if i.guard > r.guard || len(c.args) > 1 {
		r.unsure = true
		return
	}
	r.over = true
	r.left = c.args[0].LiteralOr("") == "break"
}

// isEndless tells whether a loop runs until it is left.
func (i *interp) isEndless(cond []*syntax.Stmt) bool {
	text := i.conditionText(cond)
	return text == "true" || text == ":"
}

// wantsArguments tells whether the condition of a loop holds as long as there
// are arguments.
func (i *interp) wantsArguments(cond []*syntax.Stmt) bool {
	text := i.conditionText(cond)
	return text == "true" || text == ":" || argumentsLeft[text]
}

// conditionText is a condition without what can be written in several ways.
func (i *interp) conditionText(cond []*syntax.Stmt) string {
	if len(cond) != 1 || cond[0].Negated {
		return ""
	}
	from, to := int(cond[0].Pos().Offset()), stmtEnd(cond[0])
	if from > to || to > len(i.text.source) || to-from > 80 {
		return ""
	}
	return strings.TrimSuffix(spelling.Replace(strings.TrimPrefix(i.text.source[from:to], "test ")), ";")
}

var spelling = strings.NewReplacer("[", "", "]", "", `"`, "", " ", "", "((", "", "))", "", "${#}", "$#", "${1:-}", "$1", "${1-}", "$1", "${1}", "$1")

var argumentsLeft = map[string]bool{
	"$#-gt0": true, "$#-ne0": true, "$#-ge1": true, "$#!=0": true, "$#>0": true, "$#>=1": true, "$#": true,
	"0-lt$#": true, "0-ne$#": true, "-n$1": true, "$1!=": true, "$1": true, "!-z$1": true, "#>0": true,
}

// known tells whether a value is one text.
func known(v value.Value) bool {
	_, ok := v.Literal()
	return ok
}
