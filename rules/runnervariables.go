package rules

import (
	"path"
	"strings"
	"sync"
)

var runnerVariableRows = rows("runner-variables", []string{"name", "by", "source"}, func(r row) (string, error) {
	return strings.ToUpper(r.cell("name")), nil
})

// runnerVariables are the names of the table, those that end with a star apart.
var runnerVariables = sync.OnceValue(func() (out struct {
	names    map[string]bool
	prefixes []string
}) {
	out.names = map[string]bool{}
	for _, name := range runnerVariableRows().rows {
		if prefix, all := strings.CutSuffix(name, "*"); all {
			out.prefixes = append(out.prefixes, prefix)
		} else {
			out.names[name] = true
		}
	}
	return out
})

// RunnerSets tells whether a variable may be set on a runner where nothing of the
// workflow sets it: by the machine, a shell, or a tool that an action sets up.
func RunnerSets(name string) bool {
	name = strings.ToUpper(name)
	table := runnerVariables()
	if table.names[name] {
		return true
	}
	for _, prefix := range table.prefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

var hostedRunnerRows = rows("hosted-runners", []string{"label", "source"}, func(r row) (string, error) {
	_, err := path.Match(r.cell("label"), "")
	return r.cell("label"), err
})

// HostedRunner tells whether a label is that of a runner of GitHub's.
func HostedRunner(label string) bool {
	label = strings.ToLower(label)
	for _, pattern := range hostedRunnerRows().rows {
		if ok, _ := path.Match(pattern, label); ok {
			return true
		}
	}
	return false
}
