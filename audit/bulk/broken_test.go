package bulk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
)

// asking matches queries in which a text stands.
func asking(text string) githubtest.Match {
	return githubtest.Match{Template: "/graphql", Body: text}
}

func once(m githubtest.Match) githubtest.Match {
	m.Times = 1
	return m
}

// answer is a fault that answers with this body.
func answer(body string) githubtest.Fault {
	return githubtest.Fault{Status: http.StatusOK, Body: body}
}

// one is a repository with a workflow.
func one(name string) githubtest.Repository {
	return githubtest.Repository{Owner: "example", Name: name, Files: map[string]string{".github/workflows/a.yml": "on: push"}}
}

// TestListBroken: what GitHub breaks off is asked for again, and what it keeps
// back is counted. Neither is taken for a repository without commits.
func TestListBroken(t *testing.T) {
	const page = `{"data":{"repositoryOwner":{"__typename":"Organization","login":"example","repositories":{"totalCount":2,"pageInfo":{"hasNextPage":false,"endCursor":null},
		"nodes":[null,{"nameWithOwner":"example/a","visibility":"PRIVATE","repositoryTopics":{"nodes":[]},"defaultBranchRef":null}]}}},
		"errors":[{"type":"FORBIDDEN","path":["repositoryOwner","repositories","nodes",0],"message":"single sign-on"},
		{"path":["repositoryOwner","repositories","nodes",1,"defaultBranchRef","target"],"message":"Something went wrong"}]}`
	server := githubtest.New(t, world(one("a")))
	server.Fail(once(githubtest.Match{Template: "/graphql"}), answer(page))
	got, err := reader(t, server).List(context.Background(), "example", "")
	if err != nil || got.Hidden != 1 || len(got.Repositories) != 1 || len(got.Repositories[0].Root) != 1 || got.Repositories[0].Unread != "" {
		t.Fatalf("%+v, %v", got, err)
	}

	server.Fail(asking("r0:"), answer(`{"data":{"r0":{"nameWithOwner":"example/a","visibility":"PRIVATE","repositoryTopics":{"nodes":[]},"defaultBranchRef":null}},
		"errors":[{"path":["r0","defaultBranchRef"],"message":"Something went wrong"}]}`))
	server.Fail(once(githubtest.Match{Template: "/graphql"}), answer(page))
	got, err = reader(t, server).List(context.Background(), "example", "")
	if err != nil || len(got.Repositories) != 1 || got.Repositories[0].Empty() || !strings.Contains(got.Repositories[0].Unread, "Something went wrong") {
		t.Errorf("broken twice: %+v, %v", got.Repositories[0], err)
	}
}

// TestBrokenOff asks again for what GitHub broke off in an answer.
func TestBrokenOff(t *testing.T) {
	for name, body := range map[string]string{
		"entries":    `{"data":{"r0":{"o0":{"__typename":"Tree","entries":null},"o1":null}},"errors":[{"path":["r0","o0","entries"],"message":"timeout"},{"path":["r0","o1"],"message":"timeout"}]}`,
		"repository": `{"data":{"r0":null},"errors":[{"path":["r0"],"message":"Something went wrong"}]}`,
		"cut":        `{"data":{"r0":{"o0":null,"o1":null}},"errors":[` + strings.Repeat(`{"path":["r7","o0"],"message":"timeout"},`, 100) + `{"path":["r0","o0"],"message":"timeout"}]}`,
	} {
		server := githubtest.New(t, world(one("a")))
		r := reader(t, server)
		tree := all(t, r, "example")[0].Tree()
		server.Fail(once(asking("r0:")), answer(body))
		settle(t, r, tree, nil, func(v *View) {
			if data, err := fs.ReadFile(v, ".github/workflows/a.yml"); len(v.Wants()) == 0 && string(data) != "on: push" {
				t.Errorf("%s: %q, %v", name, data, err)
			}
		})
		server.Heal()
		server.Fail(asking("r0:"), answer(body))
		tree = all(t, r, "example")[0].Tree()
		for wants := tree.View(nil).Wants(); len(wants) > 0; {
			left, err := r.Fetch(context.Background(), wants)
			if err != nil {
				t.Fatal(err)
			}
			wants = left
		}
		if tree.Err() == nil || errors.Is(tree.Err(), fs.ErrNotExist) {
			t.Errorf("%s: broken off for ever: %v", name, tree.Err())
		}
	}
}

// TestGone reads a repository whose branch was at a commit that is not there
// any more: that it has no workflows is not known.
func TestGone(t *testing.T) {
	server := githubtest.New(t, world(one("a")))
	r := reader(t, server)
	listed := all(t, r, "example")[0]
	listed.Commit = strings.Repeat("b", 40)
	tree := listed.Tree()
	if _, err := r.Fetch(context.Background(), tree.View(nil).Wants()); err != nil || !errors.Is(tree.Err(), errGone) {
		t.Errorf("%v, %v", err, tree.Err())
	}
}

