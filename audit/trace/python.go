package trace

import (
	"strconv"

	"github.com/patrol-actions/patrol/audit/script"
)

// python reads a script of Python and emits what was understood of it. It
// returns what was not, in words; "" where that is nothing.
func (r *run) python(f foreignScript) (rest string) {
	result := script.ReadPython(script.Input{Source: f.source, Table: f.table, Path: f.file, Env: f.env})
	for _, c := range result.Calls {
		site := Site{File: f.file, Line: f.line.line(c.Start), Step: f.at.number, step: f.at.step, Hops: f.at.hops, Env: f.env, JobEnv: r.jobEnv}
		if c.Kind != script.Exec {
			site.Call = &c
			r.emit(&site)
			continue
		}
		for _, command := range execCommands(c, f.env) {
			site := site
			site.Env = command.Env
			site.Command = &Command{Command: command, text: func(int, int) string { return commandText(command) }}
			r.emit(&site)
			r.follow(&site, f.at)
		}
	}
	for _, u := range result.Unread {
		return "line " + strconv.Itoa(f.line.line(u.Offset)) + " " + u.Message
	}
	return ""
}
