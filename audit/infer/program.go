package infer

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
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
	withRelease(in.uses[before:], published.release)
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
	at, nothing := place(site), in.fetchesNothing(site)
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
	v := in.programToken(site, info, use, table)
	at := place(site)
	in.use(site, v, info.Name, func(u *Use) {
		u.Further = in.furtherProgram(site, info, use, table)
		switch effect.Answer {
		case rules.AnswerOther:
			u.Other = true
		case rules.AnswerUnknown:
			// What a program takes whole need not be GitHub's.
			whole := slices.Contains(use.Tokens, anyVariable)
			if u.Other = whole && in.otherSecret(value.Of(u.Credential), variableOf(site, u.Credential)); u.Other {
				return
			}
			u.Reads = !whole
			detail := info.Name + " reads it, and what it does with it is written elsewhere"
			if effect.Note != "" {
				detail = info.Name + ": " + strings.TrimSuffix(effect.Note, ".")
			}
			u.Unknowns = []Unknown{{Code: "unread", Detail: detail, Place: at, Settle: "read what it does with the token" + describe("programs")}}
		default:
			u.Reads = true
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

// programToken returns what the first source of a token holds that holds one.
func (in *inferrer) programToken(site *trace.Site, info *rules.ProgramInfo, use rules.ProgramUse, table *value.Table) value.Value {
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
		case "git":
			c := gitCall{site: site, tree: in.programTree(site, info, table)}
			v = in.credential(c, c.remoteAddress(nil))
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

// programTree is the working tree that a program works in: that of its folder,
// or of the one that a flag names.
func (in *inferrer) programTree(site *trace.Site, info *rules.ProgramInfo, table *value.Table) *tree {
	dir := folder(site.Command.Dir)
	if flag, _ := info.UsesGit(); flag != "" {
		if text, set := info.Lookup(flag); set {
			dir = joinFolder(dir, folder(table.Value(text)))
		}
	}
	return in.session.tree(dir)
}

// programOperation turns the effect of a program into an operation.
func (in *inferrer) programOperation(site *trace.Site, info *rules.ProgramInfo, e rules.Effect, table *value.Table) Operation {
	here := in.programTree(site, info, table)
	given := func(reference string) (value.Value, bool) {
		if name, ok := strings.CutPrefix(reference, "env:"); ok {
			return site.Env.Lookup(name)
		}
		if key, ok := strings.CutPrefix(reference, "config:"); ok {
			found := in.settings(site, info)
			if key == "repositoryUrl" && in.options.Repository != "" {
				found = found.Hosted(func(name string) ([]byte, error) { return in.readConfig(site, name) })
			}
			text, known, set := found.Lookup(key)
			if key == "repositoryUrl" && !found.Readable() {
				// Without one, git says where to.
				return nil, false
			}
			if !known {
				return value.Unknown(key), true
			}
			return value.Text(text), set
		}
		return nil, false
	}
	return in.filled(e, table, given, here, place(site))
}

// plain tells whether a text with a colon is what a call was given, as the branch
// of another owner is, and not a reference to something given.
func plain(text string) bool {
	kind, _, named := strings.Cut(text, ":")
	return named && !slices.Contains([]string{"flag", "arg", "env", "input", "config"}, kind)
}

// filled turns an effect in which the tables have filled in what the call was
// given, as text with placeholders, into an operation.
func (in *inferrer) filled(e rules.Effect, table *value.Table, get given, here *tree, at audit.Place) Operation {
	op := in.effect(rules.Effect{
		Operations: e.Operations, Needs: e.Needs, Answer: e.Answer, Reasons: e.Reasons, Note: e.Note, Scopes: e.Scopes, Confidence: e.Confidence, Source: e.Source,
	}, get, here, at)
	for _, event := range e.Events {
		resolved := in.events([]rules.Event{event}, get, here)[0]
		if resolved.Attributes == nil {
			resolved.Attributes = map[string]value.Value{}
		}
		for name, text := range event.Attributes {
			if value.HasPlaceholder(text) || plain(text) {
				resolved.Attributes[name] = table.Value(text)
			}
		}
		if event.Name == "pull_request" {
			if resolved.Attributes["head"] == nil {
				resolved.Attributes["head"] = here.branch
			}
			if _, opens := event.Attributes["head"]; opens {
				in.session.propose(&resolved, in.options.Repository)
			}
		}
		op.Events = append(op.Events, resolved)
	}
	tap, isTap := strings.CutPrefix(e.Target, "tap:")
	download, isDownload := strings.CutPrefix(e.Target, "download:")
	remote, isRemote := strings.CutPrefix(e.Target, "remote:")
	switch {
	case isRemote:
		name := table.Value(remote)
		if strings.HasPrefix(remote, "config:") {
			name, _ = get(remote)
		}
		op.Targets = in.remoteTargets(here, name)
	case isDownload:
		in.downloads(&op, table.Value(download))
	case isTap:
		op.Targets = in.anyTargets(table.Value(tapRepository(tap)))
	case value.HasPlaceholder(e.Target) && strings.Contains(e.Target, "config:"):
		op.Targets = []Target{{Kind: UnknownTarget, Text: "unknown"}}
	case value.HasPlaceholder(e.Target):
		prefix, rest, cut := strings.Cut(e.Target, ":")
		if cut && prefix == "registry" {
			op.Targets = []Target{in.image(table.Value(rest))}
			break
		}
		op.Targets = in.anyTargets(table.Value(e.Target))
	case e.Target == "":
		op.Targets = in.treeTargets(here)
	default:
		op.Targets, op.Public = in.effectTargets(e.Target, get, here)
	}
	return op
}

// downloads says where an operation reads a release: from a repository that may
// be private where it is of the workflow's own owner, else from a public one, as
// programs are installed.
func (in *inferrer) downloads(op *Operation, from value.Value) {
	own := func(t Target) bool { return t.Kind == Self || t.Kind == Repository && t.SameOwner }
	if op.Targets = in.targets(from); slices.ContainsFunc(op.Targets, own) {
		return
	}
	op.Targets, op.Public, op.Needs = []Target{{Kind: Nothing, Text: "public"}}, true, nil
}

// tapRepository is the repository behind the short name of a tap:
// "acme/homebrew-tools" for "acme/tools".
func tapRepository(tap string) string {
	owner, name, ok := strings.Cut(tap, "/")
	if !ok || strings.HasPrefix(name, "homebrew-") || value.HasPlaceholder(name) {
		return tap
	}
	return owner + "/homebrew-" + name
}

// handedTo handles credentials among the words or the input of a program that
// nobody knows.
func (in *inferrer) handedTo(site *trace.Site) {
	v := handed(site.Command)
	in.use(site, v, commandWords(site.Command), func(u *Use) {
		u.Reads = in.meant(u.Credential, flagOf(site.Command, u.Credential))
		if u.Other = !u.Reads && in.otherSecret(value.Of(u.Credential), ""); !u.Other {
			u.Unknowns = []Unknown{in.unknownProgramReason(site)}
		}
	})
}

// flagOf is the name of the flag by which a command is given a credential:
// --github-token TOKEN, or --github-token=TOKEN; "" where it is none.
func flagOf(c *trace.Command, credential *value.Credential) string {
	for i, a := range c.Args {
		if !slices.Contains(a.Credentials(), credential) {
			continue
		}
		if flag, ok := strings.CutPrefix(a.Mask().Text, "--"); ok {
			name, _, _ := strings.Cut(flag, "=")
			return name
		}
		if i > 0 {
			flag, _ := strings.CutPrefix(c.Args[i-1].LiteralOr(""), "--")
			return flag
		}
	}
	return ""
}

func (in *inferrer) unknownProgramReason(site *trace.Site) Unknown {
	name := commandWords(site.Command)
	return Unknown{
		Code: "unread", Detail: "what " + name + " does with it is not known", Place: place(site),
		Settle: "read what " + name + " does with it" + describe("programs"),
	}
}

// unknownProgram handles a program that nobody knows: it may use what it is
// handed, and a variable that looks meant for it. The latter is dropped again
// where another command of the step is known to read that variable, but not
// of code of the project, which is written along with the workflow, nor of a
// program that looks for a token by itself, as far as is known: see [inferrer.looksFor].
func (in *inferrer) unknownProgram(site *trace.Site) {
	if words, _ := site.Command.Words(); cmdlet.MatchString(words[0]) && rules.QuietCmdlet(words[0]) {
		return
	}
	in.handedTo(site)
	own := runsOwn(site.Command)
	for _, name := range site.Env.Credentials() {
		v, _ := site.Env.Lookup(name)
		if !near(site, name) && !rules.EnvReadsToken(name) {
			continue
		}
		other := in.otherSecret(v, name)
		in.use(site, v, commandWords(site.Command), func(u *Use) {
			if u.Other = other; !other {
				u.Unknowns, u.Reads = []Unknown{in.unknownProgramReason(site)}, addressed(v) || in.meant(u.Credential, name)
				if !own && !in.looksFor(site, u.Credential, name) {
					u.doubt = unlessRead
				}
			}
		})
	}
}

// runsOwn tells whether a command runs code of the project, unless its name
// says that it builds or tests.
func runsOwn(c *trace.Command) bool {
	task, ok := projectTask(c)
	words := slices.Clone(task.Words)
	for i, w := range words {
		words[i] = path.Base(w) // the folder "tools" says nothing of what lies in it
	}
	name := strings.Join(words, " ")
	switch {
	case !ok || tells(name):
		return ok
	case task.Kind == rules.AnyProgram:
		return false
	}
	return task.Kind == rules.ProjectProgram && (len(task.Words) == 0 || automates(name)) || !builds(name)
}

// runsUnseen tells whether what is known of a program says nothing of the code
// of the project that it runs: that this reads no token is assumed, or the
// program is known under fewer words than what makes it run that code.
func runsUnseen(c *trace.Command, info *rules.ProgramInfo) bool {
	task, _ := projectTask(c)
	return (info.Quiet && task.Runner == info.Name || strings.HasPrefix(task.Runner, info.Name+" ")) && len(c.Runner) == 0 && runsOwn(c)
}
