package rules

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// AnswerOther says that an input is no GitHub token at all, so that neither
// GITHUB_TOKEN nor a PAT belongs there: a Slack webhook, an App's private key,
// the password of another registry.
const AnswerOther Answer = "other"

// ActionInfo is what is known of a public action, or of a public reusable
// workflow.
//
// The events of its effects use some references beside those of [Event]:
// "@checkout" is the branch that the working tree is on, "@ref" the branch or
// tag of the run, "@default" the default branch of the target, "@head" and
// "@base" the branches of the pull request at hand, "@number" a version that
// begins with a digit, "@annotated" the annotated tags that the job has made,
// without which there is no such event, "@tag" the tag of the run where the
// working tree is on its commit. "*" in a value stands for any text, also behind a
// reference ("env:TAG_PREFIX*"), "/@ref" behind a text the branch of the run. The attribute "when=missing" marks an event that occurs only
// where what it would create does not exist yet, "of" the tag that it then most
// likely is, though none is named, "when=exists" one that
// occurs where the release is there already. "pushed:input:push" are the
// branches that words name which stand behind git push, and behind "|" the one that the
// working tree is on. "message" is the message of the
// commit that the event is about, in which a mark may keep push and
// pull_request workflows from running: an input's, "@skips" for one that has
// the mark, "@commit" for the last commit of the working tree where the action
// makes none itself, and "@commit:input:directory" where an input says which
// tree. "@said:FILE#KEY" is what stands in a configuration under a path of keys, or
// with "*" for the path the names of its outermost keys, with "**" before the last
// key of whatever stands under such a key below the path; conditions name files
// so too. With "@release-please." before it a key is one of what settings.ReleasePlease
// says. A last reference behind "|" stands for what is said by a file not at hand,
// too. Where it says nothing, there is no such event.
//
// Their targets are those of [Effect] and: "checkout" for the repository of
// the working tree, "checkout:input:path" where an input says which tree;
// "input:owner/input:repo", where a part that is not given is that of the
// workflow's repository, and a repo may bring its owner;
// "registry:input:registry" or "registry:ghcr.io"; "tap:input:tap" for the short
// name of a tap of Homebrew; "head" for that of the head
// of a pull request, which may be a fork; "upload:input:url" for the repository to whose
// release an address uploads; "org:input:organization";
// "env:NAME" of the step; "@said:FILE#KEY" as among the events, where what a file
// does not say is the workflow's repository, also twice for its owner and its name,
// "@said:FILE#OWNER/@said:FILE#NAME"; behind a "|", "@owner/name" for a repository of the
// workflow's owner; "user" for the token's user.
//
// Confidence low is for rows put down without the action's own text at hand.
type ActionInfo struct {
	// Name is "owner/repo" or "owner/repo/path" in lower case. A name that
	// ends in "/*" is known for every action below it. That of a container
	// image, which a step may use as if it were an action, is "docker://image"
	// as [Image] returns it.
	Name string
	// Tokens are the inputs, environment variables and stored credentials
	// that it takes, in order of their names.
	Tokens []ActionToken
	// Job is what it does with what the job has anyway (its OIDC token, the
	// runner's cache), when that is known; its Input is "". An action that
	// has a Job and no Tokens takes no token.
	Job *ActionToken
	// Mints is the output that holds an installation token which the action
	// makes, "" for most actions. MintsFor is its target as in Effect.
	Mints, MintsFor string
	// Code are the inputs that hold programs: with them it is the program
	// that decides what the tokens do.
	Code []ActionCode
	// ByAuthor are the inputs, in lower case, that tell which comment is meant
	// by an action which takes up a comment that it has made before, and knows
	// it by its author as well: one made with another token is not found. The
	// table has them under token as "by-author:header+number". Nil for all
	// other actions.
	ByAuthor []string
	// ByActor are the inputs, in lower case, that let a bot in, of an action which
	// works only where who started the run may write to the repository. The table
	// has them under token as "by-actor:allow-bots+allow-users". Nil for all other
	// actions.
	ByActor []string
	// Payload are the inputs, in lower case, that hold all which an action sends
	// along with a dispatch. The table has them under token as
	// "payload:client-payload". Nil for all other actions, and where the action
	// sends more than its inputs say.
	Payload []string
	// Names are the inputs, in lower case, that name variables of the step, as
	// "NAME" or "id=NAME": what these hold goes where the token of that input
	// goes. The table has them under token as "names:secret-envs". Nil for all
	// other actions.
	Names []string
}

