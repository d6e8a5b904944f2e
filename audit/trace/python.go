package trace

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/script"
	"github.com/patrol-actions/patrol/audit/value"
)

// placed is the file and line of an offset in a script, or in a module of the
// project that it takes in.
func (r *run) placed(f foreignScript, file string, offset int) (string, int) {
	if file == "" || file == f.file {
		return f.file, f.line.line(offset)
	}
	source, _ := r.module(file)
	return r.inRepository(file), lineOf(source).line(offset)
}

// python reads a script of Python and emits what was understood of it. It
// returns what was not, in words; "" where that is nothing. A script that may
// push is understood where every mention of that is a call of git; left is what it
// may do to the working tree of moves, besides the calls of git that were seen.
func (r *run) python(f foreignScript, pushes bool, moves Moves) (rest string, left Moves) {
	pushed, seen := map[int]bool{}, Moves{}
	in := script.Input{Source: f.source, Table: f.table, Path: f.file, Env: f.env, Args: f.args, Import: r.module}
	if f.env.IsClosed() {
		sources, _ := r.pythonModules(f.file, f.source)
		if !script.AsksOnly(append(sources, f.source)...) {
			in.Env = f.env.Opened()
		}
	}
	if !strings.HasPrefix(f.file, ".github/workflows/") {
		in.Alias = func(name, folder string) []string { return r.pythonFiles(path.Join(folder, "x.py"), name) }
	}
	result := script.ReadPython(in)
	program := r.newScript()
	for n, c := range result.Calls {
		file, line := r.placed(f, c.File, c.Start)
		site := Site{File: file, Line: line, Step: f.at.number, step: f.at.step, Hops: f.at.hops, Env: f.env, JobEnv: r.jobEnv}
		if c.Kind != script.Exec {
			site.Call = &c
			r.emit(&site)
			continue
		}
		for _, started := range r.executes(c, program, n, site, f.at) {
			if words := started.Args; words[0].LiteralOr("") == "git" && slices.ContainsFunc(words, func(v value.Value) bool { return v.LiteralOr("") == "push" }) {
				pushed[c.Start] = true
			}
			seen.moved(started)
		}
	}
	left = moves.without(seen)
	if len(result.Unread) > 0 {
		u := result.Unread[0]
		file, line := r.placed(f, u.File, u.Offset)
		if file != f.file {
			return "line " + strconv.Itoa(line) + " of " + file + " " + u.Message, left
		}
		return "line " + strconv.Itoa(line) + " " + u.Message, left
	}
	deploys := slices.ContainsFunc(deployers, func(call string) bool { return strings.Contains(f.source, call) })
	if pushes && (deploys || strings.Count(f.source, "push") > len(pushed)) {
		return "may push in a way that is not known here", left
	}
	if left.Any() {
		return "uses git in a way that is not known here", left
	}
	return "", left
}
