package rules

import (
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"github.com/rhysd/actionlint"
)

func TestGhEffect(t *testing.T) {
	tests := []struct {
		line string
		// want is "answer reasons | needs | events | target", and "?" in
		// front where it is not certain.
		want string
	}{
		{"pr create -B main -H x", "conditional pull-request-setting | contents:read,pull_requests:write | pull_request.opened[base=main,draft=false,head=x] |"},
		{"pr create --fill --label a --label b", "conditional pull-request-setting | contents:read,pull_requests:write | pull_request.opened[draft=false] pull_request.labeled[label=a,b] |"},
		{"pr create -r org/team -R o/r", "no pull-request-setting,organization-api | contents:read,pull_requests:write,org:members:read | pull_request.opened[draft=false] pull_request.review_requested | o/r"},
		{"pr create -r someone", "conditional pull-request-setting | contents:read,pull_requests:write | pull_request.opened[draft=false] pull_request.review_requested |"},
		{"pr create -r " + unknownWord, "? conditional pull-request-setting | contents:read,pull_requests:write,org:members:read | pull_request.opened[draft=false] pull_request.review_requested |"},
		{"pr create -r o/" + unknownWord, "no pull-request-setting,organization-api | contents:read,pull_requests:write,org:members:read | pull_request.opened[draft=false] pull_request.review_requested |"},
		{"pr create " + unknownWord, "? conditional pull-request-setting | contents:read,pull_requests:write | pull_request.opened[draft=false] |"},
		{"pr create --web -l x", "yes | contents:read | |"},
		{"pr create --project x", "no pull-request-setting,projects | contents:read,pull_requests:write,org:organization_projects:write | pull_request.opened[draft=false] |"},
		{"pr merge 3 --auto --squash", "conditional protected-branch | contents:write,pull_requests:write | pull_request.auto_merge_enabled push[branch=@base] pull_request.closed[base=@base,merged=true] |"},
		{"pr merge 3 --squash --admin", "no protected-branch | contents:write,pull_requests:write | push[branch=@base] pull_request.closed[base=@base,merged=true] |"},
		{"pr review 3 --approve", "conditional own-approval,pull-request-setting | pull_requests:write | pull_request_review.submitted[empty=body,state=approved] |"},
		{"pr review 3 --approve -b fine", "conditional own-approval,pull-request-setting | pull_requests:write | pull_request_review.submitted[body=fine,state=approved] |"},
		{"pr review 3 --approve -F note.md", "conditional own-approval,pull-request-setting | pull_requests:write | pull_request_review.submitted[state=approved] |"},
		{"pr review 3 --request-changes -b no", "yes | pull_requests:write | pull_request_review.submitted[body=no,state=changes_requested] |"},
		{"pr review 3 --comment -b hi", "yes | pull_requests:write | pull_request_review.submitted[body=hi,state=commented] |"},
		{"pr ready 3", "yes | contents:write,pull_requests:write | pull_request.ready_for_review |"},
		{"pr view 3 --json number", "yes | pull_requests:read | |"},
		{"pr view 3 --json number,statusCheckRollup", "yes | actions:read,checks:read,contents:read,pull_requests:read,statuses:read | |"},
		{"pr list --json " + unknownWord, "? yes | actions:read,checks:read,contents:read,issues:read,pull_requests:read,statuses:read,org:organization_projects:read | |"},
		{"release create v1 a b", "yes | contents:write | release.created[prerelease=false,tag=v1] release.published[prerelease=false,tag=v1] release.released[prerelease=false,tag=v1] create[tag=v1,when=missing] push:tag[tag=v1,when=missing] |"},
		{"release create v1 --draft", "yes | contents:write | |"},
		{"release create v1 --draft=false --verify-tag", "yes | contents:write | release.created[prerelease=false,tag=v1] release.published[prerelease=false,tag=v1] release.released[prerelease=false,tag=v1] |"},
		{"release create v1 " + unknownWord, "yes | contents:write | release.created[prerelease=false,tag=v1] release.published[prerelease=false,tag=v1] release.released[prerelease=false,tag=v1] create[tag=v1,when=missing] push:tag[tag=v1,when=missing] |"},
		{"release edit v1 --draft=false", "yes | contents:write | release.published[tag=v1,when=draft] create[tag=v1,when=missing] push:tag[tag=v1,when=missing] release.released[tag=v1] |"},
		{"release edit v1 --draft=false --prerelease", "yes | contents:write | release.published[tag=v1,when=draft] create[tag=v1,when=missing] push:tag[tag=v1,when=missing] release.prereleased[tag=v1] |"},
		{"release edit v1 --draft=" + unknownWord, "yes | contents:write | release.edited[tag=v1] release.unpublished[tag=v1] release.published[tag=v1,when=draft] create[tag=v1,when=missing] push:tag[tag=v1,when=missing] release.released[tag=v1] |"},
		{"release edit v1 --draft", "yes | contents:write | release.unpublished[tag=v1] |"},
		{"release edit v1 --latest", "yes | contents:write | release.edited[tag=v1] |"},
		{"issue create -t T -l bug", "yes | contents:read,issues:write | issues.opened[title=T] issues.labeled[label=bug] |"},
		{"issue create -a @me", "no user-only | contents:read,issues:write | issues.opened issues.assigned |"},
		{"issue edit 3 --add-project P", "no projects | issues:write,org:organization_projects:write | |"},
		{"issue edit 3 --add-label " + unknownWord, "yes | issues:write | issues.labeled[label=" + unknownWord + "] |"},
		{"workflow run ci.yml --ref main", "yes | actions:write | workflow_dispatch[branch=main,workflow=ci.yml] |"},
		{"workflow run ci.yml", "yes | actions:write,contents:read | workflow_dispatch[workflow=ci.yml] |"},
		{"secret set X --body y", "no administration | secrets:write | |"},
		{"secret set X --org o --app dependabot", "no organization-api | org:organization_dependabot_secrets:write | | unknown"},
		{"repo delete o/r --yes", "no administration | administration:write | | o/r"},
		{"repo sync o/fork --force", "no workflow-files | contents:write,workflows:write | push | o/fork"},
		{"repo sync", "yes | contents:read | |"},
		{"repo clone o/r", "yes | contents:read | | o/r"},
		{"gist create x", "no account-api | account:gists:write | |"},
		{"project item-add 1 --owner o --url u", "no projects | issues:read|pull_requests:read,org:organization_projects:write | | unknown"},
		{"auth login --with-token", "yes | | |"},
		{"pr", "yes | | |"},
		{"repo delete --help", "yes | | |"},
	}
	for _, test := range tests {
		t.Run(test.line, func(t *testing.T) {
			call, _ := ParseGh(strings.Fields(test.line))
			effect, certain, known := GhEffect(call)
			if !known {
				t.Fatal("not known")
			}
			if d := diff.Diff(test.want, sketch(effect, certain)); d != "" {
				t.Error(d)
			}
		})
	}
}

