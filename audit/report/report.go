// Package report writes audits in the forms in which people and programs read
// them, and reads saved ones back.
//
// A format knows the nouns of package audit and the documentation of the rules
// that is handed in, and nothing of the analysis. So a saved report can be
// shown in any format, and every format is tested by replaying one report.
//
// What stands in a repository is not to be trusted: file names, job names and
// scripts may hold terminal escapes, workflow commands or markup. Every format
// that is no data format neutralises them (see clean).
package report

import (
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// homepage is where the program is described.
const homepage = "https://github.com/patrol-actions/patrol"

// released are the versions that have a tag of their own in the repository.
var released = regexp.MustCompile(`^v\d+\.\d+\.\d+$`)

// PageAddress is where the page of a rule or a reason code is read that goes
// with a version of the program: that of the main branch unless the version
// was released.
func PageAddress(version, code string) string {
	ref := "main"
	if released.MatchString(version) {
		ref = version
	}
	return homepage + "/blob/" + ref + "/rules/page/" + url.PathEscape(code) + ".md"
}

// Rule is what a format needs to know of a rule.
type Rule struct {
	// ID is the rule's name, such as "replaceable-pat".
	ID string
	// Title says in one line what a finding of the rule means.
	Title string
	// Help is the rule's page, in Markdown.
	Help string
	// Severity is the severity that the rule has unless configured.
	Severity audit.Severity
	// URL is where the page can be read; empty where nowhere.
	URL string
}

// Options says how to write. The zero value is ready for use.
type Options struct {
	// Color allows SGR colour sequences in the text format.
	Color bool
	// Width is the terminal's width in columns; 0 means 80.
	Width int
	// Open reads a file of an audited repository, for code frames and for the
	// conversion of columns. It may be nil, may fail, and is called for
	// several repositories at a time.
	Open func(repository *audit.Repository, path string) ([]byte, error)
	// Below is the folder of an audited repository in the one that annotations
	// are for, with slashes; nil where they are the same.
	Below func(repository *audit.Repository) string
	// Rules documents the rules, in the order in which to list them.
	Rules []Rule
	// Verbose asks the text format for more: 1 for evidence of every operation
	// and for references without a finding.
	Verbose int
	// Patch is a unified diff of what can be replaced, for the Markdown
	// format; it may be empty.
	Patch string
	// Web is the address of GitHub's pages, for links to lines; empty for
	// https://github.com. Only https is linked to.
	Web string
	// Page is where the page of a rule or a reason code can be read, for the
	// Markdown format; "" for none. It may be nil.
	Page func(code string) string
	// Limit is how many bytes Markdown may have; 0 for those of a job's
	// summary, 1 MiB.
	Limit int
}

// web is the address of GitHub's pages, without a slash at its end; "" for one
// that nothing shall link to.
func (o Options) web() string {
	web := strings.TrimRight(o.Web, "/")
	switch {
	case web == "":
		return "https://github.com"
	case !strings.HasPrefix(web, "https://"):
		return ""
	}
	return web
}

// rule returns the documentation of the rule named id, or a bare one.
func (o Options) rule(id string) Rule {
	for _, r := range o.Rules {
		if r.ID == id {
			return r
		}
	}
	return Rule{ID: id, Title: id, Severity: audit.SeverityWarning}
}

// formats lists the formats in the order in which they are named to people.
func formats() []format {
	return []format{
		{"text", overviewOr(writeOrganizationText, writeText)},
		{"json", writeJSON},
		{"sarif", writeSARIF},
		{"github", writeGitHub},
		{"markdown", overviewOr(writeOrganizationMarkdown, writeMarkdown)},
		{"html", streamed(writePage)},
		{"csv", streamed(writeCSV)},
		{"csv-secrets", streamed(writeSecretsCSV)},
	}
}

// format is a way to write a report.
type format struct {
	name  string
	write func(w io.Writer, r *audit.Report, o Options) error
}

// Formats names the formats that Write knows.
func Formats() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return names
}

// Write writes r to w in the named format. It writes the report in the order
// in which it stands (see Sort), changes nothing in it, and gives the same
// bytes for the same report and options.
func Write(w io.Writer, format string, r *audit.Report, o Options) error {
	for _, f := range formats() {
		if f.name == format {
			return f.write(w, r, o)
		}
	}
	return fmt.Errorf("unknown format %q: say %s", format, strings.Join(Formats(), ", "))
}

// verdictRules names the rules whose findings only say a reference's verdict.
// All else that is found about a reference is news beside its verdict.
var verdictRules = []string{"replaceable-pat", "conditional-pat", "unknown-pat-use", "unscoped-pat"}

// saysVerdict tells whether a finding says no more than its reference's verdict.
func saysVerdict(f *audit.Finding) bool {
	return f.Reference != "" && slices.Contains(verdictRules, f.Rule)
}

// references returns the references of a repository by ID.
func references(repository *audit.Repository) map[string]*audit.Reference {
	byID := map[string]*audit.Reference{}
	for _, r := range repository.References {
		byID[r.ID] = r
	}
	return byID
}

// label names a repository: its own name, else the folder, else nothing.
func label(repository *audit.Repository) string {
	switch {
	case repository.Name != nil:
		return *repository.Name
	case repository.Root != nil:
		return *repository.Root
	}
	return ""
}

// jobs names the jobs in which a reference's value is used, in order.
func jobs(r *audit.Reference) []string {
	var names []string
	for _, u := range r.Uses {
		if u.Job != "" && !slices.Contains(names, u.Job) {
			names = append(names, u.Job)
		}
	}
	return names
}

// place writes "file:line:column" as far as it is known.
func place(file string, line, column int) string {
	switch {
	case line <= 0:
		return file
	case column <= 0:
		return fmt.Sprintf("%s:%d", file, line)
	}
	return fmt.Sprintf("%s:%d:%d", file, line, column)
}
