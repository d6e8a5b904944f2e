package trace

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/script"
	"github.com/patrol-actions/patrol/rules"
)

// libraries notes the programs that a script starts by importing them in place of
// calling them: they look for their tokens by themselves all the same, and what
// they do with them hangs on what the script tells them, which is not read. One
// that is imported for something else, such as its types, is taken for started.
func (r *run) libraries(in script.Input, modules []string, emit func(start int, in string, site Site)) {
	for _, name := range modules {
		info, ok := rules.Program([]string{name})
		if !ok || info.Quiet {
			continue
		}
		var reads []string
		for _, use := range info.Uses {
			for _, t := range use.Tokens {
				if v, ok := in.Env.Lookup(t.Name); ok && t.Kind == "env" && use.Answer != rules.AnswerOther && v.HoldsCredential() && !slices.Contains(reads, t.Name) {
					reads = append(reads, t.Name)
				}
			}
		}
		_, pushes := info.UsesGit()
		if len(reads) == 0 && !pushes {
			continue
		}
		emit(strings.Index(in.Source, name), "", Site{
			Env: in.Env, Reads: reads, Pushes: pushes,
			Unread: &Unread{name, "is started by " + what(in.Path) + " with settings that are not read", "read what it does with the token" + orDescribe},
		})
	}
}
