package infer

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// fastlane handles a lane of fastlane: of one that cannot be read it is known that
// its files take a variable.
func (in *inferrer) fastlane(site *trace.Site, info *rules.ProgramInfo) (ok bool) {
	if info.Name != "fastlane" {
		return false
	}
	if in.lane(site, info) {
		return true
	}
	in.loads(site)
	return false
}

// lane handles a lane whose Fastfile shows all that it does with the
// variables of this call: calls of fastlane's own actions that are handed a
// variable by name. ok is false for any other, of which the table says what is
// known.
func (in *inferrer) lane(site *trace.Site, info *rules.ProgramInfo) (ok bool) {
	dir := folder(site.Command.Dir)
	if info.Hidden || in.options.Glob == nil || strings.HasPrefix(dir, "?") || len(info.Operands) == 0 {
		return false
	}
	lane := info.Operands[0]
	if slices.Contains([]string{"ios", "android", "mac"}, lane) && len(info.Operands) > 1 {
		lane = info.Operands[1]
	}
	home := path.Join(dir, "fastlane")
	if path.Base(dir) == "fastlane" {
		home = dir
	}
	source, err := in.options.Read(path.Join(home, "Fastfile"))
	if err != nil || len(in.options.Glob(home+"/Pluginfile"))+len(in.options.Glob(home+"/actions/*"))+len(in.options.Glob(home+"/.env*"))+len(in.options.Glob(path.Join(dir, ".env*"))) > 0 {
		return false
	}
	calls, rest, ok := settings.ReadFastlane(string(source), lane)
	names := slices.DeleteFunc(slices.Clone(site.Env.Credentials()), func(name string) bool { return !near(site, name) })
	if !ok || len(names) == 0 {
		return false
	}
	operations := map[string][]Operation{}
	for _, c := range calls {
		m := rubyVariable.FindStringSubmatch(c.Arguments["api_token"])
		if m == nil {
			return false
		}
		op, known := in.fastlaneOperation(site, c)
		if !known {
			return false
		}
		operations[m[1]] = append(operations[m[1]], op)
	}
	for _, name := range names {
		// Any other mention of it is not followed, nor is a name under which
		// fastlane looks by itself.
		if len(operations[name]) == 0 || strings.Contains(rest, name) {
			return false
		}
	}
	for _, name := range names {
		v, _ := site.Env.Lookup(name)
		in.use(site, v, info.Name, func(u *Use) { u.Reads, u.Operations = true, operations[name] })
	}
	return true
}

// rubyVariable matches an expression of Ruby that is one variable.
var rubyVariable = regexp.MustCompile(`^ENV(?:\.fetch\(|\[)["'](\w+)["'][\])]$`)

// rubyText matches an expression of Ruby that is one plain text.
var rubyText = regexp.MustCompile(`^(?:"([^"#\\]*)"|'([^'\\]*)')$`)

// ruby resolves an expression of Ruby.
func ruby(site *trace.Site, expression string) value.Value {
	if m := rubyText.FindStringSubmatch(expression); m != nil {
		return value.Text(m[1] + m[2])
	}
	if m := rubyVariable.FindStringSubmatch(expression); m != nil {
		if v, ok := site.Env.Lookup(m[1]); ok {
			return v
		}
	}
	return value.Unknown(expression)
}

// fastlaneOperation is what one call does. Actions whose request is put
// together by the Fastfile are not known.
func (in *inferrer) fastlaneOperation(site *trace.Site, c settings.FastlaneCall) (op Operation, known bool) {
	argument := map[string]string{
		"set_github_release": "repository_name", "commit_github_file": "repository_name", "create_pull_request": "repo", "get_github_release": "url",
	}[c.Action]
	repository := ruby(site, c.Arguments[argument])
	if argument == "" || c.Arguments[argument] == "" || c.Arguments["server_url"]+c.Arguments["api_url"]+c.Arguments["api_bearer"] != "" {
		return op, false
	}
	op = Operation{Targets: in.anyTargets(repository), Answer: rules.AnswerYes, Confidence: "medium", Place: site.Place()}
	branch := func(name, instead string) value.Value {
		if text := c.Arguments[name]; text != "" {
			return ruby(site, text)
		}
		return value.Text(instead)
	}
	switch c.Action {
	case "set_github_release":
		op.Names, op.Needs = []string{"POST /repos/{owner}/{repo}/releases"}, needs("contents:write")
		if c.Arguments["is_draft"] != "true" {
			tag := ruby(site, c.Arguments["tag_name"])
			for _, kind := range []string{"created", "published", "released"} {
				op.Events = append(op.Events, Event{Name: "release", Type: kind, Attributes: map[string]value.Value{"tag": tag}})
			}
			op.Events = append(op.Events, tagEvents(tag)...)
		}
		if c.Arguments["upload_assets"] != "" {
			op.Names = append(op.Names, "POST /repos/{owner}/{repo}/releases/{release_id}/assets")
		}
	case "create_pull_request":
		op.Names, op.Needs = []string{"POST /repos/{owner}/{repo}/pulls"}, needs("pull_requests:write")
		op.Answer, op.Reasons = rules.AnswerConditional, []string{"pull-request-setting"}
		if c.Arguments["team_reviewers"] != "" {
			op.Needs, op.Answer, op.Reasons = op.Needs.Union(needs("org:members:read")), rules.AnswerNo, []string{"organization-api"}
		}
		op.Events = []Event{{Name: "pull_request", Type: "opened", Attributes: map[string]value.Value{"base": branch("base", "master"), "head": ruby(site, c.Arguments["head"])}}}
	case "commit_github_file":
		op.Names, op.Needs = []string{"PUT /repos/{owner}/{repo}/contents/{path}"}, needs("contents:write")
		op.Events = []Event{{Name: "push", Attributes: map[string]value.Value{"branch": branch("branch", "master")}}}
	case "get_github_release":
		op.Names, op.Needs = []string{"GET /repos/{owner}/{repo}/releases"}, needs("contents:read")
	}
	return op, true
}
