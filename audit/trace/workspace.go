package trace

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/value"
)

// The bounds of a workspace: how many packages are read, and how many folders
// are listed to find them.
const (
	maxPackages = 1000
	maxFolders  = 4000
)

// workspace are the packages that the package managers of JavaScript know
// together: those that pnpm-workspace.yaml, package.json or lerna.json lists.
// It is wrong where a job makes packages first, or takes some away.
type workspace struct {
	// packages are sorted by folder, the workspace's own first.
	packages []*packageFolder
	byName   map[string][]*packageFolder
	// missing says which packages are not known, "" where all are.
	missing string
	// lone says that nx has projects here that are no packages.
	lone bool
}

// packageFolder is a package.
type packageFolder struct {
	// dir is its folder from that of the workspace, file its package.json in
	// the repository.
	dir, file string
	source    []byte
	manifest
}

// root is the package of the workspace's own folder; nil where that has none.
func (w *workspace) root() *packageFolder {
	if len(w.packages) > 0 && w.packages[0].dir == "." {
		return w.packages[0]
	}
	return nil
}

// find returns the packages of a name; where there is none, the one in a folder
// of that name or path, as nx calls it.
func (w *workspace) find(name string) []*packageFolder {
	if found := w.byName[name]; len(found) > 0 {
		return found
	}
	for _, p := range w.packages {
		if p.dir == name || path.Base(p.dir) == name {
			return []*packageFolder{p}
		}
	}
	return nil
}

// at is the package in a folder, or the nearest around it.
func (w *workspace) at(dir string) *packageFolder {
	for ; ; dir = path.Dir(dir) {
		if i := slices.IndexFunc(w.packages, func(p *packageFolder) bool { return p.dir == dir }); i >= 0 {
			return w.packages[i]
		}
		if dir == "." || dir == "/" || strings.HasPrefix(dir, "..") {
			return nil
		}
	}
}

// workspaceAround finds the workspace in which a folder of the runner lies, the
// folder that it begins in, and where the former lies in it. It is nil where
// there is none, and in the files of other repositories.
func (r *run) workspaceAround(dir value.Value) (w *workspace, base, from string) {
	from, known := repositoryPath(dir).Literal()
	if from = path.Clean(from); !known || path.IsAbs(from) || strings.HasPrefix(from, "..") {
		from = "."
	}
	for base = from; ; base = path.Dir(base) {
		folder, other := r.inside(base)
		if other != "" || r.t.away.folders[folder] || r.t.away.holds(folder) {
			return nil, "", ""
		}
		if w := r.t.workspace(folder); w != nil {
			if base != "." {
				from, _ = below(base, from+"/")
				from = path.Clean("./" + from)
			}
			return w, base, from
		}
		if base == "." {
			return nil, "", ""
		}
	}
}

// workspace returns the one that begins in a folder of the repository; nil for
// none.
func (t *tracer) workspace(folder string) *workspace {
	if w, known := t.workspaces[folder]; known {
		return w
	}
	t.workspaces[folder] = nil
	if patterns := t.workspacePatterns(folder); len(patterns) > 0 {
		t.workspaces[folder] = t.readWorkspace(folder, patterns)
	}
	return t.workspaces[folder]
}

// workspacePatterns are the folders of packages that the files of a folder
// name.
func (t *tracer) workspacePatterns(folder string) []string {
	var out []string
	var listed struct {
		Packages []string `yaml:"packages"`
	}
	for _, name := range []string{"pnpm-workspace.yaml", "pnpm-workspace.yml"} {
		if source, err := t.repository.Read(path.Join(folder, name)); err == nil && yaml.Unmarshal(source, &listed) == nil {
			out = append(out, listed.Packages...)
		}
	}
	var m struct {
		Workspaces json.RawMessage `json:"workspaces"`
	}
	if source, err := t.repository.Read(path.Join(folder, "package.json")); err == nil && json.Unmarshal(source, &m) == nil && m.Workspaces != nil {
		var detailed struct {
			Packages []string `json:"packages"`
		}
		var plain []string
		if json.Unmarshal(m.Workspaces, &plain) != nil {
			_ = json.Unmarshal(m.Workspaces, &detailed) // what is neither lists none
		}
		out = slices.Concat(out, plain, detailed.Packages)
	}
	var lerna struct {
		Packages []string `json:"packages"`
	}
	if source, err := t.repository.Read(path.Join(folder, "lerna.json")); err == nil && json.Unmarshal(source, &lerna) == nil {
		out = append(out, lerna.Packages...)
	}
	return out
}

