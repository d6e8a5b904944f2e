package publish

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/patrol-actions/patrol/audit/github"
)

// nodesAtOnce is how many nodes one query may name. Source: GitHub's GraphQL
// API, which bounds every list at 100.
const nodesAtOnce = 100

// outdated are those of our comments that no proposal has any more, by their
// global ids.
func outdated(ours map[string][]string, proposals []Proposal) []string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(ours)) {
		if !slices.ContainsFunc(proposals, func(x Proposal) bool { return x.ID == id }) {
			out = append(out, ours[id]...)
		}
	}
	return out
}

// fold folds comments away and counts them. Those that are folded already, by
// an earlier run or by a person, are left as they are.
func (p *Publisher) fold(ctx context.Context, nodes []string) int {
	n := 0
	for group := range slices.Chunk(nodes, nodesAtOnce) {
		folded := p.folded(ctx, group)
		for _, node := range group {
			if !folded[node] && p.minimize(ctx, node) {
				n++
			}
		}
	}
	return n
}

// folded tells which comments are folded away, which REST does not say. Where
// GitHub does not answer none is known to be: to fold one again costs a
// request, and changes nothing.
func (p *Publisher) folded(ctx context.Context, nodes []string) map[string]bool {
	const document = `query($ids: [ID!]!) { nodes(ids: $ids) { ... on PullRequestReviewComment { id isMinimized } } }`
	var answer struct {
		Nodes []struct {
			ID          string `json:"id"`
			IsMinimized bool   `json:"isMinimized"`
		} `json:"nodes"`
	}
	if err := p.client.Query(ctx, document, map[string]any{"ids": nodes}, &answer); err != nil {
		var partial *github.QueryError // a comment may be gone by now
		if !errors.As(err, &partial) || !partial.Partial {
			return nil
		}
	}
	out := map[string]bool{}
	for _, node := range answer.Nodes {
		out[node.ID] = node.IsMinimized
	}
	return out
}

// minimize folds a comment away. A failure costs nothing but tidiness.
func (p *Publisher) minimize(ctx context.Context, node string) bool {
	const document = `mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) { minimizedComment { isMinimized } } }`
	err := p.client.Query(ctx, document, map[string]any{"id": node}, nil)
	var partial *github.QueryError
	return err == nil || errors.As(err, &partial) && partial.Partial
}
