package script

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// maxPythonTaken bounds the modules of the project that are read with a script.
const maxPythonTaken = 12

// maxPythonUncalled bounds the functions that are taken out of a module.
const maxPythonUncalled = 50

// pyModule is the script, or a module of the project that it takes in.
type pyModule struct {
	file       string
	number     int
	text       *pyText
	python     *python
	statements [][]pyToken
	// tops are the names that it gives to things, and taken those that it takes
	// from other modules.
	tops  map[string]bool
	taken map[string]pyGlobal
	// free are the places of the names that are none of a function.
	free  map[string][]pyToken
	edits []pyEdit
}

// pyGlobal is a name of a module.
type pyGlobal struct {
	module *pyModule
	name   string
}

// pyModules are all that is read together, the script first.
type pyModules struct {
	in     Input
	all    []*pyModule
	byFile map[string]*pyModule
}

// takeModules puts the modules of the project that a script takes in before it:
// those that it, or one of them, takes names from at the start of a line, and of
// which it is clear which file they are. Any other import stays as it is, and
// is unread. Names that mean different things in them are told apart, and functions of
// modules that nothing names are left out. It is nil where names cannot be told
// apart.
func takeModules(in Input) *pyText {
	m := &pyModules{in: in, byFile: map[string]*pyModule{}}
	m.load(in.Path, in.Source)
	if len(m.all) == 1 {
		return m.all[0].text
	}
	for _, one := range m.all[1:] {
		for n := 0; n < maxPythonUncalled && m.uncalled(one); n++ {
		}
	}
	if !m.distinct() {
		return nil
	}
	w := &pyWriter{}
	for _, one := range slices.Backward(m.all) {
		w.edited(one.text, 0, len(one.text.source), one.edits)
		w.put(one.text, len(one.text.source), "\n")
	}
	return w.done()
}

// load reads a file and what it takes in.
func (m *pyModules) load(file, source string) *pyModule {
	if one := m.byFile[file]; one != nil {
		return one
	}
	one := &pyModule{file: file, number: len(m.all), text: plainText(file, source), tops: map[string]bool{}, taken: map[string]pyGlobal{}, free: map[string][]pyToken{}}
	m.all, m.byFile[file] = append(m.all, one), one
	one.python, one.statements = prepared(m.in, source)
	one.owns()
	one.unstarted()
	one.places()
	for _, s := range one.statements {
		if m.in.Alias != nil && m.in.Import != nil && pyIs(s, "from") && one.python.column(s[0].offset) == 0 {
			m.takes(one, s)
		}
	}
	return one
}

// owns notes the names that a module gives to things outside of functions.
func (one *pyModule) owns() {
	p := newPython(one.python.in)
	p.enclose(one.statements)
	p.define(one.statements)
	for _, s := range one.statements {
		if !pyIs(s, "from") && !pyIs(s, "import") {
			p.bind(s)
		}
	}
	for key := range p.loose {
		one.tops[key] = true
	}
	for key := range p.bindings {
		one.tops[key] = true
	}
	for key := range p.loops {
		one.tops[key] = true
	}
	for _, s := range one.statements {
		for i := 1; i < len(s); i++ {
			if p.column(s[0].offset) == 0 && (pyIs(s[i-1:], "def") || i == 1 && pyIs(s, "class")) {
				one.tops[s[i].text] = true
			}
		}
	}
}

// unstarted takes out of a module what runs where it is the script itself.
func (one *pyModule) unstarted() {
	if one.number == 0 {
		return
	}
	for i, s := range one.statements {
		if len(s) != 6 || !pyIs(s, "if", "__name__", "=", "=") || s[4].kind != 's' || s[4].text != "__main__" || one.python.column(s[0].offset) != 0 {
			continue
		}
		end := i + 1
		for end < len(one.statements) && one.python.column(one.statements[end][0].offset) > 0 {
			end++
		}
		if end == len(one.statements) || !pyIs(one.statements[end], "else") && !pyIs(one.statements[end], "elif") {
			one.cut(i, end)
			return
		}
	}
}

// cut takes statements out of a module.
func (one *pyModule) cut(from, end int) {
	to := len(one.text.source)
	if end < len(one.statements) {
		to = one.statements[end][0].offset
	}
	one.edits = append(one.edits, pyEdit{one.statements[from][0].offset, to, "pass\n"})
	one.statements = slices.Delete(slices.Clone(one.statements), from, end)
}

// uncalled takes one function out of a module that nothing names but itself. It
// is false where there is none.
func (m *pyModules) uncalled(one *pyModule) bool {
	for i, s := range one.statements {
		if !pyIs(s, "def") || pyBody(s) == 0 || one.python.column(s[0].offset) != 0 || i > 0 && pyIs(one.statements[i-1], "@") {
			continue
		}
		end := i + 1
		for end < len(one.statements) && one.python.column(one.statements[end][0].offset) > 0 {
			end++
		}
		to := len(one.text.source)
		if end < len(one.statements) {
			to = one.statements[end][0].offset
		}
		named := slices.ContainsFunc(one.free[s[1].text], func(t pyToken) bool { return t.offset < s[0].offset || t.offset >= to })
		for _, other := range m.all {
			for name, of := range other.taken {
				named = named || of == (pyGlobal{one, s[1].text}) && len(other.free[name]) > 0
			}
		}
		if !named {
			one.cut(i, end)
			one.free = map[string][]pyToken{}
			one.places()
			return true
		}
	}
	return false
}

