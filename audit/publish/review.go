package publish

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/github"
)

// Proposal is a change that is good as a whole only: it is posted with all its
// suggestions or not at all.
type Proposal struct {
	// ID is the fingerprint of what it mends: the same one is never posted
	// twice.
	ID string
	// Why is Markdown that stands above each suggestion.
	Why         string
	Suggestions []Suggestion
}

// Suggestion is a change of some lines that a click makes.
type Suggestion struct {
	// File and the lines, the last one included, are those that are replaced.
	File               string
	StartLine, EndLine int
	// Before are the lines as they were audited, each with its end. The
	// workspace of a run need not be the head of the pull request: it is a
	// merge with its base, and for pull_request_target the base alone.
	Before string
	// Text is what the lines become, each with its end; "" where they go.
	Text string
}

// marker hides a proposal's fingerprint in its comments.
var marker = regexp.MustCompile(`<!-- patrol:([0-9a-zA-Z:_-]{1,80}) -->`)

func (p Proposal) body(s Suggestion) string {
	fence := "```"
	for strings.Contains(s.Text, fence) {
		fence += "`"
	}
	text := s.Text
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return fmt.Sprintf("%s\n\n%ssuggestion\n%s%s\n<!-- patrol:%s -->", p.Why, fence, text, fence, p.ID)
}

// Reviewed says what became of proposals.
type Reviewed struct {
	// Posted are those that are on the pull request now, There those that
	// were before, Outside those of which some line is not in its diff, or is
	// another one there than was audited.
	Posted, There, Outside []Proposal
	// Outdated counts our comments that no longer hold and were folded away
	// by this run.
	Outdated int
}

// pullComment is a comment on a line of a pull request.
type pullComment struct {
	NodeID string `json:"node_id"`
	Body   string `json:"body"`
	User   struct {
		Type string `json:"type"`
	} `json:"user"`
}

// Review posts proposals on a pull request, all in one review. One that is
// there already is not posted again, one of which a line is not in the diff as
// it was audited is not tried, and comments of ours that no longer hold are folded away. A
// token that may not is a [*Denied].
func (p *Publisher) Review(ctx context.Context, proposals []Proposal) (Reviewed, error) {
	const what, permission = "a review with suggestions", "pull-requests: write"
	var out Reviewed
	number := fmt.Sprint(p.target.PullRequest)
	ours, err := p.ours(ctx, number)
	if err != nil {
		return out, denied(err, what, permission)
	}
	lines, err := p.diff(ctx, number)
	if err != nil {
		return out, denied(err, what, permission)
	}
	for _, x := range proposals {
		outside := func(s Suggestion) bool { return !within(lines[s.File], s) }
		switch {
		case ours[x.ID] != nil:
			out.There = append(out.There, x)
		case len(x.Suggestions) == 0 || slices.ContainsFunc(x.Suggestions, outside):
			out.Outside = append(out.Outside, x)
		default:
			out.Posted = append(out.Posted, x)
		}
	}
	if len(out.Posted) > 0 {
		if err := p.post(ctx, number, out.Posted); err != nil {
			return out, denied(err, what, permission)
		}
	}
	out.Outdated = p.fold(ctx, outdated(ours, proposals))
	return out, nil
}

// ours are the comments that an earlier run posted, by fingerprint. Others may
// quote our marker, so that it has to be a bot that wrote it.
func (p *Publisher) ours(ctx context.Context, number string) (map[string][]string, error) {
	out := map[string][]string{}
	for c, err := range github.List[pullComment](ctx, p.client, p.path("pulls", number, "comments"), url.Values{"per_page": {"100"}}, "") {
		if err != nil {
			return nil, err
		}
		// Ours stands last: what is suggested may hold one too.
		if all := marker.FindAllStringSubmatch(c.Body, -1); all != nil && c.User.Type == "Bot" {
			id := all[len(all)-1][1]
			out[id] = append(out[id], c.NodeID)
		}
	}
	return out, nil
}

// diff are the lines of each file that a comment can be on.
func (p *Publisher) diff(ctx context.Context, number string) (map[string]map[int]string, error) {
	out := map[string]map[int]string{}
	for f, err := range github.List[struct {
		Name  string `json:"filename"`
		Patch string `json:"patch"`
	}](ctx, p.client, p.path("pulls", number, "files"), url.Values{"per_page": {"100"}}, "") {
		if err != nil {
			return nil, err
		}
		out[f.Name] = changedLines(f.Patch)
	}
	return out, nil
}

// within tells whether all lines of a suggestion are among some lines, and
// are what it replaces.
func within(lines map[int]string, s Suggestion) bool {
	before := strings.Split(strings.TrimSuffix(s.Before, "\n"), "\n")
	if s.StartLine < 1 || len(before) != s.EndLine-s.StartLine+1 {
		return false
	}
	for i, want := range before {
		if got, ok := lines[s.StartLine+i]; !ok || got != want {
			return false
		}
	}
	return true
}

func (p *Publisher) post(ctx context.Context, number string, list []Proposal) error {
	var comments []map[string]any
	for _, x := range list {
		for _, s := range x.Suggestions {
			c := map[string]any{"path": s.File, "line": s.EndLine, "side": "RIGHT", "body": x.body(s)}
			if s.StartLine < s.EndLine {
				c["start_line"], c["start_side"] = s.StartLine, "RIGHT"
			}
			comments = append(comments, c)
		}
	}
	body := map[string]any{
		"commit_id": p.target.Commit, "event": "COMMENT", "comments": comments,
		"body": "`GITHUB_TOKEN` does what these tokens are used for. Suggestions that name the same secret belong together: add them to a batch and commit them as one.",
	}
	return p.send(ctx, "POST", p.path("pulls", number, "reviews"), body, nil)
}
