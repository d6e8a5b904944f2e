package estate

import (
	"fmt"
	"hash/fnv"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/bulk"
)

// Selection says which repositories are audited. The zero value takes all but
// those that are archived, in which no workflow runs.
type Selection struct {
	// Include and Exclude are patterns of names, with or without the owner:
	// "api-*", "example/*". One that is excluded is left out even where it is
	// included too.
	Include, Exclude []string
	// Topics are topics of which a repository must have one.
	Topics []string
	// Visibility are "public", "private" and "internal"; empty for all.
	Visibility []string
	// Archived takes in what is archived, NoForks leaves out forks.
	Archived, NoForks bool
}

// Check says what is wrong with a selection.
func (s Selection) Check() error {
	for _, pattern := range slices.Concat(s.Include, s.Exclude) {
		if !doublestar.ValidatePattern(pattern) {
			return fmt.Errorf("%q is no pattern of names: write such as 'api-*' or 'example/{web,app}'", pattern)
		}
	}
	for _, v := range s.Visibility {
		if !slices.Contains([]string{"public", "private", "internal"}, v) {
			return fmt.Errorf("unknown visibility %q: say public, private or internal", v)
		}
	}
	return nil
}

// fits tells whether a name fits one of some patterns.
func fits(patterns []string, name string) bool {
	full := strings.ToLower(name)
	_, base, _ := strings.Cut(full, "/")
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		pattern = strings.ToLower(pattern)
		subject := base
		if strings.Contains(pattern, "/") {
			subject = full
		}
		ok, _ := doublestar.Match(pattern, subject)
		return ok
	})
}

// takes tells whether a repository is audited, and counts it.
func (s Selection) takes(r *bulk.Repository, c *audit.Coverage) bool {
	c.Listed++
	switch {
	case fits(s.Exclude, r.Name), len(s.Include) > 0 && !fits(s.Include, r.Name),
		len(s.Visibility) > 0 && !slices.Contains(s.Visibility, r.Visibility),
		len(s.Topics) > 0 && !slices.ContainsFunc(s.Topics, func(t string) bool { return slices.Contains(r.Topics, t) }):
		c.Excluded++
	case r.Archived && !s.Archived:
		c.Archived++
	case r.Fork && s.NoForks:
		c.Forks++
	case r.Empty():
		c.Empty++
	default:
		return true
	}
	return false
}

// Shard is one part of an audit; the zero Shard is all of it.
type Shard struct {
	// Index counts from 1 to Count.
	Index, Count int
}

// maxShards is how many parts there may be: GitHub's matrix takes 256 jobs.
//
// Source: GitHub Docs, "Actions limits".
const maxShards = 256

// ParseShard reads "3/16".
func ParseShard(text string) (s Shard, err error) {
	index, count, ok := strings.Cut(text, "/")
	if s.Index, err = strconv.Atoi(index); ok && err == nil {
		s.Count, err = strconv.Atoi(count)
	}
	if !ok || err != nil || s.Index < 1 || s.Index > s.Count || s.Count > maxShards {
		return Shard{}, fmt.Errorf("%q is no part of an audit: write such as 3/16, with at most %d parts", text, maxShards)
	}
	return s, nil
}

// String is "3/16", or empty for all.
func (s Shard) String() string {
	if s.Count == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Count)
}

// selected gives the repositories that this run audits, by name.
func (e *Estate) selected() iter.Seq2[*bulk.Repository, error] {
	return func(yield func(*bulk.Repository, error) bool) {
		parts, err := e.parts()
		if err != nil {
			yield(nil, err)
			return
		}
		var ignored audit.Coverage
		for r, err := range e.store.Repositories() {
			if err != nil {
				yield(nil, err)
				return
			}
			if e.options.Selection.takes(r, &ignored) && (parts == nil || parts[r.Name] == e.options.Shard.Index) && !yield(r, nil) {
				return
			}
		}
	}
}

// parts tells which part each selected repository is in; nil for one part.
func (e *Estate) parts() (map[string]int, error) {
	if e.options.Shard.Count == 0 {
		return nil, nil
	}
	if e.assigned != nil {
		return e.assigned, nil
	}
	weights, err := e.weights()
	if err != nil {
		return nil, err
	}
	e.assigned = assign(weights, e.options.Shard.Count)
	return e.assigned, nil
}

// weights are those of the selected repositories.
func (e *Estate) weights() (map[string]int, error) {
	out := map[string]int{}
	var ignored audit.Coverage
	for r, err := range e.store.Repositories() {
		if err != nil {
			return nil, err
		}
		if e.options.Selection.takes(r, &ignored) {
			out[r.Name] = weight(r)
		}
	}
	return out, nil
}

// weight is about how much work a repository is: one with workflows is read in
// several requests' parts, another not at all.
func weight(r *bulk.Repository) int {
	if workflowsIn(r) {
		return 20
	}
	return 1
}

// slack is how much more than its share a part may have, in percent. The less
// it is, the more repositories change their part when others come and go.
const slack = 5

// assign puts repositories into parts of about the same weight, in such a way
// that few change their part from one run to the next: each goes to the part
// that its name prefers, as long as there is room (rendezvous hashing with
// bounded loads).
func assign(weights map[string]int, count int) map[string]int {
	type item struct {
		name string
		hash uint64
	}
	items := make([]item, 0, len(weights))
	total := 0
	for name, w := range weights {
		items = append(items, item{name, hash(name)})
		total += w
	}
	// The heavy ones first, or there would be no room left for them.
	slices.SortFunc(items, func(a, b item) int {
		if d := weights[b.name] - weights[a.name]; d != 0 {
			return d
		}
		return byName(a.name, b.name)
	})
	room := total*(100+slack)/(100*count) + 20
	loads := make([]int, count)
	out := make(map[string]int, len(items))
	for _, it := range items {
		best, bestScore := -1, uint64(0)
		for part := range count {
			if score := mix(it.hash ^ mix(uint64(part)+1)); (best < 0 || score > bestScore) && loads[part]+weights[it.name] <= room {
				best, bestScore = part, score
			}
		}
		loads[best] += weights[it.name]
		out[it.name] = best + 1
	}
	return out
}

func hash(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.ToLower(name)))
	return h.Sum64()
}

// mix spreads the bits of a number (the finalizer of SplitMix64).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// Part is one part of a plan, in the form of a matrix of GitHub Actions.
type Part struct {
	Shard string `json:"shard"`
	// Repositories counts those of the part.
	Repositories int `json:"repositories"`
}

// Plan parts the listed repositories for several machines. There are fewer
// parts than asked for where there are fewer repositories.
func (e *Estate) Plan(count int) ([]Part, error) {
	if count < 1 || count > maxShards {
		return nil, fmt.Errorf("%d parts cannot be planned: say 1 to %d", count, maxShards)
	}
	weights, err := e.weights()
	if err != nil {
		return nil, err
	}
	count = max(min(count, len(weights)), 1)
	parts := make([]Part, count)
	for i := range parts {
		parts[i].Shard = Shard{i + 1, count}.String()
	}
	for _, part := range assign(weights, count) {
		parts[part-1].Repositories++
	}
	return parts, nil
}
