package merge

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/report"
)

// Repositories gives the repositories of all reports by name. Every audit of
// accounts writes them in that order; others are put into it. Those without a
// name come first, as they stand.
func Repositories(parts []*report.Stream) iter.Seq2[*audit.Repository, error] {
	return func(yield func(*audit.Repository, error) bool) {
		var heads []*source
		defer func() {
			for _, h := range heads {
				h.stop()
			}
		}()
		for _, part := range newestFirst(parts) {
			h := newSource(part)
			heads = append(heads, h)
		}
		for {
			var least *source
			for _, h := range heads {
				if h.err != nil {
					yield(nil, h.err)
					return
				}
				if h.now != nil && (least == nil || h.name() < least.name()) {
					least = h
				}
			}
			if least == nil {
				return
			}
			one, name := least.now, least.name()
			if !yield(one, nil) {
				return
			}
			for _, h := range heads {
				// What an older report says of the same is passed over.
				for h == least && h.now == one || h.now != nil && name != "" && h.name() == name {
					h.advance()
				}
			}
		}
	}
}

// newestFirst orders reports by their time.
func newestFirst(parts []*report.Stream) []*report.Stream {
	out := slices.Clone(parts)
	slices.SortStableFunc(out, func(a, b *report.Stream) int { return strings.Compare(b.Head.GeneratedAt, a.Head.GeneratedAt) })
	return out
}

// source is a report at one of its repositories.
type source struct {
	now  *audit.Repository
	err  error
	next func() (*audit.Repository, error, bool)
	stop func()
}

func newSource(part *report.Stream) *source {
	s := &source{}
	repositories := part.Repositories
	if part.Head.Organization == nil {
		repositories = byName(repositories)
	}
	s.next, s.stop = iter.Pull2(repositories)
	s.advance()
	return s
}

func (s *source) advance() {
	before := s.now
	var ok bool
	if s.now, s.err, ok = s.next(); !ok || s.err != nil {
		s.now = nil
		return
	}
	if before != nil && nameOf(s.now) < nameOf(before) {
		s.now, s.err = nil, fmt.Errorf("a report of accounts has %s after %s: it was not written by patrol", nameOf(s.now), nameOf(before))
	}
}

func (s *source) name() string { return nameOf(s.now) }

// nameOf is the name of a repository as it is ordered; empty where it has none.
func nameOf(r *audit.Repository) string {
	if r.Name == nil {
		return ""
	}
	return strings.ToLower(*r.Name)
}

// byName puts the repositories of a report in order, which holds all of them in
// memory: those that somebody audited one by one.
func byName(all iter.Seq2[*audit.Repository, error]) iter.Seq2[*audit.Repository, error] {
	return func(yield func(*audit.Repository, error) bool) {
		var list []*audit.Repository
		for r, err := range all {
			if err != nil {
				yield(nil, err)
				return
			}
			list = append(list, r)
		}
		slices.SortStableFunc(list, func(a, b *audit.Repository) int { return strings.Compare(nameOf(a), nameOf(b)) })
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
	}
}
