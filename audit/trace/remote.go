package trace

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/script"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// Remote gives the code of other repositories.
type Remote interface {
	// Mount makes the files of a repository "owner/name" at a ref readable
	// below the folder that it returns, by the file system of the traced
	// repository. The error is fs.ErrNotExist where there is none, or where
	// nobody may know of it, and ErrUnasked where it is not asked for: then the
	// audit goes on as if nobody could be asked. Place is where the repository
	// is named.
	Mount(repository, ref string, place audit.Place) (folder string, err error)
}

// ErrUnasked is for repositories that a [Remote] does not read.
var ErrUnasked = errors.New("other repositories of this owner are not read")

// Bounds of what is followed into other repositories: calls of actions and
// workflows, and sites of a job.
const (
	maxRemote      = 2000
	maxRemoteSites = 20_000
)

// away is what was read of other repositories.
type away struct {
	// folders are those that hold another repository.
	folders   map[string]bool
	actions   map[string]*workflow.Action
	workflows map[string]*workflow.Workflow
	// calls counts the actions and workflows that were entered.
	calls int
	// secrets are those that a workflow of others reads by "secrets: inherit",
	// at the place of these words.
	secrets []Reference
}

// holds tells whether a file lies in another repository.
func (a *away) holds(name string) bool {
	for folder := path.Dir(name); folder != "." && folder != "/"; folder = path.Dir(folder) {
		if a.folders[folder] {
			return true
		}
	}
	return false
}

// leaves tells whether a word that begins in another repository names a file
// outside of it: what lies there on a runner is not known here.
func (a *away) leaves(word, name string) bool {
	word = strings.TrimPrefix(word, "./")
	from := ""
	for folder := range a.folders {
		if strings.HasPrefix(word, folder+"/") && len(folder) > len(from) {
			from = folder // a ref may go on where another ends
		}
	}
	return from != "" && !strings.HasPrefix(name, from+"/")
}

// inherit notes a secret that a workflow of others reads by inheritance.
func (a *away) inherit(name string, place audit.Span) {
	ref := Reference{Secret: name, Span: place}
	if !slices.Contains(a.secrets, ref) {
		a.secrets = append(a.secrets, ref)
	}
}

// sortInherited puts the secrets of inherit among the references.
func (t *tracer) sortInherited() {
	if len(t.away.secrets) == 0 {
		return
	}
	t.result.References = append(t.result.References, t.away.secrets...)
	slices.SortFunc(t.result.References, func(a, b Reference) int {
		return cmp.Or(cmp.Compare(a.Span.File, b.Span.File), cmp.Compare(a.Span.Line, b.Span.Line), cmp.Compare(a.Span.Column, b.Span.Column), cmp.Compare(a.Secret, b.Secret))
	})
}

// inherited is the place of "secrets: inherit" where that is written in the
// audited repository, and hands them to a workflow in the folder of another.
func inherited(c *call, to *workflow.Call, folder string) audit.Span {
	if !to.Inherit || folder == "" || c.folder != "" {
		return audit.Span{}
	}
	return to.InheritText.Span(0, len(to.InheritText.Value))
}

// handsOver tells whether a secret comes to a call by "secrets: inherit" of
// the audited repository, and where.
func (c *call) handsOver(name string) (audit.Span, bool) {
	if isJobToken(name) || name == expression.AllSecrets {
		return audit.Span{}, false
	}
	place := audit.Span{}
	for ; c.bound && c.inherit; c = c.outer {
		if c.inherited.File != "" {
			place = c.inherited
		}
	}
	// A caller in between that names its secrets has references of its own.
	return place, place.File != "" && !c.bound
}

// fullCommit matches the name of a commit, which nobody can move.
var fullCommit = regexp.MustCompile(`^(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$`)

// asItStands says that a version can be moved to other code.
func asItStands(ref string) string {
	if fullCommit.MatchString(ref) {
		return ""
	}
	return " as it stands at " + oneLine(ref) + " today"
}

