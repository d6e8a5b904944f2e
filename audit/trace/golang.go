package trace

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/script"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// goFlags are the flags of go run that take the next word along.
var goFlags = map[string]bool{"-tags": true, "-ldflags": true, "-gcflags": true, "-mod": true, "-exec": true, "-modfile": true, "-p": true, "-overlay": true}

// goRun handles `go run ./x` and `go run x.go`: a program of the repository.
// One of another module, "go run example.org/x@v1", is known by its name or
// not at all.
func (r *run) goRun(c *Command) (start, bool) {
	dir := c.Dir
	args := c.Args[1:]
	for len(args) > 1 && (args[0].String() == "-C" || args[0].String() != "run") {
		if args[0].String() != "-C" {
			return start{}, false
		}
		dir, args = value.Concat(dir, value.Text("/"), args[1]), args[2:]
	}
	if len(args) == 0 || args[0].String() != "run" {
		return start{}, false
	}
	args = args[1:]
	if len(args) > 0 && mageModule.MatchString(args[0].String()) {
		return r.mage(c, dir, args[1:])
	}
	given := map[string]value.Value{}
	for len(args) > 0 && strings.HasPrefix(args[0].String(), "-") {
		masked := args[0].Mask()
		flag, text, joined := strings.Cut(strings.Replace(masked.Text, "--", "-", 1), "=")
		args = args[1:]
		v := masked.Table.Value(text)
		if !joined && (goFlags[flag] || flag == "-C") {
			v = nil
			if len(args) > 0 {
				v, args = args[0], args[1:]
			}
		}
		given[flag] = v
	}
	if folder, ok := given["-C"]; ok {
		dir = value.Concat(dir, value.Text("/"), folder)
	}
	if len(args) == 0 {
		return start{}, false
	}
	in, what, rest, ok := r.goProgram(dir, args)
	if !ok {
		return start{}, false
	}
	in.Tags = strings.FieldsFunc(given["-tags"].String(), func(c rune) bool { return c == ',' || c == ' ' })
	in.Linked = linked(given["-ldflags"])
	if runsMage(in) {
		return r.mage(c, dir, rest)
	}
	if r.goSources(in).text == "" {
		return start{what: what, why: "is not in this checkout", settle: "audit a checkout that has it" + orDescribe}, true
	}
	return r.goStart(in, what, rest), true
}

// linkedValue matches a value that the linker gives a variable, "-X main.name=text".
var linkedValue = regexp.MustCompile(`-X[ =]+["']?([^\s=]+)=("[^"]*"|'[^']*'|[^\s"']*)`)

// linked are the variables that flags of the linker give a value, by their paths.
func linked(flags value.Value) map[string]value.Value {
	out, masked := map[string]value.Value{}, flags.Mask()
	for _, m := range linkedValue.FindAllStringSubmatch(masked.Text, -1) {
		out[m[1]] = masked.Table.Value(strings.Trim(m[2], `"'`))
	}
	return out
}

// goStart runs a program in Go with operands.
func (r *run) goStart(in script.GoInput, what string, rest []value.Value) start {
	return start{
		what: what, file: what,
		run: func(r *run, site *Site, at position) {
			in.Env, in.Operands, in.System = site.Command.Env, rest, r.system(&scope{t: r.t, call: r.call, matrix: matrix(r.job.Job)})
			if describesItself(rest) && !value.Concat(rest...).HoldsCredential() {
				return
			}
			r.golang(in, what, rest, site, at)
		},
	}
}

// selfDescriptions are commands by which a program writes what a shell or a
// reader needs to know of it. It is wrong for a program in which one of them
// does something else.
var selfDescriptions = []string{"completion", "completions", "man", "manpage", "manpages", "help", "--help", "-h"}

// describesItself tells whether the operands of a program make it say what it
// can do, and no more.
func describesItself(operands []value.Value) bool {
	return len(operands) > 0 && slices.Contains(selfDescriptions, operands[0].LiteralOr(""))
}

// goProgram finds the files of a program by the words behind go run. rest are
// its own operands.
func (r *run) goProgram(dir value.Value, args []value.Value) (in script.GoInput, what string, rest []value.Value, ok bool) {
	folder, known := repositoryPath(dir).Literal()
	if !known {
		return in, "", nil, false
	}
	word := pathText(args[0])
	n := 0
	for n < len(args) && strings.HasSuffix(args[n].String(), ".go") {
		in.Files = append(in.Files, path.Base(pathText(args[n])))
		n++
	}
	switch {
	case n > 0:
		word = path.Dir(word)
	case word == "." || strings.HasPrefix(word, "./") || strings.HasPrefix(word, "../"):
		n = 1
	default:
		return in, "", nil, false
	}
	folder = path.Join(folder, word)
	if inner, other := r.inside(folder); other != "" {
		return in, "", nil, false
	} else if folder = inner; strings.HasPrefix(folder, "..") || r.t.away.leaves(word, folder) {
		return in, "", nil, false
	}
	r.goReads(&in, folder)
	return in, path.Clean("./" + folder), args[n:], true
}

