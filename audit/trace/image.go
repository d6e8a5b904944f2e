package trace

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

// packages is where the images of container actions of GitHub's users lie.
const packages = "docker://ghcr.io/"

// asAction takes the image of a known action for the action itself: it reads
// its inputs from variables, which the runner sets for an action, and a step
// that runs the image must set. That the two go by one name is taken for enough.
func asAction(site *Site) {
	a := site.Action
	name, of := strings.CutPrefix(a.Name, packages)
	_, itself := rules.Action(a.Name)
	if _, known := rules.Action(name); !of || itself || !known || strings.Count(name, "/") != 1 {
		return
	}
	a.Name = name
	_, a.Ref, _ = strings.Cut(strings.TrimPrefix(strings.ToLower(a.uses.Value), packages+name), ":")
	a.Ref, _, _ = strings.Cut(a.Ref, "@")
	for variable, v := range site.Env.All() {
		if input, ok := strings.CutPrefix(variable, "INPUT_"); ok && len(a.Inputs[strings.ToLower(input)]) == 0 {
			a.Inputs[strings.ToLower(input)] = v
		}
	}
	for _, b := range site.step.Env {
		if input, ok := strings.CutPrefix(b.Name, "INPUT_"); ok {
			b.Name = input
			a.written = append(slices.Clip(a.written), b)
		}
	}
}
