package trace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// foreignScript is code in a language that is not read.
type foreignScript struct {
	language string
	source   string
	table    *value.Table
	name     string
	file     string
	line     locate
	env      *value.Env
	at       position
	given    value.Value
	args     []value.Value // of [code.words]
	written  bool          // see code
	// told says that it is given the file of the variables of later steps.
	told bool
}

// foreign handles code in a language without a full reader here. Of Python
// the plain things are read; of other languages, what can be told is whether
// it names a variable that holds a credential, is handed one, or takes one by a
// library or a program that it starts: if not, it uses none. The files of the
// repository that it takes in count with it. It would be missed where code walks
// over all of its environment, or puts a variable's name together.
func (r *run) foreign(f foreignScript) map[string]value.Value {
	r.foreignExports(f)
	dir := r.dir
	if len(dir) == 0 {
		dir = r.parent.Dir()
	}
	defer r.byCode(f.source, dir)
	given := value.Concat(f.given, f.table.Value(f.source))
	handed := given.HoldsCredential()
	var reads []string
	for _, name := range f.env.Credentials() {
		if r.takesToken(f.language, f.source, name) {
			reads = append(reads, name)
		}
		handed = handed || strings.Contains(f.source, name) || len(reads) > 0
	}
	if !handed && f.env.HoldsCredential() {
		sources, open := r.takenIn(f)
		for _, name := range f.env.Credentials() {
			v, _ := f.env.Lookup(name)
			outer, set := r.jobEnv.Lookup(name)
			meant := open && (!set || !v.Equal(outer) || rules.EnvReadsToken(name))
			if meant || slices.ContainsFunc(sources, func(text string) bool { return strings.Contains(text, name) || r.takesToken(f.language, text, name) }) {
				reads, handed = append(reads, name), true
			}
		}
	}
	pushes := strings.Contains(f.source, "git") && strings.Contains(f.source, "push") ||
		slices.ContainsFunc(deployers, func(call string) bool { return strings.Contains(f.source, call) })
	moves, git := r.gitOf(f)
	python := strings.HasPrefix(f.language, "python")
	if !handed && !pushes && !moves.Any() && !(python && git) {
		return nil
	}
	why := "which is not read"
	if python {
		var rest string
		rest, moves = r.python(f, pushes && !handed, moves)
		if rest != "" && !handed && !pushes && !moves.Any() {
			return nil // What it may do with a token is nothing without one.
		}
		if rest == "" {
			// All of the source is understood, and its arguments are not looked for.
			if given = f.given; !given.HoldsCredential() {
				return nil
			}
			why = notFollowed
		} else {
			why = "and " + rest
		}
	}
	if f.name == "" {
		f.name = "the " + f.language + " script"
	}
	if why != notFollowed {
		why = "is written " + f.writtenIn() + ", " + why
	}
	l := f.line.line(0)
	settle := "read what it does with the token"
	if f.name == f.file || f.written {
		settle += describeProgram // a script that has a path
	}
	r.emit(&Site{
		File: f.file, Line: l, Step: f.at.number, step: f.at.step, Hops: f.at.hops, Env: f.env, JobEnv: r.jobEnv,
		Unread: &Unread{f.name, why, settle},
		Source: f.source, Reads: reads, Token: given, Pushes: pushes, Moves: moves,
	})
	return nil
}

// writtenIn is the language of a script, and who wrote it, in words.
func (f foreignScript) writtenIn() string {
	by := "in "
	if f.written {
		by = "by the job in "
	}
	return by + cmp.Or(f.language, "a language unknown here")
}

// gitOf tells what a script, with the files that it takes in, seems to do with git, and
// whether it seems to start git at all. Of Python, the modules behind those that it takes
// in itself are often a whole library, and are only read.
func (r *run) gitOf(f foreignScript) (moves Moves, starts bool) {
	sources, direct := []string(nil), 0
	if strings.HasPrefix(f.language, "python") {
		sources, direct = r.pythonModules(f.file, f.source)
	} else {
		sources, _ = r.takenIn(f)
		direct = len(sources)
	}
	moves = r.t.traits(f.source).mentionsMoves()
	for _, source := range sources[:direct] {
		moves = moves.and(r.t.traits(source).mentionsMoves())
	}
	return moves, moves.Any() || slices.ContainsFunc(append(sources, f.source), func(source string) bool { return r.t.traits(source).git })
}

// takenIn returns the sources of the files of the repository that a script takes in.
// open says that there may be more.
func (r *run) takenIn(f foreignScript) (sources []string, open bool) {
	if strings.HasPrefix(f.language, "python") {
		sources, _ = r.pythonModules(f.file, f.source)
		return sources, false
	}
	return r.included(f.language, f.file, f.source)
}

// deployers are functions of libraries that push with git, and do not say so:
// those of pkgdown, MkDocs and ghp-import.
var deployers = []string{"deploy_to_branch(", "deploy_site_github(", "gh_deploy(", "ghp_import("}
