package rules

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// effectRow is a row of a table in which the rows of a command apply in
// order: the first is its base, and each further one adds to what there is,
// or replaces it, where its condition holds.
type effectRow struct {
	mode   string
	when   Condition
	effect Effect
}

// The modes of a row.
const (
	modeBase    = "base"
	modeAdd     = "+"
	modeReplace = "="
)

// parseEffectRow reads the columns that tables of commands have in common.
func parseEffectRow(r row) (effectRow, error) {
	out := effectRow{mode: r.cell("mode"), effect: Effect{
		Operations: r.list("operations"), Answer: Answer(r.cell("answer")), Reasons: r.list("reasons"), Scopes: r.list("scopes"),
		Target: r.cell("target"), Note: r.cell("note"), Source: r.cell("source"), Confidence: r.cell("confidence"),
	}}
	var errs [4]error
	out.when, errs[0] = r.condition("when")
	out.effect.Needs, errs[1] = r.needs("needs")
	out.effect.Events, errs[2] = r.events("events")
	if !slices.Contains([]string{modeBase, modeAdd, modeReplace}, out.mode) || (out.mode == modeBase) != (out.when == nil) {
		errs[3] = fmt.Errorf("mode %q with condition %q", out.mode, out.when)
	}
	return out, errors.Join(errs[:]...)
}

// words are a command's flags and operands.
type words struct {
	// known are the flags that the program has.
	known    []GhFlag
	flags    map[string][]string
	operands []string
	// unknown is true where a flag was met that is not among the known ones.
	unknown bool
	// strange are those flags, as they are written.
	strange []string
	// unlisted is true where one of these may have a value.
	unlisted bool
}

// lookup returns what was given by a name: a long flag without dashes,
// several values joined by commas, or "arg:N" for the N-th operand.
func (w words) lookup(name string) (string, bool) {
	if number, ok := strings.CutPrefix(name, "arg:"); ok {
		i, err := strconv.Atoi(number)
		if err != nil || i < 1 || i > len(w.operands) {
			return "", false
		}
		return w.operands[i-1], true
	}
	values, ok := w.flags[name]
	return strings.Join(values, ","), ok
}

// getter answers a condition's questions: what is given by a name, whether
// that is known, and whether it is given at all. With known and set false it
// may be given or not.
type getter func(name string) (text string, known, set bool)

// getter returns the getter over the words. Where hidden is true, flags that
// are not seen may be there all the same.
func (w words) getter(hidden bool) getter {
	return func(name string) (string, bool, bool) {
		text, set := w.lookup(name)
		if !set {
			return "", !hidden || strings.HasPrefix(name, "arg:") || name == GhClosing, false
		}
		if w.open(name, text) {
			return "true" + Either + "false", true, true
		}
		return text, !value.HasPlaceholder(text), true
	}
}

// holds evaluates a condition. Something that is given counts as given also
// where its value is not known, and a value that is known in part matches a
// pattern that its known part matches. A flag with the value "false" counts
// as not given; one that takes no value may be given or not where what is joined
// to it is not known.
func (get getter) holds(c Condition) Truth {
	truth := Yes
	for _, t := range c {
		truth = min(truth, get.term(t))
	}
	return truth
}

func (get getter) term(t Term) Truth {
	text, known, set := t.given(get)
	if known && !t.Written && strings.Contains(text, Either) {
		return ofEither(text, func(one string) Truth {
			return getter(func(string) (string, bool, bool) { return one, true, set }).term(t)
		})
	}
	matches := false
	switch {
	case !known && !set:
		return Maybe
	case t.Written:
		matches = set
	case t.Values == nil:
		matches = set && (!known || text != "" && text != "false")
	case !set:
		matches = slices.ContainsFunc(t.Values, func(v string) bool { return matchValue(v, "") })
	default:
		matches = slices.ContainsFunc(t.Values, func(v string) bool { return matchValue(v, text) })
		if !matches && !known {
			return Maybe
		}
	}
	if matches != t.Not {
		return Yes
	}
	return No
}

// open tells whether it is the value of something given that leaves a
// condition open, and not a flag that may or may not be there.
func (get getter) open(c Condition) bool {
	return slices.ContainsFunc(c, func(t Term) bool {
		_, _, set := t.given(get)
		outside := strings.HasPrefix(t.Name, "env:") || strings.HasPrefix(t.Name, "@")
		return (set || outside) && get.term(t) == Maybe
	})
}

// configured tells whether a condition asks for what a configuration says.
func configured(c Condition) bool {
	return slices.ContainsFunc(c, func(t Term) bool { return strings.HasPrefix(t.Name, "@config") || strings.HasPrefix(t.Name, "@others") })
}

