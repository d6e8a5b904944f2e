package shell

import (
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// assignment takes $x = … and returns what is assigned; ok is false where none
// stands here.
func (p *posh) assignment() (t thing, ok bool) {
	for p.peek() == '[' {
		p.balanced()
		p.blank(false)
	}
	var names []string
	var members []member
	for {
		name := p.variableName()
		if name == "" {
			return thing{}, false
		}
		names = append(names, name)
		members = append(members, p.skipMember())
		p.blank(false)
		if p.peek() != ',' {
			break
		}
		p.skip(1)
		p.blank(false)
	}
	op := p.peek()
	switch {
	case op == '=':
		p.skip(1)
	case (op == '+' || op == '-' || op == '*' || op == '/') && p.at(1) == '=':
		p.skip(2)
	case p.has("??="):
		p.skip(3)
	default:
		return thing{}, false
	}
	end := p.pos
	for n := range members {
		if p.pos = members[n].at; members[n].path > 0 {
			members[n] = p.memberName()
		}
	}
	p.pos = end
	outer := p.i.captured
	p.i.captured = strings.TrimPrefix(names[0], "env:")
	t = p.pipelineValue()
	p.i.captured = outer
	p.assign(names, members, op, t)
	return t, true
}

// member is what of a variable is assigned to: the whole where it has no path. Of a
// path of several names the first one counts; key is nil where it is not known.
type member struct {
	at    int
	path  int
	key   value.Value
	exact bool
}

// skipMember goes past .Name or ['Name'].
func (p *posh) skipMember() member {
	m := member{at: p.pos}
	for ; ; m.path++ {
		switch {
		case p.peek() == '.' && isNameByte(p.at(1)):
			p.skip(1)
			p.bareword()
		case p.peek() == '.' && (p.at(1) == '\'' || p.at(1) == '"'):
			p.skip(1)
			p.skipString(p.peek())
		case p.peek() == '.' && p.at(1) == '$':
			p.skip(1)
			p.variableName()
		case p.peek() == '[':
			p.balanced()
		default:
			return m
		}
	}
}

// memberName takes .Name or ['Name'] after a variable that is assigned to.
func (p *posh) memberName() (m member) {
	for ; ; m.path++ {
		var key value.Value
		exact := true
		switch {
		case p.peek() == '.' && isNameByte(p.at(1)):
			p.skip(1)
			key = value.Text(p.bareword())
		case p.peek() == '.' && (p.at(1) == '\'' || p.at(1) == '"' || p.at(1) == '$'):
			p.skip(1)
			key = p.operand().text()
		case p.peek() == '[':
			p.skip(1)
			p.blank(true)
			key = p.expression().text()
			if p.blank(true); p.peek() == ']' {
				p.skip(1)
			}
		default:
			return m
		}
		if _, known := key.Literal(); m.path == 0 {
			m.key, m.exact = key, exact && known
		}
	}
}

// assign sets what stands left of an equals sign.
func (p *posh) assign(names []string, members []member, op byte, t thing) {
	for n, name := range names {
		v := t
		if len(names) > 1 {
			v = plain(value.Opaque("$"+name, t.text()))
			if list := t.elements(); t.isList && n < len(list) && !t.isOpen() {
				v = plain(list[n].value)
			}
		}
		old := p.variable(name)
		switch {
		case members[n].path > 0:
			if !old.isHash || members[n].path > 1 {
				p.loseTables()
			}
			old = p.variable(name)
			p.mutate(name, old, old.with(members[n], op, v))
			continue
		case op == '+' && !isSum(old, v):
			v = add(old, v)
		case op == '?':
			v = plain(choose("$"+name, old.text(), v.text()))
		case op != '=':
			v = plain(value.Opaque("$"+name, old.text(), v.text()))
		}
		if v.isList && v.object == 0 {
			p.i.objects++
			v.object = p.i.objects
		}
		p.setVariable(name, v)
	}
}

// with returns a list or a table of which a member is set.
func (t thing) with(m member, op byte, v thing) thing {
	set := v.text()
	if op != '=' || m.path > 1 {
		set = value.Opaque("…", t.text(), set)
	}
	key := m.key.LiteralOr("")
	switch number, err := strconv.Atoi(key); {
	case !m.exact, !t.isList && err == nil, m.path > 1 && !slices.ContainsFunc(t.list, func(e element) bool { return strings.EqualFold(e.key, key) }):
		return plain(value.Opaque("$…", t.text(), set))
	case t.isList && !t.isHash:
		if _, more := (variable{list: t.list}).sure(); more || err != nil {
			return plain(value.Opaque("$…", t.text(), set))
		}
		if number < 0 {
			number += len(t.list)
		}
		t.list = slices.Clone(t.list)
		if number >= 0 && number < len(t.list) {
			t.list[number].value = set
		}
	default:
		t.isList, t.isHash = true, true
		t.list = setMember(t.list, key, set)
	}
	return t
}

// setMember sets an element of a table by its name, whatever its case.
func setMember(list []element, key string, v value.Value) []element {
	for _, e := range list {
		if strings.EqualFold(e.key, key) {
			key = e.key
		}
	}
	list = slices.DeleteFunc(slices.Clone(list), func(e element) bool { return e.key == key && e.maybe })
	return setElement(list, key, v)
}

// mutate changes a list or a table, which other variables may hold as well.
func (p *posh) mutate(name string, old, changed thing) {
	if old.object == 0 {
		p.setVariable(name, changed)
		return
	}
	if !changed.isList {
		changed.object = 0
	}
	for _, key := range p.i.variables() {
		v, _ := p.i.st.lookup(key)
		if v.object != old.object && !slices.ContainsFunc(v.list, old.isElement) {
			continue
		}
		if v.object == old.object {
			v = changed.variable()
		}
		v.list = slices.Clone(v.list)
		for n, e := range v.list {
			if old.isElement(e) {
				v.list[n] = changed.element(e.key)
				v.list[n].maybe = e.maybe
			}
		}
		p.i.st.set(key, v)
	}
}

// loseTables says that a table may have changed of which it is not known which one it
// is: of those that stand in lists or in other tables, any.
func (p *posh) loseTables() {
	held, names := map[int]bool{}, p.i.variables()
	for _, key := range names {
		v, _ := p.i.st.lookup(key)
		if !slices.ContainsFunc(v.list, func(e element) bool { return e.of != nil }) {
			continue
		}
		v.list = slices.Clone(v.list)
		for n, e := range v.list {
			if e.of != nil {
				held[e.of.object] = true
				v.list[n].of = nil
			}
		}
		p.i.st.set(key, v)
	}
	for _, key := range names {
		if v, _ := p.i.st.lookup(key); v.hash && held[v.object] {
			p.i.st.set(key, variable{value: value.Opaque("$"+key, v.thing().text())})
		}
	}
}

// isElement tells whether an element is the very object that t is.
func (t thing) isElement(e element) bool { return e.of != nil && e.of.object == t.object }

// readers are methods of lists and tables that change nothing.
var readers = map[string]bool{
	"contains": true, "containskey": true, "containsvalue": true, "indexof": true, "getenumerator": true, "clone": true, "toarray": true,
	"gettype": true, "tostring": true, "join": true, "foreach": true, "where": true, "copyto": true, "count": true, "exists": true, "find": true,
	"trim": true, "split": true, "replace": true, "tolower": true, "toupper": true, "startswith": true, "endswith": true, "equals": true, "getlength": true,
}

// changed is a list or a table after a method of it, which is called behind a
// variable: what the variable holds from then on.
func (p *posh) changed(t thing, method string, args []element, start, end int) thing {
	method = strings.ToLower(method)
	source := p.s[start:end]
	if p.s[start] == '$' && strings.Contains(strings.ToLower(source), "psvariable") && method == "set" && len(args) > 1 {
		p.putItem("variable", args[0].value, word{value: args[1].value})
		return t
	}
	q := &posh{i: p.i, s: source}
	name := q.variableName()
	if !t.isList && (method == "add" || method == "set_item" || method == "remove" || method == "clear") {
		p.loseTables()
	}
	if !t.isList || name == "" || readers[method] {
		return t
	}
	whole := q.pos+1+len(method) == len(source)
	out := t
	switch {
	case whole && method == "add" && t.isHash && len(args) == 2 && known(args[0].value):
		out.list = setMember(t.list, args[0].value.LiteralOr(""), args[1].value)
	case whole && method == "add" && !t.isHash && len(args) == 1:
		out.list = append(slices.Clip(t.list), args[0])
	case whole && method == "addrange" && !t.isHash:
		out.list = append(slices.Clip(t.list), args...)
	case whole && method == "remove" && t.isHash && len(args) == 1 && known(args[0].value):
		key := args[0].value.LiteralOr("")
		out.list = slices.DeleteFunc(slices.Clone(t.list), func(e element) bool { return strings.EqualFold(e.key, key) })
	case whole && method == "clear":
		out.list = nil
	default:
		out = plain(value.Opaque("$"+name, t.text(), joinValues(args)))
	}
	p.mutate(name, t, out)
	return t
}

func joinValues(list []element) value.Value { return join(variable{list: list}.values()) }
