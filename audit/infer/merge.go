package infer

import (
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// mergesBySaying notes whether the message that `gh pr merge` is given keeps the
// push from starting anything. A merge by rebase has no message of its own: the
// commits keep theirs. It is wrong where the branch has a merge queue, which takes
// no message.
// Source: https://cli.github.com/manual/gh_pr_merge
func mergesBySaying(op *Operation, call rules.GhCall, table *value.Table) {
	_, squash := call.Flags["squash"]
	_, merge := call.Flags["merge"]
	_, rebase := call.Flags["rebase"]
	if !squash && !merge || rebase {
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
