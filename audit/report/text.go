package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

const (
	// body is the column at which all but headings begins.
	body = 8
	// minimumWidth keeps the layout alive in very narrow windows.
	minimumWidth = 40
	// shownUses, shownEvidence and shownOperations limit what is shown of one
	// reference unless more is asked for.
	shownUses       = 5
	shownEvidence   = 3
	shownOperations = 3
)

// verdictWords says what a verdict means, and how it looks.
var verdictWords = map[audit.Verdict]span{
	audit.VerdictReplaceable:    {text: "GITHUB_TOKEN can do this", style: green},
	audit.VerdictConditional:    {text: "GITHUB_TOKEN can do this if a condition holds", style: yellow},
	audit.VerdictNotReplaceable: {text: "GITHUB_TOKEN cannot do this", style: magenta},
	audit.VerdictUnknown:        {text: "not all of this could be read", style: cyan},
}

var severityStyles = map[audit.Severity]style{
	audit.SeverityError: red, audit.SeverityWarning: yellow, audit.SeverityNotice: cyan,
}

// writeText writes a report for people at a terminal.
func writeText(w io.Writer, r *audit.Report, o Options) error {
	t := &text{sources: newSources(o), width: o.Width, verbose: o.Verbose > 0}
	t.color = o.Color
	if t.width == 0 {
		t.width = 80
	}
	t.width = max(t.width, minimumWidth)
	for _, repository := range r.Repositories {
		t.repository(repository, len(r.Repositories) > 1)
	}
	t.tokens(r.Tokens)
	t.summary(r)
	_, err := io.WriteString(w, t.String())
	return err
}

// text lays out a report in lines.
type text struct {
	painter
	sources *sources
	width   int
	verbose bool
}

// group is what is found at one place about one reference.
type group struct {
	findings  []*audit.Finding
	reference *audit.Reference
	// detailed asks for all that is known of the reference.
	detailed bool
}

// grouped joins neighbouring findings of one place. Each reference is detailed
// once: where its verdict is found, else at the first finding about it.
func grouped(repository *audit.Repository) []*group {
	byID := references(repository)
	var groups []*group
	detailed := map[string]*group{}
	for i, f := range repository.Findings {
		if i == 0 || !samePlace(repository.Findings[i-1], f) {
			groups = append(groups, &group{reference: byID[f.Reference]})
		}
		g := groups[len(groups)-1]
		if saysVerdict(f) {
			g.findings = slices.Insert(g.findings, 0, f)
			detailed[f.Reference] = g
		} else {
			g.findings = append(g.findings, f)
		}
		if detailed[f.Reference] == nil {
			detailed[f.Reference] = g
		}
	}
	for id, g := range detailed {
		g.detailed = g.reference != nil && g.reference.ID == id
	}
	return groups
}

func samePlace(a, b *audit.Finding) bool {
	return a.File == b.File && a.Line == b.Line && a.Column == b.Column && a.Reference == b.Reference
}

// repository writes all that was found in one repository.
func (t *text) repository(repository *audit.Repository, titled bool) {
	if titled && (t.verbose || len(repository.Findings)+len(repository.Errors) > 0) {
		t.title(repository)
	}
	for _, g := range grouped(repository) {
		t.group(repository, g)
	}
	if t.verbose {
		t.silent(repository)
	}
	t.problems(repository.Errors)
}

// title writes the heading of a repository.
func (t *text) title(repository *audit.Repository) {
	name := clean(label(repository))
	if name == "" {
		name = "unnamed"
	}
	if repository.Ref != nil {
		name += " @ " + clean(*repository.Ref)
	}
	name = fit(disarm(name), t.width-8)
	t.paint(bold, "── "+name+" "+strings.Repeat("─", max(t.width-4-columns(name), 0)))
	t.WriteString("\n\n")
}

// group writes the findings of one place: what, where, the code, and then how
// the secret gets there and what to do.
func (t *text) group(repository *audit.Repository, g *group) {
	for _, f := range g.findings {
		spans := []span{{text: clean(string(f.Severity)) + ": ", style: severityStyles[f.Severity]}}
		spans = append(spans, prose(clean(f.Message), bold)...)
		t.paragraph("", 0, 2, append(spans, span{text: " [" + clean(f.Rule) + "]", style: dim})...)
	}
	f := g.findings[0]
	t.frame(repository, f)
	if g.detailed {
		t.reference(g.reference)
	}
	for _, f := range g.findings {
		t.related(f)
	}
	t.fixes(g)
	t.WriteString("\n")
}

