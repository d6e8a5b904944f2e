package fix

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// changes puts the pieces that share a reference together.
func (p *planner) changes() []*Change {
	groups := make([]int, len(p.pieces))
	for i := range groups {
		groups[i] = i
	}
	first := map[*pick]int{}
	for i, x := range p.pieces {
		for _, k := range x.picks {
			j, have := first[k]
			if !have {
				first[k] = groups[i]
				continue
			}
			from, to := groups[i], groups[j]
			for n := range groups {
				if groups[n] == from {
					groups[n] = to
				}
			}
		}
	}
	byGroup := map[int]*Change{}
	for i, x := range p.pieces {
		c := byGroup[groups[i]]
		if c == nil {
			c = &Change{}
			byGroup[groups[i]] = c
		}
		c.Edits, c.Notes = append(c.Edits, x.edits...), append(c.Notes, x.notes...)
		for _, k := range x.picks {
			if !slices.Contains(c.References, k.reference) {
				c.References = append(c.References, k.reference)
			}
		}
	}
	out := slices.Collect(maps.Values(byGroup))
	for _, c := range out {
		sortEdits(c.Edits)
		c.Edits = slices.CompactFunc(c.Edits, same)
		slices.SortFunc(c.References, compareReferences)
	}
	slices.SortFunc(out, func(a, b *Change) int { return compareReferences(a.References[0], b.References[0]) })
	return out
}

func compareReferences(a, b *audit.Reference) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// verified audits the repository with the changes made, and returns those that
// it bears out. Where all together do not, each is tried after the others.
func (p *planner) verified(changes []*Change) []*Change {
	changes = slices.DeleteFunc(changes, func(c *Change) bool {
		why := p.outside(c)
		if why != "" {
			for _, r := range c.References {
				p.leave(r, "%s", why)
			}
		}
		return why != ""
	})
	if len(changes) == 0 || p.fault(changes) == "" {
		return changes
	}
	var kept []*Change
	for _, c := range changes {
		fault := p.fault(append(slices.Clone(kept), c))
		if fault == "" {
			kept = append(kept, c)
			continue
		}
		for _, r := range c.References {
			p.leave(r, "the change was tried, and %s", fault)
		}
	}
	return kept
}

// outside says that a change takes edits in files that are not to be changed.
func (p *planner) outside(c *Change) string {
	for _, e := range c.Edits {
		switch only := p.options.Scan.Only; {
		case only != "" && e.File != only:
			return "it takes a change in " + e.File + " too: fix the whole repository"
		case p.options.Scan.Config.Skips(e.File):
			return "it takes a change in " + e.File + ", which the configuration skips"
		}
	}
	return ""
}

// fault says what is wrong with the repository once changes are made: nothing
// but what they are about may differ, and an audit must find less, and nothing
// new.
func (p *planner) fault(changes []*Change) string {
	var edits []Edit
	fixed := map[string]int{}
	for _, c := range changes {
		edits = append(edits, c.Edits...)
		for _, r := range c.References {
			fixed[referenceKey(r)]++
		}
	}
	files, err := p.apply(edits)
	switch {
	case p.options.Scan.Stopped():
		return "the run was interrupted"
	case err != nil:
		return err.Error()
	}
	for file, after := range files {
		if fault := p.differs(file, after, edits); fault != "" {
			return fault
		}
	}
	analysis := p.audited(files)
	before, after := counted(p.before), counted(analysis)
	for key, n := range fixed {
		before[key] -= n
	}
	for _, key := range slices.Sorted(maps.Keys(after)) {
		if after[key] > before[key] {
			return "an audit then says: " + strings.ReplaceAll(strings.TrimSpace(key), "\x00", " ")
		}
	}
	p.after = analysis
	return ""
}

// remaining notes where the files still ask whether a secret is set that they
// use no longer: once it is gone, the answer is another.
func (p *planner) remaining(changes []*Change) {
	for _, c := range changes {
		for _, r := range c.References {
			for _, note := range asked(p.after.Read, r.Secret) {
				if !slices.Contains(c.Notes, note) {
					c.Notes = append(c.Notes, note)
				}
			}
		}
	}
}

// asked returns the places that ask for a secret; none where others use it.
func asked(r *workflow.Repository, secret string) (notes []Note) {
	for _, w := range r.Workflows {
		for text := range w.Texts() {
			secrets, _ := expression.Scan(text, false)
			for _, s := range secrets {
				switch {
				case !strings.EqualFold(s.Name, secret):
				case !s.Tested:
					return nil
				default:
					notes = append(notes, Note{w.Path, s.Span.Line, secret + " is only asked for here any more, and used nowhere: see to that before you delete it"})
				}
			}
		}
	}
	return notes
}

func referenceKey(r *audit.Reference) string {
	return strings.Join([]string{r.File, "secret " + strings.ToUpper(r.Secret), string(r.Verdict)}, "\x00")
}

// counted counts what a report says: its references by file, secret and
// verdict, its findings by file, rule and what they are about.
func counted(a *scan.Analysis) map[string]int {
	out := map[string]int{}
	secrets := map[string]string{}
	for _, x := range a.Report.References {
		if !x.Remedy.Settled() {
			out[referenceKey(x)]++
			secrets[x.ID] = x.Secret
		}
	}
	for _, f := range a.Report.Findings {
		if page, _ := rules.PageByID(f.Rule); page.Subject == rules.SubjectAcceptance {
			continue // what accepted a finding that is now gone is stale
		}
		// The words of a finding change with what it lists.
		about, ok := secrets[f.Reference]
		if !ok {
			about = "job " + jobOf(a.Read, f.File, f.Line)
		}
		out[strings.Join([]string{f.File, f.Rule, about}, "\x00")]++
	}
	for _, e := range a.Report.Errors {
		out[strings.Join([]string{e.File, "problem", e.Message}, "\x00")]++
	}
	return out
}

// jobOf returns the job that a line belongs to, "" for none.
func jobOf(r *workflow.Repository, file string, line int) string {
	if w := workflowAt(r, file); w != nil {
		for _, j := range w.Jobs {
			if line >= j.Line && line <= j.EndLine {
				return j.ID
			}
		}
	}
	return ""
}

// differs says where a file that was edited differs in more than what the
// edits are for.
func (p *planner) differs(file string, after []byte, edits []Edit) string {
	w := workflowAt(p.before.Read, file)
	changed := parse(after)
	if changed.fault != "" {
		return changed.fault
	}
	c := comparison{before: p.document(w), edits: slices.DeleteFunc(slices.Clone(edits), func(e Edit) bool { return e.File != file })}
	if place := c.compare(c.before.root, changed.root, nil); place != "" {
		return "it would change " + place + " as well"
	}
	return ""
}

// files are the files that changes lead to.
func (p *planner) files(changes []*Change) []File {
	byFile := map[string][]Edit{}
	for _, c := range changes {
		for _, e := range c.Edits {
			byFile[e.File] = append(byFile[e.File], e)
		}
	}
	var out []File
	for _, file := range slices.Sorted(maps.Keys(byFile)) {
		edits := byFile[file]
		sortEdits(edits)
		edits = slices.CompactFunc(edits, same)
		before := workflowAt(p.before.Read, file).Source
		after, err := Apply(before, edits)
		if err != nil {
			continue // each set was applied before
		}
		out = append(out, File{file, before, after, edits})
	}
	return out
}
