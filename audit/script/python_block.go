package script

import (
	"slices"
	"sort"
)

// pyRoutine is the body of a function, or of a method.
type pyRoutine struct {
	name string
	// scope is the condition that it is called at all.
	scope int
}

// pyPlace is a statement with the conditions under which it runs in its function.
type pyPlace struct {
	tokens  []pyToken
	scopes  []int
	routine *pyRoutine
	// colon is where what stands on the line of a block begins, and inner are its
	// conditions.
	colon int
	inner []int
	// mixed is the condition of what stands where an expression may not get to.
	mixed int
}

// pyLevel is a block that is open while statements are walked.
type pyLevel struct {
	column int
	word   string
	// own are the conditions of the block, chain those that hold where no branch so
	// far was taken, and later those of what follows where it may have been left.
	own, chain, later []int
	routine           *pyRoutine
	// raises says that the last of its statements ends the script with a failure, or
	// the function.
	raises bool
}

// pyFlow is which statements run under which conditions. It goes by indentation, as
// pyScope does.
type pyFlow struct {
	places []pyPlace
	scoped int
	// settled are the conditions that hold for one of several branches in any case,
	// and those that do not count: of code whose failure nothing survives.
	settled, void map[int]bool
	// exits are the places where the script may end with success.
	exits []int
	open  []*pyLevel
}

func (w *pyFlow) scope() int {
	w.scoped++
	return w.scoped
}

// flow walks the statements.
func (p *python) flow(statements [][]pyToken) *pyFlow {
	w := &pyFlow{settled: map[int]bool{}, void: map[int]bool{}}
	for _, s := range statements {
		var closed *pyLevel
		column := p.column(s[0].offset)
		for len(w.open) > 0 && w.open[len(w.open)-1].column >= column {
			closed = w.open[len(w.open)-1]
			w.open = w.open[:len(w.open)-1]
			w.close(closed)
		}
		if closed != nil && closed.column != column {
			closed = nil
		}
		w.statement(s, column, closed)
	}
	for _, l := range w.open {
		w.close(l)
	}
	return w
}

// close notes what a block that is over says of the one before it: what fails in a
// try ends the script where what catches it does.
func (w *pyFlow) close(l *pyLevel) {
	if l.word == "except" && !l.raises {
		for _, scope := range l.chain {
			w.void[scope] = false
		}
	}
}

// statement walks one statement, behind a block of the same column that it closes.
func (w *pyFlow) statement(s []pyToken, column int, closed *pyLevel) {
	at := pyPlace{tokens: s, scopes: w.scopes(), routine: w.routine(), colon: len(s)}
	if end := pyHeader(s); end > 0 {
		l := &pyLevel{column: column, word: s[0].text}
		w.begin(l, s, end, closed)
		at.colon, at.inner = end, l.own
		w.open = append(w.open, l)
		w.leave(s[end:])
	} else {
		w.leave(s)
	}
	w.places = append(w.places, at)
}

// scopes are the conditions of the blocks that are open, up to the function.
func (w *pyFlow) scopes() []int {
	var out []int
	for _, l := range w.open {
		if l.routine != nil {
			out = nil
		}
		out = slices.Concat(out, l.own, l.later)
	}
	return w.bounded(out)
}

// bounded are conditions, of which one stands for all behind the first that are told
// apart.
func (w *pyFlow) bounded(scopes []int) []int {
	if len(scopes) <= maxScopes {
		return scopes
	}
	return append(slices.Clone(scopes[:maxScopes-1]), w.scope())
}

// routine is the innermost function.
func (w *pyFlow) routine() *pyRoutine {
	for _, l := range slices.Backward(w.open) {
		if l.routine != nil {
			return l.routine
		}
	}
	return nil
}

// begin gives a block its conditions.
func (w *pyFlow) begin(l *pyLevel, s []pyToken, end int, closed *pyLevel) {
	if l.word == "async" && len(s) > 1 {
		l.word = s[1].text
	}
	branch := closed != nil && (closed.word == "if" || closed.word == "elif")
	switch {
	case l.word == "def":
		l.routine = &pyRoutine{scope: w.scope()}
		if i := slices.IndexFunc(s, func(t pyToken) bool { return t.text == "def" }); i+1 < len(s) {
			l.routine.name = s[i+1].text
		}
	case pyIs(s, "if", "__name__"):
	case l.word == "if", l.word == "elif" && branch:
		scope := w.scope()
		if l.word == "elif" {
			if l.chain = closed.chain; len(l.chain) > maxArms {
				// What follows is taken by conditions of its own.
				l.own, l.word = []int{scope}, ""
				return
			}
		}
		l.own, l.chain = append(slices.Clip(l.chain), scope), append(slices.Clip(l.chain), -scope)
	case l.word == "else" && branch:
		l.own = closed.chain
		for _, scope := range l.own {
			w.settled[-scope] = true
		}
	case l.word == "try":
		scope := w.scope()
		w.void[scope] = true
		l.own, l.chain = []int{scope}, []int{scope}
	case l.word == "except":
		l.own = []int{w.scope()}
		if closed != nil {
			l.chain = closed.chain
		}
	case l.word == "with" && !slices.ContainsFunc(s[:end], func(t pyToken) bool { return t.kind == 'n' && t.text == "suppress" }):
	case slices.Contains([]string{"class", "finally", "match"}, l.word):
	default:
		l.own = []int{w.scope()}
	}
}

