package script

import "github.com/patrol-actions/patrol/audit/value"

// sets notes that an output, or a variable for later steps, is set.
func (r *reader) sets(into map[string]value.Value, name string, v value.Value) {
	if before, ok := into[name]; ok && !before.Equal(v) {
		v = limited(value.Choice(before, v))
	}
	into[name] = v
	r.sure[name] = r.sure[name] || len(r.ended) == 0
}

// setByAll notes what each of several regions sets, where one of them runs in any
// case.
func (r *reader) setByAll(exhaustive bool, regions []map[string]bool) {
	if !exhaustive || len(regions) == 0 {
		return
	}
	counts := map[string]int{}
	for _, sure := range regions {
		for name, is := range sure {
			if is {
				counts[name]++
			}
		}
	}
	for name, n := range counts {
		if n == len(regions) {
			r.sure[name] = true
		}
	}
}

// unsure returns the names that are not sure to be set.
func (r *reader) unsure(set map[string]value.Value) map[string]bool {
	out := map[string]bool{}
	for name := range set {
		if !r.sure[name] {
			out[name] = true
		}
	}
	return out
}
