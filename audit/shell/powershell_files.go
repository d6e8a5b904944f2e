package shell

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// fileCommands are the programs that do what the cmdlets do which copy, move and
// remove files.
var fileCommands = map[string]string{
	"copy-item": "cp", "copy": "cp", "move-item": "mv", "move": "mv", "rename-item": "mv", "remove-item": "rm", "del": "rm",
}

// moveFiles runs a cmdlet that copies, moves or removes files as the program that
// does the same; ok is false for others.
func (p *posh) moveFiles(c *call, name string, a named) (ok bool) {
	program, ok := fileCommands[name]
	if !ok {
		return false
	}
	d := *c
	d.args = []value.Value{value.Text(program)}
	if _, deep := a.get(-1, "recurse"); deep && program != "mv" {
		d.args = append(d.args, value.Text("-r"))
	}
	place := 1
	if w, given := a.get(0, "path", "literalpath"); given && (p.i.in == nil || len(a.rest) > 1 || program == "rm") {
		place = a.place(1, "path", "literalpath")
		d.args = append(d.args, w.paths()...)
	} else if p.i.in != nil {
		place = 0
		d.args = append(d.args, p.i.in.item())
	}
	if program != "rm" {
		to, given := a.get(place, "destination", "newname")
		if !given {
			to.value = value.Text(".")
		}
		target := slashes(to.value)
		if at := d.args[len(d.args)-1]; name == "rename-item" {
			if n := strings.LastIndexByte(at.LiteralOr(""), '/'); n >= 0 {
				target = value.Concat(value.Text(at.LiteralOr("")[:n+1]), target)
			}
		}
		d.args = append(d.args, target)
	}
	if program == "rm" {
		removed(p.i, &d)
	} else {
		copied(p.i, &d)
	}
	return true
}

// paths are the paths that a word names, one or a list of them.
func (w word) paths() (out []value.Value) {
	out = []value.Value{w.value}
	if w.thing.isList && !w.thing.isHash {
		out = variable{list: w.thing.list}.values()
	}
	for n := range out {
		out[n] = slashes(out[n])
	}
	return out
}

// listing begins the source of the output of a cmdlet that lists files.
const listing = "$(Get-ChildItem"

// filesListed tells whether a value stands for the files that a cmdlet lists, or for one
// of them.
func filesListed(v value.Value) bool {
	v = trimNewlines(v)
	return len(v) == 1 && strings.HasPrefix(v[0].Unknown, listing)
}

// pathMembers are the members of a listed file that name it from wherever it is asked.
var pathMembers = map[string]bool{"fullname": true, "pspath": true}

// listFiles prints what Get-ChildItem lists: its source tells what that is.
func (p *posh) listFiles(c *call) {
	source := listing
	for _, v := range c.args[1:] {
		source += " " + slashes(v).String()
	}
	p.i.out.write(value.Concat(value.Unknown(oneLine(source, maxOrigin)+")"), value.Text("\n")))
}

// filtered prints those of the files that are listed which a cmdlet lets through; ok is
// false where it is given others.
func (p *posh) filtered(c *call) (ok bool) {
	if p.i.in == nil || !filesListed(p.i.in.value) {
		return false
	}
	inner := strings.TrimSuffix(trimNewlines(p.i.in.value)[0].Unknown, ")")
	p.i.out.write(value.Concat(value.Unknown(oneLine(inner+" | "+p.i.source(c.start, c.end), maxOrigin)+")"), value.Text("\n")))
	return true
}
