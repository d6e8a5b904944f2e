package infer

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// naming is how the files of a program name the variables that it takes from the
// environment.
type naming struct {
	// programs are the calls that read the files, by how they begin, in words.
	programs []string
	// only are the words one of which stands behind that, "" for a call without
	// any; nil for any.
	only []string
	// flags name the files of a call, files are those it reads without.
	flags, files []string
	// above says that it looks in the folders above as well.
	above bool
	// hosts are texts without which a file sends GitHub nothing; nil where what
	// it is for does not show there.
	hosts []string
	// variable matches one, with its name as the group that is set.
	variable *regexp.Regexp
	// does is what the program does with it, which is not read; "" where it signs
	// in to a registry of GitHub's with it, and pulls packages: then that is registry.
	does, registry string
}

// bake matches a variable that the definition of a build takes: by the name of one
// of its own, or for a secret.
// Source: https://docs.docker.com/build/bake/variables/
var bake = regexp.MustCompile(`(?m)\bvariable\s+"?(\w+)"?\s*\{|\benv\s*=\s*"?(\w+)|"env"\s*:\s*"(\w+)"|\bid=(\w+)"|^\s*"(\w+)"\s*:\s*\{`)

// baking is how the definition of a build of images does.
var baking = naming{
	programs: []string{"docker buildx bake", "docker bake"}, flags: []string{"-f", "--file"},
	files:    []string{"docker-bake.hcl", "docker-bake.json", "docker-bake.override.hcl", "docker-bake.override.json"},
	variable: bake, does: "hands it to the build of an image",
}

var namings = []naming{
	baking,
	{
		programs: []string{"yarn"}, only: []string{"", "install", "add", "up", "upgrade", "dlx", "dedupe", "workspaces"}, files: []string{".yarnrc.yml"}, above: true,
		hosts: []string{githubNPM}, variable: braced, registry: githubNPM,
	},
	{
		programs: []string{"bun"}, only: []string{"install", "i", "add", "a", "update", "ci", "outdated", "x"}, files: []string{"bunfig.toml"},
		hosts: []string{githubNPM}, variable: braced, registry: githubNPM,
	},
	{
		programs: []string{"dotnet"}, only: []string{"restore", "build", "test", "publish", "pack", "run", "add", "tool", "msbuild", "list", "workload"},
		files: nugetConfigs, above: true, hosts: []string{githubNuget}, variable: percents, registry: githubNuget,
	},
	{
		programs: []string{"nuget"}, only: []string{"restore", "install", "update", "list"},
		files: nugetConfigs, above: true, hosts: []string{githubNuget}, variable: percents, registry: githubNuget,
	},
	{
		programs: []string{"bundle", "bundler"}, only: []string{"", "install", "update", "lock", "add", "outdated", "cache", "package", "check"}, flags: []string{"--gemfile"}, files: []string{"Gemfile", "gems.rb"},
		hosts: []string{"github.com", "github:"}, variable: gemVariable, does: "fetches gems with it",
	},
}

// nugetConfigs are the names of the settings of NuGet.
var nugetConfigs = []string{"nuget.config", "NuGet.config", "NuGet.Config"}

// How settings name variables.
// Sources: https://yarnpkg.com/configuration/yarnrc, https://bun.sh/docs/runtime/bunfig,
// https://learn.microsoft.com/nuget/reference/nuget-config-file#using-environment-variables
var (
	braced      = regexp.MustCompile(`\$\{(\w+)[:}-]|\$(\w+)`)
	percents    = regexp.MustCompile(`%(\w+)%`)
	gemVariable = regexp.MustCompile(`\bENV(?:\.fetch)?\s*[\[(]\s*["'](\w+)["']`)
)

// bakeAction is the action that runs docker buildx bake.
const bakeAction = "docker/bake-action"

