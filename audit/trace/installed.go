package trace

import (
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// activates matches the scripts by which Python's virtual environments are
// entered: they set variables of the shell.
var activates = regexp.MustCompile(`(?:^|/)(?:bin|Scripts)/(?:activate(?:\.fish|\.csh)?|[Aa]ctivate\.ps1)$`)

// packageFile matches the JavaScript file of a package that npm has installed.
var packageFile = regexp.MustCompile(`(?:^|/)node_modules/((?:@[\w.-]+/)?[\w.-]+)/\S+\.[cm]?js$`)

// runsPackage tells whether a command has Node.js run the program of an installed
// package that is no part of the checkout: it becomes a call of that package by
// its name, which is most often the program's.
func (r *run) runsPackage(c *Command) bool {
	for n, word := range c.Args[1:] {
		text, known := word.Literal()
		if !known {
			return false
		}
		if strings.HasPrefix(text, "-") {
			continue
		}
		m := packageFile.FindStringSubmatch(strings.ReplaceAll(text, `\`, "/"))
		if m == nil {
			return false
		}
		if _, _, there := r.read(c.Dir, text); there {
			return false
		}
		c.Args, c.Written = append([]value.Value{value.Text(m[1])}, c.Args[n+2:]...), nil
		return true
	}
	return false
}

// putThere tells whether a program lies in a folder into which a package manager
// has put it, as it is no part of the checkout.
func (r *run) putThere(c *Command, program string) bool {
	if !rules.Installed(program) {
		return false
	}
	_, _, there := r.read(c.Dir, program)
	return !there
}
