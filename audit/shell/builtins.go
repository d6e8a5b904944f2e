package shell

import (
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// builtin returns what a command does that changes the shell or is there
// for its exit status. Such are no programs, and are not reported.
func builtin(name string) func(*interp, *call) {
	switch name {
	case ":", "true", "false", "[", "test", "wait", "umask", "ulimit", "alias", "unalias",
		"hash", "type", "jobs", "disown", "bg", "fg", "setopt", "compgen", "complete", "bind", "enable":
		return func(*interp, *call) {}
	case "exit", "return":
		return leave
	case "break", "continue":
		return leaveRound
	case "cd", "chdir":
		return chdir
	case "pushd":
		return pushd
	case "popd":
		return popd
	case "unset":
		return unset
	case "set":
		return set
	case "shopt":
		return shopt
	case "shift":
		return shift
	case "getopts":
		return getopts
	case "read":
		return readLine
	case "mapfile", "readarray":
		return readArray
	case "trap":
		return trap
	case "eval":
		return eval
	case "source", ".":
		return source
	case "pwd":
		return func(i *interp, _ *call) { i.say(value.Concat(i.here(), value.Text("\n"))) }
	}
	return nil
}

func itoa(n int) string { return strconv.Itoa(n) }

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// leave ends the shell or the function.
func leave(i *interp, c *call) {
	i.st.dead = true
	if len(c.args) > 1 && c.args[1].LiteralOr("") != "0" {
		return
	}
	switch {
	case c.args[0].LiteralOr("") == "return" && len(i.calls) > 0:
		i.returned = true
		i.scope()
	case i.shells > 0:
		i.scope()
	default:
		i.ended = true
	}
}

// operands returns the words after the program that are no flags.
func operands(args []value.Value) []value.Value {
	var out []value.Value
	for n, v := range args {
		if n == 0 {
			continue
		}
		s := v.LiteralOr("")
		if s == "--" {
			return append(out, args[n+1:]...)
		}
		if len(s) < 2 || s[0] != '-' {
			out = append(out, v)
		}
	}
	return out
}

func chdir(i *interp, c *call) {
	to := value.Text("~")
	if words := operands(c.args); len(words) > 0 {
		to = words[0]
	}
	if s, ok := to.Literal(); ok && s == "-" {
		i.st.dir, i.st.oldDir = i.st.oldDir, i.st.dir
		return
	}
	i.st.oldDir = i.st.dir
	i.st.dir = Join(i.st.dir, to)
}

func pushd(i *interp, c *call) {
	stack := i.st.stack
	if len(stack) < maxWords {
		i.st.stack = append(stack[:len(stack):len(stack)], i.st.dir)
	}
	chdir(i, c)
}

func popd(i *interp, _ *call) {
	if n := len(i.st.stack); n > 0 {
		i.st.dir, i.st.stack = i.st.stack[n-1], i.st.stack[:n-1]
	}
}

func unset(i *interp, c *call) {
	functions := slices.ContainsFunc(c.args, func(v value.Value) bool { s := v.LiteralOr(""); return isFlags(s) && strings.Contains(s, "f") })
	for _, v := range operands(c.args) {
		if functions {
			i.undefine(v.LiteralOr(""))
			continue
		}
		name, _, _ := strings.Cut(v.LiteralOr(""), "[")
		if syntax.ValidName(name) {
			i.st.set(name, variable{unset: true})
		}
	}
}

// set reads set -a, set -o allexport and set -- a b.
func set(i *interp, c *call) {
	for n := 1; n < len(c.args); n++ {
		s := c.args[n].LiteralOr("")
		i.st.option(c.args[n-1].LiteralOr(""), s)
		switch {
		case s == "--":
			i.st.args, i.st.loose, i.st.smeared = append([]value.Value{zero(i)}, c.args[n+1:]...), c.loose, false
			return
		case s == "allexport":
			i.st.exportAll = strings.HasPrefix(c.args[n-1].LiteralOr(""), "-")
		case strings.HasPrefix(s, "-") && strings.Contains(s, "a") && !strings.HasPrefix(s, "--"):
			i.st.exportAll = true
		case strings.HasPrefix(s, "+") && strings.Contains(s, "a"):
			i.st.exportAll = false
		case s == "" || s[0] != '-' && s[0] != '+':
			if before := c.args[n-1].LiteralOr(""); strings.HasSuffix(before, "o") && before != "" && strings.Contains("-+", before[:1]) {
				continue
			}
			i.st.args, i.st.loose, i.st.smeared = append([]value.Value{zero(i)}, c.args[n:]...), c.loose, false
			return
		}
	}
}

// shopt switches options of the shell: those of set with -o.
func shopt(i *interp, c *call) {
	var flags string
	for _, v := range c.args[1:] {
		word := v.LiteralOr("")
		switch on := strings.Contains(flags, "s"); {
		case isFlags(word):
			flags += word[1:]
		case !strings.Contains(flags, "o") || !on && !strings.Contains(flags, "u"):
		case on:
			i.st.option("-o", word)
		default:
			i.st.option("+o", word)
		}
	}
}

// option notes a word that switches options of the shell on or off, or that
// names one behind such a word.
func (s *scope) option(before, word string) {
	if isFlags(before) && strings.HasSuffix(before, "o") || before == "+o" {
		switch on := before[0] == '-'; word {
		case "errexit":
			s.errexit = on
		case "pipefail":
			s.pipefail = on
		}
		return
	}
	if on := isFlags(word); (on || strings.HasPrefix(word, "+")) && strings.Contains(word, "e") {
		s.errexit = on
	}
}

func zero(i *interp) value.Value {
	if len(i.st.args) > 0 {
		return i.st.args[0]
	}
	return value.Unknown("$0")
}

func shift(i *interp, c *call) {
	if i.st.smeared || len(i.st.args) == 0 {
		return
	}
	by := 1
	if len(c.args) > 1 {
		n, err := strconv.Atoi(c.args[1].LiteralOr(""))
		if err != nil {
			// As behind getopts: how many, is not known.
			i.st.smeared = true
			return
		}
		by = n
	}
	by = min(max(by, 0), len(i.st.args)-1)
	i.st.args = append([]value.Value{i.st.args[0]}, i.st.args[1+by:]...)
}

// getopts sets its variable, and OPTARG to any of the arguments.
func getopts(i *interp, c *call) {
	if len(c.args) < 3 {
		return
	}
	if name := c.args[2].LiteralOr(""); syntax.ValidName(name) {
		i.st.set(name, variable{value: value.Unknown("$" + name)})
	}
	i.st.set("OPTARG", variable{value: i.anyArgument("$OPTARG")})
}

// readLine sets the variables of read from what is read, where that is one
// line of text or a repository taken apart at its slash.
func readLine(i *interp, c *call) {
	if name, ok := readsArray(c.args); ok {
		i.readWords(name)
		return
	}
	names := readNames(c.args)
	var v value.Value
	if i.in != nil {
		v = trimNewline(i.in.value)
	}
	sep := ""
	if ifs, ok := c.env["IFS"]; ok {
		sep = ifs.LiteralOr("")
	}
	for n, name := range names {
		i.st.set(name, variable{value: i.readField(v, sep, n, len(names), name)})
	}
}

// readField returns the n-th of the variables that read sets.
func (i *interp) readField(v value.Value, sep string, n, of int, name string) value.Value {
	source := "$" + name
	if i.in == nil {
		return value.Unknown(source)
	}
	if v.IsContext("github.repository") && sep == "/" && of == 2 {
		return value.Context([]string{"github.repository_owner", "github.event.repository.name"}[n])
	}
	if v, ok := i.readSetting(v, sep, n, of); ok {
		return v
	}
	list := lines(v)
	if len(list) > maxChoices {
		return opaque(source, v)
	}
	var choices []value.Value
	for _, line := range list {
		s, ok := line.Literal()
		switch {
		case of == 1 && isOpaque(line) && strings.HasPrefix(line[0].Unknown, "$("):
			// Lines of something unknown are not that thing.
			choices = append(choices, opaque(source, line))
		case of == 1:
			choices = append(choices, line)
		case ok:
			choices = append(choices, value.Text(cutField(s, sep, n, of)))
		default:
			choices = append(choices, opaque(source, line))
		}
	}
	return choose(source, choices...)
}

// cutField returns the n-th of the fields that read parts a line into; the
// last takes the rest.
func cutField(s, sep string, n, of int) string {
	var fields []string
	if sep == "" || strings.TrimSpace(sep) == "" {
		for range of - 1 {
			s = strings.TrimLeft(s, " \t")
			k := strings.IndexAny(s, " \t")
			if k < 0 {
				break
			}
			fields, s = append(fields, s[:k]), s[k:]
		}
		fields = append(fields, strings.TrimSpace(s))
	} else {
		fields = strings.SplitN(s, sep[:1], of)
	}
	if n < len(fields) {
		return fields[n]
	}
	return ""
}

// readNames returns the variables that read sets.
func readNames(args []value.Value) []string {
	var names []string
	for n := 1; n < len(args); n++ {
		s := args[n].LiteralOr("")
		if len(s) > 1 && s[0] == '-' {
			if strings.ContainsAny(s[len(s)-1:], "dinNptu") {
				n++
			}
			continue
		}
		if syntax.ValidName(s) {
			names = append(names, s)
		}
	}
	if len(names) == 0 {
		names = []string{"REPLY"}
	}
	return names
}

// readsArray finds the array of read -a.
func readsArray(args []value.Value) (string, bool) {
	for n := 1; n+1 < len(args); n++ {
		if s := args[n].LiteralOr(""); isFlags(s) && strings.HasSuffix(s, "a") {
			name := args[n+1].LiteralOr("")
			return name, syntax.ValidName(name)
		}
	}
	return "", false
}

// readWords sets an array to the words that are read.
func (i *interp) readWords(name string) {
	var f fields
	if i.in == nil {
		f.add(value.Unknown("$" + name))
	} else {
		f.split(trimNewline(i.in.value))
	}
	f.end()
	v := variable{isList: true}
	for n, w := range f.words {
		v.list = append(v.list, element{key: itoa(n), value: w})
	}
	i.st.set(name, v)
}

// readArray sets an array to the lines that are read.
func readArray(i *interp, c *call) {
	name := "MAPFILE"
	if words := operands(c.args); len(words) > 0 {
		if s := words[len(words)-1].LiteralOr(""); syntax.ValidName(s) {
			name = s
		}
	}
	v := variable{isList: true}
	if i.in == nil {
		v.list = []element{{key: "", value: value.Unknown("$" + name)}}
	} else {
		for n, line := range lines(i.in.value) {
			v.list = append(v.list, element{key: itoa(n), value: line})
		}
	}
	i.st.set(name, v)
}

// trap walks what a trap runs.
func trap(i *interp, c *call) {
	words := operands(c.args)
	if len(words) < 2 {
		return
	}
	i.guarded(func() { i.unsettled(func() { i.branch(func() { i.inner(words[0], c) }) }) })
}

// eval reads its words as a script. Words of which nothing is known stay a
// command.
func eval(i *interp, c *call) {
	v := join(c.args[1:])
	found, exported := i.passedOn(v)
	for _, set := range found {
		i.st.set(set.Name, variable{value: set.Value, exported: exported})
	}
	if !hasText(v) {
		i.dynamic = true
		i.emit(c)
		i.printed(c, v)
		return
	}
	i.inner(v, c)
}

// hasText tells whether any literal text is in a value.
func hasText(v value.Value) bool {
	for _, p := range v {
		if strings.TrimSpace(p.Text) != "" {
			return true
		}
		for _, w := range p.OneOf {
			if hasText(w) {
				return true
			}
		}
	}
	return false
}

// source reads a file that was written before as a part of the script. Any
// other is a command, for who reads the repository.
func source(i *interp, c *call) {
	if len(c.args) > 1 {
		if v, ok := i.file(c.args[1]); ok && hasText(v) && !i.isPart(i.key(c.args[1])) {
			dead, ended := i.st.dead, i.ended
			i.inner(v, c)
			i.st.dead, i.ended = dead, ended // return ends the file only
			return
		}
	}
	i.sources = true
	i.emit(c)
	i.printed(c)
	i.defined(c)
}
