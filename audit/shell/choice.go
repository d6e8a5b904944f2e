package shell

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// choice is a run of words for which there may be others, or none: what an
// unquoted expression with && and || gives, or a variable that was set under
// a condition. Where nobody asks for the choice, the words stand as [align]
// puts them together.
type choice struct {
	// at and length say where the words stand.
	at, length int
	// lists are those that there may be.
	lists [][]value.Value
}

// maxVariants bounds the calls that one command stands for.
const maxVariants = maxChoices

// matters tells whether a call is another one by what is chosen: it has other
// flags, or more words or fewer.
func (c choice) matters() bool {
	flags := func(list []value.Value) []string {
		var out []string
		for _, v := range list {
			if s := v.LiteralOr(""); strings.HasPrefix(s, "-") {
				out = append(out, s)
			}
		}
		return out
	}
	return slices.ContainsFunc(c.lists[1:], func(list []value.Value) bool {
		return len(list) != len(c.lists[0]) || !slices.Equal(flags(list), flags(c.lists[0]))
	})
}

// some tells whether there is a word whatever is chosen.
func (c choice) some() bool {
	return !slices.ContainsFunc(c.lists, func(list []value.Value) bool { return len(list) == 0 })
}

// chosen notes that the words which come next are a choice of lists, and puts
// them in as one alignment of these.
func (f *fields) chosen(source string, lists [][]value.Value) {
	c := choice{at: len(f.words), lists: lists}
	fresh := !f.open
	for n, v := range align(source, lists) {
		if n > 0 {
			f.end()
		}
		f.add(v)
		c.length++
	}
	if fresh && c.length > 0 && c.matters() {
		f.choices = append(f.choices, c)
		f.last = true
	}
}

// choicesOf are those of the words of a program of which each is one of several words.
func (i *interp) choicesOf(words []value.Value) (out []choice) {
	for at, word := range words {
		if at == 0 || known(word) {
			continue
		}
		c := choice{at: at, length: 1}
		for one := range word.EachAlternative() {
			c.lists = append(c.lists, []value.Value{one})
		}
		if c.matters() {
			i.res.Truncated = i.res.Truncated || len(c.lists) > maxVariants
			out = append(out, c)
		}
	}
	return out
}

// variants are the words of the calls that one command stands for by its
// choices; nil where there is one. Of more choices than there is room for each one
// is met, not each with every other.
func variants(args []value.Value, choices []choice) [][]value.Value {
	count, most := 1, 1
	for _, c := range choices {
		count = min(count*len(c.lists), maxVariants+1)
		most = max(most, min(len(c.lists), maxVariants))
	}
	each := count <= maxVariants
	if !each {
		count = most
	}
	if count == 1 {
		return nil
	}
	out := make([][]value.Value, 0, count)
	for n := range count {
		var words []value.Value
		end, rest := 0, n
		for _, c := range choices {
			which := n % len(c.lists)
			if each {
				which, rest = rest%len(c.lists), rest/len(c.lists)
			}
			if c.at < end || c.at+c.length > len(args) {
				continue
			}
			words = append(append(words, args[end:c.at]...), c.lists[which]...)
			end = c.at + c.length
		}
		out = append(out, append(words, args[end:]...))
	}
	return out
}

// chooseCall runs a command once for each of the calls that it stands for. What
// prints or is part of the shell is one call, of aligned words.
func (i *interp) chooseCall(c *call, choices []choice) {
	if len(c.args) == 0 {
		return
	}
	if len(choices) > 0 && choices[0].at == 0 && choices[0].length <= len(c.args) {
		i.chooseProgram(c, choices[0], choices[1:])
		return
	}
	if names := programs(c.args[0]); names != nil {
		i.chooseProgram(c, choice{length: 1, lists: names}, choices)
		return
	}
	if len(choices) == 0 || !i.varies(c) {
		i.invoke(c)
		return
	}
	var walks []func()
	for n, args := range variants(c.args, choices) {
		variant := *c
		variant.args = args
		walks = append(walks, func() { i.invoke(&variant) })
		if n > 0 {
			// One of them is run in any case.
			walks[n] = func() { i.guarded(func() { i.invoke(&variant) }) }
		}
	}
	i.alternatives(false, walks...)
}

// chooseProgram runs a command once for each of the words that may stand in front,
// which say whether it is run at all: ${DRY_RUN:+echo} gh release create.
func (i *interp) chooseProgram(c *call, first choice, rest []choice) {
	walks := make([]func(), 0, len(first.lists))
	for _, words := range first.lists {
		variant := *c
		variant.args = slices.Concat(words, c.args[first.length:])
		moved := slices.Clone(rest)
		for n := range moved {
			moved[n].at += len(words) - first.length
		}
		if len(variant.args) > 0 {
			walks = append(walks, func() { i.chooseCall(&variant, moved) })
		}
	}
	i.guarded(func() { i.alternatives(len(walks) < len(first.lists), walks...) })
}

// programs are the names that the first word of a command may be, as words of their
// own; nil where it is one, or not all of them are known.
func programs(word value.Value) [][]value.Value {
	all := word.Alternatives()
	if len(all) < 2 || len(all) > maxVariants || slices.ContainsFunc(all, func(v value.Value) bool { return !known(v) }) {
		return nil
	}
	out := make([][]value.Value, len(all))
	for n, v := range all {
		out[n] = []value.Value{v}
	}
	return out
}

// varies tells whether it matters by which words a command is called.
func (i *interp) varies(c *call) bool {
	name, ok := c.args[0].Literal()
	return ok && i.functionOf(name) == nil && builtin(name) == nil && printer(name) == nil
}
