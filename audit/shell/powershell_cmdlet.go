package shell

import (
	"path"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// invoke runs a cmdlet that changes the script's state, a function of the
// script, or a program.
func (p *posh) invoke(c *call, words []word) {
	i := p.i
	name := strings.ToLower(c.args[0].LiteralOr(""))
	for _, f := range i.poshFuncs {
		if f.name == name && name != "" {
			i.runPosh(f, words[1:])
			return
		}
	}
	a := arguments(words)
	switch name {
	case "":
		i.emit(c)
		i.printed(c)
	case "set-location", "cd", "chdir", "sl", "push-location", "pushd":
		p.location(name, a)
	case "pop-location", "popd":
		popd(i, c)
	case "write-host", "write-output", "write-information", "echo", "write":
		p.write(c, a)
	case "add-content", "ac", "set-content", "out-file", "tee-object", "tee", "new-item", "ni":
		p.writeFile(c, name, a)
	case "get-content", "gc", "cat", "type":
		p.readFile(c, a)
	case "set-item", "set-variable", "sv", "new-variable", "remove-item", "remove-variable":
		p.setItem(c, name, a)
	case "start-process", "saps":
		p.startProcess(c, a)
	case "invoke-expression", "iex":
		p.evaluate(c, a)
	case "foreach-object", "%", "foreach", "measure-command", "out-null", "out-host", "import-module",
		"set-strictmode", "start-sleep", "write-error", "write-warning", "write-verbose", "write-debug":
	case "where-object", "?", "where", "sort-object", "sort", "get-unique", "gu", "select-object", "select":
		i.printed(c, i.input(c))
		i.handOn(a, strings.HasPrefix(name, "select"))
	case "out-string", "out-default":
		i.out.write(i.input(c))
	case "join-path":
		p.joinPath(a)
	default:
		p.execute(c, name)
	}
}

// joinPath prints what Join-Path does.
func (p *posh) joinPath(a named) {
	position := 1
	parent, ok := a.params["path"]
	if ok {
		position = 0
	} else {
		parent, _ = a.get(0)
	}
	child, _ := a.get(position, "childpath")
	p.i.out.write(value.Concat(parent.value, value.Text("/"), child.value, value.Text("\n")))
}

// execute runs a program, or a cmdlet of which nothing is known here.
func (p *posh) execute(c *call, name string) {
	i := p.i
	base := strings.TrimSuffix(path.Base(strings.ReplaceAll(name, `\`, "/")), ".exe")
	if i.startsPosh(base, c) {
		return
	}
	if text, ok := commandText(c.args, "/c", "/k", "/s"); ok && base == "cmd" && hasText(text) {
		i.innerBatch(text, c)
		return
	}
	if shells[base] && i.shell(c) {
		return
	}
	if _, ok := rules.WrapperOf(base); ok && base != "command" {
		if d, ok := i.unwrap(base, c); ok && len(d.args) > 0 {
			if c = d; c.dir != nil {
				i.within(c)
				return
			}
		}
	}
	quiet := rules.QuietCmdlet(name)
	if !quiet {
		i.emit(c)
	}
	if quiet || rules.Filters.Has(base) {
		from := c.args[1:]
		if i.in != nil {
			from = append([]value.Value{i.in.value}, from...)
		}
		i.printed(c, from...)
		return
	}
	i.printed(c)
}

// startsPosh reads the text that PowerShell is started with; ok is false where
// the program is another one, or is given a file.
func (i *interp) startsPosh(base string, c *call) (ok bool) {
	if base != "pwsh" && base != "powershell" {
		return false
	}
	text, ok := commandText(c.args, "-c", "-command")
	if ok = ok && hasText(text); ok {
		i.innerPosh(text, c)
	}
	return ok
}

// commandText returns the words after a flag, joined.
func commandText(args []value.Value, flags ...string) (value.Value, bool) {
	for n, v := range args {
		s := strings.ToLower(v.LiteralOr(""))
		for _, f := range flags {
			if n > 0 && s == f && n+1 < len(args) {
				return join(args[n+1:]), true
			}
		}
	}
	return nil, false
}

// named are the words of a cmdlet, sorted by parameter.
type named struct {
	params map[string]word
	rest   []word
}

// switches are parameters without a value.
var switches = map[string]bool{
	"append": true, "force": true, "nonewline": true, "passthru": true, "wait": true, "nonewwindow": true,
	"confirm": true, "recurse": true, "raw": true, "verbose": true, "whatif": true, "noprofile": true,
	"usebasicparsing": true, "asplaintext": true, "skipcertificatecheck": true,
}

// arguments sorts the words of a cmdlet. A parameter's name may be cut
// short, as long as it is clear which one is meant.
func arguments(words []word) named {
	a := named{params: map[string]word{}}
	for n := 1; n < len(words); n++ {
		name := words[n].parameter()
		switch {
		case name == "":
			if words[n].thing.isHash {
				for _, e := range words[n].thing.list {
					a.params[strings.ToLower(e.key)] = word{value: e.value}
				}
				continue
			}
			a.rest = append(a.rest, words[n])
		case switches[name] || n+1 >= len(words) || words[n+1].parameter() != "":
			a.params[name] = word{value: value.Text("true")}
		default:
			n++
			a.params[name] = words[n]
		}
	}
	return a
}

// get returns a parameter by one of its names, or the n-th other word.
func (a named) get(n int, names ...string) (word, bool) {
	for _, name := range names {
		if w, ok := a.params[name]; ok {
			return w, true
		}
	}
	if n >= 0 && n < len(a.rest) {
		return a.rest[n], true
	}
	return word{}, false
}

// location changes the folder.
func (p *posh) location(name string, a named) {
	st := p.i.st
	if strings.HasPrefix(name, "push") && len(st.stack) < maxWords {
		st.stack = append(st.stack[:len(st.stack):len(st.stack)], st.dir)
	}
	w, ok := a.get(0, "path", "literalpath", "p")
	if !ok {
		return
	}
	if w.value.LiteralOr("") == "-" {
		st.dir, st.oldDir = st.oldDir, st.dir
		return
	}
	st.oldDir = st.dir
	st.dir = Join(st.dir, slashes(w.value))
}

// slashes turns backslashes around.
func slashes(v value.Value) value.Value {
	return mapText(v, func(s string) string { return strings.ReplaceAll(s, `\`, "/") })
}

// write prints: each word on its own line, but for Write-Host.
func (p *posh) write(c *call, a named) {
	words := a.rest
	if w, ok := a.get(-1, "object", "inputobject", "messagedata"); ok {
		words = append([]word{w}, words...)
	}
	sep := "\n"
	if strings.EqualFold(c.args[0].LiteralOr(""), "write-host") {
		sep = " "
	}
	var all []value.Value
	for n, w := range words {
		if n > 0 {
			all = append(all, value.Text(sep))
		}
		all = append(all, w.value)
	}
	if len(words) == 0 && p.i.in != nil {
		all = append(all, trimNewline(p.i.in.value))
	}
	p.i.prints(c, bounded(value.Concat(append(all, value.Text("\n"))...), "…"))
}

// writeFile writes a file: Out-File, Add-Content and their like.
func (p *posh) writeFile(c *call, name string, a named) {
	i := p.i
	if w, ok := a.params["variable"]; ok {
		i.emit(c)
		p.setVariable(w.value.LiteralOr(""), plain(trimNewline(i.input(c))))
		i.out.write(i.input(c))
		return
	}
	target, ok := a.get(0, "filepath", "path", "literalpath", "file", "outfile")
	if !ok {
		i.emit(c)
		return
	}
	var content value.Value
	position := 1
	if _, named := a.get(-1, "filepath", "path", "literalpath"); named {
		position = 0
	}
	w, ok := a.get(position, "value", "inputobject", "v")
	switch {
	case ok:
		content = value.Concat(w.value, value.Text("\n"))
	case name == "new-item" || name == "ni":
		i.emit(c)
		return
	default:
		content = i.input(c)
	}
	_, add := a.params["append"]
	if _, short := a.params["a"]; short {
		add = true
	}
	add = add || name == "add-content" || name == "ac"
	d := *c
	d.output = append(d.output[:len(d.output):len(d.output)], Redirect{Path: target.value, Append: add})
	i.emit(&d)
	i.write(slashes(target.value), content, add)
	if name == "tee-object" || name == "tee" {
		i.out.write(content)
	}
}

// readFile prints a file.
func (p *posh) readFile(c *call, a named) {
	p.i.emit(c)
	if w, ok := a.get(0, "path", "literalpath"); ok {
		if v, ok := p.i.file(slashes(w.value)); ok {
			p.i.out.write(v)
			return
		}
	}
	p.i.printed(c)
}

// setItem sets or removes a variable, or one of the environment (Env:X).
func (p *posh) setItem(c *call, name string, a named) {
	target, _ := a.get(0, "path", "name", "literalpath", "n")
	s := target.value.LiteralOr("")
	isEnv := len(s) > 4 && strings.EqualFold(s[:4], "env:")
	if isEnv {
		s = "env:" + strings.TrimLeft(s[4:], `\/`)
	}
	switch {
	case strings.HasSuffix(name, "-item") && !isEnv:
		p.i.emit(c)
	case strings.HasPrefix(name, "remove"):
		p.setVariable(s, thing{})
	default:
		w, _ := a.get(1, "value", "v")
		p.setVariable(s, plain(w.value))
	}
}

// startProcess runs Start-Process as the program that it starts.
func (p *posh) startProcess(c *call, a named) {
	program, ok := a.get(0, "filepath", "file")
	if !ok {
		p.i.emit(c)
		return
	}
	d := *c
	d.args = []value.Value{program.value}
	if w, ok := a.get(1, "argumentlist", "args", "arg"); ok {
		if w.thing.isList && !w.thing.isHash {
			d.args = append(d.args, variable{list: w.thing.list}.values()...)
		} else {
			var f fields
			f.split(w.value)
			f.end()
			d.args = append(d.args, f.words...)
		}
	}
	p.execute(&d, strings.ToLower(program.value.LiteralOr("")))
}

// evaluate reads the text of Invoke-Expression as a script.
func (p *posh) evaluate(c *call, a named) {
	v := value.Value(nil)
	if w, ok := a.get(0, "command"); ok {
		v = w.value
	} else if p.i.in != nil {
		v = p.i.in.value
	}
	if !hasText(v) {
		p.i.emit(c)
		p.i.printed(c)
		return
	}
	p.i.innerPosh(v, c)
}
