package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// tokenKinds says what a token is.
var tokenKinds = map[audit.TokenKind]string{
	audit.TokenClassic:      "a classic personal access token",
	audit.TokenFineGrained:  "a fine-grained personal access token",
	audit.TokenOAuth:        "the token of an OAuth app",
	audit.TokenAppUser:      "a GitHub App's token for a user",
	audit.TokenInstallation: "the token of a GitHub App's installation",
	audit.TokenGitHub:       "the GITHUB_TOKEN of a job",
	audit.TokenUnknown:      "a token of a kind that is not known",
}

// tokenTitle says in a line what a token is and whose.
func tokenTitle(t *audit.Token) string {
	text := tokenKinds[t.Kind]
	if text == "" || t.Kind == audit.TokenUnknown && t.State == audit.TokenUnclear {
		text = "a token"
	}
	if t.User != nil {
		text += " of " + clean(*t.User)
	}
	switch t.State {
	case audit.TokenDead:
		text += ", which " + clean(t.Host) + " does not accept"
	case audit.TokenAlive:
		text += " at " + clean(t.Host)
	default:
		text += ", of which nothing could be found out"
	}
	return text
}

// tokenFields lists what was found out about a token.
func tokenFields(t *audit.Token, verbose bool) []field {
	var out []field
	add := func(name, value string) {
		if value != "" {
			out = append(out, field{name, value})
		}
	}
	add("scopes", scopesText(t))
	switch {
	case t.Unlimited:
		add("expires", "never")
	case t.ExpiresAt != nil:
		add("expires", clean(*t.ExpiresAt))
	}
	add("reach", reachText(t))
	if t.Reach != nil {
		add("in", organizationsText(t.Reach.Organizations))
	}
	for _, s := range t.SSO {
		name := clean(s.Organization)
		if name == "" {
			name = fmt.Sprintf("the organisation with the id %d", s.ID)
		}
		add("sign-on", strings.TrimSpace(name+" wants the token authorised for single sign-on "+clean(s.URL)))
	}
	for _, r := range t.Refused {
		add("refused", "by "+clean(r.Organization)+": "+clean(r.Message))
	}
	return append(append(out, grantedFields(t.Permissions, verbose)...), comparisonFields(t)...)
}

func scopesText(t *audit.Token) string {
	switch {
	case t.Scopes == nil:
		return ""
	case len(t.Scopes) == 0:
		return "none: it reads what is public"
	}
	text := strings.Join(cleanAll(t.Scopes), ", ")
	if len(t.ImpliedScopes) > 0 {
		text += ", and with them " + strings.Join(cleanAll(t.ImpliedScopes), ", ")
	}
	return text
}

