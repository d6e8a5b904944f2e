package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	makeAssignment = regexp.MustCompile(`(?s)^((?:(?:export|override|private|unexport)[ \t]+)*)([^\s:#=$?+!]+)[ \t]*(:{1,3}|\?|\+|!)?=[ \t]*(.*)$`)
	makeDefine     = regexp.MustCompile(`^(?:(?:export|override|private)[ \t]+)*define[ \t]+([^\s:#=$?+!]+)[ \t]*(?::{1,3}|\?|\+|!)?=?`)
	makeUndefine   = regexp.MustCompile(`^(?:override[ \t]+)?undefine[ \t]+(\S+)`)
	// makeOpens matches where a makefile may take in variables by names that are not
	// seen, or takes another shell.
	makeOpens      = regexp.MustCompile(`(?m)\$[({](?:eval|call)\b|^[ \t]*(?:-?s?include|load)\b|^[ \t]*export\b[^=\n]*\$|^[ \t]*(?:export[ \t]+)?(?:SHELL|\.SHELLFLAGS|BASH_ENV)[ \t]*[:?+!]*=`)
	makeInclude    = regexp.MustCompile(`^(-?s?)include[ \t]+(.+)$`)
	makeConditions = regexp.MustCompile(`^(ifdef|ifndef|ifeq|ifneq|else|endif)\b`)
)

// The bounds of what is read of makefiles: how deep some include others, and
// how many rules are kept.
const (
	maxIncludes  = 8
	maxMakeRules = 5000
)

// makeReader reads the lines of one makefile.
type makeReader struct {
	m          *makefile
	r          *run
	file       string
	lines      []string
	depth      int
	conditions int
	// blocks are the parts under a condition around the line.
	blocks []int
	// current is the rule to which recipe lines belong, prefix what they
	// begin with.
	current *makeRule
	prefix  string
	// line is given to all that is read where it is not 0.
	line int
}

// add reads one makefile.
func (m *makefile) add(r *run, file, source string, depth int) {
	m.opens = m.opens || makeOpens.MatchString(source)
	reader := &makeReader{m: m, r: r, file: file, lines: strings.Split(source, "\n"), depth: depth, prefix: "\t"}
	reader.read()
}

func (x *makeReader) read() {
	for i := 0; i < len(x.lines); {
		text, first := strings.TrimSuffix(x.lines[i], "\r"), i+1
		if x.line > 0 {
			first = x.line
		}
		if rest, ok := strings.CutPrefix(text, x.prefix); ok && x.current != nil {
			// What follows a backslash belongs to the recipe, whatever it
			// begins with.
			whole := []string{rest}
			for i++; makeContinues(rest) && i < len(x.lines); i++ {
				rest = strings.TrimPrefix(strings.TrimSuffix(x.lines[i], "\r"), x.prefix)
				whole = append(whole, rest)
			}
			x.current.lines = append(x.current.lines, makeLine{x.file, strings.Join(whole, "\n"), first, x.block()})
			continue
		}
		var whole []string
		for i++; makeContinues(text) && i < len(x.lines); i++ {
			whole = append(whole, strings.TrimSpace(strings.TrimSuffix(text, "\\")))
			text = strings.TrimSuffix(x.lines[i], "\r")
		}
		text = strings.TrimSpace(strings.Join(append(whole, strings.TrimSpace(text)), " "))
		if d := makeDefine.FindStringSubmatch(text); d != nil {
			i = x.define(d[1], strings.Contains(d[0], "override"), i)
			continue
		}
		x.statement(text, first)
	}
}

// makeContinues tells whether the next line belongs to a text.
func makeContinues(text string) bool {
	return (len(text)-len(strings.TrimRight(text, "\\")))%2 == 1
}

// continues tells whether the next line belongs to the last one of a part.
func continues(part recipe) bool { return strings.HasSuffix(part.text[len(part.text)-1], "\\") }

