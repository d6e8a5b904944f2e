package githubtest

import (
	"slices"
	"strings"
)

// mutations are what GraphQL can change. Who may is not looked at.
func (s *Server) mutations() *gqlObject {
	return &gqlObject{kind: "Mutation", fields: map[string]any{
		"minimizeComment": resolver(func(args map[string]any) (any, *gqlError) {
			input, _ := args["input"].(map[string]any)
			id, _ := input["subjectId"].(string)
			reason, _ := input["classifier"].(string)
			if id == "" {
				return nil, &gqlError{Type: "NOT_FOUND", Message: "Could not resolve to a node with the global id of ''"}
			}
			if !slices.Contains(s.minimized, id) {
				s.minimized = append(s.minimized, id)
			}
			comment := &gqlObject{kind: "PullRequestReviewComment", fields: map[string]any{"id": id, "isMinimized": true, "minimizedReason": strings.ToLower(reason)}}
			return &gqlObject{kind: "MinimizeCommentPayload", fields: map[string]any{"minimizedComment": comment, "clientMutationId": input["clientMutationId"]}}, nil
		}),
	}}
}

// Minimized are the node ids of the comments that were folded away, in order.
func (s *Server) Minimized() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.minimized)
}
