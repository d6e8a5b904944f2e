package command

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/patrol-actions/patrol/audit/fix"
)

// write changes files: all of them are first written beside the old ones, and
// take their places only once that is done, each in one step.
func (f *fixer) write(at *opened, files []fix.File) (err error) {
	staged := make([]string, 0, len(files))
	defer func() {
		for _, name := range staged {
			if name != "" {
				_ = at.root.Remove(name)
			}
		}
	}()
	for _, x := range files {
		name, err := stage(at.root, x)
		if err != nil {
			f.files, f.references = 0, 0
			return fmt.Errorf("%s is not written: %w", shown(at, x.Path), pathless(err))
		}
		staged = append(staged, name)
	}
	for i, x := range files {
		if err := replace(at.root, staged[i], x); err != nil {
			f.files -= len(files) - i
			return fmt.Errorf("%s is not written: %w", shown(at, x.Path), pathless(err))
		}
		staged[i] = ""
	}
	return nil
}

// pathless returns the cause of an error without the path, which stands before
// it.
func pathless(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

// stage writes the new content of a file beside it and returns the name.
func stage(root *os.Root, x fix.File) (name string, err error) {
	target := filepath.FromSlash(x.Path)
	info, err := root.Lstat(target)
	switch {
	case err != nil:
		return "", err
	case info.Mode()&fs.ModeSymlink != 0:
		return "", errors.New("it is a link: fix the file that it leads to")
	case !info.Mode().IsRegular():
		return "", errors.New("it is not a regular file")
	}
	if err := unchanged(root, x); err != nil {
		return "", err
	}
	var file *os.File
	for n := 0; ; n++ {
		name = filepath.FromSlash(path.Join(path.Dir(x.Path), fmt.Sprintf(".%s.patrol-%d-%d", path.Base(x.Path), os.Getpid(), n)))
		file, err = root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrExist) || n > 100 {
			return "", err
		}
	}
	_, err = file.Write(x.After)
	if err == nil {
		err = file.Chmod(info.Mode().Perm()) // whatever the umask took away
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return "", errors.Join(err, root.Remove(name))
	}
	return name, nil
}

// unchanged tells whether a file is what it was when it was read.
func unchanged(root *os.Root, x fix.File) error {
	now, err := root.ReadFile(filepath.FromSlash(x.Path))
	if err != nil {
		return err
	}
	if !bytes.Equal(now, x.Before) {
		return errors.New("it has changed since it was read: run patrol fix again")
	}
	return nil
}

// replace puts a staged file in the place of the old one.
func replace(root *os.Root, staged string, x fix.File) error {
	if err := unchanged(root, x); err != nil {
		return err
	}
	if err := root.Rename(staged, filepath.FromSlash(x.Path)); err != nil {
		return err
	}
	if folder, err := root.Open(filepath.FromSlash(path.Dir(x.Path))); err == nil {
		// So that the new name outlives a crash; not every system can.
		_ = folder.Sync()
		_ = folder.Close()
	}
	return nil
}
