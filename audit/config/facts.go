package config

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/rules"
)

// The forms of the names of actions and programs, and of what they take.
const (
	actionForm = `^(\.|\./[^@\s]*|[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+(/[^@\s]+)?)$`
	// calledForm are reusable workflows, which are no actions.
	calledForm = `/\.github/workflows/[^/]+\.ya?ml$`
	// programForm are command words, scriptForm paths of scripts.
	programForm = `^(@[^\s/]+/)?[^\s/@~-][^\s/]*( [^\s-]\S*)*$`
	scriptForm  = `^[^\s/@~-][^\s/]*/\S+$`
	// outsideForm are paths that lead out of the repository.
	outsideForm  = `(^|/)\.\.(/|$)`
	inputForm    = `^\S(.*\S)?$`
	variableForm = `^[A-Za-z_][A-Za-z0-9_]*$`
	flagForm     = `^--[A-Za-z0-9][A-Za-z0-9-]+$`
	argumentForm = `^[1-9][0-9]?$`
	// actionTarget and programTarget are where something can act; the names
	// of repositories come as well.
	actionTarget  = `^(self|input:[^\s/|]+|env:[A-Za-z_][A-Za-z0-9_]*)$`
	programTarget = `^(self|flag:--[A-Za-z0-9][A-Za-z0-9-]+|arg:[1-9][0-9]?|env:[A-Za-z_][A-Za-z0-9_]*)$`
)

var (
	actionPattern   = regexp.MustCompile(actionForm)
	calledPattern   = regexp.MustCompile(calledForm)
	programPattern  = regexp.MustCompile(programForm)
	scriptPattern   = regexp.MustCompile(scriptForm)
	outsidePattern  = regexp.MustCompile(outsideForm)
	inputPattern    = regexp.MustCompile(inputForm)
	variablePattern = regexp.MustCompile(variableForm)
	flagPattern     = regexp.MustCompile(flagForm)
	argumentPattern = regexp.MustCompile(argumentForm)
)

// subject is what facts are about.
type subject struct {
	name   string
	target *regexp.Regexp
	hint   string // which targets there are
}

var (
	actionSubject  = subject{target: regexp.MustCompile(actionTarget), hint: "self, owner/name, input:NAME or env:NAME"}
	programSubject = subject{target: regexp.MustCompile(programTarget), hint: "self, owner/name, flag:--NAME, arg:NUMBER or env:NAME"}
)

// actions reads what is said of actions.
func (p *parser) actions(n *yaml.Node) {
	p.config.actions = map[string]*rules.ActionInfo{}
	for key, value := range p.mapping(n, "actions", true) {
		name := actionKey(key.Value)
		switch {
		case strings.Contains(key.Value, "@"):
			p.fault(key, "leave the version of %q out: what is said of an action holds for all of them", key.Value)
		case calledPattern.MatchString(key.Value):
			p.fault(key, "%q is a reusable workflow, which cannot be described: name an action", key.Value)
		case !actionPattern.MatchString(key.Value):
			p.fault(key, "no action can be called %q: say owner/repo, owner/repo/path or ./path", key.Value)
		case p.config.actions[name] != nil:
			p.fault(key, "%q stands in actions twice", key.Value)
		default:
			p.config.actions[name] = p.action(name, key, value)
		}
	}
}

// action reads what is said of one action.
func (p *parser) action(name string, key, n *yaml.Node) *rules.ActionInfo {
	info := &rules.ActionInfo{Name: name}
	subject := actionSubject
	subject.name = key.Value
	quiet := false
	add := func(t rules.ActionToken, n *yaml.Node, what string) {
		effect, fallback, ok := p.facts(n, subject, what, t.Input != "")
		if ok {
			t.Base, t.Default = effect, fallback
			info.Tokens = append(info.Tokens, t)
		}
	}
	p.object(n, "action "+key.Value, fields{
		"inputs": func(_, value *yaml.Node) {
			for input, facts := range p.named(value, "inputs of "+key.Value, inputPattern, "the name of an input", true) {
				add(rules.ActionToken{Input: strings.ToLower(input.Value)}, facts, "input "+input.Value)
			}
		},
		"env": func(_, value *yaml.Node) {
			for variable, facts := range p.named(value, "env of "+key.Value, variablePattern, "the name of a variable, such as GH_TOKEN", false) {
				add(rules.ActionToken{Env: variable.Value}, facts, "variable "+variable.Value)
			}
		},
		"git":   func(_, value *yaml.Node) { add(rules.ActionToken{Checkout: true}, value, "git") },
		"quiet": func(_, value *yaml.Node) { quiet = p.isTrue(value, "quiet") },
	})
	p.complete(key, n, quiet, "inputs, env or git")
	return info
}

// programs reads what is said of programs and scripts.
func (p *parser) programs(n *yaml.Node) {
	for key, value := range p.mapping(n, "programs", false) {
		name := key.Value
		if isScript(name) {
			name = path.Clean(name)
		}
		switch {
		case strings.HasPrefix(name, "/") || strings.HasPrefix(name, "~") || isScript(key.Value) && outsidePattern.MatchString(key.Value):
			p.fault(key, "%q is no path of this repository: say a script's path from its root, or a program's name", key.Value)
		case isScript(key.Value) && !scriptPattern.MatchString(key.Value):
			p.fault(key, "%q is no path of a script: it stands alone, without operands", key.Value)
		case !isScript(key.Value) && !programPattern.MatchString(key.Value):
			p.fault(key, "no program can be called %q: say its name and the words that choose what it does, or a script's path", key.Value)
		case slices.ContainsFunc(p.config.programs, func(d rules.DescribedProgram) bool { return d.Name == name }):
			p.fault(key, "%q stands in programs twice", key.Value)
		default:
			p.config.programs = append(p.config.programs, p.program(name, key, value))
		}
	}
	// The longest name that fits a call is the one that is meant.
	slices.SortStableFunc(p.config.programs, func(a, b rules.DescribedProgram) int {
		return strings.Count(b.Name, " ") - strings.Count(a.Name, " ")
	})
}

