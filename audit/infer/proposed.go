package infer

import (
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// proposesUnpushed notes of a pull request in another repository, whose checkout
// keeps a secret, that somebody must have pushed what it proposes: gh asks for
// that, and pushes nothing itself where nobody is there to be asked. Where no push
// there is seen, code before it that was not read is taken to have made it, with
// the secret.
func (in *inferrer) proposesUnpushed(site *trace.Site, call rules.GhCall) {
	if head, _ := call.Lookup("head"); call.Command != "pr create" || strings.Contains(head, ":") {
		return // or it comes from somebody's fork
	}
	for _, dir := range slices.Sorted(maps.Keys(in.session.trees)) {
		foreign := in.foreignTree(dir)
		if foreign == "" || (call.Repo == "" && dir != folder(site.Command.Dir)) || (call.Repo != "" && !strings.EqualFold(call.Repo, foreign)) {
			continue
		}
		in.pushedBy(in.session.trees[dir], foreign, site.Place())
	}
}

// pushedBy notes that the last code which may use what a tree has stored for git
// pushes there, where nothing else does.
func (in *inferrer) pushedBy(t *tree, foreign string, because audit.Place) {
	stored := t.stored().Credentials()
	var last *Use
	for _, u := range in.uses {
		if slices.ContainsFunc(u.Operations, func(op Operation) bool {
			return slices.Contains(op.Names, "git push") && slices.ContainsFunc(op.Targets, func(t Target) bool { return t.Text == foreign })
		}) {
			return
		}
		ofTree := u.Credential.Kind == value.Secret && slices.ContainsFunc(stored, func(c *value.Credential) bool { return sameCredential(c, u.Credential) })
		if ofTree && u.git && len(u.Unknowns) > 0 && (u.Reading == "" || u.Reading == foreign) {
			last = u
		}
	}
	if last == nil {
		return
	}
	last.Reading, last.doubt = "", certain
	if len(last.Presumed) > 0 {
		return
	}
	last.Presumed = append(last.Presumed, Operation{
		Names: []string{"git push"}, Targets: in.treeTargets(t), Needs: needs("contents:write"), Answer: rules.AnswerYes, Confidence: "medium",
		Events: []Event{{Name: "push"}}, Sign: "\"" + because.Text + "\" proposes what nothing else has pushed", Place: last.Unknowns[0].Place,
	})
}
