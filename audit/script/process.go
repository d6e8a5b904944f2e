package script

import (
	"slices"
	"strings"

	"github.com/grafana/sobek/ast"

	"github.com/patrol-actions/patrol/audit/value"
)

// How the functions that start programs take their command.
const (
	// asLine is one string that is split into words without a shell, and
	// maybe a list of further words.
	asLine = iota + 1
	// asShell is one string for a shell.
	asShell
	// asWords is a program and a list of words.
	asWords
	// asList is one list, the program first.
	asList
)

// starters are the functions that start programs.
var starters = map[string]int{
	"@actions/exec.exec": asLine, "@actions/exec.getExecOutput": asLine,
	"child_process.exec": asShell, "child_process.execSync": asShell,
	"child_process.execFile": asWords, "child_process.execFileSync": asWords, "child_process.spawn": asWords, "child_process.spawnSync": asWords,
	"execa": asWords, "execa.execa": asWords, "execa.sync": asWords, "execa.execaSync": asWords, "execa.command": asLine,
	"execa.execaCommand": asLine, "execa.commandSync": asLine, "execa.execaCommandSync": asLine, "execa.shell": asShell,
	"cross-spawn": asWords, "cross-spawn.sync": asWords, "cross-spawn.spawn": asWords,
	"shelljs.exec": asShell, "shell.exec": asShell, "shelljs/global.exec": asShell, "nano-spawn": asWords, "tinyexec.x": asWords, "tinyexec.exec": asWords,
	"Bun.spawn": asList, "Bun.spawnSync": asList, "Deno.Command": asWords,
}

// unchecked are those of starters that throw nothing where the program fails, or
// that do not wait for it.
var unchecked = map[string]bool{
	"child_process.spawn": true, "child_process.spawnSync": true, "cross-spawn": true, "cross-spawn.sync": true, "cross-spawn.spawn": true,
	"shelljs.exec": true, "shell.exec": true, "shelljs/global.exec": true, "Bun.spawn": true, "Bun.spawnSync": true, "Deno.Command": true,
}

// callProcess calls a function that starts a program.
func (f *frame) callProcess(s site, name string, args []thing) (thing, bool) {
	if name == "child_process.fork" && len(args) > 0 {
		words, options := []value.Value{value.Text("node"), valueOf(args[0])}, firstOr(args, 1)
		if l, ok := options.(*list); ok {
			words, options = append(words, wordsOf(l)...), firstOr(args, 2)
		}
		s.run(words, false, options)
		return unknown{s.source()}, true
	}
	if t, ok := f.callMover(s, name, args); ok {
		return t, true
	}
	if tags[name] {
		return f.configuredTag(args), true
	}
	if t, ok := f.callGit(s, name, args); ok {
		return t, true
	}
	how, ok := starters[name]
	if !ok || len(args) == 0 {
		return nil, false
	}
	if root(name) == "execa" {
		args = extended(args)
	}
	from := len(s.result.Calls)
	for _, first := range alternatives(args[0]) {
		f.startOne(s, how, first, args[1:])
	}
	if unchecked[name] || len(carried(args...).functions) > 0 {
		forgive(s.result.Calls, from, true)
	}
	s.callbacks(args)
	return unknown{s.source()}, true
}

// extended are the operands of execa, which lays the environment that it is given over
// that of the process unless it is told not to.
func extended(args []thing) []thing {
	out := slices.Clone(args)
	for i, t := range out {
		o, ok := t.(*object)
		if !ok || isFalse(o.members["extendEnv"]) || o.members["env"] == nil {
			continue
		}
		env := newObject()
		spread(env, outside{"process.env"})
		spread(env, o.members["env"])
		given := newObject()
		spread(given, o)
		given.set("env", env)
		out[i] = given
	}
	return out
}

// startOne starts one program.
func (f *frame) startOne(s site, how int, first thing, rest []thing) {
	ways := [][]value.Value{nil}
	var options []thing
	switch how {
	case asLine:
		ways = linesOf(valueOf(first))
	case asShell, asWords:
		ways[0] = []value.Value{valueOf(first)}
	case asList:
		if l, ok := first.(*list); ok {
			ways = waysOf(l)
		}
	}
	for _, a := range rest {
		var more [][]value.Value
		for _, one := range alternatives(a) {
			switch one := one.(type) {
			case *list:
				more = append(more, waysOf(one)...)
			case *object:
				options = append(options, one)
			case unknown, text:
				if _, isText := one.(text); how != asShell && (!isText || len(alternatives(a)) > 1) {
					more = append(more, []value.Value{valueOf(one)})
				}
			}
		}
		if more != nil && mayBeAbsent(a) {
			more = append(more, nil)
		}
		if more == nil && mayBeAbsent(a) && len(options) > 0 {
			options = append(options, none{})
		}
		ways = pairs(ways, more)
	}
	if len(options) == 0 {
		options = []thing{none{}}
	}
	for _, words := range ways {
		for _, given := range options {
			s.started(words, how == asShell, given)
		}
	}
}

