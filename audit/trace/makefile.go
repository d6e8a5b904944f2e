package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

// make handles `make [-C dir] [NAME=value…] [target…]` by reading the recipes
// of a plain makefile and of those that it includes. Pattern rules, functions
// and variables that are set more than once are not understood, and appear as
// unknown words.
func (r *run) make(c *Command) (start, bool) {
	dir, targets, given := makeWords(c)
	name := strings.TrimSpace("make " + strings.Join(targets, " "))
	m := r.makefile(dir)
	if other := r.elsewhere(dir, "Makefile"); m == nil && other != "" {
		return lost(name, "runs a makefile", other), true
	}
	if m == nil {
		return start{what: name, why: "runs a makefile that is not in this checkout", settle: "audit a checkout that has it" + orDescribe}, true
	}
	parts, complete := m.recipe(targets)
	if !complete {
		return start{what: name, why: "runs rules of " + m.file + " that are not understood", settle: "read what it does with the token" + describeProgram}, true
	}
	return start{
		what: name, file: m.file, target: strings.Join(targets, " "),
		run: func(r *run, site *Site, at position) {
			inner := *site.Command
			inner.Env, inner.Dir = inner.Env.With(m.values(inner.Env)).With(given), dir
			own := *site
			own.Command = &inner
			for _, part := range parts {
				r.recipe(name, part, nil, &own, at)
			}
		},
	}, true
}

// makeWords takes the words of a call of make apart: the folder, the targets,
// and the variables that it sets.
func makeWords(c *Command) (dir value.Value, targets []string, given map[string]value.Value) {
	dir, given = c.Dir, map[string]value.Value{}
	for i := 1; i < len(c.Args); i++ {
		w := c.Args[i].String()
		masked := c.Args[i].Mask()
		name, text, set := strings.Cut(masked.Text, "=")
		name = strings.TrimRight(name, ":?")
		switch {
		case (w == "-C" || w == "--directory") && i+1 < len(c.Args):
			i++
			dir = shell.Join(dir, c.Args[i])
		case strings.HasPrefix(w, "-"):
		case set && makeName.MatchString(name):
			given[name] = masked.Table.Value(text)
		case strings.Contains(w, "="):
		default:
			targets = append(targets, w)
		}
	}
	return dir, targets, given
}

// makefile is what was read of a makefile and of those that it includes.
type makefile struct {
	file  string
	rules map[string]*makeRule
	// first is the target that is made where none is named.
	first string
	// variables are the texts that variables are set to, by name. Those that
	// are set "?=" give way to the environment.
	variables map[string][]makeVariable
	// read are the files that were read: makefiles may include each other.
	read map[string]bool
	// room is how much text may still be put in place of names.
	room int
}

type makeVariable struct {
	text string
	weak bool
}

// makeRule is what is known of one target.
type makeRule struct {
	needs []string
	parts []recipe
}

var (
	makeName       = regexp.MustCompile(`^\w+$`)
	makeTarget     = regexp.MustCompile(`^([A-Za-z0-9_./%-][^:=#\t]*):(?:[^=]|$)`)
	makeAssignment = regexp.MustCompile(`^(?:export[ \t]+|override[ \t]+)*(\w+)[ \t]*(::?|\?|\+)?=[ \t]*(.*)$`)
	makeInclude    = regexp.MustCompile(`^-?s?include[ \t]+(.+)$`)
	makeReference  = regexp.MustCompile(`\$[({](\w+)[)}]`)
	makeConditions = regexp.MustCompile(`^[ \t]*(ifdef|ifndef|ifeq|ifneq|endif)\b`)
)

// makefile reads the makefile of a folder; nil where it has none.
func (r *run) makefile(dir value.Value) *makefile {
	for _, candidate := range []string{"GNUmakefile", "makefile", "Makefile"} {
		file, source, ok := r.read(dir, candidate)
		if !ok {
			continue
		}
		m := r.t.makefiles[file]
		if m == nil {
			m = &makefile{file: file, rules: map[string]*makeRule{}, variables: map[string][]makeVariable{}, read: map[string]bool{file: true}}
			m.add(r, file, string(source), 0)
			r.t.makefiles[file] = m
		}
		return m
	}
	return nil
}

