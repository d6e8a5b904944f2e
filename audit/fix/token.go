package fix

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// The two names of GITHUB_TOKEN.
const (
	tokenContext = "github.token"
	tokenSecret  = "secrets.GITHUB_TOKEN"
)

// piece is a set of edits with the picks that they are for.
type piece struct {
	picks []*pick
	edits []Edit
	notes []Note
}

// tokenPieces are the edits that replace the tokens, expression by expression.
// stuck are the picks for which there are none, with the reasons.
func (p *planner) tokenPieces() (pieces []piece, stuck map[*pick]string) {
	stuck = map[*pick]string{}
	done := map[*pick]bool{}
	pieces = p.unreadSecrets()
	dropped := func(k *pick) bool {
		return slices.ContainsFunc(pieces, func(x piece) bool { return slices.Contains(x.picks, k) && k.spot.section == sectionSecrets })
	}
	for _, k := range p.picks {
		if done[k] {
			continue
		}
		group := p.sharing(k)
		var list []Edit
		var why string
		switch {
		case k.unread:
			list, why = p.remove(k, "nothing reads it")
		case dropped(k):
			// The whole entry goes with the secret that nobody reads.
		default:
			list, why = p.replace(k, group)
		}
		for _, one := range group {
			if done[one] = true; why != "" {
				stuck[one] = why
			}
		}
		if why == "" {
			pieces = append(pieces, piece{picks: group, edits: list})
		}
	}
	return pieces, stuck
}

// sharing returns the picks that stand in the same expression.
func (p *planner) sharing(k *pick) []*pick {
	var out []*pick
	for _, other := range p.picks {
		if other.workflow == k.workflow && other.at.text == k.at.text && other.at.placeholder.Start == k.at.placeholder.Start && other.unread == k.unread {
			out = append(out, other)
		}
	}
	return out
}

// replace replaces the secrets of one expression, or removes the input that
// has them where its default is GITHUB_TOKEN.
func (p *planner) replace(k *pick, group []*pick) (edits []Edit, why string) {
	r := &rewriter{text: k.at.text.Value, token: p.word(k), replaced: map[int]bool{}, seen: map[int]bool{}}
	for _, one := range group {
		r.replaced[one.at.start] = true
	}
	v, why := r.rewrite(k.at.root)
	if why == "" {
		why = r.missed(k)
	}
	if why != "" {
		return nil, why
	}
	if v == yieldToken && alone(k) && defaults(p, k) {
		if edits, why := p.remove(k, "its default is GITHUB_TOKEN"); why == "" {
			return edits, ""
		}
	}
	for _, x := range r.out {
		start, end, ok := exact(k.workflow, k.at.text, x.start, x.end)
		if !ok {
			return nil, "the expression is written over several lines, or with escapes"
		}
		edits = append(edits, p.edit(k.workflow, start, end, x.text, "GITHUB_TOKEN does what "+k.reference.Secret+" is used for", k.reference.ID))
	}
	if user := p.user(k); user != nil {
		edits = append(edits, *user)
	}
	return edits, ""
}

// missed says what of an expression stands in the way of a rewriting: a secret
// that is to be replaced and was not, or that is also asked for.
func (r *rewriter) missed(k *pick) string {
	for at := range r.replaced {
		if !r.seen[at] {
			return "it stands in a part of the expression that is not understood"
		}
	}
	words, _ := tokens(r.text[k.at.placeholder.Body:k.at.placeholder.End], k.at.placeholder.Body)
	for i, t := range words {
		covered := slices.ContainsFunc(r.out, func(x replacement) bool { return t.start >= x.start && t.end <= x.end })
		named := strings.EqualFold(strings.Trim(t.text, "'"), k.reference.Secret)
		if named && !covered && i > 1 && strings.EqualFold(words[i-2].text, "secrets") {
			return "the same expression also asks whether it is set"
		}
	}
	return ""
}

