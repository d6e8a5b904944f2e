package infer

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// session is what the steps of a job leave behind for later ones on the same
// machine: working trees, stored credentials, a login of gh.
type session struct {
	// trees are the working trees by folder, "." for the workspace.
	trees map[string]*tree
	// login is what gh was logged in with.
	login trace.Kept
	// rewrites are url.<base>.insteadOf and pushInsteadOf settings.
	rewrites []rewrite
	// header is a global http.extraheader, netrc what ~/.netrc holds.
	header, netrc trace.Kept
	// helper says that `gh auth setup-git` or a credential helper makes git
	// use the token that gh has at the time.
	helper bool
	// registry is the package registry that a step set up for npm.
	registry value.Value
	// maven are the variables from which settings.xml takes the passwords of
	// servers, by the servers' ids.
	maven map[string]string
	// sources are the sources of NuGet's packages that were added, by their names
	// in lower case.
	sources map[string]nugetSource
	// pushDefault is git's setting push.default.
	pushDefault trace.Kept
	// pushTo is its setting remote.pushDefault for all repositories.
	pushTo trace.Kept
	// followTags is its setting push.followTags; pushes are the refspecs of
	// remotes, for a push that is given none.
	followTags trace.Kept
	pushes     []guarded
	// aliases are git's, by their names.
	aliases map[string]trace.Kept
	// goPrivate is Go's setting GOPRIVATE.
	goPrivate value.Value
	// npm are npm's settings that hold a token for GitHub's registry.
	npm trace.Kept
	// stored is what a credential helper was handed (git credential approve,
	// ~/.git-credentials).
	stored trace.Kept
	// submodules returns those of a tree; nil where there are none.
	submodules func(t *tree) []settings.Submodule
	// lacks tells whether the repository surely has no such folder.
	lacks func(folder string) bool
	// pushed are the pushes of branches, one after the other.
	pushed []Event
	// closes says that the job has opened a pull request whose text closes an
	// issue, if it is merged.
	closes bool
	// lists are the commands that listed files.
	lists []list
}

// tokens are the secrets in the addresses that git takes in place of others.
func (s *session) tokens() (names []string) {
	for _, r := range s.rewrites {
		if !addressed(r.base) {
			continue
		}
		for _, c := range r.base.Credentials() {
			if c.Kind == value.Secret {
				names = append(names, c.Name)
			}
		}
	}
	return names
}

// propose adds to what the opening of a pull request causes what is known of the
// commit at its head, where the job has pushed that: a branch of another owner is
// none that it has pushed here.
func (s *session) propose(e *Event, repository string) {
	head := e.Attributes["head"]
	if owner, name, named := strings.Cut(head.LiteralOr(""), ":"); named {
		if own, _, _ := strings.Cut(repository, "/"); !strings.EqualFold(owner, own) {
			return
		}
		head = value.Text(name)
	}
	for _, push := range slices.Backward(s.pushed) {
		if len(head) > 0 && push.Attributes["branch"].Equal(head) {
			e.Skipped, e.Commits = push.Skipped, push.Commits
			return
		}
	}
}

// rewrite is one such setting, with the conditions under which it was made.
type rewrite struct {
	base, insteadOf value.Value
	guards          []string
	// push says that it is for pushes alone; dir is the folder whose tree it is for,
	// "" for all.
	push bool
	dir  string
}

