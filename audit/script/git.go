package script

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// gitInstance is what the simple-git package gives, whose methods are git's
// commands.
const gitInstance = "simple-git()"

// gitMethods are methods of simple-git that are not named like the command.
var gitMethods = map[string][]string{
	"addRemote": {"remote", "add"}, "removeRemote": {"remote", "remove"}, "getRemotes": {"remote"}, "addConfig": {"config"},
	"pushTags": {"push", "--tags"}, "addTag": {"tag"}, "addAnnotatedTag": {"tag", "-a"}, "checkoutLocalBranch": {"checkout", "-b"},
	"checkoutBranch": {"checkout", "-b"}, "deleteLocalBranch": {"branch", "-d"}, "listRemote": {"ls-remote"}, "mirror": {"clone", "--mirror"},
	"submoduleUpdate": {"submodule", "update"}, "submoduleAdd": {"submodule", "add"}, "revparse": {"rev-parse"}, "raw": {},
	"diffSummary": {"diff", "--stat"}, "mergeFromTo": {"merge"}, "branchLocal": {"branch"},
}

// callGit calls a function of simple-git.
func (f *frame) callGit(s site, name string, args []thing) (thing, bool) {
	switch name {
	case "simple-git", "simple-git.simpleGit", "simple-git.gitP", "simple-git/promise", "simple-git.default":
		return outside{gitInstance}, true
	}
	method, ok := cutName(name, gitInstance+".")
	if !ok {
		return nil, false
	}
	if method == "cwd" || method == "env" || strings.Contains(method, ".") {
		return outside{gitInstance}, true
	}
	command, renamed := gitMethods[method]
	if !renamed {
		command = []string{method}
	}
	words := []value.Value{value.Text("git")}
	for _, word := range command {
		words = append(words, value.Text(word))
	}
	for _, a := range args {
		words = append(words, gitWords(a)...)
	}
	s.run(words, false, none{})
	return outside{gitInstance}, true
}

// gitWords turns an argument into words: simple-git takes texts, lists, and
// objects whose keys are options.
func gitWords(t thing) []value.Value {
	switch t := t.(type) {
	case *list:
		return wordsOf(t)
	case *object:
		var words []value.Value
		for _, name := range t.names {
			words = append(words, value.Text(name))
			if v := valueOf(t.members[name]); len(v) > 0 {
				words = append(words, v)
			}
		}
		return words
	case none, *function, *builtin:
		return nil
	}
	return []value.Value{valueOf(t)}
}
