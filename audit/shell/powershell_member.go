package shell

import (
	"regexp"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// typed takes [Type]::Member(…), or a cast, which changes nothing.
func (p *posh) typed(start int) thing {
	p.balanced()
	if p.has("::") {
		p.skip(2)
		name := p.bareword()
		typeName := strings.ToLower(p.s[start+1 : max(start+1, p.pos-len(name)-3)])
		if p.peek() != '(' {
			return p.members(plain(value.Unknown(p.i.source(start, p.pos))), start)
		}
		args := p.arguments()
		return p.members(p.static(typeName, strings.ToLower(name), args, start), start)
	}
	typeName := strings.ToLower(p.s[start:p.pos])
	p.blank(false)
	if strings.IndexByte("\n;|)}=,", p.peek()) >= 0 || p.peek() == 0 {
		return plain(value.Unknown(p.i.source(start, p.pos)))
	}
	at := p.pos
	t := p.operand()
	if typeName == "[ref]" && p.s[at] == '$' {
		// Who gets the reference may set the variable.
		end := p.pos
		p.pos = at
		if name := p.variableName(); name != "" {
			p.setVariable(name, plain(value.Opaque("$"+name, t.text())))
		}
		p.pos = end
	}
	return t
}

// static calls a method of a type, if it is one that scripts use to write
// files and variables; else what is made of the arguments is unknown.
func (p *posh) static(typeName, method string, args []element, start int) thing {
	values := variable{list: args}.values()
	switch {
	case strings.HasSuffix(typeName, "file") && len(args) >= 2:
		switch method {
		case "writealltext", "writealllines", "appendalltext", "appendalllines":
			to := Redirect{Path: slashes(values[0]), Append: strings.HasPrefix(method, "append")}
			p.noteWrite(values[1], to, start)
			p.i.write(to.Path, values[1], to.Append)
			return thing{}
		}
	case strings.HasSuffix(typeName, "environment") && method == "setenvironmentvariable" && len(args) >= 2:
		p.setEnvironment(values)
		return thing{}
	case strings.HasSuffix(typeName, "environment") && method == "getenvironmentvariable" && len(args) >= 1:
		if name, ok := values[0].Literal(); ok {
			return p.variable("env:" + name)
		}
	case method == "new" && holders.MatchString(typeName):
		t := thing{isList: true, isHash: !strings.Contains(typeName, "list")}
		if len(args) == 1 && !isNumber(values[0].LiteralOr("")) || len(args) > 1 {
			return plain(value.Opaque(p.i.source(start, p.pos), values...))
		}
		return t
	case strings.HasSuffix(typeName, "path") && method == "combine":
		var all []value.Value
		for n, v := range values {
			if n > 0 {
				all = append(all, value.Text("/"))
			}
			all = append(all, v)
		}
		return plain(value.Concat(all...))
	case method == "escapedatastring" || method == "urlencode":
		return plain(join(values))
	}
	return plain(value.Opaque(p.i.source(start, p.pos), values...))
}

// holders are the types of lists and tables that begin empty.
var holders = regexp.MustCompile(`(?:\blist(?:\[.*\])?|arraylist|hashtable|\bdictionary(?:\[.*\])?|ordereddictionary)$`)

// setEnvironment sets a variable of the environment. One of the user or of the machine
// is not seen by what the script starts.
func (p *posh) setEnvironment(values []value.Value) {
	w := word{value: values[1]}
	if len(values) > 2 {
		target := strings.ToLower(values[2].String())
		switch target = target[strings.LastIndex(target, ":")+1:]; target {
		case "user", "machine":
			return
		case "process":
		default:
			w.value = choose("…", p.itemValue("env", values[0]), w.value)
		}
	}
	p.putItem("env", values[0], w)
}

// arguments takes (a, b) of a method: a list that is the only one gives its elements.
func (p *posh) arguments() []element {
	p.skip(1)
	var all []thing
	for p.pos < len(p.s) && p.i.step(p.pos) {
		p.blank(true)
		at := p.pos
		p.skipDefault()
		if p.pos > at {
			q := &posh{i: p.i, s: p.s[:p.pos], pos: at}
			all = append(all, q.expression())
		}
		if p.peek() != ',' {
			break
		}
		p.skip(1)
	}
	if p.peek() == ')' {
		p.skip(1)
	}
	if len(all) == 1 {
		return all[0].elements()
	}
	var out []element
	for _, t := range all[:min(len(all), maxWords)] {
		out = append(out, t.element(""))
	}
	return out
}

// members takes .Name, .Method(…) and [index] after an operand.
func (p *posh) members(t thing, start int) thing {
	for {
		switch c := p.peek(); {
		case c == '.' && isNameByte(p.at(1)):
			p.skip(1)
			name := p.bareword()
			if u, ok := p.eachOf(t, strings.ToLower(name), start); ok {
				t = u
				continue
			}
			if p.peek() == '(' {
				at := p.pos
				args := p.arguments()
				t = p.changed(t, name, args, start, at)
				t = p.method(t, name, args, start)
				continue
			}
			t = p.member(t, name, start)
		case p.has("::"):
			p.skip(2)
			t = p.ofType(t, start)
		case c == '[' && start < p.pos:
			p.skip(1)
			p.blank(true)
			key := p.expression()
			p.blank(true)
			if p.peek() == ']' {
				p.skip(1)
			}
			t = p.indexed(t, key.text(), start)
		case c == '+' && p.at(1) == '+', c == '-' && p.at(1) == '-':
			p.skip(2)
		default:
			return t
		}
		if !p.i.step(p.pos) {
			p.pos = len(p.s)
			return t
		}
	}
}

// ofType takes a member of a type that a variable holds.
func (p *posh) ofType(t thing, start int) thing {
	name := strings.ToLower(p.bareword())
	from := []value.Value{t.text()}
	if p.peek() == '(' {
		args := variable{list: p.arguments()}.values()
		if from = append(from, args...); name == "setenvironmentvariable" && len(args) > 1 {
			p.setEnvironment(args)
		}
	}
	return plain(value.Opaque(p.i.source(start, p.pos), from...))
}

// member returns an element of a list or hash table by index or name.
func (p *posh) member(t thing, name string, start int) thing {
	source := p.i.source(start, p.pos)
	if t.isHash {
		for _, e := range t.list {
			if strings.EqualFold(e.key, name) && e.maybe {
				return plain(choose(source, nil, e.value))
			} else if strings.EqualFold(e.key, name) {
				return e.thing()
			}
		}
		return plain(value.Opaque(source, t.text()))
	}
	if pathMembers[strings.ToLower(name)] && filesListed(t.value) {
		return plain(trimNewlines(t.value))
	}
	return plain(value.Opaque(source, t.text()))
}

// indexed returns an element of a list by its number, or of a hash table by its
// name; where that is not known, any of them.
func (p *posh) indexed(t thing, key value.Value, start int) thing {
	name, known := key.Literal()
	number, err := strconv.Atoi(name)
	if t.isHash && known || !t.isList || known && err != nil {
		return p.member(t, name, start)
	}
	source := p.i.source(start, p.pos)
	all := variable{list: t.list}
	values, unsure := all.values(), false
	if _, unsure = all.sure(); !unsure && !t.isHash && known {
		if number < 0 {
			number += len(values)
		}
		if number >= 0 && number < len(values) {
			return t.list[number].thing()
		}
	}
	if len(values) == 0 || len(values) > maxChoices {
		return plain(value.Opaque(source, t.text()))
	}
	return plain(choose(source, values...))
}

// split cuts a value at a separator that is no letter, where all pieces are known.
func split(v, separator value.Value, source string) (thing, bool) {
	s, known := separator.Literal()
	if !known || len(s) != 1 || strings.ToUpper(s) != strings.ToLower(s) || v.HoldsCredential() || len(v.Alternatives()) > 1 {
		return thing{}, false
	}
	pieces, sure := v.Split(s, maxWords, source)
	if sure < len(pieces) || len(pieces) >= maxWords {
		return thing{}, false
	}
	t := thing{isList: true}
	for _, piece := range pieces {
		t.list = append(t.list, element{value: piece})
	}
	return t, true
}

// method calls a method of a value.
func (p *posh) method(t thing, name string, args []element, start int) thing {
	source := p.i.source(start, p.pos)
	v := t.text()
	values := variable{list: args}.values()
	switch name = strings.ToLower(name); name {
	case "tostring":
		return plain(v)
	case "trim", "trimend", "trimstart":
		characters, known := " \t\r\n", true
		if len(values) > 0 {
			characters, known = join(values).Literal()
		}
		if known && characters != "" {
			return plain(v.Trim(characters, name != "trimend", name != "trimstart", source))
		}
	case "tolower", "tolowerinvariant":
		return plain(recase(v, syntax.LowerAll, source))
	case "toupper", "toupperinvariant":
		return plain(recase(v, syntax.UpperAll, source))
	case "split":
		if len(values) == 1 {
			if t, ok := split(v, values[0], source); ok {
				return t
			}
		}
	case "replace":
		if len(values) == 2 {
			if s, ok := values[0].Literal(); ok && s != "" {
				return plain(bounded(v.Replace(s, values[1], true, source), source))
			}
		}
	}
	for _, a := range values {
		if p.s[start] == '$' && a.HoldsCredential() {
			// $client.Headers.Add("Authorization", …) is a use of the token.
			callee, _, _ := strings.Cut(source, "(")
			p.i.emit(&call{args: append([]value.Value{value.Text(callee)}, values...), start: start, end: p.pos})
			break
		}
	}
	return plain(value.Opaque(source, append([]value.Value{v}, values...)...))
}
