package needs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

// UnknownError is for what nothing is known of.
type UnknownError struct {
	// What names it.
	What string
	// Near are what may have been meant, nearest first.
	Near []string
	// Hint says what else to do, or is empty.
	Hint string
}

// Error implements error.
func (e *UnknownError) Error() string {
	text := "nothing is known of " + e.What
	switch {
	case len(e.Near) > 0:
		text += ": did you mean " + strings.Join(e.Near, ", or ") + "?"
	case e.Hint != "":
		text += ": " + e.Hint
	}
	return text
}

// Names returns everything that may begin a query and has a name: operation
// ids, actions, programs, commands of gh, mutations.
func Names() []string {
	var out []string
	for _, e := range rules.Endpoints() {
		if e.ID != "" {
			out = append(out, e.ID)
		}
	}
	out = slices.Concat(out, rules.Actions(), rules.Programs(), rules.Mutations(), []string{"gh", "git", "curl"})
	slices.Sort(out)
	return slices.Compact(out)
}

func unknownName(word string) error {
	e := &UnknownError{What: fmt.Sprintf("%q", word)}
	bare, _, _ := strings.Cut(word, "@")
	switch {
	case strings.Contains(bare, "."):
		e.Near = nearMethods(bare)
	case strings.Contains(bare, "/"):
		e.Near = rules.Near(bare, Names())
		e.Hint = "give an operation id, OWNER/REPO of a known action, or METHOD /path"
	default:
		e.Near = rules.Near(bare, Names())
	}
	if e.Hint == "" {
		e.Hint = "give a command, METHOD /path, an operation id, an action, or a workflow file"
	}
	return e
}

// nearMethods are operation ids like an Octokit method.
func nearMethods(word string) []string {
	space, name, _ := strings.Cut(word, ".")
	var kebab strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			kebab.WriteByte('-')
			r += 'a' - 'A'
		}
		kebab.WriteRune(r)
	}
	return rules.Near(space+"/"+kebab.String(), Names())
}

// unknownGh says which commands are like one that gh does not have.
func unknownGh(command string, words []string) error {
	e := &UnknownError{What: fmt.Sprintf("%q", "gh "+command), Hint: "an extension's own code says what it does"}
	if len(words) > 1 && !strings.HasPrefix(words[1], "-") {
		command = words[0] + " " + words[1]
	}
	for _, near := range rules.Near(command, rules.GhCommands()) {
		e.Near = append(e.Near, "gh "+near)
	}
	return e
}

// unknownRoute says which routes are like one that is not there: the same
// path with other methods, or else paths of as many segments.
func unknownRoute(method, path string) error {
	e := &UnknownError{What: method + " " + path, Hint: "see the reference of GitHub's REST API for its path"}
	for _, m := range methods {
		if endpoint, _, ok := rules.Route(m, masked(path)); ok && m != "HEAD" {
			e.Near = append(e.Near, endpoint.Operation())
		}
	}
	if len(e.Near) == 0 {
		e.Near = nearRoutes(method, path)
	}
	return e
}

func nearRoutes(method, path string) []string {
	type candidate struct {
		name     string
		distance int
	}
	want := strings.Split(strings.Trim(path, "/"), "/")
	var candidates []candidate
	for _, e := range rules.Endpoints() {
		have := strings.Split(strings.Trim(e.Path, "/"), "/")
		if len(have) != len(want) {
			continue
		}
		distance := 0
		if e.Method != method {
			distance = 1
		}
		for i := range have {
			if strings.HasPrefix(have[i], "{") || have[i] == want[i] {
				continue
			}
			if len(rules.Near(want[i], have[i:i+1])) == 0 {
				distance = -1
				break
			}
			distance += 2
		}
		if distance > 0 && distance < 5 {
			candidates = append(candidates, candidate{e.Operation(), distance})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name))
	})
	var out []string
	for _, c := range candidates[:min(len(candidates), 3)] {
		out = append(out, c.name)
	}
	return out
}
