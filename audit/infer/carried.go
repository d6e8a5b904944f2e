package infer

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// carrying is how a workspace goes from one job of a workflow to another: by the
// name of an artifact, or the key of a cache.
type carrying struct {
	// by is "an artifact" or "a cache".
	by, name string
	// credentials are those that lie in it for git.
	credentials value.Value
}

// carried is what a job has to do with workspaces that are carried.
type carried struct {
	gives, takes []carrying
	// ran is where git first asks the remote of a workspace that the job took.
	ran *audit.Place
}

// carries notes that an action stores the workspace, or fetches a stored one.
func (in *inferrer) carries(site *trace.Site) {
	a := site.Action
	c := carrying{by: "a cache", name: a.Inputs["key"].String()}
	gives, takes := false, false
	switch a.Name {
	case "actions/upload-artifact", "actions/download-artifact":
		c.by, c.name = "an artifact", a.Inputs["name"].String()
		if gives = a.Name == "actions/upload-artifact"; gives && c.name == "" {
			c.name = "artifact"
		}
		if takes = !gives; gives && !hidden(a) {
			return
		}
	case "actions/cache":
		gives, takes = true, true
	case "actions/cache/save":
		gives = true
	case "actions/cache/restore":
		takes = true
	}
	if gives {
		in.carriesLogin(site, c.by)
	}
	if c.name == "" || !wholeWorkspace(a.Inputs["path"], a.Name == "actions/download-artifact") {
		return
	}
	if takes {
		in.carried.takes = append(in.carried.takes, c)
	}
	if t := in.session.trees["."]; gives && t != nil && storesInside(t.version) {
		c.credentials = t.stored()
		in.carried.gives = append(in.carried.gives, c)
	}
}

// carriesLogin notes that an action stores what a program keeps a credential in, in
// the home folder, for other jobs and runs.
func (in *inferrer) carriesLogin(site *trace.Site, by string) {
	for _, held := range []struct {
		file string
		kept trace.Kept
	}{{".config/gh/hosts.yml", in.session.login}, {".git-credentials", in.session.stored}, {".netrc", in.session.netrc}} {
		if !slices.ContainsFunc(strings.Fields(site.Action.Inputs["path"].String()), func(word string) bool {
			rest, home := strings.CutPrefix(strings.TrimSuffix(word, "/"), "~")
			rest = strings.TrimPrefix(rest, "/")
			return home && (rest == "" || held.file == rest || strings.HasPrefix(held.file, rest+"/"))
		}) {
			continue
		}
		in.use(site, held.kept.All(), site.Action.Name, func(u *Use) {
			u.Reads, u.Unknowns = true, []Unknown{{
				Code: "unread", Place: site.Place(), Settle: "sign in in the job that needs it",
				Detail: "~/" + held.file + " goes into " + by + " with it, and what takes it from there is not followed; GITHUB_TOKEN ends with its job",
			}}
		})
	}
}

// versionTag matches the major version in a tag of an action.
var versionTag = regexp.MustCompile(`^v(\d+)(?:\.|$)`)

// majorOf returns it; 0 where the version is none of that form.
func majorOf(version string) int {
	major := 0
	if m := versionTag.FindStringSubmatch(version); m != nil {
		major, _ = strconv.Atoi(m[1])
	}
	return major
}

// hidden tells whether an upload takes hidden files along, as it did up to v3.
// Source: https://github.com/actions/upload-artifact#uploading-hidden-files
func hidden(a *trace.Action) bool {
	major := majorOf(a.Version())
	return strings.EqualFold(a.Inputs["include-hidden-files"].LiteralOr(""), "true") || major > 0 && major < 4
}

// storesInside tells whether a version of actions/checkout leaves its credentials
// in .git/config, as it did up to v5; a version that is not known does.
// Source: https://github.com/actions/checkout/releases/tag/v6.0.0
func storesInside(version string) bool { return majorOf(version) < 6 }

// wholeWorkspace tells whether the paths of an action are all of the workspace; none
// is, for one that has it for its default.
func wholeWorkspace(paths value.Value, byDefault bool) bool {
	text, known := paths.Literal()
	switch {
	case len(paths) == 0:
		return byDefault
	case !known:
		return folder(paths) == "."
	}
	lines := strings.Fields(text)
	return !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "!") && strings.Contains(l, ".git") }) &&
		slices.ContainsFunc(lines, func(l string) bool { return slices.Contains([]string{".", "./", "**", "./**", "**/*", "./**/*"}, l) })
}

// remoteCommands are those of git that ask a remote.
var remoteCommands = []string{"push", "fetch", "pull", "ls-remote"}

// runsCarried notes that git asks the remote of a workspace that the job took from
// another, without a checkout of its own.
func (in *inferrer) runsCarried(site *trace.Site) {
	if len(in.carried.takes) == 0 || in.carried.ran != nil {
		return
	}
	if t := in.session.trees["."]; t != nil && !t.assumed {
		return
	}
	if slices.ContainsFunc(site.Command.Args[1:], func(v value.Value) bool { return slices.Contains(remoteCommands, v.LiteralOr("")) }) {
		at := site.Place()
		in.carried.ran = &at
	}
}

// Carry adds to the uses of checkouts what is not followed of them: that their
// credentials go with the workspace to another job of the workflow, which runs git
// in it. GITHUB_TOKEN would be void there.
func Carry(jobs []*Job) {
	for _, to := range jobs {
		if to.carried.ran == nil {
			continue
		}
		for _, from := range jobs {
			if from != to && from.Root == to.Root {
				from.carriedTo(to)
			}
		}
	}
}

func (j *Job) carriedTo(to *Job) {
	for _, c := range j.carried.gives {
		if !slices.ContainsFunc(to.carried.takes, func(t carrying) bool { return t.by == c.by && t.name == c.name }) {
			continue
		}
		for _, u := range j.Uses {
			if u.What != "actions/checkout" || u.Credential.Kind != value.Secret || !slices.Contains(c.credentials.Credentials(), u.Credential) {
				continue
			}
			u.Unknowns = append(u.Unknowns, Unknown{
				Code: "unread", Place: *to.carried.ran, Settle: "check the repository out in that job",
				Detail: fmt.Sprintf("job %s takes it along with the workspace in %s, and what it does with it there is not followed; GITHUB_TOKEN ends with its job", to.Job.Job.ID, c.by),
			})
		}
	}
}
