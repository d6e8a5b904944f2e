package infer

import (
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// qualifier matches what confines a search to a repository, or to those of an
// owner; with "-" before it, it leaves these out.
var qualifier = regexp.MustCompile(`(?:^|[\s+"'(])(repo|org|user|owner):"?([^\s+"'()]+)`)

// spelledOut undoes what addresses do to such a qualifier.
var spelledOut = strings.NewReplacer("%20", " ", "%3A", ":", "%3a", ":", "%2F", "/", "%2f", "/", "%22", `"`)

// queryText returns the search that an address or the arguments of a request
// hold.
func queryText(r request) value.Value {
	if q, ok := r.arguments["q"]; ok {
		return q
	}
	masked := r.path.Mask()
	_, query, _ := strings.Cut(masked.Text, "?")
	for part := range strings.SplitSeq(query, "&") {
		if text, ok := strings.CutPrefix(part, "q="); ok {
			return masked.Table.Value(text)
		}
	}
	return nil
}

// searched notes whose objects a search asks for: those of other repositories it
// finds where they are public. One that is confined to nothing is for what is
// public.
func (in *inferrer) searched(op *Operation, query value.Value) {
	var others []Target
	own := false
	for _, text := range query.Alternatives() {
		masked := text.Mask()
		for _, m := range qualifier.FindAllStringSubmatch(spelledOut.Replace(masked.Text), -1) {
			if m[1] != "repo" {
				// What the owner has may be anybody's to see, or not.
				op.Reasons = appendNew(op.Reasons, "other-repository")
				others = append(others, Target{Kind: UnknownTarget, Text: "unknown"})
				continue
			}
			for _, t := range in.targets(masked.Table.Value(m[2])) {
				if own = own || t.Kind == Self; t.Kind != Self {
					others = append(others, t)
				}
			}
		}
	}
	if len(others) == 0 {
		return
	}
	op.Targets, op.Public, op.Answer = others, false, worse(op.Answer, rules.AnswerConditional)
	if own {
		op.Targets = append(op.Targets, self)
	}
}
