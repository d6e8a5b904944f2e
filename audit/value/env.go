package value

import (
	"maps"
	"slices"
	"strings"
)

// Env is a set of variables, laid over an outer one. Environments are never
// changed in place: With lays a new one on top. The nil Env is empty, and open.
// Each layer has more variables than all above it had when they were laid, but where
// e was opened, so that there are few.
type Env struct {
	outer *Env
	vars  map[string]Value
	// closed says that whatever sets variables here was read, but for what is in
	// the nature of the machine: a name that is not among vars is that of no variable.
	closed bool
	// opening says that variables of the layers around may have been set anew here,
	// unseen.
	opening bool
	// credentials are the names of all variables that hold a credential,
	// sorted. An audit asks for them at every command.
	credentials []string
}

// With returns e with vars laid over it.
func (e *Env) With(vars map[string]Value) *Env {
	if len(vars) == 0 {
		return e
	}
	out := &Env{outer: e, vars: vars}
	if e != nil {
		out.credentials, out.closed = e.credentials, e.closed
	}
	for e := out.outer; e != nil && !e.opening && len(e.vars) <= len(out.vars); e = e.outer {
		merged := maps.Clone(e.vars)
		if merged == nil {
			merged = map[string]Value{}
		}
		maps.Copy(merged, out.vars)
		out.outer, out.vars = e.outer, merged
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
func (e *Env) Closed() *Env { return e.as(true) }

// Opened returns e as one in which variables may be set that are not seen: others, or
// those of e anew.
func (e *Env) Opened() *Env {
	if e == nil || e.opening {
		return e
	}
	// An earlier opening tells nothing more: there is one at most.
	for before := e; before != nil; before = before.outer {
		if before.opening {
			e = before.outer.With(e.given())
			break
		}
	}
	return &Env{outer: e, credentials: e.Credentials(), opening: true}
}

func (e *Env) as(closed bool) *Env {
	if e.IsClosed() == closed {
		return e
	}
	return &Env{outer: e, credentials: e.Credentials(), closed: closed}
}

// Given returns a variable of which it is sure that it has this value: nothing that is
// not seen came after what gave it.
func (e *Env) Given(name string) (Value, bool) {
	for ; e != nil && !e.opening; e = e.outer {
		if v, ok := e.vars[name]; ok {
			return v, true
		}
	}
	return nil, false
}

// given returns all such variables.
func (e *Env) given() map[string]Value {
	if e == nil || e.opening {
		return map[string]Value{}
	}
	all := e.outer.given()
	maps.Copy(all, e.vars)
	return all
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
	for ; e != nil; e = e.outer {
		if v, ok := e.vars[name]; ok {
			return v, true
		}
	}
	return nil, false
}

// All returns every variable with its innermost value, in a map that the
// caller may keep and change.
func (e *Env) All() map[string]Value {
	if e == nil {
		return map[string]Value{}
	}
	all := e.outer.All()
	maps.Copy(all, e.vars)
	return all
}

// Equal tells whether two environments hold the same variables with the same
// values, equally sure, and whether both are closed, or neither is.
func (e *Env) Equal(f *Env) bool {
	return e == f || e.IsClosed() == f.IsClosed() && maps.EqualFunc(e.All(), f.All(), Value.Equal) &&
		maps.EqualFunc(e.given(), f.given(), Value.Equal)
}

// LookupFold is Lookup without regard to letter case, as the env context of
// expressions looks variables up.
func (e *Env) LookupFold(name string) (Value, bool) {
	for ; e != nil; e = e.outer {
		if v, ok := e.vars[name]; ok {
			return v, true
		}
		for _, have := range slices.Sorted(maps.Keys(e.vars)) {
			if strings.EqualFold(have, name) {
				return e.vars[have], true
			}
		}
	}
	return nil, false
}