// define reads a variable of several lines, and returns where it ends.
func (x *makeReader) define(name string, override bool, i int) int {
	var body []string
	for depth := 1; i < len(x.lines); i++ {
		text := strings.TrimSpace(x.lines[i])
		if makeDefine.MatchString(text) {
			depth++
		}
		if word, _, _ := strings.Cut(text, " "); word == "endef" {
			if depth--; depth == 0 {
				i++
				break
			}
		}
		body = append(body, x.lines[i])
	}
	x.set(name, makeVariable{text: strings.Join(body, "\n"), override: override, open: x.conditions > 0}, x.conditions > 0)
	return i
}

// set notes what a variable is set to. An open one may have another value too,
// or more of it.
func (x *makeReader) set(name string, v makeVariable, open bool) {
	if x.m.fixed(name) && !v.override {
		return
	}
	x.m.variables[name] = append(x.m.variables[name], v)
	if open {
		x.m.variables[name] = append(x.m.variables[name], makeVariable{more: true})
	}
}

// statement reads one line that is no recipe.
func (x *makeReader) statement(text string, line int) {
	if text == "" || text[0] == '#' {
		return
	}
	if c := makeConditions.FindString(text); c != "" {
		if c != "endif" {
			x.m.blocks++
		}
		switch n := len(x.blocks) - 1; {
		case c == "else" && n >= 0:
			x.blocks[n] = x.m.blocks
		case c == "endif":
			x.conditions, x.blocks = max(x.conditions-1, 0), x.blocks[:max(n, 0)]
		case c != "else":
			x.conditions, x.blocks = x.conditions+1, append(x.blocks, x.m.blocks)
		}
		x.now(text, line)
		return
	}
	if a := makeAssignment.FindStringSubmatch(text); a != nil {
		x.current = nil
		x.assignment(a, line, nil)
		return
	}
	if u := makeUndefine.FindStringSubmatch(text); u != nil {
		x.current = nil
		if len(x.m.variables[u[1]]) > 0 {
			x.m.lose("undefines " + u[1])
		}
		return
	}
	if in := makeInclude.FindStringSubmatch(text); in != nil {
		x.current = nil
		x.include(in[2], in[1] != "", line)
		return
	}
	x.current = nil
	if strings.HasPrefix(text, "$(") || strings.HasPrefix(text, "${") {
		if end := makeEnd(text); end == len(text) {
			x.expression(text, line)
			return
		}
	}
	x.rule(text, line)
}

// now notes a text that make expands while it reads it.
func (x *makeReader) now(text string, line int) {
	if strings.Contains(text, "$") && len(x.m.immediate) < maxMakeRules {
		x.m.immediate = append(x.m.immediate, makeLine{x.file, text, line, 0})
	}
}

// block is the part under a condition that the line stands in, 0 for none.
func (x *makeReader) block() int {
	if n := len(x.blocks); n > 0 {
		return x.blocks[n-1]
	}
	return 0
}

// assignment reads what a variable is set to, for some targets or nil.
func (x *makeReader) assignment(a []string, line int, targets []string) {
	name, operator, text := a[2], a[3], a[4]
	if name == ".RECIPEPREFIX" {
		x.prefix = "\t"
		if text != "" {
			x.prefix = text[:1]
		}
		return
	}
	if operator == "!" {
		text = "$(shell " + text + ")"
	}
	if strings.HasPrefix(operator, ":") || operator == "!" || strings.Contains(a[1], "export") {
		x.now(text, line)
	}
	// Whether it is set so, or what it adds to, is not known.
	v := makeVariable{text: text, weak: operator == "?", override: strings.Contains(a[1], "override"), added: operator == "+", targets: targets}
	v.open = x.conditions > 0 || strings.Contains(a[1], "private")
	x.set(name, v, v.added || v.open || targets != nil)
}

