package shell

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// maxSourced bounds how deep files source one another for their variables.
const maxSourced = 4

// defined takes over the variables that a file of the checkout sets where a script
// sources it, and lends its functions: these set nothing before they are called. What
// the file runs, with the functions that nothing is seen to call, is for who reads the
// repository.
func (i *interp) defined(c *call) {
	if i.read == nil || i.sourced >= maxSourced || len(c.args) < 2 {
		i.opens()
		return
	}
	source, ok := i.readNow(c.args[1])
	if !ok {
		i.opens()
		return
	}
	inner := i.reader(source)
	if len(c.args) > 2 {
		inner.st.args = c.args[2:]
	}
	leave := i.inside(inner)
	i.through(inner, c.start, func() { inner.fileOf(func() { inner.statements() }) })
	leave()
	inner.st.dead = i.st.dead
	inner.st.args, inner.st.loose = i.st.args, i.st.loose
	inner.st.errexit, inner.st.pipefail = i.st.errexit, i.st.pipefail
	i.st.adopt(inner.st)
	if i.lent == nil {
		i.lent = map[string]*interp{}
	}
	for name := range inner.funcs {
		i.lent[name] = inner
	}
	maps.Copy(i.lent, inner.lent)
}

// reader returns what reads a file of the checkout into the script.
func (i *interp) reader(source string) *interp {
	inner := newInterp(Input{Source: source, Args: i.st.args, Dir: i.st.dir, Parts: i.partly, Parsed: i.parsed, Top: i.top, Own: true, Read: i.readFrom, Folds: i.folds})
	inner.known, inner.sourced, inner.steps = i.known, i.sourced+1, i.steps
	inner.st = i.st.fork()
	return inner
}

// through walks code of a file that the script reads into itself. Where not all of it
// could be read, the script was not either.
func (i *interp) through(inner *interp, offset int, walk func()) {
	walk()
	if inner.full {
		*i.steps = max(*i.steps, maxSteps)
		i.step(offset)
	}
}

// fileOf walks a file that is sourced, which return ends.
func (i *interp) fileOf(walk func()) {
	var t *scope
	left := i.until(leavesScript, func() { t = i.branch(walk) })
	i.returns(t, left)
}

// borrowed takes over the variables that a function of a sourced file sets where
// the script calls it, for itself and for later steps. What it runs is for who reads the repository.
func (i *interp) borrowed(c *call) {
	name := c.args[0].LiteralOr("")
	inner := i.lent[name]
	if inner == nil || c.bare || i.depth >= maxDepth {
		return
	}
	f := inner.functionOf(name)
	if f == nil {
		return
	}
	outer := inner.st
	inner.st = i.st.fork()
	leave := i.inside(inner)
	i.takeStored(inner, func() { i.through(inner, c.start, func() { inner.run(f, c) }) })
	leave()
	t := inner.st
	inner.st, t.dead = outer, i.st.dead
	i.st.adopt(t)
}

// takeStored takes over what code of a sourced file sets for later steps.
func (i *interp) takeStored(inner *interp, walk func()) {
	env, outputs := inner.res.Env, inner.res.Outputs
	inner.res.Env, inner.res.Outputs = map[string]value.Value{}, map[string]value.Value{}
	sure := inner.region(walk)
	for file, set := range map[string]map[string]value.Value{"env": inner.res.Env, "output": inner.res.Outputs} {
		for _, name := range slices.Sorted(maps.Keys(set)) {
			i.store(file, value.Text(name), set[name], !sure[stored{file, name}])
		}
	}
	inner.res.Env, inner.res.Outputs = env, outputs
}

// startup is what bash reads before a script where BASH_ENV names a file.
func (i *interp) startup() {
	if file, ok := i.st.env.Lookup("BASH_ENV"); ok && len(file) > 0 {
		source(i, &call{args: []value.Value{value.Text("source"), file}})
	}
}

// fileWord matches what may be the name of a file in the source of a command.
var fileWord = regexp.MustCompile(`[\w./-]*[./][\w./-]+|[\w-]+\.\w+`)

// ofGh matches where code writes the variables that tell gh the repository and the
// server: in whatever language it prints them.
var ofGh = regexp.MustCompile(`\b(GH_REPO|GH_HOST)["']?\s*[=:]\s*["']?([^\s"']+)`)

// Setting is a variable that a file sets.
type Setting struct {
	Name  string
	Value value.Value
}

// Settings are the variables that a file sets in its lines. Of a file that holds
// anything else only those are told that tell gh where to go, and whole is false.
func Settings(text string) (out []Setting, whole bool) {
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, v, ok := strings.Cut(line, "=")
		if !ok || !syntax.ValidName(name) {
			out = nil
			for _, m := range ofGh.FindAllStringSubmatch(text, -1) {
				out = append(out, Setting{m[1], plainText(m[2])})
			}
			return out, false
		}
		out = append(out, Setting{name, plainText(unquoted(v))})
	}
	return out, true
}

// unquoted is a value without its quotes, or without the comment behind it.
func unquoted(v string) string {
	v = strings.TrimSpace(v)
	if v != "" && strings.Contains(`"'`, v[:1]) {
		if inner, _, ok := strings.Cut(v[1:], v[:1]); ok {
			return inner
		}
	}
	v, _, _ = strings.Cut(v, " #")
	return strings.Trim(v, `"' `)
}

// plainText is the value of a text that a file gives a variable. One that takes in
// others is not known, but for the name of the own repository.
func plainText(text string) value.Value {
	switch {
	case text == "$GITHUB_REPOSITORY" || text == "${GITHUB_REPOSITORY}":
		return value.Context("github.repository")
	case strings.ContainsAny(text, "$`{}<%"):
		return value.Unknown(text)
	}
	return value.Text(text)
}

// passedOn returns the variables that files of the checkout set whose text a command
// passes on, by the source of what it prints: "$(cat ci/release.env)",
// "$(grep -v '^#' .env | xargs)"; exported says that it exports them. What a filter
// takes out of it is not seen.
func (i *interp) passedOn(printed value.Value) (found []Setting, exported bool) {
	found, exported, _ = i.passedFrom(printed)
	return found, exported
}

// passedFrom is passedOn; whole says that the file holds nothing else.
func (i *interp) passedFrom(printed value.Value) (found []Setting, exported, whole bool) {
	if i.read == nil {
		return nil, false, false
	}
	for _, part := range printed {
		for _, word := range fileWord.FindAllString(part.Unknown, -1) {
			text, ok := i.readNow(value.Text(word))
			if found, whole := Settings(text); ok && len(found) > 0 {
				return found, strings.Contains(text, "export "), whole
			}
		}
	}
	return nil, false, false
}