// apply applies rows in order. It is not certain where the value of
// something given decides and is not known: the needs, operations and events
// that it may add are in the effect then, its answer and reasons are not. Where
// these and the target are the same either way, that says all there is to say. Of
// a configuration that cannot be read, events are not taken to be caused: that
// would say for sure what is open.
// Words that may hide flags make it uncertain only where such a flag could
// make the answer worse; what they could add is not in it.
func (get getter) apply(rows []effectRow) (effect Effect, certain bool) {
	certain = true
	for _, r := range rows {
		switch truth := get.holds(r.when); {
		case truth == Yes && r.mode == modeAdd:
			effect = effect.join(r.effect)
		case truth == Yes:
			effect, certain = r.effect, true
		case truth == Maybe && get.open(r.when):
			either := !configured(r.when) && r.differsLittle(effect)
			if certain = certain && either; either || r.mode == modeAdd {
				may := Effect{Operations: r.effect.Operations, Needs: r.effect.Needs, Events: r.effect.Events}
				if configured(r.when) {
					may.Events = nil
				}
				effect = effect.join(may)
			}
		case truth == Maybe:
			certain = certain && effect.Answer.Worse(r.effect.Answer) == effect.Answer
		}
	}
	return effect, certain
}

// differsLittle tells whether the effect with a row and the one without it
// are the same but for needs, operations and events, so that those of both
// together are the most that there can be.
func (r effectRow) differsLittle(e Effect) bool {
	alike := r.effect.Answer == e.Answer && slices.Equal(r.effect.Reasons, e.Reasons) || r.mode == modeAdd && r.effect.Answer == "" && len(r.effect.Reasons) == 0
	return alike && slices.Equal(r.effect.Scopes, e.Scopes) && len(r.effect.MayNeed) == 0 && (r.effect.Target == e.Target || r.mode == modeAdd && r.effect.Target == "")
}

// join returns what e and f do together. Where f has a target of its own it
// becomes a case.
func (e Effect) join(f Effect) Effect {
	if f.Target != "" && f.Target != e.Target {
		e.Cases = append(slices.Clip(e.Cases), Case{Effect: f})
		return e
	}
	if f.Note != "" && !strings.Contains(e.Note, f.Note) {
		e.Note = strings.TrimSpace(e.Note + " " + f.Note)
	}
	return e.And(f)
}

// resolve puts what was given in the place of references ("flag:--head|main",
// "arg:1", "registry:arg:1"). Attributes that refer to something not given
// are left out.
func (w words) resolve(e Effect) Effect {
	if target := w.resolveTarget(e.Target); target != "" || !w.unlisted || !strings.HasPrefix(e.Target, "flag:") {
		e.Target = target
	} else {
		// Another flag may name it.
		e.Target = "unknown"
	}
	e.Events = slices.Clone(e.Events)
	for i, event := range e.Events {
		e.Events[i].Attributes = nil
		for name, reference := range event.Attributes {
			if text, ok := w.resolveReference(reference); ok {
				if e.Events[i].Attributes == nil {
					e.Events[i].Attributes = map[string]string{}
				}
				e.Events[i].Attributes[name] = text
			}
		}
	}
	e.Cases = slices.Clone(e.Cases)
	for i, c := range e.Cases {
		e.Cases[i].Effect = w.resolve(c.Effect)
	}
	return e
}

// resolveTarget resolves a target, which may also be "registry:" with a
// reference, "tap:" with one to the short name of a tap of Homebrew, "download:"
// with one to a repository whose release is installed, "remote:" with one to a
// remote of git, or an owner and a name ("flag:--owner/flag:--repo") of which both
// must be given.
func (w words) resolveTarget(target string) string {
	registry, isRegistry := strings.CutPrefix(target, "registry:")
	if isRegistry {
		text, _ := w.resolveReference(registry)
		return "registry:" + text
	}
	for _, kind := range []string{"tap:", "download:", "remote:"} {
		if of, ok := strings.CutPrefix(target, kind); ok {
			if text, _ := w.resolveReference(of); text != "" {
				return kind + text
			}
			return ""
		}
	}
	owner, name, both := strings.Cut(target, "/flag:")
	text, ok := w.resolveReference(owner)
	if both {
		repo, given := w.resolveReference("flag:" + name)
		if !ok || !given {
			return ""
		}
		return text + "/" + repo
	}
	return text
}

// resolveReference returns what a reference refers to, or the text itself
// where it is none. It is not ok where nothing is given and there is nothing
// to take instead.
func (w words) resolveReference(reference string) (string, bool) {
	name, instead, fallback := strings.Cut(reference, "|")
	flag, isFlag := strings.CutPrefix(name, "flag:--")
	if isFlag {
		name = flag
	} else if !strings.HasPrefix(name, "arg:") {
		return reference, reference != ""
	}
	if text, ok := w.lookup(name); ok && text != "" {
		return text, true
	}
	return instead, fallback
}
