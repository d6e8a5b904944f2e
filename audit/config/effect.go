package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/rules"
)

// permissions reads permissions of one level, by the names of the API or by
// those of workflows.
func (p *parser) permissions(n *yaml.Node, level rules.Level, effect *rules.Effect) {
	what := map[rules.Level]string{rules.LevelRepository: "permissions", rules.LevelOrganization: "organization", rules.LevelAccount: "account"}[level]
	known := permissionWords(level)
	seen := map[rules.Permission]bool{}
	for key, value := range p.mapping(n, what, false) {
		accesses, ok := known[key.Value]
		if !ok {
			p.fault(key, "no permission in %s is called %q%s", what, key.Value, elsewhere(key.Value, level, known))
			continue
		}
		access, ok := p.oneOf(value, "permission "+key.Value, accesses)
		if !ok {
			continue
		}
		permission := rules.Permission{Level: level, Name: strings.ReplaceAll(key.Value, "-", "_"), Access: access}
		if !permission.Known() {
			permission, _ = rules.PermissionForKey(key.Value, access)
		}
		id := permission
		if id.Access = ""; seen[id] {
			p.fault(key, "permission %s stands in %s twice", key.Value, what)
			continue
		}
		seen[id] = true
		effect.Needs = append(effect.Needs, []rules.Permission{permission})
	}
}

// permissionWords returns the names that permissions of a level can have
// here, with their accesses.
func permissionWords(level rules.Level) map[string][]string {
	out := map[string][]string{}
	for name, accesses := range rules.PermissionNames(level) {
		out[name] = accesses
		out[strings.ReplaceAll(name, "_", "-")] = accesses
	}
	if level == rules.LevelRepository {
		for _, k := range rules.WorkflowKeys() {
			if _, ok := out[k.Key]; !ok {
				out[k.Key] = k.Accesses
			}
		}
	}
	return out
}

// elsewhere ends the message about a permission that is not known at a level.
func elsewhere(name string, level rules.Level, known map[string][]string) string {
	for _, other := range []rules.Level{rules.LevelRepository, rules.LevelOrganization, rules.LevelAccount} {
		if _, ok := permissionWords(other)[name]; ok && other != level {
			return fmt.Sprintf(": it is one of %s", map[rules.Level]string{rules.LevelRepository: "permissions", rules.LevelOrganization: "organization", rules.LevelAccount: "account"}[other])
		}
	}
	// Each stands there in two spellings, of which one is enough to show.
	words := slices.DeleteFunc(slices.Collect(maps.Keys(known)), func(word string) bool { return strings.Contains(word, "_") })
	return allowed(name, words)
}

// target reads where something acts; "" is the workflow's own repository.
func (p *parser) target(n *yaml.Node, s subject) string {
	text, ok := p.text(n, "target")
	switch {
	case !ok || text == "self":
		return ""
	case !s.target.MatchString(text) && !repositoryPattern.MatchString(text):
		p.fault(n, "target cannot be %q: say %s", text, s.hint)
	}
	return text
}

// reasons reads reason codes that always hold.
func (p *parser) reasons(n *yaml.Node, effect *rules.Effect) {
	for _, element := range p.list(n, "reasons") {
		text, ok := p.text(element, "a reason")
		switch {
		case !ok:
		case said[text] != "":
			p.fault(element, "%s follows from %s: say that instead", text, said[text])
		case !slices.Contains(reasonWords(), text):
			p.fault(element, "no reason that can be given here is called %q%s", text, allowed(text, reasonWords()))
		case slices.Contains(effect.Reasons, text):
			p.fault(element, "reason %s stands here twice", text)
		default:
			effect.Reasons = append(effect.Reasons, text)
			effect.Answer = effect.Answer.Worse(answer(text))
		}
	}
}

// said are the reasons that follow from other things that are said.
var said = map[string]string{
	"triggers-workflows": "events", "approval-required": "events", "other-repository": "target", "other-owner": "target", "unknown-caller": "target",
}

// reasonWords are the codes that can be said of an action or a program: not
// those that something is not known, which it then is.
func reasonWords() []string {
	return slices.DeleteFunc(rules.ReasonCodes(), func(code string) bool {
		page, _ := rules.PageByID(code)
		return said[code] != "" || !slices.Contains(page.Verdicts, audit.VerdictNotReplaceable) && !slices.Contains(page.Verdicts, audit.VerdictConditional)
	})
}

// answer is what a reason says: one that can be a condition is one. Whoever
// says that something writes workflow files leaves no doubt about it.
func answer(code string) rules.Answer {
	page, _ := rules.PageByID(code)
	if slices.Contains(page.Verdicts, audit.VerdictConditional) && code != "workflow-files" {
		return rules.AnswerConditional
	}
	return rules.AnswerNo
}
