package script

import (
	"regexp"
	"slices"

	"github.com/grafana/sobek/ast"

	"github.com/patrol-actions/patrol/audit/value"
)

// comparison matches a question whether two variables are the same.
var comparison = regexp.MustCompile(`(\w+)\s*===?\s*(\w+)`)

// asks notes that a function asks whether a variable of its module is the token
// that it was given: the client that it keeps for its next calls is then that
// of this token, and of no other that it was ever given.
func (f *frame) asks(test ast.Expression) {
	for _, m := range comparison.FindAllStringSubmatch(f.code(test), -1) {
		own, kept := m[1], m[2]
		if f.scope.within(own) == nil {
			own, kept = kept, own
		}
		given := f.scope.within(own)
		if given == nil || f.scope.within(kept) != nil || f.scope.find(kept) == nil {
			continue
		}
		if v := valueOf(given.value); v.HoldsCredential() {
			f.token = v
		}
	}
}

// cached returns what a function gives back of a variable of its module: of the
// clients in it those for the token that asks has noted, where it has.
func (f *frame) cached(argument ast.Expression, t thing) thing {
	name, ok := argument.(*ast.Identifier)
	if !ok || !f.token.HoldsCredential() || f.scope.within(name.Name.String()) != nil {
		return t
	}
	var of []thing
	found := false
	for _, one := range alternatives(t) {
		c, ok := one.(*client)
		if ok && !sharesCredential(c.token, f.token) {
			continue
		}
		found = found || ok
		of = append(of, one)
	}
	if !found {
		return t
	}
	return join(of...)
}

// sharesCredential tells whether two values may be the same token.
func sharesCredential(v, w value.Value) bool {
	return slices.ContainsFunc(v.Credentials(), func(c *value.Credential) bool { return slices.Contains(w.Credentials(), c) })
}

// within returns the variable of a name that the function around has itself.
func (s *scope) within(name string) *variable {
	for ; s != nil; s = s.outer {
		if v, ok := s.variables[name]; ok || s.function {
			return v
		}
	}
	return nil
}
