package report

import (
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// Stream is a report whose repositories come one by one, so that one of a
// hundred thousand need not stand in memory.
type Stream struct {
	// Head is all of the report but the repositories. Its Summary is not read:
	// formats that show one count for themselves.
	Head *audit.Report
	// Repositories are in the order in which to write them. It may be ranged
	// over several times and gives the same each time. A repository may be
	// let go as soon as the next is asked for.
	Repositories iter.Seq2[*audit.Repository, error]
}

// streamOf is a report that stands in memory, as a stream.
func streamOf(r *audit.Report) Stream {
	return Stream{Head: r, Repositories: func(yield func(*audit.Repository, error) bool) {
		for _, repository := range r.Repositories {
			if !yield(repository, nil) {
				return
			}
		}
	}}
}

// streams are the formats that can be written from a stream.
func streams() map[string]func(io.Writer, Stream, Options) error {
	return map[string]func(io.Writer, Stream, Options) error{
		"json": writeJSONStream, "html": writePage, "csv": writeCSV, "csv-secrets": writeSecretsCSV,
		"text": writeOrganizationText, "markdown": writeOrganizationMarkdown,
	}
}

// WriteStream is Write for a report whose repositories come one by one. What
// it holds in memory grows with the number of repositories, references and
// findings by some dozens of bytes each, and not with what is known of them.
//
// It writes json, html, csv and csv-secrets of any report, and text and markdown of
// one that has an organisation: for others these formats show everything, which
// nobody reads of so many repositories. SARIF is of one repository, for code
// scanning takes it so: Write the report that Only returns for each.
func WriteStream(w io.Writer, format string, s Stream, o Options) error {
	write := streams()[format]
	switch {
	case format == "sarif":
		return fmt.Errorf("the format sarif is of one repository, for code scanning takes it so: write one file for each")
	case write == nil:
		return fmt.Errorf("the format %q cannot be written for many repositories: say %s", format, strings.Join(streamFormats(), ", "))
	case s.Head.Organization == nil && (format == "text" || format == "markdown"):
		return fmt.Errorf("the format %s of so many repositories is an organisation's overview, and the report has none", format)
	}
	return write(w, s, o)
}

// Only is the report of one repository of a larger report: what the head says
// of tokens and of the organisation is not in it.
func Only(head *audit.Report, repository *audit.Repository) *audit.Report {
	r := &audit.Report{
		Schema: head.Schema, Tool: head.Tool, GeneratedAt: head.GeneratedAt, Repositories: []*audit.Repository{repository}}
	Summarize(r)
	return r
}

// streamFormats names the formats that WriteStream knows, in the order of
// Formats.
func streamFormats() []string {
	var names []string
	for _, name := range Formats() {
		if streams()[name] != nil {
			names = append(names, name)
		}
	}
	return names
}

// streamed makes a format of a stream one of a report in memory.
func streamed(write func(io.Writer, Stream, Options) error) func(io.Writer, *audit.Report, Options) error {
	return func(w io.Writer, r *audit.Report, o Options) error { return write(w, streamOf(r), o) }
}

// overviewOr writes an organisation's overview where there is one to write,
// and else everything.
func overviewOr(overview func(io.Writer, Stream, Options) error, all func(io.Writer, *audit.Report, Options) error) func(io.Writer, *audit.Report, Options) error {
	return func(w io.Writer, r *audit.Report, o Options) error {
		if r.Organization != nil {
			return overview(w, streamOf(r), o)
		}
		return all(w, r, o)
	}
}
