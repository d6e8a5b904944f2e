package trace

import (
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// runsAway matches the names of actions that run what they are given on
// another machine.
var runsAway = regexp.MustCompile(`ssh|remote|deploy|helm|kube|cloud|server|droplet`)

// perhapsRuns follows the script of this repository that an action of which
// nothing is known is given to run, with the environment of the step: what it
// does counts besides what the action may do with the same variables, of which
// no more is known for that. It is wrong for an action that only looks at it.
func (r *run) perhapsRuns(site *Site, at position) {
	name := site.Action.Name
	if _, known := rules.Action(name); known || runsAway.MatchString(name) {
		return
	}
	for _, input := range rules.InputScript.Names() {
		line, ok := site.Action.Inputs[input].Literal()
		words := strings.Fields(line)
		if !ok || len(words) == 0 || strings.ContainsAny(line, "\n;|&<>$`'\"\\(*") {
			continue
		}
		dir := repositoryPath(site.Action.Inputs["working-directory"])
		_, source, there := r.read(dir, words[0])
		if !there || scriptKind(words[0], source) == "" {
			continue
		}
		args := []value.Value{value.Text("./" + strings.TrimPrefix(words[0], "./"))}
		for _, w := range words[1:] {
			args = append(args, value.Text(w))
		}
		inner := &Site{
			File: site.File, Line: site.Action.Place(input).Line, Step: site.Step, step: site.step, Hops: site.Hops, Env: site.Env, JobEnv: r.jobEnv,
			Command: &Command{Command: shell.Command{Args: args, Env: site.Env, Dir: dir, Whole: true}, text: func(int, int) string { return input + ": " + line }},
		}
		r.emit(inner)
		r.follow(inner, at)
		return
	}
}