// program reads what is said of one program.
func (p *parser) program(name string, key, n *yaml.Node) rules.DescribedProgram {
	out := rules.DescribedProgram{Name: name}
	subject := programSubject
	subject.name = key.Value
	quiet := false
	add := func(token rules.TokenSource, n *yaml.Node, what string) {
		if effect, _, ok := p.facts(n, subject, what, false); ok {
			if effect.Target == "" {
				effect.Target = "self"
			}
			out.Uses = append(out.Uses, rules.DescribedUse{Token: token, Effect: effect})
		}
	}
	several := func(kind, what string, form *regexp.Regexp, wanted string) func(_, value *yaml.Node) {
		return func(section, value *yaml.Node) {
			for one, facts := range p.named(value, section.Value+" of "+key.Value, form, wanted, false) {
				add(rules.TokenSource{Kind: kind, Name: strings.TrimPrefix(one.Value, "--")}, facts, what+" "+one.Value)
			}
		}
	}
	p.object(n, "program "+key.Value, fields{
		"env":       several("env", "variable", variablePattern, "the name of a variable, such as GH_TOKEN"),
		"flags":     several("flag", "flag", flagPattern, "a long flag, such as --token"),
		"arguments": several("arg", "argument", argumentPattern, "the number of an operand, such as 1"),
		"stdin":     func(_, value *yaml.Node) { add(rules.TokenSource{Kind: "stdin"}, value, "stdin") },
		"git":       func(_, value *yaml.Node) { add(rules.TokenSource{Kind: "git"}, value, "git") },
		"quiet":     func(_, value *yaml.Node) { quiet = p.isTrue(value, "quiet") },
	})
	p.complete(key, n, quiet, "env, flags, arguments, stdin or git")
	return out
}

// named yields the entries of a mapping whose keys have a form. It must have
// one.
func (p *parser) named(n *yaml.Node, what string, form *regexp.Regexp, wanted string, fold bool) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
			p.fault(n, "%s are empty: leave them out, or say quiet: true", what)
		}
		for key, value := range p.mapping(n, what, fold) {
			if !form.MatchString(key.Value) {
				p.fault(key, "%q cannot stand in the %s: say %s", key.Value, what, wanted)
			} else if !yield(key, value) {
				return
			}
		}
	}
}

// complete wants a token that is read, or that none is.
func (p *parser) complete(key, n *yaml.Node, quiet bool, sections string) {
	if n.Kind != yaml.MappingNode {
		return
	}
	switch entries := len(n.Content) / 2; {
	case quiet && entries > 1:
		p.fault(key, "%s cannot be quiet and take a token: say quiet: true alone, or %s", key.Value, sections)
	case entries == 0:
		p.fault(key, "say where %s takes a token (%s), or that it takes none (quiet: true)", key.Value, sections)
	}
}

// facts reads what is done with one token. Fallback is what stands for the
// token where it is not given.
func (p *parser) facts(n *yaml.Node, s subject, what string, mayDefault bool) (effect rules.Effect, fallback string, ok bool) {
	before := len(p.problems)
	what += " of " + s.name
	effect = rules.Effect{Operations: []string{s.name}, Answer: rules.AnswerYes, Source: fmt.Sprintf("%s:%d", p.file, n.Line), Confidence: "high"}
	other := false
	known := fields{
		"permissions":  func(_, value *yaml.Node) { p.permissions(value, rules.LevelRepository, &effect) },
		"organization": func(_, value *yaml.Node) { p.permissions(value, rules.LevelOrganization, &effect) },
		"account":      func(_, value *yaml.Node) { p.permissions(value, rules.LevelAccount, &effect) },
		"target":       func(_, value *yaml.Node) { effect.Target = p.target(value, s) },
		"events":       func(_, value *yaml.Node) { effect.Events = p.events(value) },
		"reasons":      func(_, value *yaml.Node) { p.reasons(value, &effect) },
		"other":        func(_, value *yaml.Node) { other = p.isTrue(value, "other") },
		"note":         func(_, value *yaml.Node) { effect.Note, _ = p.text(value, "note") },
	}
	if mayDefault {
		known["default"] = func(_, value *yaml.Node) { fallback, _ = p.oneOf(value, "default", []string{"github.token"}) }
	}
	p.object(n, what, known)
	if len(p.problems) > before {
		return effect, "", false
	}
	has := func(keys ...string) bool {
		for i := 0; i < len(n.Content); i += 2 {
			if slices.Contains(keys, n.Content[i].Value) {
				return true
			}
		}
		return false
	}
	switch {
	case other && has("permissions", "organization", "account", "target", "events", "reasons", "default"):
		p.fault(n, "%s cannot be a credential for something else (other: true) and do something to GitHub", what)
		return effect, "", false
	case other:
		effect.Answer = rules.AnswerOther
	case !has("permissions", "organization", "account", "reasons"):
		p.fault(n, "say what %s takes: permissions ({} where it takes none), organization, account, reasons, or other: true for a credential that is not GitHub's", what)
		return effect, "", false
	}
	return effect, fallback, true
}
