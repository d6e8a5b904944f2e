package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// table is a file of tab-separated rows, with its comment lines.
type table struct {
	path, name string
	// comments are the lines before the header line.
	comments []string
	columns  []string
	rows     []row
	// changed tells that the rows or the head are no longer the file's.
	changed bool
}

// row is a row's cells. "-" is an empty one.
type row []string

func tablePath(folder, name string) string { return filepath.Join(folder, name+".tsv") }

// readTable reads a table that has at least the given columns.
func readTable(path string, columns ...string) (*table, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t := &table{path: path, name: strings.TrimSuffix(filepath.Base(path), ".tsv")}
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		line = strings.TrimSuffix(line, "\r")
		switch {
		case t.columns == nil && strings.HasPrefix(line, "#"):
			t.comments = append(t.comments, line)
		case t.columns == nil:
			t.columns = strings.Split(line, "\t")
		default:
			r := row(strings.Split(line, "\t"))
			if len(r) != len(t.columns) {
				return nil, fmt.Errorf("%s:%d: %d cells under %d columns", path, i+1, len(r), len(t.columns))
			}
			t.rows = append(t.rows, r)
		}
	}
	if t.columns == nil || t.columns[0] == "" {
		return nil, fmt.Errorf("%s: no header line", path)
	}
	for _, c := range columns {
		if !slices.Contains(t.columns, c) {
			return nil, fmt.Errorf("%s: no column %q", path, c)
		}
	}
	return t, nil
}

// write puts the table into its file.
func (t *table) write() error {
	lines := append(slices.Clone(t.comments), strings.Join(t.columns, "\t"))
	for _, r := range t.rows {
		lines = append(lines, strings.Join(r, "\t"))
	}
	return os.WriteFile(t.path, []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

// cell returns a cell, "-" where it is empty or the column is not there.
func (t *table) cell(r row, column string) string {
	if i := slices.Index(t.columns, column); i >= 0 {
		return r[i]
	}
	return "-"
}

func (t *table) set(r row, column, value string) {
	if i := slices.Index(t.columns, column); i >= 0 {
		r[i] = orDash(value)
		t.changed = true
	}
}

// newRow returns a row with the cells given by column.
func (t *table) newRow(cells map[string]string) row {
	r := make(row, len(t.columns))
	for i, c := range t.columns {
		r[i] = orDash(cells[c])
	}
	return r
}

// insert adds a row where it belongs by the columns that the table is sorted
// by; empty cells come first.
func (t *table) insert(r row, by ...string) {
	at := len(t.rows)
	for i, other := range t.rows {
		if slices.Compare(t.key(other, by), t.key(r, by)) > 0 {
			at = i
			break
		}
	}
	t.rows = slices.Insert(t.rows, at, r)
	t.changed = true
}

func (t *table) key(r row, columns []string) []string {
	var key []string
	for _, c := range columns {
		key = append(key, empty(t.cell(r, c)))
	}
	return key
}

// remove takes out the rows for which out holds.
func (t *table) remove(out func(row) bool) {
	before := len(t.rows)
	t.rows = slices.DeleteFunc(t.rows, out)
	t.changed = t.changed || len(t.rows) != before
}

// version returns the version of a source that the head names ("REST API",
// "@octokit/openapi"), "" if it names none.
func (t *table) version(source string) string {
	for _, line := range t.comments {
		if m := versionOf(source).FindStringSubmatch(line); m != nil {
			return m[2]
		}
	}
	return ""
}

// setVersion writes the version of a source into the head, where that names
// the source.
func (t *table) setVersion(source, version string) {
	for i, line := range t.comments {
		t.comments[i] = versionOf(source).ReplaceAllString(line, "${1}"+version)
	}
}

func (t *table) setDate(date string) {
	for i, line := range t.comments {
		if strings.HasPrefix(line, "# date:") {
			t.comments[i] = "# date: " + date
		}
	}
}

func versionOf(source string) *regexp.Regexp {
	return regexp.MustCompile(`^(# version:.*` + regexp.QuoteMeta(source) + ` )([^\s,]+)`)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func empty(s string) string {
	if s == "-" {
		return ""
	}
	return s
}
