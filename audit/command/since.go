package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/accept"
	"github.com/patrol-actions/patrol/audit/baseline"
	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/gittree"
	"github.com/patrol-actions/patrol/audit/scan"
)

// findBases finds, for --changed-since, the files that each path had where its
// changes began, by path; nil without the flag.
func (o *auditOptions) findBases(ctx context.Context, p Process, paths []string) (map[string]*base, error) {
	if o.since == "" {
		return nil, nil
	}
	out := map[string]*base{}
	for _, path := range paths {
		if path == "-" {
			return nil, errors.New("--changed-since: standard input has no history: give a path")
		}
		if _, ok := remotePath(path); ok {
			return nil, fmt.Errorf("--changed-since: %s is read over the API, and has no changes: give a checkout", path)
		}
		full, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		folder, _, err := locate(full)
		if err != nil {
			return nil, fmt.Errorf("--changed-since: %s: %w", path, friendly(err))
		}
		found, err := o.findBase(ctx, p, folder)
		switch {
		case err == nil:
			out[path] = found
		case o.changedOnly:
			o.say(p, fmt.Sprintf("--changed-only: %s: %v: all findings are shown", path, err))
		default:
			return nil, fmt.Errorf("--changed-since: %s: %w", path, err)
		}
	}
	return out, nil
}

// findBase finds where the changes of a work tree began: in its own history,
// or, where that is not there and GitHub may be asked, over the API.
func (o *auditOptions) findBase(ctx context.Context, p Process, folder string) (*base, error) {
	git := gitIn{folder, p.Getenv}
	head, _ := gittree.FindHead(ctx, git) // what is wrong is said below
	since := o.since
	if e, err := readEvent(p); err == nil && o.changedOnly {
		since = mergedInto(e, head, since)
		if pull := e.PullRequest.Head.SHA; since == head.Commit && pull != "" && pull != head.Commit {
			o.say(p, "--changed-only: the checkout is what the pull request is to be merged into, as runs for pull_request_target have it, and nothing has changed there: run for pull_request")
		}
	}
	found, err := gittree.FindBase(ctx, git, since)
	if err != nil {
		if o.online.offline || !o.online.wanted && !o.changedOnly {
			return nil, err
		}
		asked, failed := o.askBase(ctx, p, folder, head, since)
		if failed != nil {
			return nil, fmt.Errorf("%w; %w", err, failed)
		}
		return asked, nil
	}
	files, err := gittree.Open(ctx, git, found)
	if err != nil {
		return nil, err
	}
	return &base{found.Commit, files, nil}, nil
}

// mergedInto is the commit to hold a run against: where it is for a merge of a
// pull request, which GitHub makes to try it, what the pull request was merged
// into. The event tells that too, but often of an earlier day, so that what
// others changed since would count.
func mergedInto(e event, head gittree.Head, since string) string {
	if len(head.Parents) == 2 && head.Parents[1] == e.PullRequest.Head.SHA {
		return head.Parents[0]
	}
	return since
}

// base is where the changes of a work tree began.
type base struct {
	commit string
	files  fs.FS
	// root is the folder that unchanged files are read from; nil for none.
	root *os.Root
}

// Close closes the folder.
func (b *base) Close() error {
	if b.root == nil {
		return nil
	}
	return b.root.Close()
}

// holdSince leaves in the audit of a work tree what its changes have to do
// with. The base is audited as the work tree was, with the configuration that
// it had then.
func (o *auditOptions) holdSince(ctx context.Context, p Process, b *base, head *audit.Repository, at *opened) error {
	options := at.options
	if head.Name != nil {
		// The base has no .git that would tell it.
		options.Name = *head.Name
	}
	if o.config.shared != nil {
		options.Ledger = &accept.Ledger{} // what the base needs, the work tree may not
	}
	files, err := o.beside(ctx, p, b.files, &options)
	if err != nil {
		return err
	}
	var before *audit.Repository
	if at.file == "" {
		if o.config.shared == nil {
			if found, err := config.Find(b.files); err == nil {
				options.Config = found
			} // else it was wrong then: today's holds
		}
		before = scan.Repository(files, options)
	} else {
		before = scan.File(files, at.file, options)
	}
	if options.Stopped() {
		return errInterrupted
	}
	changed := map[string]map[int]bool{}
	baseline.Since(head, before, b.commit, func(file string, line int) bool {
		lines, ok := changed[file]
		if !ok {
			was, _ := fs.ReadFile(b.files, file) // nothing where it is new
			if is, err := fs.ReadFile(at.root.FS(), file); err == nil {
				lines = baseline.ChangedLines(was, is)
			}
			changed[file] = lines
		}
		return lines[line]
	}, o.shown)
	if n := len(before.Errors) - len(head.Errors); n > 0 && !o.quiet {
		fmt.Fprintf(p.Stderr, "patrol: not all of commit %s could be read (%s): findings there count as new\n", b.commit, harmless(before.Errors[0].File+": "+before.Errors[0].Message))
	}
	return nil
}