func reachText(t *audit.Token) string {
	r := t.Reach
	if r == nil {
		return ""
	}
	text := plural(r.Repositories, "repository")
	if r.Repositories != 1 {
		text = fmt.Sprintf("%d repositories", r.Repositories)
	}
	if !r.Complete {
		text = "at least " + text
	}
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{r.Public, "public"}, {r.Private, "private"}, {r.Internal, "internal"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if t.Kind == audit.TokenFineGrained && r.Public > 0 {
		text += " (public ones count whether or not they were selected)"
	}
	if r.Push > 0 {
		text += fmt.Sprintf("; its user may push to %d and administers %d", r.Push, r.Admin)
	}
	return text
}

// shownOrganizations limits the list of organisations.
const shownOrganizations = 8

func organizationsText(list []audit.Membership) string {
	var parts []string
	for i, m := range list {
		if i == shownOrganizations {
			parts = append(parts, fmt.Sprintf("and %d more", len(list)-i))
			break
		}
		text := clean(m.Login)
		if m.Role != "" {
			text += " (" + clean(m.Role) + ")"
		}
		parts = append(parts, fmt.Sprintf("%s: %d", text, m.Repositories))
	}
	return strings.Join(parts, ", ")
}

// shownLacks is how many permissions that a token has not, or of which nothing
// is known, are listed one by one.
const shownLacks = 8

// grantedFields lists what a token without scopes holds, by the answer.
func grantedFields(g *audit.Granted, verbose bool) []field {
	if g == nil {
		return nil
	}
	answers := map[audit.Access][]string{}
	for _, level := range []struct {
		prefix string
		held   map[string]audit.Access
	}{{"", g.Repository}, {"organization:", g.Organization}, {"account:", g.Account}} {
		for _, name := range slices.Sorted(maps.Keys(level.held)) {
			answers[level.held[name]] = append(answers[level.held[name]], clean(level.prefix+name))
		}
	}
	var out []field
	for _, a := range []struct {
		access audit.Access
		name   string
	}{{audit.AccessWrite, "writes"}, {audit.AccessRead, "reads"}, {audit.AccessNone, "has not"}, {audit.AccessUnknown, "not known"}} {
		names := answers[a.access]
		switch held := a.access == audit.AccessWrite || a.access == audit.AccessRead; {
		case len(names) == 0:
		case held || verbose || len(names) <= shownLacks:
			out = append(out, field{a.name, strings.Join(names, ", ")})
		default:
			out = append(out, field{a.name, fmt.Sprintf("%s and %d more (-v lists them)", strings.Join(names[:shownLacks], ", "), len(names)-shownLacks)})
		}
	}
	return out
}

// comparisonWords says what the states of a comparison mean.
var comparisonWords = []struct{ state, name string }{
	{"missing", "lacks"}, {"excess", "to spare"}, {"unknown", "unproved"}, {"ok", "used"},
}

// comparisonFields lists what its uses take of a token, and what not.
func comparisonFields(t *audit.Token) []field {
	if t.Remedy == nil {
		return nil
	}
	rows := map[string][]string{}
	for _, c := range t.Comparison {
		text := clean(c.Permission)
		if t.Scopes == nil && (c.Needed == audit.AccessRead || c.Needed == audit.AccessWrite) {
			text += ": " + string(c.Needed)
		}
		if c.Repository != "" {
			text += " on " + clean(c.Repository)
		}
		rows[c.State] = append(rows[c.State], text)
	}
	out := []field{{"uses", fmt.Sprint(len(t.References))}}
	for _, w := range comparisonWords {
		if len(rows[w.state]) > 0 {
			out = append(out, field{w.name, strings.Join(rows[w.state], ", ")})
		}
	}
	return out
}

// tokenAdvice is what to do about a token.
func tokenAdvice(t *audit.Token) advice {
	a := advice{}
	if t.Remedy == nil {
		return a
	}
	a.summary = clean(t.Remedy.Summary)
	if r := t.Remedy.FineGrained; r != nil {
		a.recipe, a.url = recipeFields(r), clean(r.URL)
	}
	return a
}

// factWidth is the room for the name of a fact about a token.
const factWidth = 12

// tokens writes what was found out about the inspected tokens.
func (t *text) tokens(tokens []*audit.Token) {
	for _, token := range tokens {
		t.paragraph("", 0, 2, span{text: clean(token.Name), style: bold}, span{text: " is " + tokenTitle(token)})
		for _, f := range token.Findings {
			spans := []span{{text: clean(string(f.Severity)) + ": ", style: severityStyles[f.Severity]}}
			t.paragraph("", 2, 4, append(append(spans, prose(clean(f.Message), plain)...), span{text: " [" + clean(f.Rule) + "]", style: dim})...)
		}
		facts := tokenFields(token, t.verbose)
		for _, p := range token.Problems {
			facts = append(facts, field{"problem", clean(p.Message)})
		}
		todo := tokenAdvice(token)
		if todo.summary != "" {
			facts = append(facts, field{"what to do", todo.summary})
		}
		for _, f := range facts {
			t.hang(fmt.Sprintf("%*s  ", factWidth, f.name), factWidth+2, prose(f.value, plain)...)
		}
		t.advice("", advice{recipe: todo.recipe, url: todo.url})
		t.WriteString("\n")
		t.gone(token.Baseline)
	}
}

// tokenRows writes a section for each inspected token.
func (m *markdown) tokenRows() []string {
	var all []string
	for _, t := range m.report.Tokens {
		var b strings.Builder
		fmt.Fprintf(&b, "\n**%s** is %s.\n\n", MarkdownText(t.Name), MarkdownText(tokenTitle(t)))
		for _, f := range t.Findings {
			fmt.Fprintf(&b, "- %s: %s %s\n", MarkdownText(string(f.Severity)), markdownProse(f.Message), m.code(f.Rule))
		}
		for _, f := range tokenFields(t, false) {
			fmt.Fprintf(&b, "- %s: %s\n", f.name, MarkdownText(shorten(f.value, tokenFieldLimit)))
		}
		for _, p := range t.Problems {
			fmt.Fprintf(&b, "- %s\n", MarkdownText(p.Message))
		}
		if t.Remedy != nil {
			fmt.Fprintf(&b, "- what to do: %s\n", markdownProse(clean(t.Remedy.Summary)))
			if t.Remedy.FineGrained != nil {
				b.WriteString("\n" + markdownRecipe(t.Remedy.FineGrained))
			}
		}
		all = append(all, b.String())
	}
	return all
}

// tokenFieldLimit is how many characters a field of a token takes in a summary.
const tokenFieldLimit = 1500
