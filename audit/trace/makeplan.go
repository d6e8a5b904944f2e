package trace

import (
	"path"
	"slices"
	"strings"

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
}

// The bounds of one call: how many targets are looked at, and how many
// commands a recipe may be put together from.
const (
	maxMakeTargets  = 2000
	maxMakeRecipes  = 64 << 10
	maxMakeChoices  = 4
	maxMakeParallel = 50
)

// index finds the rules by their targets.
func (m *makefile) index(r *run) {
	m.named, m.phony = map[string][]*makeRule{}, map[string]bool{}
	words := &makeText{m: m, r: r}
	for _, rule := range m.rules {
		words.room = maxMakeText
		for _, target := range strings.Fields(words.names(rule.targets, 0)) {
			switch {
			case target == ".PHONY":
				for _, name := range strings.Fields(words.names(rule.needs, 0)) {
					m.phony[name] = true
				}
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
}

// plan collects the recipes of targets and of what they depend on.
func (m *makefile) plan(r *run, targets []string, env *value.Env) *makePlan {
	p := &makePlanner{m: m, r: r, env: env, done: map[string]bool{}, ran: map[string]bool{}, out: &makePlan{table: &value.Table{}, complete: true, lost: m.lost}}
	p.text = &makeText{m: m, r: r, env: env, room: maxMakeRecipes, table: p.out.table, lose: p.lose}
	p.text.shell = func(string) {}
	for _, line := range m.immediate {
		p.commands(line)
	}
	for _, name := range m.included {
		p.visit(name, false)
	}
	if len(targets) == 0 {
		targets = []string{m.first}
	}
	for _, target := range targets {
		p.visit(target, true)
	}
	return p.out
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
		part.file, part.text, part.lines = line.file, append(part.text, command), append(part.lines, line.line)
	}
	p.text.names(line.text, 0)
	p.text.shell = func(string) {}
	if len(part.text) > 0 {
		p.out.parts = append(p.out.parts, part)
	}
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
			p.recipe(rule)
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
		p.recipe(rule)
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

// there tells whether a file is in the checkout.
func (p *makePlanner) there(name string) bool {
	_, err := p.r.t.repository.Read(path.Join(path.Dir(p.m.file), name))
	return err == nil
}

// makeStem is what stands for the sign of a pattern.
func makeStem(pattern, target string) (stem string, ok bool) {
	before, after, ok := strings.Cut(pattern, "%")
	if !ok || len(target) <= len(before)+len(after) || !strings.HasPrefix(target, before) || !strings.HasSuffix(target, after) {
		return "", false
	}
	return target[len(before) : len(target)-len(after)], true
}

// recipe adds the lines of a rule, as the shell gets them.
func (p *makePlanner) recipe(rule *makeRule) {
	var part recipe
	var before recipe
	flush := func() {
		for _, x := range []recipe{before, part} {
			if len(x.text) > 0 {
				p.out.parts = append(p.out.parts, x)
			}
		}
		before, part = recipe{}, recipe{}
	}
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
			before.text, before.lines = append(before.text, command), append(before.lines, line.line)
		}
		seen := map[string]bool{}
		for choice := range maxMakeChoices {
			p.text.choice, p.text.choices = choice, 0
			text := p.text.script(line.text, 0)
			if !seen[text] {
				seen[text] = true
				part.lay(text, line)
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

// options returns what tells the shell whether the next line may fail, "" where
// that is as before.
func (part *recipe) options(lenient bool) string {
	if lenient == part.lenient {
		return ""
	}
	part.lenient = lenient
	if lenient {
		return "set +e; "
	}
	return "set -e; "
}

// lay adds the lines of a text that came of one line of a makefile.
func (part *recipe) lay(text string, line makeLine) {
	lines := strings.Split(text, "\n")
	same := len(lines) == strings.Count(line.text, "\n")+1
	for i, text := range lines {
		if i == 0 || !makeContinues(lines[i-1]) {
			command := strings.TrimLeft(text, "@-+ \t")
			text = part.options(strings.Contains(text[:len(text)-len(command)], "-")) + command
		}
		number := line.line
		if same {
			number += i
		}
		part.text, part.lines = append(part.text, text), append(part.lines, number)
	}
}
