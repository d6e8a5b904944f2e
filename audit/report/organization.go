package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

const (
	// shownSecrets and shownRows limit the tables of an overview.
	shownSecrets = 15
	shownRows    = 10
	// overviewText limits a text in them.
	overviewText = 160
)

// overview is what there is to say of an organisation in ten seconds: sums,
// and the first of each list. All texts in it are cleaned.
type overview struct {
	org     *audit.Organization
	counter Counter
	// verdicts counts the references in the order of verdictRanks.
	verdicts [4]int
	// secrets are the first ones, best to do first.
	secrets  []overviewSecret
	findings []*audit.Finding
	// repositories are those in which most can be replaced today.
	repositories []overviewRepository
	problems     []audit.Problem
}

type overviewSecret struct {
	name, owner, reach, work, todo, state string
}

type overviewRepository struct {
	name        string
	replaceable int
}

// readOverview goes through the repositories once.
func readOverview(s Stream) (*overview, error) {
	o := &overview{org: s.Head.Organization}
	for repository, err := range s.Repositories {
		if err != nil {
			return nil, err
		}
		o.add(repository)
	}
	o.counter.AddHead(s.Head)
	sum := o.counter.summary
	o.verdicts = [4]int{sum.Replaceable, sum.Conditional, sum.NotReplaceable, sum.Unknown}
	for _, secret := range o.org.Secrets[:min(len(o.org.Secrets), shownSecrets)] {
		o.secrets = append(o.secrets, newOverviewSecret(secret))
	}
	o.findings = slices.Clone(o.org.Findings)
	slices.SortStableFunc(o.findings, func(a, b *audit.Finding) int { return worstFirst(a.Severity, b.Severity) })
	o.findings = o.findings[:min(len(o.findings), shownRows)]
	return o, nil
}

func (o *overview) add(repository *audit.Repository) {
	o.counter.Add(repository)
	n := 0
	for _, r := range repository.References {
		if verdictNumber(r) == 0 && !r.Remedy.Settled() {
			n++
		}
	}
	name := bounded(label(repository), overviewText)
	for _, p := range repository.Errors {
		if len(o.problems) < shownRows {
			o.problems = append(o.problems, audit.Problem{File: strings.TrimSpace(name + " " + bounded(place(p.File, p.Line, 0), overviewText)), Message: bounded(p.Message, overviewText)})
		}
	}
	if n == 0 {
		return
	}
	o.repositories = append(o.repositories, overviewRepository{strings.Clone(name), n})
	slices.SortStableFunc(o.repositories, func(a, b overviewRepository) int { return cmp.Compare(b.replaceable, a.replaceable) })
	o.repositories = o.repositories[:min(len(o.repositories), shownRows)]
}

func newOverviewSecret(s *audit.StoredSecret) overviewSecret {
	out := overviewSecret{
		name: bounded(s.Name, overviewText), owner: bounded(s.Owner, overviewText),
		reach: thousands(s.Reach) + " → " + thousands(s.ReachAfter), todo: bounded(s.Remedy.Summary, overviewText),
		state: secretStates[s.State],
	}
	switch w := s.Work; {
	case s.References == 0:
		out.work = "not used"
	case w.References == 0:
		out.work = "nothing to change"
	case w.Repositories > 1:
		out.work = fmt.Sprintf("%s in %s", plural(w.References, "reference"), repositories(w.Repositories))
	default:
		out.work = plural(w.References, "reference")
	}
	if w := s.Work; w.Replaceable > 0 && w.Replaceable < w.References {
		out.work += fmt.Sprintf(", %s replaceable", thousands(w.Replaceable))
	}
	return out
}

// secretStates says what is odd about a secret.
var secretStates = map[audit.SecretState]string{
	audit.SecretMissing: "nobody holds it", audit.SecretUnasked: "who holds it was not asked",
}

// repositories writes a number of repositories.
func repositories(n int) string {
	if n == 1 {
		return "1 repository"
	}
	return thousands(n) + " repositories"
}

// coverage says how much of the accounts the report holds.
func (o *overview) coverage() string {
	c := o.org.Coverage
	text := fmt.Sprintf("%s of %s audited, %s with workflows", thousands(c.Audited), repositories(c.Listed), thousands(c.WithWorkflows))
	var left []string
	for _, p := range []struct {
		n    int
		what string
	}{
		{c.Excluded, "excluded"}, {c.Archived, "archived"}, {c.Forks, "forks"}, {c.Empty, "empty"},
		{c.Failed, "could not be read"}, {c.Left, "not reached"},
	} {
		if p.n > 0 {
			left = append(left, thousands(p.n)+" "+p.what)
		}
	}
	if len(left) > 0 {
		text += "; " + strings.Join(left, ", ")
	}
	return text
}

// notes say what one has to know before the numbers.
func (o *overview) notes() []string {
	var out []string
	if o.org.Shard != "" {
		out = append(out, "This is part "+bounded(o.org.Shard, overviewText)+" of the audit: patrol merge joins the parts.")
	}
	if !o.org.Complete {
		out = append(out, "The audit did not finish: run it again, and it goes on where it was.")
	}
	for i, u := range o.org.Unasked {
		if i == shownRows {
			out = append(out, more(len(o.org.Unasked)-i, ""))
			break
		}
		out = append(out, bounded(u.Message, 2*overviewText))
	}
	return out
}

// settings says what GITHUB_TOKEN holds in workflows that do not say.
func (o *overview) settings() []string {
	var out []string
	for i, a := range o.org.Accounts {
		if i == shownRows {
			out = append(out, more(len(o.org.Accounts)-i, ""))
			break
		}
		var parts []string
		if a.DefaultPermissions != "" {
			parts = append(parts, "GITHUB_TOKEN may "+bounded(a.DefaultPermissions, overviewText)+" unless a workflow says otherwise")
		}
		if a.ApprovePullRequests != nil {
			word := "may not"
			if *a.ApprovePullRequests {
				word = "may"
			}
			parts = append(parts, "it "+word+" open and approve pull requests")
		}
		if len(parts) > 0 {
			out = append(out, bounded(a.Login, overviewText)+": "+strings.Join(parts, "; "))
		}
	}
	return out
}

// trend says what changed since the last report; "" without one.
func (o *overview) trend() string {
	t := o.org.Trend
	if t == nil {
		return ""
	}
	text := fmt.Sprintf("Since the last report: %s, %s still there, %s gone", plural(t.New, "new finding"), thousands(t.Still), thousands(t.Gone))
	if n := len(t.Points); n > 0 {
		last, reach, sum := t.Points[n-1], 0, o.counter.summary
		for _, s := range o.org.Secrets {
			reach += s.Reach
		}
		text += fmt.Sprintf("; references %s → %s, reach %s → %s",
			thousands(last.Summary.References-last.Summary.Other), thousands(sum.References-sum.Other), thousands(last.Reach), thousands(reach))
	}
	return text
}

// reach adds up the secrets' reach, before and after.
func (o *overview) reach() (before, after int) {
	for _, s := range o.org.Secrets {
		before += s.Reach
		after += s.ReachAfter
	}
	return before, after
}

// counts says what was found, in the words of the other formats.
func (o *overview) counts() string {
	return strings.Join(foundParts(o.counter.summary), " · ")
}

// more says how many rows a table left out, and where they are.
func more(n int, where string) string {
	if n <= 0 {
		return ""
	}
	if where != "" {
		where = ": " + where
	}
	return "… and " + thousands(n) + " more" + where
}

// allOfIt is where the whole of a table is.
const allOfIt = "--format html or json has all"
