package decide

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// reading says who reads a secret at a place from which no use comes.
type reading int

const (
	// readUnseen is where something may read it that was not read itself.
	readUnseen reading = iota
	// readTest is where it is only held against something, mostly to ask
	// whether it is set.
	readTest
	// readNever is where all that gets it was read, and nothing names it.
	readNever
)

// reading tells who reads a reference without uses, and for readUnseen what may,
// where one thing does. Only a variable can be seen to be read by nobody, for its
// steps can be read, and what is handed to code of this repository.
func (d *decider) reading(ref trace.Reference) (r reading, by *audit.Place) {
	if ref.Tested {
		return readTest, nil
	}
	if d.breaks(ref.Span.File) > 0 {
		return readUnseen, nil
	}
	w := d.repository.Workflow(ref.Span.File)
	if w == nil {
		return readUnseen, nil
	}
	if testedInScript(w, ref) {
		return readTest, nil
	}
	if file, _ := d.deaf(ref); file != "" {
		return readNever, nil
	}
	name, steps := bound(w, ref)
	if name == "" {
		return readUnseen, nil
	}
	tests, reads := mentions(w, name)
	if reads > 0 || len(steps) == 0 && !onlyCalls(w) {
		return readUnseen, nil
	}
	tested := tests > 0
	for _, s := range steps {
		switch r, by := d.stepReading(s, ref, name); r {
		case readUnseen:
			if kind, _ := rules.SecretKind(ref.Secret); tested && kind != rules.NameGitHub {
				return readTest, nil
			}
			return readUnseen, by
		case readTest:
			tested = true
		}
	}
	if tested {
		return readTest, nil
	}
	return readNever, nil
}

// breaks returns the line at which the YAML of a file breaks, 0 for one that
// is whole.
func (d *decider) breaks(file string) int {
	if d.broken == nil {
		d.broken = map[string]int{}
		for _, w := range d.repository.Workflows {
			d.broken[w.Path] = w.BreaksAt
		}
		for _, a := range d.repository.Actions {
			d.broken[a.Path] = a.BreaksAt
		}
	}
	return d.broken[file]
}

// inPieces leaves open what rests on a file whose YAML breaks: GitHub runs
// none of it, and what stands behind may do anything with a secret. Nothing
// that was read takes back what speaks against GITHUB_TOKEN.
func (d *decider) inPieces(r *ruling, files ...string) {
	if r.verdict == audit.VerdictNotReplaceable {
		return
	}
	for _, file := range files {
		if line := d.breaks(file); line > 0 {
			r.open("unread", fmt.Sprintf("line %d of %s breaks its YAML: GitHub runs none of the file, and what stands from there on is not read: mend that line", line, path.Base(file)), []audit.Place{{File: file, Line: line, Text: "YAML"}})
			return
		}
	}
}

// jobStep is a step with its job.
type jobStep struct {
	job  *workflow.Job
	step *workflow.Step
	// sets says that its script gives a variable the value, in a line of its own.
	sets bool
}

// onlyCalls tells whether all jobs of a workflow call reusable workflows, to
// which its variables do not go along.
func onlyCalls(w *workflow.Workflow) bool {
	return !slices.ContainsFunc(w.Jobs, func(j *workflow.Job) bool { return j.Call == nil })
}

// bound returns the variable that a reference gives its value, and the steps
// that get it: none where the jobs that have it call reusable workflows.
func bound(w *workflow.Workflow, ref trace.Reference) (name string, steps []jobStep) {
	all := bindingOf(w.Env, ref)
	name = all
	for _, j := range w.Jobs {
		job := bindingOf(j.Env, ref)
		for _, s := range j.Steps {
			if found := cmp.Or(bindingOf(s.Env, ref), job, all); found != "" {
				name, steps = found, append(steps, jobStep{job: j, step: s})
			} else if set := assigned(s, ref); set != "" {
				return set, []jobStep{{job: j, step: s, sets: true}}
			}
		}
	}
	return name, steps
}

// assignment matches a line of a script that gives a variable the value of one
// expression, which is all of it.
var assignment = regexp.MustCompile(`^\s*(?:export\s+)?(\w+)=["']?\$\{\{[^{}]*\}\}["']?\s*$`)

// maxAssigned bounds the secrets of a script whose variables are looked after.
const maxAssigned = 50

