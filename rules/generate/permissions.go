package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

// levels are the levels in the order of the table.
var levels = []rules.Level{rules.LevelRepository, rules.LevelOrganization, rules.LevelAccount, rules.LevelEnterprise}

// comparePermissions compares the table of permissions with the lists. These
// decide which permissions there are and whether a fine-grained PAT can hold
// one, and they may add accesses. Keys, reasons and scopes are ours.
func comparePermissions(c *comparison, l *lists) {
	t := c.tables["permissions"]
	c.head("permissions", "REST API", l.version)
	c.look("permissions", wholeRow, "accesses", "fine_grained_pat")
	found := map[rules.Permission]bool{}
	for _, r := range t.rows {
		p := rules.Permission{Level: rules.Level(t.cell(r, "level")), Name: t.cell(r, "name")}
		key := permissionKey(p)
		listed := l.permissions[p]
		if listed == nil {
			// Needs in every table may name it.
			c.gone(t, key, true)
			continue
		}
		found[p] = true
		c.cell(t, r, judgement{key: key, column: "accesses", source: allAccesses(t.cell(r, "accesses"), listed.accesses)})
		c.cell(t, r, judgement{key: key, column: "fine_grained_pat", source: flag01(listed.fineGrained)})
	}
	for _, p := range sortedPermissions(l) {
		if !found[p] {
			addPermission(c, t, p, l.permissions[p])
		}
	}
}

func permissionKey(p rules.Permission) string { return string(p.Level) + " " + p.Name }

// allAccesses joins the accesses of a row with those of the lists, which show
// only what some operation takes.
func allAccesses(ours string, listed []string) string {
	all := append(strings.FieldsFunc(empty(ours), func(r rune) bool { return r == ',' }), listed...)
	order := []string{rules.AccessRead, rules.AccessWrite, rules.AccessAdmin}
	slices.SortFunc(all, func(a, b string) int { return cmp.Compare(slices.Index(order, a), slices.Index(order, b)) })
	return strings.Join(slices.Compact(all), ",")
}

func sortedPermissions(l *lists) []rules.Permission {
	var out []rules.Permission
	for p := range l.permissions {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b rules.Permission) int {
		return cmp.Or(slices.Index(levels, a.Level)-slices.Index(levels, b.Level), strings.Compare(a.Name, b.Name))
	})
	return out
}

// addPermission adds a permission that workflows cannot ask for, as is the
// rule, with the reason of its level.
func addPermission(c *comparison, t *table, p rules.Permission, listed *listedPermission) {
	r := t.newRow(map[string]string{
		"level": string(p.Level), "name": p.Name, "accesses": allAccesses("", listed.accesses),
		"reason": rules.ReasonFor(p), "fine_grained_pat": flag01(listed.fineGrained),
	})
	at := len(t.rows)
	for i, other := range t.rows {
		level := slices.Index(levels, rules.Level(t.cell(other, "level"))) - slices.Index(levels, p.Level)
		if cmp.Or(level, strings.Compare(t.cell(other, "name"), p.Name)) > 0 {
			at = i
			break
		}
	}
	t.rows = slices.Insert(t.rows, at, r)
	t.changed = true
	key := permissionKey(p)
	c.changes = append(c.changes, change{mark: added, table: t.name, key: key, source: strings.Join(r, "  ")})
	c.ask(t.name, key, "is there a key for it in workflows, and which classic scopes give it?")
}

func flag01(b bool) string {
	if b {
		return "1"
	}
	return "0"
}
