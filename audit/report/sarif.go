package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

const (
	// sarifRoot stands for the repository's root in SARIF.
	sarifRoot = "%SRCROOT%"
	// sarifTextLimit is how long code scanning lets a description be.
	sarifTextLimit = 1024
	// sarifFlows limits the ways and the links of one result.
	sarifFlows = 10
)

// writeSARIF writes one run for each repository, for code scanning. GitHub
// takes 20 runs in a file; whoever audits more writes more files.
func writeSARIF(w io.Writer, r *audit.Report, o Options) error {
	log := sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{}}
	rules := documented(r, o.Rules)
	seen := map[string]int{}
	for _, repository := range r.Repositories {
		s := sarifWriter{repository, findingsOf(r, repository), newSources(o), rules}
		run := s.run(r.Tool)
		id := automationID(repository)
		if seen[id]++; seen[id] > 1 {
			id += fmt.Sprintf("%d/", seen[id])
		}
		run.AutomationDetails.ID = id
		log.Runs = append(log.Runs, run)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(log)
}

// automationID names a run. What stands before the last slash is the category
// by which code scanning tells the results of one upload from those of another.
func automationID(repository *audit.Repository) string {
	if repository.Name == nil {
		return "patrol/"
	}
	return "patrol/" + clean(*repository.Name) + "/"
}

// documented returns the rules, and a bare one for each rule that only a
// finding names.
func documented(r *audit.Report, rules []Rule) []Rule {
	all := slices.Clone(rules)
	for _, repository := range r.Repositories {
		for _, f := range slices.Concat(findingsOf(r, repository), repository.Accepted) {
			if !slices.ContainsFunc(all, func(rule Rule) bool { return rule.ID == f.Rule }) {
				all = append(all, Rule{ID: f.Rule, Title: f.Rule, Severity: f.Severity})
			}
		}
	}
	return all
}

// sarifWriter turns one repository into a run.
type sarifWriter struct {
	repository *audit.Repository
	findings   []*audit.Finding
	sources    *sources
	rules      []Rule
}

func (s sarifWriter) run(tool audit.Tool) sarifRun {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name: "Patrol", Version: clean(tool.Version), InformationURI: homepage, Rules: []sarifRule{},
		}},
		Invocations: []sarifInvocation{{ExecutionSuccessful: true, Notifications: []sarifNotification{}}},
		OriginalURIBases: map[string]sarifLocation{
			sarifRoot: {Description: &sarifText{Text: "The root of the repository."}},
		},
		ColumnKind: "utf16CodeUnits",
		Results:    []sarifResult{},
	}
	for _, rule := range s.rules {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, describe(rule))
	}
	for _, p := range s.repository.Errors {
		run.Invocations[0].Notifications = append(run.Invocations[0].Notifications, sarifNotification{
			Level: "warning", Message: message(p.Message),
			Locations: []sarifLocation{s.location(audit.Span{File: p.File, Line: p.Line, Column: p.Column})},
		})
	}
	byID := references(s.repository)
	for _, f := range slices.Concat(s.findings, s.repository.Accepted) {
		run.Results = append(run.Results, s.result(f, byID[f.Reference]))
	}
	return run
}

// describe turns a rule's documentation into SARIF.
func describe(rule Rule) sarifRule {
	help := rule.Help
	if strings.TrimSpace(help) == "" {
		help = rule.Title
	}
	described := sarifRule{
		ID: rule.ID, Name: rule.ID, HelpURI: rule.URL,
		ShortDescription:     sarifText{Text: shorten(rule.Title, sarifTextLimit)},
		FullDescription:      sarifText{Text: shorten(firstParagraph(help, rule.Title), sarifTextLimit)},
		DefaultConfiguration: sarifConfiguration{level(rule.Severity)},
		Help:                 sarifText{Text: help, Markdown: help},
		Properties:           sarifProperties{Tags: []string{"security", "github-actions"}, ProblemSeverity: problemSeverity(rule.Severity)},
	}
	return described
}

// firstParagraph returns the first paragraph of a page that is no heading.
func firstParagraph(page, otherwise string) string {
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(page, "\r\n", "\n"), "\n\n") {
		paragraph = strings.TrimSpace(paragraph)
		if paragraph != "" && !strings.HasPrefix(paragraph, "#") {
			return strings.Join(strings.Fields(paragraph), " ")
		}
	}
	return otherwise
}

// level is SARIF's word for a severity.
func level(severity audit.Severity) string {
	switch severity {
	case audit.SeverityError, audit.SeverityWarning:
		return string(severity)
	}
	return "note"
}

// problemSeverity is code scanning's word for a severity.
func problemSeverity(severity audit.Severity) string {
	switch severity {
	case audit.SeverityError, audit.SeverityWarning:
		return string(severity)
	}
	return "recommendation"
}

// message makes a message of text from a repository, in which nothing may be
// taken for a link.
func message(text string) sarifText { return sarifText{Text: unlink(clean(text))} }

// unlink parts the brackets by which a viewer knows a link.
func unlink(text string) string { return strings.ReplaceAll(text, "](", "] (") }

