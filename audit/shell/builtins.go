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
	case ":", "true", "false", "[", "test", "wait", "umask", "ulimit",
		"type", "jobs", "disown", "bg", "fg", "setopt", "compgen", "complete", "bind", "enable":
		return func(*interp, *call) {}
	case "alias":
		return alias
	case "hash":
		return hash
	case "unalias":
		return unalias
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

// specialBuiltins are those in front of which an assignment is one for the shell, by
// POSIX. Of those in bash's own mode it is not.
var specialBuiltins = []string{":", ".", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift", "source", "times", "trap", "unset", "break", "continue"}

func itoa(n int) string { return strconv.Itoa(n) }

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// leave ends the shell or the function.
func leave(i *interp, c *call) {
	kind, frame := leavesScript, i.process
	if c.args[0].LiteralOr("") == "return" && i.function != nil {
		kind, frame = leavesFunction, i.function
	}
	succeeds := len(c.args) < 2 || c.args[1].LiteralOr("") == "0"
	goes := succeeds || frame.failure != nil || !isNumber(c.args[1].LiteralOr("")) && c.args[1].String() != "$?"
	if kind == leavesScript && c.args[0].LiteralOr("") == "return" {
		i.goesOn++ // but in a file that is sourced
	}
	i.early = i.early || goes
	i.leavesHere(kind, goes)
	if succeeds {
		i.ends(c.args[0].LiteralOr("") == "return" && len(i.calls) > 0)
	}
}

// hashKey begins the keys under which a scope has the programs that hash has put in the
// place of others.
const hashKey = "hash "

// hash puts a program in the place of another one: hash -p FILE NAME.
func hash(i *interp, c *call) {
	if len(c.args) == 4 && c.args[1].LiteralOr("") == "-p" {
		i.st.set(hashKey+c.args[3].LiteralOr(""), variable{value: c.args[2]})
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
		masked := v.Mask()
		name, index, ofArray := strings.Cut(masked.Text, "[")
		if !syntax.ValidName(name) {
			continue
		}
		if key, ok := strings.CutSuffix(index, "]"); ofArray && ok && key != "@" && key != "*" {
			i.unsetElement(name, masked.Table.Value(key).LiteralOr(""))
			continue
		}
		if _, there := i.st.lookup(name); !there {
			i.undefine(name)
		}
		i.st.set(name, variable{unset: true})
	}
}

// set reads set -a, set -o allexport and set -- a b.
func set(i *interp, c *call) {
	for n := 1; n < len(c.args); n++ {
		s := c.args[n].LiteralOr("")
		i.st.option(c.args[n-1].LiteralOr(""), s)
		if s == "keyword" || isFlags(s) && strings.Contains(s, "k") {
			i.opens() // by any word of a command
		}
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
		i.expands = i.expands || word == "expand_aliases" && strings.Contains(flags, "s")
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

// trap walks what a trap runs.
func trap(i *interp, c *call) {
	words := operands(c.args)
	if len(words) < 2 || words[0].LiteralOr("") == "-" {
		return // It shows traps, or takes them back.
	}
	var set *scope
	i.guarded(func() { i.unsettled(func() { set = i.branch(func() { i.inner(words[0], c) }) }) })
	if len(set.vars) > 0 && !slices.ContainsFunc(words[1:], func(v value.Value) bool { return v.LiteralOr("") == "EXIT" }) {
		i.opens() // It may have run before anything that follows.
	}
}

// eval reads its words as a script. Words of which nothing is known stay a
// command.
func eval(i *interp, c *call) {
	v := join(c.args[1:])
	found, exported := i.passedOn(v)
	for _, set := range found {
		i.st.set(set.Name, variable{value: set.Value, exported: exported})
	}
	i.opensUnless(v)
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
			function := i.function
			i.function = nil
			i.fileOf(func() { i.inner(v, c) })
			i.function = function
			i.st.dead, i.ended = dead, ended // return ends the file only
			i.opensUnless(v)
			return
		}
	}
	i.sources = true
	i.emit(c)
	i.printed(c)
	i.defined(c)
}
