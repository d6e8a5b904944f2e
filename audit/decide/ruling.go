package decide

import (
	"cmp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// ruling is the judgement of one use.
type ruling struct {
	verdict audit.Verdict
	reasons []audit.Reason
}

// maxDetail bounds what is said of one reason, in bytes: of more, nobody reads the rest.
const (
	maxDetail = 16 << 10
	andMore   = "; and more"
)

func (r *ruling) add(v audit.Verdict, code, detail string, places []audit.Place) {
	r.verdict = r.verdict.Worse(v)
	for i := range r.reasons {
		if r.reasons[i].Code != code {
			continue
		}
		switch said := r.reasons[i].Detail; {
		case strings.HasSuffix(said, andMore), strings.Contains(said, detail):
		case len(said) > maxDetail:
			r.reasons[i].Detail += andMore
		default:
			r.reasons[i].Detail += "; " + detail
		}
		for _, p := range places {
			if !slices.Contains(r.reasons[i].Evidence, p) {
				r.reasons[i].Evidence = append(r.reasons[i].Evidence, p)
			}
		}
		return
	}
	r.reasons = append(r.reasons, audit.Reason{Code: code, Detail: detail, Evidence: places})
}

// against notes a reason why GITHUB_TOKEN is not enough.
func (r *ruling) against(code, detail string, places []audit.Place) {
	r.add(audit.VerdictNotReplaceable, code, detail, places)
}

// condition notes a condition under which it is.
func (r *ruling) condition(code, detail string, places []audit.Place) {
	r.add(audit.VerdictConditional, code, detail, places)
}

// open notes something that the code does not show.
func (r *ruling) open(code, detail string, places []audit.Place) {
	r.add(audit.VerdictUnknown, code, detail, places)
}

// take adds what another ruling says.
func (r *ruling) take(other *ruling) {
	for _, reason := range other.reasons {
		r.add(other.verdict, reason.Code, reason.Detail, reason.Evidence)
	}
}

// bear notes on a use what was found of the reference that it is of: the
// verdict of a reference is the worst of its uses.
func bear(use *audit.Use, found *ruling) {
	total := &ruling{verdict: use.Verdict, reasons: slices.Clone(use.Reasons)}
	total.take(found)
	use.Verdict, use.Reasons = total.verdict, sortReasons(total.reasons)
}

// relevant drops the reasons that the verdict does not rest on: what holds
// under a condition does not matter where GITHUB_TOKEN cannot do it at all.
// Other-owner stands alone, not beside other-repository.
func relevant(r *ruling) []audit.Reason {
	reasons := r.reasons
	has := func(code string) bool {
		return slices.ContainsFunc(reasons, func(x audit.Reason) bool { return x.Code == code })
	}
	if has("other-owner") {
		reasons = slices.DeleteFunc(reasons, func(x audit.Reason) bool { return x.Code == "other-repository" })
	}
	return reasons
}

func sortReasons(list []audit.Reason) []audit.Reason {
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b audit.Reason) int { return cmp.Compare(reasonRank(a.Code), reasonRank(b.Code)) })
	for i := range out {
		if out[i].Evidence == nil {
			out[i].Evidence = []audit.Place{}
		}
	}
	return out
}

// reasonRank puts the reasons that decide before those that only hold.
func reasonRank(code string) int {
	order := []string{
		"other-owner", "other-repository", "administration", "organization-api", "account-api", "projects", "user-only", "workflow-files",
		"triggers-workflows", "protected-branch", "package-access", "own-approval", "token-lifetime", "rate-limit",
	}
	if i := slices.Index(order, code); i >= 0 {
		return i
	}
	return len(order)
}