// tree is a working tree.
type tree struct {
	// origin is its repository's address or name.
	origin value.Value
	// remotes are further remotes, and origin where it was changed.
	remotes map[string]trace.Kept
	// resolved is the repository that gh was told to take for it.
	resolved trace.Kept
	// header is the credential that actions/checkout stored for it; empty
	// where it did not.
	header trace.Kept
	// doubted says that code of the job may have taken the header away again,
	// or that the checkout may have stored none.
	doubted bool
	// guards are the conditions under which the step ran that made it.
	guards []string
	// version is that of the actions/checkout which stored the header, "" where
	// it is not known.
	version string
	// branch is the branch that is checked out.
	branch value.Value
	// pull says that the branch is a pull request's, checked out by its number:
	// what is pushed without a remote goes to the repository of its head. base
	// is the branch that it is for, where the branch is one of a pull request.
	pull bool
	base value.Value
	// created says that the branch was made in this job.
	created bool
	// over says that it was made whether it was there before or not. entered
	// are those that were checked out by their name alone.
	over    bool
	entered []value.Value
	// before is what was checked out before the branch, nil where that is not
	// known.
	before *head
	// upstream is the branch of the remote that the branch follows, where it
	// has another name.
	upstream trace.Kept
	// pushTo is the remote to which a push goes that names none, by
	// remote.pushDefault, branchPushTo the same by the setting of a branch.
	pushTo       trace.Kept
	branchPushTo map[string]trace.Kept
	// pushURL are the addresses of remotes that are for pushes alone.
	pushURL map[string]trace.Kept
	// branches are those that were checked out, made or renamed in it.
	branches []value.Value
	// fetched is the branch that was fetched last by its name.
	fetched value.Value
	// apart says that its history is not the repository's: a new repository,
	// an orphan branch.
	apart bool
	// foreign has the names that commits of another repository were fetched
	// under, and where from; brought says where those are from that were merged
	// into the branch.
	foreign map[string]string
	brought string
	// modules says that its submodules were fetched.
	modules bool
	// within is the tree that it is a submodule of, nil for none.
	within *tree
	// assumed says that no step was seen to make it; empty that it is a new
	// repository into which nothing was fetched yet.
	assumed, empty bool
	// lost says that it stands for several of which one may be that of a folder
	// which is not there.
	lost bool
	// tags are those made in this job, annotated those of them that are more
	// than a name, and so go along with their commit.
	tags, annotated []value.Value
	// named are those whose name the code says, with what makes them.
	named []madeTag
	// heavy tells that one of the tags may be annotated all the same.
	heavy bool
	// added are the paths that were staged; open says that others may be, and
	// committed that there was a commit since the branch was made.
	added           []string
	open, committed bool
	// taken are other branches whose commits came into the branch.
	taken []value.Value
	// edited says that a command changed workflow files in it, mayEdit what may
	// have done so, "" for nothing.
	edited  bool
	mayEdit string
	// spared says that what was staged last was all but the workflow files.
	spared bool
	// message is the message of the commit at the head of the branch, where
	// the job made that, by the code at made; wrote says that some commit of
	// the job had one. merged are other branches that were merged in since.
	message value.Value
	made    *trace.Site
	wrote   bool
	merged  []value.Value
	// joined are the branches that came in since by any way, loose that a
	// commit did of which no message is known, and under what was the head
	// before each commit.
	joined []value.Value
	loose  bool
	under  []layer
	// left is the branch that was checked out before, of whose head said is
	// the message.
	left, said value.Value
}

func newSession() *session { return &session{trees: map[string]*tree{}} }

// folder returns the folder of a site, relative to the workspace; "?" and what
// it may be where it is not known, "?a|b" for one of two.
func folder(v value.Value) string {
	if len(v) > 0 && v[0].Context == "github.workspace" {
		v = value.Concat(value.Text("."), v[1:])
	}
	text, ok := v.Literal()
	switch {
	case ok && text == "":
		return "."
	case ok:
		return path.Clean(text)
	}
	all := v.Alternatives()
	names := make([]string, len(all))
	for i, w := range all {
		if names[i], ok = w.Literal(); !ok || strings.ContainsAny(names[i], "|$?") {
			return "?" + v.String()
		}
		names[i] = path.Clean(names[i])
	}
	return "?" + strings.Join(names, "|")
}

// tree returns the working tree that holds a folder: the nearest one above.
// Where no step made one, it is a tree of the workflow's own repository
// without credentials, as a self-hosted runner or a container may have.
func (s *session) tree(dir string) *tree {
	if strings.HasPrefix(dir, "?") {
		if t := s.eachSubmodule(dir); t != nil {
			return t
		}
		if t := s.oneOf(dir); t != nil {
			return t
		}
	}
	for d := dir; d != "."; d = above(d) {
		if t := s.trees[d]; t != nil {
			return s.submodule(t, d, dir)
		}
		if d == "/" || strings.HasPrefix(d, "?") {
			break
		}
	}
	t := s.trees["."]
	first := t == nil || strings.HasPrefix(dir, "?")
	if first {
		t = &tree{remotes: map[string]trace.Kept{}, branch: value.Context("github.ref_name"), assumed: true}
	}
	inner := s.submodule(t, ".", dir)
	if inner == t && s.lost(dir) {
		if either := s.oneOf("?" + dir); either != nil {
			either.lost = either == s.trees["?"+dir]
			return either
		}
	}
	if first {
		s.trees[dir] = t
	}
	return inner
}

