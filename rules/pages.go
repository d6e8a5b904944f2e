package rules

import (
	"cmp"
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit"
)

// The kinds of page.
const (
	// PageRule is the page of a rule: a kind of finding.
	PageRule = "rule"
	// PageReason is the page of a reason code: a ground of a verdict.
	PageReason = "reason"
)

// The subjects of rules, beside what workflows do with tokens.
const (
	// SubjectToken is a rule on what the API says of a token: its findings
	// are of no line.
	SubjectToken = "token"
	// SubjectSecret is a rule on what an account's stored secrets are used for:
	// its findings are of no line.
	SubjectSecret = "secret"
	// SubjectAcceptance is a rule on how findings are accepted: its findings
	// cannot be accepted themselves.
	SubjectAcceptance = "acceptance"
)

// Page documents one rule or one reason code. Its text is the only one there
// is: the terminal, code scanning and the reports all take it from here.
type Page struct {
	// ID is the rule's name or the reason code, as it stands in reports.
	ID string
	// Kind is PageRule or PageReason.
	Kind string
	// Title is one sentence without a full stop.
	Title string
	// Severity is a rule's severity unless the configuration changes it;
	// empty for reasons.
	Severity audit.Severity
	// Subject is SubjectToken, SubjectSecret, SubjectAcceptance, or empty for
	// all others.
	Subject string
	// Verdicts are the verdicts that a reason stands for, worst first; nil
	// for rules.
	Verdicts []audit.Verdict
	// Body is Markdown: the sections What, Why, Example, Fix and Limits.
	Body string
}

// File is a file of an example.
type File struct {
	// Path is where the file belongs in a repository, with slashes.
	Path string
	// Content is the whole file.
	Content string
}

//go:embed page/*.md
var pageFiles embed.FS

// allPages reads the pages when they are first asked for. A page that cannot
// be read is left out, and fails the tests.
var allPages = sync.OnceValue(func() []Page {
	entries, err := pageFiles.ReadDir("page")
	if err != nil {
		return nil
	}
	var pages []Page
	for _, entry := range entries {
		source, err := pageFiles.ReadFile(path.Join("page", entry.Name()))
		if err != nil {
			continue
		}
		if p, err := parsePage(string(source)); err == nil {
			pages = append(pages, p)
		}
	}
	slices.SortFunc(pages, func(a, b Page) int { return cmp.Compare(a.ID, b.ID) })
	return pages
})

// Pages returns all pages, sorted by ID.
func Pages() []Page { return slices.Clone(allPages()) }

// PageByID returns the page of a rule or a reason code.
func PageByID(id string) (Page, bool) {
	pages := allPages()
	i, ok := slices.BinarySearchFunc(pages, id, func(p Page, id string) int { return cmp.Compare(p.ID, id) })
	if !ok {
		return Page{}, false
	}
	return pages[i], true
}

// RuleIDs returns the names of all rules, sorted.
func RuleIDs() []string { return pageIDs(PageRule) }

// ReasonCodes returns all reason codes, sorted.
func ReasonCodes() []string { return pageIDs(PageReason) }

