package needs

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/decide"
	"github.com/patrol-actions/patrol/rules"
)

// More is what comes on top of a need under a condition that the query leaves
// open: an input that it does not give, the event that starts the workflow, the
// version of the action, a configuration.
type More struct {
	// When says the condition in words: "on a release", "if draft is true".
	When string `json:"when"`
	// Conditions are the same for programs: any one of them is enough, and all
	// terms of one must hold.
	Conditions [][]Term `json:"conditions"`
	// Permissions are what the need itself does not hold, or with less access.
	Permissions audit.Permissions `json:"permissions"`
	// GitHubToken says whether GITHUB_TOKEN can then do all of it; Reasons are
	// those that are not of the need itself.
	GitHubToken Answer         `json:"github_token"`
	Reasons     []audit.Reason `json:"reasons"`

	// choices are the needs of which any one will do, where Permissions hold
	// one.
	choices rules.Needs
}

// Term is one thing that must hold.
type Term struct {
	// Kind says what Name is of: "input", "variable", "configuration", or a
	// circumstance without a name: "event", "version", "registry".
	Kind string `json:"kind"`
	Name string `json:"name,omitempty"`
	// Else is the input that counts where that of Name is not given.
	Else string `json:"else,omitempty"`
	// Values are those of which it must be one; "*" in one stands for any
	// text. Without any it must be given, and not be empty. A version may be a
	// range: "since v2", "until v7".
	Values []string `json:"values,omitempty"`
	// Not turns the term round.
	Not bool `json:"not,omitempty"`
}

// moreOf writes down what comes on top of a sum.
func moreOf(s *decide.Sum) []More {
	var out []More
	for _, f := range s.Further() {
		m := More{Permissions: f.Permissions, GitHubToken: answers[f.Verdict], Reasons: withoutMemory(f.Reasons), choices: f.Choices}
		for _, c := range f.When {
			m.Conditions = append(m.Conditions, terms(c))
		}
		m.When = inWords(m.Conditions)
		out = append(out, m)
	}
	return out
}

// withoutMemory leaves out the places in the workflow that holds the queries.
func withoutMemory(reasons []audit.Reason) []audit.Reason {
	out := []audit.Reason{}
	for _, r := range reasons {
		r.Evidence = slices.DeleteFunc(slices.Clone(r.Evidence), func(p audit.Place) bool { return p.File == memory })
		out = append(out, r)
	}
	return out
}

// terms parts what the tables write as one name.
func terms(c rules.Condition) []Term {
	out := make([]Term, len(c))
	for i, t := range c {
		name, general := t.Names()
		out[i] = Term{Kind: "input", Name: name, Else: general, Values: t.Values, Not: t.Not}
		if own, ok := strings.CutPrefix(name, "@electron"); ok {
			out[i].Kind, out[i].Name = "configuration", map[bool]string{true: "publish", false: "publish of a platform"}[own == ""]
			continue
		}
		for prefix, kind := range map[string]string{"env:": "variable", "@config:": "configuration", "@others:": "configuration", "@": "circumstance"} {
			name, ok := strings.CutPrefix(t.Name, prefix)
			switch {
			case !ok || prefix == "@" && strings.Contains(t.Name, ":"):
			case prefix == "@" && name == "config":
				out[i].Kind, out[i].Name = "configuration", ""
			case prefix == "@":
				out[i].Kind, out[i].Name = name, ""
			default:
				out[i].Kind, out[i].Name = kind, name
			}
		}
	}
	return out
}

// inWords says conditions of which any one is enough. Those that say the same
// of several things are said together.
func inWords(conditions [][]Term) string {
	type said struct {
		names []string
		rest  string
	}
	var all []said
	for _, c := range oneThing(conditions) {
		one := said{rest: together(c)}
		if len(c) == 1 && circumstance(c[0]) == "" {
			one = said{[]string{subject(c[0])}, predicate(c[0])}
		}
		i := slices.IndexFunc(all, func(s said) bool { return s.rest == one.rest && len(s.names) > 0 && len(one.names) > 0 })
		if i < 0 {
			all = append(all, one)
			continue
		}
		all[i].names = append(all[i].names, one.names...)
	}
	var parts []string
	for _, s := range all {
		if len(s.names) == 0 {
			parts = append(parts, s.rest)
			continue
		}
		parts = append(parts, "if "+anyOf(s.names)+" "+s.rest)
	}
	return strings.Join(parts, ", or ")
}

