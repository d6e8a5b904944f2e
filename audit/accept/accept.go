// Package accept takes out of a report the findings that people know of and
// leave as they are, and keeps them with the reason.
//
// A finding is accepted by an entry under "accept" in patrol.yml, or by a
// comment "# patrol: ignore[rule] reason" beside its line. What accepts
// nothing, or does so no more, is a finding of its own: an acceptance that
// nobody looks at again would hide what comes later.
package accept

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/fingerprint"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// Options say what is accepted.
type Options struct {
	// Config has the entries; nil for none.
	Config *config.Config
	// Now is the time of the run; the zero time expires nothing.
	Now time.Time
	// Ledger gathers which entries are needed, where one configuration is for
	// several repositories; [Stale] then says at the end which are not. It is
	// nil where the configuration is the repository's own.
	Ledger *Ledger
}

// Ledger remembers which entries of a configuration accepted something. It is
// safe for concurrent use.
type Ledger struct {
	mutex sync.Mutex
	used  map[int]bool
}

func (l *Ledger) use(entry int) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.used == nil {
		l.used = map[int]bool{}
	}
	l.used[entry] = true
}

// Apply moves the accepted findings of a repository to its Accepted, and adds
// findings about the comments and entries that are wrong or needed no more.
func Apply(r *audit.Repository, read *workflow.Repository, o Options) {
	a := &accepter{repository: r, read: read, options: o, entries: o.Config.Acceptances()}
	own := o.Ledger == nil
	if own {
		a.options.Ledger = &Ledger{}
	}
	a.ignores, a.byLine = a.comments(), map[place][]*ignore{}
	for _, i := range a.ignores {
		at := place{i.file, i.target}
		a.byLine[at] = append(a.byLine[at], i)
	}
	kept := make([]*audit.Finding, 0, len(r.Findings))
	for _, f := range r.Findings {
		if f.Acceptance = a.acceptance(f); f.Acceptance != nil {
			r.Accepted = append(r.Accepted, f)
		} else {
			kept = append(kept, f)
		}
	}
	a.stale()
	more := a.found
	if own {
		more = append(more, Stale(o.Config, a.options.Ledger, o.Now)...)
	}
	r.Findings = append(kept, o.Config.Apply(more)...)
	slices.SortStableFunc(r.Findings, func(a, b *audit.Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
}

// accepter goes through the findings of one repository.
type accepter struct {
	repository *audit.Repository
	read       *workflow.Repository
	options    Options
	entries    []config.Acceptance
	ignores    []*ignore
	byLine     map[place][]*ignore // by the line that they are for
	found      []*audit.Finding
	ids        fingerprint.IDs
}

// acceptance says who accepts a finding: a comment, else the first entry that
// fits. All that fit are needed.
func (a *accepter) acceptance(f *audit.Finding) *audit.Acceptance {
	var out *audit.Acceptance
	for _, i := range a.byLine[place{f.File, f.Line}] {
		if i.silences(f) {
			out = cmp.Or(out, &audit.Acceptance{Kind: audit.AcceptedByComment, Reason: i.reason, File: i.file, Line: i.line})
		}
	}
	if len(a.entries) == 0 {
		return out
	}
	secret, jobs := a.about(f)
	return cmp.Or(out, byEntry(a.entries, a.options, f, secret, jobs))
}

// byEntry returns the first entry that accepts a finding, and notes all.
func byEntry(entries []config.Acceptance, o Options, f *audit.Finding, secret string, jobs []string) *audit.Acceptance {
	var out *audit.Acceptance
	for i, entry := range entries {
		if !entry.Fits(f.Rule, secret, f.File, jobs) {
			continue
		}
		o.Ledger.use(i)
		if !entry.Expired(o.Now) {
			out = cmp.Or(out, &audit.Acceptance{
				Kind: audit.AcceptedByConfiguration, Reason: entry.Reason, Expires: entry.Expires, File: entry.Span.File, Line: entry.Span.Line,
			})
		}
	}
	return out
}

// about returns the secret and the jobs that a finding is about: the job that
// it stands in, else those in which the secret is used.
func (a *accepter) about(f *audit.Finding) (secret string, jobs []string) {
	var reference *audit.Reference
	for _, r := range a.repository.References {
		if r.ID == f.Reference && f.Reference != "" {
			reference, secret = r, r.Secret
		}
	}
	for _, w := range a.read.Workflows {
		for _, j := range w.Jobs {
			if w.Path == f.File && f.Line >= j.Line && f.Line <= j.EndLine {
				return secret, []string{j.ID}
			}
		}
	}
	if reference != nil {
		for _, u := range reference.Uses {
			jobs = append(jobs, u.Job)
		}
	}
	return secret, jobs
}

// Token moves the accepted findings of a token to its Accepted.
func Token(t *audit.Token, o Options) {
	entries := o.Config.Acceptances()
	if o.Ledger == nil {
		o.Ledger = &Ledger{}
	}
	t.Findings = slices.DeleteFunc(t.Findings, func(f *audit.Finding) bool {
		if f.Acceptance = byEntry(entries, o, f, t.Name, nil); f.Acceptance != nil {
			t.Accepted = append(t.Accepted, f)
		}
		return f.Acceptance != nil
	})
}

// Secrets parts the findings about secrets of an account into those that
// stand and those that are accepted. Secret names the secret of a finding.
func Secrets(findings []*audit.Finding, secret func(*audit.Finding) string, o Options) (kept, accepted []*audit.Finding) {
	entries := o.Config.Acceptances()
	if o.Ledger == nil {
		o.Ledger = &Ledger{}
	}
	kept = make([]*audit.Finding, 0, len(findings))
	for _, f := range findings {
		if f.Acceptance = byEntry(entries, o, f, secret(f), nil); f.Acceptance != nil {
			accepted = append(accepted, f)
		} else {
			kept = append(kept, f)
		}
	}
	return kept, accepted
}

// Stale returns a finding for each entry that has expired, or that nothing
// needs. Entries on rules about tokens and stored secrets are taken to be
// needed: most runs ask about none.
func Stale(c *config.Config, l *Ledger, now time.Time) []*audit.Finding {
	var out []*audit.Finding
	var ids fingerprint.IDs
	for i, entry := range c.Acceptances() {
		page, _ := rules.PageByID(entry.Rule)
		unused := !l.used[i] && page.Subject != rules.SubjectToken && page.Subject != rules.SubjectSecret
		var message, fix string
		switch {
		case entry.Expired(now) && unused:
			message, fix = fmt.Sprintf("This acceptance expired on %s, and no finding fits it any more.", entry.Expires), "remove the entry"
		case entry.Expired(now):
			message, fix = fmt.Sprintf("This acceptance expired on %s, so that what it accepted is reported again.", entry.Expires), "mend what it accepted, or give the entry another day and the reason anew"
		case unused:
			message, fix = "No finding fits this acceptance.", "remove the entry, so that it does not hide what comes later"
		default:
			continue
		}
		f := finding("stale-acceptance", message, entry.Span)
		f.ID = ids.ID(f.Rule, f.File, entry.Rule, entry.Secret, entry.File, strings.ToLower(entry.Job))
		f.Fix = fix
		out = append(out, f)
	}
	return out
}

// finding makes one of a rule; its severity stands on the rule's page.
func finding(rule, message string, at audit.Span) *audit.Finding {
	page, _ := rules.PageByID(rule)
	return &audit.Finding{
		Rule: rule, Severity: page.Severity, Message: message, File: at.File,
		Line: at.Line, Column: at.Column, EndLine: at.EndLine, EndColumn: at.EndColumn,
	}
}
