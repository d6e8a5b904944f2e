package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/remote"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// remotes reads repositories over the API, all of a run by one source.
type remotes struct {
	once   sync.Once
	source *remote.Source
	err    error

	lock sync.Mutex
	// kept are the files of the repositories that were read so of which a
	// report shows lines.
	kept map[*audit.Repository]map[string][]byte
}

// files gives the source of repositories; asking makes the client if need be,
// whether or not --online was given.
func (o *auditOptions) files(ctx context.Context, p Process) (*remote.Source, error) {
	r := &o.remotes
	r.once.Do(func() {
		client, err := o.newClient(p)
		if err != nil {
			r.err = err
			return
		}
		r.source = remote.New(ctx, client)
	})
	return r.source, r.err
}

// keep notes the files of a repository that lies in no folder, of which a
// report shows lines: all of it would be too much to keep for many.
func (r *remotes) keep(repository *audit.Repository, files fs.FS) {
	kept := map[string][]byte{}
	add := func(name string) {
		if kept[name] == nil {
			kept[name], _ = fs.ReadFile(files, name)
		}
	}
	for _, f := range repository.Findings {
		add(f.File)
	}
	for _, x := range repository.References {
		add(x.File)
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.kept == nil {
		r.kept = map[*audit.Repository]map[string][]byte{}
	}
	r.kept[repository] = kept
}

// open reads a file of a repository for a code frame.
func (r *remotes) open(repository *audit.Repository, path string) ([]byte, error) {
	r.lock.Lock()
	files := r.kept[repository]
	r.lock.Unlock()
	switch source, ok := files[path]; {
	case files == nil:
		return sourceOf(repository, path)
	case !ok:
		return nil, fs.ErrNotExist
	default:
		return source, nil
	}
}

// remotePath tells whether a PATH names a repository of GitHub: it has the
// form OWNER/REPO or OWNER/REPO@REF, is nothing that lies here, and is not
// called like a workflow file.
func remotePath(path string) (remote.Name, bool) {
	name, ok := remote.Parse(path)
	if !ok || strings.HasSuffix(path, ".yml") || strings.HasSuffix(path, ".yaml") {
		return name, false
	}
	_, err := os.Lstat(path)
	return name, errors.Is(err, fs.ErrNotExist)
}

// auditRemote audits a repository over the API.
func auditRemote(ctx context.Context, p Process, o *auditOptions, path string, name remote.Name, facts func(*workflow.Repository) scan.Online) (*audit.Repository, error) {
	if o.online.offline {
		return nil, errors.New("no such file or folder; as a repository of GitHub it would be asked for over the network, which --offline forbids")
	}
	source, err := o.files(ctx, p)
	if err != nil {
		return nil, err
	}
	snapshot, err := source.Snapshot(name)
	if err != nil {
		return nil, fmt.Errorf("no such file or folder here, and not to be read over the API: %w", err)
	}
	options := scan.Options{Guarded: true, Name: snapshot.Name, Online: facts, DefaultBranch: snapshot.DefaultBranch, EnterpriseServer: o.enterprise(p.Getenv), Web: o.web(p.Getenv), Now: now(p.Getenv), Context: ctx}
	if o.config.shared != nil {
		options.Ledger = &o.ledger
	}
	if options.Config, err = o.config.of(snapshot.FS, name.String()); err != nil {
		return nil, err
	}
	files := snapshot.FS
	if o.online.wanted {
		view := source.Over(files)
		files, options.Remote = view, view
	}
	repository := scan.Repository(files, options)
	if options.Stopped() {
		return nil, errInterrupted
	}
	repository.Ref = &snapshot.Commit
	o.bare.Store(path, withoutWorkflows(path, snapshot.FS, repository))
	o.remotes.keep(repository, snapshot.FS)
	return repository, nil
}

// beside lays the repositories that workflows name beside the files of one,
// for an audit that may ask for them.
func (o *auditOptions) beside(ctx context.Context, p Process, files fs.FS, options *scan.Options) (fs.FS, error) {
	if !o.online.wanted {
		return files, nil
	}
	source, err := o.files(ctx, p)
	if err != nil {
		return nil, err
	}
	view := source.Over(files)
	options.Remote = view
	return view, nil
}
