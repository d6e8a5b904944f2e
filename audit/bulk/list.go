package bulk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/patrol-actions/patrol/audit/github"
)

// fields are what is asked of a repository that is listed.
func (r *Reader) fields() string {
	if r.ProposalBranch == "" {
		return fmt.Sprintf(fieldsOf, "")
	}
	return fmt.Sprintf(fieldsOf, "\n  proposal: ref(qualifiedName: "+quote(r.ProposalBranch)+") { name }")
}

const fieldsOf = `fragment fields on Repository {
  nameWithOwner visibility isArchived isFork diskUsage
  repositoryTopics(first: 20) { nodes { topic { name } } }
  defaultBranchRef { name target { oid ... on Commit { tree { entries { name mode oid } } } } }%s
}`

// listed is the answer to them.
type listed struct {
	NameWithOwner      string
	Visibility         string
	IsArchived, IsFork bool
	DiskUsage          int
	RepositoryTopics   struct {
		Nodes []struct{ Topic struct{ Name string } }
	}
	Proposal         *struct{ Name string }
	DefaultBranchRef *struct {
		Name   string
		Target *struct {
			Oid  string
			Tree *struct{ Entries []treeEntry }
		}
	}
}

type treeEntry struct {
	Name string
	Mode int
	Oid  string
}

// repository checks what came, and what GitHub says went wrong with it. ok is
// false for what names no repository.
func (l *listed) repository(failed *github.QueryError) (*Repository, bool) {
	if l == nil || !validFullName(l.NameWithOwner) {
		return nil, false
	}
	r := &Repository{
		Name: l.NameWithOwner, Visibility: strings.ToLower(l.Visibility), Archived: l.IsArchived, Fork: l.IsFork, Size: l.DiskUsage, Proposal: l.Proposal != nil,
	}
	for _, n := range l.RepositoryTopics.Nodes {
		r.Topics = append(r.Topics, n.Topic.Name)
	}
	if b := l.DefaultBranchRef; b != nil && b.Target != nil && validID(b.Target.Oid) {
		r.Branch, r.Commit = b.Name, b.Target.Oid
		if b.Target.Tree != nil {
			r.Root = entries(b.Target.Tree.Entries)
		}
	}
	if failed != nil && !l.whole() {
		r.Branch, r.Commit, r.Root, r.Unread = "", "", nil, failed.Error()
	}
	return r, true
}

// whole tells whether all came that is asked of a repository with a commit.
func (l *listed) whole() bool {
	b := l.DefaultBranchRef
	return b != nil && b.Target != nil && b.Target.Tree != nil && b.Target.Tree.Entries != nil
}

// idLength is how much of an object's id is kept to tell whether it is another:
// 64 bits.
const idLength = 16

// entries checks the entries of a folder.
func entries(all []treeEntry) []Entry {
	out := make([]Entry, 0, len(all))
	for _, e := range all {
		if validName(e.Name) {
			out = append(out, Entry{e.Name, e.Mode, e.Oid[:min(len(e.Oid), idLength)]})
		}
	}
	return out
}

// Page is a part of the list of an account's repositories.
type Page struct {
	// Login is the account as GitHub writes it, Kind is "organization" or
	// "user".
	Login, Kind  string
	Repositories []*Repository
	// Total counts the account's repositories.
	Total int
	// Hidden counts those of the page of which GitHub did not even give the
	// name, such as for want of single sign-on.
	Hidden int
	// Next is where the next page begins; empty after the last.
	Next string
}

