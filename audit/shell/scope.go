package shell

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// variable is a shell variable: one value, or a list of them.
type variable struct {
	value    value.Value
	list     []element
	isList   bool
	hash     bool // a hash table of PowerShell, an associative array of bash
	exported bool
	unset    bool
	// refers is the name of the variable that a reference of bash stands for.
	refers string
	// object and block are those of a [thing].
	object int
	block  *poshFunction
}

// element is one entry of an array. Its key is an index or, in an
// associative array, a name; empty where it is not known.
type element struct {
	key   string
	value value.Value
	// least is the least index that an element without a key can have.
	least int
	// maybe says that the array may be without it.
	maybe bool
	// of is what it is where it is a table of PowerShell, of which value is the text.
	of *thing
}

// sure returns the values of an array that it surely has, and whether there
// may be more.
func (v variable) sure() (out []value.Value, more bool) {
	for _, e := range v.list {
		if e.maybe {
			more = true
			continue
		}
		out = append(out, e.value)
	}
	return out, more
}

// values returns the values of an array.
func (v variable) values() []value.Value {
	out := make([]value.Value, len(v.list))
	for n, e := range v.list {
		out[n] = e.value
	}
	return out
}

// scope is the state of the shell at one place. A branch, a sub-shell or a
// call gets a scope of its own on top of the outer one; what it changed is
// then merged, adopted or dropped.
type scope struct {
	outer *scope
	vars  map[string]variable
	// env holds the exported variables.
	env  *value.Env
	args []value.Value
	// loose says that one of args may be several, or none.
	loose bool
	// smeared: each of $1, $2… may be any of args, for a loop shifts them.
	smeared bool
	dir     value.Value
	oldDir  value.Value
	stack   []value.Value // of pushd
	// function marks the scope of a call, locals the names local to it.
	function bool
	locals   map[string]bool
	// dead: the shell has left by exit or return. over: it surely has, in the branch
	// that a condition was seen to lead to.
	dead, over bool
	exportAll  bool
	// errexit and pipefail are options of the shell, as in Input.
	errexit, pipefail bool
	// trail has what the code being walked sets on its way, nil where nobody asks.
	trail trail
}

// trail has all that variables are set to, by their names.
type trail map[string][]variable

// pass forgets the variables of calls deeper than so many, which are over, and hands
// the rest on to another trail, which may be nil.
func (t trail) pass(outer trail, depth int) {
	for name, list := range t {
		_, of, _ := strings.Cut(name, depthMark)
		if n, _ := strconv.Atoi(of); n > depth {
			delete(t, name)
		} else if outer != nil {
			outer[name] = append(outer[name], list...)
		}
	}
}

// scopes are scopes on an outer one in each of which the variables are one of what
// they were on the way. What was too much is unknown.
func (t trail) scopes(outer *scope) []*scope {
	var out []*scope
	for _, name := range slices.Sorted(maps.Keys(t)) {
		list := t[name]
		if len(list) > maxChoices {
			list = []variable{{value: value.Unknown(shownName(name)), exported: list[0].exported}}
		}
		for n, v := range list {
			if n >= len(out) {
				out = append(out, outer.fork())
			}
			out[n].set(name, v)
		}
	}
	return out
}

// fork lays a new scope on s.
func (s *scope) fork() *scope {
	t := *s
	t.outer, t.vars, t.function, t.locals, t.dead, t.over = s, nil, false, nil, false, false
	return &t
}

// referred returns the name of the variable that a name stands for.
func (s *scope) referred(name string) string {
	for range maxDepth {
		v, _ := s.named(name)
		if v.refers == "" || v.refers == name {
			break
		}
		name = v.refers
	}
	return name
}

// lookup finds a variable of the script or of its environment.
func (s *scope) lookup(name string) (variable, bool) {
	v, ok := s.named(s.referred(name))
	return v, ok && v.refers == "" // but in a circle
}

// named finds the variable of a name, which may be a reference.
func (s *scope) named(name string) (variable, bool) {
	for key, ok := name, true; ok; key, ok = callerKey(key) {
		for t := s; t != nil; t = t.outer {
			if v, ok := t.vars[key]; ok {
				return v, true
			}
		}
	}
	if v, ok := s.env.Lookup(name); ok {
		return variable{value: v, exported: true}, true
	}
	return variable{}, false
}

// set sets a variable; it stays exported if it was, as those are that every shell begins
// with.
func (s *scope) set(name string, v variable) {
	if v.refers == "" {
		name = s.referred(name)
	}
	if old, ok := s.lookup(name); ok && old.exported || s.exportAll || name == "PATH" || name == "HOME" {
		v.exported = true
	}
	if s.vars == nil {
		s.vars = map[string]variable{}
	}
	s.vars[name] = v
	if s.trail != nil && len(s.trail[name]) <= maxChoices { // one more says that it is too much
		s.trail[name] = append(s.trail[name], v)
	}
	if v.exported {
		s.export(name, v)
	}
}

// export makes a variable's value visible to programs.
func (s *scope) export(name string, v variable) {
	first := v.value
	if v.isList && len(v.list) > 0 {
		first = v.list[0].value
	}
	s.env = s.env.Set(name, first)
}