// mount makes another repository readable, if nothing speaks against it. Where
// nobody is asked for it there is neither a folder nor anything to say.
func (r *run) mount(repository, ref string, file string, line int, at []audit.Hop) (folder string, unread *Unread) {
	what := repository + "@" + ref
	t := r.t
	if t.away.calls++; t.away.calls > maxRemote || len(r.job.Sites) > maxRemoteSites {
		return "", &Unread{what, "is one of too many actions and workflows of others to be read", "read what it does with the token" + describeAction}
	}
	folder, err := t.options.Remote.Mount(repository, ref, r.home(file, line, at))
	switch {
	case errors.Is(err, ErrUnasked):
		return "", nil
	case errors.Is(err, fs.ErrNotExist):
		return "", &Unread{what, "is not to be found on GitHub, or the token of this audit may not read it", "check its name, give a token that may read it" + describeOr}
	case err != nil:
		return "", &Unread{what, "could not be read over the API", "audit again" + describeOr}
	}
	if t.away.folders == nil {
		t.away.folders, t.away.actions, t.away.workflows = map[string]bool{}, map[string]*workflow.Action{}, map[string]*workflow.Workflow{}
	}
	t.away.folders[folder] = true
	return folder, nil
}

const describeOr = ", or describe it under \"actions\" in .github/patrol.yml"

// home is the place in the audited repository that led to a place.
func (r *run) home(file string, line int, hops []audit.Hop) audit.Place {
	if !audit.Elsewhere(file) {
		return audit.Place{File: file, Line: line}
	}
	for _, h := range slices.Backward(slices.Concat(r.call.callers, hops)) {
		if !audit.Elsewhere(h.File) {
			return audit.Place{File: h.File, Line: h.Line}
		}
	}
	return audit.Place{File: r.call.root.Path}
}

// remoteAction finds the action of another repository of which nothing is
// known, where somebody may be asked for it and a credential is at hand that
// it could use.
func (r *run) remoteAction(site *Site, step *workflow.Step, at position) *workflow.Action {
	written, ref, _ := strings.Cut(step.Uses.Value, "@")
	if r.t.options.Remote == nil || ref == "" || !r.reaches(site) {
		return nil
	}
	if _, known := rules.Action(site.Action.Name); known {
		return nil
	}
	parts := strings.SplitN(written, "/", 3)
	if len(parts) < 2 {
		return nil
	}
	folder, unread := r.mount(parts[0]+"/"+parts[1], ref, site.File, site.Line, at.hops)
	if unread != nil || folder == "" {
		site.Unread = unread
		return nil
	}
	dir := folder
	if len(parts) == 3 {
		dir = path.Join(folder, parts[2])
	}
	action, seen := r.t.away.actions[dir]
	if !seen && (dir == folder || strings.HasPrefix(dir, folder+"/")) {
		action = r.t.repository.ActionIn(dir)
		r.t.away.actions[dir] = action
	}
	if action == nil {
		site.Unread = &Unread{written + "@" + ref, "has no action.yml that can be read", "check the path" + describeOr}
		return nil
	}
	site.Action.Fetched, site.Action.Meant = true, r.meant(action) != ""
	return action
}

// reaches tells whether a credential may come to an action: by its inputs or
// its variables, or as GITHUB_TOKEN in a job that is looked at as a whole.
func (r *run) reaches(site *Site) bool {
	if !r.light || len(site.Env.Credentials()) > 0 {
		return true
	}
	for _, v := range site.Action.Inputs {
		if len(v.Credentials()) > 0 {
			return true
		}
	}
	return false
}

// entered notes whose code is read until the function that it returns is
// called.
func (r *run) entered(a *Action) (leave func()) {
	if r.through != nil {
		return func() {}
	}
	r.through = a
	return func() { r.through = nil }
}