// oneThing puts conditions that ask for nothing but values of one thing into
// one that asks for any of them.
func oneThing(conditions [][]Term) [][]Term {
	var out [][]Term
	for _, c := range conditions {
		i := slices.IndexFunc(out, func(have []Term) bool {
			return len(c) == 1 && len(have) == 1 && len(c[0].Values)*len(have[0].Values) > 0 && !c[0].Not && !have[0].Not &&
				c[0].Kind == have[0].Kind && c[0].Name == have[0].Name
		})
		if i < 0 {
			out = append(out, c)
			continue
		}
		one := out[i][0]
		one.Values = slices.Concat(one.Values, c[0].Values)
		out[i] = []Term{one}
	}
	return out
}

// together says terms that must all hold: the circumstances, then the rest.
func together(c []Term) string {
	var around, given []string
	for _, t := range c {
		if text := circumstance(t); text != "" {
			around = append(around, text)
			continue
		}
		given = append(given, subject(t)+" "+predicate(t))
	}
	if len(given) > 0 {
		around = append(around, "if "+strings.Join(given, " and "))
	}
	return strings.Join(around, ", ")
}

// eventWords are the events with names that are words.
var eventWords = map[string]string{
	"push": "a push", "release": "a release", "schedule": "a schedule", "pull_request": "a pull request", "issues": "an issue", "discussion": "a discussion",
}

// circumstance says a term that is not about something given, "" for others.
func circumstance(t Term) string {
	switch t.Kind {
	case "event":
		if t.Not {
			return "on any event but " + anyOf(t.Values)
		}
		words := slices.Clone(t.Values)
		for i, w := range words {
			if text, ok := eventWords[w]; ok {
				words[i] = text
			}
		}
		return "on " + anyOf(words)
	case "version":
		words := slices.Clone(t.Values)
		for i, w := range words {
			words[i] = strings.TrimSuffix(w, "*")
			if strings.HasPrefix(w, "since ") || strings.HasPrefix(w, "until ") {
				words[i] = "versions " + w
			}
		}
		return map[bool]string{false: "in ", true: "in any version but "}[t.Not] + anyOf(words)
	}
	return ""
}

func subject(t Term) string {
	switch {
	case t.Kind == "variable":
		return "$" + t.Name
	case t.Kind == "configuration" && t.Name == "":
		return "its configuration"
	case t.Name == "":
		return "the " + t.Kind
	case t.Else != "":
		return plainName(t.Name) + " (without it " + plainName(t.Else) + ")"
	}
	return plainName(t.Name)
}

// plainName says what the tables write with a mark: a file, a list in one.
func plainName(name string) string {
	if file, ok := strings.CutPrefix(name, "@file:"); ok {
		return "the file " + file
	}
	for _, kind := range []string{"@list:", "@said:", "@seen:"} {
		if list, ok := strings.CutPrefix(name, kind); ok {
			file, key, _ := strings.Cut(list, "#")
			if above, below, deep := strings.Cut(key, ".**."); deep {
				key = below + " under " + above
			}
			return key + " in " + file
		}
	}
	return name
}

