package infer

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// presume notes what names tell of uses that could not be read. It is wrong
// where a name misleads: see [rules.Sign].
func (in *inferrer) presume() {
	for _, u := range in.uses {
		if len(u.Unknowns) == 0 || u.Other {
			continue
		}
		if u.Unknowns[0].Code == "unknown-action" {
			in.namesake(u)
		}
		for _, name := range in.carriers(u) {
			if !in.explained(u, name) && in.presumed(u, rules.SignVariable, name, nil) {
				break
			}
		}
		if u.Site.Action != nil && !u.git && len(u.Presumed) == 0 {
			// Of an action's name only what GITHUB_TOKEN never does is heard.
			name := path.Base(u.Site.Action.Name)
			if sign, ok := rules.SignOf(rules.SignHanded, name); ok && sign.Effect.Answer == rules.AnswerNo {
				in.supposed(u, sign, name, nil)
			}
		}
		if u.git || u.Site.Command == nil && !u.Site.Client {
			continue
		}
		if title, _ := u.Site.Title(); len(u.Presumed) == 0 && !in.presumed(u, rules.SignStepHanded, title, nil) {
			// Of a job's name only what GITHUB_TOKEN never does is heard.
			name := in.job.Job.Name.Value
			if sign, ok := rules.SignOf(rules.SignStepHanded, name); ok && sign.Effect.Answer == rules.AnswerNo {
				in.supposed(u, sign, name, nil)
			}
		}
		for _, name := range codeNames(u) {
			if in.presumed(u, rules.SignHanded, name, nil) {
				break
			}
		}
		in.besides(u)
	}
	in.presumeGiven()
}

// explained tells whether what a name tells of a use is what the credential is seen
// to be for elsewhere in the job: then it tells nothing of code that was not read.
func (in *inferrer) explained(u *Use, name string) bool {
	sign, ok := rules.SignOf(rules.SignVariable, name)
	if !ok || len(sign.Effect.Operations) == 0 {
		return false
	}
	_, object, _ := strings.Cut(sign.Effect.Operations[0], " ")
	return slices.ContainsFunc(in.uses, func(other *Use) bool {
		return other != u && len(other.Unknowns) == 0 && sameCredential(other.Credential, u.Credential) && slices.ContainsFunc(other.Operations, func(op Operation) bool {
			return slices.ContainsFunc(op.Names, func(name string) bool { return strings.HasSuffix(name, " "+object) })
		})
	})
}

// presumeGiven notes what the inputs, the variables of the step and the flags
// tell of code that could not be read.
func (in *inferrer) presumeGiven() {
	var given []string
	var of *trace.Site
	for _, u := range in.uses {
		if len(u.Unknowns) == 0 || u.Other || u.git {
			continue
		}
		// Other services have projects with numbers as well.
		if !u.Reads && in.options.secretKind(u.Credential.Name) != rules.NameGitHub || u.Site.Action != nil && hostedElsewhere(u.Site.Action) {
			continue
		}
		if u.Site != of {
			of, given = u.Site, givenBeside(u.Site)
		}
		for _, text := range given {
			if in.presumed(u, rules.SignGiven, text, nil) {
				break
			}
		}
	}
}

// givenBeside are the names and values that the code of a site is given, those
// that are written out.
func givenBeside(site *trace.Site) []string {
	var out []string
	add := func(name string, v value.Value) {
		if text, ok := v.Literal(); ok && text != "" && len(text) < 200 {
			out = append(out, strings.ToLower(strings.ReplaceAll(name, "_", "-"))+" "+text)
		}
	}
	switch {
	case site.Action != nil:
		for _, name := range sortedKeys(site.Action.Inputs) {
			add(name, site.Action.Inputs[name])
		}
	case site.Command != nil:
		for n, word := range site.Command.Args {
			flag, ok := strings.CutPrefix(word.LiteralOr(""), "--")
			if name, text, set := strings.Cut(flag, "="); ok && set {
				add(name, value.Text(text))
			} else if ok && n+1 < len(site.Command.Args) {
				add(flag, site.Command.Args[n+1])
			}
		}
	}
	vars := site.Env.All()
	for _, name := range sortedKeys(vars) {
		if near(site, name) {
			add(name, vars[name])
		}
	}
	return out
}

// namesake notes what the known action does that an unknown one has its name
// and its token's input from: it is most often a copy of that one.
func (in *inferrer) namesake(u *Use) {
	for _, name := range rules.Namesakes(u.Site.Action.Name) {
		info, ok := in.options.action(name)
		if !ok {
			continue
		}
		for _, token := range info.Tokens {
			if token.Input == "" || !givenLike(u, strings.ToLower(token.Input)) {
				continue
			}
			u.Reads = true
			uses := in.uses
			in.uses = nil
			in.actionToken(u.Site, info, token, value.Of(u.Credential), in.session.tree("."))
			for _, like := range in.uses {
				for _, op := range like.Operations {
					op.Sign = fmt.Sprintf("%s is named like %s", u.Site.Action.Name, info.Name)
					u.Presumed = append(u.Presumed, op)
				}
			}
			in.uses = uses
			return
		}
	}
}

