package rules

import "errors"

// ghRow is one row of table/gh.tsv.
type ghRow struct {
	command string
	effectRow
}

var ghRows = rows("gh", []string{"command", "mode", "when", "needs", "answer", "reasons", "events", "target", "scopes",
	"operations", "note", "source", "confidence"}, parseGhRow)

var ghEffects = index(ghRows, func(r ghRow) string { return r.command })

func parseGhRow(r row) (ghRow, error) {
	out := ghRow{command: r.cell("command")}
	var err, unknown error
	if c, ok := ghWords()[out.command]; !ok || c.group {
		unknown = errors.New(out.command + ": no such command in gh-flags")
	}
	out.effectRow, err = parseEffectRow(r)
	return out, errors.Join(err, unknown)
}

// GhEffect returns what a call of gh does. Target and the attributes of the
// events are filled in from the call: they hold what stands there, with its
// placeholders, and are absent where nothing was given.
//
// It is not certain where the value of a flag decides and is not known: the
// needs, operations and events that it may add are in the effect then, its
// answer and reasons are not. Words that may hide flags make it uncertain
// only where such a flag could make the answer worse; what they could add is
// not in it.
//
// It is not known what "gh api" and extensions do: that is in their
// arguments and their code.
func GhEffect(call GhCall) (effect Effect, certain, known bool) {
	if call.Given("help") == Yes || isGhGroup(call.Command) {
		return Effect{Answer: AnswerYes, Note: "Prints help."}, true, true
	}
	table := ghEffects()[call.Command]
	if table == nil {
		return Effect{}, false, false
	}
	effects := make([]effectRow, len(table))
	for i, r := range table {
		effects[i] = r.effectRow
	}
	given := call.words()
	effect, certain = given.getter(call.Hidden).apply(effects)
	effect = given.resolve(effect)
	if effect.Target == "" {
		effect.Target = call.Repo
	}
	return effect, certain, true
}

// GhClosing stands among the flags of a merge that closes an issue, for
// the conditions of the table: no flag says so by itself.
const GhClosing = "@closing-keyword"

// Lookup returns what the call was given by a name: a long flag without
// dashes, several values joined by commas, or "arg:N" for the N-th operand.
func (c GhCall) Lookup(name string) (string, bool) { return c.words().lookup(name) }

// Given tells whether a flag without a value is set, as far as the words of the
// call that are flags show it.
func (c GhCall) Given(name string) Truth {
	return c.words().getter(false).term(Term{Name: name})
}

func (c GhCall) words() words {
	return words{known: ghWords()[c.Command].flags, flags: c.Flags, operands: c.Operands}
}
