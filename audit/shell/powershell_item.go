package shell

import (
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// cmdletName returns the full name of a cmdlet in lower case, whichever of its names
// is given.
func cmdletName(name string) string {
	name = strings.ToLower(name)
	if module, rest, ok := strings.Cut(name, `\`); ok && strings.HasPrefix(module, "microsoft.powershell.") {
		name = rest
	}
	return rules.CmdletName(name)
}

// drives are those whose items are not files.
var drives = map[string]bool{"env": true, "variable": true, "function": true, "alias": true}

// item takes the path of an item apart that is no file: env:NAME, Variable:\name.
// The name is nil where it stands elsewhere.
func (p *posh) item(path value.Value) (drive string, name value.Value, ok bool) {
	m := path.Mask()
	text := m.Text
	if _, rest, provider := strings.Cut(text, "::"); provider && strings.Contains(strings.ToLower(text), `core\`) {
		kind, _, _ := strings.Cut(text[strings.Index(text, `\`)+1:], "::")
		text = strings.TrimSuffix(strings.ToLower(kind), "ironment") + ":" + rest
	}
	drive, rest, ok := strings.Cut(text, ":")
	if drive = strings.ToLower(drive); !ok {
		drive, rest = p.drive(), text
	}
	if !drives[drive] {
		return "", nil, false
	}
	return drive, m.Table.Value(strings.TrimLeft(rest, `\/`)), true
}

// drive is the one that the script has gone to, empty for that of the files.
func (p *posh) drive() string {
	if len(p.i.st.dir) == 0 {
		return ""
	}
	text := strings.ToLower(strings.TrimRight(p.i.st.dir[len(p.i.st.dir)-1].Text, `\/`))
	text, ok := strings.CutSuffix(text[strings.LastIndexAny(text, "/")+1:], ":")
	if !ok {
		return ""
	}
	return text
}

// setItem changes an item that is no file; ok is false where it is a file.
func (p *posh) setItem(cmdlet string, a named) (ok bool) {
	target, given := a.get(0, "path", "literalpath", "filepath")
	if !given && cmdlet != "new-item" {
		return false
	}
	drive, name, ok := p.item(target.value)
	if !ok {
		return false
	}
	before := a.place(1, "path", "literalpath", "filepath")
	v, set := a.get(before, "value", "inputobject")
	if !set && p.i.in != nil {
		v.value = trimNewline(p.i.in.value)
	}
	switch cmdlet {
	case "new-item":
		v, _ = a.get(-1, "value")
		if w, named := a.get(-1, "name"); named || len(name) == 0 {
			name = w.value
		}
	case "remove-item", "clear-item", "clear-content", "rm", "del":
		v = word{}
	case "copy-item", "move-item", "cp", "mv", "copy", "move", "rename-item":
		v.value = p.itemValue(drive, name)
		if to, _ := a.get(before, "destination", "newname"); cmdlet == "rename-item" {
			p.putItem(drive, name, word{})
			name = to.value
		} else {
			if drive, name, ok = p.item(to.value); !ok {
				return true
			}
		}
	case "add-content":
		v.value = value.Concat(p.itemValue(drive, name), v.value)
	case "tee-object", "tee":
		p.i.out.write(p.i.input(&call{}))
	}
	p.putItem(drive, name, v)
	return true
}

// itemValue is what an item holds.
func (p *posh) itemValue(drive string, name value.Value) value.Value {
	text, known := name.Literal()
	switch {
	case known && drive == "env":
		return p.variable("env:" + text).text()
	case known && drive == "variable":
		return p.variable(text).text()
	}
	return value.Unknown("$" + drive + ":" + name.String())
}

// putItem sets an item.
func (p *posh) putItem(drive string, name value.Value, w word) {
	text, known := name.Literal()
	switch {
	case drive == "alias" || drive == "function":
		// What a function is set to this way is not read.
		if v := w.value; drive == "function" {
			p.i.st.set(aliasKey+strings.ToLower(text), variable{value: value.Opaque("$function:"+text, v)})
		} else {
			p.i.st.set(aliasKey+strings.ToLower(text), variable{value: v})
		}
	case !known && drive == "env":
		p.forget(value.Concat(value.Text("env:"), name), w.value)
	case !known:
		p.forget(name, w.value)
	case drive == "env":
		p.setVariable("env:"+text, plain(w.value))
	default:
		p.setVariable(text, w.given())
	}
}

// setNamed sets or removes variables by their names.
func (p *posh) setNamed(cmdlet string, a named) {
	target, _ := a.get(0, "name")
	w, set := a.get(a.place(1, "name"), "value")
	if !set && p.i.in != nil {
		w.value = trimNewline(p.i.in.value)
	}
	if cmdlet == "clear-variable" || cmdlet == "remove-variable" {
		w = word{}
	}
	depth := p.i.poshDepth
	if scope, ok := a.get(-1, "scope"); ok {
		switch text := strings.ToLower(scope.value.LiteralOr("")); text {
		case "script":
			depth = p.i.poshBase
		case "global":
			depth = 0
		case "local", "private":
		default:
			n, err := strconv.Atoi(text)
			if depth = max(depth-n, 0); err != nil {
				p.forget(target.value, w.value)
			}
		}
	}
	names := []value.Value{target.value}
	if target.thing.isList && !target.thing.isHash {
		names = variable{list: target.thing.list}.values()
	}
	for _, name := range names {
		if text, known := name.Literal(); known && !strings.ContainsAny(text, "*?[") {
			p.i.st.set(variableKey(text, depth), w.given().variable())
		} else {
			p.forget(name, w.value)
		}
	}
}

// getNamed prints a variable.
func (p *posh) getNamed(c *call, a named) {
	target, _ := a.get(0, "name")
	_, alone := a.get(-1, "valueonly")
	if text, known := target.value.Literal(); known && alone && p.i.out != nil {
		p.i.out.write(value.Concat(p.variable(text).text(), value.Text("\n")))
		return
	}
	p.i.printed(c, target.value)
}

// setAlias gives a command another name.
func (p *posh) setAlias(a named) {
	name, _ := a.get(0, "name")
	target, _ := a.get(a.place(1, "name"), "value")
	if text, known := name.value.Literal(); known {
		p.i.st.set(aliasKey+strings.ToLower(text), variable{value: target.value})
	}
}

// takers are the short names of the parameters that name a variable to set.
var takers = map[string]bool{"ov": true, "pv": true, "ev": true, "iv": true, "wv": true, "sv": true, "rhv": true}

// outVariables makes unknown what a cmdlet is told to set beside what it prints:
// -OutVariable, -SessionVariable and their like.
func (p *posh) outVariables(a named) {
	for given, w := range a.params {
		if name, ok := w.value.Literal(); ok && (takers[given] || len(given) > len("variable") && strings.HasSuffix(given, "variable")) {
			name = strings.TrimPrefix(name, "+")
			p.setVariable(name, plain(value.Unknown("$"+name)))
		}
	}
}

// withEnvironment is a call with the variables of a table over its environment. A
// table that is not known may have the one that tells gh where to go.
func (p *posh) withEnvironment(c *call, table word) *call {
	own := *c
	own.env = map[string]value.Value{}
	if !table.thing.isHash {
		own.env["GH_REPO"] = value.Opaque("$env:GH_REPO", table.value)
	}
	for _, e := range table.thing.list {
		v := e.value
		if e.maybe {
			old, _ := p.i.st.env.Lookup(e.key)
			v = choose("$env:"+e.key, old, v)
		}
		own.env[e.key] = v
	}
	return &own
}

// addMember gives an object a member. Which one it is, is not read: all that have one
// of that name may be.
func (p *posh) addMember(a named) {
	name, ok := a.get(-1, "notepropertyname", "name")
	v, _ := a.get(0, "notepropertyvalue", "value")
	if !ok {
		name, _ = a.get(len(a.rest)-2, "")
		v, _ = a.get(len(a.rest)-1, "")
	}
	for _, key := range p.i.variables() {
		w, _ := p.i.st.lookup(key)
		if !w.hash {
			continue
		}
		if old := p.member(w.thing(), name.value.LiteralOr(""), p.pos); !isOpaque(old.value) {
			w.list = setMember(w.list, name.value.LiteralOr(""), choose("…", old.text(), v.value))
			p.i.st.set(key, w)
		}
	}
}
