package shell

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// copiers are the programs that copy files, by cp's words.
var copiers = []string{"cp", "mv", "install"}

// printer returns how a program's output follows from its words and what it
// reads, for the programs that scripts handle text with.
func printer(name string) func(*interp, *call) {
	switch name {
	case "echo":
		return echo
	case "printf":
		return printf
	case "printenv":
		return printenv
	case "cat":
		return cat
	case "tee":
		return tee
	case "tr":
		return tr
	case "cut":
		return cut
	case "basename":
		return basename
	case "dirname":
		return dirname
	case "realpath", "readlink":
		return realPath
	case "jq":
		return jq
	case "yq":
		return yq
	case "rm":
		return removed
	}
	if slices.Contains(copiers, name) {
		return copied
	}
	if rules.Filters.Has(name) {
		return filter
	}
	return nil
}

// cutsTemplate matches the scripts of sed that cut a template off.
var cutsTemplate = regexp.MustCompile(`^s/(?:\{\?name,label\}|\{\.\*\$?)//g?$`)

// prints reports a command whose output is known, and prints it.
func (i *interp) prints(c *call, v value.Value) {
	i.emit(c)
	i.say(v)
}

// say prints.
func (i *interp) say(v value.Value) {
	if i.out == nil {
		i.log(v)
		return
	}
	i.out.write(v)
}

// input returns what the command reads.
func (i *interp) input(c *call) value.Value {
	if i.in == nil {
		return value.Unknown("$(" + i.source(c.start, c.end) + ")")
	}
	return i.in.value
}

func echo(i *interp, c *call) {
	args := c.args[1:]
	newline, escapes := true, false
	for len(args) > 0 {
		s := args[0].LiteralOr("")
		if len(s) < 2 || s[0] != '-' || strings.Trim(s[1:], "neE") != "" {
			break
		}
		newline = newline && !strings.Contains(s, "n")
		escapes = escapes || strings.Contains(s, "e")
		args = args[1:]
	}
	v := join(args)
	if escapes {
		v = mapText(v, ansiC)
	}
	if newline {
		v = value.Concat(v, value.Text("\n"))
	}
	i.prints(c, v)
}

// printenv prints the variables of the environment that its words name. What it
// prints is not known where it names none, or one that is only known when it runs.
func printenv(i *interp, c *call) {
	env := i.environment(c)
	var out value.Value
	named := false
	for _, a := range c.args[1:] {
		name, known := a.Literal()
		if !known {
			i.emit(c)
			i.printed(c)
			return
		}
		if strings.HasPrefix(name, "-") {
			continue
		}
		named = true
		if v, set := env.Lookup(name); set {
			out = value.Concat(out, v, value.Text("\n"))
		} else {
			out = value.Concat(out, value.Unknown("$"+name))
		}
	}
	if !named {
		i.prints(c, i.allVariables(env))
		return
	}
	i.prints(c, out)
}

// mapText changes the literal text of a value.
func mapText(v value.Value, f func(string) string) value.Value {
	var out []value.Value
	for _, p := range v {
		if p.Text != "" {
			out = append(out, value.Text(f(p.Text)))
		} else {
			out = append(out, value.Value{p})
		}
	}
	return value.Concat(out...)
}

func printf(i *interp, c *call) {
	args := c.args[1:]
	if len(args) > 1 && args[0].LiteralOr("") == "-v" {
		if name := args[1].LiteralOr(""); syntax.ValidName(name) && len(args) > 2 {
			i.st.set(name, variable{value: format(args[2], args[3:])})
		} else {
			i.names(args[1])
		}
		return
	}
	if len(args) > 0 && args[0].LiteralOr("") == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		i.emit(c)
		return
	}
	i.prints(c, format(args[0], args[1:]))
}

// format puts values into the format of printf, again and again until all
// are used.
func format(f value.Value, args []value.Value) value.Value {
	m := f.Mask()
	text := ansiC(m.Text)
	var out []value.Value
	for range maxWords {
		used := 0
		rest := text
		for rest != "" {
			n := strings.IndexByte(rest, '%')
			if n < 0 || n+1 >= len(rest) {
				out = append(out, m.Table.Value(rest))
				break
			}
			out = append(out, m.Table.Value(rest[:n]))
			rest = rest[n+1:]
			if rest[0] == '%' {
				out = append(out, value.Text("%"))
				rest = rest[1:]
				continue
			}
			rest = strings.TrimLeft(rest, "-+ #0123456789.*")
			if rest == "" {
				break
			}
			if used < len(args) {
				v := args[used]
				if rest[0] == 'b' {
					v = mapText(v, ansiC)
				}
				out = append(out, v)
			}
			used, rest = used+1, rest[1:]
		}
		if used == 0 || used >= len(args) {
			break
		}
		args = args[used:]
	}
	return bounded(value.Concat(out...), "…")
}

func cat(i *interp, c *call) {
	words := operands(c.args)
	if len(words) == 0 {
		words = []value.Value{value.Text("-")}
	}
	var out []value.Value
	for _, w := range words {
		switch v, ok := i.file(w); {
		case w.LiteralOr("") == "-":
			if i.in == nil {
				i.emit(c)
				i.printed(c)
				return
			}
			out = append(out, i.in.value)
		case ok:
			out = append(out, v)
		case i.settingsBeside(w) != nil:
			out = append(out, i.settingsBeside(w))
		default:
			i.emit(c)
			i.printed(c, out...)
			return
		}
	}
	i.prints(c, bounded(value.Concat(out...), "…"))
}