// ActionCode is an input that holds a program.
type ActionCode struct {
	// Input is the input's name.
	Input string
	// Language is "bash", "pwsh", "javascript", "graphql", or "route" for
	// a REST route such as "POST /repos/{owner}/{repo}/issues".
	Language string
}

// ActionToken is what an action does with one token.
type ActionToken struct {
	// Input is the name of the input that takes the token, Env that of the
	// environment variable; one of them is set, unless Checkout is true.
	// "*" stands for every one that has no entry of its own.
	Input, Env string
	// Checkout is true for the credentials that actions/checkout stored.
	Checkout bool
	// Default is "github.token" where the input need not be given.
	Default string
	// Versions are those of the action in which it exists. One that a later
	// version takes still counts where it is given to an earlier one: what
	// the table knows of beginnings is not exact.
	Versions Versions
	// Base is what it does unless a row changes that.
	Base Effect
	// Keys are workflow permissions, by key, which it takes beside those
	// that follow from the needs: contents for a checkout of its own,
	// id-token. A PAT has no part in them.
	Keys map[string]string
	// Rows change Base under conditions over the action's inputs and, as
	// "env:NAME", the environment of the step. Some more names may occur:
	// "@token" is "job" for GITHUB_TOKEN, "app" for an App's installation
	// token and "secret" for any other; "@event" is the event that started
	// the run; "@version" is the tag or branch behind the action's "@", for a
	// commit the version that the comment behind it names, else not known;
	// "@checkout" is the same for the actions/checkout that stored the
	// credentials: from v6 on they stand in a file of their own, where taking
	// them out of .git/config does not reach them; "@run" is what shows only when
	// it runs, such as what a model decides or a list holds: of that nothing is
	// ever known, so that the row only takes from what is sure. "@file:NAME" is
	// the text of a file, without its comments: of the one that the input NAME
	// names or, where there is a dot or a slash in NAME, of that path; of a file
	// that is not at hand nothing is known. "@list:FILE#KEY" are the entries of a list
	// in a configuration, for all of which a condition must hold. "@said:FILE#KEY" is what
	// the events have of that name, a line for each text; "@seen:FILE#KEY" is the same, where
	// a file that is not at hand says nothing: for what is rare besides a documented purpose. "@electron" are the providers that
	// electron-builder publishes to, "@electron:own" those that no flag changes. "@empty:NAME" is there where an input
	// is given, and empty, so that its default does not stand in. Names are written as the action does, and GitHub compares those of inputs without case.
	Rows []ActionRow
	// May are the needs that come to it where something holds that no workflow
	// shows, each under a condition over what Rows ask, or under none.
	May []ActionMay
}

// ActionMay is a further need of an action.
type ActionMay struct {
	// When is the condition, nil for none.
	When Condition
	// Versions are those of the action in which it holds.
	Versions Versions
	// MayNeed is what is then taken.
	MayNeed
}

// ActionRow changes what an action does with a token.
type ActionRow struct {
	// Replaces is true for a row that stands in place of the base (the first
	// that holds), false for one that adds to it.
	Replaces bool
	// When is the condition; it is never empty.
	When Condition
	// Versions are those of the action in which it holds.
	Versions Versions
	// Effect is the whole effect, or what comes to it. The Answer is ""
	// where a row that adds leaves it as it is.
	Effect Effect
	// Keys are as in ActionToken.
	Keys map[string]string
}

