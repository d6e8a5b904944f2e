package rules

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// SignKind says whose name a sign is.
type SignKind string

// The kinds of signs.
const (
	// SignStored is the name of code that works with what git has stored.
	SignStored SignKind = "stored"
	// SignHanded is the name of code that is handed the token.
	SignHanded SignKind = "handed"
	// SignVariable is the name of the variable or of the secret by which the
	// token comes.
	SignVariable SignKind = "variable"
	// SignStepStored and SignStepHanded are the name of the step in which
	// such code runs. Where a step's name tells nothing, what GITHUB_TOKEN never
	// does is heard of the job's name too.
	SignStepStored SignKind = "step-stored"
	SignStepHanded SignKind = "step-handed"
	// SignTarget is the name of another variable beside it, which holds the
	// repository that the code writes to.
	SignTarget SignKind = "target"
	// SignGiven is what code is given beside the token, as a name and a value
	// with a space between them: an input of an action, a variable of the step,
	// a flag. The name is in lower case, its words joined by "-".
	SignGiven SignKind = "given"
	// SignPrivate is the name of a repository, without its owner's, that is
	// read with a token.
	SignPrivate SignKind = "private"
	// SignStepPrivate is the name of a step that reads another repository.
	SignStepPrivate SignKind = "step-private"
)

var signKinds = []SignKind{SignStored, SignHanded, SignVariable, SignStepStored, SignStepHanded, SignTarget, SignGiven, SignPrivate, SignStepPrivate}

// Sign is what a name tells of code that cannot be read. It is wrong where a
// name misleads, so it only ever speaks against GITHUB_TOKEN.
type Sign struct {
	// Says is what the name tells, as the rest of a sentence that the name
	// begins: "pushes".
	Says string
	// Effect is what the code is taken to do.
	Effect Effect
}

// signRow is one row of table/signs.tsv.
type signRow struct {
	kind            SignKind
	pattern, unless *regexp.Regexp
	sign            Sign
}

var signRows = rows("signs", []string{"kind", "pattern", "unless", "needs", "answer", "reasons", "events", "target", "operations", "says"}, func(r row) (signRow, error) {
	needs, errNeeds := r.needs("needs")
	events, errEvents := r.events("events")
	pattern, errPattern := r.pattern("pattern")
	unless, errUnless := r.pattern("unless")
	out := signRow{SignKind(r.cell("kind")), pattern, unless, Sign{r.cell("says"), Effect{
		Operations: r.list("operations"), Needs: needs, Answer: Answer(r.cell("answer")), Reasons: r.list("reasons"),
		Events: events, Target: r.cell("target"), Confidence: "medium",
	}}}
	if !slices.Contains(signKinds, out.kind) || pattern == nil || out.sign.Says == "" {
		return signRow{}, fmt.Errorf("kind %q, pattern %q, says %q: want a kind, a pattern, and what it says", out.kind, r.cell("pattern"), out.sign.Says)
	}
	return out, errors.Join(errNeeds, errEvents, errPattern, errUnless)
})

// pattern returns a cell as a regular expression without regard to case; nil
// for an empty one.
func (r row) pattern(column string) (*regexp.Regexp, error) {
	text := r.cell(column)
	if text == "" {
		return nil, nil
	}
	return regexp.Compile("(?i)" + text)
}

// SignOf returns what a name tells, by the first row that fits.
func SignOf(kind SignKind, name string) (Sign, bool) {
	for _, r := range signRows().rows {
		if r.kind == kind && r.pattern.MatchString(name) && (r.unless == nil || !r.unless.MatchString(name)) {
			return r.sign, true
		}
	}
	return Sign{}, false
}

// IsTap tells whether a repository is a package manager's itself, by the names
// that these prescribe: what names say of taps and buckets then says nothing.
func IsTap(repository string) bool {
	name := strings.ToLower(path.Base(repository))
	return strings.Contains(name, "homebrew-") || strings.Contains(name, "scoop-")
}
