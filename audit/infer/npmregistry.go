package infer

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// publishWords are in the names of the commands that bring a package to its
// registry, or change it there.
var publishWords = []string{"publish", "release", "stage", "deprecate", "dist-tag", "owner", "access"}

// npmRegistry is the registry that a package manager takes the token of a use
// to: what the job wrote or set up, and what the repository's own files say. A
// package's publishConfig comes before all, and what is pulled from GitHub's
// registry needs its token, whatever else is pulled. A secret whose name is
// that of another service's token is taken to be that.
func (in *inferrer) npmRegistry(site *trace.Site, info *rules.ProgramInfo, use rules.ProgramUse) (text string, known, set bool) {
	const github = "https://" + githubNPM
	text, known, set = in.npmSetUp(site)
	if set && len(in.session.registry) == 0 {
		return text, known, true
	}
	if !set && slices.Contains(use.Tokens, rules.TokenSource{Kind: "stdin"}) && in.npmrc(site).Names(githubNPM) {
		// What is typed goes where the settings of the project say.
		return github, true, true
	}
	variable := in.npmVariable(site, use)
	if v, _ := site.Env.Lookup(variable); variable == "" || set && known && strings.Contains(text, githubNPM) ||
		!slices.ContainsFunc(v.Credentials(), func(c *value.Credential) bool { return in.options.secretKind(c.Name) != rules.NameOther }) {
		return text, known, set
	}
	rc := in.npmrc(site)
	sent := rc.Tokens[variable]
	toGitHub := slices.Contains(sent, githubNPM)
	switch publishes := slices.ContainsFunc(publishWords, func(w string) bool { return strings.Contains(info.Name, w) }); {
	case !publishes && toGitHub:
		return github, true, true
	case publishes && in.publishedTo(site):
		return github, true, true
	case publishes && !set && toGitHub && (rc.Names(githubNPM) || len(sent) == 1):
		return github, true, true
	}
	return text, known, set
}

// npmSetUp is the registry that npm is set up for in a job: what actions/setup-node
// wrote, which has npm read no settings of the home folder any more, or GitHub's
// where those hold a token for it.
func (in *inferrer) npmSetUp(site *trace.Site) (text string, known, set bool) {
	if len(in.session.registry) > 0 {
		text, known = in.session.registry.Literal()
		return text, known, true
	}
	v, sure := in.session.npm.At(site.Guards)
	return "https://" + githubNPM, sure, len(v) > 0
}

// npmVariable is the variable that a use takes its token from: one that the
// program is known for, or that npm's settings send to GitHub's registry; ""
// for none.
func (in *inferrer) npmVariable(site *trace.Site, use rules.ProgramUse) string {
	for _, source := range use.Tokens {
		if v, _ := site.Env.Lookup(source.Name); source.Kind == "env" && v.HoldsCredential() {
			return source.Name
		}
	}
	names := site.Env.Credentials()
	if len(names) == 0 {
		return ""
	}
	rc := in.npmrc(site)
	i := slices.IndexFunc(names, func(name string) bool { return slices.Contains(rc.Tokens[name], githubNPM) })
	if i < 0 {
		return ""
	}
	return names[i]
}

// npmSettingsFiles are the files of settings of package managers that have one of their
// own before npm's, by the manager.
var npmSettingsFiles = map[string]struct {
	name string
	read func([]byte) settings.Npm
}{
	"yarn": {".yarnrc.yml", settings.ReadYarnrc}, "bun": {"bunfig.toml", settings.ReadBunfig},
}

// npmrc are the settings of npm, or of the package manager that a command is one of, for
// its folder: those of the project there, or else around it, up to the root.
func (in *inferrer) npmrc(site *trace.Site) settings.Npm {
	manager, _ := rules.PackageManagerOf(rules.ProgramName(site.Command.Args[0].String()))
	own := npmSettingsFiles[manager.Name]
	for dir := folder(site.Command.Dir); in.options.Read != nil && !strings.HasPrefix(dir, "?"); dir = path.Dir(dir) {
		if own.read != nil {
			if source, err := in.options.Read(path.Join(dir, own.name)); err == nil {
				return own.read(source)
			}
		}
		if source, err := in.options.Read(path.Join(dir, ".npmrc")); err == nil {
			return settings.ReadNpmrc(source)
		}
		if dir == "." || dir == "/" {
			break
		}
	}
	return settings.Npm{}
}

// publishedTo tells whether the package in the folder of a command, or of a
// workspace one of its packages, is published to GitHub's registry.
func (in *inferrer) publishedTo(site *trace.Site) bool {
	source, err := in.readConfig(site, "package.json")
	if err != nil {
		return false
	}
	if own := settings.ReadPublishConfig(source); own.Registry != "" || len(own.Scopes) > 0 {
		return own.Names(githubNPM)
	}
	if in.options.Glob == nil || !strings.Contains(string(source), `"workspaces"`) {
		return false
	}
	names := in.options.Glob(path.Join(folder(site.Command.Dir), "packages/*/package.json"))
	return slices.ContainsFunc(names[:min(len(names), maxPackages)], func(name string) bool {
		source, err := in.options.Read(name)
		return err == nil && settings.ReadPublishConfig(source).Names(githubNPM)
	})
}

// manyPackages are the flags of what publishes one package that choose packages of a workspace.
var manyPackages = []string{"workspace", "workspaces", "recursive", "filter"}

// scoped says whose a package is that is published to GitHub's registry: the scope
// of its name is the owner there.
func (in *inferrer) scoped(site *trace.Site, info *rules.ProgramInfo, op *Operation) {
	many := func(flag string) bool { _, set := info.Lookup(flag); return set }
	if !rules.PublishesPackage.Has(info.Name) || len(op.Targets) != 1 || op.Targets[0].Kind != Registry || op.Targets[0].Text != githubNPM || slices.ContainsFunc(manyPackages, many) {
		return
	}
	name := "package.json"
	if folder, ok := info.Lookup("arg:1"); ok {
		name = path.Join(folder, name)
	}
	source, err := in.readConfig(site, name)
	if err != nil {
		return
	}
	if owner := settings.PackageOwner(source); owner != "" {
		op.Targets = []Target{in.image(value.Text(githubNPM + "/" + owner))}
	}
}

// maxPackages bounds the packages of a workspace that are looked at.
const maxPackages = 50
