package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

// make handles `make [-C dir] [-f file] [NAME=value…] [target…]` by reading the
// recipes of a makefile and of those that it includes, and the commands that
// make runs for the values of variables. What is put together in ways that are
// not understood leaves a site that is not read.
func (r *run) make(c *Command) (start, bool) {
	call := makeWords(c)
	name := strings.TrimSpace("make " + strings.Join(call.targets, " "))
	m := r.makefile(call, c.Env)
	if other := r.elsewhere(call.dir, "Makefile"); m == nil && other != "" {
		return lost(name, "runs a makefile", other), true
	}
	if m == nil {
		why, settle := absent(call.dir, "Makefile")
		return start{what: name, why: "runs a makefile that " + why, settle: settle}, true
	}
	p := m.plan(r, call, c.Env.With(call.given))
	if !p.out.complete {
		return start{what: name, why: "runs rules of " + m.file + " that are not understood", settle: "read what it does with the token" + describeProgram}, true
	}
	return start{
		what: name, file: m.file, target: strings.Join(call.targets, " "),
		run: func(r *run, site *Site, at position) {
			inner := *site.Command
			inner.Env, inner.Dir = inner.Env.With(call.given).With(m.values(inner.Env, p, call)), call.dir
			if flags := p.out.call.handedOn(); len(flags) > 0 {
				inner.Env = inner.Env.With(map[string]value.Value{"MAKEFLAGS": flags})
			}
			own := *site
			own.Command = &inner
			r.apart = p.out.call.has("ijk")
			for _, part := range p.out.parts {
				part.plain = !m.opens && p.out.lost == ""
				r.recipe(name, part, p.out.table, &own, at)
			}
			if p.out.lost != "" {
				unread := *site
				unread.Followed, unread.Starts = false, ""
				unread.Unread = &Unread{name, p.out.lost, "read what it does with the token" + describeProgram}
				r.emit(&unread)
			}
		},
	}, true
}

// makefile is what was read of a makefile and of those that it includes.
type makefile struct {
	file string
	// dir is the folder that make runs in, fixed tells the variables that it does
	// not set, env has those.
	dir   string
	fixed func(name string) bool
	env   *value.Env
	// rules are those that were read, in order; named has those of one
	// target, patterns the others.
	rules    []*makeRule
	named    map[string][]*makeRule
	patterns []*makeRule
	// first is the target that is made where none is named.
	first string
	// phony are the targets for which no pattern is looked up.
	phony map[string]bool
	// special are the targets of ".IGNORE" and the like, by its name.
	special map[string][]string
	// blocks counts the parts that stand under a condition.
	blocks int
	// variables are the texts that variables are set to, by name. Those that
	// are set "?=" give way to the environment.
	variables map[string][]makeVariable
	// immediate are texts that make expands whatever the target.
	immediate []makeLine
	// read are the files that were read: makefiles may include each other.
	read map[string]bool
	// included are the names of files that are included; make makes those
	// for which it has a rule.
	included []string
	// opens says that it may export variables that are not among its own.
	opens bool
	// lost says what of it is not understood, whatever the target.
	lost string
	// room is how much text may still be put in place of names.
	room int
}

type makeVariable struct {
	text string
	weak bool
	// override says that it is set whatever a call gives, added that the text comes
	// behind what it was, open that it stands under a condition.
	override, added, open bool
	// targets are those that alone have it, with what they need, nil for all.
	targets []string
	// more says that this is no text: there may be others than the one before.
	more bool
}

// makeLine is a text of a makefile with its place.
type makeLine struct {
	file, text string
	line       int
	// block is the part under a condition that it stands in, 0 for none.
	block int
}

// makeRule is one rule.
type makeRule struct {
	// targets and needs are as they are written.
	targets, needs string
	// pattern is that of a static pattern rule, or the target of a pattern.
	pattern string
	lines   []makeLine
	block   int
}

