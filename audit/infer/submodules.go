package infer

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// privateSubmodules is the reason that hangs on who may read the submodules.
const privateSubmodules = "private-submodules"

// UpdatesSubmodules is the operation that reads submodules alone.
const UpdatesSubmodules = "git submodule update"

// maxSubmodules bounds the submodules that are looked at.
const maxSubmodules = 100

// withSubmodules names the repositories that an operation reads as submodules,
// where .gitmodules tells: whether GITHUB_TOKEN reads these is what the reason
// asks. Submodules of submodules (recursive) are not seen, so that there the
// question stays open as it is.
func (in *inferrer) withSubmodules(op Operation, recursive bool) []Operation {
	own := len(op.Targets) == 1 && op.Targets[0].Kind == Self
	if !own || !slices.Contains(op.Reasons, privateSubmodules) {
		return []Operation{op}
	}
	targets, ok := in.submoduleTargets()
	none := !ok && in.withoutSubmodules()
	if !ok && !none {
		return []Operation{op}
	}
	if none || !recursive {
		op.Reasons = slices.DeleteFunc(slices.Clone(op.Reasons), func(code string) bool { return code == privateSubmodules })
		if len(op.Reasons) == 0 {
			op.Answer = rules.AnswerYes
		}
	}
	if len(targets) == 0 {
		return []Operation{op}
	}
	return []Operation{op, {
		Names: []string{UpdatesSubmodules}, Targets: targets, Answer: rules.AnswerConditional, Reasons: []string{privateSubmodules},
		Needs: needs("contents:read"), Confidence: "high", Place: op.Place,
	}}
}

// withoutSubmodules tells whether the repository surely has no submodules: it has
// no .gitmodules, and is all there.
func (in *inferrer) withoutSubmodules() bool {
	if in.options.Read == nil || in.general() {
		return false
	}
	_, err := in.options.Read(".gitmodules")
	return errors.Is(err, fs.ErrNotExist) && in.isWhole()
}

// isWhole tells whether the repository is all there. Of some no more is at hand than
// what workflows and actions say; a file beside these shows that it is not so. What a
// call takes in general hangs on no tree.
func (in *inferrer) isWhole() bool {
	return in.options.List != nil && !in.general() && slices.ContainsFunc(in.options.List("."), func(name string) bool { return name != "action.yml" && name != "action.yaml" })
}

// lacks tells whether the repository surely has no such folder, where it is what the
// workspace holds.
func (in *inferrer) lacks(folder string) bool {
	if root := in.session.trees["."]; in.options.All == nil || root != nil && !in.isSelf(root.origin) || !in.isWhole() {
		return false
	}
	all := in.options.All()
	n, _ := slices.BinarySearch(all, folder+"/")
	return n == len(all) || !strings.HasPrefix(all[n], folder+"/")
}

// submoduleTargets are the repositories on GitHub that .gitmodules names. ok
// is false where there is no such file, or one of them cannot be told.
func (in *inferrer) submoduleTargets() (targets []Target, ok bool) {
	if in.options.Read == nil {
		return nil, false
	}
	source, err := in.options.Read(".gitmodules")
	list := settings.Submodules(string(source))
	if err != nil || len(list) == 0 || len(list) > maxSubmodules {
		return nil, false
	}
	for _, m := range list {
		t, here, known := in.submodule(m.Address)
		switch {
		case !known:
			return nil, false
		case here && t.Kind != Self && !slices.Contains(targets, t):
			targets = append(targets, t)
		}
	}
	return targets, true
}

// submodule resolves the address of a submodule; one that begins with ./ or
// ../ is relative to the address of the repository. here is false for one on
// another host, known for one that cannot be told.
func (in *inferrer) submodule(address string) (t Target, here, known bool) {
	if !strings.HasPrefix(address, ".") {
		t, here = in.target(value.Text(address))
		return t, here, !here || t.Kind != UnknownTarget
	}
	owner, name, ok := beside(address)
	if !ok {
		return Target{}, false, false
	}
	return in.repository(owner, value.Text(name)), true, true
}