func tee(i *interp, c *call) {
	add := false
	for _, a := range c.args[1:] {
		s := a.LiteralOr("")
		add = add || isFlags(s) && strings.Contains(s, "a") || s == "--append"
	}
	content := i.input(c)
	d := *c
	for _, w := range operands(c.args) {
		d.output = append(d.output[:len(d.output):len(d.output)], Redirect{Path: w, Append: add})
	}
	i.prints(&d, content)
	for _, w := range operands(c.args) {
		i.write(w, content, add)
	}
}

// filter keeps the credentials in what a program reads and is given.
func filter(i *interp, c *call) {
	if last := c.args[len(c.args)-1].LiteralOr(""); i.in != nil && isTemplate(trimNewline(i.in.value)) && cutsTemplate.MatchString(last) {
		i.prints(c, i.in.value)
		return
	}
	if v, ok := i.variablesLeft(c); ok {
		i.prints(c, v)
		return
	}
	i.emit(c)
	from := c.args[1:]
	if i.in != nil {
		if name, ok := FileOf(i.in.value); ok && len(operands(c.args)) == 0 && i.out != nil {
			// What it prints is named after the file that it reads.
			i.out.partial = true
			i.out.write(value.Concat(value.Opaque("$("+i.source(c.start, c.end)+" < "+name+")", from...), value.Text("\n")))
			return
		}
		from = append([]value.Value{i.in.value}, from...)
	}
	for _, w := range operands(c.args) {
		if v, ok := i.file(w); ok {
			from = append(from[:len(from):len(from)], v)
		}
	}
	i.printed(c, from...)
}

// tr changes the case of what it reads, or deletes quotes and newlines, or
// is a filter like any other.
func tr(i *interp, c *call) {
	if i.in == nil || len(c.args) != 3 {
		filter(i, c)
		return
	}
	from, to := c.args[1].LiteralOr(""), c.args[2].LiteralOr("")
	in := i.in.value
	switch {
	case isUpper(from) && isLower(to):
		i.prints(c, recase(in, syntax.LowerAll, "$("+i.source(c.start, c.end)+")"))
	case isLower(from) && isUpper(to):
		i.prints(c, recase(in, syntax.UpperAll, "$("+i.source(c.start, c.end)+")"))
	case from == "-d" && strings.Trim(ansiC(to), "\r\n\"'") == "":
		drop := ansiC(to)
		i.prints(c, mapText(in, func(s string) string {
			return strings.Map(func(r rune) rune {
				if strings.ContainsRune(drop, r) {
					return -1
				}
				return r
			}, s)
		}))
	default:
		filter(i, c)
	}
}

func isUpper(s string) bool { return s == "A-Z" || s == "[:upper:]" || s == "[A-Z]" }
func isLower(s string) bool { return s == "a-z" || s == "[:lower:]" || s == "[a-z]" }

// cut takes a repository apart at its slash: cut -d/ -f1.
func cut(i *interp, c *call) {
	var words []string
	for _, a := range c.args[1:] {
		words = append(words, a.LiteralOr("?"))
	}
	flags := strings.Join(words, "")
	if i.in != nil && isTemplate(trimNewline(i.in.value)) && (flags == "-d{-f1" || flags == "-f1-d{") {
		i.prints(c, i.in.value)
		return
	}
	if i.in != nil && strings.Contains(flags, "-d/") {
		in := trimNewline(i.in.value)
		first, second := strings.HasSuffix(flags, "-f1") || strings.HasPrefix(flags, "-f1-"),
			strings.HasSuffix(flags, "-f2") || strings.HasPrefix(flags, "-f2-")
		switch {
		case in.IsContext("github.repository") && first:
			i.prints(c, value.Concat(value.Context("github.repository_owner"), value.Text("\n")))
			return
		case in.IsContext("github.repository") && second:
			i.prints(c, value.Concat(value.Context("github.event.repository.name"), value.Text("\n")))
			return
		}
	}
	filter(i, c)
}

func basename(i *interp, c *call) {
	words := operands(c.args)
	if len(words) == 1 {
		if s, ok := words[0].Literal(); ok {
			i.prints(c, value.Text(path.Base(s)+"\n"))
			return
		}
		if words[0].IsContext("github.repository") {
			i.prints(c, value.Concat(value.Context("github.event.repository.name"), value.Text("\n")))
			return
		}
	}
	filter(i, c)
}

func dirname(i *interp, c *call) {
	words := operands(c.args)
	if len(words) == 1 {
		if s, ok := words[0].Literal(); ok {
			i.prints(c, value.Text(path.Dir(s)+"\n"))
			return
		}
		if words[0].IsContext("github.repository") {
			i.prints(c, value.Concat(value.Context("github.repository_owner"), value.Text("\n")))
			return
		}
		if words[0].IsPathLike() {
			m := words[0].Mask()
			i.prints(c, value.Concat(m.Table.Value(path.Dir(m.Text)), value.Text("\n")))
			return
		}
	}
	filter(i, c)
}

// realPath prints a path from the root. A link is taken for what it is called:
// that is wrong for scripts that are started by a link from another folder.
func realPath(i *interp, c *call) {
	words := operands(c.args)
	if len(words) == 1 {
		if name, ok := Join(i.st.dir, words[0]).Literal(); ok && !strings.HasPrefix(name, "..") && !strings.HasPrefix(name, "~") {
			i.prints(c, value.Concat(absolute(name), value.Text("\n")))
			return
		}
	}
	filter(i, c)
}
