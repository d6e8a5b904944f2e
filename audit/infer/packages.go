package infer

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// mavenPackages matches a repository of GitHub's registry for Maven packages.
var mavenPackages = regexp.MustCompile(`^https://maven\.pkg\.github\.com(?:/([^/]+)/([^/]+))?`)

// mavenServer notes the variable from which a settings.xml that
// actions/setup-java writes takes the password of a server.
func (in *inferrer) mavenServer(a *trace.Action) {
	input := func(fallback string, names ...string) string {
		for _, name := range names {
			if v := a.Inputs[name]; len(v) > 0 {
				return v.LiteralOr("?")
			}
		}
		return fallback
	}
	if a.Name != "actions/setup-java" || strings.EqualFold(input("", "overwrite-settings"), "false") {
		return
	}
	in.session.maven = map[string]string{input("github", "server-id"): input("GITHUB_TOKEN", "server-password-env-var", "server-password")}
	if lines := input("", "mvn-server-credentials"); lines != "" {
		in.session.maven = map[string]string{}
		for line := range strings.Lines(lines) {
			if parts := strings.Split(strings.TrimSpace(line), ":"); len(parts) == 3 {
				in.session.maven[parts[0]] = parts[2]
			}
		}
	}
}

// packages handles the credentials that a build of Maven or Gradle takes from
// the environment for registries of packages, as its own files say. It returns
// the site without the variables that it found a use for.
func (in *inferrer) packages(site *trace.Site) *trace.Site {
	dir := folder(site.Command.Dir)
	if in.options.Read == nil || in.options.List == nil || strings.HasPrefix(dir, "?") || !site.Env.HoldsCredential() {
		return site
	}
	var registries []settings.PackageRegistry
	var open []string
	switch rules.ProgramName(site.Command.Args[0].String()) {
	case "mvn":
		registries, open = in.mavenRegistries(site, dir)
	case "gradle":
		read := settings.ReadGradle(dir, site.Env.Credentials(), in.options.List, in.options.Read)
		registries, open = read.Registries, read.Elsewhere
	default:
		return site
	}
	understood := map[string]value.Value{}
	for _, variable := range site.Env.Credentials() {
		if slices.Contains(open, variable) {
			continue
		}
		if v, _ := site.Env.Lookup(variable); in.registryUses(site, v, variable, registries) {
			understood[variable] = value.Unknown("$" + variable)
		}
	}
	if len(understood) == 0 {
		return site
	}
	rest := *site
	rest.Env = site.Env.With(understood)
	return &rest
}

// mavenRegistries are those that pom.xml names, or the settings that a call
// names, with the variables of their servers; open are variables that the pom
// uses for something else. Nothing is known of a call that names another pom
// or where else to deploy.
func (in *inferrer) mavenRegistries(site *trace.Site, dir string) (out []settings.PackageRegistry, open []string) {
	servers := in.session.maven
	words := literals(site.Command.Args)
	for i, w := range words {
		switch {
		case w == "-f" || strings.HasPrefix(w, "--file") || strings.Contains(strings.ToLower(w), "deploymentrepository"):
			return nil, nil
		case (w == "-s" || w == "--settings") && i+1 < len(words):
			read := in.maven(joinFolder(dir, words[i+1]))
			servers, out = read.Servers, read.Registries
		}
	}
	out = append(out, in.maven(joinFolder(dir, "pom.xml")).Registries...)
	for i, r := range out {
		if variable := servers[r.ID]; variable != "" {
			out[i].Variables = []string{variable}
		}
	}
	source, _ := in.options.Read(path.Clean(joinFolder(dir, "pom.xml")))
	for _, variable := range site.Env.Credentials() {
		if strings.Contains(string(source), "env."+variable) {
			open = append(open, variable)
		}
	}
	return out, open
}

func (in *inferrer) maven(name string) settings.Maven {
	source, err := in.options.Read(path.Clean(name))
	if err != nil {
		return settings.Maven{}
	}
	read, err := settings.ReadMaven(name, source)
	if err != nil {
		return settings.Maven{}
	}
	return read
}

// deploys tells whether a build may publish packages.
func deploys(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool {
		w = strings.ToLower(w[strings.LastIndexByte(w, ':')+1:])
		return strings.HasPrefix(w, "publish") && w != "publishtomavenlocal" || w == "deploy" || w == "perform" || w == "release" || strings.Contains(w, "final")
	})
}

// registryUses notes what a variable is used for. ok is false where no
// registry takes it.
func (in *inferrer) registryUses(site *trace.Site, v value.Value, variable string, registries []settings.PackageRegistry) (ok bool) {
	publishing := deploys(literals(site.Command.Args[1:]))
	var operations []Operation
	other := false
	for _, r := range registries {
		if !slices.Contains(r.Variables, variable) {
			continue
		}
		ok = true
		m := mavenPackages.FindStringSubmatch(r.URL)
		switch {
		case m == nil && strings.Contains(r.URL, "$"):
			return false
		case m == nil:
			other = true
		case !r.Publishing || publishing:
			operations = append(operations, in.mavenOperation(r, m[1], m[2]))
		}
	}
	if len(operations) > 0 || other {
		in.use(site, v, commandWords(site.Command), func(u *Use) {
			u.Reads, u.Operations, u.Other = len(operations) > 0, operations, len(operations) == 0
		})
	}
	return ok
}

// mavenOperation is a push to, or a pull from, GitHub's registry for Maven
// packages, where a package belongs to a repository.
func (in *inferrer) mavenOperation(r settings.PackageRegistry, owner, name string) Operation {
	op := Operation{
		Names: []string{"registry pull"}, Needs: needs("packages:read"), Answer: rules.AnswerYes, Confidence: "high",
		Source: "https://docs.github.com/packages/working-with-a-github-packages-registry/working-with-the-apache-maven-registry",
		Place:  audit.Place{File: r.File, Text: r.URL},
	}
	if r.Publishing {
		op.Names, op.Needs = []string{"registry push"}, needs("packages:write")
		op.Events = []Event{{Name: "registry_package", Type: "published"}}
	}
	full := owner + "/" + name
	switch rest := strings.TrimPrefix(r.URL, "https://maven.pkg.github.com/"); {
	case strings.HasPrefix(rest, "$") && strings.Contains(rest, "GITHUB_REPOSITORY") && !strings.Contains(rest, "GITHUB_REPOSITORY_OWNER"):
		op.Targets = []Target{self}
		return op
	case owner == "" || name == "" || strings.Contains(full, "$"):
		op.Targets = []Target{{Kind: Registry, Text: "maven.pkg.github.com"}}
		return op
	}
	target := in.repository(value.Text(owner), value.Text(name))
	if target.Kind == Self {
		op.Targets = []Target{self}
		return op
	}
	op.Targets = []Target{{
		Kind: Registry, Text: "maven.pkg.github.com/" + full, Owner: target.Owner, Name: target.Name,
		SameOwner: target.SameOwner, OtherOwner: target.OtherOwner,
	}}
	return op
}
