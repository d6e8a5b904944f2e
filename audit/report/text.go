package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
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
	audit.VerdictUnknown:        {text: "not all of this could be read", style: blue},
}

var severityStyles = map[audit.Severity]style{
	audit.SeverityError: red, audit.SeverityWarning: yellow, audit.SeverityNotice: blue,
}

// writeText writes a report for people at a terminal.
func writeText(w io.Writer, r *audit.Report, o Options) error {
	lay := func(repository *audit.Repository) string {
		t := newText(o)
		t.repository(repository, len(r.Repositories) > 1)
		return t.String()
	}
	for text, err := range ahead(streamOf(r).Repositories, lay) {
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	t := newText(o)
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

func newText(o Options) *text {
	t := &text{sources: newSources(o), width: o.Width, verbose: o.Verbose > 0}
	t.color = o.Color
	if t.width == 0 {
		t.width = 80
	}
	t.width = max(t.width, minimumWidth)
	return t
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
	gone := repository.Baseline != nil && len(repository.Baseline.Gone) > 0
	if titled && (t.verbose || gone || len(repository.Findings)+len(repository.Errors) > 0) {
		t.title(repository)
	}
	for _, g := range grouped(repository) {
		t.group(repository, g)
	}
	if t.verbose && repository.Baseline == nil {
		t.silent(repository)
	}
	t.secrets(repository.Secrets)
	t.gone(repository.Baseline)
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

// related writes the further places of a finding.
func (t *text) related(f *audit.Finding) {
	if saysVerdict(f) {
		// They are the evidence of the reasons, which stand above.
		return
	}
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
	if a.recipeTitle != "" {
		t.paragraph("", body, body, span{text: a.recipeTitle})
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

// secrets lists where secrets are kept and how old they are.
func (t *text) secrets(secrets []audit.Secret) {
	if len(secrets) == 0 {
		return
	}
	t.paint(bold, "Secrets:")
	t.WriteString("\n")
	for _, s := range secrets {
		t.paragraph("", 2, 4, span{text: secretText(s)})
	}
	t.WriteString("\n")
}

// secretText says in a line where a secret is kept and since when.
func secretText(s audit.Secret) string {
	where := "of the " + clean(s.Scope)
	if s.Environment != "" {
		where += " " + clean(s.Environment)
	}
	day, _, _ := strings.Cut(clean(s.UpdatedAt), "T")
	return clean(s.Name) + " " + where + ", last set on " + day
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

// summary writes the closing lines.
func (t *text) summary(r *audit.Report) {
	s := summarize(r)
	t.paragraph("", 0, 0, span{text: headline(r, func(n int) string { return fmt.Sprint(n) }), style: bold})
	parts := foundParts(s)
	if len(parts) > 0 {
		t.paragraph("", 0, 0, span{text: strings.Join(parts, " · "), style: dim})
	}
	if since := against(r).words(strconv.Itoa); since != "" {
		t.paragraph("", 0, 0, span{text: since})
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