// goReads lets a program be read from a folder of the repository.
func (r *run) goReads(in *script.GoInput, folder string) {
	in.Folder, in.List = folder, r.t.repository.Files
	in.Read = func(name string) (string, bool) {
		source, err := r.file(name)
		return string(source), err == nil
	}
}

// goText is what [script.GoSources] returns, with the names of the files that it asked
// for.
type goText struct {
	text  string
	looks bool
	asked map[string]bool
}

// goSources is that function for a program that was not asked for before: many
// jobs may run the same, but for one that has changed a file of it. What it says
// hangs on the words, on the names of the files that the checkout holds, and on the
// texts of those that it asks for, be they there or not.
func (r *run) goSources(in script.GoInput) goText {
	key := in.Folder + "\x00" + strconv.FormatBool(in.Mage) + "\x00" + strings.Join(in.Files, "\x00")
	if p, known := r.t.goPrograms[key]; known && !r.changedAny(p.asked) {
		return p
	}
	p, read := goText{asked: map[string]bool{}}, in.Read
	in.Read = func(name string) (string, bool) {
		p.asked[name] = true
		return read(name)
	}
	p.text, p.looks = script.GoSources(in)
	if !r.changedAny(p.asked) {
		r.t.goPrograms[key] = p
	}
	return p
}

// golang reads a program in Go and emits what was understood of it, and what
// was not. A program that names no variable which holds a credential uses
// none, unless a package of it looks for one: see foreign.
func (r *run) golang(in script.GoInput, what string, args []value.Value, site *Site, at position) {
	program := r.goSources(in)
	sources, looks := program.text, program.looks
	traits := r.t.traits(sources)
	r.foreignExports(foreignScript{
		language: "go", source: sources, file: site.File, line: locate{line: func(int) int { return site.Line }}, env: in.Env, told: site.Command.TellsVariables(),
	})
	handed := sources == "" || looks
	var reads []string
	operands := value.Concat(value.Concat(args...), site.Command.Stdin)
	given := operands.HoldsCredential()
	for _, name := range in.Env.Credentials() {
		starts := traits.startsReader(name)
		handed = handed || starts || strings.Contains(sources, name)
		v, _ := in.Env.Lookup(name)
		outer, set := r.jobEnv.Lookup(name)
		if starts || looks && (!set || !v.Equal(outer) || slices.Contains(rules.GhVariables, name)) {
			reads = append(reads, name)
		}
	}
	pushes := strings.Contains(sources, `"git"`) && strings.Contains(sources, `"push"`)
	moves := traits.mentionsMoves()
	if !handed && !given && !pushes && !moves.Any() {
		return
	}
	result := script.ReadGo(in)
	files := map[string]locate{}
	line := func(file string, offset int) int {
		at, known := files[file]
		if !known {
			source, _ := in.Read(file)
			at = lineOf(source)
			files[file] = at
		}
		return at.line(offset)
	}
	number, seen := r.newScript(), Moves{}
	for n, c := range result.Calls {
		call := Site{File: c.File, Line: line(c.File, c.Start), Step: at.number, step: at.step, Hops: at.hops, Env: in.Env, JobEnv: r.jobEnv}
		if c.Kind != script.Exec {
			call.Call = &c
			r.emit(&call)
			continue
		}
		for _, started := range r.executes(c, number, n, call, at) {
			seen.moved(started)
		}
	}
	why, file, l := "", site.File, site.Line
	if given {
		why = notFollowed
	}
	for _, u := range result.Unread {
		if why == "" {
			file, l = u.File, line(u.File, u.Offset)
			why = "is written in Go, and line " + strconv.Itoa(l) + " of " + file + " " + u.Message
		}
	}
	moves = moves.without(seen)
	switch silent := !handed && !given && !pushes; {
	case silent && !moves.Any():
		return // What it may do with a token is nothing without one.
	case silent && why == "":
		why = "is written in Go, and uses git in a way that is not followed"
	}
	if why != "" {
		r.emit(&Site{
			File: file, Line: l, Step: at.number, step: at.step, Hops: at.hops, Env: in.Env, JobEnv: r.jobEnv,
			Unread: &Unread{what, why, "read what it does with the token" + describeProgram}, Source: sources, Reads: reads, Token: operands, Pushes: pushes, Moves: moves,
		})
	}
}
