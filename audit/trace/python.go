package trace

import (
	"strconv"

	"github.com/patrol-actions/patrol/audit/script"
)

// python reads a script of Python and emits what was understood of it. It
// returns what was not, in words; "" where that is nothing.
func (r *run) python(f foreignScript) (rest string) {
	result := script.ReadPython(script.Input{Source: f.source, Table: f.table, Path: f.file, Env: f.env})
	program := r.newScript()
	for n, c := range result.Calls {
		site := Site{File: f.file, Line: f.line.line(c.Start), Step: f.at.number, step: f.at.step, Hops: f.at.hops, Env: f.env, JobEnv: r.jobEnv}
		if c.Kind != script.Exec {
			site.Call = &c
			r.emit(&site)
			continue
		}
		r.executes(c, f.env, program, n, site, func(site Site) {
			r.emit(&site)
			r.follow(&site, f.at)
		})
	}
	for _, u := range result.Unread {
		return "line " + strconv.Itoa(f.line.line(u.Offset)) + " " + u.Message
	}
	return ""
}
