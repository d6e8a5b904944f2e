package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Level says what a permission is given on.
type Level string

// The levels. A fine-grained PAT can hold permissions of the first three;
// those of an enterprise are for Apps alone.
const (
	LevelRepository   Level = "repository"
	LevelOrganization Level = "organization"
	LevelAccount      Level = "account"
	LevelEnterprise   Level = "enterprise"
)

// levelPrefixes are the levels as the text form of needs writes them, in the
// order in which needs are sorted.
var levelPrefixes = []struct {
	level  Level
	prefix string
}{
	{LevelRepository, ""}, {LevelOrganization, "org:"}, {LevelAccount, "account:"}, {LevelEnterprise, "enterprise:"},
}

// The accesses, from least to most. A higher one includes the lower ones.
const (
	AccessRead  = "read"
	AccessWrite = "write"
	AccessAdmin = "admin"
)

var accessOrder = map[string]int{AccessRead: 1, AccessWrite: 2, AccessAdmin: 3}

// Permission is one permission of a fine-grained PAT or an App, by the name
// that GitHub's API gives it ("pull_requests").
type Permission struct {
	Level  Level
	Name   string
	Access string
}

// ParsePermission reads "contents:write", "org:members:read",
// "account:gists:write" or "enterprise:enterprise_teams:read".
func ParsePermission(text string) (Permission, error) {
	level, rest := LevelRepository, text
	for _, l := range levelPrefixes[1:] {
		if after, ok := strings.CutPrefix(text, l.prefix); ok {
			level, rest = l.level, after
		}
	}
	name, access, ok := strings.Cut(rest, ":")
	switch {
	case !ok || !isPermissionName(name):
		return Permission{}, fmt.Errorf("permission %q: want name:access, such as contents:write or org:members:read", text)
	case accessOrder[access] == 0:
		return Permission{}, fmt.Errorf("permission %q: access is read, write or admin, not %q", text, access)
	}
	return Permission{Level: level, Name: name, Access: access}, nil
}

func isPermissionName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_'
	})
}

// String returns the form that ParsePermission reads.
func (p Permission) String() string {
	for _, l := range levelPrefixes {
		if l.level == p.Level {
			return l.prefix + p.Name + ":" + p.Access
		}
	}
	return string(p.Level) + ":" + p.Name + ":" + p.Access
}

// Covers tells whether a token that holds p may do what takes q.
func (p Permission) Covers(q Permission) bool {
	return p.Level == q.Level && p.Name == q.Name && accessOrder[p.Access] >= accessOrder[q.Access]
}

// Always tells whether every token holds p: metadata:read comes with any
// other permission, and with GITHUB_TOKEN whatever its permissions say.
func (p Permission) Always() bool {
	return p == Permission{LevelRepository, "metadata", AccessRead}
}

func comparePermissions(p, q Permission) int {
	rank := func(l Level) int {
		return slices.IndexFunc(levelPrefixes, func(x struct {
			level  Level
			prefix string
		}) bool {
			return x.level == l
		})
	}
	return cmp.Or(cmp.Compare(rank(p.Level), rank(q.Level)), cmp.Compare(p.Name, q.Name),
		cmp.Compare(accessOrder[p.Access], accessOrder[q.Access]))
}

// Needs are the permissions that something takes: all of the outer, any one
// of the inner. The nil Needs takes nothing.
type Needs [][]Permission

// ParseNeeds reads needs: "," joins what is needed together, "|" stands
// between alternatives: "contents:write,issues:write|pull_requests:write".
// The empty text and "-" are no needs.
func ParseNeeds(text string) (Needs, error) {
	text = strings.TrimSpace(text)
	if text == "" || text == "-" {
		return nil, nil
	}
	var needs Needs
	for part := range strings.SplitSeq(text, ",") {
		var group []Permission
		for alternative := range strings.SplitSeq(part, "|") {
			p, err := ParsePermission(strings.TrimSpace(alternative))
			if err != nil {
				return nil, err
			}
			group = append(group, p)
		}
		needs = append(needs, group)
	}
	return needs, nil
}

// String returns the form that ParseNeeds reads, "" for no needs.
func (n Needs) String() string {
	groups := make([]string, len(n))
	for i, group := range n {
		alternatives := make([]string, len(group))
		for j, p := range group {
			alternatives[j] = p.String()
		}
		groups[i] = strings.Join(alternatives, "|")
	}
	return strings.Join(groups, ",")
}

// Union returns what n and m take together, merged.
func (n Needs) Union(m Needs) Needs { return slices.Concat(n, m).Merge() }

// Merge returns the same needs in normal form: sorted, of each permission the
// highest access only, and without groups of alternatives that the rest
// meets anyway.
func (n Needs) Merge() Needs {
	if len(n) == 1 && len(n[0]) == 1 {
		return n
	}
	groups := make(Needs, 0, len(n))
	for _, group := range n {
		if len(group) > 0 {
			groups = append(groups, mergeGroup(group))
		}
	}
	slices.SortFunc(groups, compareGroups)
	groups = slices.CompactFunc(groups, slices.Equal[[]Permission])
	var out Needs
	for i, group := range groups {
		other := func(g []Permission) bool { return implies(g, group) }
		if !slices.ContainsFunc(groups[:i], other) && !slices.ContainsFunc(groups[i+1:], other) {
			out = append(out, group)
		}
	}
	return out
}

// mergeGroup sorts alternatives and keeps of each permission the lowest
// access: that is enough.
func mergeGroup(group []Permission) []Permission {
	if len(group) == 1 {
		return group
	}
	sorted := slices.SortedFunc(slices.Values(group), comparePermissions)
	return slices.CompactFunc(sorted, func(p, q Permission) bool { return p.Level == q.Level && p.Name == q.Name })
}

// implies tells whether meeting group g always meets group h: whichever
// alternative of g is held covers one of h. Two different groups in the form
// of mergeGroup never imply each other both ways.
func implies(g, h []Permission) bool {
	for _, p := range g {
		if !slices.ContainsFunc(h, p.Covers) {
			return false
		}
	}
	return true
}

func compareGroups(g, h []Permission) int { return slices.CompareFunc(g, h, comparePermissions) }

// Permissions returns every permission named in n, alternatives included, in
// order.
func (n Needs) Permissions() []Permission { return slices.Concat(n...) }

// Writes tells whether n names more than read access anywhere.
func (n Needs) Writes() bool {
	return slices.ContainsFunc(n, func(group []Permission) bool {
		return slices.ContainsFunc(group, func(p Permission) bool { return p.Access != AccessRead })
	})
}

// Meets tells whether who has n has what a group asks for.
func (n Needs) Meets(group []Permission) bool {
	return slices.ContainsFunc(n, func(has []Permission) bool { return implies(has, group) })
}

// Covers tells whether a token that holds n may do what takes m.
func (n Needs) Covers(m Needs) bool {
	for _, group := range m {
		if !n.Meets(group) {
			return false
		}
	}
	return true
}

// common returns what of n is in m as well, with the lower access of both.
func (n Needs) common(m Needs) Needs {
	var out Needs
	for _, group := range n {
		if m.Meets(group) {
			out = append(out, group)
		}
	}
	for _, group := range m {
		if n.Meets(group) && !out.Meets(group) {
			out = append(out, group)
		}
	}
	return out
}