// parseActionMay reads a row of what may be needed: all but its needs, its note
// and when it holds is in the row that it comes to.
func parseActionMay(r row) (ActionMay, error) {
	var out ActionMay
	var errs [3]error
	out.When, errs[0] = r.condition("when")
	out.Versions, errs[1] = ParseVersions(r.cell("versions"))
	out.Needs, errs[2] = r.needs("needs")
	if err := errors.Join(errs[:]...); err != nil {
		return out, err
	}
	if out.Note = r.cell("note"); out.Note == "" || out.Needs == nil {
		return out, fmt.Errorf("line %d: what may be needed takes needs, and a note that says when", r.line)
	}
	for _, column := range []string{"extra", "answer", "reasons", "events", "target", "operations"} {
		if r.cell(column) != "" {
			return out, fmt.Errorf("line %d: what may be needed has no %s", r.line, column)
		}
	}
	for _, group := range out.Needs {
		if _, _, ok := WorkflowKey(group[0]); len(group) > 1 || !ok {
			return out, fmt.Errorf("line %d: needs %s: want what GITHUB_TOKEN can hold, without a choice", r.line, out.Needs)
		}
	}
	return out, nil
}

// Token returns what the action does with an input. Case does not matter.
func (a *ActionInfo) Token(input string) (ActionToken, bool) {
	return a.find(func(t ActionToken) string { return t.Input }, input, strings.EqualFold)
}

// EnvToken returns what the action does with an environment variable.
func (a *ActionInfo) EnvToken(name string) (ActionToken, bool) {
	return a.find(func(t ActionToken) string { return t.Env }, name, func(s, t string) bool { return s == t })
}

// CheckoutToken returns what the action does with the credentials that
// actions/checkout stored.
func (a *ActionInfo) CheckoutToken() (ActionToken, bool) {
	i := slices.IndexFunc(a.Tokens, func(t ActionToken) bool { return t.Checkout })
	if i < 0 {
		return ActionToken{}, false
	}
	return a.Tokens[i], true
}

func (a *ActionInfo) find(key func(ActionToken) string, name string, equal func(s, t string) bool) (ActionToken, bool) {
	for _, want := range []string{name, "*"} {
		for _, t := range a.Tokens {
			if want != "" && equal(key(t), want) {
				return t, true
			}
		}
	}
	return ActionToken{}, false
}

// Effect returns what the action does with the token, given what get returns
// for its inputs. An input that is given counts as given also where its value
// is not known; an expression that yields nothing is rare enough. Where a
// condition is open, certain is false: the needs, operations, events and
// conditions of a row that may add are in the effect, but for one that answers
// "no"; a row that may replace changes nothing, but where it would take what the
// base does not, or where something that is given decides and would have it cause
// other events: then both are in the effect. [ActionToken.Open] returns those rows. A part that has a target of its own stands under the
// effect's Cases.
func (t ActionToken) Effect(get func(name string) (text string, known, set bool)) (effect Effect, certain bool) {
	effect = t.replaced(get).Effect
	for _, r := range t.Rows {
		truth := r.holds(get)
		if r.Replaces && truth == Yes {
			break
		}
		if r.Replaces && truth == Maybe && r.Effect.Answer == effect.Answer && (r.Effect.Target == "" || r.Effect.Target == effect.Target) {
			effect = effect.orRather(r, get)
		}
	}
	for _, r := range t.Rows {
		truth := r.holds(get)
		if !r.Replaces && truth != No {
			effect = effect.plus(r, truth)
		}
	}
	for _, may := range t.May {
		if min(getter(get).holds(may.When), getter(get).within(may.Versions)) != No {
			effect.MayNeed = append(slices.Clip(effect.MayNeed), may.MayNeed)
		}
	}
	return effect, len(t.Open(get)) == 0
}

