package infer

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// mergesBySaying notes whether the message that `gh pr merge` is given keeps the
// push from starting anything. A merge by rebase has no message of its own: the
// commits keep theirs. It is wrong where the branch has a merge queue, which takes
// no message.
// Source: https://cli.github.com/manual/gh_pr_merge
func mergesBySaying(op *Operation, call rules.GhCall, table *value.Table) {
	one := max(call.Given("squash"), call.Given("merge"))
	if one != rules.Yes || call.Given("rebase") != rules.No {
		return
	}
	subject, _ := call.Lookup("subject")
	body, _ := call.Lookup("body")
	for i := range op.Events {
		if op.Events[i].Name == "push" {
			op.Events[i].Skipped = skipped(table.Value(subject + "\n" + body + "\n"))
		}
	}
}

// mergeMessage begins the arguments that give a merge the title and the text of its
// commit, with "+" between them. GitHub writes what is not given, and adds to it.
const mergeMessage = "arg:commit"

// joined are the texts of several references, each on a line of its own.
func joined(references string, get given) value.Value {
	var out value.Value
	for reference := range strings.SplitSeq(references, "+") {
		v, _ := get(reference)
		out = value.Concat(out, v, value.Text("\n"))
	}
	return out
}
