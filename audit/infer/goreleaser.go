package infer

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/settings"
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
		GitHub     goreleaserRepository `yaml:"github"`
		Discussion string               `yaml:"discussion_category_name"`
	} `yaml:"release"`
	Milestones []struct {
		Repo  goreleaserRepository `yaml:"repo"`
		Close any                  `yaml:"close"`
	} `yaml:"milestones"`
	Env           []string              `yaml:"env"`
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
// release itself, and with which token. unread says why it may publish more,
// where the configuration that says so cannot be read.
func (in *inferrer) goreleaser(site *trace.Site, info *rules.ProgramInfo, dir string) (list []publication, unread string) {
	_, snapshot := info.Lookup("snapshot")
	skip, _ := info.Lookup("skip")
	if !slices.Contains(releases, info.Name) || snapshot || strings.Contains(skip, "publish") {
		return nil, ""
	}
	files := info.Config
	if file, ok := info.Lookup("config"); ok {
		files = []string{file}
	}
	if in.options.Read == nil || strings.HasPrefix(dir, "?") {
		return nil, goreleaserAway
	}
	found, ok := settings.FindGoreleaser(files, func(name string) ([]byte, error) { return in.options.Read(joinFolder(dir, path.Clean(name))) })
	if !ok {
		return nil, goreleaserAway
	}
	if found.Unread != "" {
		unread = "where goreleaser publishes to may stand in " + found.Unread + ", which cannot be read here"
	}
	for _, file := range found.Files {
		var config goreleaserConfig
		at := audit.Place{File: joinFolder(dir, file.Name)}
		if yaml.Unmarshal(file.Source, &config) != nil {
			unread = "where goreleaser publishes to stands in " + at.File + ", which cannot be read"
			continue
		}
		list = append(list, in.publications(site, config, in.session.tree(dir), at)...)
	}
	in.handsOn(site, found, list)
	return list, unread
}

// goreleaserAway says that there is no configuration to be read.
const goreleaserAway = "where goreleaser publishes to stands in a configuration that is not in this checkout"

// handsOn notes a token of goreleaser's own that its configuration gives to
// something other than commands, which are read for themselves: an argument of
// an image's build, a header of an upload.
func (in *inferrer) handsOn(site *trace.Site, found settings.Goreleaser, list []publication) {
	names := []string{releaseToken}
	for _, p := range list {
		names = append(names, p.variable)
	}
	for _, file := range found.Files {
		for _, given := range file.Given(slices.Compact(slices.Sorted(slices.Values(names)))) {
			v, _ := site.Env.Lookup(given.Name)
			in.use(site, v, "goreleaser", func(u *Use) {
				u.Reads, u.Unknowns = true, []Unknown{{
					Code: "unread", Detail: "the configuration of goreleaser hands it on in " + given.Section + ", and what happens to it there is not known",
					Place: audit.Place{File: file.Name, Text: given.Text}, Settle: "read what it is for",
				}}
			})
		}
	}
}

// goreleaserEnv returns by name the variables that the configuration sets from
// others: the one whose value they have.
func goreleaserEnv(assignments []string) map[string]string {
	same := map[string]string{}
	for _, a := range assignments {
		name, text, _ := strings.Cut(a, "=")
		if from := goreleaserVariable(text, same); from != "" && from != name {
			same[name] = from
		}
	}
	return same
}

// goreleaserVariable returns the variable that a template takes its text from.
func goreleaserVariable(text string, same map[string]string) string {
	all := settings.GoreleaserVariables(text)
	if len(all) == 0 {
		return ""
	}
	if from, ok := same[all[0].Name]; ok {
		return from
	}
	return all[0].Name
}

func (in *inferrer) publications(site *trace.Site, config goreleaserConfig, here *tree, at audit.Place) []publication {
	var out []publication
	same := goreleaserEnv(config.Env)
	add := func(r goreleaserRepository, needs rules.Needs, request, token string) {
		if r.Owner == "" || r.Name == "" {
			return
		}
		variable := cmp.Or(goreleaserVariable(token, same), releaseToken)
		targets := in.parts(template(r.Owner, site.Env), template(r.Name, site.Env))
		out = append(out, publication{variable, Operation{
			Names: []string{request}, Targets: targets, Needs: needs, Answer: rules.AnswerYes, Confidence: "high",
			Place: audit.Place{File: at.File, Text: r.Owner + "/" + r.Name},
		}})
	}
	for _, m := range config.Milestones {
		if m.Close != true && m.Close != "true" {
			continue
		}
		op := milestoneClosed(at)
		if m.Repo.Name == "" {
			op.Targets = in.treeTargets(here)
		} else {
			op.Targets = in.parts(template(m.Repo.Owner, site.Env), template(m.Repo.Name, site.Env))
		}
		out = append(out, publication{releaseToken, op})
	}
	if category := config.Release.Discussion; category != "" {
		op := Operation{
			Names: []string{"POST /repos/{owner}/{repo}/releases"}, Targets: in.treeTargets(here), Needs: needs("contents:write,discussions:write"), Answer: rules.AnswerYes, Confidence: "high",
			Events: []Event{{Name: "discussion", Type: "created", Attributes: map[string]value.Value{"category": template(category, site.Env)}}},
			Note:   "It opens a discussion about the release.", Place: audit.Place{File: at.File, Text: "discussion_category_name: " + category},
		}
		if github := config.Release.GitHub; github.Name != "" {
			op.Targets = in.parts(template(github.Owner, site.Env), template(github.Name, site.Env))
		}
		out = append(out, publication{releaseToken, op})
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

// milestoneClosed is what goreleaser does to the milestone of a version.
func milestoneClosed(at audit.Place) Operation {
	return Operation{
		Names: []string{"GET /repos/{owner}/{repo}/milestones", "PATCH /repos/{owner}/{repo}/milestones/{milestone_number}"}, Needs: needs("issues:write"), Answer: rules.AnswerYes, Confidence: "high",
		Events: []Event{{Name: "milestone", Type: "closed"}}, Source: "https://goreleaser.com/customization/milestone/", Place: audit.Place{File: at.File, Text: "milestones"},
	}
}

// template resolves a text that may be one template of a variable.
func template(text string, env *value.Env) value.Value {
	all := settings.GoreleaserVariables(text)
	switch {
	case len(all) == 1 && all[0].Start == 0 && all[0].End == len(text):
		if v, ok := env.Lookup(all[0].Name); ok {
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
	info, ok := rules.Program(settings.GoreleaserWords(strings.Fields(a.Inputs["args"].Mask().Text)))
	if !ok {
		return nil
	}
	list, unread := in.goreleaser(site, info, folder(a.Inputs["workdir"]))
	in.unreadRelease(site, a.Name, unread)
	return list
}

// unreadRelease notes that a release may publish more than can be read.
func (in *inferrer) unreadRelease(site *trace.Site, what, why string) {
	if why == "" {
		return
	}
	v, _ := site.Env.Lookup(releaseToken)
	in.use(site, v, what, func(u *Use) {
		u.Reads, u.Unknowns = true, []Unknown{{Code: "unread", Detail: why, Place: place(site), Settle: "audit a checkout that has it"}}
	})
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
