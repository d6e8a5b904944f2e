package infer

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// renovateAction is the action that runs Renovate, with the bot's
// configuration in its input configurationFile.
const renovateAction = "renovatebot/github-action"

// renovateFiles are the places where Renovate looks for the configuration of
// a repository, in its order.
// Source: https://docs.renovatebot.com/configuration-options/
var renovateFiles = []string{
	"renovate.json", "renovate.jsonc", "renovate.json5", ".github/renovate.json", ".github/renovate.jsonc", ".github/renovate.json5",
	".renovaterc", ".renovaterc.json", ".renovaterc.jsonc", ".renovaterc.json5", "package.json#renovate",
}

// renovateOwn are the files that the bot's own configuration stands in where
// nothing says otherwise.
var renovateOwn = []string{"config.js", "config.mjs", "config.cjs", "config.json", "config.json5"}

// plainFlags are flags that change as little as the plain variables.
var plainFlags = []string{"--token", "--platform", "--endpoint", "--git-author", "--onboarding", "--autodiscover"}

// plainVariables are variables of a bot's own configuration that change
// nothing of what it does with a repository.
// Source: https://docs.renovatebot.com/self-hosted-configuration/
var plainVariables = []string{
	"RENOVATE_TOKEN", "RENOVATE_REPOSITORIES", "RENOVATE_USERNAME", "RENOVATE_GIT_AUTHOR", "RENOVATE_PLATFORM", "RENOVATE_PLATFORM_COMMIT",
	"RENOVATE_ENDPOINT", "RENOVATE_ONBOARDING", "RENOVATE_CONFIG_FILE", "RENOVATE_GITHUB_COM_TOKEN", "RENOVATE_HOST_RULES",
	"RENOVATE_REPOSITORY_CACHE", "RENOVATE_CACHE_DIR", "RENOVATE_BASE_DIR", "RENOVATE_GIT_PRIVATE_KEY", "RENOVATE_DETECT_HOST_RULES_FROM_ENV",
	"RENOVATE_ALLOWED_COMMANDS", "RENOVATE_ALLOWED_POST_UPGRADE_COMMANDS", "RENOVATE_AUTODISCOVER", "RENOVATE_AUTODISCOVER_FILTER",
}

// plainPresets are the groups of Renovate's own presets in which none merges
// pull requests, none adds a manager, and none asks a team.
// Source: https://docs.renovatebot.com/presets-default/ and its neighbours.
var plainPresets = []string{
	"config", "group", "schedule", "docker", "helpers", "mergeConfidence", "replacements", "workarounds", "security", "monorepo",
	"abandonments", "npm", "packages", "preview",
}

// renovate is what the configurations of a run of Renovate say.
type renovate struct {
	// repository is that of the repository, global that of the bot.
	repository, global settings.Tree
	// open says that something else may have a say.
	open bool
}

// renovateSettings reads the configuration of this repository and of the bot.
func (in *inferrer) renovateSettings(site *trace.Site, file value.Value) renovate {
	var out renovate
	read := func(name string) ([]byte, error) {
		if in.options.Read == nil {
			return nil, fs.ErrNotExist
		}
		return in.options.Read(path.Clean(name))
	}
	out.repository = settings.Find(renovateFiles, read)
	for name := range site.Env.All() {
		out.open = out.open || strings.HasPrefix(name, "RENOVATE_") && !slices.Contains(plainVariables, name)
	}
	if v, set := site.Env.Lookup("RENOVATE_CONFIG_FILE"); set && len(file) == 0 {
		file = v
	}
	if len(file) == 0 {
		out.global = settings.Find(renovateOwn, read)
		out.open = out.open || out.global.File != "" && !out.global.Readable()
	} else {
		name, known := file.Literal()
		out.global = settings.Find([]string{name}, read)
		out.open = out.open || !known || !out.global.Readable()
	}
	if site.Command != nil {
		out.open = out.open || slices.ContainsFunc(literals(site.Command.Args[1:]), func(word string) bool {
			flag, _, _ := strings.Cut(word, "=")
			return strings.HasPrefix(flag, "-") && !slices.Contains(plainFlags, flag)
		})
	}
	for _, key := range []string{"force", "requireConfig", "configFileNames", "inheritConfig", "globalExtends"} {
		found, open := out.global.Anywhere(key)
		out.open = out.open || open || len(found) > 0
	}
	out.open = out.open || out.repository.File == "" || !out.repository.Readable()
	return out
}

