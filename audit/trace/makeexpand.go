package trace

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// Holes stand for texts that are not known while words of a makefile are put
// together; that of the second kind are names of files.
const (
	makeHole  = '\ue000'
	makeFiles = '\ue001'
)

func isMakeHole(text string) bool {
	return strings.ContainsRune(text, makeHole) || strings.ContainsRune(text, makeFiles)
}

// makeText expands texts of a makefile, see
// https://www.gnu.org/software/make/manual/html_node/Functions.html.
type makeText struct {
	m   *makefile
	r   *run
	env *value.Env
	// room is how much text may still be put in place of names.
	room int
	// locals are the parameters of a call, and the variables of loops.
	locals map[string]string
	// keep leaves references that are not known as they are.
	keep bool
	// target, stem and needs are those of the rule.
	target, stem string
	needs        []string
	// table takes what is not known in recipes.
	table *value.Table
	// choice picks one of the ways in which a recipe may read; choices is how
	// many there are.
	choice, choices int
	// shell is told of commands that run, eval of lines for the makefile,
	// lose of what is not understood.
	shell, eval, lose func(text string)
}

// maxMakeDepth bounds how deep references lie in each other.
const maxMakeDepth = 16

// walk copies a text and hands each reference over.
func (x *makeText) walk(text string, reference func(b *strings.Builder, body, written, rest string)) string {
	var b strings.Builder
	for {
		before, _, _ := strings.Cut(text, "$")
		b.WriteString(before)
		from := text[len(before):]
		if len(from) < 2 {
			return b.String()
		}
		switch end := makeEnd(from); {
		case from[1] == '$':
			b.WriteString("$")
			if x.keep {
				b.WriteString("$")
			}
			text = from[2:]
		case end > 0:
			text = from[end:]
			reference(&b, from[2:end-1], from[:end], text)
		case from[1] == '(' || from[1] == '{':
			b.WriteRune(makeHole)
			return b.String()
		default:
			text = from[2:]
			reference(&b, from[1:2], from[:2], text)
		}
		if x.room -= len(before) + 1; x.room < 0 {
			b.WriteRune(makeHole)
			return b.String()
		}
	}
}

// names returns the words for which a text stands, with holes for those that
// are not known. Of a variable that is set in several places all are given.
func (x *makeText) names(text string, depth int) string {
	if depth > maxMakeDepth || x.room < 0 {
		return string(makeHole)
	}
	return x.walk(text, func(b *strings.Builder, body, written, rest string) {
		alone := (b.Len() == 0 || strings.HasSuffix(b.String(), " ")) && (rest == "" || strings.HasPrefix(rest, " "))
		b.WriteString(x.reference(body, written, alone, depth+1))
	})
}

// reference returns the words for one reference.
func (x *makeText) reference(body, written string, alone bool, depth int) string {
	if function, arguments, ok := makeFunction(body); ok {
		return x.function(function, arguments, written, depth)
	}
	name, change, changed := strings.Cut(body, ":")
	if from, to, ok := strings.Cut(change, "="); changed && ok {
		if !strings.Contains(from, "%") {
			from, to = "%"+from, "%"+to
		}
		return x.patsubst(from, to, x.variable(name, written, true, depth))
	}
	if strings.Contains(body, "$") {
		body = x.names(body, depth)
	}
	return x.variable(body, written, alone, depth)
}

// variable returns the words of a variable.
func (x *makeText) variable(name, written string, alone bool, depth int) string {
	if text, ok := x.locals[name]; ok {
		return text
	}
	switch name {
	case "@":
		return x.target
	case "*":
		return x.stem
	case "<":
		return strings.Join(x.needs[:min(1, len(x.needs))], " ")
	case "^", "+", "?":
		return strings.Join(x.needs, " ")
	case "CURDIR", "PWD":
		return "."
	case "MAKEFILE_LIST":
		if path.Dir(x.m.file) == "." {
			return "./" + x.m.file
		}
		return string(makeHole)
	case "MAKE":
		return "make"
	case "MAKECMDGOALS":
		return string(makeFiles) // they are made anyway
	}
	set := x.m.variables[name]
	v, given := x.env.Lookup(name)
	if given && (len(set) == 0 || set[0].weak) {
		if text, ok := v.Literal(); ok {
			return text
		}
		return string(makeHole)
	}
	if x.keep && (len(set) != 1 || isMakeHole(name)) {
		return written
	}
	if isMakeHole(name) {
		return string(makeHole)
	}
	var out []string
	for _, s := range set {
		if x.room -= len(s.text) + 1; x.room < 0 || len(out) > 0 && !alone && s.text != "" {
			return string(makeHole)
		}
		text, _, _ := strings.Cut(s.text, " #")
		if text != "" {
			out = append(out, x.names(text, depth+1))
		}
	}
	return strings.TrimSpace(strings.Join(out, " "))
}