// predicate says of one thing what must hold.
func predicate(t Term) string {
	if t.Kind == "configuration" && t.Name != "" {
		t.Kind = ""
		return predicate(t) + " in its configuration"
	}
	is := map[bool]string{false: "is ", true: "is not "}[t.Not]
	if len(t.Values) == 0 {
		return is + map[bool]string{false: "given", true: "set"}[t.Kind != "input"]
	}
	if !slices.ContainsFunc(t.Values, func(v string) bool { return strings.Contains(v, "*") }) {
		return is + anyOf(t.Values)
	}
	var ways []string
	for _, way := range []struct{ yes, no, before, after string }{
		{"contains", "does not contain", "*", "*"}, {"begins with", "does not begin with", "", "*"}, {"ends in", "does not end in", "*", ""},
	} {
		var texts []string
		for _, v := range t.Values {
			if text, ok := inside(v, way.before, way.after); ok {
				texts = append(texts, `"`+strings.Trim(text, `"`)+`"`)
			}
		}
		if len(texts) > 0 {
			ways = append(ways, map[bool]string{false: way.yes, true: way.no}[t.Not]+" "+anyOf(texts))
		}
	}
	var others []string
	for _, v := range t.Values {
		if !slices.ContainsFunc([][2]string{{"*", "*"}, {"", "*"}, {"*", ""}}, func(way [2]string) bool { _, ok := inside(v, way[0], way[1]); return ok }) {
			others = append(others, v)
		}
	}
	if len(others) > 0 {
		ways = append([]string{is + anyOf(others)}, ways...)
	}
	return strings.Join(ways, map[bool]string{false: " or ", true: " and "}[t.Not])
}

// inside returns what stands between stars that are where they should be. One
// inside it is shown as an ellipsis where any text may stand on both sides.
func inside(pattern, before, after string) (string, bool) {
	if len(pattern) <= len(before)+len(after) || !strings.HasPrefix(pattern, before) || !strings.HasSuffix(pattern, after) {
		return "", false
	}
	text := pattern[len(before) : len(pattern)-len(after)]
	if before == "*" && after == "*" {
		return strings.ReplaceAll(text, "*", "…"), text != ""
	}
	return text, text != "" && !strings.Contains(text, "*")
}

// anyOf joins words with commas and "or".
func anyOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// onTop says in a line what comes to a need of which this is the answer.
func (m More) onTop(before Answer) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(m.Permissions.Workflow)) {
		parts = append(parts, m.choice(key)+": "+m.Permissions.Workflow[key])
	}
	rest := m.Permissions.FineGrained
	rest.Repository = maps.Clone(rest.Repository)
	maps.DeleteFunc(rest.Repository, func(name, access string) bool {
		return m.Permissions.Workflow[strings.ReplaceAll(name, "_", "-")] == access
	})
	if line := fineGrained(rest); line != "none" {
		parts = append(parts, line)
	}
	if len(parts) == 0 && len(m.Permissions.ClassicScopes) > 0 {
		parts = append(parts, "the classic scope "+strings.Join(m.Permissions.ClassicScopes, ", "))
	}
	line := strings.Join(parts, ", ")
	if len(m.Reasons) == 0 {
		return line
	}
	var codes []string
	for _, r := range m.Reasons {
		if !slices.Contains(codes, r.Code) {
			codes = append(codes, r.Code)
		}
	}
	if m.GitHubToken == before {
		return strings.TrimPrefix(line+"; for GITHUB_TOKEN also "+strings.Join(codes, ", "), "; ")
	}
	return strings.TrimPrefix(line+"; "+fmt.Sprintf(tokenWords[m.GitHubToken], strings.Join(codes, ", ")), "; ")
}

// tokenWords say what is then true of GITHUB_TOKEN, for these reasons.
var tokenWords = map[Answer]string{
	Yes: "GITHUB_TOKEN can (%s)", No: "GITHUB_TOKEN cannot (%s)", Conditional: "GITHUB_TOKEN if a condition holds (%s)",
	Unknown: "whether GITHUB_TOKEN can is not known (%s)",
}

// choice names a key of permissions with what will do in its place.
func (m More) choice(key string) string {
	for _, group := range m.choices {
		var keys []string
		for _, p := range group {
			if k, access, ok := rules.WorkflowKey(p); ok && access == m.Permissions.Workflow[key] {
				keys = append(keys, k)
			}
		}
		if slices.Contains(keys, key) {
			return anyOf(keys)
		}
	}
	return key
}

// maxMore is how many conditions are shown to people.
const maxMore = 12

// more writes what comes on top.
func (t *text) more(n *Need) {
	for i, m := range n.More {
		name := map[bool]string{true: "takes more"}[i == 0]
		if i == maxMore {
			t.row(name, fmt.Sprintf("and under %d other conditions: --format json has them", len(n.More)-i))
			break
		}
		t.row(name, m.When+": "+m.onTop(n.GitHubToken))
	}
}