// leave notes that what follows in a function or in a loop, or anywhere, may not be
// reached because of a statement.
func (w *pyFlow) leave(s []pyToken) {
	if len(s) == 0 || s[0].kind != 'n' {
		return
	}
	exit, fails := pyExit(s)
	if n := len(w.open); n > 0 {
		w.open[n-1].raises = fails
	}
	loop := s[0].text == "break" || s[0].text == "continue"
	switch {
	case exit && !fails:
		w.exits = append(w.exits, s[0].offset)
	case loop || s[0].text == "return":
		for n, l := range slices.Backward(w.open) {
			if loop && (l.word == "for" || l.word == "while") || !loop && l.routine != nil {
				if n+1 < len(w.open) && len(l.later) < maxScopes {
					l.later = append(slices.Clip(l.later), w.scope())
				}
				return
			}
		}
	}
}

// pyExit tells whether a statement ends the script, and whether it does so with a
// failure: by raising anything else as well.
func pyExit(s []pyToken) (exit, fails bool) {
	if pyIs(s, "raise") {
		if s = s[1:]; !pyIs(s, "SystemExit") {
			return false, true
		}
	}
	called := slices.IndexFunc(s, func(t pyToken) bool { return t.kind == '(' })
	name := pyName(s[:max(called, 0)])
	if called < 0 {
		name = pyName(s)
	}
	if !slices.Contains([]string{"sys.exit", "exit", "quit", "os._exit", "SystemExit"}, name) {
		return false, false
	}
	if called < 0 || called+1 >= len(s) {
		return true, false
	}
	status := s[called+1]
	return true, status.kind == 's' || status.kind == '0' && status.text != "0"
}

// pyHeader is the index behind the colon of a statement that begins a block, 0 for
// others.
func pyHeader(s []pyToken) int {
	words := []string{"if", "elif", "else", "for", "while", "try", "except", "finally", "with", "def", "class", "async", "match", "case"}
	if s[0].kind != 'n' || !slices.Contains(words, s[0].text) {
		return 0
	}
	depth, lambdas := 0, 0
	for i, t := range s {
		switch {
		case t.kind == '(' || t.kind == '[' || t.kind == '{':
			depth++
		case t.kind == ')' || t.kind == ']' || t.kind == '}':
			depth--
		case t.kind == 'n' && t.text == "lambda" && depth == 0:
			lambdas++
		case t.kind == ':' && depth == 0 && lambdas > 0:
			lambdas--
		case t.kind == ':' && depth == 0 && i > 0:
			return i + 1
		}
	}
	return 0
}

// at is the place of what stands at an offset, and its conditions in its function.
func (w *pyFlow) at(offset int) (*pyPlace, []int) {
	n := sort.Search(len(w.places), func(i int) bool { return w.places[i].tokens[0].offset > offset })
	if n == 0 {
		return nil, nil
	}
	place := &w.places[n-1]
	scopes := place.scopes
	if place.colon < len(place.tokens) && offset >= place.tokens[place.colon].offset {
		scopes = slices.Concat(scopes, place.inner)
	}
	if len(place.tokens) > maxPyStatement || place.parts(offset) {
		if place.mixed == 0 {
			place.mixed = w.scope()
		}
		scopes = append(slices.Clip(scopes), place.mixed)
	}
	return place, slices.DeleteFunc(slices.Clone(scopes), func(scope int) bool { return w.void[scope] })
}

// maxPyStatement bounds the tokens of a statement in which it is looked for what an
// expression gets to: one of more is data.
const maxPyStatement = 2000

// parts tells whether an expression around a call at an offset may not get to it, or
// get to it often.
func (at *pyPlace) parts(offset int) bool {
	s := at.tokens
	i := slices.IndexFunc(s, func(t pyToken) bool { return t.offset >= offset })
	if i < 0 {
		return true
	}
	end := i
	for end < len(s) && s[end].kind != '(' {
		end++
	}
	if n := pyClose(s[min(end, len(s)):]); n > 0 {
		end += n
	}
	for k, t := range s {
		if t.kind != 'n' || k >= i && k <= end || k == 0 || k == 1 && pyIs(s, "async") {
			continue
		}
		switch t.text {
		case "if", "for", "lambda":
			return true
		case "and", "or":
			if k < i {
				return true
			}
		}
	}
	return false
}