// makeFunctions are the functions of make whose names a reference may begin
// with.
var makeFunctions = []string{
	"abspath", "addprefix", "addsuffix", "and", "basename", "call", "dir", "error", "eval", "file", "filter", "filter-out", "findstring", "firstword", "flavor",
	"foreach", "guile", "if", "info", "intcmp", "join", "lastword", "let", "load", "notdir", "or", "origin", "patsubst", "realpath", "shell", "sort", "strip", "subst",
	"suffix", "value", "warning", "wildcard", "word", "wordlist", "words",
}

// makeFunction takes a call of a function apart.
func makeFunction(body string) (name, arguments string, ok bool) {
	n := strings.IndexAny(body, " \t\n")
	if n < 0 || !slices.Contains(makeFunctions, body[:n]) {
		return "", "", false
	}
	return body[:n], strings.TrimLeft(body[n:], " \t\n"), true
}

// makeArguments parts the arguments of a function, of which it takes at most
// limit.
func makeArguments(text string, limit int) []string {
	var out []string
	depth, start := 0, 0
	for i := 0; i < len(text) && len(out) < limit-1; i++ {
		switch text[i] {
		case '(', '{':
			depth++
		case ')', '}':
			depth--
		case ',':
			if depth == 0 {
				out, start = append(out, text[start:i]), i+1
			}
		}
	}
	return append(out, text[start:])
}

// function returns the words that a function gives.
func (x *makeText) function(name, arguments, written string, depth int) string {
	hole := string(makeHole)
	limit := map[string]int{"addprefix": 2, "addsuffix": 2, "patsubst": 3, "subst": 3, "foreach": 3, "if": 3, "filter": 2, "filter-out": 2, "or": 50, "and": 50, "call": 50, "findstring": 2, "join": 2, "word": 2, "wordlist": 3}[name]
	switch name {
	case "shell":
		return x.ran(arguments, written, depth)
	case "eval":
		if x.eval != nil {
			x.eval(x.names(arguments, depth))
		} else {
			x.names(arguments, depth)
		}
		return ""
	case "info", "warning", "error":
		x.names(arguments, depth)
		return ""
	}
	args := makeArguments(arguments, max(limit, 1))
	if name == "foreach" && len(args) == 3 {
		return x.loop(args, depth, x.names)
	}
	if name == "call" {
		return x.call(args, written, depth, x.names)
	}
	for i := range args {
		args[i] = x.names(args[i], depth)
	}
	last := args[len(args)-1]
	switch {
	case limit > 0 && len(args) < min(limit, 2):
		return hole
	case name == "addprefix":
		return mapped(last, func(w string) string { return args[0] + w })
	case name == "addsuffix":
		return mapped(last, func(w string) string { return w + args[0] })
	case name == "patsubst" && len(args) == 3:
		return x.patsubst(strings.TrimSpace(args[0]), strings.TrimSpace(args[1]), last)
	case name == "subst" && len(args) == 3 && args[0] != "":
		x.room -= len(last)
		return strings.ReplaceAll(last, args[0], args[1])
	case name == "if":
		if strings.TrimSpace(args[0]) == "" {
			return strings.Join(args[2:], " ")
		} else if !isMakeHole(args[0]) {
			return args[1]
		}
		return strings.Join(args[1:], " ")
	case name == "or":
		return strings.Join(args, " ")
	case name == "and":
		return last
	case name == "filter", name == "filter-out":
		return filtered(args[0], last, name == "filter")
	case slices.Contains([]string{"strip", "sort", "abspath", "realpath"}, name):
		return last
	case name == "notdir":
		return mapped(last, path.Base)
	case name == "dir":
		return mapped(last, path.Dir)
	case name == "basename":
		return mapped(last, func(w string) string { return strings.TrimSuffix(w, path.Ext(w)) })
	case name == "wildcard":
		return x.wildcard(last)
	case name == "firstword" || name == "lastword":
		if words := strings.Fields(last); len(words) == 1 {
			return last
		}
	case name == "origin" || name == "flavor" || name == "words" || name == "suffix" || name == "file":
		return string(makeFiles)
	}
	return hole
}

