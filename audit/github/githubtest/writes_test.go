package githubtest

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// send writes with a token and returns the answer, which must have a status.
func (c client) send(method, path, token string, body any, status int) Object {
	c.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	resp, out := c.do(method, path, token, bytes.NewReader(data))
	if resp.StatusCode != status {
		c.t.Fatalf("%s %s: %d %s, want %d", method, path, resp.StatusCode, out, status)
	}
	if len(out) == 0 {
		return nil
	}
	return c.object(out)
}

// read asks for an object that must be there.
func (c client) read(path, token string) Object {
	c.t.Helper()
	resp, out := c.get(path, token)
	if resp.StatusCode != 200 {
		c.t.Fatalf("GET %s: %d %s", path, resp.StatusCode, out)
	}
	return c.object(out)
}

// readAll asks for a list.
func (c client) readAll(path, token string) []Object {
	c.t.Helper()
	resp, out := c.get(path, token)
	if resp.StatusCode != 200 {
		c.t.Fatalf("GET %s: %d %s", path, resp.StatusCode, out)
	}
	return c.array(out)
}

// at goes down into an object.
func at(o Object, keys ...string) any {
	var v any = o
	for _, k := range keys {
		inner, _ := v.(Object)
		v = inner[k]
	}
	return v
}

// push makes a branch with a file through the git API and returns its commit.
func (c client) push(token, branch, file, content string, status int) string {
	c.t.Helper()
	const repo = "/repos/mona/open"
	base := at(c.read(repo+"/git/ref/heads/main", token), "object", "sha")
	blob := c.send("POST", repo+"/git/blobs", token, Object{"content": base64.StdEncoding.EncodeToString([]byte(content)), "encoding": "base64"}, 201)
	tree := c.send("POST", repo+"/git/trees", token, Object{"base_tree": base, "tree": []Object{{"path": file, "mode": "100644", "type": "blob", "sha": blob["sha"]}}}, 201)
	commit := c.send("POST", repo+"/git/commits", token, Object{"message": "Fix", "tree": tree["sha"], "parents": []any{base}}, 201)
	c.send("POST", repo+"/git/refs", token, Object{"ref": "refs/heads/" + branch, "sha": commit["sha"]}, status)
	return commit["sha"].(string)
}

func TestPullRequest(t *testing.T) {
	c := client{t, New(t, testWorld())}
	const repo = "/repos/mona/open"
	sha := c.push("writer", "fix", "src/a/b.go", "package a\n\nvar x = 1\n", 201)
	if got := c.read(repo+"/contents/src/a/b.go?ref=fix", "writer")["content"]; got != base64.StdEncoding.EncodeToString([]byte("package a\n\nvar x = 1\n"))+"\n" {
		t.Errorf("content on the new branch: %v", got)
	}
	pull := c.send("POST", repo+"/pulls", "writer", Object{"title": "Fix", "head": "fix", "base": "main"}, 201)
	n := fmt.Sprint(pull["number"])
	if n != "2" || at(pull, "user", "login") != "writer[bot]" || at(pull, "head", "sha") != sha {
		t.Errorf("the pull request is %s by %v at %v", n, at(pull, "user", "login"), at(pull, "head", "sha"))
	}
	c.send("POST", repo+"/pulls", "writer", Object{"title": "Again", "head": "mona:fix", "base": "main"}, 422)
	files := c.readAll(repo+"/pulls/"+n+"/files", "writer")
	if len(files) != 1 || files[0]["filename"] != "src/a/b.go" || files[0]["patch"] != "@@ -1,1 +1,3 @@\n-package b\n+package a\n+\n+var x = 1" {
		t.Errorf("files: %v", files)
	}
	if found := c.readAll(repo+"/pulls?head=mona:fix&base=main", "writer"); len(found) != 1 {
		t.Errorf("%d pull requests of the branch", len(found))
	}

	review := func(comment Object) Object {
		return Object{"commit_id": sha, "event": "COMMENT", "body": "See", "comments": []Object{comment}}
	}
	c.send("POST", repo+"/pulls/"+n+"/reviews", "writer", review(Object{"path": "src/a/b.go", "line": 4, "body": "no"}), 422)
	c.send("POST", repo+"/pulls/"+n+"/reviews", "writer", review(Object{"path": "README.md", "line": 1, "body": "no"}), 422)
	c.send("POST", repo+"/pulls/"+n+"/reviews", "writer", Object{"event": "APPROVE"}, 422)
	c.send("POST", repo+"/pulls/"+n+"/reviews", "writer", review(Object{"path": "src/a/b.go", "line": 3, "start_line": 2, "side": "RIGHT", "body": "yes"}), 200)
	if got := c.readAll(repo+"/pulls/"+n+"/comments", "writer"); len(got) != 1 || got[0]["line"] != 3.0 {
		t.Errorf("comments: %v", got)
	}
	if got := c.readAll(repo+"/pulls/"+n+"/reviews", "writer"); len(got) != 1 || got[0]["state"] != "COMMENTED" {
		t.Errorf("reviews: %v", got)
	}
	c.send("PATCH", repo+"/pulls/"+n, "writer", Object{"state": "closed"}, 200)
	if open := c.readAll(repo+"/pulls", "writer"); len(open) != 0 {
		t.Errorf("%d open pull requests", len(open))
	}
	if got := c.read(repo+"/pulls/"+n, "writer")["state"]; got != "closed" {
		t.Errorf("state is %v", got)
	}
}

