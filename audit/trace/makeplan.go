package trace

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

// makePlan is what a call of make runs.
type makePlan struct {
	parts []recipe
	// table says what the placeholders of the parts stand for.
	table *value.Table
	// complete is false where a target that is asked for has no rule.
	complete bool
	// lost says what is not understood.
	lost string
	// call has the flags of MAKEFLAGS too, options are those of its shells.
	call    makeCall
	options stepShell
}

// The bounds of one call: how many targets are looked at, and how many
// commands a recipe may be put together from.
const (
	maxMakeTargets  = 2000
	maxMakeRecipes  = 64 << 10
	maxMakeChoices  = 4
	maxMakeParallel = 50
)

// makeSpecial are targets that change how make reads its files, or runs recipes, see
// https://www.gnu.org/software/make/manual/html_node/Special-Targets.html.
var makeSpecial = []string{".IGNORE", ".ONESHELL", ".POSIX", ".SECONDEXPANSION"}

// index finds the rules by their targets.
func (m *makefile) index(r *run) {
	m.named, m.phony = map[string][]*makeRule{}, map[string]bool{}
	words := &makeText{m: m, r: r, env: m.env}
	m.special = map[string][]string{}
	for _, rule := range m.rules {
		words.room = maxMakeText
		for _, target := range strings.Fields(words.names(rule.targets, 0)) {
			switch {
			case target == ".PHONY":
				for _, name := range strings.Fields(words.names(rule.needs, 0)) {
					m.phony[name] = true
				}
			case slices.Contains(makeSpecial, target):
				m.special[target] = append(m.special[target], strings.Fields(words.names(rule.needs, 0))...)
			case strings.Contains(target, "%") && rule.pattern == "":
				own := *rule
				own.pattern = target
				m.patterns = append(m.patterns, &own)
			default:
				target = strings.TrimPrefix(target, "./")
				m.named[target] = append(m.named[target], rule)
				if m.first == "" && (!strings.HasPrefix(target, ".") || strings.Contains(target, "/")) && !isMakeHole(target) {
					m.first = target
				}
			}
		}
	}
	if _, twice := m.special[".SECONDEXPANSION"]; twice && slices.ContainsFunc(m.rules, func(rule *makeRule) bool { return strings.Contains(rule.needs, "$$") }) {
		m.lose("has prerequisites that are expanded twice")
	}
	if set := m.variables[".DEFAULT_GOAL"]; len(set) > 0 {
		if name := strings.TrimSpace(words.names(set[len(set)-1].text, 0)); name != "" && !isMakeHole(name) {
			m.first = name
		}
	}
}

// makePlanner collects what targets run.
type makePlanner struct {
	m    *makefile
	r    *run
	env  *value.Env
	done map[string]bool
	// ran are the commands that were added for the values of variables.
	ran  map[string]bool
	text *makeText
	out  *makePlan
	// unsure counts the lines of which it is not known whether they run.
	unsure int
}

// plan collects the recipes of targets and of what they depend on.
func (m *makefile) plan(r *run, call makeCall, env *value.Env) *makePlanner {
	for _, set := range m.variables["MAKEFLAGS"] {
		call.inherit(value.Text(set.text))
	}
	p := &makePlanner{m: m, r: r, env: env, done: map[string]bool{}, ran: map[string]bool{}, out: &makePlan{table: &value.Table{}, complete: true, lost: m.lost, call: call, options: m.shell()}}
	p.text = &makeText{m: m, r: r, env: env, room: maxMakeRecipes, table: p.out.table, lose: p.lose}
	p.text.shell = func(string) {}
	for _, line := range m.immediate {
		p.commands(line)
	}
	for _, name := range m.included {
		p.visit(name, false)
	}
	targets := call.targets
	if len(targets) == 0 {
		targets = []string{m.first}
	}
	for _, target := range targets {
		p.visit(target, true)
	}
	return p
}

func (p *makePlanner) lose(why string) {
	if p.out.lost == "" {
		p.out.lost = why
	}
}

// commands adds what make runs to expand a text. Calls of the shell that only
// ask for what the plan knows anyhow are left out.
func (p *makePlanner) commands(line makeLine) {
	var part recipe
	p.text.shell = func(command string) {
		if p.ran[command] {
			return
		}
		p.ran[command] = true
		part.file = line.file
		part.add(command, line.line, shell.Line{Forgiven: true})
	}
	p.text.names(line.text, 0)
	p.text.shell = func(string) {}
	if len(part.text) > 0 {
		p.out.parts = append(p.out.parts, part)
	}
}

