package trace

// textTraits are what a text of code seems to do with git, and whether it starts what
// takes a variable for its token.
type textTraits struct {
	source string
	git    bool
	// moves are nil before somebody has asked for them.
	moves  *Moves
	starts map[string]bool
}

// traits returns those of a text, which many jobs and steps may ask for. They hang on
// the text alone.
func (t *tracer) traits(source string) *textTraits {
	found := t.textTraits[source]
	if found == nil {
		found = &textTraits{source: source, git: startsGit(source), starts: map[string]bool{}}
		t.textTraits[source] = found
	}
	return found
}

// mentionsMoves is that function for a text that was not asked for before.
func (x *textTraits) mentionsMoves() Moves {
	if x.moves == nil {
		moves := mentionsMoves(x.source)
		x.moves = &moves
	}
	return *x.moves
}

// startsReader is that function for a variable that was not asked for before.
func (x *textTraits) startsReader(name string) bool {
	starts, known := x.starts[name]
	if !known {
		starts = startsReader(x.source, name)
		x.starts[name] = starts
	}
	return starts
}
