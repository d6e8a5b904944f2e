package shell

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// runnerFile returns "env", "output" or "path" for the files in which the runner
// looks for variables, outputs and folders of programs, another name for its other
// files, or nothing.
func runnerFile(p value.Value) string {
	if slices.ContainsFunc(p, func(part value.Part) bool {
		return strings.Contains(part.Text+part.Unknown, "_runner_file_commands/set_env_")
	}) {
		return "env" // found by its place
	}
	if len(p) != 1 {
		return ""
	}
	s := strings.ToLower(p[0].Context + p[0].Unknown)
	s = strings.Trim(strings.TrimPrefix(s, "$env:"), "${} %")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "env."), "github")
	switch s {
	case ".env", "_env":
		return "env"
	case ".output", "_output":
		return "output"
	case ".path", "_path":
		return "path"
	case ".state", "_state", ".step_summary", "_step_summary":
		return "other"
	}
	return ""
}

// TellsVariables tells whether a command is given the file of the runner that sets
// variables for later steps: to write its output to, or as one of its words.
func (c Command) TellsVariables() bool {
	given := func(v value.Value) bool {
		return slices.ContainsFunc(v, func(p value.Part) bool { return runnerFile(value.Value{p}) == "env" })
	}
	return slices.ContainsFunc(c.Output, func(o Redirect) bool { return given(o.Path) }) || len(c.Args) > 1 && slices.ContainsFunc(c.Args[1:], given)
}

// isEnvFile tells whether a path may be that file, in one of its alternatives or a part.
func isEnvFile(path value.Value) bool {
	return slices.ContainsFunc(path, func(p value.Part) bool {
		return runnerFile(value.Value{p}) == "env" || slices.ContainsFunc(p.OneOf, isEnvFile)
	})
}

// handsOver notes where a program is handed that file, or its name, which may write
// to it. What the programs write that print is read elsewhere.
func (i *interp) handsOver(c *call) {
	base := c.args[0].LiteralOr("")
	filters := rules.Filters.Has(base)
	reads := printer(base) != nil && !slices.Contains(copiers, base) && !(filters && edits(c))
	if reads && !filters {
		return
	}
	for name, v := range c.env {
		i.res.Opens = i.res.Opens || name != "GITHUB_ENV" && isEnvFile(v)
	}
	i.res.Opens = i.res.Opens || slices.ContainsFunc(c.args[1:], func(v value.Value) bool {
		written := slices.ContainsFunc(c.output, func(r Redirect) bool { return r.Path.Equal(v) })
		return !written && (!reads && isEnvFile(v) || strings.Contains(v.Mask().Text, "GITHUB_ENV"))
	})
}

// edits tells whether a filter changes the files that it is given.
func edits(c *call) bool {
	return slices.ContainsFunc(c.args[1:], func(v value.Value) bool {
		s := v.LiteralOr("")
		return strings.HasPrefix(s, "--in-place") || isFlags(s) && strings.Contains(s, "i")
	})
}

// pending is a value of several lines that is being written: NAME<<END,
// the lines, END.
type pending struct {
	name, end value.Value
	lines     []value.Value
}

// runnerLines reads what is written to a file of the runner.
func (i *interp) runnerLines(file string, content value.Value) {
	switch file {
	case "env", "output":
	case "path":
		i.onPath(content)
		return
	default:
		return
	}
	if len(content) == 1 && content[0].OneOf != nil && i.pending[file] == nil {
		i.runnerChoice(file, content[0].OneOf)
		return
	}
	all := linesOf(content)
	i.res.Opens = i.res.Opens || file == "env" && len(all) >= maxWords
	for _, l := range all {
		line := l.value
		if len(line) == 1 && line[0].OneOf != nil && i.pending[file] == nil {
			i.runnerChoice(file, line[0].OneOf)
			continue
		}
		if p := i.pending[file]; p != nil {
			if line.Equal(p.end) {
				i.store(file, p.name, joinLines(p.lines), l.maybe)
				delete(i.pending, file)
			} else if len(p.lines) < maxWords {
				p.lines = append(p.lines, line)
			}
			continue
		}
		m := line.Mask()
		equals, heredoc := strings.Index(m.Text, "="), strings.Index(m.Text, "<<")
		switch {
		case equals > 0 && (heredoc < 0 || equals < heredoc):
			i.store(file, m.Table.Value(m.Text[:equals]), m.Table.Value(m.Text[equals+1:]), l.maybe)
		case heredoc > 0:
			if i.pending == nil {
				i.pending = map[string]*pending{}
			}
			i.pending[file] = &pending{name: m.Table.Value(m.Text[:heredoc]), end: m.Table.Value(m.Text[heredoc+2:])}
		default:
			found, _, whole := i.passedFrom(line)
			for _, set := range found {
				i.store(file, value.Text(set.Name), set.Value, l.maybe)
			}
			if _, plain := FileOf(line); file == "env" && !(plain && whole) && !isBlank(line) {
				i.res.Opens = true
			}
			if len(found) == 0 && file == "env" {
				i.opened(line)
			}
		}
	}
}

// onPath puts folders before those in which programs are looked for.
func (i *interp) onPath(content value.Value) {
	for _, l := range linesOf(content) {
		before, set := i.res.Env["PATH"]
		if !set {
			before, set = i.st.env.Lookup("PATH")
		}
		if !set {
			before = value.Unknown("$PATH")
		}
		i.store("env", value.Text("PATH"), value.Concat(l.value, value.Text(":"), before), l.maybe)
	}
}