// meant says which inputs of an action have GITHUB_TOKEN for their default:
// evidence, not proof, that it works with that.
func (r *run) meant(action *workflow.Action) string {
	var names []string
	for _, in := range action.Inputs {
		if strings.Contains(in.Default.Value, "github.token") {
			names = append(names, oneLine(in.Name))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; GITHUB_TOKEN is the default of its " + strings.Join(names[:min(len(names), 3)], ", ")
}

// gives tells whether a call hands any secret to the workflow that it calls,
// or stands in a job that is looked at as a whole.
func (r *run) gives(c *workflow.Call, inputs, secrets map[string]value.Value) bool {
	if c.Inherit || !r.light {
		return true
	}
	for _, given := range []map[string]value.Value{inputs, secrets} {
		for _, v := range given {
			if len(v.Credentials()) > 0 {
				return true
			}
		}
	}
	return false
}

// mountWorkflow finds a reusable workflow of another repository.
func (r *run) mountWorkflow(uses workflow.Text) callee {
	written, ref, _ := strings.Cut(uses.Value, "@")
	parts := strings.SplitN(written, "/", 3)
	if len(parts) < 3 || ref == "" || path.Dir(parts[2]) != workflow.Folder {
		return callee{unread: elsewhere(uses.Value)}
	}
	folder, unread := r.mount(parts[0]+"/"+parts[1], ref, r.call.file.Path, uses.Line(), nil)
	if unread != nil {
		unread.Settle = strings.Replace(unread.Settle, describeOr, ", or read what it does with the secret", 1)
		return callee{unread: unread}
	}
	if folder == "" {
		return callee{unread: elsewhere(uses.Value)}
	}
	return r.t.remoteWorkflow(folder, parts[2], uses.Value, asItStands(ref))
}

// remoteWorkflow reads a workflow of another repository. The secrets that it
// names are its caller's: no reference stands there, but its jobs are read as
// closely as those that name them here.
func (t *tracer) remoteWorkflow(folder, name, uses, words string) callee {
	full := path.Join(folder, name)
	w, seen := t.away.workflows[full]
	if !seen && strings.HasPrefix(full, folder+"/") {
		w = t.repository.WorkflowAt(full)
		t.away.workflows[full] = w
		for text := range texts(w) {
			secrets, _ := expression.Scan(text, false)
			for _, s := range secrets {
				if !isJobToken(s.Name) {
					t.named(s.Span)
				}
			}
		}
	}
	if w == nil || w.Incomplete {
		return callee{unread: &Unread{uses, "is no workflow that can be read in its repository", "check the path"}}
	}
	return callee{file: w, folder: folder, words: full + words}
}

func texts(w *workflow.Workflow) func(yield func(workflow.Text) bool) {
	if w == nil {
		return func(func(workflow.Text) bool) {}
	}
	return w.Texts()
}

// maxSeen bounds the calls that are listed of a bundle.
const maxSeen = 5

// restCall matches a call of Octokit's methods for the REST API.
var restCall = regexp.MustCompile(`\.([a-z][A-Za-z]+)\.([a-z][A-Za-z]+)\(`)

// seenIn lists the REST calls that bundled code is seen to write down: what
// the action itself calls, for the client library that is bundled with it
// keeps its routes in tables.
func seenIn(source string) string {
	var seen []string
	for _, m := range restCall.FindAllStringSubmatch(source, -1) {
		if op, ok := rules.OperationByID(kebab(m[1]) + "/" + kebab(m[2])); ok && !slices.Contains(seen, op.Operation()) {
			seen = append(seen, op.Operation())
		}
	}
	slices.Sort(seen)
	switch {
	case len(seen) == 0:
		return ""
	case len(seen) > maxSeen:
		seen = append(seen[:maxSeen], fmt.Sprintf("%d more", len(seen)-maxSeen))
	}
	return "; it is seen to call " + strings.Join(seen, ", ")
}

func kebab(name string) string {
	var b strings.Builder
	for _, c := range name {
		if c >= 'A' && c <= 'Z' {
			b.WriteByte('-')
			c += 'a' - 'A'
		}
		b.WriteRune(c)
	}
	return b.String()
}

// maxHandWritten is the size in bytes above which JavaScript that lies beside
// an action.yml is taken for the output of a bundler.
const maxHandWritten = 256 << 10

// bundledCode tells whether JavaScript of others is the output of a bundler,
// in which what a token reaches cannot be told from the libraries around it.
// Hand-written code in a folder called dist is taken for a bundle.
func bundledCode(name, source string) bool {
	if looksBuilt(source) || len(source) > maxHandWritten {
		return true
	}
	for folder := path.Dir(name); folder != "." && folder != "/"; folder = path.Dir(folder) {
		if slices.Contains(buildFolders, path.Base(folder)) {
			return true
		}
	}
	return slices.ContainsFunc(strings.Split(source, "\n"), func(line string) bool { return len(line) > 2000 })
}

// remoteNode reads a JavaScript action of another repository, with what runs
// before and after it. What is said of it holds only where its sources were
// read, and every credential that it is given was seen to be taken: else it
// stays unread, beside what was seen.
func (r *run) remoteNode(site *Site, action *workflow.Action, inputs map[string]value.Value, at position) map[string]value.Value {
	first := len(r.job.Sites)
	r.modules = map[string]string{}
	defer func() { r.modules = nil }()
	var outputs map[string]value.Value
	why := ""
	read := map[string]bool{"": action.Main != ""}
	for _, name := range []string{action.Main, action.Pre, action.Post} {
		if read[name] {
			continue
		}
		read[name] = true
		got, open := r.remoteScript(site, action, path.Join(action.Dir, name), inputs, at)
		why = cmp.Or(why, open)
		if name == action.Main {
			outputs = got
		}
	}
	if why == "" {
		why = r.overlooked(site, first)
	}
	what, settle := site.Action.Name+"@"+site.Action.Ref, "read what it does with the token"+describeAction
	if why != "" {
		site.Followed = false
		site.Pushes = site.Pushes || r.pushesUnseen(first)
		site.Unread = &Unread{what, why + r.meant(action), settle}
		return outputs
	}
	if names, left := r.untaken(site, inputs, first); len(left) > 0 {
		r.emit(&Site{
			File: site.File, Line: site.Line, Step: at.number, step: at.step, Hops: site.Hops, Env: site.Env, JobEnv: r.jobEnv, Token: left,
			Unread: &Unread{what, "is not seen to do anything with " + strings.Join(names, ", ") + r.meant(action), settle},
		})
	}
	return outputs
}

// remoteScript reads one script of an action; open says why not, in words
// that follow the action's name.
func (r *run) remoteScript(site *Site, action *workflow.Action, name string, inputs map[string]value.Value, at position) (outputs map[string]value.Value, open string) {
	if !r.t.away.holds(name) {
		return nil, "runs a script outside of its repository"
	}
	source, err := r.t.repository.Read(name)
	from, ok := r.built(name, source)
	switch {
	case ok:
		at = at.within(action.Path, max(action.UsingLine, 1), "reads "+from.name+" in place of "+name)
	case err != nil:
		return nil, "runs " + name + ", which could not be read"
	case bundledCode(name, string(source)):
		site.Pushes = site.Pushes || pushes(string(source))
		return nil, "runs " + name + ", a bundle whose sources were not found" + seenIn(string(source))
	default:
		from = original{name, string(source)}
	}
	r.modules[from.name] = from.source
	if dynamicImport.MatchString(from.source) {
		open = "runs " + from.name + ", which loads code by a name that is not written there"
	}
	return r.nodeScript(site, from, inputs, at), open
}

// dynamicImport matches what takes in code by a name that is computed. In the
// modules that a script imports it is not looked for.
var dynamicImport = regexp.MustCompile(`\b(?:require|import)\s*\(\s*(?:[^'"\s]|'[^']*'\s*[^)\s]|"[^"]*"\s*[^)\s])`)

// otherWays match what code reaches GitHub by and what is not sure to be seen
// in all its forms, with what is said of it.
var otherWays = []struct {
	pattern *regexp.Regexp
	words   string
}{
	{regexp.MustCompile(`child_process|@actions/exec\b|['"](?:execa|zx|shelljs|cross-spawn|simple-git|isomorphic-git)['"]`), "starts programs or git"},
	{regexp.MustCompile(`['"](?:node:)?https?['"]|['"](?:axios|got|node-fetch|undici|superagent|request|@actions/http-client)['"]`), "sends requests of its own"},
}

// overlooked says what in the code of an action shows that not all it does was
// seen: a call of the client that stands in its files and nowhere among what
// was read, another way to GitHub, or a place that could not be read. The
// files are those that it was seen to import.
func (r *run) overlooked(site *Site, first int) string {
	seen := map[string]bool{}
	programs, graphQL := false, false
	for _, s := range r.job.Sites[first:] {
		switch {
		case s.Unread != nil:
			return "was read in part: " + s.Unread.What + " " + s.Unread.Why
		case s.Call != nil && len(s.Call.Token.Credentials()) > 0:
			seen[strings.ToLower(s.Call.Method)], seen[strings.ToLower(s.Call.Name)] = true, true
			graphQL = graphQL || s.Call.Kind == script.GraphQL
		}
		programs = programs || s.Command != nil
	}
	for _, name := range slices.Sorted(maps.Keys(r.modules)) {
		source := r.modules[name]
		for _, m := range restCall.FindAllStringSubmatch(source, -1) {
			op, known := rules.OperationByID(kebab(m[1]) + "/" + kebab(m[2]))
			if known && !seen[strings.ToLower(m[1]+"."+m[2])] && !seen[strings.ToLower(op.Operation())] {
				return "calls " + op.Operation() + " in " + name + ", in a way that is not followed"
			}
		}
		if !graphQL && graphCall.MatchString(source) {
			return "asks by GraphQL in " + name + ", in a way that is not followed"
		}
		for _, way := range otherWays {
			if way.pattern.MatchString(source) {
				// What runs unseen may push with what a checkout stored.
				site.Pushes = site.Pushes || !programs
				return way.words + " in " + name + ", which may not all be seen"
			}
		}
	}
	return ""
}

var graphCall = regexp.MustCompile("\\bgraphql\\s*[(<`]")

// pushes tells whether code names git and its command push as words that it
// gives to a program. A library for git may put them together in another way.
func pushes(source string) bool {
	return gitWord.MatchString(source) && pushWord.MatchString(source)
}

// pushesUnseen tells whether the code of an action names a push that is not
// among what was read of it.
func (r *run) pushesUnseen(first int) bool {
	for _, s := range r.job.Sites[first:] {
		if s.Command != nil && len(s.Command.Args) > 1 && s.Command.Args[0].String() == "git" && s.Command.Args[1].String() == "push" {
			return false
		}
	}
	for _, source := range r.modules {
		if pushes(source) {
			return true
		}
	}
	return false
}

var (
	gitWord  = regexp.MustCompile("[\"'`]git[\"'` ]")
	pushWord = regexp.MustCompile("[\"'`](?:git )?push[\"'` ]")
)

// untaken returns the credentials that an action is given and that nothing of
// its code is seen to take, with the names of what holds them.
func (r *run) untaken(site *Site, inputs map[string]value.Value, first int) (names []string, left value.Value) {
	var taken []*value.Credential
	for _, s := range r.job.Sites[first:] {
		taken = append(taken, s.Token.Credentials()...)
		if s.Call != nil {
			taken = append(taken, s.Call.Token.Credentials()...)
		}
		if s.Command != nil {
			for _, a := range s.Command.Args {
				taken = append(taken, a.Credentials()...)
			}
		}
	}
	note := func(name string, v value.Value) {
		for _, c := range v.Credentials() {
			kind, _ := rules.SecretKind(c.Name)
			if kind == rules.NameOther || slices.ContainsFunc(taken, func(d *value.Credential) bool { return d.Kind == c.Kind && d.Name == c.Name }) {
				continue
			}
			names, left = append(names, name), value.Concat(left, value.Of(c))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		note("its input "+oneLine(name), inputs[name])
	}
	for _, name := range site.Env.Credentials() {
		v, _ := site.Env.Lookup(name)
		if had, ok := site.JobEnv.Lookup(name); ok && had.Equal(v) && !rules.EnvReadsToken(name) {
			continue // meant for other steps of the job
		}
		note("the variable "+oneLine(name), v)
	}
	return names, left
}
