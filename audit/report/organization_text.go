package report

import (
	"fmt"
	"io"
	"strings"
)

// reachColumn is the room for "312 → 0".
const reachColumn = 18

// barColumns is how long a bar of the verdicts may be.
const barColumns = 30

// writeOrganizationText writes an organisation's overview for people at a
// terminal.
func writeOrganizationText(w io.Writer, s Stream, o Options) error {
	view, err := readOverview(s)
	if err != nil {
		return err
	}
	t := &text{width: o.Width}
	t.color = o.Color
	if t.width == 0 {
		t.width = 80
	}
	t.width = max(t.width, minimumWidth)
	t.organization(view)
	_, err = io.WriteString(w, t.String())
	return err
}

func (t *text) organization(o *overview) {
	t.heading(accountNames(o.org, shownRows))
	t.paragraph("", 0, 0, span{text: o.counter.headline(nil, thousands), style: bold})
	t.paragraph("", 0, 0, span{text: o.coverage()})
	if counts := o.counts(); counts != "" {
		t.paragraph("", 0, 0, span{text: counts, style: dim})
	}
	if trend := o.trend(); trend != "" {
		t.paragraph("", 0, 0, span{text: trend})
	}
	for _, line := range o.settings() {
		t.paragraph("", 0, 2, span{text: line, style: dim})
	}
	t.WriteString("\n")
	t.verdictBars(o)
	t.secretRows(o)
	if len(o.findings) > 0 {
		t.heading("Findings about secrets")
		for _, f := range o.findings {
			t.paragraph("", 0, 2, append(append([]span{{text: bounded(string(f.Severity), overviewText) + ": ", style: severityStyles[f.Severity]}},
				prose(bounded(f.Message, 2*overviewText), plain)...), span{text: " [" + bounded(f.Rule, overviewText) + "]", style: dim})...)
		}
		t.rest(len(o.org.Findings)-len(o.findings), allOfIt)
	}
	t.replaceableIn(o)
	if notes := o.notes(); len(notes) > 0 {
		t.heading("Not in this report")
		for _, note := range notes {
			t.paragraph("", 0, 2, prose(note, plain)...)
		}
		t.WriteString("\n")
	}
	if len(o.problems) > 0 {
		t.heading("Not read")
		for _, p := range o.problems {
			t.said("", 0, p.File, p.Message)
		}
		t.rest(o.counter.summary.Errors-len(o.problems), allOfIt)
	}
}

// heading writes a line above a part.
func (t *text) heading(title string) {
	title = fit(disarm(title), t.width-8)
	t.paint(bold, "── "+title+" "+strings.Repeat("─", max(t.width-4-columns(title), 0)))
	t.WriteString("\n")
}

// rest says what a table left out, and ends it.
func (t *text) rest(n int, where string) {
	if line := more(n, where); line != "" {
		t.paragraph("", 0, 2, span{text: line, style: dim})
	}
	t.WriteString("\n")
}

// verdictBars writes a bar for each verdict.
func (t *text) verdictBars(o *overview) {
	most := max(o.verdicts[0], o.verdicts[1], o.verdicts[2], o.verdicts[3])
	if most == 0 {
		return
	}
	room := min(barColumns, t.width-32)
	for i, n := range o.verdicts {
		if n == 0 {
			continue
		}
		t.paint(plain, fmt.Sprintf("%8s %-16s", thousands(n), verdictRanks[i]))
		t.paint(verdictWords[verdictRanks[i]].style, strings.Repeat("█", max(n*room/most, 1)))
		t.WriteString("\n")
	}
	t.WriteString("\n")
}

// secretRows writes the secrets, those with the most reach to lose first.
func (t *text) secretRows(o *overview) {
	if len(o.secrets) == 0 {
		return
	}
	before, after := o.reach()
	t.heading(fmt.Sprintf("Secrets by reach: %s → %s", thousands(before), repositories(after)))
	for _, s := range o.secrets {
		facts := s.work
		if s.state != "" {
			facts += ", " + s.state
		}
		spans := []span{{text: s.name, style: bold}, {text: " of " + s.owner}, {text: ", " + facts, style: dim}}
		t.hang(fmt.Sprintf("%*s  ", reachColumn-2, s.reach), reachColumn, spans...)
		if s.todo != "" {
			t.paragraph("", reachColumn, reachColumn, prose(s.todo, plain)...)
		}
	}
	t.rest(len(o.org.Secrets)-len(o.secrets), allOfIt)
}

// replaceableIn writes the repositories in which most can be done today.
func (t *text) replaceableIn(o *overview) {
	if len(o.repositories) == 0 {
		return
	}
	t.heading("Where most can be GITHUB_TOKEN today")
	for _, r := range o.repositories {
		t.hang(fmt.Sprintf("%8s ", thousands(r.replaceable)), 9, span{text: r.name})
	}
	t.WriteString("\n")
}
