// Package baseline holds a report against an earlier state, so that only what
// is new has to be looked at.
//
// Findings are told by their ids, which stay when lines move, steps are
// renamed or files are laid out anew. A finding whose rule is another one,
// because the verdict changed, is a new finding.
package baseline

import (
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// Check refuses a report that is no baseline: one that another program wrote,
// or one that holds only what was new to a baseline of its own.
func Check(r *audit.Report) error {
	if r.Tool.Name != "patrol" || r.Repositories == nil {
		return errors.New("it is no report of an audit")
	}
	partial := slices.ContainsFunc(r.Repositories, func(x *audit.Repository) bool { return x.Baseline != nil }) ||
		slices.ContainsFunc(r.Tokens, func(x *audit.Token) bool { return x.Baseline != nil })
	if partial {
		return errors.New("it was itself held against an earlier state, and holds only what was new to that")
	}
	return nil
}

// Apply takes out of a report the findings that an earlier one holds, and
// notes what became of those. Repositories are matched by name, else by root,
// tokens by name and host; one that the earlier report lacks is all new, and
// named in missing. Only what shown allows is counted and listed.
func Apply(now, earlier *audit.Report, shown func(*audit.Finding) bool) (missing []string) {
	groups := map[string][]*audit.Repository{}
	var order []string
	for _, r := range now.Repositories {
		key := name(r)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], r)
	}
	for _, key := range order {
		before := matching(groups[key], now, earlier)
		if len(before) == 0 {
			missing = append(missing, key)
		}
		apply(groups[key], before, shown)
	}
	for _, t := range now.Tokens {
		var before []*audit.Finding
		for _, old := range earlier.Tokens {
			if strings.EqualFold(old.Name, t.Name) && strings.EqualFold(old.Host, t.Host) {
				before = append(before, old.Findings...)
			}
		}
		t.Baseline = &audit.Baseline{Gone: goneOf(before, ids(t.Findings, t.Accepted), shown)}
		t.Findings = onlyNew(t.Findings, ids(before), t.Baseline, shown)
	}
	return missing
}

// name is what a repository is called: its name in lower case, else its root.
func name(r *audit.Repository) string {
	switch {
	case r.Name != nil:
		return strings.ToLower(*r.Name)
	case r.Root != nil:
		return root(r)
	}
	return ""
}

func root(r *audit.Repository) string {
	if r.Root == nil {
		return ""
	}
	return path.Clean(filepath.ToSlash(*r.Root))
}

// matching returns the repositories of the earlier report that are a group of
// the present one: those of its name; else, of those without a name, the ones
// of its root, or the only one where each report has one.
func matching(group []*audit.Repository, now, earlier *audit.Report) []*audit.Repository {
	var out []*audit.Repository
	for _, old := range earlier.Repositories {
		if (old.Name != nil) == (group[0].Name != nil) && name(old) == name(group[0]) {
			out = append(out, old)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, old := range earlier.Repositories {
		unnamed := old.Name == nil || group[0].Name == nil
		alone := len(earlier.Repositories) == 1 && len(now.Repositories) == 1
		if unnamed && (root(old) == root(group[0]) || alone && old.Name == nil && group[0].Name == nil) {
			out = append(out, old)
		}
	}
	return out
}

// apply holds the repositories of one name against what they were.
func apply(group, before []*audit.Repository, shown func(*audit.Finding) bool) {
	var earlier, present []*audit.Finding
	for _, r := range before {
		earlier = append(earlier, r.Findings...)
	}
	for _, r := range group {
		present = slices.Concat(present, r.Findings, r.Accepted)
	}
	old, known := ids(earlier), ids(present)
	listed := map[string]bool{}
	for _, r := range group {
		r.Baseline = &audit.Baseline{}
		r.Findings = onlyNew(r.Findings, old, r.Baseline, shown)
		for _, f := range goneOf(earlier, known, shown) {
			if !listed[f.ID] && covers(r, f) && !unread(r, f) {
				listed[f.ID] = true
				r.Baseline.Gone = append(r.Baseline.Gone, f)
			}
		}
	}
}

// covers tells whether a finding could be in the audit of a repository: that
// of one file has only those of the file.
func covers(r *audit.Repository, f *audit.Finding) bool {
	whole := root(r)
	if extension := path.Ext(whole); extension != ".yml" && extension != ".yaml" {
		return true
	}
	return f.File != "" && strings.HasSuffix("/"+whole, "/"+f.File)
}

// unread tells whether the file of a finding could not be read, or not whole:
// nobody knows then whether the finding is gone.
func unread(r *audit.Repository, f *audit.Finding) bool {
	return r.Files == 0 && len(r.Errors) > 0 || slices.ContainsFunc(r.Errors, func(p audit.Problem) bool { return p.File == f.File })
}

// onlyNew returns the findings that are not among the old ones, and counts
// both.
func onlyNew(findings []*audit.Finding, old map[string]bool, b *audit.Baseline, shown func(*audit.Finding) bool) []*audit.Finding {
	out := []*audit.Finding{}
	for _, f := range findings {
		switch {
		case !old[f.ID]:
			out = append(out, f)
			if shown(f) {
				b.New++
			}
		case shown(f):
			b.Still++
		}
	}
	return out
}

// goneOf returns the findings that are not among the known ones.
func goneOf(findings []*audit.Finding, known map[string]bool, shown func(*audit.Finding) bool) []*audit.Finding {
	out := []*audit.Finding{}
	seen := map[string]bool{}
	for _, f := range findings {
		if !known[f.ID] && !seen[f.ID] && shown(f) {
			seen[f.ID] = true
			out = append(out, f)
		}
	}
	return out
}

func ids(lists ...[]*audit.Finding) map[string]bool {
	out := map[string]bool{}
	for _, list := range lists {
		for _, f := range list {
			out[f.ID] = true
		}
	}
	return out
}