// sketch shows the main parts of an effect.
func sketch(e Effect, certain bool) string {
	var events []string
	for _, event := range e.Events {
		events = append(events, event.String())
	}
	head := string(e.Answer) + " " + strings.Join(e.Reasons, ",")
	if !certain {
		head = "? " + head
	}
	parts := []string{head, e.Needs.Merge().String(), strings.Join(events, " "), e.Target}
	return strings.Join(strings.Fields(strings.Join(parts, " | ")), " ")
}

func TestGhEffectUnknown(t *testing.T) {
	for _, line := range []string{"models run", "pr frobnicate", "api user", "extension exec x", "api graphql"} {
		call, _ := ParseGh(strings.Fields(line))
		if effect, certain, known := GhEffect(call); known || certain {
			t.Errorf("%s: %+v", line, effect)
		}
	}
}

// TestGhTable checks that the table holds every command of gh-flags, and
// that its rows name flags, reasons, permissions and events that exist.
func TestGhTable(t *testing.T) {
	for _, c := range ghCommands().rows {
		rows := ghEffects()[c.name]
		if want := !c.group && c.name != "api" && c.name != "extension exec"; want != (len(rows) > 0) {
			t.Errorf("%s: %d rows", c.name, len(rows))
		}
		for i, r := range rows {
			if (i == 0) != (r.mode == modeBase) {
				t.Errorf("%s: row %d has mode %q", c.name, i, r.mode)
			}
			checkEffectRow(t, c.name, c.flags, r.effectRow)
		}
	}
}

