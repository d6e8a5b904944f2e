package shell

import (
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// maxSourced bounds how deep files source one another for their variables.
const maxSourced = 4

// defined takes over the variables that a file of the checkout sets where a script
// sources it. What the file runs is for who reads the repository.
func (i *interp) defined(c *call) {
	if i.read == nil || i.sourced >= maxSourced || len(c.args) < 2 {
		return
	}
	source, ok := i.read(c.args[1], i.st.dir)
	if !ok {
		return
	}
	inner := newInterp(Input{Source: source, Args: i.st.args, Dir: i.st.dir, Parts: i.partly, Parsed: i.parsed, Top: i.top, Own: true, Read: i.read})
	inner.known, inner.sourced = i.known, i.sourced+1
	inner.st = i.st.fork()
	if len(c.args) > 2 {
		inner.st.args = c.args[2:]
	}
	inner.script()
	inner.st.dead = i.st.dead
	inner.st.args, inner.st.loose = i.st.args, i.st.loose
	inner.st.errexit, inner.st.pipefail = i.st.errexit, i.st.pipefail
	i.st.adopt(inner.st)
}

// fileWord matches what may be the name of a file in the source of a command.
var fileWord = regexp.MustCompile(`[\w./-]*[./][\w./-]+|[\w-]+\.\w+`)

// ofGh matches where code writes the variables that tell gh the repository and the
// server: in whatever language it prints them.
var ofGh = regexp.MustCompile(`\b(GH_REPO|GH_HOST)["']?\s*[=:]\s*["']?([\w./-]+)`)

// setting is a variable that a file sets.
type setting struct{ name, text string }

// settings are the variables that a file sets in its lines. Of a file that holds
// anything else only those are told that tell gh where to go.
func settings(text string) []setting {
	var out []setting
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, v, ok := strings.Cut(line, "=")
		if !ok || !syntax.ValidName(name) {
			out = nil
			for _, m := range ofGh.FindAllStringSubmatch(text, -1) {
				out = append(out, setting{m[1], m[2]})
			}
			return out
		}
		out = append(out, setting{name, strings.Trim(v, `"'`)})
	}
	return out
}

// passedOn returns the variables that files of the checkout set whose text a command
// passes on, by the source of what it prints: "$(cat ci/release.env)",
// "$(grep -v '^#' .env | xargs)"; exported says that it exports them. What a filter
// takes out of it is not seen.
func (i *interp) passedOn(printed value.Value) (found []setting, exported bool) {
	if i.read == nil {
		return nil, false
	}
	for _, part := range printed {
		for _, word := range fileWord.FindAllString(part.Unknown, -1) {
			text, ok := i.read(value.Text(word), i.st.dir)
			if found := settings(text); ok && len(found) > 0 {
				return found, strings.Contains(text, "export ")
			}
		}
	}
	return nil, false
}
