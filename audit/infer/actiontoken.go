package infer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// actionToken notes what an action does with one token.
func (in *inferrer) actionToken(site *trace.Site, info *rules.ActionInfo, token rules.ActionToken, v value.Value, here *tree) {
	a := site.Action
	for _, c := range v.Credentials() {
		get := func(name string) (text string, known, set bool) { return in.actionInput(site, c, name) }
		effect, _ := token.Effect(get)
		at := site.Place()
		line := site.Line
		if p := a.Place(token.Input); token.Input != "" && p.Line > 0 {
			line = p.Line
		}
		use := &Use{Site: site, Credential: c, What: a.Name, File: site.File, Line: line}
		in.uses = append(in.uses, use)
		if in.unreadBy(site, token) {
			use.Reads = true
			continue
		}
		open := token.Open(get)
		use.Further = in.furtherAction(site, token, get, here)
		if effect.Answer == rules.AnswerOther && !in.mayBeGitHub(c, open) {
			use.Other = c.Kind == value.Secret
			continue
		}
		if slices.Contains(effect.Operations, storesCredential) {
			in.session.header = in.session.header.Keep(v, site.Guards, nil)
		}
		// An input that is handed on to code which is not at hand may hold
		// anything: there the secret's name has to tell.
		hands := token.Default == "" && effect.Target == "unknown" && len(effect.Operations)+len(effect.Needs) == 0
		var kept []setting
		if hands {
			kept = settingsOf(a.Inputs[strings.ToLower(token.Input)], c)
		}
		if hands && in.otherSecret(value.Of(c), "") || in.ownSettings(c, kept) {
			use.Other = true
			continue
		}
		use.Reads, use.Keys = !hands, token.WorkflowKeys(get)
		if in.coded(use, site, info, at) {
			in.sentTo(use, givenServer(a), at)
			continue
		}
		if effect.Answer == rules.AnswerUnknown {
			use.Unknowns = append(use.Unknowns, Unknown{
				Code: "unread", Detail: a.Name + ": " + cmp.Or(effect.Note, "what it does with it is not known"), Place: at,
				Settle: "read the action's sources" + describe("actions"),
			})
			continue
		}
		lookup := func(reference string) (value.Value, bool) { return in.actionGiven(site, reference) }
		recursive := !strings.EqualFold(a.Inputs["submodules"].LiteralOr(""), "true")
		op := in.effect(effect, lookup, here, at)
		if len(kept) > 0 {
			in.keeps(use, op, kept)
			continue
		}
		op.Sure = in.sure(site, token, get)
		in.reports(&op, site)
		for _, name := range rules.InputCommit.Names() {
			in.releases(&op, a.Inputs[name])
		}
		outranked := !token.Checkout && in.outranked(site, info, here)
		if outranked {
			op = withoutPush(op)
		}
		use.Operations = append(use.Operations, in.withSubmodules(op, recursive)...)
		if a.Name == renovateAction && len(effect.Needs) > 0 {
			in.renovated(site, a.Inputs["configurationfile"], &use.Operations[0])
		}
		if commitsChanges(a, effect) {
			use.Operations = append(use.Operations, changesWorkflows(&use.Operations[len(use.Operations)-1], here)...)
		}
		for _, part := range effect.Cases {
			if part.When.Holds(get) == rules.No {
				continue
			}
			op := in.effect(part.Effect, lookup, here, at)
			op.Sure = in.sureOf(get, func(get rowGetter) rules.Needs {
				if part.When.Holds(get) != rules.Yes {
					return nil
				}
				return part.Effect.Needs
			})
			if outranked {
				op = withoutPush(op)
			}
			use.Operations = append(use.Operations, in.withSubmodules(op, recursive)...)
		}
		use.Operations = append(use.Operations, in.actionInstalled(site)...)
		in.toHeads(use)
		in.sentTo(use, givenServer(a), at)
		for _, row := range open {
			use.Unknowns = append(use.Unknowns, in.openRow(site, row, effect, at)...)
		}
	}
}

// rowGetter answers the conditions of the table.
type rowGetter = func(name string) (text string, known, set bool)

// sure returns what an action is sure to take of a token, by event: nothing
// where it is not even known whether its version takes one that nobody gives.
func (in *inferrer) sure(site *trace.Site, token rules.ActionToken, get rowGetter) map[string]rules.Needs {
	given := token.Input == "" || len(site.Action.Inputs[strings.ToLower(token.Input)]) > 0
	return in.sureOf(get, func(get rowGetter) rules.Needs {
		if !given && token.Exists(get) == rules.Maybe {
			return nil
		}
		return token.Sure(get)
	})
}

