package shell

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// poshParameter is one that a function or a script has. What it is where a call
// gives none stands in a text from one place to another.
type poshParameter struct {
	name     string // in lower case
	source   string
	isSwitch bool
	from, to int
	// aliases are its other names, in lower case; position is where it stands among
	// the words that name none, if a place is given, and rest says that it takes all
	// that are left of them.
	aliases  []string
	position int
	rest     bool
	// described says that it has an attribute, as those of cmdlets have.
	described bool
}

// parameters takes (…), in which the parameters of a function or a script stand.
func (p *posh) parameters() []poshParameter {
	var out []poshParameter
	param := unplaced
	for p.skip(1); p.pos < len(p.s); {
		p.blank(true)
		switch c := p.peek(); {
		case c == ')':
			p.skip(1)
			return out
		case c == '[':
			from := p.pos
			param.describe(p.s[from:p.balanced()])
		case c == '$':
			param.source = p.variableName()
			param.name = strings.ToLower(param.source)
			if p.blank(true); p.peek() == '=' {
				p.skip(1)
				p.blank(true)
				param.from = p.pos
				p.skipDefault()
				param.to = p.pos
			}
			if param.name != "" {
				out = append(out, param)
			} else {
				p.skip(1)
			}
			param = unplaced
		default:
			p.skip(1)
		}
	}
	return out
}

// unplaced is a parameter of which nothing is said.
var unplaced = poshParameter{position: math.MaxInt}

// describe takes in what a type or an attribute in front of a parameter says.
func (param *poshParameter) describe(text string) {
	text = strings.ToLower(text)
	switch {
	case text == "[switch]" || text == "[switchparameter]":
		param.isSwitch = true
	case aliasAttribute.MatchString(text):
		for _, m := range quotedName.FindAllStringSubmatch(text, -1) {
			param.aliases = append(param.aliases, m[1])
		}
	case parameterAttribute.MatchString(text):
		param.described = true
		if m := positionGiven.FindStringSubmatch(text); m != nil {
			param.position, _ = strconv.Atoi(m[1])
		}
		param.rest = param.rest || strings.Contains(text, "valuefromremainingarguments")
	}
}

var (
	aliasAttribute     = regexp.MustCompile(`^\[\s*alias\s*\(`)
	parameterAttribute = regexp.MustCompile(`^\[\s*parameter\s*\(`)
	quotedName         = regexp.MustCompile(`['"](\w+)['"]`)
	positionGiven      = regexp.MustCompile(`\bposition\s*=\s*(\d{1,3})\b`)
)

// skipDefault goes past what a parameter is where a call gives none.
func (p *posh) skipDefault() {
	for p.pos < len(p.s) {
		switch c := p.peek(); c {
		case ',', ')':
			return
		case '\'', '"':
			p.skipString(c)
		case '(', '[', '{':
			p.balanced()
		default:
			p.skip(1)
		}
	}
}

// cmdletBinding matches the attribute of functions and scripts that are cmdlets.
var cmdletBinding = regexp.MustCompile(`(?i)\[\s*cmdletbinding\b`)

// isCmdlet tells whether a function has the parameters that all cmdlets have: others
// take their names for words like any. It is wrong for a plain function beside a cmdlet.
func (f *poshFunction) isCmdlet() bool {
	return len(f.params) > 0 && (cmdletBinding.MatchString(f.text.source) || slices.ContainsFunc(f.params, func(param poshParameter) bool { return param.described }))
}

// bind gives the parameters of a function or a script the words of a call: by name,
// or the rest in order. What the call does not give has its default.
func (p *posh) bind(f *poshFunction, words []word) {
	bound, given := map[string]bool{}, thing{isList: true, isHash: true}
	set := func(name string, t thing) {
		bound[name] = true
		given.list = append(given.list, t.element(name))
		p.setVariable(name, t)
	}
	rest, unsure := p.bindNamed(f, words, set)
	_, defaults := p.i.st.lookup(p.scopeKey("PSDefaultParameterValues"))
	unsure = unsure || defaults || words == nil
	for _, param := range f.placed() {
		switch {
		case bound[param.name] || len(rest) == 0:
		case param.rest:
			set(param.name, listOf(rest))
			rest = nil
		default:
			set(param.name, rest[0].given())
			rest = rest[1:]
		}
	}
	for _, param := range f.params {
		if !bound[param.name] {
			p.setVariable(param.name, p.unbound(param, words, unsure))
		}
	}
	all := listOf(rest)
	if unsure {
		all = plain(value.Opaque("$args", valuesOf(words)...))
		given = plain(value.Opaque("$PSBoundParameters", valuesOf(words)...))
	}
	p.setVariable("args", all)
	p.setVariable("PSBoundParameters", given)
	if p.i.in != nil {
		p.setVariable("_", plain(p.i.in.item()))
		p.setVariable("input", plain(p.i.in.value))
	}
}

