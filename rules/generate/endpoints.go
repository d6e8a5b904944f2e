package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

const workflowsWrite = "workflows:write"

// compareEndpoints compares the table of REST operations with the OpenAPI
// description and the lists of permissions. Either may be nil.
//
// The description decides which operations there are, and the scopes that
// their texts name. The lists decide needs, fine_grained_pat and installation
// of operations whose basis is "listed"; what several permissions mean
// together is ours, as are all other columns.
func compareEndpoints(c *comparison, d *description, l *lists) {
	t := c.tables["endpoints"]
	if d != nil {
		c.head("endpoints", "@octokit/openapi", d.version)
		c.look("endpoints", wholeRow, "id", "method", "path", "scopes")
		compareOperations(c, t, d, l)
	}
	if l != nil {
		c.head("endpoints", "REST API", l.version)
		c.look("endpoints", "needs", "fine_grained_pat", "installation", "listed")
		for _, r := range t.rows {
			if oldForm(t, r) {
				continue
			}
			compareListing(c, t, r, l.of(t.cell(r, "method"), t.cell(r, "path")))
		}
		compareRoutes(c, t, l)
	}
}

// endpointKey is the name of a row in reports and in kept.tsv.
func endpointKey(t *table, r row) string {
	if id := empty(t.cell(r, "id")); id != "" {
		return id
	}
	return route(t, r)
}

// oldForm tells whether a row is an older, shorter or wider form of others,
// which no source describes.
func oldForm(t *table, r row) bool { return t.cell(r, "id") == "-" }

func route(t *table, r row) string { return t.cell(r, "method") + " " + t.cell(r, "path") }

func compareOperations(c *comparison, t *table, d *description, l *lists) {
	byID, byRoute := map[string]row{}, map[string]row{}
	for _, r := range t.rows {
		byID[t.cell(r, "id")], byRoute[route(t, r)] = r, r
	}
	found := map[string]bool{}
	var missing []operation
	for _, o := range d.operations {
		r := byID[o.id]
		if r == nil {
			r = byRoute[o.method+" "+o.path]
		}
		if r == nil {
			missing = append(missing, o)
			continue
		}
		found[route(t, r)] = true
		compareOperation(c, t, r, o)
	}
	t.remove(func(r row) bool {
		// Old code calls old operations: a row goes only where nothing of
		// ours is in it.
		ours := t.cell(r, "basis") != "listed" || t.cell(r, "note") != "-"
		return !found[route(t, r)] && !oldForm(t, r) && c.gone(t, endpointKey(t, r), ours)
	})
	for _, o := range missing {
		addOperation(c, t, o, l)
	}
}

// compareOperation compares a row with its operation. Other tables refer to
// its id and its path, so a new one of these is a conflict.
func compareOperation(c *comparison, t *table, r row, o operation) {
	key := endpointKey(t, r)
	for _, j := range []judgement{{column: "id", source: o.id}, {column: "method", source: o.method}, {column: "path", source: o.path}} {
		j.key, j.ours, j.note = key, true, "other tables may name it"
		c.cell(t, r, j)
	}
	c.cell(t, r, judgement{key: key, column: "scopes", source: strings.Join(o.scopes, ",")})
}

// addOperation adds a row for an operation that is new.
func addOperation(c *comparison, t *table, o operation, l *lists) {
	cells := map[string]string{
		"id": o.id, "method": o.method, "path": o.path, "scopes": strings.Join(o.scopes, ","), "workflows": "0",
		"fine_grained_pat": "0", "installation": "0", "public": "0", "basis": string(rules.BasisOpen),
	}
	if o.apps {
		cells["installation"] = "1"
	}
	note := "what it takes is not known"
	if l != nil {
		listed := l.of(o.method, o.path)
		cells["fine_grained_pat"], cells["installation"] = listed.pat(), listed.kind()
		if len(listed.needs) > 0 {
			cells["basis"], note = string(rules.BasisListed), ""
			cells["needs"], cells["workflows"] = needsCell(listed.needs)
		}
		if strings.Contains(cells["needs"], ",") {
			note = "several permissions are listed: are all needed, or is one enough?"
		}
	}
	c.add(t, o.id, t.newRow(cells), note, "id", "method", "path")
	if o.method == "GET" {
		c.ask("endpoints", o.id, "public: does reading what is public take no permission?")
	}
}

