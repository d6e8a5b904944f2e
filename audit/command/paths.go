package command

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"

	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// opened is a PATH of the command line, ready to be read.
type opened struct {
	fsys fs.FS
	// root is the folder behind fsys, and folder its name; nil and "" for
	// standard input.
	root   *os.Root
	folder string
	// file is the one file that is read as a repository of its own; "" for a
	// whole repository.
	file    string
	options scan.Options
}

// Close closes the folder.
func (o *opened) Close() error {
	if o.root == nil {
		return nil
	}
	return o.root.Close()
}

// openPath looks a PATH up, and the configuration that holds there.
func openPath(ctx context.Context, p Process, o *auditOptions, path string, alone bool, facts func(*workflow.Repository) scan.Online) (*opened, error) {
	out := &opened{options: scan.Options{Guarded: true, Name: o.repository, Online: facts, EnterpriseServer: o.enterprise(p.Getenv), Web: o.web(p.Getenv), Config: o.config.shared, Now: now(p.Getenv), Context: ctx}}
	if o.config.shared != nil {
		out.options.Ledger = &o.ledger
	}
	if path == "-" {
		source, err := io.ReadAll(io.LimitReader(p.Stdin, 32<<20))
		if err != nil {
			return nil, friendly(err)
		}
		out.file = "stdin.yml"
		out.fsys, err = o.beside(ctx, p, fstest.MapFS{"stdin.yml": {Data: source}}, &out.options)
		return out, err
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, friendly(err)
	}
	folder, only, err := locate(full)
	if err != nil {
		return nil, friendly(err)
	}
	if alone && p.Getenv("GITHUB_ACTIONS") == "true" && within(full, p.Getenv("GITHUB_WORKSPACE")) {
		out.options.Fallback = p.Getenv("GITHUB_REPOSITORY")
	}
	if out.root, err = os.OpenRoot(folder); err != nil {
		return nil, friendly(err)
	}
	out.folder = folder
	if out.fsys, err = o.beside(ctx, p, out.root.FS(), &out.options); err != nil {
		return nil, errors.Join(err, out.Close())
	}
	if only != "" && !strings.HasPrefix(only, workflow.Folder) {
		out.file = only
		return out, nil
	}
	out.options.Folder, out.options.Only = filepath.ToSlash(folder), only
	if out.options.Config, err = o.config.of(out.root.FS(), folder); err != nil {
		return nil, errors.Join(err, out.Close())
	}
	return out, nil
}

// errEmpty is for a path without a character, which a variable without a value
// makes.
var errEmpty = errors.New("a path is empty: is a variable not set? '.' is the current folder")

// distinct leaves out what is given twice, so that nothing counts twice: the same
// path in other words, and a workflow of a repository that is given as well.
// Links in the way are followed.
func distinct(paths []string) []string {
	type place struct{ folder, only string }
	places := make([]place, len(paths))
	whole := map[string]bool{}
	for i, path := range paths {
		if name, ok := remotePath(path); ok {
			places[i].folder = "\x00" + strings.ToLower(name.FullName()) + "@" + name.Ref
			continue
		}
		places[i].folder = "\x00" + path // what is not found
		full, err := filepath.Abs(path)
		if err != nil || path == "-" {
			continue
		}
		if real, err := filepath.EvalSymlinks(full); err == nil {
			full = real
		}
		if folder, only, err := locate(full); err == nil {
			places[i] = place{filepath.Clean(folder), only}
			whole[filepath.Clean(folder)] = whole[filepath.Clean(folder)] || only == ""
		}
	}
	var out []string
	seen := map[place]bool{}
	for i, path := range paths {
		at := places[i]
		if seen[at] || strings.HasPrefix(at.only, workflow.Folder) && whole[at.folder] {
			continue
		}
		seen[at] = true
		out = append(out, path)
	}
	return out
}

func within(path, folder string) bool {
	relative, err := filepath.Rel(folder, path)
	return folder != "" && err == nil && relative != ".." && !strings.HasPrefix(relative, ".."+string(filepath.Separator))
}

// locate tells which folder to read for a path, and which of its files the
// audit is about; empty for all of them. A workflow of a repository is read
// with the repository around it, for its other workflows may listen to what
// this one does. Who names the folder of the workflows means the repository.
func locate(path string) (folder, only string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", "", err
	}
	slashed := filepath.ToSlash(path)
	if info.IsDir() {
		for _, below := range []string{"/" + workflow.Folder, "/.github"} {
			if outer, ok := strings.CutSuffix(slashed, below); ok {
				return filepath.FromSlash(outer + "/"), "", nil
			}
		}
		return path, "", nil
	}
	dir, name := filepath.Split(path)
	if outer, ok := strings.CutSuffix(filepath.ToSlash(dir), "/"+workflow.Folder+"/"); ok && workflow.IsWorkflowName(name) {
		return filepath.FromSlash(outer + "/"), workflow.Folder + "/" + name, nil
	}
	return dir, name, nil
}

// friendly says what is wrong with a path in a user's words.
func friendly(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("no such file or folder: give the path of a checkout, or of a workflow file")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("no permission to read it")
	}
	return cause(err)
}

// cause is an error of a file without the path, which stands beside it.
func cause(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
