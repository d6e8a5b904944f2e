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

// How many repositories one request stands for, as measured on repositories
// that all have workflows with scripts: when they are listed, and when what
// their audits take is read. A later run reads one in fifty.
const (
	listed  = 100
	read    = 50
	changed = 50
)

// Estimate counts the repositories and says what a run costs. It asks once for
// each account.
func Estimate(ctx context.Context, client *github.Client, accounts, names []string) (repositories int, c Cost, err error) {
	n, budget, err := bulk.NewReader(client).Budget(ctx, accounts)
	if err != nil {
		return 0, c, err
	}
	n += len(names)
	times := func(each int) int { return (n + each - 1) / each }
	return n, Cost{
		Least: times(listed), Most: times(listed) + times(read), Again: times(listed) + (times(read)+changed-1)/changed,
		Limit: budget.Limit, Remaining: budget.Remaining,
	}, nil
}
