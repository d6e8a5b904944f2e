package trace

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// checkout is a folder of the workspace into which a repository was checked
// out.
type checkout struct {
	folder string
	// other names the repository, or the branch of the audited one whose files are
	// others; empty for the audited one, and for one that may be the audited one.
	other string
}

// checksOut notes what a site checks out. Where steps under conditions put
// different repositories into a folder, it is another one that counts: which
// of them it is in the end is not known.
func (r *run) checksOut(site *Site) {
	var repository, folder value.Value
	switch {
	case site.Action != nil && site.Action.Is("actions/checkout"):
		repository, folder = site.Action.Inputs["repository"], repositoryPath(site.Action.Inputs["path"])
	case site.Command != nil:
		var ok bool
		if repository, folder, ok = cloned(site.Command); !ok {
			r.switches(site.Command)
			return
		}
	default:
		return
	}
	to, known := folder.Literal()
	if !known {
		return
	}
	c := checkout{folder: path.Clean(to), other: r.t.other(repository)}
	if c.other == "" && site.Action != nil {
		c.other = r.otherBranch(site.Action.Inputs["ref"])
	}
	before := slices.IndexFunc(r.checkouts, func(b checkout) bool { return b.folder == c.folder })
	switch {
	case before < 0:
		r.checkouts = append(r.checkouts, c)
	case len(site.Guards) > 0 && c.other == "":
	default:
		r.checkouts[before] = c
	}
}

// cloneFlags are the flags of git clone that take a value of their own.
var cloneFlags = []string{
	"--depth", "-b", "--branch", "-o", "--origin", "-c", "--config", "--filter", "--shallow-since", "-j", "--jobs", "--reference", "--template", "-u", "--upload-pack",
	"--separate-git-dir", "--server-option", "--shallow-exclude", "--upstream-remote-name",
}

// cloned returns what a command clones, and the folder for it.
func cloned(c *Command) (repository, folder value.Value, ok bool) {
	if len(c.Args) == 0 {
		return nil, nil, false
	}
	program, _ := c.Args[0].Literal()
	words := map[string]int{"git": 1, "hub": 1, "gh": 2}[path.Base(program)]
	if words == 0 {
		return nil, nil, false
	}
	var operands []value.Value
	for i := 1; i < len(c.Args); i++ {
		word := c.Args[i].String()
		switch {
		case slices.Contains(cloneFlags, word):
			i++
		case word == "--":
			// Behind it stand flags of git, for gh.
			if len(operands) > 2 || path.Base(program) != "git" {
				i = len(c.Args)
			}
		case strings.HasPrefix(word, "-"):
		default:
			operands = append(operands, c.Args[i])
		}
	}
	if len(operands) <= words || operands[words-1].String() != "clone" || words == 2 && operands[0].String() != "repo" {
		return nil, nil, false
	}
	repository = operands[words]
	to := operands[words+1:]
	if len(to) > 0 {
		folder = to[0]
	} else {
		text := strings.TrimSuffix(strings.TrimSuffix(repository.String(), "/"), ".git")
		folder = value.Text(text[strings.LastIndexAny(text, "/:")+1:])
	}
	dir, inDir := repositoryPath(c.Dir).Literal()
	name, known := repositoryPath(folder).Literal()
	if !inDir || !known {
		return nil, nil, false
	}
	if !path.IsAbs(name) {
		name = path.Join(dir, name)
	}
	return repository, value.Text(name), true
}

// other names a repository that is surely not the audited one; it is empty for
// one that may be: what is called so, the audited one by a context, and the
// head of a pull request, whose files are those of the branch.
func (t *tracer) other(repository value.Value) string {
	if len(repository) == 0 {
		return ""
	}
	for _, alternative := range repository.Alternatives() {
		name := plainName(t.spelled(alternative).String())
		context := strings.TrimSuffix(strings.TrimPrefix(name, "${{ "), " }}")
		if name == "" || rules.OwnRepository(context) || rules.HeadRepository(context) || t.repository.Name != "" && strings.EqualFold(name, t.repository.Name) {
			return ""
		}
	}
	return plainName(repository.String())
}

// spelled puts the audited repository's owner and name in place of the contexts
// that hold them apart.
func (t *tracer) spelled(v value.Value) value.Value {
	owner, name, ok := strings.Cut(t.repository.Name, "/")
	if !ok {
		return v
	}
	own := map[string]string{"github.repository_owner": owner, "github.event.repository.owner.login": owner, "github.event.repository.name": name}
	out := slices.Clone(v)
	for i, p := range out {
		if text, ok := own[p.Context]; ok {
			out[i] = value.Part{Text: text}
		}
	}
	return out
}

// plainName returns a repository's address as owner/name; what is on another
// host keeps it.
func plainName(text string) string {
	text = strings.TrimSuffix(strings.Trim(strings.TrimSpace(text), "/"), ".git")
	if _, rest, ok := strings.Cut(text, "://"); ok {
		text = rest
	}
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		text = strings.Replace(text[at+1:], ":", "/", 1)
	}
	for _, host := range []string{"www.", "github.com/", "${{ github.server_url }}/"} {
		text = strings.TrimPrefix(text, host)
	}
	return text
}