// maxIncludes bounds the depth of makefiles that include others.
const maxIncludes = 8

// add reads one makefile.
func (m *makefile) add(r *run, file, source string, depth int) {
	var current []*makeRule
	conditions := 0
	for i, text := range strings.Split(source, "\n") {
		if strings.HasPrefix(text, "\t") {
			for _, rule := range current {
				rule.line(file, text[1:], i+1)
			}
			continue
		}
		if strings.TrimSpace(text) == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if c := makeConditions.FindStringSubmatch(text); c != nil {
			conditions++
			if c[1] == "endif" {
				conditions = max(conditions-2, 0)
			}
			continue
		}
		if a := makeAssignment.FindStringSubmatch(text); a != nil {
			m.variables[a[1]] = append(m.variables[a[1]], makeVariable{text: a[3], weak: a[2] == "?"})
			if a[2] == "+" || conditions > 0 {
				// Whether it is set so, or what it adds to, is not known.
				m.variables[a[1]] = append(m.variables[a[1]], makeVariable{})
			}
			continue
		}
		if in := makeInclude.FindStringSubmatch(text); in != nil && depth < maxIncludes {
			for _, pattern := range strings.Fields(in[1]) {
				m.include(r, path.Join(path.Dir(m.file), pattern), depth)
			}
			continue
		}
		current = m.targets(text)
	}
}

func (m *makefile) include(r *run, pattern string, depth int) {
	names := []string{pattern}
	if strings.ContainsAny(pattern, "*?[") {
		names = r.t.repository.Glob(pattern)
	}
	for _, name := range names {
		if name = path.Clean(name); m.read[name] {
			continue
		}
		m.read[name] = true
		if source, err := r.t.repository.Read(name); err == nil {
			m.add(r, name, string(source), depth+1)
		}
	}
}

// targets returns the rules that a line begins.
func (m *makefile) targets(text string) []*makeRule {
	found := makeTarget.FindStringSubmatch(text)
	if found == nil {
		return nil
	}
	_, needs, _ := strings.Cut(text, ":")
	needs, _, _ = strings.Cut(strings.TrimLeft(needs, ":"), "#")
	var out []*makeRule
	for _, target := range strings.Fields(found[1]) {
		rule := m.rules[target]
		if rule == nil {
			rule = &makeRule{}
			m.rules[target] = rule
		}
		rule.needs = append(rule.needs, strings.Fields(needs)...)
		out = append(out, rule)
		if m.first == "" && !strings.HasPrefix(target, ".") {
			m.first = target
		}
	}
	return out
}

func (rule *makeRule) line(file, text string, number int) {
	n := len(rule.parts)
	if n == 0 || !continues(rule.parts[n-1]) {
		text = strings.TrimLeft(text, "@-+ ")
	}
	text = strings.ReplaceAll(makeReference.ReplaceAllString(text, "$${$1}"), "$$", "$")
	if n == 0 || rule.parts[n-1].file != file {
		rule.parts = append(rule.parts, recipe{file: file})
		n++
	}
	part := &rule.parts[n-1]
	part.text, part.lines = append(part.text, text), append(part.lines, number)
}

// continues tells whether the next line belongs to the last one of a part.
func continues(part recipe) bool { return strings.HasSuffix(part.text[len(part.text)-1], "\\") }

// recipe collects the recipes of targets and of what they depend on. complete
// is false where a target has no rule.
func (m *makefile) recipe(targets []string) (parts []recipe, complete bool) {
	if len(targets) == 0 {
		targets = []string{m.first}
	}
	complete = true
	done := map[string]bool{}
	var visit func(target string, asked bool)
	visit = func(target string, asked bool) {
		if done[target] {
			return
		}
		done[target] = true
		rule := m.rules[target]
		if rule == nil {
			// A prerequisite without a rule is a file; a target asked for
			// must have one.
			complete = complete && !asked
			return
		}
		for _, need := range rule.needs {
			visit(need, false)
		}
		parts = append(parts, rule.parts...)
	}
	for _, target := range targets {
		visit(target, true)
	}
	return parts, complete
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
