package config

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/rules"
)

// Acceptance is an entry under "accept": findings that people know of and
// leave as they are. What it does not name fits anything.
type Acceptance struct {
	// Rule is a rule's ID.
	Rule string
	// Secret is a secret's or a token's name, or a pattern with * and ?, in
	// upper case.
	Secret string
	// File is a pattern of a file, as those to skip are.
	File string
	// Job is a job's ID.
	Job string
	// Reason is why.
	Reason string
	// Expires is the last day on which the entry holds, as "2027-01-31"; empty
	// for no end.
	Expires string
	// Span is where the entry stands in the configuration.
	Span audit.Span
}

// Fits tells whether an entry is about a finding: of a rule, about a secret
// ("" for none), in a file, in jobs (none for what is of no job).
func (a Acceptance) Fits(rule, secret, file string, jobs []string) bool {
	if a.Rule != "" && a.Rule != rule {
		return false
	}
	if a.Secret != "" {
		if ok, err := path.Match(a.Secret, strings.ToUpper(secret)); !ok || err != nil || secret == "" {
			return false
		}
	}
	if a.File != "" {
		if ok, err := doublestar.Match(a.File, file); !ok || err != nil {
			return false
		}
	}
	other := func(job string) bool { return !strings.EqualFold(job, a.Job) }
	return a.Job == "" || len(jobs) > 0 && !slices.ContainsFunc(jobs, other)
}

// Expired tells whether an entry holds no more on a day; never on the zero
// day.
func (a Acceptance) Expired(now time.Time) bool {
	return a.Expires != "" && !now.IsZero() && now.UTC().Format(time.DateOnly) > a.Expires
}

// Acceptances are the entries under "accept", in order.
func (c *Config) Acceptances() []Acceptance {
	if c == nil {
		return nil
	}
	return slices.Clone(c.accept)
}

// The forms of what an acceptance holds.
const (
	jobForm    = `^[A-Za-z_][A-Za-z0-9_-]*$`
	dateForm   = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
	reasonForm = `\S`
)

var (
	jobPattern  = regexp.MustCompile(jobForm)
	datePattern = regexp.MustCompile(dateForm)
)

// AcceptableRules are the rules whose findings can be accepted: all but those
// about acceptances.
func AcceptableRules() []string {
	return slices.DeleteFunc(rules.RuleIDs(), func(id string) bool {
		page, _ := rules.PageByID(id)
		return page.Subject == rules.SubjectAcceptance
	})
}

func (p *parser) accept(n *yaml.Node) {
	for _, element := range p.list(n, "accept") {
		p.acceptance(element)
	}
}

// acceptance reads one entry.
func (p *parser) acceptance(n *yaml.Node) {
	const what = "an entry of accept"
	before := len(p.problems)
	a := Acceptance{Span: audit.Span{File: p.file, Line: n.Line, Column: n.Column, EndLine: n.Line}}
	given := map[string]bool{}
	text := func(name string, read func(n *yaml.Node, text string)) func(key, value *yaml.Node) {
		return func(_, value *yaml.Node) {
			given[name] = true
			if text, ok := p.text(value, name+" of "+what); ok {
				read(value, text)
			}
		}
	}
	p.object(n, what, fields{
		"rule": func(_, value *yaml.Node) {
			given["rule"] = true
			if text, ok := p.oneOf(value, "rule of "+what, AcceptableRules()); ok {
				a.Rule = text
			}
		},
		"secret": text("secret", func(n *yaml.Node, text string) {
			if !secretPattern.MatchString(text) {
				p.fault(n, "no secret can be called %q: say a name, or a pattern with * and ?", text)
			}
			a.Secret = strings.ToUpper(text)
		}),
		"file": text("file", func(n *yaml.Node, text string) { a.File = p.pathPattern(n, text) }),
		"job": text("job", func(n *yaml.Node, text string) {
			if !jobPattern.MatchString(text) {
				p.fault(n, "no job can be called %q: say the key of a job, not its name", text)
			}
			a.Job = text
		}),
		"reason": text("reason", func(n *yaml.Node, text string) {
			if a.Reason = strings.Join(strings.Fields(text), " "); a.Reason == "" {
				p.fault(n, "the reason of %s is empty: say why it is accepted", what)
			}
		}),
		"expires": func(_, value *yaml.Node) { a.Expires = p.date(value) },
	})
	switch {
	case n.Kind != yaml.MappingNode:
		return
	case !given["reason"]:
		p.fault(n, "%s has no reason: say why it is accepted", what)
	case !given["rule"] && !given["secret"] && !given["file"]:
		p.fault(n, "%s would accept everything: say rule, secret or file", what)
	}
	if len(p.problems) == before {
		p.config.accept = append(p.config.accept, a)
	}
}

// date returns a day, which YAML may take for a time.
func (p *parser) date(n *yaml.Node) string {
	_, err := time.Parse(time.DateOnly, n.Value)
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!timestamp" && n.ShortTag() != "!!str" || !datePattern.MatchString(n.Value) || err != nil {
		p.fault(n, "expires must be a day, such as 2027-01-31")
		return ""
	}
	return n.Value
}
