package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/baseline"
	"github.com/patrol-actions/patrol/audit/organization"
	"github.com/patrol-actions/patrol/audit/report"
)

// report joins what was found and writes it. It tells whether a finding is as
// severe as --fail-on.
func (r *orgRun) report(ctx context.Context) (severe bool, err error) {
	coverage, err := r.estate.Coverage()
	if err != nil {
		return false, err
	}
	r.head = newReport(r.p)
	r.head.GeneratedAt = r.estate.StartedAt().Format(time.RFC3339)
	r.head.Organization = &audit.Organization{
		Accounts: r.estate.Accounts(), Shard: r.o.part.String(), Coverage: coverage, Unasked: r.estate.Problems(), Complete: r.ended == nil && coverage.Left == 0 && coverage.Failed == 0,
	}
	w := &organizationWriter{p: r.p, o: &r.o.auditOptions, head: r.head, open: r.estate.Source, inventories: r.stock.inventories(), repositories: func(yield func(*audit.Repository, error) bool) {
		for repository, err := range r.estate.Repositories() {
			if err == nil {
				r.stock.fill(repository)
			}
			if !yield(repository, err) {
				return
			}
		}
	}}
	if err := w.join(r.baseline); err != nil {
		return false, err
	}
	if err := w.write(r.sinks); err != nil {
		return false, err
	}
	return w.severe, r.act(ctx, w)
}

// baselineOfOrganization says what --baseline does for accounts.
const baselineOfOrganization = "say what changed since this JSON `REPORT` of the same accounts: how many findings are new, gone, still there"

// openBaseline reads the head of the report of --baseline.
func openBaseline(path string) (*report.Stream, error) {
	earlier, err := savedReport(path)
	if err == nil && earlier.Head.Organization == nil {
		err = fmt.Errorf("%s is no report of an organisation: give one that 'patrol org … --format json' wrote", path)
	}
	if err != nil {
		return nil, fmt.Errorf("--baseline: %w", err)
	}
	return earlier, nil
}

// organizationSinks refuses formats that are of one repository.
func organizationSinks(sinks []sink) error {
	for _, s := range sinks {
		switch {
		case s.format == "github":
			return errors.New("--format github is for one repository: its annotations would be of files that are not here")
		case s.format == "sarif" && s.file == "":
			return errors.New("--format sarif is one file for each repository: say sarif=FOLDER")
		}
	}
	return nil
}

// savedReport reads a report as a stream.
func savedReport(path string) (*report.Stream, error) {
	s, err := report.Saved(func() (io.ReadCloser, error) { return os.Open(path) })
	var unopened *fs.PathError
	switch {
	case errors.As(err, &unopened):
		return nil, fmt.Errorf("%s: %w", path, unopened.Err)
	case err != nil:
		return nil, fmt.Errorf("%s: %w: give a report that 'patrol org … --format json' wrote", path, err)
	}
	return &s, nil
}

// organizationWriter joins and writes the report of accounts, whose
// repositories come one by one.
type organizationWriter struct {
	p            Process
	o            *auditOptions
	head         *audit.Report
	inventories  []*audit.Inventory
	repositories iter.Seq2[*audit.Repository, error]
	// open reads the lines of a file that findings are about; nil where none
	// is kept.
	open func(*audit.Repository, string) ([]byte, error)
	// severe tells that a finding is as severe as --fail-on.
	severe bool
}

// join fills in the secrets and the trend, and the summary.
func (w *organizationWriter) join(earlier *report.Stream) error {
	joiner := organization.New(organization.Options{Inventories: w.inventories, Web: w.o.web(w.p.Getenv), Config: w.o.config.shared, Now: w.time(), Ledger: &w.o.ledger})
	for repository, err := range w.repositories {
		if err != nil {
			return err
		}
		joiner.Add(repository)
	}
	joiner.Finish(w.head.Organization)
	w.o.filterOrganization(w.head.Organization)
	w.redact(w.head)
	counter := &report.Counter{}
	trend := &baseline.Trend{}
	if earlier != nil {
		if err := trend.Since(earlier.Head, earlier.Repositories); err != nil {
			return fmt.Errorf("--baseline: %w", err)
		}
	}
	for repository, err := range w.shown() {
		if err != nil {
			return err
		}
		counter.Add(repository)
		trend.Add(repository.Name, repository.Findings)
		w.severe = w.severe || w.o.fails(&audit.Report{Repositories: []*audit.Repository{repository}})
	}
	counter.AddHead(w.head)
	w.head.Summary = counter.Summary()
	trend.Add(nil, w.head.Organization.Findings)
	w.severe = w.severe || w.o.fails(w.head)
	w.head.Organization.Trend = trend.Result()
	return nil
}

// time is that of the report: an audit that was ended and gone on with, and one
// that is merged, say what they said then.
func (w *organizationWriter) time() time.Time {
	if at, err := time.Parse(time.RFC3339, w.head.GeneratedAt); err == nil {
		return at
	}
	return now(w.p.Getenv)
}

