package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/change"
	"github.com/patrol-actions/patrol/audit/value"
)

// interp walks one script.
type interp struct {
	res *Result
	// text is the script that is being read: Source, or an inner one.
	text *text
	st   *scope
	// known are files that came with the input or that cannot be in the
	// result, such as process substitutions.
	known map[string]value.Value
	// gone has the files that the script has removed, and not written since.
	gone map[string]bool
	// partly is Input.Parts.
	partly map[string]bool
	// parsed is Input.Parsed.
	parsed Parsed
	// out takes what the current command prints; nil is the log.
	out *sink
	// in is what the current command reads; nil is nothing that is known.
	in    *stream
	funcs map[string]*function
	calls []*function
	// changes are those of funcs that the shell which is being read has made, and
	// those around it.
	changes []functionChange
	// own is Input.Own, dynamic says that a name that is not known was called,
	// or code that is not here: any function may be.
	own, dynamic bool
	// given is Input.Source, anySet says that what is not seen may have set variables.
	given  string
	anySet bool
	// settable are the words that texts may set.
	settable map[string]settable
	// sources says that it sources a file, live is Input.Live.
	sources bool
	live    func() *Live
	// top is Input.Top, read is Input.Read; sourced is how many files around source
	// the one that is being read.
	top     func(string) (string, bool)
	read    func(file, dir value.Value) (string, bool)
	sourced int
	// changed are the changes that it has made of the files of the checkout, files
	// reads those.
	changed *change.List
	files   *change.Files
	// lent are the readers of the files that it has sourced, by their functions.
	lent map[string]*interp
	// whole is Input.Source as it was parsed, inners are Input.Args and the
	// scripts that stood in its values.
	whole  []*syntax.Stmt
	inners []string
	// poshFuncs and poshCalls are the same for PowerShell.
	poshFuncs, poshCalls []*poshFunction
	// poshDepth is how many calls are within each other, poshBase how many of them
	// are around the script; objects counts the objects that it makes.
	poshDepth, poshBase, objects int
	// folds is Input.Folds.
	folds Folding
	// home is the folder of the script as PowerShell names it, nil where it is not known.
	home value.Value
	// leavables are the parts around that may be left early, early says that one of them may
	// have been by now.
	leavables []*leavable
	early     bool
	// goesOn counts what may end the script or fail, and be passed.
	goesOn int
	// maybe says that the code being walked follows a command that may have failed.
	maybe bool
	// aliases are those of git that the script has set, shorthands those of the shell,
	// which it expands where expands says so.
	aliases    map[string]value.Value
	shorthands map[string]shorthand
	expands    bool
	// pending are the values of several lines that the runner's files are
	// in the midst of.
	pending map[string]*pending
	// held are the comparisons that hold where the script is.
	held []Test
	// round is that of the loop which is walked once for each argument, rounds
	// the number of other loops around; open is the number of unsettled walks.
	round        *round
	rounds, open int
	// taken are the branches that were walked, of the commands of which only
	// some were.
	taken map[syntax.Node]branches
	// choices are those among the words that were expanded last, loose says
	// that one of them may be several, or none.
	choices []choice
	loose   bool
	// target is the variable that is being assigned, captured the one that
	// takes the output of the substitution being walked.
	target, captured      string
	depth, nesting, guard int
	// rehearsing is how many loops are being rehearsed.
	rehearsing int
	// steps are those of the script and of all files that it reads into itself.
	steps *int
	// forgiven is what a failure of the code being walked skips, nil for all that
	// follows; asked says that its status is asked for, ignored that errexit does
	// not hold in there for that; pardons are Command.Forgiven as the walk knows them.
	forgiven *region
	asked    bool
	ignored  bool
	pardons  []*region
	// process and function are the innermost ones that exit and return end.
	process, function *frame
	// lines is Input.Lines.
	lines []Line
	// plain says that the code being walked is the value of a plain assignment,
	// which fails as its substitutions do, ended that the script, and returned
	// that the function, may have ended with success.
	plain, ended, returned bool
	// scopes are Command.Scopes of the code being walked, scoped their number so
	// far; shells are the shells of their own around.
	scopes         []int
	scoped, shells int
	full           bool
	// sure has what the code being walked is sure to set for later steps, level is
	// the guard that this code as a whole has.
	sure  map[stored]bool
	level int
}

// text is a script with all that is needed to read it.
type text struct {
	source string
	table  *value.Table
	// inner: the offsets of source mean nothing in Input.Source; commands
	// are at start and end there.
	inner      bool
	start, end int
	// shift is where source begins in Input.Source otherwise.
	shift int
}

