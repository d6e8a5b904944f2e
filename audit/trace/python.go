package trace

import (
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/script"
	"github.com/patrol-actions/patrol/audit/value"
)

// python reads a script of Python and emits what was understood of it. It
// returns what was not, in words; "" where that is nothing. A script that may
// push is understood where every mention of that is a call of git.
func (r *run) python(f foreignScript, pushes bool) (rest string) {
	pushed := map[int]bool{}
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
			if words := site.Command.Args; len(words) > 0 && words[0].LiteralOr("") == "git" && slices.ContainsFunc(words, func(v value.Value) bool { return v.LiteralOr("") == "push" }) {
				pushed[c.Start] = true
			}
			r.emit(&site)
			r.follow(&site, f.at)
		})
	}
	for _, u := range result.Unread {
		return "line " + strconv.Itoa(f.line.line(u.Offset)) + " " + u.Message
	}
	deploys := slices.ContainsFunc(deployers, func(call string) bool { return strings.Contains(f.source, call) })
	if pushes && (deploys || strings.Count(f.source, "push") > len(pushed)) {
		return "may push in a way that is not known here"
	}
	return ""
}