// List gives the page of an account's repositories that begins after a cursor,
// by name. The error is a [*MissingError] where there is no such account.
func (r *Reader) List(ctx context.Context, login, after string) (*Page, error) {
	document := `query($login: String!, $first: Int!, $after: String) {
  repositoryOwner(login: $login) {
    __typename login
    repositories(first: $first, after: $after, ownerAffiliations: [OWNER], orderBy: {field: NAME, direction: ASC}) {
      totalCount pageInfo { hasNextPage endCursor } nodes { ...fields }
    }
  }
}
` + r.fields()
	for {
		var answer struct {
			RepositoryOwner *struct {
				Typename     string `json:"__typename"`
				Login        string
				Repositories *struct {
					TotalCount int
					PageInfo   struct {
						HasNextPage bool
						EndCursor   string
					}
					Nodes []*listed
				}
			}
		}
		variables := map[string]any{"login": login, "first": r.pages.now}
		if after != "" {
			variables["after"] = after
		}
		again, err := r.ask(ctx, &r.pages, r.pages.now, document, variables, &answer)
		if again {
			continue
		}
		var partly *github.QueryError
		owner := answer.RepositoryOwner
		switch {
		case errors.As(err, &partly) && partly.Partial && owner != nil && owner.Repositories != nil:
			// Some repositories are kept back, such as by single sign-on.
		case errors.Is(err, github.ErrNotFound):
			return nil, &MissingError{Login: login}
		case err != nil:
			return nil, err
		case owner == nil || owner.Repositories == nil:
			return nil, &MissingError{Login: login}
		}
		page := &Page{Login: owner.Login, Kind: strings.ToLower(owner.Typename), Total: owner.Repositories.TotalCount}
		for i, node := range owner.Repositories.Nodes {
			if repository, ok := node.repository(failures(partly, fmt.Sprintf("repositoryOwner.repositories.nodes.%d", i))); ok {
				page.Repositories = append(page.Repositories, repository)
			} else {
				page.Hidden++
			}
		}
		if err := r.lookAgain(ctx, page.Repositories); err != nil {
			return nil, err
		}
		if info := owner.Repositories.PageInfo; info.HasNextPage {
			if page.Next = info.EndCursor; page.Next == after {
				return nil, fmt.Errorf("the list of the repositories of %s does not go on", login)
			}
		}
		return page, nil
	}
}

// lookAgain asks once more, by name, for the repositories of a page of which
// GitHub did not say all: that may have been by chance.
func (r *Reader) lookAgain(ctx context.Context, page []*Repository) error {
	var names []string
	for _, repository := range page {
		if repository.Unread != "" {
			names = append(names, repository.Name)
		}
	}
	found, err := r.Lookup(ctx, names)
	if err != nil {
		return err
	}
	for i, repository := range page {
		if again := found[repository.Name]; repository.Unread != "" && again != nil && again.Unread == "" {
			page[i] = again
		}
	}
	return nil
}

// Lookup lists repositories that are named one by one. Those that GitHub does
// not show come with nil.
func (r *Reader) Lookup(ctx context.Context, names []string) (map[string]*Repository, error) {
	out := map[string]*Repository{}
	for len(names) > 0 {
		some := names[:min(len(names), r.pages.now)]
		var document strings.Builder
		document.WriteString("query {\n")
		for i, name := range some {
			owner, base, _ := strings.Cut(name, "/")
			fmt.Fprintf(&document, "  r%d: repository(owner: %s, name: %s) { ...fields }\n", i, quote(owner), quote(base))
		}
		document.WriteString("}\n" + r.fields())
		answer := map[string]*listed{}
		again, err := r.ask(ctx, &r.pages, len(some), document.String(), nil, &answer)
		if again {
			continue
		}
		var partly *github.QueryError
		if err != nil && !(errors.As(err, &partly) && partly.Partial) {
			return out, err
		}
		for i, name := range some {
			repository, _ := answer[alias(i)].repository(failures(partly, alias(i)))
			out[name] = repository
		}
		names = names[len(some):]
	}
	return out, nil
}

// validFullName tells whether a text can be "owner/name".
func validFullName(name string) bool {
	owner, base, ok := strings.Cut(name, "/")
	fits := func(part string) bool {
		return part != "" && len(part) <= 100 && part != "." && part != ".." && !strings.ContainsFunc(part, func(c rune) bool {
			return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || slices.Contains([]rune("-_."), c))
		})
	}
	return ok && fits(owner) && fits(base)
}

// validID tells whether a text is the name of a git object.
func validID(id string) bool {
	return (len(id) == 40 || len(id) == 64) && strings.Trim(id, "0123456789abcdef") == ""
}

// validName tells whether a text can be the name of an entry.
func validName(name string) bool {
	return name != "" && name != "." && name != ".." && name != ".git" && len(name) <= 255 && utf8.ValidString(name) && !strings.ContainsAny(name, "/\x00")
}