// shown are the repositories as they are written.
func (w *organizationWriter) shown() iter.Seq2[*audit.Repository, error] {
	return func(yield func(*audit.Repository, error) bool) {
		for repository, err := range w.repositories {
			if err == nil {
				one := &audit.Report{Repositories: []*audit.Repository{repository}}
				w.o.filter(one)
				w.redact(one)
				report.Sort(one)
			}
			if !yield(repository, err) {
				return
			}
		}
	}
}

func (w *organizationWriter) redact(r *audit.Report) {
	if w.o.redactor != nil {
		report.Redact(r, w.o.redactor.Replace)
	}
}

// filterOrganization drops the findings below --min-severity.
func (o *auditOptions) filterOrganization(x *audit.Organization) {
	t := &audit.Report{Tokens: []*audit.Token{{Findings: x.Findings, Accepted: x.Accepted}}}
	o.filter(t)
	x.Findings, x.Accepted = t.Tokens[0].Findings, t.Tokens[0].Accepted
}

// stream is the report as it is written.
func (w *organizationWriter) stream() report.Stream {
	return report.Stream{Head: w.head, Repositories: w.shown()}
}

// options are those of the formats.
func (w *organizationWriter) options() report.Options {
	return report.Options{Rules: reportRules(), Verbose: w.o.verbose, Width: width(w.p), Open: w.openLine, Web: w.o.web(w.p.Getenv), Page: pageAddress}
}

func (w *organizationWriter) openLine(r *audit.Repository, path string) ([]byte, error) {
	if w.open == nil {
		return nil, os.ErrNotExist
	}
	source, err := w.open(r, path)
	return []byte(w.o.redacted(string(source))), err
}

// write writes the report in all formats asked for.
func (w *organizationWriter) write(sinks []sink) error {
	var failed error
	for _, s := range sinks {
		failed = errors.Join(failed, w.writeOne(s))
	}
	return failed
}

func (w *organizationWriter) writeOne(s sink) (err error) {
	options := w.options()
	switch {
	case s.format == "sarif":
		return w.writeSARIF(s.file)
	case s.file == "":
		options.Color = w.o.color(w.p)
		return report.WriteStream(w.p.Stdout, s.format, w.stream(), options)
	}
	// A report that is broken off must not stand where a whole one was.
	return replaceFile(s.file, mode(s, w.p), func(out io.Writer) error {
		return report.WriteStream(out, s.format, w.stream(), options)
	})
}

// writeSARIF writes a file for each repository with a finding.
func (w *organizationWriter) writeSARIF(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("cannot write to %s: %w", folder, cause(err))
	}
	unnamed := 0
	for repository, err := range w.shown() {
		if err != nil {
			return err
		}
		if len(repository.Findings) == 0 {
			continue
		}
		data, err := w.sarif(repository)
		if err != nil {
			return err
		}
		if repository.Name == nil {
			unnamed++
		}
		name := filepath.Join(folder, sarifName(repository.Name, unnamed))
		if err := replaceFile(name, os.O_TRUNC, func(out io.Writer) error {
			_, err := out.Write(data)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// sarif is the SARIF of one repository.
func (w *organizationWriter) sarif(repository *audit.Repository) ([]byte, error) {
	one := &audit.Report{Schema: w.head.Schema, Tool: w.head.Tool, GeneratedAt: w.head.GeneratedAt, Repositories: []*audit.Repository{repository}}
	report.Summarize(one)
	var out bytes.Buffer
	err := report.Write(&out, "sarif", one, w.options())
	return out.Bytes(), err
}

// sarifName is a repository's file. Names of GitHub hold nothing but "/" that a
// file's name could not; those in reports that are merged may be anybody's. One
// without a name has the number n.
func sarifName(name *string, n int) string {
	if name == nil {
		return fmt.Sprintf("repository-%d.sarif", n)
	}
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '+'
	}, *name) + ".sarif"
}

// replaceFile writes a file whole or not at all; one that is appended to as it
// comes, and so what is no file, such as a pipe or /dev/null: those must not be
// replaced by one. Of a link, what it leads to is replaced.
func replaceFile(name string, mode int, write func(io.Writer) error) (err error) {
	info, err := os.Stat(name)
	if mode == os.O_APPEND || err == nil && !info.Mode().IsRegular() {
		file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|mode, 0o644)
		if err != nil {
			return fmt.Errorf("cannot write %s: %w", name, cause(err))
		}
		return errors.Join(write(file), file.Close())
	}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	file, err := os.CreateTemp(filepath.Dir(name), ".patrol-*")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", name, cause(err))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	if err := errors.Join(write(file), file.Chmod(0o644), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), name); err != nil {
		return fmt.Errorf("cannot write %s: %w", name, cause(err))
	}
	return nil
}