// checkEffectRow checks a row against the flags of its command and against
// the other tables.
func checkEffectRow(t *testing.T, name string, flags []GhFlag, r effectRow) {
	t.Helper()
	for _, term := range r.when {
		checkName(t, name, flags, term.Name)
	}
	owner, repo, both := strings.Cut(strings.TrimPrefix(r.effect.Target, "registry:"), "/flag:")
	if both {
		repo, _, _ = strings.Cut(repo, "|")
		checkName(t, name, flags, strings.TrimPrefix(repo, "--"))
	}
	for _, reference := range append(attributes(r.effect.Events), owner) {
		reference, _, _ = strings.Cut(reference, "|")
		if flag, ok := strings.CutPrefix(reference, "flag:--"); ok {
			checkName(t, name, flags, flag)
		}
	}
	checkEffect(t, name, r.effect)
}

func checkName(t *testing.T, name string, flags []GhFlag, flag string) {
	t.Helper()
	outside := strings.HasPrefix(flag, "arg:") || strings.HasPrefix(flag, "env:") || flag == "@config" || strings.HasPrefix(flag, "@config:") || strings.HasPrefix(flag, "@others:") || flag == "@registry" || strings.HasPrefix(flag, "@electron") || strings.HasPrefix(flag, outputName) || strings.HasPrefix(flag, toolsetName) || flag == ScriptPath || flag == GhClosing
	if !outside && !slices.ContainsFunc(flags, func(f GhFlag) bool { return f.Long == flag }) {
		t.Errorf("%s: no flag --%s", name, flag)
	}
}

func attributes(events []Event) []string {
	var out []string
	for _, e := range events {
		for _, text := range e.Attributes {
			out = append(out, text)
		}
	}
	return out
}

func checkEffect(t *testing.T, name string, e Effect) {
	t.Helper()
	for _, p := range e.Needs.Permissions() {
		if !p.Known() {
			t.Errorf("%s: no permission %s", name, p)
		}
	}
	for _, code := range e.Reasons {
		if !slices.Contains(ReasonCodes(), code) {
			t.Errorf("%s: no reason %q", name, code)
		}
	}
	switch _, missing := e.Needs.Workflow(); {
	case e.Answer == AnswerYes && (len(e.Reasons) > 0 || len(missing) > 0):
		t.Errorf("%s: yes with reasons %q and needs %s", name, e.Reasons, e.Needs)
	case (e.Answer == AnswerNo || e.Answer == AnswerConditional) && len(e.Reasons) == 0:
		t.Errorf("%s: %s without a reason", name, e.Answer)
	}
	checkEvents(t, name, e.Events)
	for _, operation := range e.Operations {
		method, path, _ := strings.Cut(operation, " ")
		if strings.ToUpper(method) != method || path == "/" || method == "HEAD" {
			continue
		}
		if endpoint, _, ok := Route(method, path); !ok || endpoint.Path != path {
			t.Errorf("%s: no operation %q", name, operation)
		}
	}
}

// checkEvents checks that workflows can listen to the events.
func checkEvents(t *testing.T, name string, events []Event) {
	t.Helper()
	for _, e := range events {
		types, ok := actionlint.AllWebhookTypes[e.Name]
		if e.Name == "push" || e.Name == "repository_dispatch" || e.Name == "workflow_dispatch" {
			continue
		}
		if !ok || e.Type == "" && len(types) > 0 || e.Type != "" && !slices.Contains(types, e.Type) {
			t.Errorf("%s: no workflow can listen to %s", name, e)
		}
	}
}