// linesOf are the words of the lines that a value may be.
func linesOf(v value.Value) [][]value.Value {
	all := v.Alternatives()
	if len(all) > maxWays {
		all = []value.Value{v}
	}
	ways := make([][]value.Value, len(all))
	for i, line := range all {
		ways[i] = splitWords(line)
	}
	return ways
}

// started is the start of a program with options, which may have words as well.
func (s site) started(words []value.Value, shell bool, options thing) {
	if o, ok := options.(*object); ok {
		if inner, ok := o.members["args"].(*list); ok {
			words = slices.Concat(words, wordsOf(inner))
		}
		if use, ok := o.members["shell"]; ok && !isFalse(use) {
			words, shell = []value.Value{lineOf(words)}, true
		}
	}
	s.run(words, shell, options)
}

func isFalse(t thing) bool {
	word, ok := literalOf(t)
	return ok && word == "false"
}

// run notes the start of a program, once for each environment that it may have.
func (s site) run(words []value.Value, shell bool, options thing) {
	call := Call{Kind: Exec, Command: words, Loose: slices.ContainsFunc(words, moreWords.Equal), ShellString: shell, Dir: s.dir}
	envs := []*value.Env{s.env}
	if o, ok := options.(*object); ok {
		envs = s.envsOf(o.members["env"])
		call.Dir = below(s.dir, valueOf(o.members["cwd"]))
		call.Stdin = valueOf(o.members["input"])
	}
	lines := [][]value.Value{words}
	if shell && len(words) == 1 {
		lines = flaggedWays(words[0])
	}
	for _, call.Command = range lines {
		call.Hidden = hides(call.Command)
		for _, call.Env = range envs {
			s.add(call)
		}
	}
}

// envsOf are the environments that a program may be given.
func (s site) envsOf(t thing) []*value.Env {
	var envs []*value.Env
	if mayBeAbsent(t) {
		envs = append(envs, s.env)
	}
	for _, one := range alternatives(t) {
		switch one := one.(type) {
		case nil, none:
		case *object:
			envs = append(envs, s.copyEnv(one))
		case outside:
			if one.name == "process.env" {
				envs = append(envs, s.env)
				continue
			}
			envs = append(envs, s.copyEnv(&object{open: true, environ: true, source: one.name}))
		default:
			envs = append(envs, s.copyEnv(&object{open: true, environ: true, source: "env"}))
		}
	}
	return envs
}

// splitWords splits a line as @actions/exec does: at blanks outside double
// quotes, which a backslash can escape.
func splitWords(v value.Value) []value.Value {
	masked := v.Mask()
	var words []value.Value
	var word strings.Builder
	quoted, started := false, false
	runes := []rune(masked.Text)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == '\\' && quoted && i+1 < len(runes) && runes[i+1] == '"':
			word.WriteByte('"')
			i++
		case r == '"':
			quoted, started = !quoted, true
		case (r == ' ' || r == '\n' || r == '\t') && !quoted:
			if word.Len() > 0 || started {
				words = append(words, masked.Table.Value(word.String()))
			}
			word.Reset()
			started = false
		default:
			word.WriteRune(r)
		}
	}
	if word.Len() > 0 || started {
		words = append(words, masked.Table.Value(word.String()))
	}
	return words
}

// tags are the template tags that run their text in a shell.
var tags = set("$", "zx.$", "zx", "execa.$", "bun.$", "Bun.$", "@actions/exec.$", "zx/core.$", "dax.$", "dax", "zurk.$")

// tagged calls the tag of a template.
func (f *frame) tagged(e *ast.TemplateLiteral, v value.Value, inserted []thing) thing {
	s := site{f, e}
	tag := f.eval(e.Tag)
	switch tag := tag.(type) {
	case outside:
		switch {
		case tags[tag.name] || tags[strings.TrimSuffix(tag.name, ".sync")]:
			s.run([]value.Value{v}, true, none{})
			return unknown{s.source()}
		case tag.name == "String.raw" || tag.name == "gql" || strings.HasSuffix(tag.name, ".gql") || strings.HasPrefix(tag.name, "graphql-tag"):
			return text{v}
		}
		s.callbacks(inserted)
		if harmless[root(tag.name)] {
			return text{v}
		}
		return s.give(tag.name, append([]thing{text{v}}, inserted...))
	case *client:
		return tag.call(s, []thing{text{v}})
	case *builtin:
		return tag.call(s, []thing{text{v}})
	case *function:
		return f.invoke(tag, append([]thing{&list{open: true}}, inserted...), none{}, false)
	case unknown:
		if tag.source == "gql" || tag.source == "graphql" || tag.source == "dedent" || tag.source == "html" || tag.source == "outdent" {
			return text{v}
		}
		return s.give(tag.source, append([]thing{text{v}}, inserted...))
	}
	return text{v}
}

// configuredTag returns the tag that is made by giving one options.
func (f *frame) configuredTag(args []thing) thing {
	if len(args) > 0 {
		if _, isText := args[0].(text); isText {
			return unknown{"$"}
		}
	}
	options := firstOr(args, 0)
	return &builtin{call: func(s site, args []thing) thing {
		if len(args) > 0 {
			s.run([]value.Value{valueOf(args[0])}, true, options)
		}
		return unknown{s.source()}
	}}
}
