package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Libraries has the scripts of which it was asked what they define, by their
// sources. It is not safe for concurrent use.
type Libraries map[string]*library

// library is what a script defines and names. Nobody changes it.
type library struct {
	// top is the script without its functions, functions are these.
	top       piece
	functions map[string][]piece
	// whole says that all of it could be read.
	whole bool
}

// piece is a part of a script: the words in it that could be names, the files
// that it sources, and whether it calls what has a name that it puts together.
type piece struct {
	words    map[string]bool
	sources  []Sourced
	composed bool
}

// Sourced is the file that a script sources, as far as it is written.
type Sourced struct {
	// Name is what stands behind the last expansion of its path.
	Name string
	// Whole says that there is none.
	Whole bool
}

// Live is what may run in one shell, of the functions of all files that it
// sources.
type Live struct {
	// Files are the files that were looked into.
	Files map[string]bool
	// all says that any function may run, names are else those that may.
	all   bool
	names map[string]bool
	// bodies are the functions that were found by their names.
	bodies map[string][]located
	open   []located
}

// located is a piece with the file that it stands in.
type located struct {
	piece
	file string
}

// Has tells whether a function may run; of no Live, each may.
func (l *Live) Has(name string) bool { return l == nil || l.all || l.names[name] }

// FindLive tells which functions may run in the shell of a script: those that
// are named in it (if it is own, outside of its functions), in the values that
// it works on, in what runs of the files that it sources, or in such a
// function. find returns the sources of the files that a script may mean where
// it sources one, by their paths. Where the name of what is called is put
// together, any function may run.
func (ls Libraries) FindLive(source, file string, own bool, values []string, parsed Parsed, find func(from string, s Sourced) map[string]string) *Live {
	l := &Live{Files: map[string]bool{}, names: map[string]bool{}, bodies: map[string][]located{}}
	var named piece
	for _, text := range values {
		named.mark(text)
	}
	root := ls.read(source, parsed)
	l.open = []located{{named, file}, {root.top, file}}
	for name, bodies := range root.functions {
		for _, body := range bodies {
			l.bodies[name] = append(l.bodies[name], located{body, file})
			if !own {
				l.names[name] = true
				l.open = append(l.open, located{body, file})
			}
		}
	}
	l.all = !root.whole
	for len(l.open) > 0 && !l.all {
		next := l.open[len(l.open)-1]
		l.open = l.open[:len(l.open)-1]
		l.all = next.composed
		for word := range next.words {
			if !l.names[word] {
				l.names[word] = true
				l.open = append(l.open, l.bodies[word]...)
			}
		}
		for _, s := range next.sources {
			for name, source := range find(next.file, s) {
				if !l.Files[name] {
					l.add(name, ls.read(source, parsed))
				}
			}
		}
	}
	return l
}

// add takes in a file that is sourced.
func (l *Live) add(file string, lib *library) {
	l.Files[file] = true
	l.all = l.all || !lib.whole
	l.open = append(l.open, located{lib.top, file})
	for name, bodies := range lib.functions {
		for _, body := range bodies {
			l.bodies[name] = append(l.bodies[name], located{body, file})
			if l.names[name] {
				l.open = append(l.open, located{body, file})
			}
		}
	}
}

// read reads a script.
func (ls Libraries) read(source string, parsed Parsed) *library {
	if known := ls[source]; known != nil {
		return known
	}
	i := &interp{parsed: parsed}
	stmts, _, err := i.parse(source)
	lib := &library{functions: map[string][]piece{}, whole: err == nil}
	for _, s := range stmts {
		lib.walk(s, &lib.top)
	}
	ls[source] = lib
	return lib
}

// walk notes what a part of the script names, and its functions apart.
func (lib *library) walk(n syntax.Node, in *piece) {
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.FuncDecl:
			if n.Name == nil {
				return true
			}
			var body piece
			lib.walk(n.Body, &body)
			lib.functions[n.Name.Value] = append(lib.functions[n.Name.Value], body)
			return false
		case *syntax.CallExpr:
			in.call(n)
		case *syntax.Lit:
			in.mark(n.Value)
		case *syntax.SglQuoted:
			in.mark(n.Value)
		}
		return true
	})
}

// mark notes the words of a text. A function's name may be no plain word.
func (p *piece) mark(text string) {
	if p.words == nil {
		p.words = map[string]bool{}
	}
	for word := range plainWords(text) {
		p.words[word] = true
	}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" \t\n;|&()\"'`$=:,", r) }) {
		p.words[word] = true
	}
}

// call notes what a command may run that is not named in it.
func (p *piece) call(c *syntax.CallExpr) {
	if len(c.Args) == 0 {
		return
	}
	program := written(c.Args[0])
	p.composed = p.composed || composed(c.Args[0])
	switch {
	case !program.Whole || len(c.Args) == 1:
	case program.Name == "source" || program.Name == ".":
		p.sources = append(p.sources, written(c.Args[1]))
	case program.Name == "eval":
		for _, word := range c.Args[1:] {
			p.composed = p.composed || composed(word)
		}
	}
}

// written returns what stands behind the last expansion of a word.
func written(w *syntax.Word) Sourced {
	out := Sourced{Whole: true}
	for part := range plainParts(w.Parts) {
		if part == "" {
			out = Sourced{}
		}
		out.Name += part
	}
	return out
}

// composed tells whether a word puts a name together: text and an expansion
// touch, and no path is made.
func composed(w *syntax.Word) bool {
	before, found, expanded := "", false, false
	path := false
	for part := range plainParts(w.Parts) {
		path = path || strings.Contains(part, "/")
		switch {
		case part == "":
			found = found || before != "" && isNameByte(before[len(before)-1])
			expanded = true
		case expanded:
			found = found || isNameByte(part[0])
		}
		before = part
	}
	return found && !path
}

// plainParts yields the texts of a word, and "" for each expansion.
func plainParts(parts []syntax.WordPart) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, part := range parts {
			text := ""
			switch part := part.(type) {
			case *syntax.Lit:
				text = part.Value
			case *syntax.SglQuoted:
				text = part.Value
			case *syntax.DblQuoted:
				for inner := range plainParts(part.Parts) {
					if !yield(inner) {
						return
					}
				}
				continue
			}
			if !yield(text) {
				return
			}
		}
	}
}