// assigned returns the variable to which the script of a step gives a reference, where
// it stands in a line of its own; "" where there is none.
func assigned(s *workflow.Step, ref trace.Reference) (name string) {
	if ref.Span.Line < s.Run.Line() {
		return ""
	}
	if strings.Count(s.Run.Value, "secrets.") > maxAssigned {
		return ""
	}
	lineOf, at, found := s.Run.Lines(), 0, 0
	for line := range strings.Lines(s.Run.Value) {
		if lineOf(at) == ref.Span.Line && strings.Contains(strings.ToLower(line), strings.ToLower(ref.Secret)) {
			found++
			if m := assignment.FindStringSubmatch(strings.TrimRight(line, "\r\n")); m != nil {
				name = m[1]
			}
		}
		at += len(line)
	}
	if found != 1 {
		return ""
	}
	return name
}

// asGitHub tells whether a reference gives its value to a variable from which
// GitHub's tools read a token.
func (d *decider) asGitHub(ref trace.Reference) bool {
	w := d.repository.Workflow(ref.Span.File)
	if w == nil {
		return false
	}
	name, _ := bound(w, ref)
	return rules.EnvReadsToken(name)
}

// bindingOf returns the name that a reference gives its value to, "" where it
// stands in none of a list.
func bindingOf(list []workflow.Binding, ref trace.Reference) string {
	for _, b := range list {
		if span := b.Value.Span(0, len(b.Value.Value)); contains(span.Line, span.Column, span.EndLine, span.EndColumn, ref) {
			return b.Name
		}
	}
	return ""
}

// contains tells whether a reference stands inside a span.
func contains(line, column, endLine, endColumn int, ref trace.Reference) bool {
	r := ref.Span
	after := r.Line > line || r.Line == line && r.Column >= column
	return after && (r.EndLine < endLine || r.EndLine == endLine && r.EndColumn <= endColumn)
}

// mentions counts the places at which the expressions of a workflow name a
// variable.
func mentions(w *workflow.Workflow, name string) (tests, reads int) {
	conditions := map[workflow.Text]bool{}
	for _, j := range w.Jobs {
		conditions[j.If] = true
		for _, s := range j.Steps {
			conditions[s.If] = true
		}
	}
	for text := range w.Texts() {
		t, r := expression.EnvMentions(text, conditions[text], name)
		tests, reads = tests+t, reads+r
	}
	return tests, reads
}

// walks matches code that goes over the whole environment, whatever the names
// of its variables, in any of the languages of a step.
var walks = regexp.MustCompile(`(?i)process\.env\b(?:[^.\[?]|\?[^.]|$)|\bENVIRON\b|\benviron\b|\bgetenv\b|\benv:(?:[^\w]|$)|\benv\s*\||GetEnvironmentVariable|/proc/|\$\{!|\beval\b`)

// platform matches code that takes in a module of Node.js itself, which reads
// no variables on its own.
var platform = regexp.MustCompile("\\b(?:require|import)\\s*\\(\\s*['\"`](?:node:)?(?:assert|buffer|crypto|events|fs|fs/promises|https?|os|path|querystring|readline|stream|string_decoder|timers|url|util|zlib)['\"`]\\s*\\)")

// imports matches code that takes in other code, or puts a name together.
var imports = regexp.MustCompile(`\b(?:require|import)\s*\(|\bprocess\.env\??\.?\[\s*[^'"\s]`)

// stepReading tells who reads a variable in one step. It is never said of a
// step that the trace does not come by, nor of code in other languages. What may
// read it is told where it is seen.
func (d *decider) stepReading(s jobStep, ref trace.Reference, name string) (r reading, by *audit.Place) {
	bare, tested := withoutTests(s.step, name)
	if s.sets {
		bare = regexp.MustCompile(`(?m)^\s*(?:export\s+)?`+name+`=\S+\s*$`).ReplaceAllString(bare, "")
	}
	if strings.Contains(strings.ToLower(bare), strings.ToLower(name)) || walks.MatchString(bare) || listsVariables(s.step) || s.step.Run.IsZero() && imports.MatchString(platform.ReplaceAllString(bare, "")) {
		return readUnseen, nil
	}
	seen := runsNothing(s.step)
	for _, j := range d.jobs {
		if j.Job.Job.Job != s.job {
			continue
		}
		for n, site := range j.Sites {
			if site.Step != s.step.Number {
				continue
			}
			seen = true
			if d.runsHooks(j, n) || !d.closed(s, site, ref, name, !tested) {
				place := site.Place()
				return readUnseen, &place
			}
		}
	}
	switch {
	case !seen:
		return readUnseen, nil
	case tested:
		return readTest, nil
	}
	return readNever, nil
}

