package shell

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// watched returns the command that watch runs again and again: a script that
// is its words, joined.
func watched(c *call) (*call, bool) {
	n := 1
	for ; n < len(c.args); n++ {
		switch s := c.args[n].LiteralOr(""); {
		case s == "-n" || s == "--interval" || s == "-q" || s == "--equexit":
			n++
			continue
		case strings.HasPrefix(s, "-"):
			continue
		}
		break
	}
	if n >= len(c.args) {
		return nil, false
	}
	return c.scripted(join(c.args[n:])), true
}

// parallel returns the command that GNU parallel runs, once for what stands
// behind ":::" or is read: a script that is its words, joined, or where there
// are none, each of the arguments.
func (i *interp) parallel(c *call) (*call, bool) {
	end := slices.IndexFunc(c.args, func(v value.Value) bool { return strings.HasPrefix(v.LiteralOr(""), ":::") })
	given := end >= 0
	if !given {
		end = len(c.args)
	}
	n := 1
	for ; n < end; n++ {
		s := c.args[n].LiteralOr("")
		if !strings.HasPrefix(s, "-") {
			break
		}
		if slices.Contains(parallelValues, s) {
			n++
		}
	}
	n = min(n, end)
	operand := value.Unknown("$(parallel)")
	if given && end+1 < len(c.args) && c.args[end].LiteralOr("") == ":::" {
		operand = value.Choice(c.args[end+1:]...)
		if n == end {
			var lines []value.Value
			for _, v := range c.args[end+1:] {
				lines = append(lines, v, value.Text("\n"))
			}
			return c.scripted(value.Concat(lines...)), true
		}
	}
	if n == end {
		return nil, false
	}
	script := join(c.args[n:end])
	if !strings.Contains(script.String(), "{") {
		script = value.Concat(script, value.Text(" {}"))
	}
	return c.scripted(substituteText(script, "{}", operand)), true
}

// parallelValues are the flags of GNU parallel that take the next word along.
var parallelValues = []string{"-j", "--jobs", "-P", "-a", "--arg-file", "-N", "-n", "-L", "-d", "--delimiter", "--colsep", "-C", "--joblog", "--retries", "--timeout", "--delay", "--halt", "--results", "-I", "-S", "--env", "--tagstring", "--max-args", "--wd", "--tmpdir", "--load"}

// substituteText replaces text within the literal parts of a value.
func substituteText(v value.Value, old string, with value.Value) value.Value {
	if old == "" {
		return v
	}
	var out []value.Value
	for _, p := range v {
		if p.Text == "" {
			out = append(out, value.Value{p})
			continue
		}
		out = append(out, replaceText(p.Text, old, with, true))
	}
	return bounded(value.Concat(out...), "…")
}

// found returns the command of find -exec.
func found(c *call) (*call, bool) {
	for n, v := range c.args {
		if s := v.LiteralOr(""); s != "-exec" && s != "-execdir" && s != "-ok" {
			continue
		}
		var args []value.Value
		files := value.Unknown("$(" + join(c.args[:n]).String() + ")")
		for _, w := range c.args[n+1:] {
			if s := w.LiteralOr(""); s == ";" || s == "+" {
				break
			}
			args = append(args, substituteText(w, "{}", files))
		}
		return c.with(args), true
	}
	return nil, false
}
