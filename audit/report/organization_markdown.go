package report

import (
	"fmt"
	"io"
	"strings"
)

// writeOrganizationMarkdown writes an organisation's overview for an issue or a
// job's summary.
func writeOrganizationMarkdown(w io.Writer, s Stream, _ Options) error {
	o, err := readOverview(s)
	if err != nil {
		return err
	}
	strong := func(n int) string { return "**" + thousands(n) + "**" }
	var b strings.Builder
	fmt.Fprintf(&b, "## Patrol: %s\n\n%s.\n\n", MarkdownText(accountNames(o.org, shownRows)), o.counter.headline(nil, strong))
	for _, line := range []string{o.coverage(), o.counts(), o.trend()} {
		if line != "" {
			fmt.Fprintf(&b, "%s.  \n", line)
		}
	}
	markdownSecrets(&b, o)
	markdownList(&b, "Findings about secrets", findingLines(o), more(len(o.org.Findings)-len(o.findings), allOfIt))
	markdownRepositories(&b, o)
	markdownList(&b, "GITHUB_TOKEN by default", proseLines(o.settings()), "")
	markdownList(&b, "Not in this report", proseLines(o.notes()), "")
	var problems []string
	for _, p := range o.problems {
		problems = append(problems, MarkdownCode(p.File)+": "+MarkdownText(p.Message))
	}
	markdownList(&b, "Not read", problems, more(o.counter.summary.Errors-len(problems), allOfIt))
	_, err = io.WriteString(w, b.String())
	return err
}

// markdownSecrets writes the secrets, those with the most reach to lose first.
func markdownSecrets(b *strings.Builder, o *overview) {
	if len(o.secrets) == 0 {
		return
	}
	before, after := o.reach()
	fmt.Fprintf(b, "\n### Secrets by reach: %s → %s\n\n| Reach | Secret | Of | Work | What to do |\n| ---: | --- | --- | --- | --- |\n", thousands(before), repositories(after))
	for _, s := range o.secrets {
		work := s.work
		if s.state != "" {
			work += ", " + s.state
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", s.reach, MarkdownCode(s.name), MarkdownText(s.owner), work, markdownProse(s.todo))
	}
	if line := more(len(o.org.Secrets)-len(o.secrets), allOfIt); line != "" {
		fmt.Fprintf(b, "\n%s\n", MarkdownText(line))
	}
}

func markdownRepositories(b *strings.Builder, o *overview) {
	if len(o.repositories) == 0 {
		return
	}
	b.WriteString("\n### Where most can be GITHUB_TOKEN today\n\n| References | Repository |\n| ---: | --- |\n")
	for _, r := range o.repositories {
		fmt.Fprintf(b, "| %s | %s |\n", thousands(r.replaceable), MarkdownText(r.name))
	}
}

func findingLines(o *overview) []string {
	var out []string
	for _, f := range o.findings {
		out = append(out, fmt.Sprintf("%s: %s %s", MarkdownText(bounded(string(f.Severity), overviewText)), markdownProse(bounded(f.Message, 2*overviewText)), MarkdownCode(bounded(f.Rule, overviewText))))
	}
	return out
}

func proseLines(lines []string) []string {
	var out []string
	for _, line := range lines {
		out = append(out, markdownProse(line))
	}
	return out
}

// markdownList writes lines that are Markdown below a title, and what is left
// out of them.
func markdownList(b *strings.Builder, title string, lines []string, rest string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n### %s\n\n", title)
	for _, line := range lines {
		fmt.Fprintf(b, "- %s\n", line)
	}
	if rest != "" {
		fmt.Fprintf(b, "\n%s\n", MarkdownText(rest))
	}
}
