package workflow

import (
	"maps"

	"github.com/rhysd/actionlint"
)

// combination is one job of a matrix: its values by key, nil for one that only the
// run knows.
type combination map[string]actionlint.RawYAMLValue

// lacks returns the dotted names of which some combinations of a matrix have no
// value, as only include: adds them to others, or because they are the properties
// of objects of which not all have them. Of a matrix too large to be written out,
// and of what expressions add to it, nothing is said.
// Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrixinclude
func lacks(m *actionlint.Matrix) map[string]bool {
	base, ok := product(m)
	if !ok {
		return nil
	}
	all := include(base, m.Include)
	counts := map[string]int{}
	for _, c := range all {
		names := map[string]bool{}
		for key, v := range c {
			leaves(names, key, v)
		}
		for name := range names {
			counts[name]++
		}
	}
	maps.DeleteFunc(counts, func(_ string, n int) bool { return n == len(all) })
	out := make(map[string]bool, len(counts))
	for name := range counts {
		out[name] = true
	}
	return out
}

// product returns the combinations of the rows that exclude: leaves; ok is false
// where there are too many.
func product(m *actionlint.Matrix) (out []combination, ok bool) {
	for name, row := range m.Rows {
		values := row.Values
		if row.Expression != nil || len(values) == 0 {
			values = []actionlint.RawYAMLValue{nil}
		}
		before := out
		if before == nil {
			before = []combination{{}}
		}
		if len(before)*len(values) > maxMatrix {
			return nil, false
		}
		out = nil
		for _, c := range before {
			for _, v := range values {
				next := maps.Clone(c)
				next[name] = v
				out = append(out, next)
			}
		}
	}
	if m.Exclude == nil {
		return out, true
	}
	var kept []combination
next:
	for _, c := range out {
		for _, e := range m.Exclude.Combinations {
			if e.Expression == nil && c.has(e) {
				continue next
			}
		}
		kept = append(kept, c)
	}
	return kept, true
}

// has tells whether what an entry of include: or exclude: says of the rows is so in
// a combination of these.
func (c combination) has(entry *actionlint.MatrixCombination) bool {
	for key, assign := range entry.Assigns {
		if v, row := c[key]; row && (v == nil || !v.Equals(assign.Value)) {
			return false
		}
	}
	return true
}

// include adds the entries of include: each to the combinations of the rows that
// it changes no value of, or else as one of its own.
func include(base []combination, list *actionlint.MatrixCombinations) []combination {
	if list == nil {
		return base
	}
	all := make([]combination, len(base))
	for n, c := range base {
		all[n] = maps.Clone(c)
	}
	for _, entry := range list.Combinations {
		if entry.Expression != nil {
			continue
		}
		added := combination{}
		for key, assign := range entry.Assigns {
			added[key] = assign.Value
		}
		extended := false
		for n, c := range base {
			if c.has(entry) {
				maps.Copy(all[n], added)
				extended = true
			}
		}
		if !extended {
			all = append(all, added)
		}
	}
	return all
}

// leaves adds the dotted names of what stands in a value.
func leaves(names map[string]bool, name string, v actionlint.RawYAMLValue) {
	object, ok := v.(*actionlint.RawYAMLObject)
	if !ok {
		names[name] = true
		return
	}
	for key, property := range object.Props {
		leaves(names, name+"."+key, property)
	}
}
