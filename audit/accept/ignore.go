package accept

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// ignore is a comment that accepts the findings of a line.
type ignore struct {
	file   string
	line   int
	span   audit.Span
	target int // the line whose findings it accepts
	reason string
	rules  []string
	used   map[string]bool
}

// place is a line of a file.
type place struct {
	file string
	line int
}

// silences tells whether a comment for the line of a finding accepts it.
func (i *ignore) silences(f *audit.Finding) bool {
	if !slices.Contains(i.rules, f.Rule) {
		return false
	}
	i.used[f.Rule] = true
	return true
}

// ignoreComment is the text of a comment to Patrol. What follows "patrol:" and
// looks like no order is prose.
var (
	ignoreComment = regexp.MustCompile(`^#*[ \t]*(?i:patrol)[ \t]*:[ \t]*(?i:ignore\b|[a-z-]+[ \t]*\[)`)
	ignoreForm    = regexp.MustCompile(`^#*[ \t]*(?i:patrol)[ \t]*:[ \t]*(?i:ignore)[ \t]*\[([^\[\]]*)\](.*)$`)
)

// comments reads the comments of all files, and notes those that are wrong.
func (a *accepter) comments() []*ignore {
	var out []*ignore
	for _, w := range a.read.Workflows {
		var steps []*workflow.Step
		for _, j := range w.Jobs {
			steps = append(steps, j.Steps...)
		}
		out = append(out, a.ofFile(w.File, steps)...)
	}
	for _, dir := range slices.Sorted(maps.Keys(a.read.Actions)) {
		out = append(out, a.ofFile(a.read.Actions[dir].File, a.read.Actions[dir].Steps)...)
	}
	return out
}

// ofFile reads the comments of a file: those of YAML, and those in scripts.
func (a *accepter) ofFile(f *workflow.File, steps []*workflow.Step) []*ignore {
	if a.options.Config.Skips(f.Path) {
		return nil
	}
	if !bytes.Contains(f.Source, []byte("atrol")) && !bytes.Contains(f.Source, []byte("ATROL")) {
		return nil // as nearly always
	}
	list := f.Comments(ignoreComment)
	seen := map[audit.Span]bool{}
	for _, s := range steps {
		if !strings.Contains(s.Run.Value, "#") {
			continue
		}
		for _, c := range shell.Comments(s.Run.Value) {
			span := s.Run.Span(c.Offset, c.Offset+1)
			if ignoreComment.MatchString(c.Text) && !seen[span] {
				seen[span] = true // a step may be reached by several aliases
				list = append(list, workflow.Comment{Text: c.Text, Line: span.Line, Column: span.Column})
			}
		}
	}
	var out []*ignore
	layout := f.Layout()
	for _, c := range list {
		i := a.ignore(f, c)
		if i == nil {
			continue
		}
		if layout.Alone(c.Line, c.Column) {
			i.target = layout.CodeBelow(c.Line)
		}
		out = append(out, i)
	}
	return out
}

// ignore reads one comment. One that is wrong in part holds for the rest.
func (a *accepter) ignore(f *workflow.File, c workflow.Comment) *ignore {
	end := c.Column + 1 + utf8.RuneCountInString(c.Text)
	i := &ignore{file: f.Path, line: c.Line, target: c.Line, used: map[string]bool{}, span: audit.Span{File: f.Path, Line: c.Line, Column: c.Column, EndLine: c.Line, EndColumn: end}}
	form := ignoreForm.FindStringSubmatch(c.Text)
	if form == nil {
		a.bad(i, c, "This comment is not of the form # patrol: ignore[rule] reason.")
		return nil
	}
	i.reason = strings.Join(strings.Fields(strings.TrimLeft(form[2], " \t:-–—")), " ")
	if i.reason == "" {
		a.bad(i, c, "This comment gives no reason, so that it accepts nothing.")
		return nil
	}
	for rule := range strings.SplitSeq(form[1], ",") {
		rule = strings.TrimSpace(rule)
		if wrong := wrongRule(rule); wrong != "" {
			a.bad(i, c, wrong)
		} else if !slices.Contains(i.rules, rule) {
			i.rules = append(i.rules, rule)
		}
	}
	return i
}

// wrongRule says why a comment cannot name a rule; empty where it can.
func wrongRule(rule string) string {
	page, ok := rules.PageByID(rule)
	switch {
	case rule == "":
		return "This comment names no rule."
	case !ok || page.Kind != rules.PageRule:
		near := slices.DeleteFunc(rules.Suggest(rule), func(id string) bool { return !slices.Contains(config.AcceptableRules(), id) })
		if len(near) > 0 {
			return fmt.Sprintf("No rule is called %q: did you mean %s?", rule, strings.Join(near, " or "))
		}
		return fmt.Sprintf("No rule is called %q.", rule)
	case page.Subject == rules.SubjectToken:
		return fmt.Sprintf("A finding of %s is of a token, and of no line: accept it in patrol.yml.", rule)
	case page.Subject == rules.SubjectSecret:
		return fmt.Sprintf("A finding of %s is of a stored secret, and of no line: accept it in the configuration of patrol org.", rule)
	case page.Subject == rules.SubjectAcceptance:
		return fmt.Sprintf("A finding of %s cannot be accepted: mend the comment or the entry.", rule)
	}
	return ""
}

// bad notes a comment that is wrong.
func (a *accepter) bad(i *ignore, c workflow.Comment, message string) {
	f := finding("bad-ignore", message, i.span)
	f.ID = a.ids.ID(f.Rule, f.File, strings.Join(strings.Fields(c.Text), " "), message)
	f.Fix = "write # patrol: ignore[rule] and then the reason, with the rule's name as it stands in the report"
	a.found = append(a.found, f)
}

// stale notes the rules of comments that accept nothing.
func (a *accepter) stale() {
	for _, i := range a.ignores {
		for _, rule := range i.rules {
			if i.used[rule] {
				continue
			}
			f := finding("stale-ignore", fmt.Sprintf("There is no finding of %s on the line that this comment is for.", rule), i.span)
			f.ID = a.ids.ID(f.Rule, f.File, rule, i.reason)
			f.Fix = "remove the rule from the comment, or the comment, so that it does not hide what comes later"
			a.found = append(a.found, f)
		}
	}
}