// ran returns what a command prints for make: it is not known.
func (x *makeText) ran(arguments, written string, depth int) string {
	if x.keep {
		return written
	}
	command := x.script(arguments, depth+1)
	words := strings.Fields(command)
	switch {
	case command == "pwd", command == "git rev-parse --show-toplevel" && path.Dir(x.m.file) == ".":
		return "."
	case x.shell != nil:
		x.shell(strings.ReplaceAll(command, "\n", " "))
	}
	if len(words) > 0 && rules.PrintsNames.Has(words[0]) {
		return string(makeFiles)
	}
	return string(makeHole)
}

// wildcard are the files of the checkout that patterns name; others may be
// there when make runs.
func (x *makeText) wildcard(patterns string) string {
	var out []string
	for _, pattern := range strings.Fields(patterns) {
		if isMakeHole(pattern) {
			out = append(out, string(makeFiles))
			continue
		}
		dir := path.Dir(x.m.file)
		for _, name := range x.r.t.repository.Glob(path.Join(dir, pattern)) {
			if dir != "." {
				name = strings.TrimPrefix(name, dir+"/")
			}
			if x.room -= len(name) + 1; x.room < 0 {
				return string(makeFiles)
			}
			out = append(out, name)
		}
	}
	return strings.Join(out, " ")
}

// loop is a $(foreach), whose text each expands.
func (x *makeText) loop(args []string, depth int, each func(string, int) string) string {
	name := strings.TrimSpace(x.names(args[0], depth))
	outer := x.locals
	defer func() { x.locals = outer }()
	var out []string
	for i, word := range strings.Fields(x.names(args[1], depth)) {
		if i >= maxMakeParallel {
			out = append(out, string(makeHole))
			break
		}
		x.locals = withLocal(outer, name, word)
		out = append(out, each(args[2], depth+1))
	}
	return strings.Join(out, " ")
}

func withLocal(outer map[string]string, name, text string) map[string]string {
	inner := make(map[string]string, len(outer)+1)
	for k, v := range outer {
		inner[k] = v
	}
	inner[name] = text
	return inner
}

// call is a $(call), whose text each expands.
func (x *makeText) call(args []string, written string, depth int, each func(string, int) string) string {
	name := strings.TrimSpace(x.names(args[0], depth))
	set := x.m.variables[name]
	if len(set) == 0 || depth > maxMakeDepth {
		if x.keep {
			return written
		}
		return string(makeHole)
	}
	inner := map[string]string{"0": name}
	for i := range 9 {
		inner[string(rune('1'+i))] = ""
	}
	for i, arg := range args[1:] {
		if i < 9 {
			inner[string(rune('1'+i))] = each(arg, depth+1)
		}
	}
	outer := x.locals
	defer func() { x.locals = outer }()
	x.locals = inner
	text := x.chosen(set)
	x.room -= len(text) + 1
	return each(text, depth+1)
}

// chosen is the text of a variable in the way that is asked for.
func (x *makeText) chosen(set []makeVariable) string {
	texts := make([]string, 0, len(set))
	for _, s := range set {
		if s.text != "" || len(set) == 1 {
			texts = append(texts, s.text)
		}
	}
	if len(texts) == 0 {
		return ""
	}
	x.choices = max(x.choices, len(texts))
	return texts[min(x.choice, len(texts)-1)]
}

// mapped changes each word.
func mapped(words string, change func(string) string) string {
	list := strings.Fields(words)
	for i, w := range list {
		list[i] = change(w)
	}
	return strings.Join(list, " ")
}

// patsubst changes the words that match a pattern.
func (x *makeText) patsubst(from, to, words string) string {
	return mapped(words, func(w string) string {
		if stem, ok := makeStem(from, w); ok {
			return strings.Replace(to, "%", stem, 1)
		}
		if w == from {
			return to
		}
		return w
	})
}

// filtered are the words that match one of the patterns, or none of them. A
// word or pattern that is not known stays.
func filtered(patterns, words string, matching bool) string {
	var out []string
	list := strings.Fields(patterns)
	if isMakeHole(patterns) || len(list) > maxMakeParallel {
		return words
	}
	for _, w := range strings.Fields(words) {
		fits := slices.ContainsFunc(list, func(p string) bool {
			_, ok := makeStem(p, w)
			return ok || p == w || p == "%"
		})
		if fits == matching || isMakeHole(w) {
			out = append(out, w)
		}
	}
	return strings.Join(out, " ")
}
