package decide

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// jobScript is a text of a job in which pull requests are looked for: what a step
// runs, an input of an action, or a file of the repository that a step runs.
type jobScript struct {
	text  string
	place audit.Place
	// program says that it runs, and is not just told to an action.
	program bool
	// env are the variables that its step gives it, the innermost last.
	env []workflow.Binding
}

// scriptFile matches files that a step runs, by their endings.
var (
	scriptFile    = regexp.MustCompile(`(?:^|[\s"';&|(])(?:\./)?((?:[\w.-]+/)*[\w.-]+\.(?:sh|bash|js|cjs|mjs|ts|py|rb))\b`)
	scriptEndings = []string{".sh", ".bash", ".js", ".cjs", ".mjs", ".ts", ".py", ".rb"}
)

// filesRun finds such files in a script.
func filesRun(script string) [][]string {
	if !slices.ContainsFunc(scriptEndings, func(ending string) bool { return strings.Contains(script, ending) }) {
		return nil
	}
	return scriptFile.FindAllStringSubmatch(script, -1)
}

// scriptsOf returns the scripts of a job, with the files of the repository that
// they run.
func scriptsOf(r *workflow.Repository, w *workflow.Workflow, j *workflow.Job) []jobScript {
	var out []jobScript
	for _, s := range j.Steps {
		env := slices.Concat(w.Env, j.Env, s.Env)
		at := audit.Place{File: w.Path, Line: s.Line}
		if !s.Run.IsZero() {
			out = append(out, jobScript{s.Run.Value, at, true, env})
			var read []string
			for _, m := range filesRun(s.Run.Value) {
				if slices.Contains(read, m[1]) {
					continue
				}
				if source, err := r.Read(m[1]); err == nil {
					read = append(read, m[1])
					out = append(out, jobScript{string(source), audit.Place{File: m[1]}, true, env})
				}
			}
		}
		for _, b := range s.With {
			out = append(out, jobScript{b.Value.Value, at, b.Name == "script", env})
		}
	}
	return out
}

// authors matches what picks pull requests by their author in scripts and inputs:
// comparisons, and the searches of gh and of the API.
var authors = regexp.MustCompile(`(?:(?:(?:user|author|creator|sender)\??\.login|github\.actor|github\.triggering_actor)\s*===?\s*|--author[ =]|\bgh pr list [^\n|]*?-A ?|\bauthor:)(\\?["']?)(\$?\{?[\w-]+(?:\[bot\])?)|['"]([\w-]+)['"]\s*===?\s*(?:\.?[\w.?]*\b(?:user|author)\??\.login|github\.(?:actor|triggering_actor|event\.sender\.login))\b`)

// fromBlock matches a variable of the environment in an expression.
var fromBlock = regexp.MustCompile(`\$\{\{ *env\.(\w+) *\}\}`)

// comparing matches a comparison of a login.
var comparing = regexp.MustCompile(`login\s*=|github\.`)

// picked is a login by which a script picks pull requests.
type picked struct {
	login string
	place audit.Place
}

// authors are the logins by which a script picks pull requests.
func (s jobScript) authors() []picked {
	if !strings.Contains(s.text, "login") && !strings.Contains(s.text, "actor") && !strings.Contains(s.text, "author") && !strings.Contains(s.text, "gh pr list") {
		return nil
	}
	s.text = fromBlock.ReplaceAllString(s.text, "$$$1")
	var out []picked
	for _, m := range authors.FindAllStringSubmatchIndex(s.text, -1) {
		part := func(i int) string { return s.text[max(m[2*i], 0):max(m[2*i+1], 0)] }
		name := part(2) + part(3)
		variable := strings.TrimLeft(name, "${")
		// Without quotes it is a variable where a program compares, and a login
		// behind an option.
		if bare := part(2) != "" && part(1) == ""; variable != name || bare && comparing.MatchString(part(0)) {
			name = s.variable(variable)
		}
		if name != "" {
			out = append(out, picked{name, s.at(m[0])})
		}
	}
	return out
}

// at is the place of an offset: the line of a file, or the step.
func (s jobScript) at(offset int) audit.Place {
	if s.place.Line > 0 {
		return s.place
	}
	return audit.Place{File: s.place.File, Line: 1 + strings.Count(s.text[:offset], "\n")}
}

// variable is the text that a variable of a script, or of its environment, is
// given, where it is one text alone; "" for any other.
func (s jobScript) variable(name string) string {
	found := ""
	if !ident.MatchString(name) {
		return found
	}
	for _, m := range regexp.MustCompile(`(?:^|[\s;])`+name+`[ \t]*=[ \t]*["']?([\w-]+)["']?[ \t]*(?:[;\n]|$)`).FindAllStringSubmatch(s.text, -1) {
		if found != "" && found != m[1] {
			return ""
		}
		found = m[1]
	}
	if found != "" {
		return found
	}
	for _, b := range s.env {
		if b.Name == name && !strings.Contains(b.Value.Value, "${{") {
			found = b.Value.Value
		}
	}
	return found
}
