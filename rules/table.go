package rules

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// tableFiles are the tables. Nothing of them is read before it is asked for.
//
//go:embed table/*.tsv
var tableFiles embed.FS

// table is a table as it stands in its file.
type table struct {
	info    SourceInfo
	columns []string
	rows    []row
}

// row is one row. Cells are found by the names of the header line.
type row struct {
	table *table
	line  int
	cells []string
}

// cell returns the cell under a column's name, "" for a column that is not
// there, and "" for "-", which tables write for "nothing".
func (r row) cell(column string) string {
	i := slices.Index(r.table.columns, column)
	if i < 0 || r.cells[i] == "-" {
		return ""
	}
	return r.cells[i]
}

// list returns a cell cut at commas; nil for an empty one.
func (r row) list(column string) []string {
	text := r.cell(column)
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// needs, events and condition return a cell in the form of its type.
func (r row) needs(column string) (Needs, error)         { return ParseNeeds(r.cell(column)) }
func (r row) events(column string) ([]Event, error)      { return ParseEvents(r.cell(column)) }
func (r row) condition(column string) (Condition, error) { return ParseCondition(r.cell(column)) }

// parseTable reads a table: comment lines that begin with "#", among them
// "# source: …", "# date: …" and "# version: …", then the header line, then
// one row a line, cells separated by tabs. Further comment lines and empty
// lines may stand anywhere.
func parseTable(name, text string) (*table, error) {
	t := &table{info: SourceInfo{Table: name}, rows: make([]row, 0, strings.Count(text, "\n"))}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "":
		case strings.HasPrefix(line, "#"):
			t.info.note(line)
		case t.columns == nil:
			t.columns = strings.Split(line, "\t")
			if err := checkHeader(t.columns); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, number, err)
			}
		default:
			cells := strings.Split(line, "\t")
			if len(cells) != len(t.columns) {
				return nil, fmt.Errorf("%s:%d: %d cells under %d columns", name, number, len(cells), len(t.columns))
			}
			t.rows = append(t.rows, row{table: t, line: number, cells: cells})
		}
	}
	if t.columns == nil {
		return nil, fmt.Errorf("%s: no header line", name)
	}
	t.info.Rows = len(t.rows)
	return t, nil
}

func checkHeader(columns []string) error {
	for i, c := range columns {
		if !isPermissionName(c) {
			return fmt.Errorf("column name %q: want lower-case letters, digits and _", c)
		}
		if slices.Contains(columns[:i], c) {
			return fmt.Errorf("column %q stands twice", c)
		}
	}
	return nil
}

// openTable reads a table of ours by its file name without ".tsv".
func openTable(name string) (*table, error) {
	text, err := tableFiles.ReadFile("table/" + name + ".tsv")
	if err != nil {
		return nil, fmt.Errorf("table %q: %w", name, err)
	}
	return parseTable(name, string(text))
}

// parsed is a table turned into values, and every fault found in it. A row
// with a fault is left out; the tests see to it that there is none.
type parsed[T any] struct {
	rows []T
	err  error
}

// rows returns a function that on its first call reads the table of that
// name and turns each row into a T. The columns are those that the table
// must have.
func rows[T any](name string, columns []string, parse func(row) (T, error)) func() parsed[T] {
	read := sync.OnceValue(func() parsed[T] {
		t, err := openTable(name)
		if err != nil {
			return parsed[T]{err: err}
		}
		return parseRows(t, columns, parse)
	})
	faults[name] = func() error { return read().err }
	return read
}

// faults are what is wrong with the tables that something reads, by their names.
var faults = map[string]func() error{}

func parseRows[T any](t *table, columns []string, parse func(row) (T, error)) parsed[T] {
	if !slices.Equal(columns, t.columns) {
		return parsed[T]{err: fmt.Errorf("%s: columns %q, want %q", t.info.Table, t.columns, columns)}
	}
	out := parsed[T]{rows: make([]T, 0, len(t.rows))}
	for _, r := range t.rows {
		v, err := parse(r)
		if err != nil {
			out.err = errors.Join(out.err, fmt.Errorf("%s:%d: %w", t.info.Table, r.line, err))
			continue
		}
		out.rows = append(out.rows, v)
	}
	return out
}

// index returns a function that on its first call puts the rows of a table
// under their keys.
func index[T any](table func() parsed[T], key func(T) string) func() map[string][]T {
	return sync.OnceValue(func() map[string][]T {
		out := map[string][]T{}
		for _, v := range table().rows {
			out[key(v)] = append(out[key(v)], v)
		}
		return out
	})
}

// SourceInfo says where a table's knowledge comes from.
type SourceInfo struct {
	// Table is the name of the table's file without ".tsv".
	Table string
	// Source is what it was taken from, Date when, Version which.
	Source, Date, Version string
	// Rows counts its rows.
	Rows int
}

// note takes what a comment line says of the source. Several source lines
// are joined.
func (s *SourceInfo) note(line string) {
	name, value, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "#")), ":")
	value = strings.TrimSpace(value)
	switch name {
	case "source":
		if s.Source != "" {
			value = s.Source + "; " + value
		}
		s.Source = value
	case "date":
		s.Date = value
	case "version":
		s.Version = value
	}
}

// Sources returns what every table is taken from, by name.
func Sources() []SourceInfo {
	names, err := fs.Glob(tableFiles, "table/*.tsv")
	if err != nil {
		return nil
	}
	var out []SourceInfo
	for _, path := range names {
		name := strings.TrimSuffix(strings.TrimPrefix(path, "table/"), ".tsv")
		if t, err := openTable(name); err == nil {
			out = append(out, t.info)
		}
	}
	slices.SortFunc(out, func(a, b SourceInfo) int { return strings.Compare(a.Table, b.Table) })
	return out
}
