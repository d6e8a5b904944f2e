// Package merge puts reports together: the parts of one audit, those of several
// accounts, and those of single repositories. Reports are read as streams, so
// that none has to stand in memory.
package merge

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/estate"
	"github.com/patrol-actions/patrol/audit/report"
)

// Heads fills in all of a report but what follows from its repositories: the
// secrets, the findings about them, and the summary. It says what is missing.
func Heads(head *audit.Report, parts []*report.Stream) (missing []string) {
	out := &audit.Organization{Complete: true}
	head.Organization = out
	groups := map[string][]*audit.Report{}
	var order []string
	for i, part := range parts {
		for _, token := range part.Head.Tokens {
			// One that was looked at in each part is the same in each.
			if !slices.ContainsFunc(head.Tokens, func(have *audit.Token) bool { return reflect.DeepEqual(have, token) }) {
				head.Tokens = append(head.Tokens, token)
			}
		}
		if i == 0 || part.Head.GeneratedAt < head.GeneratedAt {
			head.GeneratedAt = part.Head.GeneratedAt
		}
		x := part.Head.Organization
		if x == nil {
			continue
		}
		out.Complete = out.Complete && x.Complete
		key := accountsKey(x)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], part.Head)
	}
	for _, key := range order {
		group := groups[key]
		out.Accounts = append(out.Accounts, group[0].Organization.Accounts...)
		addCoverage(&out.Coverage, group)
		if gone := missingShards(group); len(gone) > 0 {
			out.Complete = false
			left := group[0].Organization.Coverage
			out.Coverage.Left += max(left.Listed-left.Excluded-left.Archived-left.Forks-left.Empty-done(group), 0)
			missing = append(missing, fmt.Sprintf("the report is not complete: of the audit of %s these parts are missing: %s", key, strings.Join(gone, ", ")))
		}
		for _, r := range group {
			out.Unasked = append(out.Unasked, r.Organization.Unasked...)
			if x := r.Organization; !x.Complete {
				missing = append(missing, fmt.Sprintf("the report is not complete: the audit of %s%s did not finish: %d repositories were not reached, %d could not be read", key, named(x.Shard), x.Coverage.Left, x.Coverage.Failed))
			}
		}
	}
	return missing
}

// named names a part of an audit.
func named(shard string) string {
	if shard == "" {
		return ""
	}
	return ", part " + shard + ","
}

// Newest leaves out the reports of a part of which there is a newer one: what
// only the older has is not there any more.
func Newest(parts []*report.Stream) (left []*report.Stream) {
	newest := map[string]*report.Stream{}
	key := func(s *report.Stream) string {
		if s.Head.Organization == nil || s.Head.Organization.Shard == "" {
			return ""
		}
		return accountsKey(s.Head.Organization) + " " + s.Head.Organization.Shard
	}
	for _, s := range newestFirst(parts) {
		if k := key(s); k != "" && newest[k] == nil {
			newest[k] = s
		}
	}
	for _, s := range parts {
		if k := key(s); k == "" || newest[k] == s {
			left = append(left, s)
		}
	}
	return left
}

// accountsKey names the accounts of a report.
func accountsKey(o *audit.Organization) string {
	var names []string
	for _, a := range o.Accounts {
		names = append(names, strings.ToLower(a.Login))
	}
	return strings.Join(names, ", ")
}

// addCoverage adds the counts of the parts of one audit: each part lists all
// repositories, and audits its own.
func addCoverage(sum *audit.Coverage, group []*audit.Report) {
	for i, r := range group {
		c := r.Organization.Coverage
		if i == 0 || r.Organization.Shard == "" {
			sum.Listed += c.Listed
			sum.Excluded += c.Excluded
			sum.Archived += c.Archived
			sum.Forks += c.Forks
			sum.Empty += c.Empty
		}
		sum.Audited += c.Audited
		sum.WithWorkflows += c.WithWorkflows
		sum.Failed += c.Failed
		sum.Left += c.Left
	}
}

// done counts the repositories that the parts of an audit came to.
func done(group []*audit.Report) (n int) {
	for _, r := range group {
		c := r.Organization.Coverage
		n += c.Audited + c.Failed + c.Left
	}
	return n
}

// missingShards names the parts that no report is of.
func missingShards(group []*audit.Report) (missing []string) {
	have := map[estate.Shard]bool{}
	count := 0
	for _, r := range group {
		if s, err := estate.ParseShard(r.Organization.Shard); err == nil {
			have[s], count = true, max(count, s.Count)
		}
	}
	for i := range count {
		if s := (estate.Shard{Index: i + 1, Count: count}); !have[s] {
			missing = append(missing, s.String())
		}
	}
	return missing
}
