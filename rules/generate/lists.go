package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

// lists are what GitHub's documentation is made from: which permission every
// operation stands under, and which kinds of token may call it.
type lists struct {
	// version is the version of the REST API ("2026-03-10").
	version string
	// permissions are all that are listed, with their accesses.
	permissions map[rules.Permission]*listedPermission
	// operations are by method and path.
	operations map[string]*listing
}

// listedPermission is a permission of the lists.
type listedPermission struct {
	accesses    []string
	fineGrained bool
}

// listing is what the lists say of an operation.
type listing struct {
	needs []string
	// fineGrained, installation and user tell for which tokens it is listed
	// under a permission, or else in the plain lists.
	fineGrained, installation, user bool
}

// entry is an operation in the files. The plain lists have only its verb and
// its path.
type entry struct {
	Verb         string `json:"verb"`
	Path         string `json:"requestPath"`
	Access       string `json:"access"`
	User         bool   `json:"user-to-server"`
	Installation bool   `json:"server-to-server"`
}

func (e entry) route() string { return strings.ToUpper(e.Verb) + " " + e.Path }

// readLists reads a checkout of github/docs, or its folder of these files.
func readLists(folder string) (*lists, error) {
	newest := ""
	for _, pattern := range []string{"src/github-apps/data/fpt-*", "fpt-*"} {
		found, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(pattern)))
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			newest = max(newest, f)
		}
	}
	if newest == "" {
		return nil, fmt.Errorf("%s: no folder src/github-apps/data/fpt-*: is it a checkout of github/docs?", folder)
	}
	l := &lists{
		version:     strings.TrimPrefix(filepath.Base(newest), "fpt-"),
		permissions: map[rules.Permission]*listedPermission{}, operations: map[string]*listing{},
	}
	for _, file := range []string{"server-to-server-permissions", "fine-grained-pat-permissions"} {
		if err := l.readPermissions(filepath.Join(newest, file+".json"), file == "fine-grained-pat-permissions"); err != nil {
			return nil, err
		}
	}
	return l, l.readPlain(newest)
}

// readPermissions reads a file that has the operations under permissions.
func (l *lists) readPermissions(path string, fineGrained bool) error {
	var file map[string]struct {
		Title   string  `json:"displayTitle"`
		Entries []entry `json:"permissions"`
	}
	if err := readJSON(path, &file); err != nil {
		return err
	}
	if len(file) == 0 {
		return fmt.Errorf("%s: no permissions", path)
	}
	for name, f := range file {
		level, err := levelOf(f.Title)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", path, name, err)
		}
		key := rules.Permission{Level: level, Name: name}
		p := l.permissions[key]
		if p == nil {
			p = &listedPermission{}
			l.permissions[key] = p
		}
		p.fineGrained = p.fineGrained || fineGrained
		for _, e := range f.Entries {
			if !slices.Contains(p.accesses, e.Access) {
				p.accesses = append(p.accesses, e.Access)
			}
			o := l.operation(e)
			key.Access = e.Access
			if need := key.String(); !slices.Contains(o.needs, need) {
				o.needs = append(o.needs, need)
			}
			o.fineGrained = o.fineGrained || fineGrained
			o.installation, o.user = o.installation || e.Installation, o.user || e.User
		}
	}
	for _, o := range l.operations {
		slices.Sort(o.needs)
	}
	return nil
}

// levelOf reads the heading of a permission: Repository permissions for
// "Contents".
func levelOf(title string) (rules.Level, error) {
	first, _, _ := strings.Cut(title, " ")
	switch first {
	case "Repository":
		return rules.LevelRepository, nil
	case "Organization":
		return rules.LevelOrganization, nil
	case "User", "Account":
		return rules.LevelAccount, nil
	case "Enterprise":
		return rules.LevelEnterprise, nil
	}
	return "", fmt.Errorf("heading %q: not of a repository, an organization, a user or an enterprise", title)
}

// readPlain reads the lists of what a kind of token may call. For operations
// under a permission those say less than the files of permissions: they do
// not tell an installation's token from a user's.
func (l *lists) readPlain(folder string) error {
	for file, tell := range map[string]func(*listing){
		"fine-grained-pat":      func(o *listing) { o.fineGrained = true },
		"server-to-server-rest": func(o *listing) { o.installation = o.installation || len(o.needs) == 0 },
		"user-to-server-rest":   func(o *listing) { o.user = o.user || len(o.needs) == 0 },
	} {
		var categories map[string][]entry
		if err := readJSON(filepath.Join(folder, file+".json"), &categories); err != nil {
			return err
		}
		for _, entries := range categories {
			for _, e := range entries {
				tell(l.operation(e))
			}
		}
	}
	return nil
}

func (l *lists) operation(e entry) *listing {
	o := l.operations[e.route()]
	if o == nil {
		o = &listing{}
		l.operations[e.route()] = o
	}
	return o
}

// of returns what the lists say of an operation; never nil.
func (l *lists) of(method, path string) *listing {
	if o := l.operations[method+" "+path]; o != nil {
		return o
	}
	return &listing{}
}

// kind returns the cell "installation".
func (o *listing) kind() string {
	switch {
	case o.installation:
		return "1"
	case o.user:
		return "u"
	}
	return "0"
}

// pat returns the cell "fine_grained_pat".
func (o *listing) pat() string {
	if o.fineGrained {
		return "1"
	}
	return "0"
}
