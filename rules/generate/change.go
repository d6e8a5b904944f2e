package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// mark says what kind of change something is.
type mark string

// The marks.
const (
	added    mark = "+"
	removed  mark = "-"
	changed  mark = "~"
	conflict mark = "!"
	open     mark = "?"
)

// change is one thing that is to do.
type change struct {
	mark  mark
	table string
	// key names the row, column the cell; "*" is the whole row.
	key, column string
	// ours is what the table says, source what the source says.
	ours, source string
	note         string
}

// wholeRow stands as column for the row itself.
const wholeRow = "*"

// comparison collects what is to do.
type comparison struct {
	tables  map[string]*table
	kept    *table
	date    string
	changes []change
	// looked are the tables whose sources were read, with the columns that
	// they decide; met are the rows of kept that were needed.
	looked map[string]bool
	met    map[string]bool
}

func keptKey(table, key, column string) string { return table + "\t" + key + "\t" + column }

// held returns what the source said when we decided to keep a cell, and
// whether we did.
func (c *comparison) held(table, key, column string) (string, bool) {
	for _, r := range c.kept.rows {
		if r[0] == table && r[1] == key && r[2] == column {
			return r[3], true
		}
	}
	return "", false
}

func (c *comparison) meet(table, key, column string) {
	if c.met == nil {
		c.met = map[string]bool{}
	}
	c.met[keptKey(table, key, column)] = true
}

// look says that a source of this column of the table has been read.
func (c *comparison) look(table string, columns ...string) {
	if c.looked == nil {
		c.looked = map[string]bool{}
	}
	for _, column := range columns {
		c.looked[keptKey(table, "", column)] = true
	}
}

// judgement is a cell that is compared with a source.
type judgement struct {
	key, column, source string
	// same tells whether two values say the same; equality if nil.
	same func(ours, source string) bool
	// ours tells that the source alone must not decide, and note why.
	ours bool
	note string
}

// cell compares a cell with what the source says, and changes it where the
// source decides.
func (c *comparison) cell(t *table, r row, j judgement) {
	have, source := t.cell(r, j.column), orDash(j.source)
	same := have == source
	if j.same != nil {
		same = j.same(have, source)
	}
	if same {
		return
	}
	said, kept := c.held(t.name, j.key, j.column)
	if kept {
		c.meet(t.name, j.key, j.column)
	}
	ch := change{mark: changed, table: t.name, key: j.key, column: j.column, ours: have, source: source, note: j.note}
	switch {
	case kept && said == source:
		return
	case kept || j.ours:
		ch.mark = conflict
	default:
		t.set(r, j.column, source)
	}
	c.changes = append(c.changes, ch)
}

// gone reports a row that the source does not have. It returns whether the
// row may be removed.
func (c *comparison) gone(t *table, key string, ours bool) bool {
	if _, kept := c.held(t.name, key, wholeRow); kept {
		c.meet(t.name, key, wholeRow)
		return false
	}
	ch := change{mark: removed, table: t.name, key: key, column: wholeRow, source: "-"}
	if ours {
		ch.mark, ch.note = conflict, "not in the source"
	}
	c.changes = append(c.changes, ch)
	return !ours
}

// add reports and inserts a row.
func (c *comparison) add(t *table, key string, r row, note string, by ...string) {
	t.insert(r, by...)
	c.changes = append(c.changes, change{mark: added, table: t.name, key: key, source: strings.Join(r, "  "), note: note})
}

// ask reports what a person has to judge.
func (c *comparison) ask(table, key, note string) {
	c.changes = append(c.changes, change{mark: open, table: table, key: key, note: note})
}

// head brings the version in a table's head up to date.
func (c *comparison) head(name, source, version string) {
	t := c.tables[name]
	if have := t.version(source); have != "" && have != version {
		t.setVersion(source, version)
		t.changed = true
		c.changes = append(c.changes, change{mark: changed, table: name, key: "# version", column: source, ours: have, source: version})
	}
}

// finish reports what is kept without need, so that kept.tsv does not hide
// later changes of the source, and dates the tables that changed.
func (c *comparison) finish() {
	for _, r := range c.kept.rows {
		if c.looked[keptKey(r[0], "", r[2])] && !c.met[keptKey(r[0], r[1], r[2])] {
			c.changes = append(c.changes, change{mark: conflict, table: r[0], key: r[1], column: r[2], ours: "-", source: "-", note: unneeded})
		}
	}
	for _, t := range c.tables {
		if t.changed {
			t.setDate(c.date)
		}
	}
	slices.SortStableFunc(c.changes, func(a, b change) int { return strings.Compare(a.table, b.table) })
}

// unneeded is the note on a row of kept.tsv that says nothing.
const unneeded = "kept for nothing: the source agrees, or there is no such cell"

// save writes what the flags ask for.
func (c *comparison) save(o options) error {
	if o.write {
		for _, t := range c.tables {
			if !t.changed {
				continue
			}
			if err := t.write(); err != nil {
				return err
			}
		}
	}
	if !o.keep {
		return nil
	}
	c.settle()
	return c.kept.write()
}

// settle writes the conflicts down as kept.
func (c *comparison) settle() {
	for _, ch := range c.changes {
		if ch.mark != conflict {
			continue
		}
		c.kept.remove(func(r row) bool { return r[0] == ch.table && r[1] == ch.key && r[2] == ch.column })
		if ch.note != unneeded {
			c.kept.insert(row{ch.table, ch.key, ch.column, ch.source}, "table", "key", "column")
		}
	}
}

// print shows the changes, by table, and counts them.
func (c *comparison) print(w io.Writer) {
	counts, table := map[mark]int{}, ""
	for _, ch := range c.changes {
		if ch.table != table {
			table = ch.table
			fmt.Fprintf(w, "%s\n", table)
		}
		counts[ch.mark]++
		fmt.Fprintf(w, "  %s\n", ch)
	}
	if len(c.changes) == 0 {
		fmt.Fprintln(w, "The tables say what the sources say.")
		return
	}
	fmt.Fprintf(w, "%d rows to add, %d to remove, %d cells to change; %d conflicts, %d to judge.\n",
		counts[added], counts[removed], counts[changed], counts[conflict], counts[open])
}

// String returns the line that shows the change.
func (ch change) String() string {
	text := fmt.Sprintf("%s %s", ch.mark, ch.key)
	switch {
	case ch.mark == added:
		text = fmt.Sprintf("%s %s", ch.mark, ch.source)
	case ch.mark == changed || ch.mark == conflict && ch.column != wholeRow && ch.note != unneeded:
		text += "  " + ch.column + ": " + difference(ch.ours, ch.source)
	}
	if ch.note != "" {
		text += "  (" + ch.note + ")"
	}
	return text
}

// difference shows two values; of long lists of words, only the words that
// differ.
func difference(ours, source string) string {
	a, b := strings.Fields(ours), strings.Fields(source)
	if len(a) < 2 && len(b) < 2 {
		return ours + " → " + source
	}
	var words []string
	for _, w := range a {
		if !slices.Contains(b, w) {
			words = append(words, "-"+w)
		}
	}
	for _, w := range b {
		if !slices.Contains(a, w) {
			words = append(words, "+"+w)
		}
	}
	if words == nil {
		return "in another order"
	}
	return strings.Join(words, " ")
}