// takes reads "from module import name, …" where that is a module of the
// project whose names these are.
func (m *pyModules) takes(one *pyModule, s []pyToken) {
	at := slices.IndexFunc(s, func(t pyToken) bool { return t.kind == 'n' && t.text == "import" })
	if at < 2 || len(m.all) > maxPythonTaken {
		return
	}
	source := m.find(one, pyName(s[1:at]))
	if source == nil {
		return
	}
	names := s[at+1:]
	if len(names) > 2 && names[0].kind == '(' && pyClose(names) == len(names)-1 {
		names = names[1 : len(names)-1]
	}
	taken := map[string]pyGlobal{}
	for _, part := range pySplit(names, ',') {
		if len(part) == 0 || len(part) != 1 && !(len(part) == 3 && pyIs(part[1:], "as")) || part[0].kind != 'n' {
			return
		}
		of := pyGlobal{source, part[0].text}
		for seen := 0; of.module.taken[of.name].module != nil && seen < maxPythonTaken; seen++ {
			of = of.module.taken[of.name]
		}
		if !of.module.tops[of.name] {
			return
		}
		taken[part[len(part)-1].text] = of
	}
	for name, of := range taken {
		one.taken[name] = of
	}
	last := s[len(s)-1]
	one.edits = append(one.edits, pyEdit{s[0].offset, last.offset + len(last.text), "pass"})
}

// find is the module of a name; nil where it is none of the project, where
// several files may be meant, or where more than its file runs as it is taken in.
func (m *pyModules) find(one *pyModule, name string) *pyModule {
	first, _, _ := strings.Cut(name, ".")
	if slices.Contains(harmlessModules, first) {
		return nil
	}
	file, source := "", ""
	for _, candidate := range m.in.Alias(name, path.Dir(one.file)) {
		text, there := m.in.Import(candidate)
		switch {
		case !there:
		case file != "" || strings.Contains(text, pyMark) || len(text) > maxSource/maxPythonTaken || !pyWhole(text):
			return nil
		default:
			file, source = candidate, text
		}
	}
	if file == "" || file == m.in.Path {
		return nil
	}
	folder := file
	for range strings.Count(strings.TrimLeft(name, "."), ".") {
		if folder = path.Dir(folder); !m.quiet(path.Join(folder, "__init__.py")) && path.Join(folder, "__init__.py") != file {
			return nil
		}
	}
	return m.load(file, source)
}

// quiet tells whether a package does nothing as it is taken in.
func (m *pyModules) quiet(file string) bool {
	source, there := m.in.Import(file)
	return !there || !slices.ContainsFunc(pyStatements(source), func(s []pyToken) bool {
		return !(len(s) == 1 && s[0].kind == 's') && !(len(s) > 2 && strings.HasPrefix(s[0].text, "__") && s[1].kind == '=' && !slices.ContainsFunc(s, func(t pyToken) bool { return t.kind == '(' }))
	})
}

// distinct gives names that mean different things in several modules names of
// their own. It is false where that cannot be done.
func (m *pyModules) distinct() bool {
	renamed := map[pyGlobal]string{}
	for _, one := range m.all {
		for name, of := range one.taken {
			if one.tops[name] {
				return false
			}
			if name != of.name {
				renamed[of] = of.marked()
			}
		}
		for name := range one.tops {
			for _, other := range m.all {
				of, taken := other.taken[name]
				if other == one || taken && of == (pyGlobal{one, name}) || len(other.free[name]) == 0 {
					continue
				}
				switch {
				case one.number > 0:
					renamed[pyGlobal{one, name}] = pyGlobal{one, name}.marked()
				case !other.tops[name] && !taken:
					return false
				}
			}
		}
	}
	for of, to := range renamed {
		if of.module.number == 0 {
			return false
		}
		of.module.rename(of.name, to)
	}
	for _, one := range m.all {
		for name, of := range one.taken {
			if to, is := renamed[of]; is {
				one.rename(name, to)
			}
		}
	}
	return true
}

// marked is a name that no other module has.
func (n pyGlobal) marked() string { return n.name + pyMark + strconv.Itoa(n.module.number) }

// rename gives a name of a module another one wherever it stands for the same.
func (one *pyModule) rename(name, to string) {
	for _, t := range one.free[name] {
		one.edits = append(one.edits, pyEdit{t.offset, t.offset + len(name), to})
	}
}

// places notes where a name stands that is none of a function, of an attribute
// or of an operand.
func (one *pyModule) places() {
	p := one.python
	for _, s := range p.holed(one.statements) {
		if pyIs(s, "from") || pyIs(s, "import") {
			continue
		}
		body := pyBody(s)
		for i, t := range s {
			if t.kind != 'n' || i > 0 && s[i-1].kind == '.' || p.home(t) != t.text {
				continue
			}
			opened := i > 0 && strings.IndexByte("(,*", s[i-1].kind) >= 0
			operand := opened && i+1 < len(s) && s[i+1].kind == '=' && (i+2 == len(s) || s[i+2].kind != '=') && pyDepth(s, i) > 0
			if operand || opened && i < body && pyDepth(s, i) == 1 || p.fields[s[0].offset] && (i == 0 || pyIs(s[i-1:], "def")) {
				continue
			}
			one.free[t.text] = append(one.free[t.text], t)
		}
	}
}
