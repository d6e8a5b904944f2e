package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

const (
	// summaryLimit is how long a job's summary may be, in bytes.
	summaryLimit = 1 << 20
	// openRows is how many rows stand open; a screen has no room for more.
	openRows = 20
	// cellLimit is how many characters a cell holds.
	cellLimit = 240
	// shownReasons is how many reasons stand beside a verdict.
	shownReasons = 2
	// cutRoom is kept back for a section's line on what was cut.
	cutRoom = 200
)

// verdictCells says in a table what a verdict means.
var verdictCells = map[audit.Verdict]string{
	audit.VerdictReplaceable:    "🟢 can be GITHUB_TOKEN",
	audit.VerdictConditional:    "🟡 if a condition holds",
	audit.VerdictNotReplaceable: "🔵 needs a token",
	audit.VerdictUnknown:        "⚪ not known",
}

// verdictRanks orders the rows: first what can be done today.
var verdictRanks = []audit.Verdict{
	audit.VerdictReplaceable, audit.VerdictConditional, audit.VerdictNotReplaceable, audit.VerdictUnknown,
}

// section is a part of the summary whose rows may be cut.
type section struct {
	open, close string
	rows        []string
	noun        string
	// table tells that the rows may take a third of the whole only.
	table bool
}

// writeMarkdown writes the summary of a job: what it comes to, a table, and
// the rest folded.
func writeMarkdown(w io.Writer, r *audit.Report, o Options) error {
	m := &markdown{report: r, patch: o.Patch, page: o.Page, several: len(r.Repositories) > 1}
	limit := cmp.Or(o.Limit, summaryLimit)
	sections := m.sections()
	var b strings.Builder
	b.WriteString(m.heading())
	// A margin is for what else a step writes to its summary.
	left := limit - limit/32 - b.Len() - len(sections)*cutRoom
	for _, s := range sections {
		left -= s.write(&b, left, limit)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// write writes as many rows as fit and says how many do not. It returns how
// many of the bytes left it took.
func (s section) write(b *strings.Builder, left, limit int) int {
	if len(s.rows) == 0 {
		return 0
	}
	before := b.Len()
	room := left - len(s.open) - len(s.close)
	if s.table {
		room = min(room, limit/3)
	}
	n := 0
	for n < len(s.rows) && len(s.rows[n]) <= room {
		room -= len(s.rows[n])
		n++
	}
	if n > 0 {
		b.WriteString(s.open + strings.Join(s.rows[:n], "") + s.close)
	}
	took := b.Len() - before
	if rest := len(s.rows) - n; rest > 0 {
		fmt.Fprintf(b, "\n_%s cut here: a summary holds %d KiB. The JSON report has them all._\n", plural(rest, s.noun), (limit+1)>>10)
	}
	return took
}

// markdown turns a report into sections.
type markdown struct {
	report *audit.Report
	patch  string
	// page is that of the options.
	page func(code string) string
	// several repositories are told apart in every row.
	several bool
}

// heading writes the headline and the counts.
func (m *markdown) heading() string {
	all := count(m.report)
	s := all.Summary()
	var b strings.Builder
	title := "nothing to replace"
	if len(m.report.Repositories) == 0 && len(m.report.Tokens) > 0 {
		title = "what " + plural(len(m.report.Tokens), "token") + " reach"
		if len(m.report.Tokens) == 1 {
			title += "es"
		}
	}
	if n := all.today(); n > 0 {
		title = fmt.Sprintf("%d of %s can be GITHUB_TOKEN today", n, plural(s.References-s.Other, "secret reference"))
	}
	counts := all.headline(m.report.Tokens, func(n int) string { return fmt.Sprintf("**%d**", n) })
	fmt.Fprintf(&b, "## Patrol: %s\n\n%s.", title, counts)
	if s.Findings > 0 {
		fmt.Fprintf(&b, " Findings: %s.", countSeverities(s.BySeverity))
	}
	if s.Other > 0 {
		fmt.Fprintf(&b, " %s to other secrets left alone.", plural(s.Other, "reference"))
	}
	if s.Accepted > 0 {
		fmt.Fprintf(&b, " %s left out.", plural(s.Accepted, "accepted finding"))
	}
	if s.Errors > 0 {
		fmt.Fprintf(&b, " **%s** while reading.", plural(s.Errors, "problem"))
	}
	b.WriteString("\n")
	if since := against(m.report).words(func(n int) string { return fmt.Sprintf("**%d**", n) }); since != "" {
		fmt.Fprintf(&b, "\n%s.\n", since)
	}
	return b.String()
}

// sections lists the parts below the heading, in order.
func (m *markdown) sections() []section {
	const head = "| Secret | Where | Verdict | What to do |\n| --- | --- | --- | --- |\n"
	const findingHead = "| Severity | Where | Finding |\n| --- | --- | --- |\n"
	references, findings := m.referenceRows(), m.findingRows()
	var all []section
	all = append(all, table("", head, references, "reference")...)
	all = append(all, table("\n### Also found\n", findingHead, findings, "finding")...)
	if rows := m.tokenRows(); len(rows) > 0 {
		all = append(all, section{open: "\n### What the tokens reach\n", rows: rows, noun: "token", table: true})
	}
	return append(all,
		fold("The patch of what can be replaced, for git apply", m.patches(), "file"),
		fold("Gone", m.gone(), "finding"),
		fold("Permissions to paste, by job", m.permissions(), "job"),
		fold("Tokens to make", m.recipes(), "token"),
		fold("Fixes", m.fixes(), "fix"),
		fold("Why", m.reasons(), "reference"),
		fold("Secrets and when they were last set", m.secrets(), "secret"),
		fold("Not read", m.problems(), "problem"),
	)
}

// table makes an open table and a folded one for the rows that would not fit
// a screen.
func table(title, head string, rows []string, noun string) []section {
	if len(rows) <= openRows {
		return []section{{open: title + "\n" + head, rows: rows, noun: noun, table: true}}
	}
	rest := fold(fmt.Sprintf("%d more", len(rows)-openRows), rows[openRows:], noun)
	rest.open, rest.table = rest.open+head, true
	return []section{{open: title + "\n" + head, rows: rows[:openRows], noun: noun, table: true}, rest}
}

// fold makes a section that is closed until somebody opens it.
func fold(title string, rows []string, noun string) section {
	return section{
		open:  "\n<details><summary>" + title + "</summary>\n\n",
		close: "\n</details>\n",
		rows:  rows, noun: noun,
	}
}

// each walks the references that may be GitHub credentials; against an earlier
// state, only those about which something is new.
func (m *markdown) each(visit func(*audit.Repository, *audit.Reference)) {
	for _, repository := range m.report.Repositories {
		for _, r := range repository.References {
			if r.Credential != audit.CredentialOther && !quiet(repository, r) {
				visit(repository, r)
			}
		}
	}
}

// where writes a place, with the repository if there are several. The folder
// of all workflows is left out.
func (m *markdown) where(repository *audit.Repository, file string, line int) string {
	text := MarkdownCode(place(strings.TrimPrefix(file, ".github/workflows/"), line, 0))
	if m.several && !audit.Elsewhere(file) {
		text = MarkdownText(label(repository)) + " " + text
	}
	return text
}

// referenceRows writes a row for each reference, best verdict first.
func (m *markdown) referenceRows() []string {
	rows := map[audit.Verdict][]string{}
	m.each(func(repository *audit.Repository, r *audit.Reference) {
		verdict := r.Verdict
		if verdict == audit.VerdictNone {
			verdict = audit.VerdictUnknown
		}
		rows[verdict] = append(rows[verdict], fmt.Sprintf("| %s | %s | %s | %s |\n",
			MarkdownCode(r.Secret), m.where(repository, r.File, r.Line), m.verdict(verdict, r), m.todo(r)))
	})
	var all []string
	for _, verdict := range verdictRanks {
		all = append(all, rows[verdict]...)
	}
	return all
}

// verdict says what a verdict means, and why in a word that leads to its page.
func (m *markdown) verdict(v audit.Verdict, r *audit.Reference) string {
	var codes []string
	for _, reason := range r.Reasons {
		if code := m.code(reason.Code); len(codes) < shownReasons && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	if len(codes) == 0 || v == audit.VerdictReplaceable {
		return verdictCells[v]
	}
	return verdictCells[v] + ": " + strings.Join(codes, ", ")
}

// todo says what to do; where it is to make a token, it leads to the form.
func (m *markdown) todo(r *audit.Reference) string {
	text := markdownProse(shorten(r.Remedy.Summary, cellLimit))
	makes := r.Remedy.Kind == audit.RemedyFineGrained || r.Remedy.Kind == audit.RemedyClassic
	if recipe := r.Remedy.FineGrained; makes && recipe != nil && recipe.URL != "" {
		text += " (" + markdownLink("the form", recipe.URL) + ")"
	}
	return text
}

// code writes the name of a rule or a reason, with a link to its page.
func (m *markdown) code(id string) string {
	if m.page == nil || m.page(id) == "" {
		return MarkdownCode(id)
	}
	return linked(MarkdownCode(id), m.page(id))
}

// findingRows writes a row for each finding that is no verdict, worst first.
func (m *markdown) findingRows() []string {
	rows := map[audit.Severity][]string{}
	for _, repository := range m.report.Repositories {
		for _, f := range repository.Findings {
			if saysVerdict(f) {
				continue
			}
			text := markdownProse(shorten(f.Message, cellLimit))
			if f.Fix != "" && !strings.Contains(f.Fix, "\n") {
				text += " " + markdownProse(shorten(f.Fix, cellLimit))
			}
			rows[f.Severity] = append(rows[f.Severity], fmt.Sprintf("| %s | %s | %s %s |\n",
				MarkdownText(string(f.Severity)), m.where(repository, f.File, f.Line), text, m.code(f.Rule)))
		}
	}
	var all []string
	for _, severity := range severities {
		all = append(all, rows[severity]...)
	}
	return all
}

// fixes writes the fixes of several lines, which a row has no room for.
func (m *markdown) fixes() []string {
	var all []string
	for _, repository := range m.report.Repositories {
		for _, f := range repository.Findings {
			if saysVerdict(f) || !strings.Contains(f.Fix, "\n") {
				continue
			}
			all = append(all, fmt.Sprintf("%s %s\n\n%s\n", m.code(f.Rule),
				m.where(repository, f.File, f.Line), markdownFence("yaml", cleanLines(f.Fix))))
		}
	}
	return all
}

// reasons writes the grounds of each verdict, with their evidence.
func (m *markdown) reasons() []string {
	var all []string
	m.each(func(repository *audit.Repository, r *audit.Reference) {
		if len(r.Reasons) == 0 {
			return
		}
		var b strings.Builder
		fmt.Fprintf(&b, "- %s in %s: %s\n", MarkdownCode(r.Secret), m.where(repository, r.File, r.Line), MarkdownText(string(r.Verdict)))
		for _, reason := range r.Reasons {
			fmt.Fprintf(&b, "  - %s: %s\n", m.code(reason.Code), markdownProse(reason.Detail))
			for i, p := range reason.Evidence {
				if i == shownEvidence {
					fmt.Fprintf(&b, "    - and %d more\n", len(reason.Evidence)-i)
					break
				}
				fmt.Fprintf(&b, "    - %s %s\n", m.where(repository, p.File, p.Line), MarkdownCode(shorten(p.Text, cellLimit)))
			}
		}
		all = append(all, b.String())
	})
	return all
}

// problems lists what could not be read.
func (m *markdown) problems() []string {
	var all []string
	for _, repository := range m.report.Repositories {
		for _, p := range repository.Errors {
			all = append(all, fmt.Sprintf("- %s: %s\n", m.where(repository, p.File, p.Line), MarkdownText(p.Message)))
		}
	}
	return all
}

// secrets lists where secrets are kept and since when.
func (m *markdown) secrets() []string {
	var all []string
	for _, repository := range m.report.Repositories {
		for _, s := range repository.Secrets {
			all = append(all, "- "+MarkdownText(secretText(s))+"\n")
		}
	}
	return all
}

// crossing stands above the patch of a file with the line ends of Windows,
// which are lost with who copies it from a page.
const crossing = "To be read, not applied: the file has the line ends of Windows, which a page does not keep. `patrol fix --write` does.\n\n"

// patches writes a unified diff, a row for each file, so that a summary that
// is full loses whole files.
func (m *markdown) patches() []string {
	var all []string
	var lines []string
	note := ""
	flush := func() {
		if len(lines) > 0 {
			all = append(all, note+markdownFence("diff", lines)+"\n")
		}
		lines, note = nil, ""
	}
	for line := range strings.Lines(m.patch) {
		if strings.HasPrefix(line, "--- a/") || strings.HasPrefix(line, `--- "a/`) {
			flush()
		}
		line, crosses := strings.CutSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if crosses {
			note = crossing
		}
		lines = append(lines, clean(line))
	}
	flush()
	return all
}