// frame writes the place of a finding and its line of code.
func (t *text) frame(repository *audit.Repository, f *audit.Finding) {
	t.paragraph("", 2, 2, span{text: clean(place(f.File, f.Line, f.Column)), style: cyan, whole: true})
	line, ok := t.sources.line(repository, f.File, f.Line)
	if !ok {
		return
	}
	end := f.EndColumn
	if f.EndLine > f.Line {
		end = len(line) + 1
	}
	view := newFrame(line, f.Column, end, t.width-body)
	t.paint(dim, fmt.Sprintf("%5d │ ", f.Line))
	t.WriteString(view.code + "\n")
	t.paint(dim, "      │ ")
	t.paint(severityStyles[f.Severity], view.carets)
	t.WriteString("\n")
}

// reference writes how a secret reaches its uses and what that comes to.
func (t *text) reference(r *audit.Reference) {
	t.flows(r)
	if r.Verdict != audit.VerdictNone {
		words := verdictWords[r.Verdict]
		t.paragraph("why", body, body, span{text: string(r.Verdict), style: words.style}, span{text: ": " + words.text})
	}
	for _, reason := range r.Reasons {
		t.paragraph("", body, body+2, append([]span{{text: clean(reason.Code), style: bold}},
			prose(": "+clean(reason.Detail), plain)...)...)
		t.evidence(r, reason.Evidence)
	}
	if t.verbose {
		t.needs(r.Permissions)
	}
}

// flow is a way of hops and the uses at its end.
type flow struct {
	via  []audit.Hop
	uses []*audit.Use
}

// flows writes the ways of a secret to its uses. Uses that share a way are
// written below it, so that what a job's env gives to each step is said once.
func (t *text) flows(r *audit.Reference) {
	start := span{text: "secret " + clean(r.Secret)}
	name := "flow"
	for _, way := range ways(r) {
		spans := []span{start}
		for _, hop := range way.via {
			spans = append(spans, span{text: " → " + clean(hop.What)})
		}
		if len(way.uses) == 1 {
			t.paragraph(name, body, body+2, append(spans, t.use(r, way.uses[0])...)...)
		} else {
			t.paragraph(name, body, body+2, spans...)
			t.manyUses(r, way.uses)
		}
		name = ""
	}
}

// ways groups the uses of a reference by the hops that lead to them.
func ways(r *audit.Reference) []*flow {
	var all []*flow
	for _, u := range r.Uses {
		i := slices.IndexFunc(all, func(f *flow) bool { return slices.Equal(f.via, u.Via) })
		if i < 0 {
			all = append(all, &flow{via: u.Via})
			i = len(all) - 1
		}
		all[i].uses = append(all[i].uses, u)
	}
	return all
}

func (t *text) manyUses(r *audit.Reference, uses []*audit.Use) {
	shown := uses
	if !t.verbose && len(uses) > shownUses {
		shown = uses[:shownUses]
	}
	for _, u := range shown {
		t.paragraph("", body+2, body+4, t.use(r, u)...)
	}
	if rest := len(uses) - len(shown); rest > 0 {
		t.paragraph("", body+2, body+4, span{text: "→ and " + plural(rest, "more use"), style: dim})
	}
}

// use writes the end of a way: who uses the secret, for what, and where.
func (t *text) use(r *audit.Reference, u *audit.Use) []span {
	spans := []span{{text: " → "}, {text: clean(u.What), style: bold}}
	if len(u.Operations) == 1 && u.Operations[0].Name == u.What {
		spans = append(spans, span{text: onTarget(u.Operations[0].Target)})
	} else if len(u.Operations) > 0 {
		spans = append(spans, span{text: " ("})
		spans = append(spans, t.operations(u.Operations)...)
		spans = append(spans, span{text: ")"})
	}
	where := clean(place(u.File, u.Line, 0))
	switch {
	case u.Line == 0 || u.File == r.File && u.Line == r.Line:
		return spans
	case u.File == r.File:
		where = fmt.Sprintf("line %d", u.Line)
	}
	return append(spans, span{text: ", "}, span{text: where, style: dim, glued: true})
}

