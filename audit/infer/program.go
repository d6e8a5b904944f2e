package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// program handles a program that is neither gh, git nor an HTTP client.
func (in *inferrer) program(site *trace.Site) {
	in.ownTask(site)
	in.versioned(site)
	in.mounted(site)
	in.dependencies(site)
	if !anyHanded(site.Command) && !site.Env.HoldsCredential() && len(in.session.npm.All()) == 0 && len(in.session.sources) == 0 && !rules.UsesGitCredentials(site.Command.Args[0].String()) {
		return
	}
	if info, ok := site.Command.Program(); !ok || info.Name != "fastlane" {
		in.loads(site)
	}
	in.packageAddresses(site)
	in.requirements(site)
	site = in.packages(site)
	words, table := site.Command.Words()
	if setsNPM(words) {
		in.npmSettings(site, value.Concat(site.Command.Args...))
		return
	}
	info, ok := site.Command.Program()
	if isNuget(words) {
		info, ok = in.nuget(site, words, table)
	}
	if !ok {
		in.unknownProgram(site)
		return
	}
	if runsUnseen(site.Command, info) {
		in.unknownProgram(site)
	}
	in.built(site, info)
	if in.terraform(site, info) || in.updatecli(site, info) || in.fastlane(site, info) {
		return
	}
	published := in.goreleaser(site, 0, info, folder(site.Command.Dir))
	if published.unread != goreleaserAway {
		// Of a configuration that is not there the table tells.
		in.unreadRelease(site, info.Name, published.unread)
	}
	in.publish(site, info.Name, published.list)
	before := len(in.uses)
	for _, use := range info.Uses {
		if in.general() && slices.ContainsFunc(use.Tokens, keptOut) {
			continue
		}
		if use.Answer == rules.AnswerNo {
			use.Tokens = slices.DeleteFunc(slices.Clone(use.Tokens), func(t rules.TokenSource) bool { return t.Kind == "env" && published.leaves(t.Name) })
		}
		if !slices.ContainsFunc(use.Tokens, func(t rules.TokenSource) bool { return t.Kind == "env" && publishedWith(site, published.list, t.Name) }) {
			in.programUse(site, info, use, table)
		}
	}
	withRelease(in.uses[before:], published)
}

// keptOut tells whether a token stands under a name that no program can read:
// it is no answer to what a program takes in general.
func keptOut(t rules.TokenSource) bool { return t.Kind == "env" && strings.Contains(t.Name, ".") }

// setsNPM tells whether a command changes npm's settings.
func setsNPM(words []string) bool {
	if len(words) < 3 || !slices.Contains([]string{"npm", "pnpm"}, words[0]) {
		return false
	}
	return words[1] == "set" || slices.Contains([]string{"config", "c"}, words[1]) && words[2] == "set"
}

// dependencies notes that a program fetches dependencies for which git has a
// credential for all of GitHub: by url.<base>.insteadOf, a credential store,
// ~/.netrc or gh. Whoever sets one up for something that writes is not taken to mean
// the dependencies as well; which repositories they are is not looked for, only
// whether git clones any: see [inferrer.fetchesNothing].
func (in *inferrer) dependencies(site *trace.Site) {
	in.goSettings(site)
	global := value.Concat(in.session.stored.All(), in.session.netrc.All())
	for _, r := range in.session.rewrites {
		global = value.Concat(global, signIn(r.base))
	}
	if in.session.helper {
		global = value.Concat(global, in.ghToken(site))
	}
	if !global.HoldsCredential() {
		return
	}
	if words, _ := site.Command.Words(); !rules.FetchesDependencies(words) {
		return
	}
	at, nothing := site.Place(), in.fetchesNothing(site)
	in.use(site, global, commandWords(site.Command), func(u *Use) {
		if u.Reads, u.doubt = true, unlessWritten; nothing {
			return
		}
		u.Operations = []Operation{{
			Names: []string{"git fetch"}, Targets: []Target{{Kind: UnknownTarget, Text: "unknown"}}, Answer: rules.AnswerYes, Private: in.goPrivate(site),
			Needs: needs("contents:read"), Note: "For dependencies that are fetched from private repositories.", Confidence: "medium", Place: at,
		}}
	})
}

// fetchesAlone tells whether a program does no more with a token than to fetch
// dependencies from other repositories.
func fetchesAlone(e rules.Effect) bool {
	return e.Answer == rules.AnswerConditional && slices.Equal(e.Operations, []string{"git fetch"}) && slices.Equal(e.Reasons, []string{"other-repository"}) &&
		e.Target == "unknown" && len(e.Cases) == 0
}

