package act

import (
	"context"
	"net/url"
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit/github"
)

// standing is what there is of a pull request already.
type standing struct {
	// head is the commit of the branch, "" where there is none; ours tells
	// that we made it, and digest is then that of its edits.
	head   string
	ours   bool
	digest string
	// node is the repository's id in GraphQL, where a pull request tells it.
	node string
	// open is our open pull request, foreign that of somebody else.
	open, foreign *pullRow
	// declined are the references of those that people closed, and
	// declinedURL is the last of them.
	declined    map[string]bool
	declinedURL string
}

// pullRow is a pull request in a list.
type pullRow struct {
	Number   int     `json:"number"`
	URL      string  `json:"html_url"`
	State    string  `json:"state"`
	Body     string  `json:"body"`
	User     user    `json:"user"`
	MergedAt *string `json:"merged_at"`
	Head     side    `json:"head"`
	Base     side    `json:"base"`
}

type side struct {
	// Repository is null where a fork is gone.
	Repository *struct {
		ID   int64  `json:"id"`
		Node string `json:"node_id"`
	} `json:"repo"`
}

// look reads what there is. Without a branch there can be no open pull
// request, so that a repository with nothing to fix costs one request.
func (p *puller) look(ctx context.Context, self identity) (standing, error) {
	s := standing{declined: map[string]bool{}}
	var ref struct {
		Object struct {
			SHA string `json:"sha"`
		} `json:"object"`
	}
	_, err := p.client.Get(ctx, p.branchPath("ref", Branch), nil, &ref)
	if status := statusOf(err); err != nil && status != notFound && status != conflict { // an empty repository conflicts
		return s, err
	}
	if s.head = ref.Object.SHA; s.head == "" && len(p.proposal.files) == 0 {
		return s, nil
	}
	if err := p.pulls(ctx, self, &s); err != nil || s.head == "" {
		return s, err
	}
	return s, p.lookAtHead(ctx, self, &s)
}

// pulls sorts the pull requests that were opened from the branch, those of
// forks left out.
func (p *puller) pulls(ctx context.Context, self identity, s *standing) error {
	query := url.Values{"state": {"all"}, "head": {p.owner + ":" + Branch}, "per_page": {"100"}}
	for row, err := range github.List[pullRow](ctx, p.client, p.path("pulls"), query, "") {
		if err != nil {
			return err
		}
		head, base := row.Head.Repository, row.Base.Repository
		if head == nil || base == nil || head.ID != base.ID {
			continue
		}
		s.node = base.Node
		mark, ours := readMark(row.Body)
		ours = ours && self.wrote(row.User)
		switch {
		case row.State == "open" && ours:
			s.open = &row
		case row.State == "open":
			s.foreign = &row
		case ours && row.MergedAt == nil && !mark.outdated:
			for _, id := range mark.references {
				s.declined[id] = true
			}
			if s.declinedURL == "" {
				s.declinedURL = row.URL
			}
		}
	}
	return nil
}

// lookAtHead finds out whether we made the head of the branch: the token's
// account is its author, and it has our trailer. Whoever may push could forge
// both, and would have what they pushed added to, never overwritten.
func (p *puller) lookAtHead(ctx context.Context, self identity, s *standing) error {
	var commit struct {
		Author *user `json:"author"`
		Commit struct {
			Message string `json:"message"`
		} `json:"commit"`
	}
	if _, err := p.client.Get(ctx, p.path("commits", s.head), nil, &commit); err != nil {
		return err
	}
	found := trailer.FindStringSubmatch(commit.Commit.Message)
	if found != nil && commit.Author != nil && self.wrote(*commit.Author) {
		s.ours, s.digest = true, found[1]
	}
	return nil
}

// trailer is the last line of our commits, with the digest of the edits.
var trailer = regexp.MustCompile(`\n\nPatrol-Edits: ([0-9a-f]{64})\s*$`)

// mark is what the first line of a pull request's body says of it.
type mark struct {
	// outdated tells that we closed it ourselves.
	outdated   bool
	references []string
}

// markLine matches the first line of a body. Only that counts: further below
// stands what repositories have written.
var markLine = regexp.MustCompile(`^<!-- patrol:pull-request (open|outdated)((?: [0-9a-f]{12})*) -->\r?(?:\n|$)`)

func readMark(body string) (mark, bool) {
	found := markLine.FindStringSubmatch(body)
	if found == nil {
		return mark{}, false
	}
	return mark{outdated: found[1] == "outdated", references: strings.Fields(found[2])}, true
}

// outdated is a body that says that the pull request is over.
func outdated(body string) string {
	return strings.Replace(body, "<!-- patrol:pull-request open", "<!-- patrol:pull-request outdated", 1)
}