func TestGitRefs(t *testing.T) {
	c := client{t, New(t, testWorld())}
	const repo = "/repos/mona/open"
	c.push("writer", "ci", ".github/workflows/ci.yml", "on: pull_request\n", 403)
	c.push("classic", "ci", ".github/workflows/ci.yml", "on: pull_request\n", 404)
	sha := c.push("writer", "fix", "a", "b", 201)
	c.send("POST", repo+"/git/refs", "writer", Object{"ref": "refs/heads/fix", "sha": sha}, 422)
	c.send("PATCH", repo+"/git/refs/heads/main", "writer", Object{"sha": sha}, 422)
	c.send("PATCH", repo+"/git/refs/heads/main", "classic", Object{"sha": sha}, 200)
	c.send("PATCH", repo+"/git/refs/heads/feature/x", "classic", Object{"sha": sha}, 422)
	c.send("PATCH", repo+"/git/refs/heads/feature/x", "classic", Object{"sha": sha, "force": true}, 200)
	if resp, _ := c.do("DELETE", repo+"/git/refs/heads/fix", "writer", nil); resp.StatusCode != 204 {
		t.Errorf("deleting a branch: %d", resp.StatusCode)
	}
	if resp, _ := c.get(repo+"/git/ref/heads/fix", "writer"); resp.StatusCode != 404 {
		t.Errorf("the deleted branch: %d", resp.StatusCode)
	}
	if got := c.readAll(repo+"/commits", "writer"); len(got) != 2 {
		t.Errorf("%d commits on main", len(got))
	}
}

func TestIssues(t *testing.T) {
	world := testWorld()
	c := client{t, New(t, world)}
	const repo = "/repos/mona/open"
	made := c.send("POST", repo+"/issues", "writer", Object{"title": "Two", "body": "b", "labels": []string{"patrol"}}, 201)
	if made["number"] != 2.0 || at(made, "user", "login") != "writer[bot]" {
		t.Errorf("made %v by %v", made["number"], at(made, "user", "login"))
	}
	if got := c.readAll(repo+"/issues?labels=patrol", "writer"); len(got) != 1 || got[0]["title"] != "Two" {
		t.Errorf("issues with the label: %v", got)
	}
	comment := c.send("POST", repo+"/issues/2/comments", "writer", Object{"body": "first"}, 201)
	c.send("PATCH", fmt.Sprintf("%s/issues/comments/%.0f", repo, comment["id"]), "writer", Object{"body": "second"}, 200)
	if got := c.readAll(repo+"/issues/2/comments", "writer"); len(got) != 1 || got[0]["body"] != "second" {
		t.Errorf("comments: %v", got)
	}
	c.send("POST", repo+"/issues/9/comments", "writer", Object{"body": "first"}, 404)
	c.send("PATCH", repo+"/issues/1", "writer", Object{"state": "closed"}, 200)
	if got := c.readAll(repo+"/issues", "writer"); len(got) != 1 {
		t.Errorf("%d open issues", len(got))
	}
	if world.Repositories[0].Lists["issues"][0]["state"] != nil {
		t.Error("the world was changed")
	}
}