var (
	makeName      = regexp.MustCompile(`^\w+$`)
	makeCount     = regexp.MustCompile(`^[0-9.]+$`)
	makeReference = regexp.MustCompile(`\$[({](\w+)[)}]`)
)

// makefile reads the makefile of a call, or the files that it names; nil where
// there is none.
func (r *run) makefile(call makeCall, env *value.Env) *makefile {
	candidates, more := []string{"GNUmakefile", "makefile", "Makefile"}, call.files
	if len(call.files) > 0 {
		candidates, more = call.files[:1], call.files[1:]
	}
	before, set := env.Lookup("MAKEFILES")
	for _, candidate := range candidates {
		file, source, ok := r.read(call.dir, candidate)
		if !ok {
			continue
		}
		m := &makefile{file: file, dir: path.Dir(file), variables: map[string][]makeVariable{}, read: map[string]bool{file: true}}
		if folder, ok := strings.CutSuffix("./"+file, "/"+path.Clean(candidate)); ok {
			m.dir = path.Clean(folder)
		}
		plain := len(call.given) == 0 && !call.has("e") && !set && len(more) == 0
		key := file + "\x00" + m.dir
		if known := r.t.makefiles[key]; plain && known != nil && !r.changedAny(known.read) {
			return known
		}
		m.given(call, env)
		if set {
			m.addAll(r, call.dir, strings.Fields(before.String()))
		}
		m.add(r, file, string(source), 0)
		m.addAll(r, call.dir, more)
		m.index(r)
		if call.has("E") {
			m.lose("is given lines of a makefile")
		}
		if plain && !r.changedAny(m.read) {
			r.t.makefiles[key] = m
		}
		return m
	}
	return nil
}

// addAll reads further files that a call names.
func (m *makefile) addAll(r *run, dir value.Value, names []string) {
	for _, name := range names {
		if file, source, ok := r.read(dir, name); ok {
			m.read[file] = true
			m.add(r, file, string(source), 0)
		} else {
			m.lose("reads " + name + ", which is not in this checkout")
		}
	}
}

// given notes which variables the makefile cannot set: those of the call, and
// where that says so those of the environment.
func (m *makefile) given(call makeCall, env *value.Env) {
	m.fixed = func(name string) bool {
		_, given := call.given[name]
		_, set := env.Lookup(name)
		return given || set && call.has("e")
	}
	if m.env = env.With(call.given); !call.has("e") {
		m.env = (*value.Env)(nil).With(call.given)
	}
}

// values are the variables that a makefile sets, in the environment of its call.
func (m *makefile) values(env *value.Env, p *makePlanner, call makeCall) map[string]value.Value {
	out := map[string]value.Value{}
	for name, set := range m.variables {
		_, fixed := call.given[name]
		before, given := env.Lookup(name)
		if (given || fixed) && set[0].weak || fixed && !slices.ContainsFunc(set, func(v makeVariable) bool { return v.override }) {
			continue
		}
		texts, ok := p.possible(set)
		if !ok || len(texts) > 1 && !hasFlags(texts) && slices.ContainsFunc(set, func(v makeVariable) bool { return v.open }) {
			out[name] = value.Unknown("$(" + name + ")")
			continue
		}
		var all []value.Value
		for _, text := range texts {
			v := m.expand(text, env, []string{name})
			if given && set[0].added {
				v = value.Concat(before, value.Text(" "), v)
			}
			all = append(all, v)
		}
		if len(all) > 0 {
			out[name] = shell.Choose("$("+name+")", all...)
		}
	}
	return out
}

// hasFlags tells whether one of some texts is flags. Such a variable is a choice of
// them, for a flag that is not known would be none.
func hasFlags(texts []string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), "-") })
}

