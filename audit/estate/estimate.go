package estate

import (
	"context"

	"github.com/patrol-actions/patrol/audit/bulk"
	"github.com/patrol-actions/patrol/audit/github"
)

// Cost is what a run takes of GitHub, in requests.
type Cost struct {
	// Least and Most are those of a first run: the list, and what is read of
	// repositories of which none, or each, has workflows with scripts.
	Least, Most int
	// Again are those of a run after which one repository in fifty changed.
	Again int
	// Limit and Remaining are of GraphQL's hourly limit; 0 where there is none.
	Limit, Remaining int
}

// Shares of a request that a repository takes, as measured on repositories
// that all have workflows with scripts: listing it, and reading it.
const (
	listShare = 0.01
	readShare = 0.02
	changed   = 0.02
)

// Estimate counts the repositories and says what a run costs. It asks once for
// each account.
func Estimate(ctx context.Context, client *github.Client, accounts, names []string) (repositories int, c Cost, err error) {
	n, budget, err := bulk.NewReader(client).Budget(ctx, accounts)
	if err != nil {
		return 0, c, err
	}
	n += len(names)
	share := func(part float64) int { return int(float64(n)*part) + 1 }
	return n, Cost{
		Least: share(listShare), Most: share(listShare + readShare), Again: share(listShare + 5*readShare*changed), Limit: budget.Limit, Remaining: budget.Remaining,
	}, nil
}
