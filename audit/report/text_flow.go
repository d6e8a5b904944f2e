package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// reference writes how a secret reaches its uses and what that comes to.
func (t *text) reference(r *audit.Reference) {
	t.flows(r)
	if r.Verdict != audit.VerdictNone {
		words := verdictWords[r.Verdict]
		t.paragraph("why", body, body, span{text: string(r.Verdict), style: words.style}, span{text: ": " + words.text})
	}
	for _, reason := range r.Reasons {
		t.paragraph("", body, body+2, append([]span{{text: clean(reason.Code), style: bold}},
			prose(": "+clean(reason.Detail), plain)...)...)
		t.evidence(r, reason.Evidence)
	}
	if t.verbose {
		t.needs(r.Permissions)
	}
}

// flow is a way of hops and the uses at its end.
type flow struct {
	via  []audit.Hop
	uses []*audit.Use
}

// flows writes the ways of a secret to its uses. Uses that share a way are
// written below it, so that what a job's env gives to each step is said once.
func (t *text) flows(r *audit.Reference) {
	start := span{text: "secret " + clean(r.Secret)}
	name := "flow"
	for _, way := range ways(r) {
		spans := []span{start}
		for _, hop := range way.via {
			spans = append(spans, span{text: " → " + clean(hop.What)})
		}
		if len(way.uses) == 1 {
			t.paragraph(name, body, body+2, append(spans, t.use(r, way.uses[0])...)...)
			t.proofs(way.uses[0])
		} else {
			t.paragraph(name, body, body+2, spans...)
			t.manyUses(r, way.uses)
		}
		name = ""
	}
}

// ways groups the uses of a reference by the hops that lead to them.
func ways(r *audit.Reference) []*flow {
	var all []*flow
	for _, u := range r.Uses {
		i := slices.IndexFunc(all, func(f *flow) bool { return slices.Equal(f.via, u.Via) })
		if i < 0 {
			all = append(all, &flow{via: u.Via})
			i = len(all) - 1
		}
		all[i].uses = append(all[i].uses, u)
	}
	return all
}

func (t *text) manyUses(r *audit.Reference, uses []*audit.Use) {
	shown := uses
	if !t.verbose && len(uses) > shownUses {
		shown = uses[:shownUses]
	}
	for _, u := range shown {
		t.paragraph("", body+2, body+4, t.use(r, u)...)
		t.proofs(u)
	}
	if rest := len(uses) - len(shown); rest > 0 {
		t.paragraph("", body+2, body+4, span{text: "→ and " + plural(rest, "more use"), style: dim})
	}
}

// proofs writes where each operation of a use was read, if asked for much.
func (t *text) proofs(u *audit.Use) {
	for i, o := range u.Operations {
		if t.verbose && o.Evidence.File != "" && (i == 0 || o.Evidence != u.Operations[i-1].Evidence) {
			t.place(body+4, o.Evidence)
		}
	}
}

// use writes the end of a way: who uses the secret, for what, and where.
func (t *text) use(r *audit.Reference, u *audit.Use) []span {
	spans := []span{{text: " → "}, {text: clean(u.What), style: bold}}
	if len(u.Operations) == 1 && u.Operations[0].Name == u.What {
		spans = append(spans, span{text: onTarget(u.Operations[0].Target)})
	} else if len(u.Operations) > 0 {
		spans = append(spans, span{text: " ("})
		spans = append(spans, t.operations(u.Operations)...)
		spans = append(spans, span{text: ")"})
	}
	where := clean(place(u.File, u.Line, 0))
	switch {
	case u.Line == 0 || u.File == r.File && u.Line == r.Line:
		return spans
	case u.File == r.File:
		where = fmt.Sprintf("line %d", u.Line)
	}
	return append(spans, span{text: ", "}, span{text: where, style: dim, glued: true})
}

// operations writes operations with their targets; the target of several in a
// row is written once, after the last of them.
func (t *text) operations(operations []audit.Operation) []span {
	shown := operations
	if !t.verbose && len(shown) > shownOperations {
		shown = shown[:shownOperations]
	}
	var spans []span
	for i, o := range shown {
		if i > 0 {
			spans = append(spans, span{text: ", "})
		}
		spans = append(spans, span{text: clean(o.Name), glued: true})
		if i+1 == len(shown) || shown[i+1].Target != o.Target {
			spans = append(spans, span{text: onTarget(o.Target)})
		}
	}
	if rest := len(operations) - len(shown); rest > 0 {
		spans = append(spans, span{text: fmt.Sprintf(", %d more", rest)})
	}
	return spans
}

// onTarget says on what an operation works.
func onTarget(target string) string {
	switch target {
	case "":
		return ""
	case "unknown":
		return " on an unknown target"
	}
	return " on " + clean(target)
}

// evidence writes the places that show a reason, each on one line. The line of
// the reference itself stands in the code frame.
func (t *text) evidence(r *audit.Reference, places []audit.Place) {
	var shown []audit.Place
	for _, p := range places {
		if t.verbose || p.File != r.File || p.Line != r.Line {
			shown = append(shown, p)
		}
	}
	rest := 0
	if !t.verbose && len(shown) > shownEvidence {
		rest = len(shown) - shownEvidence
		shown = shown[:shownEvidence]
	}
	for _, p := range shown {
		t.place(body+2, p)
	}
	if rest > 0 {
		t.paragraph("", body+2, body+2, span{text: fmt.Sprintf("and %d more", rest), style: dim})
	}
}

// place writes a place and what stands there, cut to one line.
func (t *text) place(indent int, p audit.Place) {
	where := clean(place(p.File, p.Line, 0))
	spans := []span{{text: where, style: cyan, whole: true}}
	what := strings.Join(strings.Fields(clean(p.Text)), " ")
	if room := t.width - indent - 2 - columns(where) - 2; what != "" && room >= 12 {
		spans = append(spans, span{text: ": " + fit(what, room), style: dim})
	}
	t.paragraph("", indent, indent+2, spans...)
}

// needs writes what a reference takes in GitHub's other vocabularies.
func (t *text) needs(p audit.Permissions) {
	var parts []string
	for _, level := range []struct {
		name        string
		permissions map[string]string
	}{
		{"", p.FineGrained.Repository}, {"organization ", p.FineGrained.Organization}, {"account ", p.FineGrained.Account},
	} {
		if len(level.permissions) > 0 {
			parts = append(parts, level.name+listPermissions(level.permissions))
		}
	}
	if len(p.ClassicScopes) > 0 {
		parts = append(parts, "classic scopes "+strings.Join(p.ClassicScopes, ", "))
	}
	if len(parts) > 0 {
		t.paragraph("need", body, body+2, span{text: clean(strings.Join(parts, "; "))})
	}
}