// programUse handles one of the tokens that a program takes.
func (in *inferrer) programUse(site *trace.Site, info *rules.ProgramInfo, use rules.ProgramUse, table *value.Table) {
	effect, certain := info.Effect(use, func(name string) (string, bool, bool) {
		if name == "@registry" {
			return in.npmRegistry(site, info, use)
		}
		return in.aroundProgram(site, info, name)
	})
	if effect.Answer == rules.AnswerQuiet {
		in.serviceVariables(site)
		in.assumedImages(site)
		return
	}
	v := in.programToken(site, info, use, effect.Target, table)
	at := site.Place()
	in.use(site, v, info.Name, func(u *Use) {
		u.Further = in.furtherProgram(site, info, use, table)
		// What a program takes whole need not be GitHub's.
		whole := slices.Contains(use.Tokens, anyVariable)
		if u.Other = whole && in.otherSecret(value.Of(u.Credential), variableOf(site, u.Credential)); u.Other {
			return
		}
		switch effect.Answer {
		case rules.AnswerOther:
			u.Other = true
		case rules.AnswerUnknown:
			u.Reads = !whole
			detail := info.Name + " reads it, and what it does with it is written elsewhere"
			if effect.Note != "" {
				detail = info.Name + ": " + strings.TrimSuffix(effect.Note, ".")
			}
			u.Unknowns = []Unknown{{Code: "unread", Detail: detail, Place: at, Settle: "read what it does with the token" + describe("programs")}}
		default:
			if u.Reads = !whole; certain && fetchesAlone(effect) && in.fetchesNothing(site) {
				return
			}
			u.Operations = append(u.Operations, in.programOperation(site, info, effect, table))
			in.scoped(site, info, &u.Operations[0])
			in.crateTags(site, info, &u.Operations[0])
			u.Operations = append(u.Operations, in.installed(site, info, table)...)
			if info.Name == "renovate" && effect.Answer == rules.AnswerNo {
				in.renovated(site, nil, &u.Operations[0])
			}
			for _, part := range effect.Cases {
				u.Operations = append(u.Operations, in.programOperation(site, info, part.Effect, table))
			}
			if !certain {
				u.Unknowns = []Unknown{{Code: "unread", Detail: "what " + info.Name + " does depends on its configuration or on words that are only known when it runs", Place: at, Settle: "write them out"}}
			}
		}
	})
}

// serviceVariables notes variables whose names are those under which another
// service's programs look for their own credentials, unless the secret's name
// speaks of GitHub.
func (in *inferrer) serviceVariables(site *trace.Site) {
	for _, name := range site.Env.Credentials() {
		v, _ := site.Env.Lookup(name)
		github := slices.ContainsFunc(v.Credentials(), func(c *value.Credential) bool {
			kind := in.options.secretKind(c.Name)
			return kind == rules.NameGitHub
		})
		if !github && rules.EnvService(name) != "" {
			in.use(site, v, commandWords(site.Command), func(u *Use) { u.Other = true })
		}
	}
}

// programToken returns what the first source of a token holds that holds one. target
// is that of what the program does with it: git has other credentials for a remote
// that it names.
func (in *inferrer) programToken(site *trace.Site, info *rules.ProgramInfo, use rules.ProgramUse, target string, table *value.Table) value.Value {
	for _, source := range use.Tokens {
		var v value.Value
		switch source.Kind {
		case "env":
			v = in.programEnv(site, info, source.Name)
			if source.Name == "NODE_AUTH_TOKEN" && !v.HoldsCredential() {
				if v, _ = in.session.npm.At(site.Guards); !v.HoldsCredential() {
					v, _ = site.Env.Lookup(in.npmVariable(site, use))
				}
			}
		case "flag":
			text, _ := info.Lookup(source.Name)
			v = table.Value(text)
		case "arg":
			text, _ := info.Lookup("arg:" + source.Name)
			v = table.Value(text)
		case "stdin":
			v = site.Command.Stdin
		case "config":
			if variable, known, set := in.settings(site, info).Lookup(source.Name); known && set {
				v = in.programEnv(site, info, variable)
			}
		case "git", "address":
			c := gitCall{site: site, tree: in.programTree(site, info, table), cleared: source.Kind == "address"}
			v = in.credential(c, c.remoteAddress(in.remoteOf(site, info, target, table)))
		}
		if v.HoldsCredential() {
			return in.withTwins(site, v, use)
		}
	}
	if v := in.nugetPassword(info, table); v.HoldsCredential() {
		return v
	}
	return in.assumed(site, info)
}

// remoteOf returns the remote of git that the target of a program names, nil for none.
func (in *inferrer) remoteOf(site *trace.Site, info *rules.ProgramInfo, target string, table *value.Table) value.Value {
	remote, _ := strings.CutPrefix(target, "remote:")
	switch key, ok := strings.CutPrefix(remote, "config:"); {
	case remote == target:
		return nil
	case ok:
		text, _, _ := in.settings(site, info).Lookup(key)
		return value.Text(text)
	}
	return table.Value(remote)
}

// withTwins adds to the token of a program the variables among its sources
// that hold the same secret: which of them it takes makes no difference, and
// all of them have to change together.
func (in *inferrer) withTwins(site *trace.Site, v value.Value, use rules.ProgramUse) value.Value {
	var names []string
	for _, source := range use.Tokens {
		if source.Kind == "env" && source.Name != "*" {
			names = append(names, source.Name)
		}
	}
	return twins(site, v, names)
}

// twins adds to a token the variables that hold the same secret, and which a
// program would take in its place.
func twins(site *trace.Site, v value.Value, names []string) value.Value {
	have := v.Credentials()
	if len(have) != 1 || have[0].Kind != value.Secret {
		return v
	}
	for _, name := range names {
		w, _ := site.Env.Lookup(name)
		if c := w.Credentials(); len(c) == 1 && c[0].Kind == value.Secret && strings.EqualFold(c[0].Name, have[0].Name) && !slices.Equal(c[0].Written, have[0].Written) {
			v = also(v, w)
		}
	}
	return v
}