// local makes a name local to the function that is being called.
func (s *scope) local(name string) {
	for t := s; t != nil; t = t.outer {
		if t.function {
			if t.locals == nil {
				t.locals = map[string]bool{}
			}
			t.locals[name] = true
			return
		}
	}
}

// adopt takes over what t, which followed s, changed.
func (s *scope) adopt(t *scope) {
	for _, name := range slices.Sorted(maps.Keys(t.vars)) {
		if !t.locals[name] {
			s.set(name, t.vars[name])
		}
	}
	s.dir, s.oldDir, s.stack, s.exportAll = t.dir, t.oldDir, t.stack, t.exportAll
	s.errexit, s.pipefail = t.errexit, t.pipefail
	if !t.function {
		s.args, s.loose, s.smeared, s.dead = t.args, t.loose, t.smeared, s.dead || t.dead
	}
}

// merge takes over what the branches changed, of which one was run, or
// none if orNone. A branch that left the shell has no say.
func (s *scope) merge(orNone bool, branches ...*scope) {
	var alive []*scope
	names := map[string]bool{}
	for _, t := range branches {
		if t.dead {
			continue
		}
		alive = append(alive, t)
		for name := range t.vars {
			names[name] = true
		}
	}
	if len(alive) == 0 {
		s.dead = s.dead || !orNone && len(branches) > 0
		return
	}
	if orNone {
		alive = append([]*scope{s.fork()}, alive...)
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		s.set(name, mergeVariable(name, alive))
	}
	dirs := make([]value.Value, len(alive))
	for n, t := range alive {
		dirs[n] = t.dir
		s.exportAll = s.exportAll || t.exportAll
		s.errexit = s.errexit && t.errexit || n == 0 && t.errexit
		s.pipefail = s.pipefail && t.pipefail || n == 0 && t.pipefail
	}
	s.dir = choose("$PWD", dirs...)
	s.args, s.loose, s.smeared = alive[0].args, alive[0].loose, alive[0].smeared
	for _, t := range alive[1:] {
		s.loose = s.loose || t.loose
		s.smeared = s.smeared || t.smeared || len(t.args) != len(s.args)
		if len(t.args) > len(s.args) {
			s.args = t.args
		}
	}
}

// mergeVariable returns what a variable is after one of the scopes.
func mergeVariable(name string, scopes []*scope) variable {
	var out variable
	var lists [][]element
	var choices []value.Value
	for n, t := range scopes {
		v, ok := t.lookup(name)
		if n == 0 {
			out.object, out.block = v.object, v.block
		} else if out.block != v.block {
			out.block = nil
		}
		out.exported = out.exported || v.exported
		out.isList = out.isList || v.isList
		out.hash = out.hash || v.hash
		choices = append(choices, v.value)
		switch {
		case v.isList:
			lists = append(lists, v.list)
		case ok && !v.unset:
			lists = append(lists, []element{{key: "0", value: v.value}})
		}
	}
	switch {
	case out.hash:
		out.list = mergeTables("$"+name, lists)
	case out.isList:
		out.list = mergeLists("$"+name, lists, len(scopes))
	default:
		out.value = choose("$"+name, choices...)
	}
	return out
}

// mergeTables makes one table of several that are possible.
func mergeTables(source string, tables [][]element) []element {
	var out []element
	seen := map[string]int{}
	place := map[string]int{}
	for _, table := range tables {
		for _, e := range table {
			n, ok := place[e.key]
			if !ok || e.key == "" {
				if len(out) < maxWords {
					place[e.key] = len(out)
					out = append(out, e)
					seen[e.key]++
				}
				continue
			}
			out[n].join(source, e)
			seen[e.key]++
		}
	}
	for n := range out {
		out[n].maybe = out[n].maybe || seen[out[n].key] < len(tables)
	}
	return out
}

// join makes e the choice of itself and another one.
func (e *element) join(source string, other element) {
	e.value, e.maybe = choose(source, e.value, other.value), e.maybe || other.maybe
	if other.of == nil {
		e.of = nil
	}
}

// mergeLists makes one array of several that are possible, of so many scopes:
// equal keys have the choice of their values, other elements may be there.
func mergeLists(source string, lists [][]element, scopes int) []element {
	var out []element
	var seen []int
	for _, list := range lists {
		for n, e := range list {
			switch {
			case n < len(out) && out[n].key == e.key:
				out[n].join(source, e)
				out[n].least = min(out[n].least, e.least)
				seen[n]++
			case len(out) < maxWords:
				out, seen = append(out, e), append(seen, 1)
			}
		}
	}
	for n := range out {
		out[n].maybe = out[n].maybe || seen[n] < scopes
	}
	return out
}

// align makes one list of words of several that are possible. Each place
// holds the choice of the words there; a word that only some lists are long
// enough to have is taken as present. Where a program is called with words
// that may be others, [interp.chooseCall] calls it with each.
func align(source string, lists [][]value.Value) []value.Value {
	var out []value.Value
	for _, list := range lists {
		for n, v := range list {
			if n < len(out) {
				out[n] = choose(source, out[n], v)
			} else {
				out = append(out, v)
			}
		}
	}
	return out
}
