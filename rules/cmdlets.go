package rules

import (
	"cmp"
	"errors"
	"strings"
	"sync"
)

// cmdletRow is a row of the table cmdlets.
type cmdletRow struct{ names []string }

var cmdletRows = rows("cmdlets", []string{"cmdlet", "aliases", "source"}, func(r row) (cmdletRow, error) {
	out := cmdletRow{names: []string{strings.ToLower(r.cell("cmdlet"))}}
	if out.names[0] == "" || r.cell("source") == "" {
		return out, errors.New("want a cmdlet and its source")
	}
	for _, alias := range r.list("aliases") {
		out.names = append(out.names, strings.ToLower(alias))
	}
	return out, nil
})

// cmdletNames are the full names by the names and aliases of the table.
var cmdletNames = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, c := range cmdletRows().rows {
		for _, name := range c.names {
			out[name] = c.names[0]
		}
	}
	return out
})

// QuietCmdlet tells whether a name, whatever its case, is that of a cmdlet of
// PowerShell's own which runs no code of the project and asks GitHub nothing.
// Source: the documentation that the table names.
func QuietCmdlet(name string) bool { return cmdletNames()[strings.ToLower(name)] != "" }

// CmdletName returns the full name of a cmdlet of the table in lower case, whichever
// of its names is given; of any other name that one in lower case.
func CmdletName(name string) string {
	name = strings.ToLower(name)
	return cmp.Or(cmdletNames()[name], name)
}
