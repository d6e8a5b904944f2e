package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// beginsOpen tells whether a job may begin with variables that its workflow does not
// name: on a runner that is not GitHub's, in a container, or by a whole map of them.
func (r *run) beginsOpen(j *workflow.Job, s *scope) bool {
	if r.t.options.EnterpriseServer || !j.RunnerGroup.IsZero() {
		return true
	}
	if !j.EnvExpression.IsZero() || !r.call.file.EnvExpression.IsZero() || len(j.RunsOn) == 0 {
		return true
	}
	if slices.ContainsFunc(j.Containers, func(c workflow.Container) bool { return c.Name == "container" }) {
		return true
	}
	return slices.ContainsFunc(j.RunsOn, func(label workflow.Text) bool {
		return slices.ContainsFunc(expression.Eval(label, s).Alternatives(), func(v value.Value) bool {
			text, known := v.Literal()
			return !known || !rules.HostedRunner(text)
		})
	})
}

// opens notes that the later steps may have variables that are not seen.
func (r *run) opens(so bool) { r.open = r.open || so }

// tellsFile tells whether a value is, or names, the file of the variables of later steps.
func tellsFile(v value.Value) bool {
	return slices.ContainsFunc(v, func(p value.Part) bool {
		return p.Context == "github.env" || strings.Contains(p.Text+p.Unknown, "GITHUB_ENV") || slices.ContainsFunc(p.OneOf, tellsFile)
	})
}

// acted notes what an action may have set for the later steps. What it runs of this
// repository has said so itself.
func (r *run) acted(site *Site) {
	a := site.Action
	if quiet := rules.IsQuietAction(a.Name); !quiet && (!site.Followed || len(rules.ActionRuns(a.Name)) > 0) {
		r.opens(true)
		return
	}
	if _, script := scriptActions[rules.SameAs(a.Name)]; script {
		return
	}
	for _, v := range a.Inputs {
		r.opens(!site.Followed && tellsFile(v))
	}
}

var (
	// exportsNamed matches where JavaScript sets a variable for later steps by its name,
	// exports where it does so at all.
	exportsNamed = regexp.MustCompile("\\bexportVariable\\(\\s*(?:'[\\w-]+'|\"[\\w-]+\"|`[\\w-]+`)\\s*,")
	exports      = regexp.MustCompile(`\bexportVariable\b|GITHUB_ENV|\bnew Function\(|\bvm\.(?:run|compile)|\bnew vm\.Script|\b(?:require|import)\(\s*(?:\w+\s*\)|['"][^'"]*['"]\s*\+)`)
)

// javaScriptOpens tells whether JavaScript may set variables for the later steps that
// were not read from it.
func javaScriptOpens(source string) bool {
	return exports.MatchString(exportsNamed.ReplaceAllString(source, ""))
}

// runsProject tells whether a command that starts no code which can be read may run
// code of the project all the same: by a tool that builds it, or under its own path.
func runsProject(c *Command) bool {
	words, _ := c.Words()
	if len(words) == 0 {
		return false
	}
	for n := range min(len(words), maxBuildWords) {
		if rules.BuildsProject.Has(strings.Join(words[:n+1], " ")) {
			return true
		}
	}
	_, task := rules.ProjectTask(words)
	return task || isLocalPath(pathText(c.Args[0]))
}

// customized tells whether the project has a file that any Python loads first where
// PYTHONPATH names its folder.
func (r *run) customized(by *Command) bool {
	if _, set := by.Env.Lookup("PYTHONPATH"); !set {
		return false
	}
	return slices.ContainsFunc(r.pythonFolders(by), func(folder string) bool {
		_, _, site := r.read(nil, path.Join(folder, "sitecustomize.py"))
		_, _, user := r.read(nil, path.Join(folder, "usercustomize.py"))
		return site || user
	})
}

// maxBuildWords is how many words of a call at most tell that it builds the project.
const maxBuildWords = 5

// plainShebang matches the first line of a script that runs with the variables of
// whoever starts it.
var plainShebang = regexp.MustCompile(`^#!\s*(?:/\S*/)?(?:env\s+)?(?:(?:ba|da|a|k|z)?sh(?:\s+[-+]\w+)*|node|python[\d.]*)\s*$`)

// keepsVariables tells whether code begins with the variables of the command that
// starts it, and no others: no program between, no flag and no file of its interpreter
// sets any.
func (c code) keepsVariables(by *Command) bool {
	if !c.plain || len(by.Args) == 0 || sourced(by) || len(by.Runner) > 0 {
		return false
	}
	words := make([]string, len(by.Args))
	for i, a := range by.Args {
		words[i] = a.String()
	}
	switch name := strings.TrimSuffix(path.Base(words[0]), ".exe"); interpreterOf(name).Language {
	case "shell":
		return !shell.OpensShell(words)
	case "javascript", "python":
		return (rules.KeepsVariables.Has(name) || versionedPython.MatchString(name)) && len(words) > 1 && (words[1] == "-" || !strings.HasPrefix(words[1], "-"))
	}
	if first, _, _ := strings.Cut(c.source, "\n"); strings.HasPrefix(first, "#!") {
		return plainShebang.MatchString(first) && !shell.OpensShell(strings.Fields(path.Base(first)))
	}
	return true
}
