package rules

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// ImageWork is what an action or a command does with images of containers and
// the logins of registries that the job has.
type ImageWork struct {
	// Kind is "action" or "command", Name the action's name or the first words
	// of the command.
	Kind, Name string
	// Builds says that it builds an image, for which it fetches others.
	// Names says that it takes logins for the images that it names; without
	// either it takes none.
	Builds, Names bool
	// Inputs are those inputs of an action that name images.
	Inputs []string
	// Source is the address of its documentation.
	Source string
}

var imageRows = rows("images", []string{"kind", "name", "does", "inputs", "source"}, parseImageWork)

// imageWork is the table by kind and name.
var imageWork = sync.OnceValue(func() map[[2]string]ImageWork {
	out := map[[2]string]ImageWork{}
	for _, w := range imageRows().rows {
		out[[2]string{w.Kind, w.Name}] = w
	}
	return out
})

func parseImageWork(r row) (ImageWork, error) {
	does := r.cell("does")
	w := ImageWork{
		Kind: r.cell("kind"), Name: r.cell("name"), Builds: does == "builds", Names: does == "builds" || does == "names",
		Inputs: r.list("inputs"), Source: r.cell("source"),
	}
	if !slices.Contains([]string{"builds", "names", "nothing"}, does) || w.Kind != "action" && w.Kind != "command" {
		return w, fmt.Errorf("%s %s %q", w.Kind, w.Name, does)
	}
	return w, nil
}

// ActionImages returns what an action does with images, by its name in lower
// case. ok is false for one that may do anything.
func ActionImages(name string) (w ImageWork, ok bool) {
	w, ok = imageWork()[[2]string{"action", name}]
	return w, ok
}

// CommandImages returns what a command does with images, by its words: what
// stands in the table for most of them. ok is false for one that may do
// anything.
func CommandImages(words []string) (w ImageWork, ok bool) {
	for n := min(len(words), 3); n > 0; n-- {
		if w, ok = imageWork()[[2]string{"command", strings.Join(words[:n], " ")}]; ok {
			return w, true
		}
	}
	return ImageWork{}, false
}
