package expression

import (
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// The letters of which values are made up that only the run knows, in lower
// case.
const (
	digits  = "0123456789"
	hex     = digits + "abcdef"
	letters = "abcdefghijklmnopqrstuvwxyz"
	// names is what names of events are written with.
	names = letters + digits + "_"
	// login is what the names of users and Apps are written with: those of
	// managed users have an underscore, those of Apps "[bot]".
	login = names + "-[]"
	// address is what GitHub writes its addresses with: all that RFC 3986 lets
	// stand in one, and so no blank.
	address = names + "-.~:/?#[]@!$&'()*+,;=%"
)

// alphabets are contexts whose values cannot hold just any text.
// Source: https://docs.github.com/actions/reference/workflows-and-actions/contexts
var alphabets = map[string]string{
	"github.run_id": digits, "github.run_number": digits, "github.run_attempt": digits,
	"github.repository_id": digits, "github.repository_owner_id": digits, "github.actor_id": digits,
	"github.event.after": hex, "github.event.before": hex, "github.sha": hex, "github.workflow_sha": hex, "github.event.head_commit.id": hex,
	"github.event_name": names, "github.event.number": digits,
	"github.actor": login, "github.triggering_actor": login, "github.repository_owner": login,
	"github.server_url": address, "github.api_url": address, "github.graphql_url": address,
	"runner.os": letters, "runner.arch": letters + digits,
}

// objects are what events tell of, and Octokit's methods answer with, that
// GitHub itself gives numbers and addresses.
var objects = []string{
	"issue", "pull_request", "comment", "review", "release", "discussion", "repository", "workflow_run", "check_suite", "check_run", "sender", "organization",
	"milestone", "label",
}

// fields are the properties of such objects, and of those in them that belong
// to the same, which GitHub itself fills, by their last names.
// Source: https://docs.github.com/rest
var fields = map[string]string{
	"number": digits, "id": digits, "run_number": digits, "run_attempt": digits,
	"html_url": address, "url": address, "clone_url": address, "diff_url": address, "patch_url": address,
	"sha": hex, "head_sha": hex, "merge_commit_sha": hex, "login": login,
}

// within are the parts of objects in which fields are filled by GitHub too.
var within = []string{"user", "owner", "author", "head", "base", "repo", "actor", "head_repository", "pull_request"}

// ofEvent matches a field of an object that an event is about; ofAnswer one of
// what a method of the REST API answers, as scripts name it.
var (
	ofEvent  = regexp.MustCompile(`^github\.event\.(?:` + strings.Join(objects, "|") + `)\.(?:(?:` + strings.Join(within, "|") + `)\.)*(\w+)$`)
	ofAnswer = regexp.MustCompile(`^[\w$]+\.(?:rest\.)?(?:pulls|issues|repos|actions|checks)\.\w+\(…\)\.data\.(?:(?:` + strings.Join(within, "|") + `)\.)*(\w+)$`)
)

// outcome matches what tells how a job or a step ended: one word.
var outcome = regexp.MustCompile(`^\$\{\{ (?:job\.status|needs\.[\w-]+\.result|steps\.[\w-]+\.(?:outcome|conclusion)) \}\}$`)

// alphabet returns the letters of which a part is made up that is not known;
// any is true where these may be all.
func alphabet(p value.Part) (of string, any bool) {
	if of, ok := alphabets[p.Context]; ok {
		return of, false
	}
	if outcome.MatchString(p.Unknown) {
		return letters, false
	}
	m := ofEvent.FindStringSubmatch(p.Context)
	if m == nil {
		m = ofAnswer.FindStringSubmatch(p.Unknown)
	}
	if m == nil {
		return "", true
	}
	of, ok := fields[m[len(m)-1]]
	return of, !ok
}

// people matches the sources of text that people have written, or that may hold such:
// events, inputs, what steps hand on, and what programs print that read files,
// commits and the web. machine matches those of what is computed otherwise.
var (
	people  = regexp.MustCompile(`github\.event\.|\b(?:inputs|steps|needs|env|matrix)\.|\b(?:gh|curl|wget|git|hub|cat|head|tail|sed|awk|grep|jq|yq|python3?|node|claude|codex|gemini)\b|\$\(<`)
	machine = regexp.MustCompile(`^(?:\$\{\{ (?:vars|runner|strategy|job|github)\.|\$\([a-z])`)
)

// mentions tells whether a part that is not known may hold a word to a bot, such as
// "@bot": whoever writes a text out to call one writes that out too. It is wrong for
// a configuration variable that holds such a word.
func mentions(p value.Part) bool {
	source := p.Unknown
	if p.Context != "" {
		source = "${{ " + p.Context + " }}"
	}
	return people.MatchString(source) || !machine.MatchString(source)
}
