package rules

import (
	"slices"
	"sync"
)

// InputKind is what an input of an action is for, by its name. It is a hint where
// the action is not known.
type InputKind string

// The kinds of inputs.
const (
	// InputToken is the action's token.
	InputToken InputKind = "token"
	// InputServer is the server of GitHub on which the action works.
	InputServer InputKind = "server"
	// InputHost is the server on which the action works, of whatever service.
	InputHost InputKind = "host"
	// InputScript is what the action runs. One for a file is none of the action's
	// own: most actions read it, or send it somewhere.
	InputScript InputKind = "script"
	// InputCommit is the commit of the release that the action makes.
	InputCommit InputKind = "commit"
	// InputSaidFile is the file with what the action says.
	InputSaidFile InputKind = "said-file"
	// InputNumber is the number of an issue or a pull request.
	InputNumber InputKind = "number"
	// InputPrerelease says whether a release is a pre-release.
	InputPrerelease InputKind = "prerelease"
	// InputAuthor names whom the action's commits are by.
	InputAuthor InputKind = "author"
	// InputUser names whose permission the action asks for: without one, it is the
	// actor's.
	InputUser InputKind = "user"
	// InputSearched names whose comments the action looks for.
	InputSearched InputKind = "searched"
	// InputPlain takes no credential, whatever the secret is called that fills it:
	// somebody hides a name, not a token.
	InputPlain InputKind = "plain"
	// InputIdentifying tells which comment, release, branch or file is meant, where
	// the table actions does not say which inputs do.
	InputIdentifying InputKind = "identifying"
)

var inputKinds = []InputKind{InputToken, InputServer, InputHost, InputScript, InputCommit, InputSaidFile, InputNumber, InputPrerelease, InputAuthor, InputUser, InputSearched,
	InputPlain, InputIdentifying}

// inputRow is a row of table/inputs.tsv.
type inputRow struct {
	kindRow[InputKind]
	action string
}

var inputRows = rows("inputs", []string{"kind", "input", "action", "note"}, func(r row) (inputRow, error) {
	named, err := parseKind(r, "input", inputKinds)
	return inputRow{named, r.cell("action")}, err
})

// inputNames are the names of each kind by the action that alone has them, "" for
// those of all, and these for being looked up.
type inputNames struct {
	of  map[InputKind]map[string][]string
	has map[InputKind]map[string]bool
}

var inputsOf = sync.OnceValue(func() inputNames {
	out := inputNames{map[InputKind]map[string][]string{}, map[InputKind]map[string]bool{}}
	for _, k := range inputKinds {
		out.of[k], out.has[k] = map[string][]string{}, map[string]bool{}
	}
	for _, r := range inputRows().rows {
		out.of[r.kind][r.action] = append(out.of[r.kind][r.action], r.name)
		out.has[r.kind][r.name] = out.has[r.kind][r.name] || r.action == ""
	}
	for _, names := range out.of {
		for action := range names {
			if action != "" {
				names[action] = slices.Concat(names[action], names[""])
			}
		}
	}
	return out
})

// Has tells whether an input of any action is one of the kind, by its name in lower
// case.
func (k InputKind) Has(name string) bool { return inputsOf().has[k][name] }

// Names are the names that inputs of the kind have, in lower case and in the
// order in which they count. They are not to be changed.
func (k InputKind) Names() []string { return inputsOf().of[k][""] }

// Of are the names that inputs of the kind may have of an action: those that it
// alone has come first.
func (k InputKind) Of(action string) []string {
	if own, ok := inputsOf().of[k][action]; ok {
		return own
	}
	return k.Names()
}
