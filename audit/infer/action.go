package infer

import (
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// action handles a step that uses an action, and a call of a reusable
// workflow elsewhere.
func (in *inferrer) action(site *trace.Site) {
	a := site.Action
	if a.Name == "actions/checkout" {
		in.checkout(site)
	}
	if strings.HasPrefix(a.Name, "actions/setup-") && len(a.Inputs["registry-url"]) > 0 {
		in.session.registry = a.Inputs["registry-url"]
	}
	in.mavenServer(a)
	in.carries(site)
	if a.Workflow {
		in.remoteWorkflow(site)
		return
	}
	if site.Unread != nil {
		in.unreadAction(site, unread(site.Unread, site.Place()))
		return
	}
	if site.Followed {
		in.editsWorkflows(site)
		if site.Pushes && actionTells(a.Name) {
			in.actionStored(site, Unknown{
				Code: "unread", Detail: a.Name + " could not be read in full", Place: site.Place(), Settle: "read its sources" + describe("actions"),
			}, certain)
		}
		return
	}
	info, ok := in.options.action(a.Name)
	if !ok {
		in.unreadAction(site, Unknown{
			Code: "unknown-action", Detail: "nothing is known of the action " + a.Name, Place: site.Place(),
			Settle: "read its action.yml and its sources" + describe("actions"),
		})
		return
	}
	in.knownAction(site, info)
}

// remoteWorkflow handles a reusable workflow that is not in this repository.
// The table may know what it does with a secret, by the name that it has there.
func (in *inferrer) remoteWorkflow(site *trace.Site) {
	u := unread(site.Unread, site.Place())
	a := site.Action
	info, known := in.options.action(a.Name)
	for _, given := range []map[string]value.Value{a.Inputs, a.Secrets} {
		for _, name := range sortedKeys(given) {
			v := given[name]
			if known {
				if token, ok := info.Token(name); ok {
					token.Input = name
					in.actionToken(site, info, token, v, in.session.tree("."))
					continue
				}
			}
			if in.otherSecret(v, name) {
				in.use(site, v, a.Name, func(use *Use) { use.Other = true })
				continue
			}
			in.use(site, v, a.Name, func(use *Use) {
				use.Unknowns, use.Line, use.Reads = []Unknown{u}, a.Place(name).Line, in.meant(use.Credential, name)
			})
		}
	}
	// The called workflow has GITHUB_TOKEN as well.
	in.use(site, value.Of(&value.Credential{Kind: value.JobToken, Name: "GITHUB_TOKEN"}), a.Name, func(use *Use) { use.Unknowns = []Unknown{u} })
}

// otherSecret tells whether every name that v and its receiver have speaks of
// another service than GitHub: a hint, for want of anything better.
func (in *inferrer) otherSecret(v value.Value, receiver string) bool {
	credentials := v.Credentials()
	if len(credentials) == 0 {
		return false
	}
	kind, _ := rules.SecretKind(receiver)
	if kind == "github" || addressed(v) {
		return false
	}
	for _, c := range credentials {
		if k := in.options.secretKind(c.Name); k == "other" || kind == "other" && k == "" {
			continue
		}
		return false
	}
	return true
}

// meant tells whether a secret is a GitHub token by the name of the input or
// variable that it is given to, whatever it is called itself.
func (in *inferrer) meant(c *value.Credential, place string) bool {
	return c.Kind == value.Secret && rules.TakesGitHubToken(place, c.Name)
}

// addressed tells whether a value is an address on GitHub, or a sign-in that
// is GitHub's alone, with a credential in it, whatever the variable is called
// that holds it.
func addressed(v value.Value) bool {
	text := v.Mask().Text
	return v.HoldsCredential() && (strings.Contains(text, "@github.com") || strings.Contains(text, "x-access-token:"))
}

func sortedKeys(m map[string]value.Value) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// unreadAction notes every credential that reaches an action of which nothing
// is known: its inputs, and variables that were set for it or that bear a
// name under which programs look for a token. A variable of the job under
// another name is taken to be meant for other steps; an action could read it
// all the same.
func (in *inferrer) unreadAction(site *trace.Site, u Unknown) {
	a := site.Action
	elsewhere := !in.options.EnterpriseServer && hostedElsewhere(a)
	for _, name := range sortedKeys(a.Inputs) {
		v := a.Inputs[name]
		other := in.otherSecret(v, name) || elsewhere && !slices.ContainsFunc(v.Credentials(), func(c *value.Credential) bool {
			return c.Kind != value.Secret || in.options.secretKind(c.Name) == rules.NameGitHub || in.meant(c, name)
		})
		in.use(site, v, a.Name, func(use *Use) {
			use.Line = a.Place(name).Line
			if use.Other = other; !other {
				use.Unknowns, use.Reads = []Unknown{u}, addressed(v) || in.meant(use.Credential, name)
			}
		})
	}
	for _, name := range site.Env.Credentials() {
		v, _ := site.Env.Lookup(name)
		if !near(site, name) && !rules.EnvReadsToken(name) {
			continue
		}
		other := in.otherSecret(v, name)
		in.use(site, v, a.Name, func(use *Use) {
			if use.Other = other; !other {
				use.Unknowns, use.Reads = []Unknown{u}, addressed(v) || in.meant(use.Credential, name)
			}
		})
	}
	switch name := in.session.within(a.Name); {
	case actionTells(name), site.Pushes, in.givenStored(site):
		in.actionStored(site, u, certain)
	case u.Code == "unknown-action" && !tells(name) && !builds(name):
		// Of an action that was looked at it is known whether it runs git.
		in.actionStored(site, u, unlessExplained)
	}
}

// hostedElsewhere tells whether an action is given a server to work on that is
// none of GitHub's: a secret that nothing takes for a GitHub token is for that one.
// Of an Enterprise Server the address may be any.
func hostedElsewhere(a *trace.Action) bool {
	return slices.ContainsFunc(rules.InputHost.Names(), func(name string) bool {
		text, ok := a.Inputs[name].Literal()
		_, rest, addressed := strings.Cut(text, "://")
		host, _, _ := strings.Cut(rest, "/")
		return ok && addressed && host != "" && !strings.Contains(host, "github")
	})
}

// knownAction handles an action of the table.
func (in *inferrer) knownAction(site *trace.Site, info *rules.ActionInfo) {
	a := site.Action
	here := in.session.tree(folder(a.Inputs["path"]))
	published := in.actionPublications(site)
	in.publish(site, a.Name, published.list)
	before := len(in.uses)
	for _, token := range info.Tokens {
		switch {
		case token.Env != "" && publishedWith(site, published.list, token.Env):
		case token.Env != "" && token.Base.Answer == rules.AnswerNo && published.leaves(token.Env):
		case token.Checkout:
			in.actionToken(site, info, token, in.foundBy(site, token, here), here)
		case token.Env != "" && token.Env != "*":
			if v, ok := site.Env.Lookup(token.Env); ok && (near(site, token.Env) || !in.idleToken(site, token)) {
				in.actionToken(site, info, token, v, here)
			}
		case token.Input != "" && token.Input != "*":
			v := a.Inputs[strings.ToLower(token.Input)]
			if len(v) == 0 && token.Default == "github.token" && token.Exists(in.versionOf(site)) != rules.No {
				v = value.Of(&value.Credential{Kind: value.JobToken, Name: "GITHUB_TOKEN"})
			}
			if slices.Contains(info.Names, strings.ToLower(token.Input)) {
				v = value.Concat(v, namedVariables(site, v))
			}
			in.actionToken(site, info, token, v, here)
		}
	}
	if definition, ok := baked(a); ok {
		in.namedBy(site, definition, a.Name)
	}
	withRelease(in.uses[before:], published)
	if info.Job != nil {
		in.jobKeys(site, info, here)
	}
	in.otherInputs(site, info, here)
}

// namedVariables are the credentials of the variables that an input names: "NAME"
// or "id=NAME", with commas or blanks between them.
func namedVariables(site *trace.Site, list value.Value) (out value.Value) {
	names := strings.FieldsFunc(list.Mask().Text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	for _, name := range names {
		if _, variable, ok := strings.Cut(name, "="); ok {
			name = variable
		}
		if v, ok := site.Env.Lookup(name); ok && v.HoldsCredential() {
			out = value.Concat(out, v)
		}
	}
	return out
}

// foundBy returns the stored credentials that an action finds: those of the
// working tree, which an input may name, or of every tree where it clones a
// repository of its own.
func (in *inferrer) foundBy(site *trace.Site, token rules.ActionToken, here *tree) value.Value {
	if input, ok := strings.CutPrefix(token.Base.Target, "checkout:"); ok {
		if dir, set := in.actionGiven(site, input); set {
			here = in.session.tree(folder(dir))
		}
	} else if dir := in.givenTree(site.Action); dir != nil {
		here = dir
	}
	if owner, _, named := strings.Cut(token.Base.Target, "/"); named && !strings.Contains(owner, ":") {
		return in.session.header.All()
	}
	found := here.stored()
	if in.session.helper && (here.doubted || !found.HoldsCredential()) {
		// Git asks gh, which looks at the variables of whoever calls git.
		found = also(found, in.ghToken(site))
	}
	if found.HoldsCredential() {
		return found
	}
	return in.session.header.All()
}

// givenTree returns the working tree of another checkout that an action is told
// to work in; nil where it is told of none.
func (in *inferrer) givenTree(a *trace.Action) *tree {
	for _, name := range slices.Sorted(maps.Keys(a.Inputs)) {
		text, known := a.Inputs[name].Literal()
		if dir := path.Clean(text); known && text != "" && folderInput(name) && in.session.trees[dir] != nil && dir != "." {
			return in.session.trees[dir]
		}
	}
	return nil
}

// versionOf answers for the version of an action alone.
func (in *inferrer) versionOf(site *trace.Site) func(name string) (text string, known, set bool) {
	return func(name string) (string, bool, bool) { return in.actionInput(site, nil, name) }
}

// unreadBy tells whether the version of the action at hand is known to leave a
// token alone which other versions take. An input that is given to a version
// older than those is taken to be there.
func (in *inferrer) unreadBy(site *trace.Site, token rules.ActionToken) bool {
	switch {
	case token.Base.Answer == rules.AnswerOther:
		return false
	case token.Env != "":
		return token.Exists(in.versionOf(site)) == rules.No
	}
	return token.Removed(in.versionOf(site))
}

// idleToken tells whether an action does nothing with a token: that it leaves
// a variable of the job alone says nothing of who else reads that.
func (in *inferrer) idleToken(site *trace.Site, token rules.ActionToken) bool {
	if in.unreadBy(site, token) {
		return true
	}
	e := token.Base
	return len(token.Rows)+len(e.Operations)+len(e.Needs)+len(e.Reasons)+len(token.Keys) == 0 && e.Answer == rules.AnswerYes
}

// storesCredential is the operation of actions that leave the token with git
// for the later steps of the job, as actions/checkout does for its own tree.
const storesCredential = "git credential"

// registry handles the credentials with which the runner pulls an image.
func (in *inferrer) registry(site *trace.Site) {
	r := site.Registry
	t := in.image(r.Image)
	if !strings.HasPrefix(r.Image.String(), "ghcr.io/") && !strings.Contains(r.Image.String(), "docker.pkg.github.com") {
		in.use(site, value.Concat(r.Username, r.Password), "container image", func(u *Use) { u.Other = true })
		return
	}
	op := Operation{
		Names: []string{"docker pull"}, Targets: []Target{t}, Answer: rules.AnswerConditional, Reasons: []string{"package-access"},
		Needs: needs("packages:read"), ClassicOnly: true, Place: site.Place(),
	}
	in.use(site, r.Password, "container image", func(u *Use) { u.Reads, u.Operations = true, []Operation{op} })
}