// result writes a finding. The places that the message links to are the
// related locations: code scanning shows no others.
func (s sarifWriter) result(f *audit.Finding, reference *audit.Reference) sarifResult {
	result := sarifResult{
		RuleID:              f.Rule,
		RuleIndex:           slices.IndexFunc(s.rules, func(r Rule) bool { return r.ID == f.Rule }),
		Level:               level(f.Severity),
		Locations:           []sarifLocation{s.findingLocation(f)},
		PartialFingerprints: map[string]string{"patrolFingerprint/v1": f.ID},
	}
	if a := f.Acceptance; a != nil {
		result.Suppressions = []sarifSuppression{suppression(a)}
	}
	text := unlink(clean(f.Message))
	var uses, places []sarifLocation
	if reference != nil {
		for _, u := range reference.Uses {
			uses = append(uses, s.noted(u.File, u.Line, u.What))
		}
		result.CodeFlows = s.codeFlows(reference)
	}
	for _, p := range f.Related {
		places = append(places, s.noted(p.File, p.Line, p.Text))
	}
	text += link(&result, "\nUsed by ", uses) + link(&result, "\nSee also ", places)
	for _, line := range slices.Concat(reasonLines(f, reference), fixLines(f, reference)) {
		text += "\n" + unlink(line)
	}
	result.Message = sarifText{Text: text}
	return result
}

// suppression says that somebody accepts a result, and why.
func suppression(a *audit.Acceptance) sarifSuppression {
	kind, why := "external", clean(a.Reason)
	if a.Kind == audit.AcceptedByComment {
		kind = "inSource"
	}
	if a.Expires != "" {
		why += " (until " + clean(a.Expires) + ")"
	}
	return sarifSuppression{Kind: kind, Justification: why}
}

// link adds related locations to a result and returns the words that link to
// them.
func link(result *sarifResult, words string, locations []sarifLocation) string {
	if len(locations) == 0 {
		return ""
	}
	var links []string
	for i, l := range locations {
		if i == sarifFlows {
			links = append(links, fmt.Sprintf("%d more", len(locations)-i))
			break
		}
		if l.PhysicalLocation == nil {
			links = append(links, l.Message.Text)
			continue
		}
		l.ID = len(result.RelatedLocations) + 1
		result.RelatedLocations = append(result.RelatedLocations, l)
		text := strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(l.Message.Text)
		links = append(links, fmt.Sprintf("[%s](%d)", text, l.ID))
	}
	return words + strings.Join(links, ", ") + "."
}

// codeFlows writes the ways from a reference to its uses.
func (s sarifWriter) codeFlows(r *audit.Reference) []sarifCodeFlow {
	var flows []sarifCodeFlow
	for _, u := range r.Uses {
		if len(flows) == sarifFlows {
			break
		}
		start := s.location(audit.Span{File: r.File, Line: r.Line, Column: r.Column, EndLine: r.EndLine, EndColumn: r.EndColumn})
		text := message("secret " + r.Secret)
		start.Message = &text
		steps := []sarifThreadFlowLocation{{start}}
		for _, hop := range u.Via {
			if !audit.Elsewhere(hop.File) {
				steps = append(steps, sarifThreadFlowLocation{s.noted(hop.File, hop.Line, hop.What)})
			}
		}
		if !audit.Elsewhere(u.File) {
			steps = append(steps, sarifThreadFlowLocation{s.noted(u.File, u.Line, u.What)})
		}
		flows = append(flows, sarifCodeFlow{[]sarifThreadFlow{{steps}}})
	}
	return flows
}

// noted is a location of a whole line with a message. A place in another
// repository has the message alone: a viewer looks for files in this one.
func (s sarifWriter) noted(file string, line int, text string) sarifLocation {
	where := place(file, line, 0)
	if audit.Elsewhere(file) {
		words := message(strings.TrimPrefix(text+" in "+where, " in "))
		return sarifLocation{Message: &words}
	}
	text = cmp.Or(text, where)
	l := s.location(audit.Span{File: file, Line: line})
	words := message(text)
	l.Message = &words
	return l
}

// location converts a span. Where no line is known the location is the file.
func (s sarifWriter) location(span audit.Span) sarifLocation {
	physical := &sarifPhysical{ArtifactLocation: sarifArtifact{URI: relativeURI(span.File), URIBaseID: sarifRoot}}
	if span.Line > 0 {
		region := &sarifRegion{StartLine: span.Line}
		if span.EndLine > span.Line {
			region.EndLine = span.EndLine
		}
		if span.Column > 0 {
			region.StartColumn = s.column(span.File, span.Line, span.Column)
			s.endColumn(region, span)
		}
		physical.Region = region
	}
	return sarifLocation{PhysicalLocation: physical}
}

// findingLocation is where a finding is shown. Code scanning takes no result
// without a file and a line: what is said of a repository as a whole stands at
// the folder of its workflows.
func (s sarifWriter) findingLocation(f *audit.Finding) sarifLocation {
	return s.location(audit.Span{
		File: cmp.Or(f.File, ".github/workflows"), Line: max(f.Line, 1), Column: f.Column,
		EndLine: f.EndLine, EndColumn: f.EndColumn,
	})
}

// endColumn sets where a region ends, if that is after its beginning.
func (s sarifWriter) endColumn(region *sarifRegion, span audit.Span) {
	line := max(span.EndLine, span.Line)
	if span.EndColumn <= 0 || line == span.Line && span.EndColumn < span.Column {
		return
	}
	region.EndLine = line
	region.EndColumn = s.column(span.File, line, span.EndColumn)
}

func (s sarifWriter) column(file string, line, column int) int {
	return s.sources.utf16Column(s.repository, file, line, column)
}

// relativeURI writes a path as a relative reference below the root. Every
// colon is escaped, for one in the first part would look like a scheme's.
func relativeURI(file string) string {
	parts := strings.Split(strings.TrimPrefix(path.Clean("/"+file), "/"), "/")
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(url.PathEscape(part), ":", "%3A")
	}
	return strings.Join(parts, "/")
}