// readWorkspace reads the packages that patterns name below a folder.
func (t *tracer) readWorkspace(folder string, patterns []string) *workspace {
	w := &workspace{byName: map[string][]*packageFolder{}}
	search := folderSearch{t: t, root: folder}
	for _, p := range patterns {
		text, not := strings.CutPrefix(strings.TrimSpace(p), "!")
		text = strings.TrimSuffix(strings.Trim(strings.TrimPrefix(text, "./"), "/"), "/package.json")
		switch {
		case text == "" || !doublestar.ValidatePattern(text):
		case not:
			search.not = append(search.not, text)
		default:
			search.patterns = append(search.patterns, text)
		}
	}
	search.walk(".")
	for _, dir := range append([]string{"."}, search.found...) {
		file := path.Join(folder, dir, "package.json")
		source, err := t.repository.Read(file)
		if err != nil {
			continue
		}
		p := &packageFolder{dir: dir, file: file, source: source}
		if json.Unmarshal(source, &p.manifest) != nil {
			w.missing = file + " does not parse as JSON"
			continue
		}
		w.packages = append(w.packages, p)
		if p.Name != "" {
			w.byName[p.Name] = append(w.byName[p.Name], p)
		}
	}
	if search.full {
		w.missing = "the workspace has more packages than are read"
	}
	for _, m := range settings.Submodules(t.text(".gitmodules")) {
		dir, ok := below(folder, m.Path)
		if ok && (search.mayHold(dir) || matchesAny(search.patterns, dir)) && len(t.repository.Files(m.Path)) == 0 {
			w.missing = "some may lie in the submodule " + m.Path + ", which is not in this checkout"
		}
	}
	for _, pattern := range []string{"*/project.json", "*/*/project.json"} {
		for _, file := range t.repository.Glob(path.Join(folder, pattern)) {
			dir, _ := below(folder, path.Dir(file))
			w.lone = w.lone || !slices.ContainsFunc(w.packages, func(p *packageFolder) bool { return p.dir == dir })
		}
	}
	return w
}

// text reads a file that may be there.
func (t *tracer) text(name string) string {
	source, _ := t.repository.Read(name)
	return string(source)
}

// folderSearch lists the folders that patterns match.
type folderSearch struct {
	t             *tracer
	root          string
	patterns, not []string
	found         []string
	listed        int
	full          bool
}

// walk looks through a folder, whose path is from the root.
func (s *folderSearch) walk(dir string) {
	if s.listed++; s.listed > maxFolders || len(s.found) > maxPackages {
		s.full = true
		return
	}
	for _, name := range s.t.repository.Folders(path.Join(s.root, dir)) {
		sub := path.Join(dir, name)
		if name == "node_modules" || name == ".git" || matchesAny(s.not, sub) {
			continue
		}
		if matchesAny(s.patterns, sub) {
			s.found = append(s.found, sub)
		}
		if s.mayHold(sub) {
			s.walk(sub)
		}
	}
}

// mayHold tells whether a pattern may match something in a folder.
func (s *folderSearch) mayHold(dir string) bool {
	segments := strings.Split(dir, "/")
	return slices.ContainsFunc(s.patterns, func(pattern string) bool {
		for i, p := range strings.Split(pattern, "/") {
			if p == "**" || i == len(segments) {
				return true
			}
			if ok, _ := doublestar.Match(p, segments[i]); !ok {
				return false
			}
		}
		return false
	})
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := doublestar.Match(p, name)
		return ok
	})
}