// sureOf asks for what is sure in a run of each of the events that may start
// the workflow.
func (in *inferrer) sureOf(get rowGetter, needs func(get rowGetter) rules.Needs) map[string]rules.Needs {
	out := map[string]rules.Needs{}
	if _, known, _ := get("@event"); !known {
		out[""] = needs(get)
		return out
	}
	for _, t := range in.job.Root.Triggers {
		out[t.Event] = needs(func(name string) (string, bool, bool) {
			if name == "@event" {
				return t.Event, true, true
			}
			return get(name)
		})
	}
	return out
}

// jobKeys notes the keys that an action takes without any token, such as
// id-token for a token of the runner's: the job must be given them all the
// same.
func (in *inferrer) jobKeys(site *trace.Site, info *rules.ActionInfo, here *tree) {
	own := &value.Credential{Kind: value.JobToken, Name: "GITHUB_TOKEN"}
	get := func(name string) (text string, known, set bool) { return in.actionInput(site, own, name) }
	if len(info.Job.WorkflowKeys(get)) > 0 {
		in.actionToken(site, info, *info.Job, value.Of(own), here)
	}
}

// commitsChanges tells whether an action commits the workflow files that
// changed in a working tree: it takes all that changed, or an input that chooses
// files names the folder that holds them. One that names workflow files is for
// the table's conditions.
func commitsChanges(a *trace.Action, effect rules.Effect) bool {
	if !strings.HasPrefix(effect.Target, "checkout") || !slices.Contains(effect.Operations, "git push") {
		return false
	}
	for _, input := range []string{"add-paths", "file_pattern", "add"} {
		if v := a.Inputs[input]; len(v) > 0 {
			return slices.ContainsFunc(strings.FieldsFunc(v.String(), func(r rune) bool { return strings.ContainsRune(" \n,", r) }), func(w string) bool {
				return w == "." || w == "*" || w == "-A" || w == "--all" || coversWorkflows(strings.TrimSuffix(w, "/**"))
			})
		}
	}
	return true
}

// changesWorkflows adds to the operation of an action that commits what it finds
// changed that workflow files are among that, where a command before it changed
// some, or returns one more where it may have.
func changesWorkflows(op *Operation, here *tree) []Operation {
	switch {
	case here.edited:
		op.Needs = op.Needs.Union(needs("workflows:write"))
	case here.mayEdit != "":
		return []Operation{{
			Names: op.Names, Targets: op.Targets, Place: op.Place, Confidence: op.Confidence, Answer: rules.AnswerConditional,
			Reasons: []string{"workflow-files"}, Perhaps: needs("workflows:write"), Note: mayBeWorkflows(here.mayEdit),
		}}
	}
	return nil
}

// mayBeGitHub tells whether an input that takes other services' credentials
// may be given one of GitHub's: something that is not known decides, such as
// the registry, and the secret's name does not speak of another service.
func (in *inferrer) mayBeGitHub(c *value.Credential, open []rules.ActionRow) bool {
	kind := in.options.secretKind(c.Name)
	return kind == rules.NameGitHub && slices.ContainsFunc(open, func(r rules.ActionRow) bool { return r.Effect.Answer != rules.AnswerOther })
}

// openRow says what hangs on an input whose value is not known. Only what
// would make the answer worse is worth a word.
func (in *inferrer) openRow(site *trace.Site, row rules.ActionRow, base rules.Effect, at audit.Place) []Unknown {
	worse := row.Effect.Answer == rules.AnswerNo && base.Answer != rules.AnswerNo || base.Answer == rules.AnswerOther ||
		row.Effect.Target != "" && row.Effect.Target != base.Target ||
		row.Replaces && row.Effect.Answer == rules.AnswerConditional && base.Answer == rules.AnswerYes
	if !worse {
		return nil
	}
	if i := slices.IndexFunc(row.When, func(t rules.Term) bool { return strings.HasPrefix(t.Name, "@list:") }); i >= 0 {
		file, _, _ := strings.Cut(strings.TrimPrefix(row.When[i].Name, "@list:"), "#")
		return []Unknown{{
			Code: "unread", Detail: fmt.Sprintf("it depends on what %s lists: %s", file, cmp.Or(row.Effect.Note, row.When.String())), Place: at,
			Settle: "read what that does with the token",
		}}
	}
	if file, ok := in.openFile(site, row.When); ok {
		return []Unknown{{
			Code: "unread", Detail: fmt.Sprintf("it depends on what stands in %s, which could not be read: %s", file, cmp.Or(row.Effect.Note, row.When.String())), Place: at,
			Settle: "read that file",
		}}
	}
	return []Unknown{{
		Code: "unread", Detail: fmt.Sprintf("it depends on an input that is not known here: %s", row.When), Place: at,
		Settle: "write the input as a constant",
	}}
}