// renovated narrows what Renovate does with this repository, which the tables
// have as the most that it may do, to what the configuration in it says; and
// finds the repositories where the bot's configuration names them. What is
// not sure stays as it is.
func (in *inferrer) renovated(site *trace.Site, file value.Value, op *Operation) {
	r := in.renovateSettings(site, file)
	_, listed := site.Env.Lookup("RENOVATE_REPOSITORIES")
	_, discovers := site.Env.Lookup("RENOVATE_AUTODISCOVER")
	if !listed && !discovers {
		if names, open := r.global.Texts("repositories"); !open && len(names) > 0 {
			op.Targets = nil
			for _, name := range names {
				op.Targets = append(op.Targets, in.anyTargets(value.Text(name))...)
			}
		}
	}
	if r.open || slices.ContainsFunc(op.Targets, func(t Target) bool { return t.Kind != Self }) {
		return
	}
	if r.leavesWorkflows() {
		op.Needs = without(op.Needs, "workflows")
		op.Reasons = slices.DeleteFunc(slices.Clone(op.Reasons), func(code string) bool { return code == "workflow-files" })
		if len(op.Reasons) == 0 {
			// Its documentation asks for a person's token or an App's.
			op.Reasons = []string{"user-only"}
		}
	}
	if text, known, set := r.repository.Lookup("vulnerabilityAlerts.enabled"); known && set && text == "false" {
		op.Needs = without(op.Needs, "vulnerability_alerts")
		op.Names = slices.DeleteFunc(slices.Clone(op.Names), func(name string) bool { return name == "query repository.vulnerabilityAlerts" })
	}
	if r.asksTeams() {
		op.Needs = op.Needs.Union(needs("org:members:read"))
		op.Reasons = append(slices.Clip(op.Reasons), "organization-api")
	}
	if r.neverMerges() {
		op.Events = slices.DeleteFunc(slices.Clone(op.Events), mergeEvent)
	}
}

// without leaves a permission out.
func without(n rules.Needs, name string) rules.Needs {
	return slices.DeleteFunc(slices.Clone(n), func(group []rules.Permission) bool {
		return slices.ContainsFunc(group, func(p rules.Permission) bool { return p.Name == name })
	})
}

// leavesWorkflows tells whether no manager that is switched on touches
// workflow files: github-actions does, and so may those that the
// configuration makes up, and commands that run after an update.
func (r renovate) leavesWorkflows() bool {
	for _, tree := range []settings.Tree{r.repository, r.global} {
		for _, key := range []string{"postUpgradeTasks", "managerFilePatterns", "fileMatch"} {
			if found, open := tree.Anywhere(key); open || len(found) > 0 {
				return false
			}
		}
	}
	managers, open := r.repository.Anywhere("enabledManagers")
	if open {
		return false
	}
	if len(managers) > 0 {
		return !slices.ContainsFunc(managers, func(m string) bool {
			return m == "github-actions" || strings.HasPrefix(m, "custom.") || slices.Contains([]string{"regex", "jsonata"}, m)
		})
	}
	text, known, set := r.repository.Lookup("github-actions.enabled")
	return known && set && text == "false" && r.plain("customManagers", "regexManagers")
}

// asksTeams tells whether a team is asked to review.
func (r renovate) asksTeams() bool {
	for _, key := range []string{"reviewers", "additionalReviewers"} {
		found, _ := r.repository.Anywhere(key)
		if slices.ContainsFunc(found, func(name string) bool { return strings.HasPrefix(name, "team:") }) {
			return true
		}
	}
	return false
}

// neverMerges tells whether nothing switches the merging of pull requests on.
func (r renovate) neverMerges() bool {
	for _, tree := range []settings.Tree{r.repository, r.global} {
		found, open := tree.Anywhere("automerge")
		if open || slices.ContainsFunc(found, func(text string) bool { return text != "false" }) {
			return false
		}
	}
	return r.plain()
}

// plain tells whether all presets are known to be plain, and none of the keys
// is set.
func (r renovate) plain(keys ...string) bool {
	for _, tree := range []settings.Tree{r.repository, r.global} {
		for _, key := range keys {
			if found, open := tree.Anywhere(key); open || len(found) > 0 {
				return false
			}
		}
		presets, open := tree.Anywhere("extends")
		if open || slices.ContainsFunc(presets, func(name string) bool { return !plainPreset(name) }) {
			return false
		}
	}
	return true
}

func plainPreset(name string) bool {
	group, one, ok := strings.Cut(name, ":")
	if !ok || strings.ContainsAny(name, "/>#{") {
		return false
	}
	if group == "" || group == "default" {
		return !strings.HasPrefix(one, "automerge") && !strings.Contains(one, "eviewer")
	}
	return slices.Contains(plainPresets, group)
}

// mergeEvent tells whether an event is that of a pull request being merged:
// the tables have it as a push to any branch, and the request closed.
func mergeEvent(e Event) bool {
	if e.Key() == "pull_request.closed" {
		return true
	}
	branch := e.Attributes["branch"]
	return e.Name == "push" && len(branch) == 1 && branch[0].Unknown == "*"
}

// RenovateUpdates says what the pull requests of Renovate change, by its
// configuration in the repository, and in which file that stands; "" where
// there is none, or it is switched off.
func RenovateUpdates(read func(name string) ([]byte, error)) (u settings.Updates, file string) {
	r := renovate{repository: settings.Find(renovateFiles, read)}
	if enabled, _, set := r.repository.Lookup("enabled"); r.repository.File == "" || set && enabled == "false" {
		return settings.Updates{}, ""
	}
	managers, open := r.repository.Anywhere("enabledManagers")
	u.Workflows = !r.leavesWorkflows()
	u.Others = open || len(managers) != 1 || managers[0] != "github-actions"
	return u, r.repository.File
}
