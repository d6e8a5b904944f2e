package gittree

import (
	"bytes"
	"context"
	"errors"
	"strings"
)

// Head is the commit that a work tree is at.
type Head struct {
	// Commit is the commit's object ID. A clone that lacks history has it all
	// the same.
	Commit string
	// Parents are those that the commit itself names, in order, whether or not
	// the clone has them.
	Parents []string
	// Prefix is as in [Base].
	Prefix string
}

// maxCommit bounds a commit, in bytes: its header is what counts.
const maxCommit = 64 << 10

// FindHead returns the commit that HEAD names.
func FindHead(ctx context.Context, git Git) (Head, error) {
	prefix, err := git.Run(ctx, shortAnswer, "rev-parse", "--show-prefix")
	if err != nil {
		return Head{}, err
	}
	id, err := git.Run(ctx, shortAnswer, "rev-parse", "--verify", "--quiet", "HEAD")
	if err != nil {
		return Head{}, err
	}
	h := Head{Commit: strings.TrimSpace(string(id.Stdout)), Prefix: strings.TrimSuffix(string(prefix.Stdout), "\n")}
	if prefix.Code != 0 || id.Code != 0 || !objectID.MatchString(h.Commit) {
		return Head{}, errors.New("git knows no HEAD here")
	}
	// The graft of a shallow clone hides the parents from all but this.
	raw, err := git.Run(ctx, maxCommit, "cat-file", "commit", h.Commit)
	if err != nil {
		return Head{}, err
	}
	for line := range bytes.Lines(raw.Stdout) {
		word, rest, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		switch {
		case word == "":
			return h, nil
		case word == "parent" && objectID.MatchString(rest):
			h.Parents = append(h.Parents, rest)
		}
	}
	return h, nil
}
