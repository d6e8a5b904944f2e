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
	if f := words[0].thing.block; f != nil {
		i.runPosh(f, words[1:], c.sourced)
		return
	}
	name := strings.ToLower(c.args[0].LiteralOr(""))
	if target, ok := i.st.lookup(aliasKey + name); ok && name != "" {
		i.alias(target.value, name, func(v value.Value) {
			own := *c
			own.args = append([]value.Value{v}, c.args[1:]...)
			p.call(&own, words)
		})
		return
	}
	p.call(c, words)
}

// alias calls a command by each of the names that an alias may stand for.
func (i *interp) alias(target value.Value, name string, call func(value.Value)) {
	var walks []func()
	for w := range target.EachAlternative() {
		if len(w) == 0 {
			w = value.Text(name)
		}
		walks = append(walks, func() { call(w) })
	}
	if len(walks) == 1 {
		walks[0]()
		return
	}
	i.guarded(func() { i.alternatives(false, walks...) })
}

// call is invoke for a name that is no alias of the script.
func (p *posh) call(c *call, words []word) {
	name := strings.ToLower(c.args[0].LiteralOr(""))
	if list, orNone := p.i.functionsOf(name); len(list) > 0 && !c.program {
		var orElse func()
		if orNone {
			orElse = func() { p.cmdlet(c, words) }
		}
		p.i.callPosh(list, words[1:], c.sourced, orElse)
		return
	}
	p.cmdlet(c, words)
}

