package shell

import (
	"strings"
)

// assignment takes $x = …; it returns false where none stands here.
func (p *posh) assignment() bool {
	for p.peek() == '[' {
		p.balanced()
		p.blank(false)
	}
	var names []string
	var members []string
	for {
		name := p.variableName()
		if name == "" {
			return false
		}
		names = append(names, name)
		members = append(members, p.memberName())
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
		return false
	}
	outer := p.i.captured
	p.i.captured = strings.TrimPrefix(names[0], "env:")
	t := p.pipelineValue()
	p.i.captured = outer
	p.assign(names, members, op, t)
	return true
}

// memberName takes .Name or ['Name'] after a variable that is assigned to.
func (p *posh) memberName() string {
	start := p.pos
	for {
		switch {
		case p.peek() == '.' && isNameByte(p.at(1)):
			p.skip(1)
			p.bareword()
		case p.peek() == '[':
			p.balanced()
		default:
			return strings.Trim(p.s[start:p.pos], `.["']`)
		}
	}
}

// assign sets what stands left of an equals sign.
func (p *posh) assign(names, members []string, op byte, t thing) {
	for n, name := range names {
		v := t
		if len(names) > 1 {
			v = plain(opaque("$"+name, t.text()))
			if list := t.elements(); t.isList && n < len(list) {
				v = plain(list[n].value)
			}
		}
		old := p.variable(name)
		switch {
		case members[n] != "":
			old.isList, old.isHash = true, true
			list := append([]element(nil), old.list...)
			p.setVariable(name, thing{isList: true, isHash: true, list: setElement(list, members[n], v.text())})
			continue
		case op == '+' && !isSum(old, v):
			v = add(old, v)
		case op == '?':
			v = plain(choose("$"+name, old.text(), v.text()))
		case op != '=':
			v = plain(opaque("$"+name, old.text(), v.text()))
		}
		p.setVariable(name, v)
	}
}
