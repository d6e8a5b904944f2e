package infer

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// releaseToken is the variable that goreleaser takes its own token from.
const releaseToken = "GITHUB_TOKEN"

// publication is something that goreleaser publishes beside the files of a
// release, such as a formula in a tap.
type publication struct {
	// token is what it authenticates with.
	token value.Value
	// request is what it asks of GitHub; it has no method where operation says
	// what is done.
	request   request
	operation Operation
}

// goreleaserPlan is what a call of goreleaser publishes.
type goreleaserPlan struct {
	list []publication
	// unread says why there may be more, where the configuration that says so
	// cannot be read.
	unread string
	// release says what becomes of the release.
	release goreleaserRelease
	// tag is the one that the release gets, where that is not the one at hand.
	tag value.Value
	// log says where the changelog is from, by each file of the configuration.
	log []string
	// read are the configurations of which all could be read.
	read []settings.Goreleaser
}

// leaves tells whether a variable that goreleaser takes only because its
// configuration names it is named nowhere there.
func (p goreleaserPlan) leaves(variable string) bool {
	return variable != releaseToken && len(p.read) > 0 && !slices.ContainsFunc(p.read, func(g settings.Goreleaser) bool { return !g.Leaves(variable) })
}

// goreleaserRelease says what becomes of the release that GoReleaser makes.
type goreleaserRelease int

const (
	// released is for one that is published.
	released goreleaserRelease = iota
	// prereleased is for one that is published as a pre-release.
	prereleased
	// unreleased is for a draft, or none.
	unreleased
	// unmade is for none, neither draft nor tag.
	unmade
	// unsaid is for what stands in a configuration that cannot be read: what
	// is so by default is not held against GITHUB_TOKEN.
	unsaid
)

// releaseOf returns what a configuration says of the release.
func releaseOf(c settings.GoreleaserConfig) goreleaserRelease {
	switch {
	case isTrue(c.Release.Disable):
		return unmade
	case c.Release.Draft == true:
		return unreleased
	case c.Release.Prerelease == true || c.Release.Prerelease == "true":
		return prereleased
	}
	return released
}

// isTrue tells whether a setting is surely on.
func isTrue(setting any) bool { return setting == true || setting == "true" }

// goreleaser reads what a call of goreleaser in a folder publishes beside the
// release itself, and with which token. It is the n-th call that a site may be.
func (in *inferrer) goreleaser(site *trace.Site, n int, info *rules.ProgramInfo, dir string) (plan goreleaserPlan) {
	call, ok := settings.ReadGoreleaserCall(info)
	if !ok || !call.Publishes {
		return plan
	}
	away := goreleaserPlan{unread: goreleaserAway, release: unsaid}
	if in.general() {
		away.release = released
	}
	if in.options.Read == nil || strings.HasPrefix(dir, "?") {
		return away
	}
	found, ok := settings.Goreleaser{}, n < len(site.Goreleaser)
	if ok {
		found = site.Goreleaser[n]
	} else {
		found, ok = settings.FindGoreleaser(call.Config, func(name string) ([]byte, error) { return in.options.Read(joinFolder(dir, path.Clean(name))) }, nil)
	}
	if !ok {
		return away
	}
	if found.Unread != "" {
		plan.unread = "where goreleaser publishes to may stand in " + found.Unread + ", which cannot be read here"
	}
	said := false
	if call.Nightly {
		plan.night(found)
	}
	for _, file := range found.Files {
		at := audit.Place{File: joinFolder(dir, file.Name)}
		config, tells, readable := file.Config()
		if !readable {
			plan.unread = "where goreleaser publishes to stands in " + at.File + ", which cannot be read"
			continue
		}
		if api := config.GitHubURLs.API; api != "" && !strings.HasPrefix(api, "https://api.github.com") {
			plan.unread = at.File + " names " + api + " as the server to release on"
		}
		plan.release = max(plan.release, releaseOf(config))
		if plan.log = append(plan.log, config.Changelog.Use); isTrue(config.Changelog.Disable) {
			plan.log = append(plan.log, noChangelog)
		}
		plan.list = append(plan.list, in.publications(site, config, call, plan.release != unmade, in.session.tree(dir), at)...)
		said = said || tells
	}
	if plan.release == released && plan.unread != "" && !said {
		plan.release = unsaid
	}
	in.handsOn(site, found, plan.list)
	plan.read = []settings.Goreleaser{found}
	return plan
}

// goreleaserAway says that there is no configuration to be read.
const goreleaserAway = "where goreleaser publishes to stands in a configuration that is not in this checkout"