func TestBrokenBody(t *testing.T) {
	c := client{t, New(&listener{TB: t}, testWorld())}
	for _, body := range []string{"0", "[]", `{"title":`} {
		resp, data := c.do("PATCH", "/repos/mona/open/issues/1", "writer", strings.NewReader(body))
		if resp.StatusCode != 400 || message(data) != "Problems parsing JSON" {
			t.Errorf("%s: %d %s", body, resp.StatusCode, data)
		}
	}
}

func TestCheckRun(t *testing.T) {
	c := client{t, New(t, testWorld())}
	const repo = "/repos/mona/open"
	sha := at(c.read(repo+"/git/ref/heads/main", "writer"), "object", "sha")
	annotations := make([]Object, 50)
	for i := range annotations {
		annotations[i] = Object{"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "warning", "message": "m"}
	}
	output := func(n int) Object {
		return Object{"title": "t", "summary": "s", "annotations": annotations[:n]}
	}
	mute := client{t, New(&listener{TB: t}, testWorld())}
	mute.send("POST", repo+"/check-runs", "writer", Object{"name": "patrol", "head_sha": sha, "output": Object{"title": "t", "summary": "s", "annotations": append(annotations, annotations[0])}}, 422)
	run := c.send("POST", repo+"/check-runs", "writer", Object{"name": "patrol", "head_sha": sha, "output": output(50)}, 201)
	path := fmt.Sprintf("%s/check-runs/%.0f", repo, run["id"])
	run = c.send("PATCH", path, "writer", Object{"output": output(3), "conclusion": "neutral"}, 200)
	if at(run, "output", "annotations_count") != 53.0 || run["status"] != "completed" {
		t.Errorf("%v annotations, %v", at(run, "output", "annotations_count"), run["status"])
	}
	if got := c.readAll(path+"/annotations?per_page=100", "writer"); len(got) != 53 {
		t.Errorf("%d annotations", len(got))
	}
	if got := c.read(repo+"/commits/main/check-runs?check_name=patrol", "writer")["total_count"]; got != 1.0 {
		t.Errorf("%v check runs", got)
	}
	c.send("POST", repo+"/check-runs", "classic", Object{"name": "patrol", "head_sha": sha}, 403)
}

func TestSarif(t *testing.T) {
	c := client{t, New(t, testWorld())}
	const repo = "/repos/mona/open"
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write([]byte(`{"version":"2.1.0","runs":[]}`))
	w.Close()
	sha := at(c.read(repo+"/git/ref/heads/main", "writer"), "object", "sha")
	body := Object{"commit_sha": sha, "ref": "refs/heads/main", "sarif": base64.StdEncoding.EncodeToString(packed.Bytes())}
	sent := c.send("POST", repo+"/code-scanning/sarifs", "writer", body, 202)
	if got := c.read(fmt.Sprintf("%s/code-scanning/sarifs/%s", repo, sent["id"]), "writer")["processing_status"]; got != "complete" {
		t.Errorf("status %v", got)
	}
	body["sarif"] = "e30="
	c.send("POST", repo+"/code-scanning/sarifs", "writer", body, 400)
}

func TestJobMayNotApprove(t *testing.T) {
	world := testWorld()
	world.Repositories[1].Branches = map[string]map[string]string{"fix": {"a": "c"}}
	c := client{t, New(t, world)}
	body := Object{"title": "Fix", "head": "fix", "base": "main"}
	if got := c.send("POST", "/repos/mona/closed/pulls", "job", body, 403)["message"]; !strings.Contains(got.(string), "not permitted to create or approve") {
		t.Errorf("message %v", got)
	}
	world.Repositories[1].Workflow.CanApprove = true
	c = client{t, New(t, world)}
	if got := at(c.send("POST", "/repos/mona/closed/pulls", "job", body, 201), "user", "login"); got != "github-actions[bot]" {
		t.Errorf("opened by %v", got)
	}
}

func TestUpdateRefs(t *testing.T) {
	c := client{t, New(t, testWorld())}
	const repo = "/repos/mona/open"
	sha := c.push("writer", "fix", "a", "b", 201)
	id := c.read(repo, "writer")["node_id"]
	update := func(token, name, before, after string, want string) {
		t.Helper()
		_, out := c.do("POST", "/graphql", token, bytes.NewReader([]byte(fmt.Sprintf(
			`{"query":"mutation($r:ID!,$u:[RefUpdate!]!){updateRefs(input:{repositoryId:$r,refUpdates:$u}){clientMutationId}}","variables":{"r":%q,"u":[{"name":%q,"beforeOid":%q,"afterOid":%q}]}}`, id, name, before, after))))
		if !strings.Contains(string(out), want) {
			t.Errorf("%s from %s to %s: %s, want %s", name, before, after, out, want)
		}
	}
	update("fine", "refs/heads/fix", sha, noObject, `"type":"`)
	update("writer", "refs/heads/fix", noObject, sha, "but expected")
	update("writer", "refs/heads/other", noObject, sha, `"updateRefs":{"clientMutationId":null}`)
	update("writer", "refs/heads/other", sha, noObject, `"updateRefs":{"clientMutationId":null}`)
	if resp, _ := c.get(repo+"/git/ref/heads/other", "writer"); resp.StatusCode != 404 {
		t.Errorf("the deleted branch: %d", resp.StatusCode)
	}
	update("writer", "refs/heads/main", sha, noObject, "but expected")
}

// Two commits are compared from their last common one on, and the files come
// with the first page.
func TestCompare(t *testing.T) {
	c := client{t, New(t, testWorld())}
	const repo = "/repos/mona/open"
	began := at(c.read(repo+"/git/ref/heads/main", "writer"), "object", "sha").(string)
	fix := c.push("writer", "fix", "src/a/b.go", "package a\n", 201)
	tree := c.read(repo+"/git/commits/"+began, "writer")["tree"].(Object)["sha"]
	later := c.send("POST", repo+"/git/commits", "writer", Object{"message": "Later", "tree": tree, "parents": []any{began}}, 201)["sha"].(string)
	c.send("POST", repo+"/git/refs", "writer", Object{"ref": "refs/heads/later", "sha": later}, 201)
	for _, test := range []struct {
		between, status string
		ahead, behind   float64
		files           int
	}{{"later...fix", "diverged", 1, 1, 1}, {began + "..." + fix, "ahead", 1, 0, 1}, {fix + "..." + began, "behind", 0, 1, 0}, {"fix...fix", "identical", 0, 0, 0}} {
		got := c.read(repo+"/compare/"+test.between, "writer")
		if got["status"] != test.status || got["ahead_by"] != test.ahead || got["behind_by"] != test.behind || len(got["files"].([]any)) != test.files {
			t.Errorf("%s: %v, %v ahead, %v behind, files %v", test.between, got["status"], got["ahead_by"], got["behind_by"], got["files"])
		}
		want := map[bool]string{true: fix, false: began}[test.between == "fix...fix"]
		if base := at(got, "merge_base_commit", "sha"); base != want {
			t.Errorf("%s: merge base %v, want %s", test.between, base, want)
		}
	}
	if got := c.read(repo+"/compare/later...fix?per_page=1&page=2", "writer"); got["files"] != nil || at(got, "merge_base_commit", "sha") != began || len(got["commits"].([]any)) != 0 {
		t.Errorf("the second page: %v", got)
	}
	for _, between := range []string{"main...none", "main", "...fix"} {
		if resp, _ := c.get(repo+"/compare/"+between, "writer"); resp.StatusCode != 404 {
			t.Errorf("%s: %d", between, resp.StatusCode)
		}
	}
}
