package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/report"
	"github.com/patrol-actions/patrol/rules"
)

// write writes the report in one format.
func (o *auditOptions) write(p Process, s sink, r *audit.Report) (err error) {
	options := report.Options{
		Rules: reportRules(), Verbose: o.verbose, Open: o.open, Width: fileWidth(p), Patch: o.redacted(o.patch), Web: o.web(p.Getenv), Page: pageAddress,
	}
	if s.file == "" {
		options.Color, options.Width = o.color(p), width(p)
		return report.Write(p.Stdout, s.format, r, options)
	}
	file, err := os.OpenFile(s.file, os.O_CREATE|os.O_WRONLY|mode(s, p), 0o644)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", s.file, cause(err))
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return report.Write(file, s.format, r, options)
}

// mode appends to the job summary, which other steps write to as well, and
// replaces any other file.
func mode(s sink, p Process) int {
	if summary := p.Getenv("GITHUB_STEP_SUMMARY"); summary != "" && s.file == summary {
		return os.O_APPEND
	}
	return os.O_TRUNC
}

// open reads a file of an audited repository for a code frame. A token that was
// sent is hidden in it.
func (o *auditOptions) open(repository *audit.Repository, path string) ([]byte, error) {
	source, err := o.remotes.open(repository, path)
	if o.redactor == nil {
		return source, err
	}
	return []byte(o.redacted(string(source))), err
}

// sourceOf opens a file of an audited folder.
func sourceOf(repository *audit.Repository, path string) ([]byte, error) {
	if repository.Root == nil || *repository.Root == "-" {
		return nil, fs.ErrNotExist
	}
	full, err := filepath.Abs(*repository.Root)
	if err != nil {
		return nil, err
	}
	folder, _, err := locate(full)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.ReadFile(filepath.FromSlash(path))
}

// reportRules are the rules as formats want them.
func reportRules() []report.Rule {
	var out []report.Rule
	for _, id := range rules.RuleIDs() {
		page, _ := rules.PageByID(id)
		out = append(out, report.Rule{ID: page.ID, Title: page.Title, Help: page.Body, Severity: page.Severity, URL: pageAddress(page.ID)})
	}
	return out
}

// pageAddress is where the page of a rule or a reason code can be read; "" for
// what has none.
func pageAddress(code string) string {
	if _, ok := rules.PageByID(code); !ok {
		return ""
	}
	return report.PageAddress(Version(), code)
}

// writeOutputs appends the action's outputs.
func writeOutputs(file string, r *audit.Report, sinks []sink) (err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", file, cause(err))
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	fmt.Fprintf(f, "findings=%d\nreplaceable=%d\n", r.Summary.Findings, r.Summary.Replaceable)
	for format, name := range map[string]string{"json": "report", "sarif": "sarif"} {
		for _, s := range sinks {
			if s.format == format && s.file != "" {
				fmt.Fprintf(f, "%s=%s\n", name, strings.NewReplacer("\n", "", "\r", "").Replace(s.file))
			}
		}
	}
	return nil
}
