package infer

import (
	"slices"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// Knowledge is what a project says of its own actions, programs and secrets.
// It goes before what package rules has; ok is false where it says nothing.
type Knowledge interface {
	// Action returns what an action does, by its name without the version.
	Action(name string) (info *rules.ActionInfo, ok bool)
	// Program returns what a command starts, by its words and the folder
	// that it runs in, relative to the repository's root.
	Program(words []string, folder string) (info *rules.ProgramInfo, ok bool)
	// SecretKind returns rules.NameGitHub or rules.NameOther for a secret.
	SecretKind(name string) (kind string, ok bool)
}

// describe ends the advice of reading something, where it can be described as
// well: section is the key of patrol.yml.
func describe(section string) string {
	return ", and describe it under \"" + section + "\" in .github/patrol.yml"
}

// Action returns what is known of an action, by the project or by package
// rules.
func Action(own Knowledge, name string) (*rules.ActionInfo, bool) {
	if own != nil {
		if info, ok := own.Action(name); ok {
			return info, true
		}
	}
	return rules.Action(name)
}

func (o Options) action(name string) (*rules.ActionInfo, bool) { return Action(o.Knowledge, name) }

// secretKind returns the kind of a secret as the project says, or else what
// its name hints at.
func (o Options) secretKind(name string) string {
	if o.Knowledge != nil {
		if kind, ok := o.Knowledge.SecretKind(name); ok {
			return kind
		}
	}
	kind, _ := rules.SecretKind(name)
	return kind
}

// described handles a command whose program the project describes. That
// holds whatever it is: also for an extension of gh, say.
func (in *inferrer) described(site *trace.Site) bool {
	if in.options.Knowledge == nil {
		return false
	}
	words, folder, table := site.Command.Call()
	info, ok := in.options.Knowledge.Program(words, folder)
	if !ok {
		return false
	}
	var taken value.Value
	for _, use := range info.Uses {
		taken = value.Concat(taken, in.programToken(site, info, use, "", table))
		in.programUse(site, info, use, table)
	}
	in.untaken(site, info, taken)
	return true
}

// untaken notes the credentials that a described program is handed in a way
// that its description does not tell of.
func (in *inferrer) untaken(site *trace.Site, info *rules.ProgramInfo, taken value.Value) {
	for _, c := range handed(site.Command).Credentials() {
		if slices.ContainsFunc(taken.Credentials(), func(t *value.Credential) bool { return sameCredential(c, t) }) {
			continue
		}
		at := site.Place()
		in.use(site, value.Of(c), info.Name, func(u *Use) {
			if u.Other = in.otherSecret(value.Of(c), ""); !u.Other {
				u.Unknowns = []Unknown{{
					Code: "unread", Detail: "the configuration does not say what " + info.Name + " does with what it is handed here", Place: at,
					Settle: "add it to \"programs\" in .github/patrol.yml",
				}}
			}
		})
	}
}

// dismiss makes nothing of the uses of secrets that the project says are no
// credentials for GitHub.
func (in *inferrer) dismiss() {
	if in.options.Knowledge == nil {
		return
	}
	for _, u := range in.uses {
		if u.Credential.Kind != value.Secret {
			continue
		}
		if kind, ok := in.options.Knowledge.SecretKind(u.Credential.Name); ok && kind == rules.NameOther {
			u.Other, u.Reads, u.Operations, u.Unknowns = true, false, nil, []Unknown(nil)
		}
	}
}