// unbound is what a parameter is that a call is not seen to give; unsure says that
// it may all the same, by any of its words.
func (p *posh) unbound(param poshParameter, words []word, unsure bool) thing {
	t := thing{}
	if param.isSwitch {
		t = plain(value.Text("false"))
	}
	if param.to > param.from {
		q := &posh{i: p.i, s: p.s[:param.to], pos: param.from}
		t = q.expression()
	}
	if unsure || p.i.in != nil && !param.isSwitch {
		t = plain(value.Opaque("$"+param.source, valuesOf(words)...))
	}
	return t
}

// placed are the parameters that words without a name go to, in order: those that
// are given a place, where any is, else all.
func (f *poshFunction) placed() []poshParameter {
	out := slices.DeleteFunc(slices.Clone(f.params), func(param poshParameter) bool { return param.isSwitch })
	slices.SortStableFunc(out, func(a, b poshParameter) int { return cmp.Compare(a.position, b.position) })
	if n := slices.IndexFunc(out, func(param poshParameter) bool { return param.position == math.MaxInt }); n > 0 {
		rest := slices.DeleteFunc(slices.Clone(out[n:]), func(param poshParameter) bool { return !param.rest })
		return append(out[:n:n], rest...)
	}
	return out
}

// listOf is a list of words.
func listOf(words []word) thing {
	t := thing{isList: true}
	for _, w := range words {
		t.list = append(t.list, w.given().element(""))
	}
	return t
}

// valuesOf are the values of words.
func valuesOf(words []word) (out []value.Value) {
	for _, w := range words {
		out = append(out, w.value)
	}
	return out
}

// given is what a word gives to a parameter.
func (w word) given() thing {
	if w.thing.isList || w.thing.block != nil {
		return w.thing
	}
	return plain(w.value)
}

// commonParameters are those that every cmdlet has, and every function that says it
// is one, with whether a value follows.
// Source: https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_commonparameters
var commonParameters = map[string]bool{
	"debug": false, "db": false, "verbose": false, "vb": false, "whatif": false, "wi": false, "confirm": false, "cf": false,
	"erroraction": true, "ea": true, "warningaction": true, "wa": true, "informationaction": true, "infa": true, "progressaction": true, "proga": true,
	"errorvariable": true, "ev": true, "warningvariable": true, "wv": true, "informationvariable": true, "iv": true,
	"outvariable": true, "ov": true, "outbuffer": true, "ob": true, "pipelinevariable": true, "pv": true,
}

// bindNamed binds the words that name a parameter, and returns the others; unsure
// says that there may be more.
func (p *posh) bindNamed(f *poshFunction, words []word, set func(string, thing)) (rest []word, unsure bool) {
	for n := 0; n < len(words); n++ {
		w := words[n]
		switch {
		case w.splat != nil && w.thing.isHash:
			unsure = p.bindTable(f, w.thing, set) || unsure
			continue
		case w.splat != nil:
			for _, v := range w.splat {
				rest = append(rest, word{value: v})
			}
			continue
		case w.loose:
			unsure = true
			continue
		}
		name, inline, isNamed := w.named()
		param, ok := f.parameter(name)
		valued, common := commonParameters[name]
		follows := n+1 < len(words) && !words[n+1].isNamed()
		switch {
		case isNamed && !ok && common && f.isCmdlet():
			if valued && follows && len(inline) == 0 {
				n++
			}
		case isNamed && !ok && len(f.params) > 0:
			// Which one it is is not known, nor whether the next word is its value.
			unsure = true
			if follows && len(inline) == 0 {
				n++
			}
		case !isNamed || !ok:
			rest = append(rest, w)
		case len(inline) > 0:
			set(param.name, plain(inline))
		case param.isSwitch:
			set(param.name, plain(value.Text("true")))
		case n+1 < len(words):
			n++
			set(param.name, words[n].given())
		}
	}
	if unsure {
		rest = nil // which of them goes where is not known
	}
	return rest, unsure
}

// bindTable binds the entries of a table that is splatted; unsure says that there
// may be more.
func (p *posh) bindTable(f *poshFunction, table thing, set func(string, thing)) (unsure bool) {
	for _, e := range table.list {
		name := strings.ToLower(e.key)
		param, ok := f.parameter(name)
		_, common := commonParameters[name]
		switch {
		case ok && !e.maybe:
			set(param.name, e.thing())
		case ok || !common:
			unsure = true
		}
	}
	return unsure
}

// parameter finds a parameter by its name, which may be cut short.
func (f *poshFunction) parameter(name string) (poshParameter, bool) {
	if name == "" {
		return poshParameter{}, false
	}
	for _, param := range f.params {
		if param.name == name || slices.Contains(param.aliases, name) {
			return param, true
		}
	}
	for _, param := range f.params {
		if strings.HasPrefix(param.name, name) {
			return param, true
		}
	}
	return poshParameter{}, false
}