// needsCell writes listed permissions as needs. Issues and pull requests are
// alternatives wherever both are listed, and workflows stands in a column of
// its own; of others it is not known, and all is the safer reading.
func needsCell(needs []string) (cell, workflows string) {
	rest := slices.DeleteFunc(slices.Clone(needs), func(n string) bool { return n == workflowsWrite })
	workflows = "0"
	if len(rest) < len(needs) {
		workflows = "1"
	}
	if len(rest) == 0 {
		return workflowsWrite, "0"
	}
	names := map[string]bool{}
	for _, n := range rest {
		name, _, _ := strings.Cut(n, ":")
		names[name] = true
	}
	if len(names) == 2 && names["issues"] && names["pull_requests"] {
		return strings.Join(rest, "|"), workflows
	}
	return strings.Join(rest, ","), workflows
}

// compareListing compares a row with what the lists say of its operation.
func compareListing(c *comparison, t *table, r row, o *listing) {
	key, basis := endpointKey(t, r), rules.Basis(t.cell(r, "basis"))
	listed := basis == rules.BasisListed
	ours := !listed || len(o.needs) == 0
	have, err := neededBy(t, r)
	if err != nil {
		c.ask("endpoints", key, err.Error())
		return
	}
	several := len(have) > 1 || len(o.needs) > 1
	j := judgement{key: key, column: "needs", source: strings.Join(o.needs, ","), ours: ours || several}
	j.same = func(string, string) bool { return sameNeeds(have, o.needs) }
	if several {
		j.note = "whether all are needed or one is enough, is for us to say"
	}
	if len(o.needs) > 0 || listed {
		c.cell(t, r, j)
	}
	if len(o.needs) > 0 && sameNeeds(have, o.needs) && !listed {
		c.cell(t, r, judgement{key: key, column: "basis", source: string(rules.BasisListed)})
	}
	c.cell(t, r, judgement{key: key, column: "fine_grained_pat", source: o.pat(), ours: ours})
	// The plain lists say that Apps may call an operation, but with which
	// permission, and so whether GITHUB_TOKEN may, they do not say.
	if len(o.needs) > 0 {
		c.cell(t, r, judgement{key: key, column: "installation", source: o.kind(), ours: ours})
	}
}

// neededBy returns the permissions that a row names, sorted.
func neededBy(t *table, r row) ([]string, error) {
	needs, err := rules.ParseNeeds(empty(t.cell(r, "needs")))
	if err != nil {
		return nil, fmt.Errorf("needs: %w", err)
	}
	var out []string
	for _, group := range needs {
		for _, p := range group {
			out = append(out, p.String())
		}
	}
	if t.cell(r, "workflows") == "1" {
		out = append(out, workflowsWrite)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// sameNeeds tells whether the same permissions are meant. GitHub's lists do
// not name workflows everywhere where we know that it is needed.
func sameNeeds(ours, listed []string) bool {
	return slices.Equal(ours, listed) ||
		slices.Equal(slices.DeleteFunc(slices.Clone(ours), func(n string) bool { return n == workflowsWrite }), listed)
}

// compareRoutes reports operations that only the lists have.
func compareRoutes(c *comparison, t *table, l *lists) {
	have := map[string]bool{}
	for _, r := range t.rows {
		have[route(t, r)] = true
	}
	var unknown []string
	for name, o := range l.operations {
		if !have[name] && len(o.needs) > 0 {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		c.cell(t, t.newRow(nil), judgement{
			key: name, column: "listed", source: strings.Join(l.operations[name].needs, ","), ours: true, note: "no row has it",
		})
	}
}
