package estate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/bulk"
	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/audit/state"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// judge audits a repository with what is known of it. There is a result if it
// wanted nothing more.
func (e *Estate) judge(j *job) {
	if err := j.tree.Err(); err != nil {
		j.result = e.failure(j.repository.Name, unread(err))
		return
	}
	j.rounds++
	j.view = j.view.Again()
	options, known, faults := e.scanning(j.repository, j.view)
	report := scan.Repository(j.view, options)
	if len(j.view.Wants()) > 0 && j.rounds < maxRounds {
		return
	}
	report.Errors = append(report.Errors, faults...)
	if n := len(j.view.Wants()); n > 0 {
		report.Errors = append(report.Errors, audit.Problem{Message: fmt.Sprintf("%d files and folders that one leads to from the other were not read: there are too many", n)})
	}
	report.Root = nil
	data, err := json.Marshal(report)
	if err != nil {
		j.result = e.failure(j.repository.Name, err.Error())
		return
	}
	j.result = &state.Result{Used: j.view.Used(), Mounted: j.view.Mounted(), Workflows: report.Workflows, Report: []byte(hidden(string(data))), Seen: known.seen, Lines: excerpts(j.view, report)}
	if slices.ContainsFunc(options.Config.Acceptances(), func(a config.Acceptance) bool { return a.Expires != "" }) {
		j.result.Day = e.day()
	}
	j.result.Key = e.keyOf(j.repository, j.result)
}

// scanning are the options for an audit by a view, the facts that it may ask
// for, and the faults of the repository's own configuration.
func (e *Estate) scanning(r *bulk.Repository, view *bulk.View) (scan.Options, *facts, []audit.Problem) {
	known := &facts{estate: e, repository: r, seen: map[string]string{}}
	o := scan.Options{
		Guarded: true,
		Name:    r.Name, DefaultBranch: r.Branch, Web: e.options.Web, EnterpriseServer: e.options.EnterpriseServer,
		Remote: view, Config: e.options.Config, Ledger: &e.ledger, Now: e.run.StartedAt,
		Online: func(*workflow.Repository) scan.Online { return known },
	}
	if e.options.Config != nil {
		return o, known, nil
	}
	o.Ledger = nil
	own, err := config.Find(view)
	var faults *config.Error
	if errors.As(err, &faults) {
		return o, known, faults.Problems
	}
	o.Config = own
	return o, known, nil
}

// With reads a listed repository for a function that needs its files and not
// its audit alone: it is called with what is there as often as it wants more,
// and what it did when it wanted nothing more holds.
func (e *Estate) With(ctx context.Context, name string, do func(fsys fs.FS, o scan.Options)) error {
	r, err := e.Listed(name)
	if err != nil {
		return err
	}
	tree := r.Tree()
	view := tree.View(&bulk.Others{Owners: e.owners()})
	for range maxRounds {
		view = view.Again()
		options, _, _ := e.scanning(r, view)
		do(view, options)
		wants := view.Wants()
		if len(wants) == 0 {
			return nil
		}
		for len(wants) > 0 {
			if wants, err = e.reader.Fetch(ctx, wants); err != nil {
				return err
			}
		}
		if err := tree.Err(); err != nil {
			return errors.New(unread(err))
		}
	}
	return errors.New("could not be read in full: one file leads to too many others")
}

// around is how many lines above and below what an audit is about are kept;
// maxLine bounds one of them, in bytes.
const (
	around  = 2
	maxLine = 1000
)

// excerpts are the lines around the references and findings of an audit.
func excerpts(fsys fs.FS, r *audit.Repository) map[string]map[int]string {
	wanted := map[string]map[int]bool{}
	want := func(file string, first, last int) {
		if wanted[file] == nil {
			wanted[file] = map[int]bool{}
		}
		for n := first - around; n <= min(max(first, last), first+10)+around; n++ {
			wanted[file][n] = true
		}
	}
	for _, x := range r.References {
		want(x.File, x.Line, x.EndLine)
	}
	for _, f := range r.Findings {
		want(f.File, f.Line, f.EndLine)
	}
	out := map[string]map[int]string{}
	for file, numbers := range wanted {
		source, err := fs.ReadFile(fsys, file)
		if err != nil {
			continue // it is shown without lines
		}
		n := 0
		for line := range strings.Lines(string(source)) {
			if n++; numbers[n] {
				if out[file] == nil {
					out[file] = map[int]string{}
				}
				line = strings.TrimRight(line, "\r\n")
				out[file][n] = strings.ToValidUTF8(hidden(line)[:min(len(line), maxLine)], "")
			}
		}
	}
	return out
}

// tokenValue is a token of GitHub as somebody may have written it into a file:
// what is said of the file is kept and shown, and it shall not be.
//
// Source: GitHub Docs, "About authentication to GitHub", on the formats of
// tokens. Older ones cannot be told from other text.
var tokenValue = regexp.MustCompile(`gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}`)

// hidden is a text with stars in place of tokens, as long as it was.
func hidden(text string) string {
	return tokenValue.ReplaceAllStringFunc(text, func(value string) string {
		kind := value[:4]
		return kind + strings.Repeat("*", len(value)-len(kind))
	})
}

// unread says why nothing of a repository could be read.
func unread(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "could not be read: GitHub does not show it any more, or the token may not read its contents (contents: read)"
	}
	return "could not be read: " + err.Error()
}