// word is how GITHUB_TOKEN is to be written at a place. Outside of steps the
// context github has no token, for the runner sets it.
func (p *planner) word(k *pick) string {
	if k.spot.step == nil {
		return tokenSecret
	}
	source := strings.ToLower(string(k.workflow.Source))
	if strings.Count(source, strings.ToLower(tokenSecret)) > strings.Count(source, tokenContext) {
		return tokenSecret
	}
	return tokenContext
}

// alone tells whether a value is nothing but one expression.
func alone(k *pick) bool {
	v, p := k.at.text.Value, k.at.placeholder
	return strings.TrimSpace(v[:p.Start]) == "" && strings.TrimSpace(v[p.End:]) == ""
}

var tokenDefault = regexp.MustCompile(`^\s*\$\{\{\s*(?:github\.token|secrets\.GITHUB_TOKEN)\s*\}\}\s*$`)

// defaults tells whether an input is GITHUB_TOKEN where it is not given. Of
// public actions that must be known for sure, and in all versions.
func defaults(p *planner, k *pick) bool {
	if k.spot.section != sectionWith || k.spot.step == nil || k.spot.step.Uses.IsZero() {
		return false
	}
	name, _, _ := strings.Cut(k.spot.step.Uses.Value, "@")
	if folder, ok := strings.CutPrefix(name, "./"); ok {
		action := p.before.Read.Actions[strings.TrimSuffix(folder, "/")]
		return action != nil && slices.ContainsFunc(action.Inputs, func(in workflow.Input) bool {
			return strings.EqualFold(in.Name, k.spot.binding.Name) && tokenDefault.MatchString(in.Default.Value)
		})
	}
	info, ok := rules.Action(strings.ToLower(name))
	if !ok {
		return false
	}
	return slices.ContainsFunc(info.Tokens, func(t rules.ActionToken) bool {
		return strings.EqualFold(t.Input, k.spot.binding.Name) && t.Default == tokenContext && t.Versions.IsZero() && t.Base.Confidence == "high"
	})
}

// user puts a user name before a token that stands alone in an address: only
// as a password is every kind of token taken.
func (p *planner) user(k *pick) *Edit {
	v, at := k.at.text.Value, k.at.placeholder
	if !strings.HasSuffix(v[:at.Start], "://") || !strings.HasPrefix(v[at.End:], "@") {
		return nil
	}
	start, _, ok := exact(k.workflow, k.at.text, at.Start, at.End)
	if !ok {
		return nil
	}
	e := p.edit(k.workflow, start, start, "x-access-token:", "GITHUB_TOKEN is a password, and needs a user name", k.reference.ID)
	return &e
}

// address says why a reference cannot be replaced in an address of git's: as
// the user's name, with something else for the password.
func (k *pick) address(w *workflow.Workflow) string {
	v, at := k.at.text.Value, k.at.placeholder
	if strings.HasSuffix(v[:at.Start], "://") {
		_, _, ok := exact(w, k.at.text, at.Start, at.End)
		if !ok || !strings.HasPrefix(v[at.End:], "@") {
			return "it stands as the user's name in an address"
		}
	}
	if k.spot.section != sectionEnv || k.spot.binding.Name == "" {
		return ""
	}
	user, err := regexp.Compile(`://\$\{?` + regexp.QuoteMeta(k.spot.binding.Name) + `\}?(?:@|:x-oauth-basic@)`)
	if err != nil {
		return ""
	}
	for text := range w.Texts() {
		if at := user.FindStringIndex(text.Value); at != nil {
			return fmt.Sprintf("line %d has it as the user's name in an address: write x-access-token: before it", text.Span(at[0], at[1]).Line)
		}
	}
	return ""
}

// edit is an edit with its lines.
func (p *planner) edit(w *workflow.Workflow, start, end int, text, why, reference string) Edit {
	line := func(at int) int { return 1 + strings.Count(string(w.Source[:at]), "\n") }
	e := Edit{File: w.Path, Start: start, End: end, New: text, Why: why, Reference: reference, Line: line(start), EndLine: line(start)}
	if end > start {
		e.EndLine = line(end - 1)
	}
	return e
}
