package infer

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// releaseToken is the variable that goreleaser takes its own token from.
const releaseToken = "GITHUB_TOKEN"

// publication is a file that goreleaser puts into a repository, such as a
// formula into a tap.
type publication struct {
	// variable holds the token that it takes.
	variable  string
	operation Operation
}

// goreleaserConfig is what of .goreleaser.yaml says where a release goes.
type goreleaserConfig struct {
	Release struct {
		GitHub goreleaserRepository `yaml:"github"`
	} `yaml:"release"`
	Brews         []goreleaserPublisher `yaml:"brews"`
	HomebrewCasks []goreleaserPublisher `yaml:"homebrew_casks"`
	Scoops        []goreleaserPublisher `yaml:"scoops"`
	Winget        []goreleaserPublisher `yaml:"winget"`
	Krews         []goreleaserPublisher `yaml:"krews"`
	Nix           []goreleaserPublisher `yaml:"nix"`
}

type goreleaserPublisher struct {
	Repository goreleaserRepository `yaml:"repository"`
	// Tap, Bucket and Index are older names of Repository.
	Tap        goreleaserRepository `yaml:"tap"`
	Bucket     goreleaserRepository `yaml:"bucket"`
	Index      goreleaserRepository `yaml:"index"`
	SkipUpload any                  `yaml:"skip_upload"`
}

type goreleaserRepository struct {
	Owner       string `yaml:"owner"`
	Name        string `yaml:"name"`
	Token       string `yaml:"token"`
	PullRequest struct {
		Enabled any                   `yaml:"enabled"`
		Base    *goreleaserRepository `yaml:"base"`
	} `yaml:"pull_request"`
	Git struct {
		URL string `yaml:"url"`
	} `yaml:"git"`
}

// releases are the commands of goreleaser that publish something.
var releases = []string{"goreleaser release", "goreleaser continue", "goreleaser publish"}

// goreleaser reads what a call of goreleaser in a folder publishes beside the
// release itself, and with which token. read is false where the configuration
// that says so is not in the checkout.
func (in *inferrer) goreleaser(site *trace.Site, info *rules.ProgramInfo, dir string) (list []publication, read bool) {
	_, snapshot := info.Lookup("snapshot")
	skip, _ := info.Lookup("skip")
	if !slices.Contains(releases, info.Name) || snapshot || strings.Contains(skip, "publish") {
		return nil, true
	}
	files := info.Config
	if file, ok := info.Lookup("config"); ok {
		files = []string{file}
	}
	for _, file := range files {
		if in.options.Read == nil || strings.HasPrefix(dir, "?") {
			break
		}
		source, err := in.options.Read(joinFolder(dir, file))
		if err != nil {
			continue
		}
		var config goreleaserConfig
		if yaml.Unmarshal(source, &config) != nil {
			break
		}
		return in.publications(site, config, audit.Place{File: joinFolder(dir, file)}), true
	}
	return nil, false
}

func (in *inferrer) publications(site *trace.Site, config goreleaserConfig, at audit.Place) []publication {
	var out []publication
	add := func(r goreleaserRepository, needs rules.Needs, request, token string) {
		if r.Owner == "" || r.Name == "" {
			return
		}
		variable := releaseToken
		if m := templateVariable.FindStringSubmatch(token); m != nil {
			variable = m[1]
		}
		targets := in.parts(template(r.Owner, site.Env), template(r.Name, site.Env))
		out = append(out, publication{variable, Operation{
			Names: []string{request}, Targets: targets, Needs: needs, Answer: rules.AnswerYes, Confidence: "high",
			Place: audit.Place{File: at.File, Text: r.Owner + "/" + r.Name},
		}})
	}
	if github := config.Release.GitHub; github.Name != "" {
		add(github, needs("contents:write"), "POST /repos/{owner}/{repo}/releases", "")
	}
	for _, p := range slices.Concat(config.Brews, config.HomebrewCasks, config.Scoops, config.Winget, config.Krews, config.Nix) {
		if p.SkipUpload == true || p.SkipUpload == "true" {
			continue
		}
		for _, r := range []goreleaserRepository{p.Repository, p.Tap, p.Bucket, p.Index} {
			if r.Git.URL != "" {
				// It is pushed with a key.
				continue
			}
			add(r, needs("contents:write"), "PUT /repos/{owner}/{repo}/contents/{path}", r.Token)
			if r.PullRequest.Enabled != true {
				continue
			}
			base := r
			if r.PullRequest.Base != nil && r.PullRequest.Base.Name != "" {
				base = *r.PullRequest.Base
			}
			add(base, needs("pull_requests:write"), "POST /repos/{owner}/{repo}/pulls", r.Token)
		}
	}
	return out
}

// templateVariable matches the variable that a template takes its text from.
var templateVariable = regexp.MustCompile(`\{\{-?\s*(?:\.Env\.|envOrDefault\s+"|index\s+\.Env\s+")(\w+)"?[^}]*\}\}`)

// template resolves a text that may be one template of a variable.
func template(text string, env *value.Env) value.Value {
	m := templateVariable.FindStringSubmatch(text)
	switch {
	case m != nil && m[0] == text:
		if v, ok := env.Lookup(m[1]); ok {
			return v
		}
		return value.Unknown(text)
	case strings.Contains(text, "{{"):
		return value.Unknown(text)
	}
	return value.Text(text)
}

// goreleaserAction is the action that runs goreleaser with its input args.
const goreleaserAction = "goreleaser/goreleaser-action"

// actionPublications reads what the action publishes beside the release. Where
// its configuration cannot be read, what the token of the release does is open.
func (in *inferrer) actionPublications(site *trace.Site) []publication {
	a := site.Action
	if a.Name != goreleaserAction || strings.EqualFold(a.Inputs["install-only"].LiteralOr(""), "true") {
		return nil
	}
	words, _ := value.MaskWords([]value.Value{value.Text("goreleaser"), a.Inputs["args"]})
	info, ok := rules.Program(strings.Fields(strings.Join(words, " ")))
	if !ok {
		return nil
	}
	list, read := in.goreleaser(site, info, folder(a.Inputs["workdir"]))
	if v, _ := site.Env.Lookup(releaseToken); !read {
		in.use(site, v, a.Name, func(u *Use) {
			u.Reads, u.Unknowns = true, []Unknown{{
				Code: "unread", Detail: "where goreleaser publishes to stands in a configuration that is not in this checkout", Place: place(site),
				Settle: "audit a checkout that has it",
			}}
		})
	}
	return list
}

// publish notes what a release publishes beside itself.
func (in *inferrer) publish(site *trace.Site, what string, list []publication) {
	for _, p := range list {
		v, _ := site.Env.Lookup(p.variable)
		in.use(site, v, what, func(u *Use) { u.Reads, u.Operations = true, []Operation{p.operation} })
	}
}

// publishedWith tells whether a variable, other than that of the release
// itself, is seen to be for one of the publications.
func publishedWith(list []publication, variable string) bool {
	return variable != releaseToken && slices.ContainsFunc(list, func(p publication) bool { return p.variable == variable })
}