// operations writes operations with their targets; the target of several in a
// row is written once, after the last of them.
func (t *text) operations(operations []audit.Operation) []span {
	shown := operations
	if !t.verbose && len(shown) > shownOperations {
		shown = shown[:shownOperations]
	}
	var spans []span
	for i, o := range shown {
		if i > 0 {
			spans = append(spans, span{text: ", "})
		}
		spans = append(spans, span{text: clean(o.Name), glued: true})
		if i+1 == len(shown) || shown[i+1].Target != o.Target {
			spans = append(spans, span{text: onTarget(o.Target)})
		}
	}
	if rest := len(operations) - len(shown); rest > 0 {
		spans = append(spans, span{text: fmt.Sprintf(", %d more", rest)})
	}
	return spans
}

// onTarget says on what an operation works.
func onTarget(target string) string {
	switch target {
	case "":
		return ""
	case "unknown":
		return " on an unknown target"
	}
	return " on " + clean(target)
}

// evidence writes the places that show a reason, each on one line. The line of
// the reference itself stands in the code frame.
func (t *text) evidence(r *audit.Reference, places []audit.Place) {
	var shown []audit.Place
	for _, p := range places {
		if t.verbose || p.File != r.File || p.Line != r.Line {
			shown = append(shown, p)
		}
	}
	rest := 0
	if !t.verbose && len(shown) > shownEvidence {
		rest = len(shown) - shownEvidence
		shown = shown[:shownEvidence]
	}
	for _, p := range shown {
		t.place(body+2, p)
	}
	if rest > 0 {
		t.paragraph("", body+2, body+2, span{text: fmt.Sprintf("and %d more", rest), style: dim})
	}
}

// place writes a place and what stands there, cut to one line.
func (t *text) place(indent int, p audit.Place) {
	where := clean(place(p.File, p.Line, 0))
	spans := []span{{text: where, style: cyan, whole: true}}
	what := strings.Join(strings.Fields(clean(p.Text)), " ")
	if room := t.width - indent - columns(where) - 2; what != "" && room >= 12 {
		spans = append(spans, span{text: ": " + fit(what, room), style: dim})
	}
	t.paragraph("", indent, indent+2, spans...)
}

// related writes the further places of a finding.
func (t *text) related(f *audit.Finding) {
	for i, p := range f.Related {
		name := "also"
		if i > 0 {
			name = ""
		}
		t.said(name, body, place(p.File, p.Line, 0), p.Text)
	}
}

// said writes a place and all that is said of it.
func (t *text) said(name string, indent int, where, what string) {
	spans := []span{{text: clean(where), style: cyan, whole: true}}
	if what != "" && where != "" {
		spans = append(spans, span{text: ": "})
	}
	t.paragraph(name, indent, indent+2, append(spans, prose(clean(what), plain)...)...)
}

// needs writes what a reference takes in GitHub's other vocabularies.
func (t *text) needs(p audit.Permissions) {
	var parts []string
	for _, level := range []struct {
		name        string
		permissions map[string]string
	}{
		{"", p.FineGrained.Repository}, {"organization ", p.FineGrained.Organization}, {"account ", p.FineGrained.Account},
	} {
		if len(level.permissions) > 0 {
			parts = append(parts, level.name+listPermissions(level.permissions))
		}
	}
	if len(p.ClassicScopes) > 0 {
		parts = append(parts, "classic scopes "+strings.Join(p.ClassicScopes, ", "))
	}
	if len(parts) > 0 {
		t.paragraph("need", body, body+2, span{text: clean(strings.Join(parts, "; "))})
	}
}

// fixes writes what to do: the remedy of a reference, then each finding's own
// fix where that says more.
func (t *text) fixes(g *group) {
	var remedy advice
	if g.detailed {
		remedy = advise(g.reference)
		t.advice("fix", remedy)
	}
	for _, f := range g.findings {
		fix := cleanLines(f.Fix)
		if f.Fix == "" || remedy.says(fix) {
			continue
		}
		name := "fix"
		for _, line := range fix {
			indent := body + len(line) - len(strings.TrimLeft(line, " "))
			indent = min(indent, t.width/2)
			t.paragraph(name, indent, indent, prose(line, plain)...)
			name = ""
		}
	}
}