// read reads a file by a path relative to a directory, or one that begins at
// the workspace.
func (r *run) read(dir value.Value, word string) (name string, source []byte, ok bool) {
	word = strings.ReplaceAll(word, "\\", "/")
	name, known := fromWorkspace(dir, word)
	if !known {
		return "", nil, false
	}
	name, other := r.inside(name)
	if other != "" || r.t.away.leaves(word, name) {
		return "", nil, false
	}
	source, err := r.file(name)
	return name, source, err == nil
}

// reader returns what reads files of the checkout that a script names. Below a folder
// that is only known when it runs ("$(dirname "$0")/lib.sh") a file is looked for
// beside the script, which lies at from; "" for that of a step.
func (r *run) reader(from string) func(file, dir value.Value) (string, bool) {
	return func(file, dir value.Value) (string, bool) {
		word, ok := pathText(file), file.IsPathLike()
		if !ok && from != "" && len(file) == 2 && strings.HasPrefix(file[1].Text, "/") {
			word, ok, dir = strings.TrimPrefix(file[1].Text, "/"), true, value.Text(path.Dir(from))
		}
		if !ok || word == "" {
			return "", false
		}
		// What the script has read of changed files, it tells itself.
		stale := r.stale
		name, source, found := r.read(dir, word)
		r.stale = stale
		if !found {
			return "", false
		}
		return r.t.asText(name, source), true
	}
}

// asText returns what a file of the repository holds as text.
func (t *tracer) asText(name string, source []byte) string {
	text, known := t.texts[name]
	if !known || text != string(source) {
		text = string(source)
		t.texts[name] = text
	}
	return text
}

// workspaceRoot begins a path that is not relative to the folder in which it is
// named, but to the workspace.
const workspaceRoot = "././"

// fromWorkspace returns a path as seen from the workspace. It is false for one
// below a folder that is only known when it runs: what lies elsewhere by that
// name may be another file.
func fromWorkspace(dir value.Value, word string) (name string, ok bool) {
	if strings.HasPrefix(word, workspaceRoot) {
		return path.Clean(word), true
	}
	d, ok := dir.Literal()
	return path.Join(d, word), ok
}

// absent says why a file that a command names by a path from a folder was not
// read, and what settles that.
func absent(dir value.Value, word string) (why, settle string) {
	if _, known := fromWorkspace(dir, word); !known {
		return "lies in a folder that is only known when it runs", "write the folder in the workflow" + orDescribe
	}
	return "is not in this checkout", "audit a checkout that has it" + orDescribe
}

// inside returns a path of the workspace as one of the repository: an earlier
// step may have checked it out into a folder. other names the repository that
// the folder holds where that is another one.
func (r *run) inside(name string) (inner, other string) {
	inner, longest := name, -1
	for _, c := range r.checkouts {
		switch {
		case c.folder == ".":
			if longest < 0 && !path.IsAbs(name) {
				other, longest = c.other, 0
			}
		case len(c.folder) > longest && (name == c.folder || strings.HasPrefix(name, c.folder+"/")):
			inner, other, longest = path.Clean("./"+strings.TrimPrefix(name, c.folder)), c.other, len(c.folder)
		}
	}
	if other != "" {
		return name, other
	}
	return inner, ""
}

// topLevel returns the folder of the checkout of this repository in which a
// folder of the workspace lies. There is none for a folder that is not in the
// repository: the job has made it, and may have put another repository there.
func (r *run) topLevel(folder string) (top string, ok bool) {
	inner, other := r.inside(folder)
	if other != "" || inner != "." && len(r.t.repository.Files(inner))+len(r.t.repository.Folders(inner)) == 0 {
		return "", false
	}
	for _, m := range settings.Submodules(r.t.text(".gitmodules")) {
		if m.Path == inner || strings.HasPrefix(inner, m.Path+"/") {
			return "", false
		}
	}
	if inner == "." {
		return folder, true
	}
	top = strings.TrimSuffix(strings.TrimSuffix(folder, inner), "/")
	return path.Clean("./" + top), true
}

// elsewhere names the repository that a path relative to a directory lies in,
// where that is not the audited one.
func (r *run) elsewhere(dir value.Value, word string) string {
	if !slices.ContainsFunc(r.checkouts, func(c checkout) bool { return c.other != "" }) {
		return ""
	}
	name, known := fromWorkspace(repositoryPath(dir), strings.ReplaceAll(word, "\\", "/"))
	if !known {
		return ""
	}
	_, other := r.inside(name)
	return other
}

// seenFromThere returns a command that runs in the folder of another
// repository with its paths that begin at the workspace as seen from there: they
// may lead to files of this repository.
func (r *run) seenFromThere(c *Command) *Command {
	dir, known := repositoryPath(c.Dir).Literal()
	if dir = path.Clean(dir); !known || dir == "." || path.IsAbs(dir) || r.elsewhere(c.Dir, ".") == "" {
		return c
	}
	up := strings.Repeat("../", strings.Count(dir, "/")+1)
	args := slices.Clone(c.Args)
	for n, v := range args {
		if len(v) == 2 && v[0].Context == "github.workspace" && strings.HasPrefix(v[1].Text, "/") {
			args[n] = value.Text(up + strings.TrimPrefix(v[1].Text, "/"))
		}
	}
	inner := *c
	inner.Args = args
	return &inner
}

// lost is what starts in the files of another repository.
func lost(what, why, other string) start {
	settle := "audit that repository too"
	if strings.HasPrefix(other, otherBranch) {
		settle = "audit a checkout of that branch"
	}
	return start{what: what, why: why + " of " + other + ", which the job checks out there", settle: settle + orDescribe}
}