// possible are the texts that a variable may have while its recipes run; ok is false
// where there are too many, or they are too long.
func (p *makePlanner) possible(set []makeVariable) (texts []string, ok bool) {
	began := false
	for _, v := range set {
		perhaps, sure := p.applies(v)
		if v.more || !perhaps || v.weak && began {
			continue
		}
		next := []string{v.text}
		if v.added && began {
			next = nil
			for _, before := range texts {
				next = append(next, before+" "+v.text)
			}
		}
		if sure {
			texts = next
		} else {
			if !began {
				texts = []string{""}
			}
			for _, text := range next {
				if !slices.Contains(texts, text) {
					texts = append(texts, text)
				}
			}
		}
		began = true
		if len(texts) > maxMakeChoices || len(texts[0]) > maxMakeValue {
			return nil, false
		}
	}
	return texts, true
}

// applies tells whether what a variable is set to may hold for what is made, and
// whether it does for all of that.
func (p *makePlanner) applies(v makeVariable) (perhaps, sure bool) {
	if v.targets == nil {
		return true, !v.open
	}
	asked := p.out.call.targets
	if len(asked) == 0 {
		asked = []string{p.m.first}
	}
	sure = !v.open
	for _, target := range asked {
		sure = sure && slices.Contains(v.targets, target)
	}
	perhaps = slices.ContainsFunc(v.targets, func(target string) bool {
		return p.done[strings.TrimPrefix(target, "./")] || strings.Contains(target, "%") || isMakeHole(target)
	})
	return perhaps, sure
}

// makeHome are the ways to write the makefile's folder, without white space.
var makeHome = regexp.MustCompile(`\$\((?:patsubst%/,%,\$\(dir\$\(abspath\$\(lastword\$\(MAKEFILE_LIST\)\)\)\)|dir\$\((?:abspath|realpath)\$\((?:lastword|firstword)\$\(MAKEFILE_LIST\)\)\)|CURDIR|shellpwd|shellgitrev-parse--show-toplevel|realpath\.|abspath\.)\)`)

// expand returns what a text of a makefile stands for.
func (m *makefile) expand(text string, env *value.Env, outer []string) value.Value {
	text, _, _ = strings.Cut(text, " #")
	m.room = maxMakeText
	text = strings.TrimSpace(m.inline(text, env, outer))
	bare := strings.ReplaceAll(strings.ReplaceAll(text, " ", ""), "\t", "")
	var out []value.Value
	if at := makeHome.FindStringIndex(bare); at != nil && at[0] == 0 {
		out, text = append(out, value.Context("github.workspace")), bare[at[1]:]
		if dir := path.Dir(m.file); dir != "." {
			out = append(out, value.Text("/"+dir))
		}
	}
	at := 0
	for _, found := range makeReference.FindAllStringSubmatchIndex(text, -1) {
		v, given := env.Lookup(text[found[2]:found[3]])
		if !given {
			v = value.Unknown(text[found[0]:found[1]])
		}
		out, at = append(out, plainMake(text[at:found[0]]), v), found[1]
	}
	return value.Concat(append(out, plainMake(text[at:]))...)
}

// inline puts the texts of other variables in place of their names. Outer are
// those in whose text this one stands.
func (m *makefile) inline(text string, env *value.Env, outer []string) string {
	return makeReference.ReplaceAllStringFunc(text, func(reference string) string {
		name := reference[2 : len(reference)-1]
		set := m.variables[name]
		_, given := env.Lookup(name)
		if len(set) != 1 || given && set[0].weak || slices.Contains(outer, name) || len(outer) >= maxIncludes {
			return reference
		}
		if m.room -= len(set[0].text) + 1; m.room < 0 {
			return reference
		}
		return m.inline(strings.TrimSpace(set[0].text), env, append(slices.Clip(outer), name))
	})
}

// maxMakeText bounds the texts that are put in place of names in one text.
const maxMakeText = 4096

// maxMakeValue bounds what a variable is put together of.
const maxMakeValue = 8 * maxMakeText

// plainMake is the value of a text without references: one that still calls a
// function is not known.
func plainMake(text string) value.Value {
	if strings.Contains(text, "$") {
		return value.Unknown(text)
	}
	return value.Text(text)
}
