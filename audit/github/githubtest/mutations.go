package githubtest

import (
	"net/http"
	"slices"
	"strings"
)

// mutations are what GraphQL can change. Who may is looked at for refs alone.
func (q *query) mutations() *gqlObject {
	return &gqlObject{kind: "Mutation", fields: map[string]any{
		"minimizeComment": resolver(q.c.s.minimizeComment),
		"updateRefs":      resolver(q.updateRefs),
	}}
}

func (s *Server) minimizeComment(args map[string]any) (any, *gqlError) {
	input, _ := args["input"].(map[string]any)
	id, _ := input["subjectId"].(string)
	if id == "" {
		return nil, &gqlError{Type: "NOT_FOUND", Message: "Could not resolve to a node with the global id of ''"}
	}
	if !slices.Contains(s.minimized, id) {
		s.minimized = append(s.minimized, id)
	}
	s.reasons[id] = strings.ToLower(text(input["classifier"]))
	return &gqlObject{kind: "MinimizeCommentPayload", fields: map[string]any{"minimizedComment": s.comment(id), "clientMutationId": input["clientMutationId"]}}, nil
}

// comment is a comment on a line of a pull request.
func (s *Server) comment(id string) *gqlObject {
	return &gqlObject{kind: "PullRequestReviewComment", fields: map[string]any{
		"id": id, "isMinimized": slices.Contains(s.minimized, id), "minimizedReason": textOrNull(s.reasons[id]),
	}}
}

// Minimized are the node ids of the comments that were folded away, in order.
func (s *Server) Minimized() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.minimized)
}

// noObject is the id of a ref that is not there.
var noObject = strings.Repeat("0", 40)

// updateRefs moves, makes and deletes refs, all of them or none. The words of
// its refusals are guesses.
func (q *query) updateRefs(args map[string]any) (any, *gqlError) {
	input, _ := args["input"].(map[string]any)
	r, refused := q.repositoryNode(text(input["repositoryId"]))
	if refused != nil {
		return nil, refused
	}
	if refused := q.allowed(operationNamed("git/update-ref"), r); refused != nil {
		return nil, refused
	}
	c := &call{s: q.c.s, r: q.c.r, token: q.c.token, endpoint: operationNamed("git/update-ref"), repo: r}
	x := c.state().refs
	updates, _ := input["refUpdates"].([]any)
	for _, u := range updates {
		if message := c.refUpdate(x, u, false); message != "" {
			return nil, &gqlError{Type: "UNPROCESSABLE", Message: message}
		}
	}
	for _, u := range updates {
		c.refUpdate(x, u, true)
	}
	return &gqlObject{kind: "UpdateRefsPayload", fields: map[string]any{"clientMutationId": input["clientMutationId"]}}, nil
}

// refUpdate makes one change if do is set, and says why it cannot.
func (c *call) refUpdate(x refs, update any, do bool) string {
	in, _ := update.(map[string]any)
	name, before, after := text(in["name"]), text(in["beforeOid"]), text(in["afterOid"])
	now := orElse(x.commitOf[name], noObject)
	_, known := x.commits[after]
	switch {
	case before != "" && before != now:
		return "The ref " + name + " is at " + now + " but expected " + before
	case after != noObject && !known:
		return "Object does not exist"
	case after != noObject && in["force"] != true && now != noObject && !x.descends(after, now):
		return "Update is not a fast forward"
	case c.guarded(name) != nil:
		return "Protected branch update failed for " + name + "."
	case after != noObject && c.workflowFiles(x, after) != nil:
		return http.StatusText(http.StatusForbidden)
	}
	if do && after == noObject {
		delete(x.commitOf, name)
	} else if do {
		x.commitOf[name] = after
	}
	return ""
}
