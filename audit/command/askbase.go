package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/gittree"
	"github.com/patrol-actions/patrol/audit/remote"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// askBase finds where the changes of a work tree began over the API: a
// checkout has no history unless it is asked for.
func (o *auditOptions) askBase(ctx context.Context, p Process, folder string, head gittree.Head, since string) (*base, error) {
	prefix, inside := below(p.Getenv("GITHUB_WORKSPACE"), folder)
	if head.Commit == "" && inside { // a checkout without git
		head.Commit = p.Getenv("GITHUB_SHA")
		if prefix != "." {
			head.Prefix = prefix + "/"
		}
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, friendly(err)
	}
	out, err := o.askBelow(ctx, p, root, head, since, inside)
	if err != nil {
		_ = root.Close()
		return nil, err
	}
	return out, nil
}

// askBelow is askBase for an open folder, which is read as long as the base is.
func (o *auditOptions) askBelow(ctx context.Context, p Process, root *os.Root, head gittree.Head, since string, inside bool) (*base, error) {
	repository := o.repository
	if repository == "" {
		repository, _ = workflow.GuessName(root.FS(), root.Name(), &workflow.Repository{})
	}
	if inside {
		repository = cmp.Or(repository, p.Getenv("GITHUB_REPOSITORY"))
	}
	name, ok := remote.Parse(repository + "@" + head.Commit)
	if !ok {
		return nil, errors.New("the API is not asked, for which commit of which repository this is is not known: say --repository OWNER/NAME")
	}
	source, err := o.files(ctx, p)
	if err != nil {
		return nil, err
	}
	if slices.Contains(head.Parents, since) {
		name.Ref = since
	} else if name.Ref, err = source.Base(name, since); err != nil {
		return nil, explainBase(err)
	}
	files, err := source.Before(name, root.FS(), head.Prefix)
	if err != nil {
		return nil, explainBase(err)
	}
	return &base{name.Ref, files, root}, nil
}

// explainBase says what it takes to read where changes began.
func explainBase(err error) error {
	var missing *remote.MissingError
	switch {
	case errors.As(err, &missing) && missing.Anonymous:
		return fmt.Errorf("GitHub shows no such commit of %s to requests without a token: put one into GH_TOKEN that has contents: read", missing.Name.FullName())
	case errors.As(err, &missing):
		return fmt.Errorf("GitHub shows this token no such commit of %s that this one has anything in common with: it takes contents: read", missing.Name.FullName())
	case errors.Is(err, github.ErrForbidden), errors.Is(err, os.ErrNotExist):
		return errors.New("reading it over the API takes contents: read, which the token has not got")
	}
	return fmt.Errorf("over the API: %w", err)
}