// advice writes a remedy: the sentence, what to paste or to fill in, the page.
func (t *text) advice(name string, a advice) {
	if a.summary != "" {
		t.paragraph(name, body, body, prose(a.summary, plain)...)
		name = ""
	}
	if a.block != nil {
		t.paragraph(name, body, body, span{text: a.blockTitle()})
		for _, line := range a.block {
			t.WriteString(strings.Repeat(" ", body+2))
			t.paint(green, fit(disarm(line), t.width-body-2))
			t.WriteString("\n")
		}
	}
	if note := a.unknownNote(); note != "" {
		t.paragraph("", body, body, span{text: note})
	}
	for _, f := range a.recipe {
		t.hang(fmt.Sprintf("%*s%-14s", body+2, "", f.name), body+16, span{text: f.value})
	}
	if a.url != "" {
		t.paragraph("", body+2, body+2, span{text: a.url, style: cyan, whole: true})
	}
}

// silent writes the references about which no finding says anything, such as
// accepted ones.
func (t *text) silent(repository *audit.Repository) {
	said := map[string]bool{}
	for _, f := range repository.Findings {
		said[f.Reference] = true
	}
	for _, r := range repository.References {
		if said[r.ID] || r.Credential == audit.CredentialOther {
			continue
		}
		t.paragraph("", 0, 2, span{text: "secret " + clean(r.Secret), style: bold}, span{text: " (no finding)", style: dim})
		t.paragraph("", 2, 2, span{text: clean(place(r.File, r.Line, r.Column)), style: cyan, whole: true})
		t.reference(r)
		t.advice("fix", advise(r))
		t.WriteString("\n")
	}
}

// problems lists what could not be read.
func (t *text) problems(problems []audit.Problem) {
	if len(problems) == 0 {
		return
	}
	t.paint(red, "Not read:")
	t.WriteString("\n")
	for _, p := range problems {
		t.said("", 2, place(p.File, p.Line, p.Column), p.Message)
	}
	t.WriteString("\n")
}

// tokens lists the inspected tokens.
func (t *text) tokens(tokens []*audit.Token) {
	for _, token := range tokens {
		t.paragraph("", 0, 2, span{text: "token " + clean(token.Name), style: bold}, span{text: " " + clean(token.Kind)})
	}
	if len(tokens) > 0 {
		t.WriteString("\n")
	}
}

// summary writes the closing lines.
func (t *text) summary(r *audit.Report) {
	s := summarize(r)
	t.paragraph("", 0, 0, span{text: headline(r, func(n int) string { return fmt.Sprint(n) }), style: bold})
	var parts []string
	if s.Findings > 0 {
		parts = append(parts, countSeverities(s.BySeverity))
	}
	if s.Errors > 0 {
		parts = append(parts, plural(s.Errors, "problem"))
	}
	if s.Other > 0 {
		parts = append(parts, plural(s.Other, "reference")+" to secrets of other kinds")
	}
	if len(parts) > 0 {
		t.paragraph("", 0, 0, span{text: strings.Join(parts, " · "), style: dim})
	}
}

// paragraph writes spans as wrapped lines: the first indented by first, with a
// name right-aligned before it, all others by rest.
func (t *text) paragraph(name string, first, rest int, spans ...span) {
	prefix := strings.Repeat(" ", first)
	if name != "" {
		prefix = fmt.Sprintf("%*s", body-2, name) + strings.Repeat(" ", max(first-body+2, 0))
	}
	t.hang(prefix, rest, spans...)
}

// hang writes spans as wrapped lines: the first after prefix, all others
// indented by rest.
func (t *text) hang(prefix string, rest int, spans ...span) {
	for i, line := range wrap(spans, t.width-max(columns(prefix), rest)) {
		if i == 0 {
			t.paint(dim, prefix)
		} else {
			t.WriteString(strings.Repeat(" ", rest))
		}
		t.line(line)
	}
}
