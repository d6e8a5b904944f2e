package rules

import (
	"fmt"
	"strings"
)

// Updater is a bot that brings dependencies up to date.
type Updater struct {
	// Name is what people call it, Login who opens its pull requests, Branches
	// what the names of their branches begin with.
	Name, Login, Branches string
	// Actions is how it names its updates of actions, Packages how some update
	// of something else; both are empty where it does not tell them apart.
	Actions, Packages string
}

var updaterRows = rows("updaters", []string{"name", "login", "branches", "actions", "packages", "source"}, func(r row) (Updater, error) {
	out := Updater{r.cell("name"), r.cell("login"), r.cell("branches"), r.cell("actions"), r.cell("packages")}
	if out.Name == "" || !strings.HasSuffix(out.Login, "[bot]") || !strings.HasSuffix(out.Branches, "/") || (out.Actions == "") != (out.Packages == "") {
		return out, fmt.Errorf("%+v: want a name, an App's login, branches with a slash at their end, and both of actions and packages or none", out)
	}
	return out, nil
})

// Updaters returns the bots that bring dependencies up to date for many. The
// list is not to be changed.
func Updaters() []Updater { return updaterRows().rows }