// stream is what a command reads.
type stream struct {
	value value.Value
	// items are the objects that a pipeline of PowerShell hands on, if they are known.
	items []value.Value
}

// sink collects what commands print.
type sink struct {
	value value.Value
	// partial: something was printed that is not in value.
	partial bool
	// items are as in stream.
	items []value.Value
	// outer is the sink around it. What an arm prints goes there in the end, unless
	// it has left what it stands in.
	outer     *sink
	arm, left bool
}

func (s *sink) write(v value.Value) {
	if s != nil {
		s.value = bounded(value.Concat(s.value, v), "…")
	}
}

func newInterp(in Input) *interp {
	res := &Result{
		Env:     map[string]value.Value{},
		Outputs: map[string]value.Value{},
		Files:   map[string]value.Value{},
		Parts:   map[string]bool{},
	}
	i := &interp{
		res:      res,
		text:     &text{source: in.Source, table: in.Table},
		given:    in.Source,
		st:       &scope{env: in.Env, args: in.Args, loose: in.Loose, dir: in.Dir, errexit: in.Errexit, pipefail: in.Pipefail},
		known:    map[string]value.Value{},
		gone:     map[string]bool{},
		sure:     map[stored]bool{},
		settable: map[string]settable{},
		funcs:    map[string]*function{},

		partly: in.Parts,
		parsed: in.Parsed,
		own:    in.Own,
		live:   in.Live,
		top:    in.Top,
		read:   in.Read,
		lines:  in.Lines,
		folds:  in.Folds,

		process: &frame{end: &region{}},
		steps:   new(int),
	}
	i.files = &change.Files{Read: func(name string) (string, bool) { return i.read(value.Text(name), nil) }}
	for path, v := range in.Files {
		i.known[path] = v
	}
	if strings.Contains(in.Source, "nocasematch") {
		i.open++ // texts are compared in another way
	}
	if strings.Contains(in.Source, "lastpipe") {
		i.opens() // the end of a pipe is no shell of its own
	}
	for _, v := range in.Args {
		i.inners = append(i.inners, v.String())
	}
	if in.Stdin != nil {
		i.in = &stream{value: in.Stdin}
	}
	return i
}

// step counts work, and tells whether there may be more.
func (i *interp) step(offset int) bool {
	*i.steps++
	if i.full {
		return false
	}
	if *i.steps > maxSteps || len(i.res.Commands) >= maxCommands {
		i.full, i.res.Truncated, i.res.Opens = true, true, true
		i.problem(offset, "the script is too long; only its beginning was read")
		return false
	}
	return true
}

// problem reports a fault at an offset of the current text.
func (i *interp) problem(offset int, message string) {
	start, _ := i.place(offset, offset)
	i.res.Problems = append(i.res.Problems, Problem{Offset: start, Message: message})
}

// place turns offsets of the current text into offsets of Input.Source.
func (i *interp) place(start, end int) (int, int) {
	if i.text.inner {
		return i.text.start, i.text.end
	}
	end = min(max(end, 0), len(i.text.source))
	return min(max(start, 0), end) + i.text.shift, end + i.text.shift
}

// source returns a piece of the current text for people: on one line, with
// the expressions that stand there.
func (i *interp) source(start, end int) string {
	end = min(max(end, 0), len(i.text.source))
	start = min(max(start, 0), end)
	s := i.text.source[start:end]
	if value.HasPlaceholder(s) {
		s = i.text.table.Value(s).String()
	}
	return oneLine(s, maxOrigin)
}

// call is a simple command with its words expanded.
type call struct {
	args []value.Value
	// loose says that one of args may be several, or none.
	loose bool
	// env lies over the exported variables; bare: it stands alone.
	env        map[string]value.Value
	bare       bool
	output     []Redirect
	start, end int
	// program says that it is none of the shell's functions, whatever their names.
	program bool
	// turns are the choices among its words where xargs runs it.
	turns []choice
	// dir is the folder that it runs in, nil for that of the shell.
	dir value.Value
	// sourced says that it stands behind the dot of PowerShell: it runs in the scope
	// of its caller.
	sourced bool
	// given is Command.Given.
	given *Given
	// runner are the words of the runner that was in front of it, opens says that it
	// has variables besides that are not seen.
	runner []string
	opens  bool
}

