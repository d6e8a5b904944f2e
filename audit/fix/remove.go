package fix

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit/workflow"
)

// lineRange is a run of whole lines of a source, with their line breaks.
type lineRange struct{ start, end int }

// lineAt returns the line that a byte stands in, with its line break.
func lineAt(source []byte, at int) lineRange {
	r := lineRange{start: bytes.LastIndexByte(source[:at], '\n') + 1, end: len(source)}
	if n := bytes.IndexByte(source[at:], '\n'); n >= 0 {
		r.end = at + n + 1
	}
	return r
}

// remove removes the entry that a pick is the value of, and the section that
// it leaves empty. Only an entry that takes one line of its own is removed,
// with no comment that it might be about.
func (p *planner) remove(k *pick, because string) ([]Edit, string) {
	if !alone(k) || k.spot.section == "" {
		return nil, "it is no entry of its own that could be removed"
	}
	r, why := p.entry(k.workflow, k.spot)
	if why != "" {
		return nil, why
	}
	return []Edit{p.edit(k.workflow, r.start, r.end, "", k.spot.binding.Name+" goes: "+because, k.reference.ID)}, ""
}

// entry returns the lines of an entry, with the key of its section where it is
// the only one there.
func (p *planner) entry(w *workflow.Workflow, s spot) (lineRange, string) {
	source, b := w.Source, s.binding
	if p.document(w).aliases {
		return lineRange{}, "the file has aliases, and the entry may serve several places"
	}
	if b.NameText.IsZero() || b.Value.IsZero() {
		return lineRange{}, "the place of its key is not known"
	}
	keyStart, _ := b.NameText.Range(0, len(b.Name))
	_, valueEnd := b.Value.Range(0, len(b.Value.Value))
	r := lineAt(source, keyStart)
	line := string(source[r.start:r.end])
	if valueEnd > r.end || !plainEntry.MatchString(line) || !strings.Contains(line, b.Value.Value) {
		return lineRange{}, "the entry does not stand on a line of its own"
	}
	above := previous(source, r)
	if isComment(source, above) {
		return lineRange{}, "a comment above it may be about it"
	}
	if len(s.list) > 1 {
		return r, ""
	}
	key := regexp.MustCompile(`^ +["']?` + s.section + `["']?:[ \t]*\r?\n$`)
	if !key.Match(source[above.start:above.end]) || isComment(source, previous(source, above)) {
		return lineRange{}, "it is the only entry of " + s.section
	}
	return lineRange{above.start, r.end}, ""
}

// plainEntry matches a line that is one entry of a block, without a comment.
// The value is one expression, plain or in quotes.
var plainEntry = regexp.MustCompile(`^ +["']?[\w.-]+["']?:[ \t]+["']?\$\{\{[^{}#]*\}\}["']?[ \t]*\r?(?:\n|$)`)

// previous returns the line above one, empty at the beginning of the source.
func previous(source []byte, r lineRange) lineRange {
	if r.start == 0 {
		return lineRange{}
	}
	return lineAt(source, r.start-1)
}

func isComment(source []byte, r lineRange) bool {
	return bytes.HasPrefix(bytes.TrimSpace(source[r.start:r.end]), []byte("#"))
}

// unreadSecrets finds the secrets that reusable workflows need no longer, and
// the edits that take them away: the declaration, and what the calls of this
// repository hand over. A workflow that nothing here calls is called from
// elsewhere, where a secret that it does not know any more would be an error.
func (p *planner) unreadSecrets() []piece {
	var out []piece
	for _, w := range p.before.Read.Workflows {
		for _, s := range w.CallSecrets {
			if !p.unreadIn(w, s.Name) {
				continue
			}
			if x, ok := p.undeclare(w, s.Name); ok {
				out = append(out, x)
			}
		}
	}
	return out
}

// unreadIn tells whether the picks are all that reads a secret of a reusable
// workflow, and at least one of them does.
func (p *planner) unreadIn(w *workflow.Workflow, secret string) bool {
	picked := 0
	for _, k := range p.picks {
		if k.workflow == w && strings.EqualFold(k.reference.Secret, secret) {
			picked++
		}
	}
	return picked > 0 && picked == mentions(w, secret)
}

// undeclare takes a secret out of a reusable workflow and its calls.
func (p *planner) undeclare(w *workflow.Workflow, secret string) (out piece, ok bool) {
	why := "nobody reads the secret " + secret + " any more"
	declared, ok := p.document(w).callSecret(secret)
	if !ok || p.document(w).aliases {
		return out, false
	}
	edit := p.edit(w, declared.start, declared.end, "", why, "")
	out.edits = append(out.edits, edit)
	out.notes = append(out.notes, Note{w.Path, edit.Line, "the secret " + secret + " is declared no longer: workflows of other repositories that hand it over must stop to"})
	for _, k := range p.picks {
		if k.workflow == w && strings.EqualFold(k.reference.Secret, secret) {
			out.picks = append(out.picks, k)
		}
	}
	calls := 0
	for _, caller := range p.before.Read.Workflows {
		for _, j := range caller.Jobs {
			if j.Call != nil && strings.Contains(j.Call.Uses.Value, "/"+w.Path+"@") {
				return out, false // some commit of it, where the secret is declared
			}
			if j.Call == nil || !callsLocal(j.Call, w) {
				continue
			}
			calls++
			if j.Call.Inherit {
				out.notes = append(out.notes, Note{caller.Path, j.Call.InheritText.Line(), "secrets: inherit stays, by which job " + j.ID + " still hands over every secret, " + secret + " among them, which is read no longer: name those that are, or none, in its place"})
				continue
			}
			more, gone, ok := p.withhold(caller, j, secret, why)
			if !ok || caller.BreaksAt > 0 {
				return out, false
			}
			out.edits, out.picks = append(out.edits, more...), append(out.picks, gone...)
		}
	}
	return out, calls > 0
}

// callsLocal tells whether a call is of a workflow of this repository.
func callsLocal(c *workflow.Call, w *workflow.Workflow) bool {
	path, ok := strings.CutPrefix(c.Uses.Value, "./")
	return ok && path == w.Path
}

// withhold takes a secret out of a call.
func (p *planner) withhold(w *workflow.Workflow, j *workflow.Job, secret, why string) (edits []Edit, picks []*pick, ok bool) {
	for _, b := range j.Call.Secrets {
		if !strings.EqualFold(b.Name, secret) {
			continue
		}
		r, fault := p.entry(w, spot{job: j, binding: b, list: j.Call.Secrets, section: sectionSecrets})
		if fault != "" {
			return nil, nil, false
		}
		edits = append(edits, p.edit(w, r.start, r.end, "", why, ""))
		for _, k := range p.picks {
			if k.workflow == w && k.at.text == b.Value {
				picks = append(picks, k)
			}
		}
	}
	return edits, picks, true
}
