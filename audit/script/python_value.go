package script

import (
	"cmp"
	"slices"

	"github.com/patrol-actions/patrol/audit/value"
)

// resolve returns what a name may hold.
func (p *python) resolve(t pyToken) pyValue { return p.resolveKey(p.home(t), t.text) }

// resolveKey returns what the name of a key may hold. What was found is kept,
// unless it was cut short because it leads back to what is being asked for:
// of a text that is no credential, the unknown part in it says as much.
func (p *python) resolveKey(key, name string) pyValue {
	if v, ok := p.known[key]; ok {
		return v
	}
	if p.depth > maxPythonDepth || p.steps > maxPythonSteps {
		if p.suspects[key] {
			p.unreadOnce(0, "leads too far to be followed")
		}
		return pyValue{text: value.Unknown(name)}
	}
	p.depth++
	defer func() { p.depth-- }()
	at, before := len(p.resolving), p.lowest
	p.lowest = at
	v := p.joined(key, name)
	if p.lowest >= at || !p.suspects[key] {
		p.known[key] = v
	}
	p.lowest = min(before, p.lowest)
	return v
}

// joined is everything that the name of a key is bound to.
func (p *python) joined(key, name string) pyValue {
	var texts []value.Value
	out := pyValue{}
	for i, tokens := range p.loops[key] {
		if v, ok := p.assigned(key, -1-i, tokens); ok && v.object != nil {
			element := *v.object
			element.list = false
			out.object = out.object.joined(&element)
			continue
		} else if ok && len(v.lists) == 1 && !v.spread && len(v.text) == 0 && len(v.lists[0]) > 0 && len(v.lists[0]) <= maxPythonWords {
			texts = append(texts, v.lists[0]...)
			continue
		}
		texts = append(texts, value.Unknown(name))
	}
	for i, tokens := range p.bindings[key] {
		if pyNextPage(tokens) && len(p.bindings[key]) > 1 {
			continue
		}
		v, ok := p.assigned(key, i, tokens)
		if !ok {
			v = pyValue{text: value.Unknown(name)}
		}
		out.object = out.object.joined(v.object)
		if len(tokens) > 0 && p.changed.removed[&tokens[0]] {
			out.remove(v, p.changed.sure[&tokens[0]])
			continue
		}
		if sure, entry := p.entered(tokens); entry {
			out.put(v, sure)
			continue
		}
		out.either(v)
		if out.lists = append(out.lists, v.lists...); len(out.lists) > maxPythonLists {
			out.lists, v.lists = nil, nil
			texts = append(texts, value.Unknown("one of many lists"))
		}
		out.spread = out.spread || v.spread
		out.environ = cmp.Or(out.environ, v.environ)
		if v.plain() {
			texts = append(texts, v.text)
		}
	}
	if len(p.changed.grown[key]) > 0 && out.lists == nil {
		texts = append(texts, value.Unknown(name)) // a text, or a number, to which more is added
	}
	p.grow(key, &out)
	if p.unsettled(key) {
		out.open = out.members != nil || out.environ != nil
		if out.lists != nil {
			texts = append(texts, value.Unknown(name))
			for _, list := range out.lists {
				for _, c := range value.Concat(list...).Credentials() {
					texts = append(texts, value.Of(c))
				}
			}
			out.lists = nil
		}
	}
	if p.loose[key] || len(p.bindings[key])+len(p.loops[key]) == 0 {
		texts = append(texts, value.Unknown(name))
	}
	if len(texts) > 0 {
		out.text = value.Choice(texts...)
	}
	return out
}

// entered tells whether what a name is bound to is put into its dictionary, and
// whether that is sure.
func (p *python) entered(tokens []pyToken) (sure, entry bool) {
	if len(tokens) == 0 {
		return false, false
	}
	sure, entry = p.changed.sure[&tokens[0]]
	return sure, entry
}

// remove takes the members of another dictionary away.
func (v *pyValue) remove(w pyValue, sure bool) {
	for key := range w.members {
		if _, have := v.members[key]; !have {
			continue
		}
		v.doubt(key)
		if sure {
			delete(v.members, key)
			delete(v.perhaps, key)
		}
	}
}

