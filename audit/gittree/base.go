// Package gittree reads the files of a commit out of a git repository, without
// checking them out.
//
// It asks git for names and objects only, so that nothing of what a
// repository configures (filters, hooks, monitors, external programs) is run.
package gittree

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Git runs git in a folder.
type Git interface {
	// Run runs git with arguments, and returns what it wrote: at most limit
	// bytes of its standard output, and a little of its errors. The error is
	// that git could not be run; that it failed is no error.
	Run(ctx context.Context, limit int, args ...string) (Output, error)
}

// Output is what git answered.
type Output struct {
	Stdout []byte
	// Truncated tells that there was more.
	Truncated bool
	Stderr    string
	// Code is the exit code.
	Code int
}

// Base is the state that a work tree is held against.
type Base struct {
	// Commit is the commit's object ID.
	Commit string
	// Prefix is the path of the folder below the root of the repository, with
	// a slash at its end; empty for the root.
	Prefix string
}

// shortAnswer bounds answers of one line.
const shortAnswer = 64 << 10

// objectID is a SHA-1 or SHA-256 object ID.
var objectID = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)

// FindBase returns the last commit that HEAD has in common with a ref: a
// branch, a tag, a commit, or an expression of git's such as main~2. What is
// wrong is said in a user's words.
func FindBase(ctx context.Context, git Git, ref string) (Base, error) {
	if ref == "" || strings.HasPrefix(ref, "-") || len(ref) > 1024 || strings.ContainsFunc(ref, unicode.IsControl) {
		return Base{}, fmt.Errorf("%q is no name of a commit: say a branch, a tag or a commit", ref)
	}
	prefix, err := git.Run(ctx, shortAnswer, "rev-parse", "--show-prefix")
	switch {
	case err != nil:
		return Base{}, err
	case prefix.Code != 0 && strings.Contains(prefix.Stderr, "not a git repository"):
		return Base{}, errors.New("this is not the work tree of a git repository")
	case prefix.Code != 0:
		return Base{}, failed(prefix)
	}
	shallow, err := git.Run(ctx, shortAnswer, "rev-parse", "--is-shallow-repository")
	if err != nil {
		return Base{}, err
	}
	hint := ""
	if strings.TrimSpace(string(shallow.Stdout)) == "true" {
		hint = "; this clone is shallow: fetch the history with git fetch --unshallow, or give actions/checkout fetch-depth: 0"
	}
	head, ok, err := commit(ctx, git, "HEAD")
	switch {
	case err != nil:
		return Base{}, err
	case !ok:
		return Base{}, errors.New("the git repository has no commit yet")
	}
	other, ok, err := commit(ctx, git, ref)
	switch {
	case err != nil:
		return Base{}, err
	case !ok:
		return Base{}, fmt.Errorf("git knows no commit %q%s", ref, hint)
	}
	base, err := git.Run(ctx, shortAnswer, "merge-base", other, head)
	if err != nil {
		return Base{}, err
	}
	id := strings.TrimSpace(string(base.Stdout))
	switch {
	case base.Code > 1:
		return Base{}, failed(base)
	case !objectID.MatchString(id):
		return Base{}, fmt.Errorf("HEAD and %q have no commit in common%s", ref, hint)
	}
	return Base{Commit: id, Prefix: strings.TrimSuffix(string(prefix.Stdout), "\n")}, nil
}

// commit resolves a name of a commit.
func commit(ctx context.Context, git Git, ref string) (id string, ok bool, err error) {
	out, err := git.Run(ctx, shortAnswer, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	if err != nil {
		return "", false, err
	}
	id = strings.TrimSpace(string(out.Stdout))
	return id, out.Code == 0 && objectID.MatchString(id), nil
}

// failed is git's own word on what went wrong.
func failed(out Output) error {
	first, _, _ := strings.Cut(strings.TrimSpace(out.Stderr), "\n")
	first = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, first)
	if first == "" {
		first = fmt.Sprintf("exit code %d", out.Code)
	}
	return fmt.Errorf("git failed: %s", first)
}