// cmdlet runs a cmdlet that changes the script's state, or a program.
func (p *posh) cmdlet(c *call, words []word) {
	i := p.i
	name := cmdletName(c.args[0].LiteralOr(""))
	for _, w := range words[1:] {
		if w.thing.block != nil {
			p.handed(w.thing.block, name)
		}
	}
	a := arguments(words)
	p.outVariables(a)
	switch name {
	case "":
		i.emit(c)
		i.printed(c)
	case "set-location", "cd", "chdir", "push-location", "pushd":
		p.location(name, a)
	case "pop-location", "popd":
		popd(i, c)
	case "write-host", "write-output", "write-information", "echo", "write":
		p.write(c, a)
	case "add-content", "set-content", "out-file", "tee-object", "tee", "new-item":
		if !p.setItem(name, a) {
			p.writeFile(c, name, a)
		}
	case "get-content", "cat", "type":
		p.readFile(c, a)
	case "set-item", "remove-item", "clear-item", "clear-content", "copy-item", "move-item", "rename-item", "rm", "del", "cp", "mv", "copy", "move":
		if !p.setItem(name, a) && !p.moveFiles(c, name, a) {
			p.execute(c, name, words)
		}
	case "set-variable", "new-variable", "clear-variable", "remove-variable", "set":
		p.setNamed(name, a)
	case "get-variable":
		p.getNamed(c, a)
	case "add-member":
		p.addMember(a)
		i.printed(c, i.input(c))
	case "set-alias", "new-alias", "sal", "nal":
		p.setAlias(a)
	case "start-process", "saps", "start":
		p.startProcess(c, a)
	case "invoke-expression", "iex":
		p.evaluate(c, a)
	case "foreach-object", "%", "foreach":
		// By the name of a member, and not by a block.
		if w, ok := a.get(0, "membername"); ok && hasText(w.value) && w.thing.block == nil {
			i.printed(c, i.input(c))
		}
	case "measure-command", "out-null", "out-host",
		"set-strictmode", "start-sleep", "write-error", "write-warning", "write-verbose", "write-debug":
	case "get-childitem", "dir":
		p.listFiles(c)
	case "where-object", "?", "where", "sort-object", "sort", "get-unique", "gu", "select-object", "select":
		if p.filtered(c) {
			return
		}
		i.printed(c, i.input(c))
		i.handOn(a, strings.HasPrefix(name, "select"))
	case "out-string", "out-default":
		i.out.write(i.input(c))
	case "join-path":
		p.joinPath(a)
	case "import-module":
		p.importModule(c, a)
	default:
		p.execute(c, name, words)
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
	path := value.Concat(parent.value, value.Text("/"), child.value)
	more, ok := a.get(-1, "additionalchildpath")
	if ok || len(a.rest) > position+1 {
		for _, w := range append([]word{more}, a.rest[min(position+1, len(a.rest)):]...) {
			path = value.Concat(path, value.Text("/"), w.value)
		}
		// Of more parts it is put together for a folder of GitHub's alone: the many files
		// that scripts load so would be read for each of their calls.
		if !strings.HasPrefix(strings.TrimLeft(path.String(), "./"), "github") {
			path = value.Opaque("…", path)
		}
	}
	p.i.out.write(value.Concat(path, value.Text("\n")))
}

// importModule reads a module of the checkout as a script that is read into this one.
// What its manifest names is not looked for, and its variables are not kept apart.
func (p *posh) importModule(c *call, a named) {
	w, _ := a.get(0, "name", "fullyqualifiedname")
	own := *c
	own.args = []value.Value{slashes(w.value)}
	if !strings.HasSuffix(strings.ToLower(own.args[0].Mask().Text), ".psm1") || p.i.read == nil {
		return
	}
	if _, there := p.i.readNow(own.args[0]); there {
		p.i.emit(&own)
		p.i.definedPosh(&own, nil)
	}
}

// execute runs a program, or a cmdlet of which nothing is known here, which the
// script calls with words.
func (p *posh) execute(c *call, name string, words []word) {
	i := p.i
	if text, ok := strings.CutSuffix(c.args[0].LiteralOr(""), ".EXE"); ok {
		c.args = append([]value.Value{value.Text(strings.ToLower(text))}, c.args[1:]...)
	}
	c.args = append(c.args[:len(c.args):len(c.args)], p.defaults(name)...)
	base := strings.TrimSuffix(path.Base(strings.ReplaceAll(name, `\`, "/")), ".exe")
	if strings.HasSuffix(base, ".ps1") && words != nil {
		c.given = p.given(words[1:])
		defer i.ranPosh(c, words[1:])
	}
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

// defaults are the parameters that the script gives to each call of a cmdlet, by
// $PSDefaultParameterValues.
func (p *posh) defaults(cmdlet string) []value.Value {
	var out []value.Value
	t, _ := p.i.st.lookup(p.scopeKey("PSDefaultParameterValues"))
	for _, e := range t.list {
		if of, name, ok := strings.Cut(strings.ToLower(e.key), ":"); ok && (of == cmdlet || strings.Contains(of, "*")) {
			out = append(out, value.Text("-"+name), e.value)
		}
	}
	return out
}

// startsPosh reads the text that PowerShell is started with; ok is false where
// the program is another one, or is given a file.
func (i *interp) startsPosh(base string, c *call) (ok bool) {
	if base != "pwsh" && base != "powershell" {
		return false
	}
	text, ok := commandText(c.args, "-c", "-co", "-com", "-comm", "-comma", "-comman", "-command")
	if ok = ok && hasText(text); ok {
		i.child(c, func() { i.innerPosh(text, c) })
	}
	return ok
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
		if content = w.value; w.thing.isList && !w.thing.isHash {
			content = joinLines(variable{list: w.thing.list}.values())
		}
		content = value.Concat(content, value.Text("\n"))
	case name == "new-item":
		i.emit(c)
		return
	default:
		content = i.input(c)
	}
	_, add := a.params["append"]
	if _, short := a.params["a"]; short {
		add = true
	}
	add = add || name == "add-content"
	d := *c
	d.output = append(d.output[:len(d.output):len(d.output)], Redirect{Path: slashes(target.value), Append: add})
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
		if drive, item, ok := p.item(w.value); ok && drive == "env" {
			p.i.out.write(p.variable("env:" + item.LiteralOr("")).text())
			return
		}
		if v, ok := p.i.file(slashes(w.value)); ok {
			p.i.out.write(v)
			return
		}
	}
	p.i.printed(c)
}

// startProcess runs Start-Process as the program that it starts.
func (p *posh) startProcess(c *call, a named) {
	program, ok := a.get(0, "filepath", "file")
	if !ok {
		p.i.emit(c)
		return
	}
	if table, ok := a.get(-1, "environment"); ok {
		c = p.withEnvironment(c, table)
	}
	d := *c
	d.args = []value.Value{program.value}
	if w, ok := a.get(a.place(1, "filepath"), "argumentlist", "args"); ok {
		if w.thing.isList && !w.thing.isHash {
			d.args = append(d.args, variable{list: w.thing.list}.values()...)
		} else {
			var f fields
			f.split(w.value)
			f.end()
			d.args = append(d.args, f.words...)
		}
	}
	dir := p.i.st.dir
	if to, ok := a.get(-1, "workingdirectory"); ok {
		p.i.st.dir = Join(dir, slashes(to.value))
	}
	p.execute(&d, strings.ToLower(program.value.LiteralOr("")), nil)
	p.i.st.dir = dir
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
