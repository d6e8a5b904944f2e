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
	m := r.makefile(call.dir, call.file)
	if other := r.elsewhere(call.dir, "Makefile"); m == nil && other != "" {
		return lost(name, "runs a makefile", other), true
	}
	if m == nil {
		return start{what: name, why: "runs a makefile that is not in this checkout", settle: "audit a checkout that has it" + orDescribe}, true
	}
	env := c.Env.With(call.given)
	p := m.plan(r, call.targets, env)
	if !p.complete {
		return start{what: name, why: "runs rules of " + m.file + " that are not understood", settle: "read what it does with the token" + describeProgram}, true
	}
	return start{
		what: name, file: m.file, target: strings.Join(call.targets, " "),
		run: func(r *run, site *Site, at position) {
			inner := *site.Command
			inner.Env, inner.Dir = inner.Env.With(m.values(inner.Env)).With(call.given), call.dir
			own := *site
			own.Command = &inner
			for _, part := range p.parts {
				r.recipe(name, part, p.table, &own, at)
			}
			if p.lost != "" {
				unread := *site
				unread.Followed, unread.Starts = false, ""
				unread.Unread = &Unread{name, p.lost, "read what it does with the token" + describeProgram}
				r.emit(&unread)
			}
		},
	}, true
}

// makeCall is a call of make: its folder and file, the targets, and the
// variables that it sets.
type makeCall struct {
	dir     value.Value
	file    string
	targets []string
	given   map[string]value.Value
}

// makeWords takes the words of a call of make apart.
func makeWords(c *Command) makeCall {
	call := makeCall{dir: c.Dir, given: map[string]value.Value{}}
	for i := 1; i < len(c.Args); i++ {
		w := c.Args[i].String()
		masked := c.Args[i].Mask()
		name, text, set := strings.Cut(masked.Text, "=")
		if flag, rest := makeFlag(w, name, set); flag != "" {
			at := masked.Table.Value(strings.TrimPrefix(masked.Text, rest))
			if rest == "" && i+1 < len(c.Args) {
				i++
				at = c.Args[i]
			}
			switch flag {
			case "-C":
				call.dir = shell.Join(call.dir, at)
			case "-f":
				call.file = at.String()
			}
			continue
		}
		name = strings.TrimRight(name, ":?")
		switch {
		case w == "-j" || w == "-l" || w == "--jobs":
			if i+1 < len(c.Args) && makeCount.MatchString(c.Args[i+1].String()) {
				i++
			}
		case strings.HasPrefix(w, "-"):
		case set && makeName.MatchString(name):
			call.given[name] = masked.Table.Value(text)
		case strings.Contains(w, "="):
		default:
			call.targets = append(call.targets, w)
		}
	}
	return call
}

// makeFlag returns the short form of a flag that takes a word, and what stands
// before that word if it is the same one.
func makeFlag(word, name string, set bool) (flag, before string) {
	for short, long := range map[string][]string{
		"-C": {"--directory"}, "-f": {"--file", "--makefile"}, "-I": {"--include-dir"}, "-o": {"--old-file", "--assume-old"}, "-W": {"--what-if", "--new-file", "--assume-new"},
	} {
		switch {
		case word == short || slices.Contains(long, word):
			return short, ""
		case set && slices.Contains(long, name):
			return short, name + "="
		case strings.HasPrefix(word, short):
			return short, short
		}
	}
	return "", ""
}

// makefile is what was read of a makefile and of those that it includes.
type makefile struct {
	file string
	// rules are those that were read, in order; named has those of one
	// target, patterns the others.
	rules    []*makeRule
	named    map[string][]*makeRule
	patterns []*makeRule
	// first is the target that is made where none is named.
	first string
	// phony are the targets for which no pattern is looked up.
	phony map[string]bool
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
	// lost says what of it is not understood, whatever the target.
	lost string
	// room is how much text may still be put in place of names.
	room int
}

type makeVariable struct {
	text string
	weak bool
}

// makeLine is a text of a makefile with its place.
type makeLine struct {
	file, text string
	line       int
}

// makeRule is one rule.
type makeRule struct {
	// targets and needs are as they are written.
	targets, needs string
	// pattern is that of a static pattern rule, or the target of a pattern.
	pattern string
	lines   []makeLine
}

var (
	makeName      = regexp.MustCompile(`^\w+$`)
	makeCount     = regexp.MustCompile(`^[0-9.]+$`)
	makeReference = regexp.MustCompile(`\$[({](\w+)[)}]`)
)

// makefile reads the makefile of a folder, or the file that is named there;
// nil where it has none.
func (r *run) makefile(dir value.Value, named string) *makefile {
	candidates := []string{"GNUmakefile", "makefile", "Makefile"}
	if named != "" {
		candidates = []string{named}
	}
	for _, candidate := range candidates {
		file, source, ok := r.read(dir, candidate)
		if !ok {
			continue
		}
		m := r.t.makefiles[file]
		if m == nil {
			m = &makefile{file: file, variables: map[string][]makeVariable{}, read: map[string]bool{file: true}}
			m.add(r, file, string(source), 0)
			m.index(r)
			r.t.makefiles[file] = m
		}
		return m
	}
	return nil
}

// values are the variables that a makefile sets in one place, in the
// environment of its call.
func (m *makefile) values(env *value.Env) map[string]value.Value {
	out := map[string]value.Value{}
	for name, set := range m.variables {
		if _, given := env.Lookup(name); len(set) == 1 && !(given && set[0].weak) {
			out[name] = m.expand(set[0].text, env, []string{name})
		}
	}
	return out
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

// plainMake is the value of a text without references: one that still calls a
// function is not known.
func plainMake(text string) value.Value {
	if strings.Contains(text, "$") {
		return value.Unknown(text)
	}
	return value.Text(text)
}
