package report

import "github.com/patrol-actions/patrol/audit"

// note says all that is known of a finding.
func (p *page) note(f *audit.Finding) recordNote {
	out := recordNote{
		Rule: bounded(f.Rule, indexText), Severity: string(f.Severity), Message: bounded(f.Message, detailText)}
	if f.Fix != "" {
		out.Fix = boundedAll(cleanLines(cutBytes(f.Fix, 8*detailText)), detailText)
	}
	out.Link = p.links.line(f.File, f.Line)
	if len(f.Related) > 0 {
		out.Related, out.Tree = p.places(f.Related), p.links.tree
	}
	if a := f.Acceptance; a != nil {
		out.Accepted = &recordAcceptance{
			Reason: bounded(a.Reason, detailText), Expires: bounded(a.Expires, indexText), Where: bounded(place(a.File, a.Line, 0), indexText)}
	}
	return out
}

// finding adds a finding to the notes.
func (p *page) finding(n int32, f *audit.Finding, byID map[string]int32) {
	ref, ok := byID[f.Reference]
	if !ok {
		ref = -1
	}
	severity := int32(len(severities)) - 1
	for i, s := range severities {
		if s == f.Severity {
			severity = int32(i)
		}
	}
	p.addNote(severity, n, ref, f.Rule, f.File, f.Line, p.note(f))
}

// problem adds to the notes what could not be read.
func (p *page) problem(n int32, problem audit.Problem) {
	record := recordNote{Message: bounded(problem.Message, detailText), Link: p.links.line(problem.File, problem.Line)}
	p.addNote(noteProblem, n, -1, "", problem.File, problem.Line, record)
}

func (p *page) addNote(severity, repository, ref int32, rule, file string, line int, record recordNote) {
	c := &p.index.Notes
	c.Severity = append(c.Severity, severity)
	c.Rule = append(c.Rule, p.text(rule))
	c.Repo = append(c.Repo, repository)
	c.File = append(c.File, p.text(file))
	c.Line = append(c.Line, int32(line))
	c.Ref = append(c.Ref, ref)
	p.blocks.add(kindNote, record)
}

// headNotes adds the findings and problems that no repository holds.
func (p *page) headNotes() {
	p.links = linker{}
	for _, t := range p.head.Tokens {
		p.since.add(t.Baseline)
		for _, f := range t.Findings {
			p.finding(-1, f, nil)
		}
		for _, problem := range t.Problems {
			problem.Message = t.Name + ": " + problem.Message
			p.problem(-1, problem)
		}
	}
	if o := p.head.Organization; o != nil {
		for _, f := range o.Findings {
			p.finding(-1, f, nil)
		}
	}
}
