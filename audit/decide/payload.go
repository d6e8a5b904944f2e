package decide

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// payload are the attributes that hold a property of the payload, by its path
// behind "github.event.".
var payload = map[string]string{
	"release.tag_name":              "tag",
	"release.name":                  "title",
	"release.prerelease":            "prerelease",
	"context":                       "context",
	"state":                         "state",
	"deployment.environment":        "environment",
	"deployment.task":               "task",
	"deployment_status.state":       "state",
	"deployment_status.environment": "environment",
	"check_run.name":                "name",
	"milestone.title":               "title",
	"issue.title":                   "title",
	"pull_request.title":            "title",
	"pull_request.draft":            "draft",
	"pull_request.body":             "body",
}

// ofEvents are the events of which an attribute is what payload has it for,
// where others have that property of something else, or an attribute of that name
// for something else.
var ofEvents = map[string][]string{
	"context":                       {"status"},
	"state":                         {"status"},
	"deployment.environment":        {"deployment"},
	"deployment.task":               {"deployment"},
	"deployment_status.environment": {"deployment_status"},
	"milestone.title":               {"milestone"},
	"issue.title":                   {"issues"},
	"pull_request.title":            {"pull_request", "pull_request_target"},
	"pull_request.draft":            {"pull_request", "pull_request_target"},
	"pull_request.body":             {"pull_request", "pull_request_target"},
}

// flags are the attributes that are true or false. What else an action takes for
// one is its own.
var flags = []string{"draft", "prerelease"}

// property returns a property of the payload that an attribute of the event
// holds; not ok where none does.
func (s eventScope) property(path []string) (v value.Value, ok bool) {
	if len(path) < 3 || path[0] != "github" || path[1] != "event" {
		return nil, false
	}
	e, name := s.event, strings.Join(path[2:], ".")
	switch {
	case name == "ref_type" || name == "ref":
		return s.refMade(name)
	case name == "release.draft" && e.Name == "release":
		// Of a draft, no other event starts runs.
		if e.Type == "unpublished" {
			return value.Text("true"), true
		}
		return value.Text("false"), true
	}
	attribute := payload[name]
	if events := ofEvents[name]; attribute == "" || events != nil && !slices.Contains(events, e.Name) {
		return nil, false
	}
	if v, ok = e.Attributes[attribute]; !ok {
		return nil, false
	}
	if attribute == "tag" {
		v = shortRef(v)
	}
	v = s.named(v)
	if text, known := v.Literal(); known && slices.Contains(flags, attribute) {
		text = strings.ToLower(text)
		return value.Text(text), text == "true" || text == "false"
	}
	return v, true
}

// refMade is what the payload says of a branch or tag that is made or deleted.
// What a push names by its short name alone may be either, of that name.
func (s eventScope) refMade(name string) (v value.Value, ok bool) {
	e := s.event
	if e.Name != "create" && e.Name != "delete" || name == "ref_type" && (e.Short || e.Doubted) {
		return nil, false
	}
	for _, kind := range []string{"branch", "tag"} {
		switch ref := e.Attributes[kind]; {
		case len(ref) == 0:
		case name == "ref_type":
			return value.Text(kind), true
		default:
			return s.named(shortRef(ref)), true
		}
	}
	return nil, false
}