// handsOn notes a token of goreleaser's own that its configuration gives to
// something other than commands, which are read for themselves: an argument of
// an image's build, a header of an upload.
func (in *inferrer) handsOn(site *trace.Site, found settings.Goreleaser, list []publication) {
	names := []string{releaseToken}
	for name := range site.Env.All() {
		if publishedWith(site, list, name) {
			names = append(names, name)
		}
	}
	for _, file := range found.Files {
		for _, given := range file.Given(slices.Sorted(slices.Values(names))) {
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

// publications are those of one file of a configuration; releases tells whether there is
// a release at all.
func (in *inferrer) publications(site *trace.Site, config settings.GoreleaserConfig, call settings.GoreleaserCall, releases bool, here *tree, at audit.Place) []publication {
	var out []publication
	env := site.Env
	for _, assignment := range config.Env {
		env = settings.GoreleaserEnv(env, env, []string{assignment})
	}
	text := func(t string) value.Value { return settings.GoreleaserText(t, env) }
	own, _ := env.Lookup(releaseToken)
	for _, m := range config.Milestones {
		if !isTrue(m.Close) || call.Nightly {
			continue
		}
		op := milestoneClosed(at)
		if m.Repo.Name == "" {
			op.Targets = in.toolTargets(here)
		} else {
			op.Targets = in.parts(text(m.Repo.Owner), text(m.Repo.Name))
		}
		out = append(out, publication{token: own, operation: op})
	}
	github := config.Release.GitHub
	if category := config.Release.Discussion; category != "" && releases {
		op := Operation{
			Names: []string{"POST /repos/{owner}/{repo}/releases"}, Targets: in.toolTargets(here), Needs: needs("contents:write,discussions:write"), Answer: rules.AnswerYes, Confidence: "high",
			Events: []Event{{Name: "discussion", Type: "created", Attributes: map[string]value.Value{"category": text(category)}}},
			Note:   "It opens a discussion about the release.", Place: audit.Place{File: at.File, Text: "discussion_category_name: " + category},
		}
		if github.Name != "" {
			op.Targets = in.parts(text(github.Owner), text(github.Name))
		}
		out = append(out, publication{token: own, operation: op})
	}
	if github.Name != "" && releases {
		out = append(out, publication{token: own, operation: Operation{
			Names: []string{"POST /repos/{owner}/{repo}/releases"}, Targets: in.parts(text(github.Owner), text(github.Name)), Needs: needs("contents:write"), Answer: rules.AnswerYes, Confidence: "high",
			Place: audit.Place{File: at.File, Text: strings.TrimPrefix(github.Owner+"/"+github.Name, "/")},
		}})
	}
	if !slices.Contains(call.Skips, "ko") {
		for _, ko := range config.Kos {
			for _, repository := range append(ko.Repositories, ko.Repository) {
				if image := text(repository); strings.HasPrefix(image.Mask().Text, githubImages+"/") {
					out = append(out, publication{token: own, operation: in.koImage(image, audit.Place{File: at.File, Text: repository})})
				}
			}
		}
	}
	for _, section := range config.Publishers() {
		if slices.Contains(call.Skips, section.Skip) || call.Nightly && section.ByDay {
			continue
		}
		for _, p := range section.List {
			if isTrue(p.SkipUpload) {
				continue
			}
			for _, r := range []settings.GoreleaserRepository{p.Repository, p.Tap, p.Bucket, p.Index, p.GitHub} {
				if r.Owner == "" || r.Name == "" || r.Git.URL != "" {
					// By git it is pushed with a key.
					continue
				}
				token := own
				if r.Token != "" {
					token = text(r.Token)
				}
				for _, request := range published(r, p, text, at) {
					out = append(out, publication{token: token, request: request})
				}
			}
		}
	}
	return out
}

// published are the requests that put a file into a repository: by a commit,
// and by a pull request of it where there is to be one.
func published(r settings.GoreleaserRepository, p settings.GoreleaserPublisher, text func(string) value.Value, at audit.Place) []request {
	at.Text = r.Owner + "/" + r.Name
	path := func(r settings.GoreleaserRepository, rest ...value.Value) value.Value {
		return value.Concat(append([]value.Value{value.Text("/repos/"), text(r.Owner), value.Text("/"), text(r.Name)}, rest...)...)
	}
	file := value.Unknown("the file")
	if p.Directory != "" {
		file = value.Concat(text(p.Directory), value.Text("/"), file)
	}
	given := map[string]value.Value{"message": text(p.Message)}
	if r.Branch != "" {
		given["branch"] = text(r.Branch)
	}
	out := []request{{method: "PUT", path: path(r, value.Text("/contents/"), file), arguments: given, place: at}}
	if r.PullRequest.Enabled == nil || r.PullRequest.Enabled == false {
		return out
	}
	base, proposed := r, map[string]value.Value{}
	if r.Branch != "" {
		proposed["head"] = text(r.Branch)
	}
	if b := r.PullRequest.Base; b != nil {
		if b.Name != "" {
			base = *b
			base.Owner = cmp.Or(b.Owner, r.Owner)
		}
		if b.Branch != "" {
			proposed["base"] = text(b.Branch)
		}
	}
	if r.PullRequest.Draft == true {
		proposed["draft"] = value.Text("true")
	}
	return append(out, request{method: "POST", path: path(base, value.Text("/pulls")), arguments: proposed, place: at})
}

// koImage is an image that goreleaser pushes itself: ko finds the token of the
// release for GitHub's registry.
// Source: https://goreleaser.com/customization/ko/
func (in *inferrer) koImage(image value.Value, at audit.Place) Operation {
	return Operation{
		Names: []string{"registry push"}, Targets: []Target{in.image(image)}, Needs: needs("packages:write"), Answer: rules.AnswerConditional, Reasons: []string{"package-access"}, Confidence: "medium",
		Events: []Event{{Name: "registry_package", Type: "published"}}, Place: at,
	}
}

// milestoneClosed is what goreleaser does to the milestone of a version.
func milestoneClosed(at audit.Place) Operation {
	return Operation{
		Names: []string{"GET /repos/{owner}/{repo}/milestones", "PATCH /repos/{owner}/{repo}/milestones/{milestone_number}"}, Needs: needs("issues:write"), Answer: rules.AnswerYes, Confidence: "high",
		Events: []Event{{Name: "milestone", Type: "closed"}}, Source: "https://goreleaser.com/customization/milestone/", Place: audit.Place{File: at.File, Text: "milestones"},
	}
}

// actionPublications reads what the action publishes beside the release. Where
// its configuration cannot be read, what the token of the release does is open.
func (in *inferrer) actionPublications(site *trace.Site) (plan goreleaserPlan) {
	a := site.Action
	if a.Name != settings.GoreleaserAction || strings.EqualFold(a.Inputs["install-only"].LiteralOr(""), "true") {
		return plan
	}
	for n, words := range settings.GoreleaserWords(a.Inputs["args"]) {
		info, ok := rules.Program(words)
		if !ok {
			continue
		}
		one := in.goreleaser(site, n, info, folder(a.Inputs["workdir"]))
		plan.list, plan.unread = append(plan.list, one.list...), cmp.Or(plan.unread, one.unread)
		plan.read = append(plan.read, one.read...)
		if one.read == nil {
			plan.read = append(plan.read, settings.Goreleaser{})
		}
		if n == 0 {
			plan.release, plan.tag, plan.log = one.release, one.tag, one.log
		} else if plan.release != one.release {
			plan.release, plan.tag = released, nil
		}
	}
	in.unreadRelease(site, a.Name, plan.unread)
	return plan
}

// unreadRelease notes that a release may publish more than can be read.
func (in *inferrer) unreadRelease(site *trace.Site, what, why string) {
	if why == "" {
		return
	}
	v, _ := site.Env.Lookup(releaseToken)
	in.use(site, v, what, func(u *Use) {
		u.Reads, u.Unknowns = true, []Unknown{{Code: "unread", Detail: why, Place: site.Place(), Settle: "audit a checkout that has it"}}
	})
}

// publish notes what a release publishes beside itself.
func (in *inferrer) publish(site *trace.Site, what string, list []publication) {
	for _, p := range list {
		in.use(site, p.token, what, func(u *Use) {
			u.Reads = true
			if p.request.method == "" {
				u.Operations = []Operation{p.operation}
				return
			}
			in.rest(u, p.request)
		})
	}
}

// publishedWith tells whether a variable, other than that of the release
// itself, is seen to be for one of the publications.
func publishedWith(site *trace.Site, list []publication, variable string) bool {
	v, ok := site.Env.Lookup(variable)
	return ok && variable != releaseToken && slices.ContainsFunc(v.Credentials(), func(c *value.Credential) bool {
		return slices.ContainsFunc(list, func(p publication) bool { return slices.Contains(p.token.Credentials(), c) })
	})
}