// submodulesOf are the submodules of a tree of the audited repository; of
// those of another one nothing is known.
func (in *inferrer) submodulesOf(t *tree) []settings.Submodule {
	if changed := in.staleModules(); (!in.listed || changed) && in.options.Read != nil {
		in.listed, in.modules = !changed, nil
		if source, err := in.options.Read(".gitmodules"); err == nil {
			in.modules = settings.Submodules(string(source))
		}
		if len(in.modules) > maxSubmodules {
			in.modules = in.modules[:maxSubmodules]
		}
	}
	if len(in.modules) == 0 || !in.isSelf(t.origin) {
		return nil
	}
	return in.modules
}

// staleModules tells whether the job has changed .gitmodules by now.
func (in *inferrer) staleModules() bool {
	return in.index < len(in.job.Sites) && in.job.Sites[in.index].Changed(".gitmodules")
}

// submodule returns the tree that holds a folder below that of a tree: the
// submodule that lies there, or else the tree itself. Where the submodule was
// not fetched, the folder is empty, and nobody works there.
func (s *session) submodule(t *tree, at, dir string) *tree {
	if at == dir || s.submodules == nil || strings.HasPrefix(dir, "?") || strings.HasPrefix(dir, "/") {
		return t
	}
	rest := strings.TrimPrefix(dir, at+"/")
	for _, m := range s.submodules(t) {
		if m.Path != "" && m.Path != "." && (rest == m.Path || strings.HasPrefix(rest, m.Path+"/")) {
			inner := s.enter(t, joinFolder(at, m.Path), originOf(m))
			switch m.Branch {
			case "":
			case ".":
				inner.branch = t.branch
			default:
				inner.branch = value.Text(m.Branch)
			}
			return inner
		}
	}
	return t
}

// eachSubmodule returns the tree that stands for each submodule, where a folder
// names them: they are pushed to as one.
func (s *session) eachSubmodule(dir string) *tree {
	at, _, ok := strings.Cut(dir, shell.SubmodulePath)
	if !ok || !strings.HasPrefix(dir, "?") {
		return nil
	}
	key := at + shell.SubmodulePath
	if t := s.trees[key]; t != nil {
		return t
	}
	t := s.tree(path.Clean("./" + strings.TrimPrefix(at, "?")))
	var origins []value.Value
	if s.submodules != nil {
		for _, m := range s.submodules(t) {
			origins = append(origins, originOf(m))
		}
	}
	if len(origins) == 0 {
		origins = []value.Value{value.Unknown("its submodules")}
	}
	return s.enter(t, key, value.Choice(origins...))
}

// enter makes the tree of a submodule. What a checkout stored for the tree
// above, it stores for its submodules as well.
func (s *session) enter(t *tree, dir string, origin value.Value) *tree {
	s.trees[dir] = &tree{
		origin: origin, remotes: map[string]trace.Kept{}, header: t.header, doubted: t.doubted, version: t.version, within: t,
		branch: value.Context("github.event.repository.default_branch"),
	}
	return s.trees[dir]
}

// leaveSubmodules forgets the submodules of a tree that is made anew.
func (s *session) leaveSubmodules(t *tree) {
	if t != nil {
		maps.DeleteFunc(s.trees, func(_ string, m *tree) bool { return m.within == t })
	}
}

// originOf is the address of a submodule. One that begins with ../ is relative
// to the address of the repository.
func originOf(m settings.Submodule) value.Value {
	if !strings.HasPrefix(m.Address, ".") {
		return value.Text(m.Address)
	}
	owner, name, ok := beside(m.Address)
	if !ok {
		return value.Unknown(m.Address)
	}
	return value.Concat(owner, value.Text("/"+name))
}

// beside resolves an address that is relative to that of the repository. What
// stands for this has two parts, as its address has.
func beside(address string) (owner value.Value, name string, ok bool) {
	parts := strings.Split(path.Join("host/owner/name", strings.TrimSuffix(address, ".git")), "/")
	if len(parts) != 3 || parts[0] != "host" {
		return nil, "", false
	}
	if strings.Count(address, "../") < 2 {
		return value.Context("github.repository_owner"), parts[2], true
	}
	return value.Text(parts[1]), parts[2], true
}
