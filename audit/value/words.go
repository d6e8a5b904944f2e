package value

import (
	"slices"
	"strings"
)

// wordContexts are the properties of the context github in which no white space
// can be, and which no run is without: names of users and repositories, refs,
// commits, numbers and addresses. Source: GitHub's reference of contexts, its
// rules for names of users and repositories, and git-check-ref-format(1).
var wordContexts = []string{
	"actor", "actor_id", "api_url", "event_name", "graphql_url", "job", "ref", "ref_name", "ref_type", "repository", "repository_id", "repository_owner",
	"repository_owner_id", "run_attempt", "run_id", "run_number", "server_url", "sha", "triggering_actor", "workflow_sha",
}

// wordProperties are the last properties of event payloads of which that holds
// where the event has them.
var wordProperties = []string{"clone_url", "full_name", "head_sha", "html_url", "id", "login", "node_id", "number", "ref", "sha", "tag_name", "url"}

// IsWord tells whether a part is one word to a shell, quoted or not, although
// what it becomes is only known when the workflow runs.
func (p Part) IsWord() bool {
	name, ok := strings.CutPrefix(p.Context, "github.")
	if !ok {
		return false
	}
	// What a repository_dispatch brings may be anything.
	if payload, ok := strings.CutPrefix(name, "event."); ok && !strings.HasPrefix(payload, "client_payload.") && !strings.HasPrefix(payload, "inputs.") {
		return slices.Contains(wordProperties, payload[strings.LastIndexByte(payload, '.')+1:])
	}
	return slices.Contains(wordContexts, name)
}