// above is the folder around a clean path, which is copied nowhere.
func above(name string) string {
	switch n := strings.LastIndexByte(name, '/'); n {
	case -1:
		return "."
	case 0:
		return "/"
	default:
		return name[:n]
	}
}

// lost tells whether a folder of the workspace is neither in a tree that a step made
// there nor in the repository: it may be that of any tree, under another name. One
// that the job itself makes in the repository's tree is taken for lost as well, where
// there are other trees.
func (s *session) lost(dir string) bool {
	if strings.HasPrefix(dir, "?") || path.IsAbs(dir) || dir == "." || s.lacks == nil {
		return false
	}
	first, _, _ := strings.Cut(dir, "/")
	return first != ".." && s.lacks(first)
}

// oneOf returns the tree that stands for several, of which a folder that is not
// known lies in one: those that it names, or else all that are known. It is nil
// where there is none, and the tree itself where there is one.
func (s *session) oneOf(dir string) *tree {
	for d := dir; strings.HasPrefix(d, "?"); d = above(d) {
		if s.trees[d] != nil {
			return s.trees[d]
		}
	}
	var trees []*tree
	add := func(t *tree) {
		if !slices.Contains(trees, t) && len(trees) < maxTrees {
			trees = append(trees, t)
		}
	}
	if names := strings.Split(dir[1:], "|"); len(names) > 1 && !strings.ContainsAny(dir[1:], "$?{") {
		for _, name := range names {
			add(s.tree(name))
		}
	} else {
		for _, other := range slices.Sorted(maps.Keys(s.trees)) {
			if t := s.trees[other]; !t.assumed && t.within == nil {
				add(t)
			}
		}
	}
	switch {
	case len(trees) == 0:
		return nil
	case len(trees) == 1 && !trees[0].modules:
		return trees[0]
	}
	return s.joined(dir, trees)
}

// maxTrees bounds those that one tree stands for.
const maxTrees = 16

// joined makes the tree that stands for several.
func (s *session) joined(dir string, trees []*tree) *tree {
	t := &tree{remotes: map[string]trace.Kept{}}
	var origins, branches, headers []value.Value
	for _, other := range trees {
		origin := other.origin
		if kept, ok := other.remotes["origin"]; ok {
			origin = kept.All()
		}
		if len(origin) == 0 {
			origin = value.Context("github.repository")
		}
		origins, branches = append(origins, origin), append(branches, other.branch)
		if header := other.stored(); len(header) > 0 {
			headers = append(headers, header)
		}
		if other.modules && strings.Contains(dir, "$") {
			origins = append(origins, value.Unknown("a submodule"))
		}
		t.edited, t.open, t.doubted, t.lost = t.edited || other.edited, true, t.doubted || other.doubted, t.lost || other.lost
	}
	if !slices.ContainsFunc(origins, func(o value.Value) bool { return !o.Equal(origins[0]) }) {
		for _, other := range trees {
			t.mayEdit = cmp.Or(t.mayEdit, other.mayEdit)
		}
	}
	t.origin, t.branch = value.Choice(origins...), value.Choice(branches...)
	t.header = t.header.Keep(value.Choice(headers...), nil, nil)
	s.trees[dir] = t
	return t
}

// stores tells whether anything is stored that a later command could use.
func (s *session) stores() bool {
	for _, kept := range []trace.Kept{s.login, s.header, s.stored, s.netrc} {
		if kept.All().HoldsCredential() {
			return true
		}
	}
	for _, t := range s.trees {
		if t.held().HoldsCredential() {
			return true
		}
	}
	return len(s.rewrites) > 0 || s.helper
}
