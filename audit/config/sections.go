package config

import (
	"regexp"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/rules"
)

// The forms of texts. They are written so that JSON schemas can hold them.
const (
	repositoryForm = `^[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]*[A-Za-z0-9_-][A-Za-z0-9._-]*$`
	branchForm     = `^[^\s~^:?*\[\\/]+(/[^\s~^:?*\[\\/]+)*$`
	refsForm       = `^refs/`
	secretForm     = `^[A-Za-z_*?][A-Za-z0-9_*?]*$`
	// reservedForm are names that no secret of one's own can have.
	reservedForm = `^[Gg][Ii][Tt][Hh][Uu][Bb]_`
)

var (
	repositoryPattern = regexp.MustCompile(repositoryForm)
	branchPattern     = regexp.MustCompile(branchForm)
	secretPattern     = regexp.MustCompile(secretForm)
	reservedPattern   = regexp.MustCompile(reservedForm)
)

// severityWords are what may stand for a rule.
var severityWords = []string{"error", "warning", "notice", off}

// root reads the keys of the configuration. A section whose entries are all
// commented out is empty.
func (p *parser) root(n *yaml.Node) {
	section := func(read func(n *yaml.Node)) func(key, value *yaml.Node) {
		return func(_, value *yaml.Node) {
			if !isNull(value) {
				read(value)
			}
		}
	}
	p.object(n, "the configuration", fields{
		"repository":     func(_, value *yaml.Node) { p.repository(value) },
		"default-branch": func(_, value *yaml.Node) { p.defaultBranch(value) },
		"accept":         section(p.accept),
		"severities":     section(p.severities),
		"secrets":        section(p.secrets),
		"skip":           section(p.skip),
		"actions":        section(p.actions),
		"programs":       section(p.programs),
	})
}

func (p *parser) repository(n *yaml.Node) {
	text, ok := p.text(n, "repository")
	if ok && !repositoryPattern.MatchString(text) {
		p.fault(n, "repository cannot be %q: say owner/name", text)
		return
	}
	p.config.Repository = text
}

func (p *parser) defaultBranch(n *yaml.Node) {
	text, ok := p.text(n, "default-branch")
	switch {
	case !ok:
	case strings.HasPrefix(text, "refs/"):
		p.fault(n, "default-branch cannot be %q: say the branch's name alone, such as main", text)
	case !branchPattern.MatchString(text):
		p.fault(n, "default-branch cannot be %q: say a branch's name, such as main", text)
	default:
		p.config.DefaultBranch = text
	}
}

func (p *parser) severities(n *yaml.Node) {
	p.config.severities = map[string]string{}
	known := fields{}
	for _, rule := range rules.RuleIDs() {
		known[rule] = func(_, value *yaml.Node) {
			if text, ok := p.oneOf(value, "the severity of "+rule, severityWords); ok {
				p.config.severities[rule] = text
			}
		}
	}
	for key, value := range p.mapping(n, "severities", false) {
		read, ok := known[key.Value]
		if !ok {
			p.fault(key, "no rule is called %q%s", key.Value, allowed(key.Value, rules.RuleIDs()))
			continue
		}
		read(key, value)
	}
}

func (p *parser) secrets(n *yaml.Node) {
	for key, value := range p.mapping(n, "secrets", true) {
		switch {
		case reservedPattern.MatchString(key.Value):
			p.fault(key, "%q is GitHub's own, and no secret: names that begin with GITHUB_ are reserved", key.Value)
			continue
		case !secretPattern.MatchString(key.Value):
			p.fault(key, "no secret can be called %q: say a name, or a pattern with * and ?", key.Value)
			continue
		}
		if kind, ok := p.oneOf(value, "the kind of secret "+key.Value, []string{rules.NameGitHub, rules.NameOther}); ok {
			p.config.secrets = append(p.config.secrets, secretKind{strings.ToUpper(key.Value), kind})
		}
	}
}

func (p *parser) skip(n *yaml.Node) {
	for _, element := range p.list(n, "skip") {
		text, ok := p.text(element, "a path to skip")
		if !ok {
			continue
		}
		if pattern := p.pathPattern(element, text); pattern != "" {
			p.config.skip = append(p.config.skip, pattern)
		}
	}
}

// pathPattern checks a pattern of files; empty where it is none.
func (p *parser) pathPattern(n *yaml.Node, text string) string {
	text = strings.TrimPrefix(text, "./")
	switch {
	case text == "" || strings.HasPrefix(text, "/") || strings.HasPrefix(text, "../"):
		p.fault(n, "%q is no path of a file: say it from the repository's root, such as .github/workflows/old-*.yml", n.Value)
	case strings.HasSuffix(text, "/"):
		p.fault(n, "%q is a folder: say %s** for the files below it", n.Value, text)
	case !doublestar.ValidatePattern(text):
		p.fault(n, "%q is no valid pattern: its brackets or braces do not match", n.Value)
	default:
		return text
	}
	return ""
}