// shell returns the options that a makefile gives to its shells.
func (m *makefile) shell() stepShell {
	var out stepShell
	_, out.errexit = m.special[".POSIX"]
	for _, name := range []string{"SHELL", ".SHELLFLAGS"} {
		if set := m.variables[name]; len(set) == 1 && !set[0].weak {
			text, _, _ := strings.Cut(set[0].text, " #")
			words := withOptions(strings.Fields(text))
			out.errexit, out.pipefail = out.errexit || words.errexit, out.pipefail || words.pipefail
		}
	}
	return out
}

// visit adds the recipes of a target behind those of what it needs.
func (p *makePlanner) visit(target string, asked bool) {
	target = strings.TrimPrefix(target, "./")
	if p.done[target] || target == "|" {
		return
	}
	if len(p.done) > maxMakeTargets {
		p.lose("has more targets than are read")
		return
	}
	p.done[target] = true
	rules := p.m.named[target]
	if len(rules) == 0 && isMakeHole(target) {
		p.open(target)
		return
	}
	ruled := slices.ContainsFunc(rules, func(rule *makeRule) bool { return len(rule.lines) > 0 })
	if !ruled && !p.m.phony[target] {
		rules = append(slices.Clip(rules), p.matching(target, asked)...)
	}
	if len(rules) == 0 {
		// A prerequisite without a rule is a file; a target asked for must
		// have one.
		p.out.complete = p.out.complete && !asked
		return
	}
	several := len(slices.DeleteFunc(slices.Clone(rules), func(rule *makeRule) bool { return len(rule.lines) == 0 })) > 1
	var recipes []func()
	for _, rule := range rules {
		stem, _ := makeStem(rule.pattern, target)
		p.text.target, p.text.stem, p.text.needs = target, stem, nil
		needs := rule.needs
		if rule.pattern != "" {
			needs = strings.ReplaceAll(needs, "%", stem)
		}
		list := strings.Fields(p.text.names(needs, 0))
		for _, need := range list {
			p.visit(need, false)
		}
		recipes = append(recipes, func() {
			p.text.target, p.text.stem, p.text.needs = target, stem, list
			p.recipe(rule, several || p.there(target) && !p.m.phony[target])
		})
	}
	for _, add := range recipes {
		add()
	}
}

// open handles a prerequisite that is known in part: all that it may be. One
// of which nothing is known may be any target.
func (p *makePlanner) open(target string) {
	parts := strings.FieldsFunc(target, func(c rune) bool { return c == makeHole || c == makeFiles })
	if len(parts) == 0 {
		if strings.ContainsRune(target, makeHole) {
			p.lose("makes targets whose names are not known")
		}
		return
	}
	fits := func(name string) bool {
		for i, part := range parts {
			at := strings.Index(name, part)
			if at < 0 || i == 0 && at > 0 && strings.HasPrefix(target, part) {
				return false
			}
			name = name[at+len(part):]
		}
		return name == "" || !strings.HasSuffix(target, parts[len(parts)-1])
	}
	for _, rule := range p.m.rules {
		for _, name := range strings.Fields(rule.targets) {
			if !strings.ContainsAny(name, "$%") && !strings.HasPrefix(name, ".") && fits(name) {
				p.visit(name, false)
			}
		}
	}
	for _, rule := range p.matching(target, false) {
		p.text.target, p.text.stem, p.text.needs = target, string(makeHole), nil
		p.recipe(rule, true)
	}
}

// matching are the pattern rules for a target: those with the shortest stem.
// What matches anything makes no file that is there, nor a makefile.
func (p *makePlanner) matching(target string, asked bool) []*makeRule {
	var out []*makeRule
	best := -1
	for _, rule := range p.m.patterns {
		stem, ok := makeStem(rule.pattern, target)
		if !ok || best >= 0 && len(stem) > best {
			continue
		}
		if !asked && strings.TrimSpace(rule.needs) == "" && p.there(target) || rule.pattern == "%" && slices.Contains(p.m.included, target) {
			continue
		}
		if len(stem) < best || best < 0 {
			out, best = nil, len(stem)
		}
		out = append(out, rule)
	}
	if len(out) == 0 && asked {
		out = p.m.named[".DEFAULT"]
	}
	return out
}