// runnerChoice reads what is one of several lines.
func (i *interp) runnerChoice(file string, choices []value.Value) {
	i.guard++
	var sure []map[stored]bool
	for _, v := range choices {
		sure = append(sure, i.region(func() { i.runnerLines(file, v) }))
	}
	i.setByAll(sure)
	i.guard--
}

// finish stores values whose end was not seen.
func (i *interp) finish() {
	for _, file := range []string{"env", "output"} {
		if p := i.pending[file]; p != nil {
			i.store(file, p.name, joinLines(p.lines), false)
			i.res.Opens = i.res.Opens || file == "env" // its end is not seen
		}
	}
}

// isBlank tells whether a value is a text without anything in it.
func isBlank(v value.Value) bool {
	s, known := v.Literal()
	return known && strings.TrimSpace(s) == ""
}

// store sets a variable or output. A name that is not all known counts for
// each of its alternatives, or stands as its source. maybe: it is not sure
// to be set.
func (i *interp) store(file string, name, v value.Value, maybe bool) {
	to := i.res.Outputs
	if file == "env" {
		to = i.res.Env
	}
	names := name.Alternatives()
	sure := !maybe && len(names) == 1 && i.guard == i.level && !i.ended && !i.returned
	maybe = maybe || i.guard > 0 || i.early || i.maybe
	for _, alternative := range names {
		if _, known := alternative.Literal(); file == "env" && (!known || len(to) >= maxWords) {
			i.res.Opens = true
			i.storeAny(v)
		}
		key := strings.TrimSpace(alternative.String())
		if key == "" || len(to) >= maxWords {
			continue
		}
		kept := v
		old, ok := to[key]
		if ok && maybe {
			kept = choose("$"+key, old, v)
		}
		to[key] = kept
		if sure {
			i.sure[stored{file, key}] = true
		}
	}
}

// storeAny notes a variable whose name is not known and whose value is that of the
// variable of this name (NAME=${!NAME}): it may be one that tells gh where to go.
func (i *interp) storeAny(v value.Value) {
	if !slices.ContainsFunc(v, func(p value.Part) bool { return strings.HasPrefix(p.Unknown, "${!") }) {
		return
	}
	for _, name := range rules.GhPlaces {
		if told, set := i.st.lookup(name); set && !told.unset {
			i.store("env", value.Text(name), told.value, true)
		}
	}
}

// line is a line of a value; maybe: only some alternatives have it.
type line struct {
	value value.Value
	maybe bool
}

// lines parts a value at its newlines.
func lines(v value.Value) []value.Value {
	list := linesOf(v)
	out := make([]value.Value, len(list))
	for n, l := range list {
		out[n] = l.value
	}
	return out
}

// linesOf parts a value at its newlines. Alternatives that hold whole lines,
// as branches print them, are read one after the other.
func linesOf(v value.Value) []line {
	var out []line
	var rest value.Value
	for _, p := range v {
		if p.OneOf != nil && hasLines(p.OneOf) {
			for _, w := range p.OneOf {
				for _, l := range linesOf(value.Concat(rest, w)) {
					if len(out) < maxWords {
						out = append(out, line{l.value, true})
					}
				}
			}
			rest = nil
			continue
		}
		if p.Text == "" {
			rest = value.Concat(rest, value.Value{p})
			continue
		}
		head, s, ok := strings.Cut(p.Text, "\n")
		for ok && len(out) < maxWords {
			out = append(out, line{value.Concat(rest, value.Text(strings.TrimSuffix(head, "\r"))), false})
			rest = nil
			head, s, ok = strings.Cut(s, "\n")
		}
		rest = value.Concat(rest, value.Text(head))
	}
	if len(rest) > 0 && len(out) < maxWords {
		out = append(out, line{rest, false})
	}
	return out
}

// hasLines tells whether an alternative ends a line.
func hasLines(choices []value.Value) bool {
	for _, v := range choices {
		if n := len(v); n > 0 && strings.HasSuffix(v[n-1].Text, "\n") {
			return true
		}
		if n := len(v); n > 0 && v[n-1].OneOf != nil && hasLines(v[n-1].OneOf) {
			return true
		}
	}
	return false
}

func joinLines(list []value.Value) value.Value {
	var all []value.Value
	for n, v := range list {
		if n > 0 {
			all = append(all, value.Text("\n"))
		}
		all = append(all, v)
	}
	return bounded(value.Concat(all...), "…")
}

// log reads the workflow commands in what is printed to the log:
// ::set-output name=x::v and ::set-env name=x::v, which old scripts use.
func (i *interp) log(v value.Value) {
	if len(v) == 0 || !strings.Contains(v[0].Text, "::set-") {
		return
	}
	for _, line := range lines(v) {
		m := line.Mask()
		s := strings.TrimSpace(m.Text)
		file := "output"
		rest, ok := strings.CutPrefix(s, "::set-output name=")
		if !ok {
			file = "env"
			if rest, ok = strings.CutPrefix(s, "::set-env name="); !ok {
				continue
			}
		}
		if name, v, ok := strings.Cut(rest, "::"); ok {
			i.store(file, m.Table.Value(name), m.Table.Value(v), false)
		}
	}
}
