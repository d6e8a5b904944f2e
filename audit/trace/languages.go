package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

// languageScript handles `julia x.jl`, `dart run x.dart` and the like. What stands
// behind a flag that takes a word along, with an ending of a script, is taken for
// the script.
func (r *run) languageScript(c *Command, base string) (start, bool) {
	l, ok := rules.ScriptLanguage(base)
	if !ok {
		return start{}, false
	}
	for i, v := range c.Args[1:] {
		word := pathText(v)
		switch {
		case slices.Contains(l.Endings, path.Ext(word)) && v.IsPathLike():
			return r.scriptFile(c, word, l.Name, c.Args[i+1:])
		case i == 0 && slices.Contains(l.Commands, word), strings.HasPrefix(word, "-") && !slices.Contains([]string{"-e", "-E", "--eval", "--"}, word):
		default:
			return start{}, false
		}
	}
	return start{}, false
}

// quotedInclude matches what takes in another file by its path, in the languages
// that write it in quotes.
var quotedInclude = regexp.MustCompile(`(?m)^[ \t]*(?:local[ \t]+\w+[ \t]*=[ \t]*)?(?:require_relative|require_once|include_once|require|include|load|import|export|part|source|sys\.source|dofile|do|use|@file:Import)\b[ \t(]*["']([^"'\n]+)["']`)

// otherInclude matches what takes in other code in the languages that name it
// otherwise, or in which all code of the project is there.
var otherInclude = map[string]*regexp.Regexp{
	"clojure": regexp.MustCompile(`:require|:use|\(require|load-file`),
	"elixir":  regexp.MustCompile(`(?m)^\s*(?:alias|import|use|require)\s|Code\.(?:require|eval|load)_file|[A-Z]\w*\.\w+\(`),
	"erlang":  regexp.MustCompile(`-include|[a-z]\w*:\w+\(`),
	"haskell": regexp.MustCompile(`(?m)^import\s`),
	"nim":     regexp.MustCompile(`(?m)^(?:import|from|include)\s`),
	"ocaml":   regexp.MustCompile(`(?m)^(?:open|#use|#load)\s`),
	"octave":  regexp.MustCompile(`\w+\s*\(`),
	"racket":  regexp.MustCompile(`\(require`),
	"scala":   regexp.MustCompile(`(?m)^\s*(?:import|//>\s*using\s+files?)\s`),
	"scheme":  regexp.MustCompile(`\((?:load|use-modules|import)`),
}

// includedEndings are those that such a path may leave out.
var includedEndings = []string{"", ".rb", ".R", ".jl", ".lua", ".php", ".pl", ".pm", ".groovy", ".cr", ".tcl"}

// maxIncluded bounds the files that one script takes in.
const maxIncluded = 50

// included returns the sources of the files of this repository that code in a
// language takes in, and that these do, as pythonModules does. open says that
// some of it was not found, or cannot be.
func (r *run) included(language, file, source string) (sources []string, open bool) {
	if other := otherInclude[language]; other != nil && other.MatchString(source) {
		return nil, true
	}
	type taken struct{ file, source string }
	queue, seen := []taken{{file, source}}, map[string]bool{}
	for len(queue) > 0 {
		from := queue[0]
		queue = queue[1:]
		for _, m := range quotedInclude.FindAllStringSubmatch(from.source, -1) {
			name, text, ok := r.includedFile(from.file, m[1])
			switch {
			case ok && seen[name]:
			case ok && len(sources) < maxIncluded:
				seen[name], sources, queue = true, append(sources, text), append(queue, taken{name, text})
			case ok || strings.HasPrefix(m[1], "."):
				open = true
			}
		}
	}
	return sources, open
}

// includedFile finds a file that another takes in: beside it, from the root, or in
// Dart by the name of the package, which is taken to be the project's where its
// folder lib has such a file.
func (r *run) includedFile(file, word string) (name, text string, ok bool) {
	if rest, own := strings.CutPrefix(word, "package:"); own {
		_, word, _ = strings.Cut(rest, "/")
		word = "lib/" + word
	}
	for _, folder := range []string{path.Dir(file), ".", "lib"} {
		for _, ending := range includedEndings {
			for _, spelled := range []string{word, strings.ReplaceAll(word, ".", "/")} {
				name = path.Join(folder, spelled) + ending
				if text, ok = r.module(name); ok {
					return name, text, true
				}
			}
		}
	}
	return "", "", false
}
