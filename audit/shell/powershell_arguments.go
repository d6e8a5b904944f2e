package shell

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// commandText returns the words after a flag, joined.
func commandText(args []value.Value, flags ...string) (value.Value, bool) {
	for n, v := range args {
		s := strings.ToLower(v.LiteralOr(""))
		for _, f := range flags {
			if n > 0 && s == f && n+1 < len(args) {
				return join(args[n+1:]), true
			}
		}
	}
	return nil, false
}

// named are the words of a cmdlet, sorted by parameter.
type named struct {
	params map[string]word
	rest   []word
}

// switches are parameters without a value.
var switches = map[string]bool{
	"append": true, "noclobber": true, "force": true, "nonewline": true, "passthru": true, "wait": true, "nonewwindow": true,
	"confirm": true, "recurse": true, "raw": true, "verbose": true, "whatif": true, "noprofile": true,
	"usebasicparsing": true, "asplaintext": true, "skipcertificatecheck": true,
}

// arguments sorts the words of a cmdlet. A parameter's name may be cut
// short, as long as it is clear which one is meant.
func arguments(words []word) named {
	a := named{params: map[string]word{}}
	for n := 1; n < len(words); n++ {
		name, inline, isNamed := words[n].named()
		switch {
		case !isNamed:
			if words[n].thing.isHash && words[n].splat != nil {
				for _, e := range words[n].thing.list {
					a.params[strings.ToLower(e.key)] = word{value: e.value}
				}
				continue
			}
			a.rest = append(a.rest, words[n])
		case len(inline) > 0:
			a.params[name] = word{value: inline}
		case switches[name] || n+1 >= len(words) || words[n+1].isNamed():
			a.params[name] = word{value: value.Text("true")}
		default:
			n++
			a.params[name] = words[n]
		}
	}
	return a
}

// get returns a parameter by one of its names, or the n-th other word.
func (a named) get(n int, names ...string) (word, bool) {
	for _, name := range names {
		if w, ok := a.params[name]; ok {
			return w, true
		}
	}
	for given, w := range a.params {
		if slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, given) }) {
			return w, true
		}
	}
	if n >= 0 && n < len(a.rest) {
		return a.rest[n], true
	}
	return word{}, false
}

// place is how many words in front of a position parameters take the place of.
func (a named) place(n int, before ...string) int {
	for _, name := range before {
		if _, ok := a.get(-1, name); ok {
			return n - 1
		}
	}
	return n
}
