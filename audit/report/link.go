package report

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// slug matches the name of a repository on GitHub.
var slug = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+$`)

// lineLink is the page of a file's line at the commit that was read; "" where
// there is none. Line 0 means the whole file.
func (o Options) lineLink(repository *audit.Repository, file string, line int) string {
	if o.web() == "" || repository.Name == nil || !slug.MatchString(*repository.Name) {
		return ""
	}
	name, ref := *repository.Name, "HEAD"
	if repository.Ref != nil && *repository.Ref != "" {
		ref = *repository.Ref
	}
	if audit.Elsewhere(file) {
		owner, rest, _ := strings.Cut(file, "/")
		at, path, _ := strings.Cut(rest, "/")
		project, version, _ := strings.Cut(at, "@")
		name, ref, file = owner+"/"+project, version, path
	}
	path := name + "/blob/" + ref + "/" + file
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" || segment == "." || segment == ".." || len(segment) > linkLimit {
			return "" // a browser would walk it to another page
		}
	}
	address := o.web() + "/" + escapePath(path)
	if line > 0 {
		address += "#L" + strconv.Itoa(line)
	}
	return address
}

// linkLimit is how long a segment of an address may be.
const linkLimit = 512

// escapePath escapes each segment of a path.
func escapePath(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segments[i] = url.PathEscape(segment)
	}
	return strings.Join(segments, "/")
}
