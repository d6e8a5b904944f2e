package remote

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"

	"github.com/patrol-actions/patrol/audit/github"
)

// Base returns the last commit that the version of a repository has in common
// with another one. The error is a [*MissingError] where one of the two is not
// there, or the token may not know of it, or they have nothing in common:
// GitHub answers all of these alike.
//
// The comparison has the changed files as well, on its first page. They are
// not asked for: of a large file GitHub leaves the changed lines out, and who
// has both sides needs none of them.
func (s *Source) Base(n Name, ref string) (string, error) {
	if !n.valid() || n.Ref == "" || !validRef(ref) {
		return "", errors.New("this is no name of a repository, or of a version of one")
	}
	var answer struct {
		Base struct{ SHA string } `json:"merge_base_commit"`
	}
	err := s.get(github.Path("repos", n.Owner, n.Repository, "compare", ref+"..."+n.Ref), url.Values{"per_page": {"1"}, "page": {"2"}}, &answer)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		n.Ref = ref
		return "", &MissingError{Name: n, Ref: true, Anonymous: s.client.Anonymous()}
	case err != nil:
		return "", err
	case !commitName.MatchString(answer.Base.SHA):
		return "", fmt.Errorf("GitHub names no commit that %s has in common with %s", n, ref)
	}
	return answer.Base.SHA, nil
}

// Before returns the files of a commit of which a later state is at hand, in a
// folder that lies at a prefix below the repository's root ("" or with a slash
// at its end). A file that is still the same is read there, so that only what
// changed is asked for.
func (s *Source) Before(n Name, local fs.FS, prefix string) (fs.FS, error) {
	t, err := s.tree(n)
	if err != nil {
		return nil, err
	}
	if prefix == "" {
		return &before{tree: t, local: local}, nil
	}
	return fs.Sub(&before{tree: t, local: local, prefix: prefix}, strings.TrimSuffix(prefix, "/"))
}

// before is a tree of which a later state is at hand.
type before struct {
	*tree
	local  fs.FS
	prefix string
}

// Open implements [fs.FS].
func (b *before) Open(name string) (fs.File, error) {
	n, err := b.find(name)
	if below, ok := strings.CutPrefix(name, b.prefix); err == nil && ok && n.mode.IsRegular() {
		b.same(below, n)
	}
	return b.tree.Open(name)
}

// same takes the content of a file from the later state if it is that of the
// tree.
func (b *before) same(name string, n *node) {
	info, err := fs.Stat(b.local, name)
	if err != nil || !info.Mode().IsRegular() || info.Size() != n.size || n.size > maxFile {
		return
	}
	data, err := fs.ReadFile(b.local, name)
	if err != nil || blobID(data) != n.id {
		return
	}
	n.data.once.Do(func() { n.data.data = data })
}

// blobID is the object ID that git gives a file's content. GitHub's
// repositories have SHA-1 ones.
func blobID(data []byte) string {
	sum := sha1.New()
	fmt.Fprintf(sum, "blob %d\x00", len(data))
	sum.Write(data)
	return hex.EncodeToString(sum.Sum(nil))
}
