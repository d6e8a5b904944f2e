package value

import (
	"maps"
	"slices"
	"strings"
)

// Env is a set of variables, laid over an outer one. Environments are never
// changed in place: With lays a new one on top, and shares what is below. The nil Env
// is empty, and open.
type Env struct {
	// vars are all variables, given those of them that were set where nothing unseen
	// may have set them anew since: the same layer where nothing unseen came.
	vars, given *layer
	// closed says that whatever sets variables here was read, but for what is in
	// the nature of the machine: a name that is not among vars is that of no variable.
	closed bool
	// credentials are the names of all variables that hold a credential,
	// sorted. An audit asks for them at every command.
	credentials []string
}

// layer is a set of variables laid over others. Each has more than all above it had
// when they were laid, so that there are few.
type layer struct {
	outer *layer
	vars  map[string]Value
}

// with returns l with vars laid over it.
func (l *layer) with(vars map[string]Value) *layer {
	out := &layer{l, vars}
	for ; l != nil && len(l.vars) <= len(out.vars); l = l.outer {
		merged := maps.Clone(l.vars)
		maps.Copy(merged, out.vars)
		out.outer, out.vars = l.outer, merged
	}
	return out
}

// lookup returns a variable, and whether it is set.
func (l *layer) lookup(name string) (Value, bool) {
	for ; l != nil; l = l.outer {
		if v, ok := l.vars[name]; ok {
			return v, true
		}
	}
	return nil, false
}

// all returns every variable with its innermost value, in a map of its own.
func (l *layer) all() map[string]Value {
	if l == nil {
		return map[string]Value{}
	}
	all := l.outer.all()
	maps.Copy(all, l.vars)
	return all
}

// equal tells whether two layers hold the same variables with the same values.
func (l *layer) equal(m *layer) bool {
	return l == m || maps.EqualFunc(l.all(), m.all(), Value.Equal)
}

// With returns e with vars laid over it.
func (e *Env) With(vars map[string]Value) *Env {
	if len(vars) == 0 {
		return e
	}
	out := &Env{}
	if e != nil {
		*out = *e
	}
	same := out.given == out.vars
	if out.vars = out.vars.with(vars); same {
		out.given = out.vars
	} else {
		out.given = out.given.with(vars)
	}
	for name, v := range vars {
		out.note(name, v.HoldsCredential())
	}
	return out
}

// Set returns e with one variable laid over it.
func (e *Env) Set(name string, v Value) *Env {
	return e.With(map[string]Value{name: v})
}

// Closed returns e as one in which whatever sets variables was read, from the beginning.
func (e *Env) Closed() *Env {
	if e.IsClosed() {
		return e
	}
	out := &Env{}
	if e != nil {
		*out = *e
	}
	out.closed = true
	return out
}

// Opened returns e as one in which variables may be set that are not seen: others, or
// those of e anew.
func (e *Env) Opened() *Env {
	if e == nil || e.given == nil && !e.closed {
		return e
	}
	return &Env{vars: e.vars, credentials: e.credentials}
}

// Given returns a variable of which it is sure that it has this value: nothing that is
// not seen came after what gave it.
func (e *Env) Given(name string) (Value, bool) {
	if e == nil {
		return nil, false
	}
	return e.given.lookup(name)
}

// IsClosed tells whether a name that is not set is that of no variable, unless the
// machine itself sets it.
func (e *Env) IsClosed() bool { return e != nil && e.closed }

// note keeps credentials up to date for one variable.
func (e *Env) note(name string, holds bool) {
	i, found := slices.BinarySearch(e.credentials, name)
	switch {
	case holds && !found:
		e.credentials = slices.Insert(slices.Clone(e.credentials), i, name)
	case !holds && found:
		e.credentials = slices.Delete(slices.Clone(e.credentials), i, i+1)
	}
}

// Credentials returns the names of the variables that hold a credential,
// sorted. The caller must not change them.
func (e *Env) Credentials() []string {
	if e == nil {
		return nil
	}
	return e.credentials
}

// HoldsCredential tells whether a variable holds a credential.
func (e *Env) HoldsCredential() bool { return len(e.Credentials()) > 0 }

// Lookup returns a variable, and whether it is set.
func (e *Env) Lookup(name string) (Value, bool) {
	if e == nil {
		return nil, false
	}
	return e.vars.lookup(name)
}

// All returns every variable with its innermost value, in a map that the
// caller may keep and change.
func (e *Env) All() map[string]Value {
	if e == nil {
		return map[string]Value{}
	}
	return e.vars.all()
}

// Equal tells whether two environments hold the same variables with the same
// values, equally sure, and whether both are closed, or neither is.
func (e *Env) Equal(f *Env) bool {
	if e == f {
		return true
	}
	var a, b Env
	if e != nil {
		a = *e
	}
	if f != nil {
		b = *f
	}
	return a.closed == b.closed && a.vars.equal(b.vars) && (a.given == a.vars && b.given == b.vars || a.given.equal(b.given))
}

// LookupFold is Lookup without regard to letter case, as the env context of
// expressions looks variables up.
func (e *Env) LookupFold(name string) (Value, bool) {
	if e == nil {
		return nil, false
	}
	for l := e.vars; l != nil; l = l.outer {
		if v, ok := l.vars[name]; ok {
			return v, true
		}
		first, found := "", false // in the order of names, which a map has not
		for have := range l.vars {
			if strings.EqualFold(have, name) && (!found || have < first) {
				first, found = have, true
			}
		}
		if found {
			return l.vars[first], true
		}
	}
	return nil, false
}