// WorkflowKeys returns the workflow permissions that the action takes beside
// those that follow from the effect's needs. Rows that may add are in it.
func (t ActionToken) WorkflowKeys(get func(name string) (text string, known, set bool)) map[string]string {
	keys := maps.Clone(t.replaced(get).Keys)
	for _, r := range t.Rows {
		if r.Replaces || r.Keys == nil || r.holds(get) == No {
			continue
		}
		if keys == nil {
			keys = map[string]string{}
		}
		for key, access := range r.Keys {
			if accessOrder[access] > accessOrder[keys[key]] {
				keys[key] = access
			}
		}
	}
	return keys
}

// Sure returns the needs that the action has in any case, whichever of the
// rows hold that get leaves open, as far as they are on its own target. What
// it takes in some of those cases only is in [ActionToken.Effect], and not here.
func (t ActionToken) Sure(get func(name string) (text string, known, set bool)) Needs {
	var sure Needs
	first, settled := true, false
	either := func(needs Needs) {
		if first {
			sure, first = needs, false
			return
		}
		sure = sure.common(needs)
	}
	for _, r := range t.Rows {
		truth := r.holds(get)
		if settled || !r.Replaces || truth == No {
			continue
		}
		either(r.Effect.Needs)
		settled = truth == Yes
	}
	if !settled {
		either(t.Base.Needs)
	}
	for _, r := range t.Rows {
		if !r.Replaces && r.holds(get) == Yes && (r.Effect.Target == "" || r.Effect.Target == t.Base.Target) {
			sure = sure.Union(r.Effect.Needs)
		}
	}
	return sure
}

// Open returns the rows of which get does not tell whether they hold, but for
// those that a replacing row before them makes idle.
func (t ActionToken) Open(get func(name string) (text string, known, set bool)) []ActionRow {
	var open []ActionRow
	replaced := false
	for _, r := range t.Rows {
		truth := r.holds(get)
		if truth == Maybe && !(r.Replaces && replaced) {
			open = append(open, r)
		}
		replaced = replaced || r.Replaces && truth == Yes
	}
	return open
}

// holds tells whether the row holds for what get returns.
func (r ActionRow) holds(get getter) Truth { return min(get.holds(r.When), get.within(r.Versions)) }

// replaced returns the base, or the first row that surely stands for it.
func (t ActionToken) replaced(get func(name string) (text string, known, set bool)) ActionRow {
	for _, r := range t.Rows {
		if r.Replaces && r.holds(get) == Yes {
			return r
		}
	}
	return ActionRow{Effect: t.Base, Keys: t.Keys}
}

// plus returns e with a row that adds to it, surely or perhaps.
func (e Effect) plus(r ActionRow, truth Truth) Effect {
	add := r.Effect
	if add.Target != "" && add.Target != e.Target {
		c := Case{Effect: add}
		if truth == Maybe {
			c.When = r.When
		}
		if add.Answer == "" {
			c.Effect.Answer = e.Answer
		}
		e.Cases = append(slices.Clip(e.Cases), c)
		return e
	}
	if truth != Yes && add.Answer == AnswerNo {
		return e // what GITHUB_TOKEN cannot be given would decide the answer
	}
	e.Operations = appendMissing(e.Operations, add.Operations)
	e.Needs = e.Needs.Union(add.Needs)
	e.Events = slices.Concat(e.Events, add.Events)
	if truth != Yes && (add.Answer != AnswerConditional || e.Answer == AnswerOther) {
		return e
	}
	e.Reasons = appendMissing(e.Reasons, add.Reasons)
	e.Answer = e.Answer.Worse(add.Answer)
	if add.Note != "" {
		e.Note = strings.TrimPrefix(e.Note+"; "+add.Note, "; ")
	}
	return e
}

func appendMissing(list, more []string) []string {
	list = slices.Clip(list)
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}