// emit reports a command, and that it prints something unknown.
func (i *interp) emit(c *call) {
	if len(i.res.Commands) >= maxCommands {
		i.step(c.start)
		return
	}
	out := Command{
		Args: c.args, Loose: c.loose, Whole: !c.loose, Env: i.environment(c), Dir: i.st.dir, Output: c.output,
		Guarded: i.guard > 0, Avoided: i.ended || i.returned, Scopes: slices.Clone(i.scopes), Held: i.held, Captured: i.captured, Written: i.written(c.args), Runner: c.runner, Given: c.given,
	}
	i.edited(out)
	i.handsOver(c)
	out.Start, out.End = i.place(c.start, c.end)
	if i.in != nil {
		out.Stdin, out.HasStdin = trimNewline(i.in.value), true
	}
	i.res.Commands = append(i.res.Commands, out)
	i.pardons = append(i.pardons, i.failure(&region{len(i.res.Commands)}))
	i.changesFiles(c)
	i.changesOthers(c)
}

// printed says that the current command printed something unknown, which
// may hold the credentials of what it was made from.
func (i *interp) printed(c *call, from ...value.Value) {
	if i.out == nil {
		return
	}
	i.out.partial = true
	i.out.write(value.Concat(value.Opaque("$("+i.source(c.start, c.end)+")", from...), value.Text("\n")))
}

// guarded walks what runs only under a condition.
func (i *interp) guarded(walk func()) {
	i.guard++
	n := len(i.scopes)
	i.scope()
	walk()
	// What may have ended in there has done so for what follows too.
	i.scopes = append(i.scopes[:n:n], i.scopes[n+1:]...)
	i.guard--
}

// scope begins a scope of commands.
func (i *interp) scope() {
	i.scoped++
	i.scopes = append(i.scopes, i.scoped)
}

// apart walks what runs in a shell of its own, or a call, which may end before
// the script does.
func (i *interp) apart(shell bool, walk func()) {
	shells, n, outer, function := i.shells, len(i.scopes), i.process, i.function
	f, early := &frame{end: &region{}}, i.early
	f.failure = i.failure(f.end)
	if i.function = f; shell {
		i.process, i.function = f, nil
		i.shells++
		defer i.restoreFunctions(len(i.changes))
		i.until(leavesScript, walk)
	} else {
		walk()
	}
	i.early = early || i.ended
	i.close(f.end)
	i.process, i.function = outer, function
	i.shells, i.scopes = shells, i.scopes[:n]
}

// branch walks a part of the script in a scope of its own, and returns it.
func (i *interp) branch(walk func()) *scope {
	outer := i.st
	i.st = outer.fork()
	walk()
	t := i.st
	i.st = outer
	return t
}

// capture walks a part of the script and returns what it prints.
func (i *interp) capture(walk func()) *sink {
	return i.into(&sink{outer: i.out}, walk)
}

// captureArm is capture for a part whose output goes where that of the whole does.
func (i *interp) captureArm(walk func()) *sink {
	return i.into(&sink{outer: i.out, arm: true}, walk)
}

func (i *interp) into(s *sink, walk func()) *sink {
	outer := i.out
	i.out = s
	walk()
	i.out = outer
	return s
}

// reading walks a part of the script with its input.
func (i *interp) reading(in *stream, walk func()) {
	outer := i.in
	i.in = in
	walk()
	i.in = outer
}

// deeper walks a call, a substitution or an inner script, unless there are
// too many within each other already.
func (i *interp) deeper(walk func()) {
	if i.depth >= maxDepth {
		i.dynamic = true
		i.opens()
		return
	}
	i.depth++
	walk()
	i.depth--
}

// trimNewline returns v without one newline at its end.
func trimNewline(v value.Value) value.Value {
	if n := len(v); n > 0 && strings.HasSuffix(v[n-1].Text, "\n") {
		return value.Concat(v[:n-1], value.Text(strings.TrimSuffix(v[n-1].Text, "\n")))
	}
	return v
}

// trimNewlines returns v without the newlines at its end, as a command
// substitution does.
func trimNewlines(v value.Value) value.Value {
	n := len(v)
	if n == 0 {
		return v
	}
	last := v[n-1]
	switch {
	case last.OneOf != nil:
		trimmed := make([]value.Value, len(last.OneOf))
		for m, w := range last.OneOf {
			trimmed[m] = trimNewlines(w)
		}
		return value.Concat(v[:n-1], value.Choice(trimmed...))
	case strings.HasSuffix(last.Text, "\n"):
		return value.Concat(v[:n-1], value.Text(strings.TrimRight(last.Text, "\n")))
	}
	return v
}
