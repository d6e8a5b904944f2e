package script

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// maxWays bounds the ways in which one program is started at a place.
const maxWays = 8

// pairs puts every one of the lists more behind every one of lists. Of more than
// there is room for each is met, not each with every other.
func pairs(lists, more [][]value.Value) [][]value.Value {
	if len(more) == 0 {
		return lists
	}
	var out [][]value.Value
	if len(lists)*len(more) > maxWays {
		for i := range max(len(lists), len(more)) {
			out = append(out, slices.Concat(lists[i%len(lists)], more[i%len(more)]))
		}
		return out
	}
	for _, list := range lists {
		for _, tail := range more {
			out = append(out, slices.Concat(list, tail))
		}
	}
	return out
}

// waysOf are the words that a list may be where some of its elements may be
// missing: all of them, none, those up to a flag that comes again, which then is not
// the last of its kind, and each alone. A word that is no flag stays with what may be
// missing in front of it.
func waysOf(l *list) [][]value.Value {
	of := make([]int, len(l.items))
	count := 0
	var again []int
	last := map[string]int{}
	for i, item := range l.items {
		if !maybe(item) {
			continue
		}
		flag, _, _ := strings.Cut(valueOf(present(item)).LiteralOr(""), "=")
		isFlag := strings.HasPrefix(flag, "-")
		if count == 0 || isFlag || of[i-1] == 0 {
			count++
		}
		if of[i] = count; !isFlag {
			continue
		}
		if before := last[flag]; before > 0 && before < count {
			again = append(again, before)
		}
		last[flag] = count
	}
	if count == 0 {
		return [][]value.Value{wordsOf(l)}
	}
	with := func(keep func(group int) bool) []value.Value {
		some := &list{open: l.open, source: l.source}
		for i, item := range l.items {
			if of[i] == 0 || keep(of[i]) {
				some.items = append(some.items, item)
			}
		}
		return wordsOf(some)
	}
	ways := [][]value.Value{wordsOf(l), with(func(int) bool { return false })}
	for _, to := range again {
		if len(ways) == 2*maxWays {
			return append(ways, []value.Value{value.Unknown(hiddenFlags)})
		}
		ways = append(ways, with(func(group int) bool { return group <= to }))
	}
	for one := 1; one <= count && count > 1 && len(ways) < maxWays; one++ {
		ways = append(ways, with(func(group int) bool { return group == one }))
	}
	return ways
}

// moreWords stands for words of which not even the number is known.
var moreWords = value.Unknown("more arguments")

// wordsOf returns the elements of a list as words, and those of the lists in it. An
// open list has one more word of which nothing is known, and so has what holds more
// lists than are looked into: lists can hold themselves.
func wordsOf(l *list) []value.Value {
	left := maxItems
	return appendWords(nil, l, &left, 0)
}

func appendWords(words []value.Value, l *list, left *int, depth int) []value.Value {
	for _, item := range l.marked() {
		inner, nested := item.(*list)
		switch {
		case !nested:
			words = append(words, valueOf(item))
		case depth < maxDepth && *left > 0:
			*left -= 1 + len(inner.items)
			words = appendWords(words, inner, left, depth+1)
		default:
			words = append(words, moreWords)
		}
	}
	if l.open {
		words = append(words, moreWords)
	}
	return words
}

// lineOf joins words to a line for a shell.
func lineOf(words []value.Value) value.Value {
	var line value.Value
	for i, word := range words {
		if i > 0 {
			line = value.Concat(line, value.Text(" "))
		}
		line = value.Concat(line, word)
	}
	return line
}
