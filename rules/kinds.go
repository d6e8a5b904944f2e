package rules

import (
	"fmt"
	"slices"
	"sync"
)

// kindRow is a row of a table of names of several kinds.
type kindRow[K ~string] struct {
	kind K
	name string
}

// kindRows reads a table whose columns are the kind, the name under a column of its
// own, and the note.
func kindRows[K ~string](table, column string, kinds []K) func() parsed[kindRow[K]] {
	return rows(table, []string{"kind", column, "note"}, func(r row) (kindRow[K], error) {
		return parseKind(r, column, kinds)
	})
}

func parseKind[K ~string](r row, column string, kinds []K) (kindRow[K], error) {
	out := kindRow[K]{K(r.cell("kind")), r.cell(column)}
	if !slices.Contains(kinds, out.kind) || out.name == "" {
		return kindRow[K]{}, fmt.Errorf("kind %q, %s %q: want one of the kinds %q, and a name", out.kind, column, out.name, kinds)
	}
	return out, nil
}

// kindNames are the names of each kind, in the order of their table, and for being
// looked up.
type kindNames[K ~string] struct {
	list map[K][]string
	has  map[K]map[string]bool
}

// byKind returns a function that on its first call sorts the rows of a table by
// their kinds.
func byKind[K ~string](table func() parsed[kindRow[K]]) func() kindNames[K] {
	return sync.OnceValue(func() kindNames[K] {
		out := kindNames[K]{map[K][]string{}, map[K]map[string]bool{}}
		for _, r := range table().rows {
			if out.has[r.kind] == nil {
				out.has[r.kind] = map[string]bool{}
			}
			out.list[r.kind] = append(out.list[r.kind], r.name)
			out.has[r.kind][r.name] = true
		}
		return out
	})
}
