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

// linker makes the addresses of one repository's lines.
type linker struct {
	web string // "" where nothing can be linked to
	// tree is the address of the commit's files, with a slash at its end; ""
	// for a repository that is not known to be on GitHub.
	tree string
}

// linker returns what makes the addresses of a repository's lines.
func (o Options) linker(repository *audit.Repository) linker {
	l := linker{web: o.web()}
	if repository == nil || repository.Name == nil || !slug.MatchString(*repository.Name) {
		return l
	}
	ref := "HEAD"
	if repository.Ref != nil && *repository.Ref != "" {
		ref = *repository.Ref
	}
	l.tree = l.address(*repository.Name + "/blob/" + ref)
	if l.tree != "" {
		l.tree += "/"
	}
	return l
}

// line is the page of a file's line at the commit that was read; "" where there
// is none. Line 0 means the whole file.
func (l linker) line(file string, line int) string {
	var address string
	if strings.Contains(file, "@") && audit.Elsewhere(file) {
		owner, rest, _ := strings.Cut(file, "/")
		at, path, _ := strings.Cut(rest, "/")
		project, version, _ := strings.Cut(at, "@")
		address = l.address(owner + "/" + project + "/blob/" + version + "/" + path)
	} else if path, ok := escapePath(file); ok && l.tree != "" {
		address = l.tree + path
	}
	if address != "" && line > 0 {
		address += "#L" + strconv.Itoa(line)
	}
	return address
}

// address is the page at a path of the web address.
func (l linker) address(path string) string {
	escaped, ok := escapePath(path)
	if l.web == "" || !ok {
		return ""
	}
	return l.web + "/" + escaped
}

// linkLimit is how long a segment of an address may be.
const linkLimit = 512

// escapePath escapes each segment of a path. It refuses those that a browser
// would walk to another page.
func escapePath(path string) (escaped string, ok bool) {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if segment == "" || segment == "." || segment == ".." || len(segment) > linkLimit {
			return "", false
		}
		segments[i] = url.PathEscape(segment)
	}
	return strings.Join(segments, "/"), true
}
