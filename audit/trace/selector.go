package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// selector is one filter of packages as pnpm and turbo have them, see
// https://pnpm.io/filtering: by name or folder, with what they depend on
// ("name...") or what depends on them ("...name"), or by what changed since a
// commit, which is not known here.
type selector struct {
	name, dir                    string
	not, needs, needed, only, by bool
}

// selectorParts matches the name, the folder and the commit of a selector.
var selectorParts = regexp.MustCompile(`^([^.{\[][^{\[]*)?(?:\{([^}]+)\})?(\[[^\]]+\])?$`)

// parseSelector takes a selector apart; from is the folder that it is relative
// to.
func parseSelector(text, from string) (s selector, ok bool) {
	text, s.not = strings.CutPrefix(text, "!")
	if text, s.needs = strings.CutSuffix(text, "..."); s.needs {
		text, s.only = strings.CutSuffix(text, "^")
	}
	if text, s.needed = strings.CutPrefix(text, "..."); s.needed {
		if rest, only := strings.CutPrefix(text, "^"); only {
			text, s.only = rest, true
		}
	}
	if text == "." || strings.HasPrefix(text, "./") || strings.HasPrefix(text, "../") {
		s.dir = path.Join(from, text)
		return s, true
	}
	m := selectorParts.FindStringSubmatch(text)
	if m == nil || text == "" {
		return s, false
	}
	if s.name, s.by = m[1], m[3] != ""; m[2] != "" {
		s.dir = path.Join(from, m[2])
	}
	return s, true
}

// several tells whether a selector stands for whatever packages there are.
func (s selector) several() bool {
	return s.name == "" && s.dir == "" || strings.ContainsAny(s.name+s.dir, "*?[{")
}

// matches tells whether a selector names a package.
func (s selector) matches(p *packageFolder) bool {
	if s.dir != "" && p.dir != s.dir {
		if ok, _ := doublestar.Match(s.dir, p.dir); !ok {
			return false
		}
	}
	if s.name == "" || s.name == p.Name || s.name == "//" && p.dir == "." {
		return true
	}
	ok, _ := doublestar.Match(s.name, p.Name)
	return ok
}

// named are the packages of one selector, without what depends on them.
func (w *workspace) named(s selector) []*packageFolder {
	var out []*packageFolder
	for _, p := range w.packages {
		if s.matches(p) {
			out = append(out, p)
		}
	}
	if len(out) == 0 && s.name != "" && !strings.ContainsAny(s.name, "@/") {
		// A name without its scope will do where there is only one.
		scoped := s
		scoped.name = "@*/" + s.name
		for _, p := range w.packages {
			if scoped.matches(p) {
				out = append(out, p)
			}
		}
		if len(out) > 1 {
			return nil
		}
	}
	return out
}

// selected are the packages that filters name, in the order of the workspace;
// why says why that cannot be told. What changed since a commit may be any
// package.
func (w *workspace) selected(filters []string, from string) (packages []*packageFolder, why string) {
	in, out := map[*packageFolder]bool{}, map[*packageFolder]bool{}
	positive := false
	for _, text := range filters {
		s, ok := parseSelector(text, from)
		if !ok {
			return nil, "has a filter that is not understood: " + text
		}
		found := w.named(s)
		if s.not {
			if !s.needs && !s.needed && !s.by {
				for _, p := range found {
					out[p] = true
				}
			}
			continue
		}
		positive = true
		if s.several() && w.missing != "" {
			return nil, "runs in packages of a workspace, and " + w.missing
		}
		if len(found) == 0 {
			return nil, "names the package " + text + ", which is not in this checkout"
		}
		for _, p := range found {
			in[p] = in[p] || !s.only
		}
		if s.needs {
			w.reach(found, in, w.needsOf)
		}
		if s.needed {
			w.reach(found, in, w.neededBy())
		}
	}
	if !positive && w.missing != "" {
		return nil, "runs in packages of a workspace, and " + w.missing
	}
	for _, p := range w.packages {
		if (in[p] || !positive) && !out[p] {
			packages = append(packages, p)
		}
	}
	return packages, ""
}

// needsOf are the packages of the workspace that one depends on.
func (w *workspace) needsOf(p *packageFolder) []*packageFolder {
	var out []*packageFolder
	for _, names := range []map[string]any{p.Dependencies, p.DevDependencies, p.PeerDependencies, p.OptionalDependencies} {
		for name := range names {
			out = append(out, w.byName[name]...)
		}
	}
	return out
}

// neededBy returns what tells which packages depend on one.
func (w *workspace) neededBy() func(*packageFolder) []*packageFolder {
	by := map[*packageFolder][]*packageFolder{}
	for _, p := range w.packages {
		for _, need := range w.needsOf(p) {
			by[need] = append(by[need], p)
		}
	}
	return func(p *packageFolder) []*packageFolder { return by[p] }
}

// reach adds what packages lead to by next, over any number of steps.
func (w *workspace) reach(from []*packageFolder, in map[*packageFolder]bool, next func(*packageFolder) []*packageFolder) {
	seen := map[*packageFolder]bool{}
	for queue := slices.Clone(from); len(queue) > 0; queue = queue[1:] {
		for _, p := range next(queue[0]) {
			if !seen[p] {
				seen[p], in[p] = true, true
				queue = append(queue, p)
			}
		}
	}
}
