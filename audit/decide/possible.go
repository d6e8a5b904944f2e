package decide

import (
	"regexp/syntax"
	"slices"
)

// possible tells whether some name with the known pieces of a ref matches a filter
// pattern. It follows the pattern's states along the pieces; between two of them
// any text may stand.
func possible(pattern string, name ref) bool {
	prog := compile(pattern).states
	if prog == nil {
		return true
	}
	f := follower{prog}
	at := f.closed([]uint32{uint32(prog.Start)})
	for i, piece := range name.pieces {
		if i > 0 {
			at = f.after(at)
		}
		for _, r := range piece {
			at = f.closed(f.step(at, func(inst *syntax.Inst) bool { return inst.MatchRune(r) }))
		}
	}
	return slices.ContainsFunc(at, func(pc uint32) bool { return prog.Inst[pc].Op == syntax.InstMatch })
}

// follower follows a compiled expression.
type follower struct{ prog *syntax.Prog }

// step returns where instructions lead that take a character as told.
func (f follower) step(at []uint32, takes func(*syntax.Inst) bool) []uint32 {
	var out []uint32
	for _, pc := range at {
		switch inst := &f.prog.Inst[pc]; inst.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if takes(inst) {
				out = append(out, inst.Out)
			}
		}
	}
	return out
}

// closed are instructions with all that they lead to without a character. Patterns
// are anchored at both ends, so that an anchor holds wherever it is come to.
func (f follower) closed(at []uint32) []uint32 {
	var out []uint32
	for len(at) > 0 {
		pc := at[len(at)-1]
		if at = at[:len(at)-1]; slices.Contains(out, pc) {
			continue
		}
		out = append(out, pc)
		switch inst := f.prog.Inst[pc]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			at = append(at, inst.Out, inst.Arg)
		case syntax.InstCapture, syntax.InstEmptyWidth, syntax.InstNop:
			at = append(at, inst.Out)
		}
	}
	return out
}

// after are instructions with all that any text leads to from them.
func (f follower) after(at []uint32) []uint32 {
	for {
		more := f.closed(slices.Concat(at, f.step(at, func(*syntax.Inst) bool { return true })))
		if len(more) == len(at) {
			return more
		}
		at = more
	}
}