func pageIDs(kind string) []string {
	var ids []string
	for _, p := range allPages() {
		if p.Kind == kind {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// Section returns the text under the heading "## title", without the heading
// and the blank lines around it; empty where there is no such section.
func (p Page) Section(title string) string {
	var section []string
	inside, fenced := false, false
	for line := range strings.SplitSeq(p.Body, "\n") {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if heading, ok := strings.CutPrefix(line, "## "); ok && !fenced {
			inside = strings.TrimSpace(heading) == title
			continue
		}
		if inside {
			section = append(section, line)
		}
	}
	return strings.TrimSpace(strings.Join(section, "\n"))
}

// Examples returns the files of the section Example: those that make Patrol
// report this rule or reason. Their paths are told by a comment in the first
// line of each fenced block, which is not part of the file.
func (p Page) Examples() []File { return fencedFiles(p.Section("Example")) }

// fencedFiles returns the fenced blocks of some Markdown that begin with a
// comment naming a path. Other blocks (output, commands) are passed over.
func fencedFiles(markdown string) []File {
	var files []File
	var block []string
	fenced := false
	for line := range strings.SplitSeq(markdown, "\n") {
		switch {
		case strings.HasPrefix(line, "```") && fenced:
			if f, ok := fileOf(block); ok {
				files = append(files, f)
			}
			block, fenced = nil, false
		case strings.HasPrefix(line, "```"):
			fenced = true
		case fenced:
			block = append(block, line)
		}
	}
	return files
}

func fileOf(block []string) (File, bool) {
	if len(block) < 2 {
		return File{}, false
	}
	name, ok := strings.CutPrefix(block[0], "# ")
	if !ok {
		name, ok = strings.CutPrefix(block[0], "// ")
	}
	name = strings.TrimSpace(name)
	if !ok || name == "" || strings.ContainsAny(name, " \t") {
		return File{}, false
	}
	return File{Path: name, Content: strings.Join(block[1:], "\n") + "\n"}, true
}

// parsePage reads a page: front matter between two lines "---", then the
// body. The front matter is lines "key: value", not YAML.
func parsePage(source string) (Page, error) {
	source = strings.ReplaceAll(source, "\r\n", "\n")
	head, body, ok := strings.Cut(strings.TrimPrefix(source, "---\n"), "\n---\n")
	if !ok || !strings.HasPrefix(source, "---\n") {
		return Page{}, fmt.Errorf("no front matter between two lines \"---\"")
	}
	p := Page{Body: strings.TrimSpace(body) + "\n"}
	for line := range strings.SplitSeq(head, "\n") {
		key, text, ok := strings.Cut(line, ":")
		if !ok {
			return Page{}, fmt.Errorf("front matter line %q is not \"key: value\"", line)
		}
		if err := p.set(key, strings.TrimSpace(text)); err != nil {
			return Page{}, err
		}
	}
	return p, p.check()
}

// set takes one line of the front matter.
func (p *Page) set(key, text string) error {
	switch key {
	case "id":
		p.ID = text
	case "kind":
		p.Kind = text
	case "title":
		p.Title = text
	case "severity":
		severity, err := audit.ParseSeverity(text)
		if err != nil {
			return err
		}
		p.Severity = severity
	case "subject":
		p.Subject = text
	case "verdicts":
		for word := range strings.SplitSeq(text, ",") {
			p.Verdicts = append(p.Verdicts, audit.Verdict(strings.TrimSpace(word)))
		}
	default:
		return fmt.Errorf("unknown key %q: say id, kind, title, subject, severity or verdicts", key)
	}
	return nil
}

// check tells what a page lacks.
func (p *Page) check() error {
	switch {
	case p.ID == "":
		return fmt.Errorf("no id")
	case p.Title == "":
		return fmt.Errorf("%s: no title", p.ID)
	case p.Kind == PageRule && p.Severity == "":
		return fmt.Errorf("%s: a rule needs a severity", p.ID)
	case p.Kind == PageReason && len(p.Verdicts) == 0:
		return fmt.Errorf("%s: a reason needs verdicts", p.ID)
	case p.Kind != PageRule && p.Kind != PageReason:
		return fmt.Errorf("%s: unknown kind %q: say rule or reason", p.ID, p.Kind)
	}
	if !slices.Contains([]string{"", SubjectToken, SubjectSecret, SubjectAcceptance}, p.Subject) {
		return fmt.Errorf("%s: unknown subject %q: say token, secret or acceptance", p.ID, p.Subject)
	}
	for _, v := range p.Verdicts {
		switch v {
		case audit.VerdictNotReplaceable, audit.VerdictConditional, audit.VerdictUnknown:
		default:
			return fmt.Errorf("%s: no reason stands for the verdict %q", p.ID, v)
		}
	}
	return nil
}

// suggestions is how many near misses Suggest returns at most.
const suggestions = 3

// Suggest returns the rules and reason codes that somebody who wrote id may
// have meant, nearest first; none where nothing is near.
func Suggest(id string) []string {
	id = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(id)), "_", "-")
	if id == "" || len(id) > 64 {
		return nil
	}
	type candidate struct {
		id       string
		distance int
	}
	var candidates []candidate
	for _, p := range allPages() {
		d := editDistance(id, p.ID)
		if len(id) >= 3 && strings.Contains(p.ID, id) {
			d = min(d, 1) // a part of the name, such as "branch"
		}
		if d <= max(2, len(p.ID)/4) {
			candidates = append(candidates, candidate{p.ID, d})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var ids []string
	for _, c := range candidates[:min(len(candidates), suggestions)] {
		ids = append(ids, c.id)
	}
	return ids
}

// editDistance counts the bytes to insert, delete or change to make b of a.
// IDs are ASCII, so bytes do.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
