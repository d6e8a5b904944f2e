package remote

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"strings"

	"github.com/patrol-actions/patrol/audit/github"
)

// Bounds of an archive: in bytes as it comes and unpacked, and in files. What
// is larger is read file by file.
const (
	maxArchive  = 200 << 20
	maxUnpacked = 200 << 20
	maxFiles    = 100_000
)

// Snapshot is a repository at a commit.
type Snapshot struct {
	fs.FS
	// Name is "owner/name" as GitHub writes it now.
	Name string
	// Commit is the full name of the commit.
	Commit string
	// DefaultBranch is the name of the default branch.
	DefaultBranch string
}

// MissingError is a repository that cannot be had, or a version of it.
type MissingError struct {
	Name Name
	// Ref says that the repository is there, and the ref is not.
	Ref bool
	// Anonymous says that no token was sent.
	Anonymous bool
}

// Error says what is missing and what to do.
func (e *MissingError) Error() string {
	switch {
	case e.Ref:
		return fmt.Sprintf("%s has no branch, tag or commit %q: check its name", e.Name.FullName(), e.Name.Ref)
	case e.Anonymous:
		return fmt.Sprintf("GitHub shows no repository %s to requests without a token: check the name, or put a token that may read its contents into GH_TOKEN", e.Name.FullName())
	}
	return fmt.Sprintf("GitHub shows no repository %s to this token: check the name, or give a token that may read its contents", e.Name.FullName())
}

// Snapshot reads a whole repository: its archive, or where that is too large
// what is asked for, file by file.
func (s *Source) Snapshot(n Name) (*Snapshot, error) {
	if !n.valid() {
		return nil, &MissingError{Name: n, Anonymous: s.client.Anonymous()}
	}
	var repository struct {
		FullName      string `json:"full_name"`
		DefaultBranch string `json:"default_branch"`
	}
	if err := s.get(github.Path("repos", n.Owner, n.Repository), nil, &repository); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &MissingError{Name: n, Anonymous: s.client.Anonymous()}
		}
		return nil, err
	}
	named, ok := Parse(repository.FullName)
	if !ok {
		named = n
	}
	named.Ref = n.Ref
	commit, err := s.commit(named)
	if err != nil {
		return nil, err
	}
	out := &Snapshot{Name: named.FullName(), Commit: commit, DefaultBranch: repository.DefaultBranch}
	named.Ref = commit
	if out.FS, err = s.archive(named); errors.Is(err, errArchive) {
		out.FS, err = s.At(named)
	}
	return out, err
}

// commit resolves a ref; an empty one is the default branch.
func (s *Source) commit(n Name) (string, error) {
	query := url.Values{"per_page": {"1"}}
	if n.Ref != "" {
		query.Set("sha", n.Ref)
	}
	var commits []struct{ SHA string }
	err := s.get(github.Path("repos", n.Owner, n.Repository, "commits"), query, &commits)
	var refused *github.StatusError
	switch {
	case errors.Is(err, fs.ErrNotExist) && n.Ref != "":
		return "", &MissingError{Name: n, Ref: true}
	case errors.As(err, &refused) && refused.Status == 409:
		return "", fmt.Errorf("the repository %s is empty", n.FullName())
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("the contents of %s cannot be read: give a token with the permission contents: read", n.FullName())
	case err != nil:
		return "", err
	case len(commits) != 1 || !commitName.MatchString(commits[0].SHA):
		return "", fmt.Errorf("GitHub names no commit of %s", n)
	}
	return commits[0].SHA, nil
}

// errArchive is an archive that is larger than the bounds.
var errArchive = errors.New("the archive is too large")

// errBinary is for files that are no text.
var errBinary = errors.New("the file is no text")

// archive asks for the archive of a commit and unpacks it.
func (s *Source) archive(n Name) (fs.FS, error) {
	if err := s.begin(); err != nil {
		return nil, err
	}
	body, _, err := s.client.Download(s.ctx, github.Path("repos", n.Owner, n.Repository, "tarball", n.Ref), nil, maxArchive)
	if err = s.end(0, err); err != nil {
		return nil, err
	}
	defer body.Close()
	t := newTree(s, n)
	t.whole, t.dirs["."] = true, map[string]*node{}
	err = t.unpack(body)
	var large *github.SizeError
	if errors.As(err, &large) {
		err = errArchive
	}
	if err != nil && !errors.Is(err, errArchive) {
		err = fmt.Errorf("the archive of %s could not be read: %w", n.FullName(), err)
	}
	return t, err
}

// unpack fills a tree from a compressed archive. All lies below one folder,
// whose name is cut off. Links are resolved inside the archive only; names
// that lead out of it, and all that is neither file, folder nor link, are left
// out.
func (t *tree) unpack(r io.Reader) error {
	unzipped, err := gzip.NewReader(r)
	if err != nil {
		return err
	}
	bounded := &io.LimitedReader{R: unzipped, N: maxUnpacked}
	reader := tar.NewReader(bounded)
	links := map[string]string{}
	for count := 0; ; count++ {
		header, err := reader.Next()
		switch {
		case errors.Is(err, io.EOF) && bounded.N > 0:
			t.link(links)
			return nil
		case bounded.N <= 0 || count > maxFiles:
			return errArchive
		case err != nil:
			return err
		}
		top, name, _ := strings.Cut(header.Name, "/")
		name = strings.TrimSuffix(name, "/")
		if top == "" || name == "" || passed(name) {
			continue
		}
		switch header.Typeflag {
		case tar.TypeDir:
			t.add(name, &node{mode: fs.ModeDir})
		case tar.TypeSymlink:
			if t.add(name, &node{mode: fs.ModeSymlink}) {
				links[name] = header.Linkname
			}
		case tar.TypeReg:
			n, err := unpacked(reader, header.Size)
			if err != nil && bounded.N <= 0 {
				return errArchive
			}
			if err != nil {
				return err
			}
			t.add(name, n)
		}
	}
}

// passed tells whether a file lies where no audit looks.
func passed(name string) bool {
	return strings.HasPrefix(name, "node_modules/") || strings.Contains(name, "/node_modules/") || strings.HasPrefix(name, ".git/")
}

// unpacked is a file of an archive. Of one that is too large to be read, or is
// no text, only the size is kept.
func unpacked(r io.Reader, size int64) (*node, error) {
	n := &node{size: size, data: &content{}}
	if size > maxFile {
		n.data.once.Do(func() { n.data.err = errLarge })
		return n, nil
	}
	data, err := io.ReadAll(r)
	n.data.once.Do(func() {
		if n.data.data = data; bytes.IndexByte(data[:min(len(data), 8000)], 0) >= 0 {
			n.data.data, n.data.err = nil, errBinary
		}
	})
	return n, err
}

// link gives links the content of the files that they lead to inside the
// archive. Links to folders and to other links are not followed.
func (t *tree) link(links map[string]string) {
	found := map[string]*node{}
	for name, to := range links {
		target := path.Join(path.Dir(name), to)
		if strings.HasPrefix(to, "/") || !fs.ValidPath(target) {
			continue
		}
		if n := t.dirs[path.Dir(target)][path.Base(target)]; n != nil && n.mode.IsRegular() {
			found[name] = n
		}
	}
	for name, n := range found {
		t.dirs[path.Dir(name)][path.Base(name)] = n
	}
}
