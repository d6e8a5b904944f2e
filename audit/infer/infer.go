// Package infer says what the sites of a trace do to GitHub, and with which
// credential.
//
// One family of code stands in one file: actions, gh, git, HTTP clients,
// other programs, API calls of scripts. Each turns a site into [Use]s: a
// credential, the operations that it is used for, their targets, and the
// events that they cause. What is known of an action, a command or a route
// comes from package rules. What cannot be read is an Unknown of the use, with
// the reason, and never left out.
package infer

import (
	"context"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// Job is what one way of running a job does.
type Job struct {
	*trace.Job
	Uses []*Use
	// Tokens are the secrets that sign in at an address of GitHub which git is
	// told to take in place of others, whoever uses that.
	Tokens []string
	// Open are the other repositories, "owner/name" in lower case, that the job
	// reads without a credential.
	Open []string
	// carried is what [Carry] asks for.
	carried carried
}

// Use is one credential at one site.
type Use struct {
	Site       *trace.Site
	Credential *value.Credential
	// What names the consumer: "actions/checkout", "gh pr create".
	What string
	// File and Line are where the consumer stands.
	File string
	Line int
	// Operations are what is done with the credential. A use without
	// operations and without unknowns is a credential that is not used.
	Operations []Operation
	// Unknowns are what could not be read.
	Unknowns []Unknown
	// Presumed is what the names of what could not be read tell of it. It may
	// speak against GITHUB_TOKEN, and never for it.
	Presumed []Operation
	// Other says that the consumer is no part of GitHub.
	Other bool
	// Reads says that the consumer is known to take this for a GitHub
	// credential, even if it does nothing with it.
	Reads bool
	// Reading is the other repository that the credential is there to read, where
	// the use is only supposed: it counts where everybody may read that, and the
	// credential must be for more.
	Reading string
	// doubt says when settle drops it.
	doubt doubt
	// git marks a use of what git or gh have stored by code that is not read.
	git bool
	// Keys are workflow permissions that the step takes beside those that
	// follow from the operations (id-token, a checkout of its own).
	Keys map[string]string
	// Further is what else it may do under conditions that are open. It is
	// looked for only where the question is what a call takes in general.
	Further []Further
}

// Further is what is done where a condition holds that is open.
type Further struct {
	// When are the terms that are open, as the tables write them.
	When rules.Condition
	// Operations are what is done beside the use's own, or in their place
	// where Replaces is true.
	Operations []Operation
	Replaces   bool
	// Keys are as in Use.
	Keys map[string]string
}

// Unknown is something that a credential reaches and that cannot be read.
type Unknown struct {
	// Code is one of the reason codes for verdict unknown.
	Code   string
	Detail string
	Settle string
	Place  audit.Place
}

// Operation is one thing done to GitHub.
type Operation struct {
	// Names are its requests: "METHOD /path/template", "git push".
	Names   []string
	Targets []Target
	// Needs are the permissions that they take together.
	Needs rules.Needs
	// Sure are, by the event that starts the run, the needs that it has
	// whatever else holds of what is not known here; "" is for any event,
	// where those are not known. Nil says that Needs are all sure.
	Sure map[string]rules.Needs
	// Perhaps are further ones that it takes where a condition fails under
	// which GITHUB_TOKEN does it.
	Perhaps rules.Needs
	// MayNeed are those that it takes where something holds that no workflow
	// shows.
	MayNeed []rules.MayNeed
	Answer  rules.Answer
	Reasons []string
	Note    string
	Events  []Event
	Scopes  []string
	// Public says that it only reads what anybody may read.
	Public bool
	// Private is what says that not everybody may read it, empty for nothing.
	Private string
	// UserOnly says that no installation token may do it.
	UserOnly bool
	// ClassicOnly says that no fine-grained PAT may do it.
	ClassicOnly bool
	// Number is the issue or pull request that it is about, as far as it is
	// given; OnPull says that it can be about a pull request only, OnIssue that
	// it is about an issue unless the number is seen to be a pull request's.
	Number  value.Value
	OnPull  bool
	OnIssue bool
	// Sign is the name that tells of it, and what it tells, where it is
	// presumed: "commit-readme.sh commits".
	Sign string
	// Confidence is how sure the tables are: high, medium or low. Source is
	// where they have it from, or empty.
	Confidence, Source string
	Place              audit.Place
}

// Event is something that a workflow may listen to. Attributes that are not
// known are absent.
type Event struct {
	Name, Type string
	Attributes map[string]value.Value
	// Paths are the files that a push changes, where they are known.
	Paths []string
	// Commits is what else is known of what a push with git brings, nil for
	// any other event.
	Commits *Commits
	// Message is what the last commit of a push says, empty where it is not
	// known.
	Message value.Value
	// Author is the name that commit is signed with, empty where it is not known
	// or no Message is.
	Author value.Value
	// Skipped says that the commit's message asks for no run of push and
	// pull_request workflows: none starts, with any token.
	Skipped bool
	// Short says of a pushed or deleted branch that the push does not say whether
	// it is one, nor does other code of the job: it may be a tag of that name.
	Short bool
	// Doubted says that it is not known whether it happens: a push of what may
	// be a tag, or may make a branch.
	Doubted bool
	// Lands are the tags that are surely there after the push, as the commands
	// that make and push them call them.
	Lands []value.Value
}

// Key returns the event as reports name it.
func (e Event) Key() string { return rules.Event{Name: e.Name, Type: e.Type}.Key() }

// Options tell what is known beside the trace.
type Options struct {
	// Repository is "owner/name", or empty.
	Repository string
	// Folder is the name of the audited folder: where the repository's name
	// is not known, a literal of that name may mean it.
	Folder string
	// EnterpriseServer says that the repository is not on github.com.
	EnterpriseServer bool
	// Read returns a file of the repository; nil where there is none.
	Read func(path string) ([]byte, error)
	// List returns the names of the files in a folder; nil where there are
	// none.
	List func(folder string) []string
	// Glob returns the names of the files that match a pattern of [path.Match];
	// nil where there are none.
	Glob func(pattern string) []string
	// All returns the names of all files of the repository, sorted; nil where they are
	// not known.
	All func() []string
	// Memory keeps what was found for one job of a repository for the others; nil
	// to keep it for the one job.
	Memory *Memory
	// Knowledge is what the project says itself; nil where it says nothing.
	Knowledge Knowledge
	// Assumed is the credential that a program or an HTTP client is taken to
	// send where it is seen to be given none, for the question what a call
	// would take. An audit assumes none.
	Assumed value.Value
	// Context ends the reading once it is done: what comes out then is of no
	// use. Nil for no end.
	Context context.Context
}

func (o Options) stopped() bool { return o.Context != nil && o.Context.Err() != nil }

// Infer reads every job.
func Infer(jobs []*trace.Job, options Options) []*Job {
	out := make([]*Job, len(jobs))
	for i, j := range jobs {
		out[i] = One(j, options)
	}
	Carry(out)
	return out
}

// One reads one job; [Carry] what goes from one to another.
func One(j *trace.Job, options Options) *Job {
	out := read(j, options)
	for _, way := range ways(j.Sites) {
		other := *j
		other.Sites = way
		out.also(read(&other, options))
	}
	return out
}

// read reads the sites of a job as if all of them ran.
func read(j *trace.Job, options Options) *Job {
	in := &inferrer{job: j, options: options, session: newSession(), told: map[told]bool{}}
	in.session.submodules, in.session.lacks = in.submodulesOf, in.lacks
	for index, site := range j.Sites {
		if options.stopped() {
			break
		}
		in.index = index
		in.site(site)
	}
	in.settle()
	in.idleLogins()
	in.logins()
	in.imageOwners()
	in.registryServers()
	in.dismiss()
	in.onlyNames()
	in.presume()
	return &Job{Job: j, Uses: in.uses, Tokens: in.session.tokens(), Open: in.open, carried: in.carried}
}

// inferrer reads the sites of one job in order.
type inferrer struct {
	job     *trace.Job
	options Options
	index   int
	// unchanged reads the files of the repository as they stand in it, nil where the
	// site at hand does not find them.
	unchanged func(name string) (string, bool)
	session   *session
	uses      []*Use
	// open is [Job.Open].
	open []string
	// signedIn says that one of the sites that were looked at for it may have set how
	// git signs in.
	signedIn bool
	looked   int
	carried  carried
	// targetsNamed is what namesTargets found; nil before.
	targetsNamed *bool
	// modules are the submodules of the audited repository, if listed says so.
	modules []settings.Submodule
	listed  bool
	// userNamed are the secrets that are seen to be the names of users or
	// repositories.
	userNamed map[string]bool
	// signless are the kinds and names of which rules.SignOf knows nothing.
	signless map[[2]string]bool
	// told are the uses that tell no more than that a credential is another
	// service's.
	told map[told]bool
	// touchers and editors are what [inferrer.touched] and [inferrer.edited] found.
	touchers, editors map[string]firstOf
	// forActions are the variables by which an input of an action has the
	// value of a secret, with its name; nil until somebody asks.
	forActions map[[2]string]bool
}

// told is a credential in a step of the job.
type told struct {
	credential *value.Credential
	step       int
}

func (in *inferrer) site(site *trace.Site) {
	if site.Elsewhere != "" {
		// The files of the audited repository are not those that are there.
		own := in.options
		in.options.Read, in.options.List, in.options.Glob, in.options.All = nil, nil, nil, nil
		defer func() { in.options = own }()
	} else {
		defer in.filesOf(site)()
	}
	switch {
	case site.Action != nil:
		in.action(site)
	case site.Command != nil:
		in.command(site)
	case site.Call != nil:
		in.call(site)
	case site.Service != nil:
		in.service(site)
	case site.Registry != nil:
		in.registry(site)
	case site.Unread != nil:
		in.unreadCode(site)
	}
}

// use notes a use of every credential in v. Alternatives (a || b) are uses of
// each.
func (in *inferrer) use(site *trace.Site, v value.Value, what string, build func(u *Use)) {
	for _, c := range v.Credentials() {
		u := &Use{Site: site, Credential: c, What: what, File: site.File, Line: site.Line}
		if build(u); in.toldBefore(u) {
			continue
		}
		in.toHeads(u)
		in.uses = append(in.uses, u)
	}
}

// toldBefore tells whether a use of a command only tells of a credential what
// another one of its step has told: that it is for another service. Every
// command of a script may have a dozen variables of such.
func (in *inferrer) toldBefore(u *Use) bool {
	if !u.Other || u.Reads || u.git || u.doubt != certain || u.Site.Command == nil || len(u.Operations)+len(u.Unknowns)+len(u.Keys)+len(u.Further) > 0 {
		return false
	}
	key := told{u.Credential, u.Site.Step}
	before := in.told[key]
	in.told[key] = true
	return before
}

// unread turns what a trace could not read into an unknown.
func unread(u *trace.Unread, at audit.Place) Unknown {
	return Unknown{Code: "unread", Detail: u.What + " " + u.Why, Settle: u.Settle, Place: at}
}

// unreadCode handles code that runs with an environment and cannot be read:
// every credential that it is seen to be handed may be used by it.
func (in *inferrer) unreadCode(site *trace.Site) {
	at := site.Place()
	in.use(site, site.Token, site.Unread.What, func(u *Use) {
		u.Reads, u.Unknowns = site.Client, append(u.Unknowns, unread(site.Unread, at))
	})
	for _, name := range site.Env.Credentials() {
		v, _ := site.Env.Lookup(name)
		read := slices.Contains(site.Reads, name) || site.Source != "" && strings.Contains(site.Source, name)
		if !v.HoldsCredential() || !read {
			continue
		}
		in.use(site, v, site.Unread.What, func(u *Use) { u.Unknowns = append(u.Unknowns, unread(site.Unread, at)) })
	}
	if site.Pushes {
		in.storedUse(site, site.Unread.What, ".", unread(site.Unread, at), certain)
	}
	in.moved(site)
}

// near tells whether a variable was set for this very site: by its step, an
// enclosing step, or the script, and not for the whole job.
func near(site *trace.Site, name string) bool {
	v, ok := site.Env.Lookup(name)
	if !ok {
		return false
	}
	w, ok := site.JobEnv.Lookup(name)
	return !ok || !v.Equal(w)
}