// bakeFiles are the files of its definition, by their paths from the workspace.
func bakeFiles(a *trace.Action) (files []string) {
	names := strings.FieldsFunc(a.Inputs["files"].Mask().Text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	if len(names) == 0 {
		names = baking.files
	}
	for _, name := range names {
		files = append(files, path.Join(folder(a.Inputs["workdir"]), name))
	}
	return files
}

// namedInFiles notes the variables that a file of the project names for a
// program which hands them on, or signs in with them: what is done there is not
// read.
func (in *inferrer) namedInFiles(site *trace.Site) {
	if in.general() || !site.Env.HoldsCredential() {
		return
	}
	words, _ := site.Command.Words()
	words = slices.Clone(words)
	words[0] = path.Base(words[0])
	for _, n := range namings {
		if rest, ok := n.calledBy(words); ok {
			in.namedBy(site, n, n.given(rest), commandWords(site.Command))
		}
	}
}

// calledBy tells whether words are a call that reads the files, and returns those
// behind the program.
func (n naming) calledBy(words []string) (rest []string, ok bool) {
	for _, program := range n.programs {
		begin := strings.Fields(program)
		if len(words) < len(begin) || !slices.Equal(words[:len(begin)], begin) {
			continue
		}
		rest = words[len(begin):]
		first := ""
		if len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
			first = rest[0]
		}
		if n.only == nil || slices.Contains(n.only, first) {
			return rest, true
		}
	}
	return nil, false
}

// given are the files that a call reads.
func (n naming) given(words []string) (files []string) {
	for i, w := range words {
		flag, file, joined := strings.Cut(w, "=")
		if !joined && i+1 < len(words) {
			file = words[i+1]
		}
		if slices.Contains(n.flags, flag) && file != "" {
			files = append(files, file)
		}
	}
	if files == nil {
		return n.files
	}
	return files
}

// namedBy notes the variables of a site that files name.
func (in *inferrer) namedBy(site *trace.Site, n naming, files []string, what string) {
	dirs := []string{"."}
	if n.above {
		dirs = []string{".", "..", "../..", "../../.."}
	}
	found := map[string]audit.Place{}
	for _, dir := range dirs {
		for _, name := range files {
			file := path.Join(dir, name)
			if site.Command != nil {
				file = path.Clean(joinFolder(folder(site.Command.Dir), file))
			}
			if in.options.Read == nil || strings.HasPrefix(file, "..") || strings.HasPrefix(file, "?") {
				continue
			}
			source, err := in.options.Read(file)
			if err != nil || n.hosts != nil && !slices.ContainsFunc(n.hosts, func(h string) bool { return bytes.Contains(source, []byte(h)) }) {
				continue
			}
			number := 0
			for line := range strings.Lines(string(source)) {
				number++
				text := strings.TrimSpace(line)
				if strings.HasPrefix(text, "#") || strings.HasPrefix(text, "//") {
					continue
				}
				for _, m := range n.variable.FindAllStringSubmatch(line, -1) {
					name := strings.Join(m[1:], "")
					if _, known := found[name]; !known {
						found[name] = audit.Place{File: file, Line: number, Text: text}
					}
				}
			}
		}
	}
	for _, name := range site.Env.Credentials() {
		at, ok := found[name]
		if !ok {
			continue
		}
		v, _ := site.Env.Lookup(name)
		in.use(site, v, what, func(u *Use) {
			u.Reads = in.meant(u.Credential, name)
			switch u.Other = !u.Reads && in.otherSecret(value.Of(u.Credential), name); {
			case u.Other:
			case n.does == "":
				u.Reads, u.Operations = true, []Operation{{
					Names: []string{"registry pull"}, Targets: []Target{{Kind: Registry, Text: n.registry}}, Answer: rules.AnswerConditional,
					Reasons: []string{"package-access"}, Needs: needs("packages:read"), Confidence: "medium", Place: at,
				}}
			default:
				u.Unknowns = []Unknown{{
					Code: "unread", Detail: what + " " + n.does + ", as " + path.Base(at.File) + " says, and what is done with it there is not read",
					Place: at, Settle: "read what it is used for",
				}}
			}
		})
	}
}
