package online

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/decide"
	"github.com/patrol-actions/patrol/audit/github"
)

// harmless are the types of rules that keep no ordinary push from a branch
// that exists. Source: GitHub's REST API, "Get rules for a branch".
var harmless = []string{"creation", "deletion", "non_fast_forward", "required_linear_history"}

// actionsApp is the id of the GitHub App behind GITHUB_TOKEN on github.com. A
// GitHub Enterprise Server has an id of its own, so that nothing is known there.
const actionsApp = 15368

// branchRule is a rule that is active on a branch.
type branchRule struct {
	Type   string `json:"type"`
	Source string `json:"ruleset_source"`
	Kind   string `json:"ruleset_source_type"`
	ID     int64  `json:"ruleset_id"`
}

// Push implements [decide.Facts]. It knows that nothing stands in the way
// where no rule and no protection is there. Whom a rule lets through is shown
// to those alone who may change it; to others it stays open, with its name.
func (f *Facts) Push(branch string) decide.Fact {
	fact, asked := f.pushes[branch]
	if !asked {
		fact = f.push(branch)
		f.pushes[branch] = fact
	}
	return fact
}

func (f *Facts) push(branch string) decide.Fact {
	var b struct {
		Protected *bool `json:"protected"`
	}
	if !f.get(f.path("branches", branch), &b, "whether the branch "+branch+" is protected", "contents: read") || b.Protected == nil {
		return decide.Fact{}
	}
	rules, ok := f.rules(branch)
	if !ok {
		return decide.Fact{}
	}
	asked := map[int64]bool{}
	for _, r := range rules {
		if asked[r.ID] {
			continue // the bypass list is that of the whole ruleset
		}
		asked[r.ID] = true
		switch let, known := f.bypasses(r); {
		case let:
		case known:
			return decide.Fact{Known: true, Detail: fmt.Sprintf("a ruleset of %s (%s) keeps out all that its bypass list does not name, and GitHub Actions is not on it", clean(r.Source), clean(r.Type))}
		default:
			return decide.Fact{Detail: fmt.Sprintf("a ruleset of %s (%s) may keep GITHUB_TOKEN out: whom it lets through is shown to its administrators alone", clean(r.Source), clean(r.Type))}
		}
	}
	if *b.Protected && len(rules) == 0 {
		return decide.Fact{Detail: "it is protected: whom the protection lets through is shown to administrators alone"}
	}
	if *b.Protected {
		// A ruleset makes a branch count as protected too.
		return decide.Fact{Detail: "it is protected, by a ruleset that lets GitHub Actions through and perhaps by more"}
	}
	return decide.Fact{Known: true, Yes: true, Detail: "no rule and no protection is on it"}
}

// rules are those on a branch that could keep a push out.
func (f *Facts) rules(branch string) ([]branchRule, bool) {
	var out []branchRule
	for r, err := range github.List[branchRule](f.ctx, f.source.client, f.path("rules", "branches", branch), url.Values{"per_page": {"100"}}, "") {
		if err != nil {
			f.failed(err, "the rules on the branch "+branch, "metadata: read")
			return nil, false
		}
		if !slices.Contains(harmless, r.Type) {
			out = append(out, r)
		}
	}
	return out, true
}

// bypasses tells whether GitHub Actions is on the bypass list of the ruleset
// behind a rule. The list is left out of the answer for those who may not
// change the ruleset.
func (f *Facts) bypasses(r branchRule) (let, known bool) {
	if f.source.client.Host().EnterpriseServer() {
		return false, false
	}
	path := f.path("rulesets", fmt.Sprint(r.ID))
	if r.Kind == "Organization" {
		path = github.Path("orgs", r.Source, "rulesets", fmt.Sprint(r.ID))
	}
	var ruleset struct {
		Bypass *[]struct {
			ID   int64  `json:"actor_id"`
			Type string `json:"actor_type"`
			Mode string `json:"bypass_mode"`
		} `json:"bypass_actors"`
	}
	if _, err := f.source.client.Get(f.ctx, path, nil, &ruleset); err != nil || ruleset.Bypass == nil {
		return false, false
	}
	for _, a := range *ruleset.Bypass {
		if a.Type == "Integration" && a.ID == actionsApp && a.Mode != "pull_request" {
			return true, true
		}
	}
	return false, true
}

// clean makes a name from the API safe for a sentence.
func clean(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '`' {
			return -1
		}
		return r
	}, name)
}