// include reads the files that a makefile names.
func (x *makeReader) include(text string, optional bool, line int) {
	x.now(text, line)
	text, _, _ = strings.Cut(text, " #")
	m := x.m
	words := &makeText{m: m, r: x.r, env: m.env, room: maxMakeText}
	for _, pattern := range strings.Fields(words.names(text, 0)) {
		if strings.ContainsRune(pattern, makeHole) {
			m.lose("includes " + oneLine(text) + ", whose name is not known")
			continue
		}
		if strings.ContainsRune(pattern, makeFiles) || x.depth >= maxIncludes {
			continue
		}
		m.included = append(m.included, pattern)
		name := path.Join(m.dir, pattern)
		names := []string{name}
		if strings.ContainsAny(name, "*?[") {
			names = x.r.t.repository.Glob(name)
		}
		for _, name := range names {
			if name = path.Clean(name); m.read[name] {
				continue
			}
			m.read[name] = true
			if source, err := x.r.file(name); err == nil {
				m.add(x.r, name, string(source), x.depth+1)
			} else if !optional && !strings.Contains(path.Base(name), ".env") {
				m.lose("includes " + name + ", which is not in this checkout")
			}
		}
	}
}

// lose notes why a makefile is not understood; the first reason is told.
func (m *makefile) lose(why string) {
	if m.lost == "" {
		m.lost = why
	}
}

// expression reads a line that is a function: what $(eval) is given is read as
// lines of the makefile.
func (x *makeReader) expression(text string, line int) {
	x.now(text, line)
	if x.depth >= maxIncludes {
		return
	}
	words := &makeText{m: x.m, r: x.r, env: x.m.env, room: maxMakeText, keep: true}
	words.eval = func(text string) {
		inner := &makeReader{m: x.m, r: x.r, file: x.file, lines: strings.Split(text, "\n"), depth: x.depth + 1, prefix: x.prefix, conditions: x.conditions, blocks: slices.Clone(x.blocks), line: line}
		inner.read()
	}
	if out := words.names(text, 0); strings.TrimSpace(out) != "" && !strings.Contains(text, "(shell ") {
		if strings.TrimSpace(out) != text {
			words.eval(out)
		}
	}
}

// rule reads a line that begins a rule.
func (x *makeReader) rule(text string, line int) {
	at := makeCut(text, ":")
	if at < 1 || len(x.m.rules) >= maxMakeRules {
		return
	}
	targets, rest := strings.TrimSuffix(text[:at], "&"), strings.TrimPrefix(text[at+1:], ":")
	x.now(targets, line)
	if a := makeAssignment.FindStringSubmatch(strings.TrimSpace(rest)); a != nil {
		words := &makeText{m: x.m, r: x.r, env: x.m.env, room: maxMakeText}
		x.assignment(a, line, append([]string{}, strings.Fields(words.names(targets, 0))...))
		return
	}
	rule := &makeRule{targets: targets, block: x.block()}
	recipe, inline := "", false
	if n := makeCut(rest, ";"); n >= 0 {
		rest, recipe, inline = rest[:n], rest[n+1:], true
	}
	if n := makeCut(rest, "#"); n >= 0 {
		rest, inline = rest[:n], false
	}
	if n := makeCut(rest, ":"); n >= 0 {
		rule.pattern, rest = strings.TrimSpace(rest[:n]), rest[n+1:]
	}
	x.now(rest, line)
	rule.needs = rest
	if inline {
		rule.lines = append(rule.lines, makeLine{x.file, strings.TrimSpace(recipe), line, x.block()})
	}
	x.m.rules = append(x.m.rules, rule)
	x.current = rule
}

// makeCut finds a mark outside of references.
func makeCut(text, mark string) int {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '$' && i+1 < len(text):
			end := makeEnd(text[i:])
			if end == 0 && (text[i+1] == '(' || text[i+1] == '{') {
				return -1
			}
			i += max(end-1, 1)
		case text[i] == '\\':
			i++
		case text[i] == mark[0]:
			return i
		}
	}
	return -1
}

// makeEnd returns where the reference ends with which a text begins, 0 where
// it is none with brackets.
func makeEnd(text string) int {
	if len(text) < 2 || text[0] != '$' || text[1] != '(' && text[1] != '{' {
		return 0
	}
	open, shut := text[1], byte(')')
	if open == '{' {
		shut = '}'
	}
	depth := 0
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case open:
			depth++
		case shut:
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}
