package script

// scope holds the variables of a block or function.
type scope struct {
	outer     *scope
	variables map[string]*variable
	// function tells that var declarations end up here.
	function bool
}

// variable is a name with what it holds.
type variable struct {
	value thing
	// condition is how guarded the code is that declared it: where it is
	// assigned under more conditions, it may keep what it held.
	condition int
}

func newScope(outer *scope, function bool) *scope {
	return &scope{outer: outer, function: function}
}

// find returns the variable of a name, or nil.
func (s *scope) find(name string) *variable {
	for ; s != nil; s = s.outer {
		if v, ok := s.variables[name]; ok {
			return v
		}
	}
	return nil
}

// declare makes a variable in this scope.
func (s *scope) declare(name string, t thing, condition int) {
	if s.variables == nil {
		s.variables = map[string]*variable{}
	}
	s.variables[name] = &variable{value: t, condition: condition}
}

// forFunction returns the scope of the function around.
func (s *scope) forFunction() *scope {
	for s.outer != nil && !s.function {
		s = s.outer
	}
	return s
}
