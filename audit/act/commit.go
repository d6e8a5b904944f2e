package act

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
)

// basis is the head of the base branch.
type basis struct {
	commit, tree string
	// modes are those of the files that change, such as "100644".
	modes map[string]string
}

// treeRow is an entry of a tree.
type treeRow struct {
	Path string `json:"path"`
	Mode string `json:"mode"`
	Type string `json:"type"`
	SHA  string `json:"sha"`
}

// audited reads the head of the base branch, and checks that the files are
// there as they were audited. An outcome is the end.
func (p *puller) audited(ctx context.Context) (basis, *audit.Outcome) {
	var b basis
	stop := func(o audit.Outcome) (basis, *audit.Outcome) { return b, &o }
	var ref struct {
		Object struct {
			SHA string `json:"sha"`
		} `json:"object"`
	}
	if _, err := p.client.Get(ctx, p.branchPath("ref", p.base), nil, &ref); err != nil {
		if statusOf(err) == notFound {
			return stop(p.done(audit.DoneSkipped, "", "the audited branch is gone, or the token may not read it"))
		}
		return stop(p.refused(err, pullPermission))
	}
	var commit struct {
		Tree struct {
			SHA string `json:"sha"`
		} `json:"tree"`
	}
	if _, err := p.client.Get(ctx, p.path("git", "commits", ref.Object.SHA), nil, &commit); err != nil {
		return stop(p.refused(err, pullPermission))
	}
	b = basis{commit: ref.Object.SHA, tree: commit.Tree.SHA, modes: map[string]string{}}
	folders := map[string][]treeRow{}
	for _, f := range p.proposal.files {
		row, err := p.entry(ctx, folders, b.tree, f.Path)
		switch {
		case err != nil:
			return stop(p.refused(err, pullPermission))
		case row.Type != "blob" || row.SHA != blobID(f.Before) || row.Mode != "100644" && row.Mode != "100755":
			return stop(p.done(audit.DoneSkipped, "", "the branch moved on, and a file that would change is another one now: audit it again"))
		}
		b.modes[f.Path] = row.Mode
	}
	return b, nil
}

// entry finds a file below a tree. It is the zero row where there is none. The
// folders that were read are remembered by their path.
func (p *puller) entry(ctx context.Context, folders map[string][]treeRow, tree, file string) (treeRow, error) {
	at := treeRow{SHA: tree, Type: "tree"}
	folder := ""
	for part := range strings.SplitSeq(file, "/") {
		if at.Type != "tree" {
			return treeRow{}, nil
		}
		rows, read := folders[folder]
		if !read {
			var answer struct {
				Tree []treeRow `json:"tree"`
			}
			if _, err := p.client.Get(ctx, p.path("git", "trees", at.SHA), nil, &answer); err != nil {
				return treeRow{}, err
			}
			rows = answer.Tree
			folders[folder] = rows
		}
		at = treeRow{}
		for _, row := range rows {
			if row.Path == part {
				at = row
			}
		}
		folder = path.Join(folder, part)
	}
	return at, nil
}

// commit puts the edits on the branch: on top of the base, and of what is on
// the branch. So a branch that somebody moves meanwhile is not overwritten:
// GitHub refuses what does not come after it.
func (p *puller) commit(ctx context.Context, b basis, head string) (string, *audit.Outcome) {
	stop := func(err error, permission string) (string, *audit.Outcome) {
		o := p.refused(err, permission)
		return "", &o
	}
	tree, err := p.tree(ctx, b)
	if err != nil {
		return stop(err, "contents: write")
	}
	parents := []string{b.commit}
	if head != "" {
		parents = []string{head, b.commit}
	}
	var made struct {
		SHA string `json:"sha"`
	}
	// No author is given: GitHub then names the token's account, and signs
	// what Apps commit.
	body := map[string]any{"message": p.proposal.message(), "tree": tree, "parents": parents}
	if err := p.send(ctx, quiet, "POST", p.path("git", "commits"), body, &made); err != nil {
		return stop(err, "contents: write")
	}
	if head == "" {
		err = p.send(ctx, quiet, "POST", p.path("git", "refs"), map[string]any{"ref": BranchRef, "sha": made.SHA}, nil)
	} else {
		err = p.send(ctx, quiet, "PATCH", p.branchPath("refs", Branch), map[string]any{"sha": made.SHA, "force": false}, nil)
	}
	if err == nil {
		return made.SHA, nil
	}
	o := p.refused(err, refPermission)
	switch {
	case o.Permission != "" && p.client.TokenKind() == github.KindInstallation:
		o.Message += "; GITHUB_TOKEN never has workflows: it takes the token of an App"
	case statusOf(err) == unprocessable:
		o.Message = "the branch " + Branch + " is not as it was read, or is protected: nothing was overwritten (" + o.Message + ")"
	}
	return "", &o
}

// tree makes the tree with the edited files.
func (p *puller) tree(ctx context.Context, b basis) (string, error) {
	var entries []map[string]any
	for _, f := range p.proposal.files {
		e := map[string]any{"path": f.Path, "mode": b.modes[f.Path], "type": "blob"}
		if utf8.Valid(f.After) {
			e["content"] = string(f.After)
		} else {
			sha, err := p.blob(ctx, f.After)
			if err != nil {
				return "", err
			}
			e["sha"] = sha
		}
		entries = append(entries, e)
	}
	var made struct {
		SHA string `json:"sha"`
	}
	err := p.send(ctx, quiet, "POST", p.path("git", "trees"), map[string]any{"base_tree": b.tree, "tree": entries}, &made)
	return made.SHA, err
}

// blob stores what JSON cannot hold.
func (p *puller) blob(ctx context.Context, data []byte) (string, error) {
	var made struct {
		SHA string `json:"sha"`
	}
	body := map[string]any{"content": base64.StdEncoding.EncodeToString(data), "encoding": "base64"}
	err := p.send(ctx, quiet, "POST", p.path("git", "blobs"), body, &made)
	return made.SHA, err
}

// deleteBranch deletes our branch if it still is at a commit. REST would
// delete it wherever it is.
func (p *puller) deleteBranch(ctx context.Context, node, head string) error {
	if node == "" {
		var repository struct {
			Node string `json:"node_id"`
		}
		if _, err := p.client.Get(ctx, p.path(), nil, &repository); err != nil {
			return err
		}
		node = repository.Node
	}
	if err := p.pace.wait(ctx, quiet); err != nil {
		return err
	}
	const document = `mutation($repository: ID!, $update: RefUpdate!) {
  updateRefs(input: {repositoryId: $repository, refUpdates: [$update]}) { clientMutationId }
}`
	err := p.client.Query(ctx, document, map[string]any{
		"repository": node, "update": map[string]any{"name": BranchRef, "beforeOid": head, "afterOid": strings.Repeat("0", len(head))},
	}, nil)
	if err != nil {
		return fmt.Errorf("the branch %s was not deleted: %w", Branch, err)
	}
	return nil
}

// blobID is the id that git gives a file's content. GitHub's repositories use
// SHA-1.
func blobID(data []byte) string {
	sum := sha1.New()
	fmt.Fprintf(sum, "blob %d\x00", len(data))
	sum.Write(data)
	return hex.EncodeToString(sum.Sum(nil))
}