// TestRefusedAlone finds the one repository that a refusal is about.
func TestRefusedAlone(t *testing.T) {
	var repositories []githubtest.Repository
	for i := range 20 {
		repositories = append(repositories, one(fmt.Sprintf("r%02d", i)))
	}
	server := githubtest.New(t, world(repositories...))
	r := reader(t, server)
	var wants []Want
	var trees []*Tree
	for _, x := range all(t, r, "example") {
		trees = append(trees, x.Tree())
		wants = append(wants, trees[len(trees)-1].View(nil).Wants()...)
	}
	server.Fail(asking(`\"r13\"`), githubtest.Fault{Status: http.StatusForbidden, Body: `{"message":"Repository access blocked"}`})
	for len(wants) > 0 {
		left, err := r.Fetch(context.Background(), wants)
		if err != nil {
			t.Fatal(err)
		}
		wants = left
	}
	for i, tree := range trees {
		if failed := tree.Err() != nil; failed != (i == 13) {
			t.Errorf("r%02d: %v", i, tree.Err())
		}
	}
}

// TestOutOfOrder ends where GitHub answers for no repository any more.
func TestOutOfOrder(t *testing.T) {
	var repositories []githubtest.Repository
	for i := range 40 {
		repositories = append(repositories, one(fmt.Sprintf("r%02d", i)))
	}
	server := githubtest.New(t, world(repositories...))
	r := reader(t, server)
	var wants []Want
	for _, x := range all(t, r, "example") {
		wants = append(wants, x.Tree().View(nil).Wants()...)
	}
	server.Fail(githubtest.Match{Template: "/graphql"}, githubtest.Fault{HTML: true})
	for len(wants) > 0 {
		left, err := r.Fetch(context.Background(), wants)
		if err != nil {
			var status *github.StatusError
			if !errors.As(err, &status) || len(left) == 0 {
				t.Errorf("%T %v, %d left", err, err, len(left))
			}
			return
		}
		wants = left
	}
	t.Error("every repository failed, and it went on")
}

// TestLargeFolder lists a folder whose files are too much for one answer.
func TestLargeFolder(t *testing.T) {
	server := githubtest.New(t, world(one("a")))
	r := reader(t, server)
	tree := all(t, r, "example")[0].Tree()
	server.Fail(asking("...folder"), githubtest.Fault{HTML: true})
	settle(t, r, tree, nil, func(v *View) {
		matches, _ := fs.Glob(v, ".github/workflows/*")
		for _, name := range matches {
			if data, err := fs.ReadFile(v, name); len(v.Wants()) == 0 && string(data) != "on: push" {
				t.Errorf("%q, %v", data, err)
			}
		}
		if len(v.Wants()) == 0 && len(matches) != 1 {
			t.Errorf("%v", matches)
		}
	})
	if tree.Err() != nil {
		t.Error(tree.Err())
	}
}

// TestHeld comes to an end where other repositories are dropped in between.
func TestHeld(t *testing.T) {
	shared := one("shared")
	shared.Tags = map[string]map[string]string{"v1": shared.Files}
	server := githubtest.New(t, world(one("a"), shared))
	r := reader(t, server)
	others := &Others{Owners: map[string]bool{"example": true}}
	v := all(t, r, "example")[0].Tree().View(others)
	for range 10 {
		v = v.Again()
		others.trees = nil
		folder, err := v.Mount("example/shared", "v1", audit.Place{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = fs.ReadFile(v, folder+"/.github/workflows/a.yml")
		wants := v.Wants()
		if len(wants) == 0 {
			if err != nil {
				t.Error(err)
			}
			return
		}
		for len(wants) > 0 {
			if wants, err = r.Fetch(context.Background(), wants); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Error("it never ends")
}

// TestMalformed asks again where an answer was none.
func TestMalformed(t *testing.T) {
	server := githubtest.New(t, world(one("a"), one("b")))
	r := reader(t, server)
	server.Fail(once(githubtest.Match{Template: "/graphql"}), githubtest.Fault{Malformed: true})
	listed := all(t, r, "example")
	if len(listed) != 2 {
		t.Fatalf("%d repositories", len(listed))
	}
	tree := listed[0].Tree()
	server.Fail(once(githubtest.Match{Template: "/graphql"}), githubtest.Fault{Malformed: true})
	settle(t, r, tree, nil, func(v *View) { _, _ = fs.ReadFile(v, ".github/workflows/a.yml") })
	if tree.Err() != nil {
		t.Error(tree.Err())
	}
}