// grow adds to the lists of a name what is added to them.
func (p *python) grow(key string, out *pyValue) {
	one := len(out.lists) == 1
	for _, g := range p.changed.grown[key] {
		if out.lists == nil {
			return
		}
		before, same := out.lists, !g.sure
		v, ok, is := p.listed(g.added)
		if last := len(before) - 1; one && same && len(before)*(1+len(v.lists)) > maxPythonLists/2 {
			// Where there are many, it stands behind none of the others, and behind all.
			out.lists = [][]value.Value{before[0], before[last]}
		}
		if !ok || !is || !out.append(v) || len(before)+len(out.lists) > maxPythonLists {
			p.changed.lost[key] = true
			return
		}
		if same {
			out.lists = slices.Concat(before, out.lists)
		}
	}
}

// pyNextPage recognises the address of the next page, which an answer names:
// that is of the same route.
func pyNextPage(tokens []pyToken) bool {
	links, next := false, false
	for _, t := range tokens {
		links = links || t.kind == 'n' && t.text == "links"
		next = next || t.kind == 's' && t.text == "next"
	}
	return links && next
}

// pyBinding is one of the things that a name is bound to.
type pyBinding struct {
	key string
	at  int
}

// assigned reads an expression that a name is bound to. Of one that leads back
// to itself (a = f(a)), nothing is known the second time: what else the name
// is bound to counts there.
func (p *python) assigned(key string, at int, tokens []pyToken) (v pyValue, ok bool) {
	b := pyBinding{key, at}
	if n, again := p.resolving[b]; again {
		p.lowest = min(p.lowest, n)
		return pyValue{}, false
	}
	if len(tokens) == 0 {
		return pyValue{}, false
	}
	p.resolving[b] = len(p.resolving)
	defer delete(p.resolving, b)
	return p.expression(tokens)
}

// pyValue is a text, a dictionary of texts, a list of texts, or an object of a
// client.
type pyValue struct {
	text    value.Value
	members map[string]value.Value
	// lists are those that it may be; spread tells that one thing in them may be
	// several, or none.
	lists  [][]value.Value
	spread bool
	object *pyObject
	// environ tells that it is the environment, with members beside it.
	environ *value.Env
	// perhaps are the members that need not be there, and open tells that there may
	// be others, and others in their place.
	perhaps map[string]bool
	open    bool
}

// plain tells whether it is nothing but a text.
func (v pyValue) plain() bool {
	return v.members == nil && v.lists == nil && v.object == nil && v.environ == nil
}

// either lets v be a dictionary that another one is as well: what is not in both
// need not be there.
func (v *pyValue) either(w pyValue) {
	v.open = v.open || w.open
	if w.members == nil {
		return
	}
	first := v.members == nil
	for key := range v.members {
		if _, have := w.members[key]; !have {
			v.doubt(key)
		}
	}
	for key := range w.members {
		if _, have := v.members[key]; !have && !first || w.perhaps[key] {
			v.doubt(key)
		}
	}
	v.enter(w.members)
}

// doubt says that a member need not be there.
func (v *pyValue) doubt(key string) {
	if v.perhaps == nil {
		v.perhaps = map[string]bool{}
	}
	v.perhaps[key] = true
}

// enter puts entries beside those that a dictionary has.
func (v *pyValue) enter(members map[string]value.Value) {
	if members == nil {
		return
	}
	if v.members == nil {
		v.members = map[string]value.Value{}
	}
	for key, member := range members {
		if old, have := v.members[key]; have {
			member = value.Choice(old, member)
		}
		v.members[key] = member
	}
}

// put puts entries into a dictionary: in place of those that it has where that is
// sure, and else beside them.
func (v *pyValue) put(w pyValue, sure bool) {
	v.open = v.open || w.open
	for key := range w.members {
		_, have := v.members[key]
		switch {
		case sure && !w.perhaps[key]:
			delete(v.members, key)
			delete(v.perhaps, key)
		case !have:
			v.doubt(key)
		}
	}
	v.enter(w.members)
}

// arguments are the members as a call is given them: what need not be there may be
// anything.
func (v pyValue) arguments() map[string]value.Value {
	out := map[string]value.Value{}
	for key, member := range v.members {
		if v.perhaps[key] || v.open || len(v.text) > 0 {
			member = value.Choice(member, value.Unknown(key))
		}
		out[key] = member
	}
	return out
}

func (v pyValue) holds() bool {
	if v.text.HoldsCredential() || v.object != nil && v.object.holds() || v.environ.HoldsCredential() {
		return true
	}
	for _, list := range v.lists {
		if value.Concat(list...).HoldsCredential() {
			return true
		}
	}
	for _, member := range v.members {
		if member.HoldsCredential() {
			return true
		}
	}
	return false
}
