package script

import (
	"math"
	"slices"
)

// pyRun is where a start of a program stands among all that the script does, first and
// last, and the conditions of that.
type pyRun struct {
	first, last []int
	scopes      []int
	// apart says that what runs there each time does so under conditions of its own.
	apart bool
}

// pyCalls are the places at which the functions of a script are called, by name; one
// that is handed on, or defined twice, is lost.
type pyCalls struct {
	*pyFlow
	sites map[string][]int
	lost  map[string]bool
	runs  map[*pyRoutine]pyRun
}

// conditions says of the programs that are started under which conditions that is, and
// puts them in the order in which the script runs: those of a function stand where it
// is called last.
func (p *python) conditions(statements [][]pyToken) {
	var at, places []int
	for n, c := range p.result.Calls {
		if c.Kind == Exec {
			at, places = append(at, n), append(places, c.Start)
		}
	}
	if len(at) == 0 {
		return
	}
	calls := p.callSites(statements)
	slices.Sort(places)
	runs := calls.all(slices.Compact(places))
	var ended []pyRun
	for _, offset := range calls.exits[:min(len(calls.exits), maxScopes)] {
		ended = append(ended, pyRun{first: calls.run(offset).first, scopes: []int{calls.scope()}})
	}
	started := make([]Call, len(at))
	for k, n := range at {
		c := p.result.Calls[n]
		run := runs[c.Start]
		c.Scopes = run.scopes
		for _, e := range ended {
			if slices.Compare(run.last, e.first) > 0 {
				c.Scopes, c.Avoided = slices.Concat(e.scopes, c.Scopes), true
			}
		}
		if run.apart {
			c.Scopes = append(slices.Clip(c.Scopes), calls.scope())
		}
		c.Guarded = slices.ContainsFunc(c.Scopes, func(scope int) bool { return !calls.settled[max(scope, -scope)] })
		started[k] = c
	}
	slices.SortStableFunc(started, func(a, b Call) int { return slices.Compare(runs[a.Start].last, runs[b.Start].last) })
	for k, n := range at {
		if started[k].Forgiven != 0 {
			started[k].Forgiven = n + 1
		}
		p.result.Calls[n] = started[k]
	}
}

// all are the runs of the starts at some places. What runs often stands apart where
// others run in between.
func (c *pyCalls) all(places []int) map[int]pyRun {
	runs := map[int]pyRun{}
	for _, offset := range places {
		runs[offset] = c.run(offset)
	}
	for offset, run := range runs {
		if slices.Equal(run.first, run.last) || run.apart {
			continue
		}
		run.apart = len(places) > maxTotal || slices.ContainsFunc(places, func(other int) bool {
			between := runs[other]
			return other != offset && len(between.first) > 0 && slices.Compare(between.last, run.first) > 0 && slices.Compare(between.first, run.last) < 0
		})
		runs[offset] = run
	}
	return runs
}

// callSites finds where the functions of the script are called.
func (p *python) callSites(statements [][]pyToken) *pyCalls {
	c := &pyCalls{pyFlow: p.flow(statements), sites: map[string][]int{}, lost: map[string]bool{}, runs: map[*pyRoutine]pyRun{}}
	for _, s := range p.holed(statements) {
		for i, t := range s {
			f, ours := p.functions[t.text]
			if !ours || t.kind != 'n' || i > 0 && (s[i-1].kind == '.' || pyIs(s[i-1:], "def")) {
				continue
			}
			if f == nil || f.wrapped || f.escapes || i+1 == len(s) || s[i+1].kind != '(' {
				c.lost[t.text] = true
				continue
			}
			c.sites[t.text] = append(c.sites[t.text], t.offset)
		}
	}
	return c
}

// run is where the code at an offset runs.
func (c *pyCalls) run(offset int) pyRun {
	place, scopes := c.at(offset)
	if place == nil || place.routine == nil {
		return pyRun{first: []int{offset}, last: []int{offset}, scopes: scopes}
	}
	by := c.called(place.routine)
	if len(by.last) > maxScopes {
		return anywhere(place.routine)
	}
	by.first, by.last = append(slices.Clip(by.first), offset), append(slices.Clip(by.last), offset)
	by.scopes = c.bounded(slices.Concat(by.scopes, scopes))
	return by
}

// anywhere is where a function runs of which it is not seen.
func anywhere(routine *pyRoutine) pyRun {
	return pyRun{last: []int{math.MaxInt}, scopes: []int{routine.scope}, apart: true}
}

// called is where a function runs. One that is called at several places runs under the
// conditions that these share; of one of which they are not seen it is not known that
// it runs.
func (c *pyCalls) called(routine *pyRoutine) pyRun {
	if run, known := c.runs[routine]; known {
		return run
	}
	whole := anywhere(routine)
	c.runs[routine] = whole
	sites := c.sites[routine.name]
	if len(sites) == 0 || c.lost[routine.name] {
		return whole
	}
	var out pyRun
	for n, site := range sites {
		run := c.run(site)
		if n == 0 {
			out = run
			continue
		}
		out.apart = out.apart || run.apart || !slices.Equal(run.scopes, out.scopes)
		if slices.Compare(run.last, out.last) > 0 {
			out.last = run.last
		}
		if slices.Compare(run.first, out.first) < 0 {
			out.first = run.first
		}
	}
	if len(sites) > 1 && out.apart {
		out.scopes = []int{routine.scope}
	}
	c.runs[routine] = out
	return out
}