// there tells whether a file or a folder is in the checkout.
func (p *makePlanner) there(name string) bool {
	return len(p.r.t.repository.Glob(path.Join(p.m.dir, name))) > 0
}

// makeStem is what stands for the sign of a pattern.
func makeStem(pattern, target string) (stem string, ok bool) {
	before, after, ok := strings.Cut(pattern, "%")
	if !ok || len(target) <= len(before)+len(after) || !strings.HasPrefix(target, before) || !strings.HasSuffix(target, after) {
		return "", false
	}
	return target[len(before) : len(target)-len(after)], true
}

// recipe adds the lines of a rule, as the shell gets them. Perhaps says that it is
// not known whether they are run.
func (p *makePlanner) recipe(rule *makeRule, perhaps bool) {
	var part recipe
	var before recipe
	p.unsure++
	whole := -p.unsure
	_, oneShell := p.m.special[".ONESHELL"]
	flush := func() {
		for _, x := range []recipe{before, part} {
			if len(x.text) > 0 {
				p.out.parts = append(p.out.parts, x)
			}
		}
		before, part = recipe{}, recipe{whole: oneShell && !perhaps, errexit: p.out.options.errexit, pipefail: p.out.options.pipefail}
	}
	flush()
	p.text.eval = p.evaluated
	defer func() { p.text.eval = nil }()
	for _, line := range rule.lines {
		if part.file != line.file {
			flush()
			part.file, before.file = line.file, line.file
		}
		p.text.shell = func(command string) {
			if p.ran[command] {
				return
			}
			p.ran[command] = true
			before.add(command, line.line, shell.Line{Forgiven: true})
		}
		seen := map[string]bool{}
		for choice := range maxMakeChoices {
			p.text.choice, p.text.choices = choice, 0
			text := p.text.script(line.text, 0)
			if !seen[text] && !(p.out.call.has("nqt") && !strings.Contains(line.text, "MAKE") && !strings.HasPrefix(strings.TrimLeft(line.text, "@- \t"), "+")) {
				seen[text] = true
				mode := shell.Line{Forgiven: p.forgives(p.text.target)}
				switch {
				case p.text.choices > 1:
					p.unsure++
					mode.Block = -p.unsure
				case line.block != rule.block:
					mode.Block = line.block
				case perhaps:
					mode.Block = whole
				}
				part.lay(text, line, mode)
			}
			if p.text.choices > maxMakeChoices {
				p.lose("runs commands that are put together in too many ways")
			}
			if choice+1 >= p.text.choices {
				break
			}
		}
		p.text.choice = 0
	}
	flush()
	p.text.shell = func(string) {}
}

// evaluated is told of lines that a recipe gives to make. What they set again has
// another value from there on.
func (p *makePlanner) evaluated(text string) {
	for line := range strings.Lines(text) {
		a := makeAssignment.FindStringSubmatch(strings.TrimSpace(line))
		if a != nil && (len(p.m.variables[a[2]]) > 0 || isMakeHole(a[2]) || strings.Contains(a[1], "export")) {
			p.lose("sets " + oneLine(a[2]) + " while a recipe runs")
		}
	}
}

// forgives tells whether make goes on where a line for a target fails.
func (p *makePlanner) forgives(target string) bool {
	ignored, ignores := p.m.special[".IGNORE"]
	return p.out.call.has("i") || ignores && (len(ignored) == 0 || slices.Contains(ignored, target))
}

// lay adds the lines of a text that came of one line of a makefile.
func (part *recipe) lay(text string, line makeLine, mode shell.Line) {
	lines := strings.Split(text, "\n")
	same := len(lines) == strings.Count(line.text, "\n")+1
	for i, text := range lines {
		own := mode
		if i == 0 || !makeContinues(lines[i-1]) {
			command := strings.TrimLeft(text, "@-+ \t")
			own.Forgiven = own.Forgiven || strings.Contains(text[:len(text)-len(command)], "-")
			text = command
		}
		number := line.line
		if same {
			number += i
		}
		part.add(text, number, own)
	}
}
