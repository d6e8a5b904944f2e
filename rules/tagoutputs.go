package rules

import (
	"fmt"
	"slices"
	"strings"
)

// TagFrom says how it is known that a tag is there.
type TagFrom string

// The ways in which an output of an action names a tag that is there.
const (
	// TagOfCheckout is a tag that git finds in the checkout.
	TagOfCheckout TagFrom = "checkout"
	// TagOfRepository is one that GitHub has.
	TagOfRepository TagFrom = "repository"
	// TagOfRelease is that of a published release.
	TagOfRelease TagFrom = "release"
	// TagMade is one that the action makes, where it makes any.
	TagMade TagFrom = "made"
)

// tagOutput is a row of table/tag-outputs.tsv.
type tagOutput struct {
	action, output string
	from           TagFrom
	when           Condition
}

var tagOutputRows = rows("tag-outputs", []string{"action", "output", "from", "when", "source"}, parseTagOutput)

var tagOutputs = index(tagOutputRows, func(o tagOutput) string { return o.action })

func parseTagOutput(r row) (tagOutput, error) {
	when, err := r.condition("when")
	out := tagOutput{r.cell("action"), strings.ToLower(r.cell("output")), TagFrom(r.cell("from")), when}
	if err == nil && !slices.Contains([]TagFrom{TagOfCheckout, TagOfRepository, TagOfRelease, TagMade}, out.from) {
		err = fmt.Errorf("from %q", out.from)
	}
	return out, err
}

// TagOutput says how the tag that an output of an action names is known to be
// there, given its inputs as for [Condition.Holds]. ok is false where it may not
// be. Names of actions and outputs are in small letters.
func TagOutput(action, output string, get func(name string) (text string, known, set bool)) (from TagFrom, ok bool) {
	for _, o := range tagOutputs()[SameAs(action)] {
		end, wild := strings.CutPrefix(o.output, "*")
		if (o.output == output || wild && strings.HasSuffix(output, end)) && o.when.Holds(get) == Yes {
			return o.from, true
		}
	}
	return "", false
}
