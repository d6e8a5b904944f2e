package expression

import "slices"

// payloadOf are the events whose payload has an object, by its name behind
// "github.event.": in the payload of every other one it is null. Of objects that
// are not named here nothing is said.
// Source: GitHub Docs, "Webhook events and payloads".
var payloadOf = map[string][]string{
	"release":           {"release"},
	"deployment":        {"deployment", "deployment_status"},
	"deployment_status": {"deployment_status"},
	"check_run":         {"check_run", "deployment", "deployment_status"},
	"milestone":         {"milestone", "issues", "pull_request", "pull_request_target"},
	"discussion":        {"discussion", "discussion_comment"},
	"review":            {"pull_request_review"},
	"pull_request":      {"pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment"},
	"issue":             {"issues", "issue_comment"},
	"client_payload":    {"repository_dispatch"},
	"workflow_run":      {"workflow_run"},
}

// Lacks tells whether the payload of an event surely has no such property, by its
// path from "github" on.
func Lacks(event string, path []string) bool {
	if len(path) < 3 || path[0] != "github" || path[1] != "event" {
		return false
	}
	events, known := payloadOf[path[2]]
	return known && !slices.Contains(events, event)
}