// runsNothing tells whether a script is all tests and variables of the shell.
func runsNothing(s *workflow.Step) bool {
	masked, table := expression.Mask(s.Run, circumstances{})
	result := shell.Interpret(shell.Input{Source: masked, Table: table})
	return !s.Run.IsZero() && len(result.Commands)+len(result.Problems) == 0
}

// withoutTests returns the code of a step without what only asks whether a
// variable is set.
func withoutTests(s *workflow.Step, name string) (bare string, tested bool) {
	code := s.Run.Value
	if !s.Run.IsZero() {
		masked, _ := expression.Mask(s.Run, circumstances{})
		if rest, tests, parsed := shell.WithoutTests(masked, name); parsed {
			return rest, tests > 0
		}
	}
	for _, b := range s.With {
		// A secret of the variable's name that an expression puts here is
		// another reference.
		masked, _ := expression.Mask(b.Value, circumstances{})
		code += "\n" + masked
	}
	bare = shellTest(name).ReplaceAllString(code, "")
	return bare, bare != code
}

// listsVariables tells whether the script of a step shows variables without
// naming them. One that does not parse, and is not said to be for another
// interpreter, may do so.
func listsVariables(s *workflow.Step) bool {
	if s.Run.IsZero() {
		return false
	}
	masked, _ := expression.Mask(s.Run, circumstances{})
	lists, parsed := shell.ListsVariables(masked)
	return lists || !parsed && s.Shell.IsZero()
}

// shellTest matches the tests of other scripts than those of a POSIX shell that
// only ask whether a variable is set.
func shellTest(name string) *regexp.Regexp {
	variable := `"?\$(?:env:|\{)?` + regexp.QuoteMeta(name) + `(?::?-)?\}?"?`
	return regexp.MustCompile(`(?:\[\[?|\btest)\s+(?:!\s+)?(?:-[nz]\s+` + variable + `|` + variable + `\s*(?:!=|==?)\s*(?:""|''))`)
}

// taker says which program gets the value of a reference as a word or as input,
// of which nothing tells what it does with it, and nothing that this is GitHub's;
// at is nil where there is none. Beside uses, what these know of is left out, and
// git, of which they tell what it does with what it stores.
func (d *decider) taker(ref trace.Reference, uses []*ruled) (detail string, at *audit.Place) {
	for _, j := range d.jobs {
		for _, site := range j.Sites {
			if site.Command == nil || site.Followed || len(site.Command.Args) == 0 || !handed(site, ref) {
				continue
			}
			program := path.Base(site.Command.Args[0].String())
			if rules.PassesOn.Has(program) && !rewrites(site.Command) && !(len(uses) > 0 && keeps(site, ref, uses)) ||
				len(uses) > 0 && program == "git" || slices.ContainsFunc(uses, func(u *ruled) bool { return u.Site == site && !u.Other }) {
				continue
			}
			at := site.Place()
			return program + " is handed it, and whether that takes it to GitHub is not known", &at
		}
	}
	return "", nil
}

// keeps tells whether a command writes what it is handed to a file of which no use
// tells who reads it.
func keeps(site *trace.Site, ref trace.Reference, uses []*ruled) bool {
	return slices.ContainsFunc(site.Command.Output, func(r shell.Redirect) bool {
		name, known := r.Path.Literal()
		if !known || strings.HasPrefix(name, "/dev/") {
			return false
		}
		base := path.Base(name)
		return !credentialFile.MatchString(base) && !slices.ContainsFunc(uses, func(u *ruled) bool {
			return u.Site.Command != nil && (handed(u.Site, ref) || strings.Contains(u.Site.Command.Text(), base))
		})
	})
}

// credentialFile matches the names of files from which programs that are known take
// credentials: what these do with them are uses.
var credentialFile = regexp.MustCompile(`^(?:\.(?:npmrc|netrc|git-credentials|gitconfig|pypirc|yarnrc.*|gemrc|condarc|bunfig\.toml)|_netrc|pip\.(?:conf|ini)|settings\.xml|gradle\.properties|auth\.json|nuget\.config|hosts\.yml|credentials(?:\.toml)?)$`)

// rewrites tells whether a command puts what it is handed into a file that is
// there, whoever reads that.
func rewrites(c *trace.Command) bool {
	return slices.ContainsFunc(c.Args[1:], func(v value.Value) bool { return inPlace.MatchString(v.LiteralOr("")) })
}

// inPlace matches the flags of sed, yq and the like for that.
var inPlace = regexp.MustCompile(`^(?:-[a-zA-Z]*i[a-zA-Z]?|-i\..*|--in-?place(?:=.*)?)$`)