// givenLike tells whether an action is given a credential by an input, or by
// another one of the names that inputs of tokens have.
func givenLike(u *Use, input string) bool {
	names := []string{input}
	if rules.InputToken.Has(input) {
		names = rules.InputToken.Names()
	}
	return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(u.Site.Action.Inputs[name].Credentials(), u.Credential) })
}

// besides notes repositories that variables beside a credential name as those
// that the code writes to: variables of the step, or such as share a word with
// the name of the code.
func (in *inferrer) besides(u *Use) {
	if !in.namesTargets() {
		return
	}
	words := nameWords(strings.Join(codeNames(u), " "))
	vars := u.Site.Env.All()
	for _, name := range sortedKeys(vars) {
		sign, ok := rules.SignOf(rules.SignTarget, name)
		shared := slices.ContainsFunc(nameWords(name), func(w string) bool { return w != "repo" && w != "repository" && slices.Contains(words, w) })
		if !ok || !near(u.Site, name) && !shared {
			continue
		}
		targets := in.targets(vars[name])
		if len(targets) == 0 || slices.ContainsFunc(targets, func(t Target) bool { return t.Kind != Repository }) {
			continue
		}
		in.supposed(u, sign, name, nil).Targets = targets
	}
}

// carriers are the names under which a credential comes to a site: those of
// the variables, and its own.
func (in *inferrer) carriers(u *Use) []string {
	if u.Credential.Kind != value.Secret || in.isTap() {
		return nil
	}
	names := []string{u.Credential.Name}
	for _, name := range u.Site.Env.Credentials() {
		v, _ := u.Site.Env.Lookup(name)
		if slices.ContainsFunc(v.Credentials(), func(c *value.Credential) bool { return sameCredential(c, u.Credential) }) {
			names = append(names, name)
		}
	}
	return names
}

// isTap tells whether the repository is a package manager's itself.
func (in *inferrer) isTap() bool {
	return rules.IsTap(cmp.Or(in.options.Repository, in.options.Folder))
}

// codeNames are the names of the code of a use that could not be read: of a
// script its file's, of a program its own and the word behind it.
func codeNames(u *Use) []string {
	words := strings.Fields(u.What)
	if u.Site.Unread != nil {
		words = append(words, strings.Fields(u.Site.Unread.What)...)
		if u.Site.Client {
			// The file that a client was handed to.
			for _, w := range strings.Fields(u.Site.Unread.Why) {
				if w = strings.TrimSuffix(w, ","); path.Ext(w) != "" {
					words = append(words, w)
				}
			}
		}
	}
	var out []string
	for _, w := range words {
		if w = path.Base(strings.ReplaceAll(w, "\\", "/")); !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// namesTargets tells whether variables of the job's workflow may hold names of
// repositories, by their own: most hold none, and need no look at all of them.
func (in *inferrer) namesTargets() bool {
	if in.targetsNamed == nil {
		source := in.job.File.Source
		found := bytes.Contains(source, []byte("_REPO")) || bytes.Contains(source, []byte("_repo"))
		in.targetsNamed = &found
	}
	return *in.targetsNamed
}

// presumed notes what a name tells of a use, if it tells something.
func (in *inferrer) presumed(u *Use, kind rules.SignKind, name string, here *tree) bool {
	// Most names tell nothing, and come again with every step.
	key := [2]string{string(kind), name}
	if in.signless[key] {
		return false
	}
	sign, ok := rules.SignOf(kind, name)
	if !ok {
		if in.signless == nil {
			in.signless = map[[2]string]bool{}
		}
		in.signless[key] = true
		return false
	}
	in.supposed(u, sign, name, here)
	return true
}

// supposed adds to a use what a sign tells.
func (in *inferrer) supposed(u *Use, sign rules.Sign, name string, here *tree) *Operation {
	at := audit.Place{File: u.File, Line: u.Line, Text: name}
	if len(u.Unknowns) > 0 {
		at = u.Unknowns[0].Place
	}
	op := in.effect(sign.Effect, func(reference string) (value.Value, bool) {
		if reference != "input:branch" {
			return nil, false
		}
		return branchBeside(u.Site)
	}, here, at)
	op.Sign = fmt.Sprintf("%q %s", name, sign.Says)
	u.Presumed = append(u.Presumed, op)
	return &u.Presumed[len(u.Presumed)-1]
}

// branchBeside is the branch that an input of an action, or a variable of the
// step, names for what it writes to; not set where several do.
func branchBeside(site *trace.Site) (v value.Value, set bool) {
	found := map[string]value.Value{}
	if site.Action != nil {
		maps.Copy(found, site.Action.Inputs)
	}
	vars := site.Env.All()
	for name, v := range vars {
		if near(site, name) {
			found[name] = v
		}
	}
	for name, given := range found {
		words := nameWords(name)
		if len(words) == 0 || words[len(words)-1] != "branch" || len(given) == 0 || slices.ContainsFunc(words, rules.WordSource.Has) {
			continue
		}
		if set && !v.Equal(given) {
			return nil, false
		}
		v, set = given, true
	}
	return v, set
}
