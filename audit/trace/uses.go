package trace

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/change"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/script"
	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// scriptActions are the actions whose input is a script of JavaScript that
// runs with an authenticated client.
var scriptActions = map[string]struct{ script, token string }{
	"actions/github-script": {"script", "github-token"},
}

// action traces a step that uses an action and returns its outputs.
func (r *run) action(step *workflow.Step, s *scope, env *value.Env, inner map[string]value.Value, at position) map[string]value.Value {
	file := step.Uses.Path()
	name, ref, _ := strings.Cut(step.Uses.Value, "@")
	if !strings.HasPrefix(name, ".") {
		name = strings.TrimRight(name, "/") // as the runner takes it
	}
	inputs := make(map[string]value.Value, len(step.With))
	for _, b := range step.With {
		v := expression.Eval(b.Value, s)
		inputs[strings.ToLower(b.Name)] = v
		// What an action is given it may store for the scripts after it.
		r.light = r.light && !v.HoldsCredential()
	}
	site := &Site{
		File: file, Line: step.Uses.Line(), Step: at.number, step: at.step, Hops: at.hops, Env: env, JobEnv: r.jobEnv,
		Action: &Action{Name: strings.ToLower(name), Ref: ref, Inputs: inputs, written: step.With, uses: step.Uses},
	}
	site.Action.Written = r.saidFiles(inputs)
	r.emit(site)
	defer r.reading(site, at)()
	r.exportedFile(site)
	defer func() { r.acted(site) }()
	for _, c := range change.OfAction(site.Action.Name, inputs, inWorkspace(nil)) {
		r.makes(c)
	}
	r.bringsArtifact(site)
	if d := r.t.options.Described; d != nil && d.Action(site.Action.Name) {
		return r.minted(site, step)
	}
	if dir, ok := localAction(step.Uses.Value); ok {
		if step.Self {
			return r.selfAction(site, dir, s, inner, at)
		}
		return r.localAction(site, dir, s, inner, at)
	}
	if dir, action := r.t.ownAction(name); action != nil {
		site.Action.Name, site.Action.Ref = "./"+strings.ToLower(strings.TrimPrefix(dir+"/", "./")), ""
		return r.enter(site, action, s, inner, at)
	}
	if image, ok := rules.Image(step.Uses.Value); ok {
		site.Action.Name, site.Action.Ref = image, ""
		return r.image(site, at)
	}
	if _, ok := scriptActions[rules.SameAs(site.Action.Name)]; ok {
		return r.githubScript(site, step, s, env, at)
	}
	if outputs, ok := r.actionRuns(site, step, s, env, at); ok {
		return outputs
	}
	if c, ok := chooseActions[rules.SameAs(site.Action.Name)]; ok {
		return map[string]value.Value{c.output: r.chosen(site, step, s, c.condition, c.yes, c.no)}
	}
	if site.Action.Is(settings.GoreleaserAction) {
		r.goreleaserInput(site, at)
		return r.minted(site, step)
	}
	if action := r.remoteAction(site, step, at); action != nil {
		return r.enter(site, action, s, inner, at)
	}
	r.perhapsRuns(site, at)
	return r.minted(site, step)
}

// image traces a step that runs a container image. Of a public one it may be
// known what its own program does, not what others do in it.
func (r *run) image(site *Site, at position) map[string]value.Value {
	entrypoint := site.Action.Inputs["entrypoint"]
	if r.entrypoint(site, entrypoint, at) {
		return map[string]value.Value{}
	}
	if len(entrypoint) == 0 {
		asAction(site)
	}
	name := site.Action.Name
	if _, known := rules.Action(name); !known || len(entrypoint) > 0 {
		site.Unread = &Unread{name, "is a container image, whose program cannot be read", "read what it does with the token"}
	}
	return nil
}

// commitID matches the name of a commit.
var commitID = regexp.MustCompile(`^[0-9a-fA-F]{40}$`)

// versionComment matches the beginning of a comment by which people, and the
// bots that keep commits up to date, say which version a commit is: "# v3.1",
// "# tag=v3.1", "# ratchet:owner/name@v3.1".
var versionComment = regexp.MustCompile(`^\s*(?:[\w./:-]*[@=: ]\s*)?(v\d+(?:\.\d+)*(?:[-+][\w.+-]+)?|\d+(?:\.\d+)+)(?:[\s,;)]|$)`)

// version returns the tag or branch that an action is used at, for a commit
// the one that the comment on its line names.
func version(ref string, uses workflow.Text) string {
	if len(ref) != 40 || !commitID.MatchString(ref) {
		return ref
	}
	if m := versionComment.FindStringSubmatch(uses.Comment()); m != nil {
		return m[1]
	}
	return ""
}

// entrypoint reads the script of this repository that a container is started
// with. It is false where the container starts a program of its own.
func (r *run) entrypoint(site *Site, script value.Value, at position) bool {
	word := pathText(script)
	if _, _, ok := r.read(nil, word); !ok || len(script) == 0 || !script.IsPathLike() {
		return false
	}
	site.Followed = true
	args := []value.Value{value.Text("./" + strings.TrimPrefix(word, "./"))}
	if text, ok := site.Action.Inputs["args"].Literal(); ok {
		for _, w := range strings.Fields(text) {
			args = append(args, value.Text(w))
		}
	} else {
		args = append(args, value.Unknown("args"))
	}
	inner := &Site{
		File: site.File, Line: site.Action.Place("entrypoint").Line, Step: site.Step, step: site.step, Hops: site.Hops, Env: site.Env, JobEnv: r.jobEnv,
		Command: &Command{Command: shell.Command{Args: args, Env: site.Env}, text: func(int, int) string { return "entrypoint: " + word }},
	}
	r.emit(inner)
	r.follow(inner, at)
	return true
}

// minted returns the outputs that hold a token which the action makes. Those of
// a step without an ID nobody can name.
func (r *run) minted(site *Site, step *workflow.Step) map[string]value.Value {
	if r.t.options.Mints == nil || step.ID.IsZero() {
		return nil
	}
	a := site.Action
	outputs := map[string]value.Value{}
	for _, name := range r.t.options.Mints(a.Name) {
		maker := &value.Maker{
			Action: a.Name, Owner: a.Inputs["owner"], Repositories: a.Inputs["repositories"],
			Place: audit.Place{File: site.File, Line: site.Line, Text: "uses: " + a.Name},
		}
		for input, v := range a.Inputs {
			if permission, ok := strings.CutPrefix(input, "permission-"); ok {
				if maker.Permissions == nil {
					maker.Permissions = map[string]string{}
				}
				maker.Permissions[strings.ReplaceAll(permission, "-", "_")] = v.String()
			}
		}
		outputs[name] = value.Of(&value.Credential{Kind: value.Installation, Name: a.Name, Maker: maker})
	}
	return outputs
}

// githubScript reads the body of an actions/github-script step.
func (r *run) githubScript(site *Site, step *workflow.Step, s *scope, env *value.Env, at position) map[string]value.Value {
	inputs := scriptActions[rules.SameAs(site.Action.Name)]
	token, given := site.Action.Inputs[inputs.token]
	if !given || len(token) == 0 {
		token = jobToken()
	}
	for _, b := range step.With {
		if !strings.EqualFold(b.Name, inputs.script) {
			continue
		}
		masked, table := expression.Mask(b.Value, s)
		// A script that is nothing but an expression has no source here.
		if strings.TrimSpace(table.Value(masked).LiteralOr("")) == "" && value.HasPlaceholder(masked) && !strings.ContainsAny(masked, "(;=") {
			break
		}
		site.Followed = true
		if scripts, ok := agenticScripts(masked, table); ok {
			r.opens(true)
			r.agentic(scripts, env.Set("INPUT_"+strings.ToUpper(inputs.token), token), b.Value, at)
			return nil
		}
		return r.javaScript(script.Input{
			Source: masked, Table: table, Path: "", GitHubScript: true, Env: env, Token: token, Base: site.Action.Inputs["base-url"],
		}, b.Value.Path(), lineOfText(b.Value), at)
	}
	site.Unread = &Unread{site.Action.Name, "is given a script that is not written here", "write the script in the workflow"}
	return nil
}

// localAction returns the folder of an action of this repository.
func localAction(uses string) (string, bool) {
	if !strings.HasPrefix(uses, "./") && uses != "." {
		return "", false
	}
	dir, _, _ := strings.Cut(uses, "@")
	return path.Clean(dir), true
}

// ownAction returns the folder of an action of this repository, and the action,
// by the name that any other repository would call it by: see [workflow.Repository.OwnWorkflow].
// What the tables know of it goes first, for its sources may lie elsewhere.
func (t *tracer) ownAction(name string) (string, *workflow.Action) {
	own, dir := t.repository.Name, "."
	if own == "" || len(name) < len(own) || !strings.EqualFold(name[:len(own)], own) {
		return "", nil
	}
	if rest := name[len(own):]; strings.HasPrefix(rest, "/") {
		dir = path.Clean(rest[1:])
	} else if rest != "" {
		return "", nil // a repository whose name is longer
	}
	if _, known := rules.Action(strings.ToLower(name)); known {
		return "", nil
	}
	return dir, t.repository.Action(dir)
}

// localAction enters an action of this repository.
func (r *run) localAction(site *Site, dir string, s *scope, vars map[string]value.Value, at position) map[string]value.Value {
	inner, other := r.inside(dir)
	if other != "" {
		site.Unread = &Unread{site.Action.Name, "is an action of " + other + ", which the job checks out there", "audit that repository too" + describeAction}
		return nil
	}
	action := r.t.repository.Action(dir)
	if action == nil {
		// A checkout into a folder makes ./folder/… this very repository again.
		action = r.t.repository.Action(inner)
	}
	if action != nil {
		r.changedAction(action)
	}
	if action == nil {
		site.Unread = &Unread{site.Action.Name, "is not in this repository", "check the path, or audit the repository that it is checked out from" + describeAction}
		return nil
	}
	return r.enter(site, action, s, vars, at)
}

// selfAction enters an action of the repository that the step's file lies in,
// the audited one or another that is read over the API.
func (r *run) selfAction(site *Site, dir string, s *scope, vars map[string]value.Value, at position) map[string]value.Value {
	home := audit.HomeOf(site.File)
	action := r.t.repository.Action(dir)
	if home != "" {
		action = r.t.repository.ActionIn(path.Join(home, dir))
		name, ref, _ := strings.Cut(home, "@")
		site.Action.Name, site.Action.Ref = strings.ToLower(path.Join(name, dir)), ref
	}
	if action == nil {
		site.Unread = &Unread{site.Action.Name, "is not in this repository", "check the path" + describeAction}
		return nil
	}
	if home != "" {
		site.Action.Fetched, site.Action.Meant = true, r.meant(action) != ""
	}
	return r.enter(site, action, s, vars, at)
}

// enter reads the code of an action.
func (r *run) enter(site *Site, action *workflow.Action, s *scope, inner map[string]value.Value, at position) map[string]value.Value {
	name := site.Action.Name
	switch {
	case len(at.hops) >= maxDepth || slices.Contains(r.stack, action.Path):
		site.Unread = &Unread{name, "calls itself", "break the cycle of calls"}
		return nil
	case r.full():
		site.Unread = tooMany(name, describeAction)
		return nil
	}
	inputs := map[string]value.Value{}
	for _, in := range action.Inputs {
		key := strings.ToLower(in.Name)
		v, given := site.Action.Inputs[key]
		if !given {
			v = expression.Eval(in.Default, s)
		}
		inputs[key] = v.Via(audit.Hop{File: site.File, Line: site.Line, What: "input " + in.Name + " of " + name})
	}
	site.Followed = true
	defer r.into(site)()
	r.stack = append(r.stack, action.Path)
	defer func() { r.stack = r.stack[:len(r.stack)-1] }()
	deeper := at.within(site.File, site.Line, "uses "+name)
	if site.Action.Fetched {
		deeper = at.within(site.File, site.Line, "uses "+name+asItStands(site.Action.Ref))
		defer r.entered(site.Action)()
	}
	switch {
	case action.Using == "composite":
		first := len(r.job.Sites)
		outputs := r.composite(action, inputs, s, inner, deeper)
		site.Pushes = site.Action.Fetched && slices.ContainsFunc(r.job.Sites[first:], func(s *Site) bool { return s.Unread != nil })
		return outputs
	case strings.HasPrefix(action.Using, "node") && site.Action.Fetched:
		return r.remoteNode(site, action, inputs, deeper)
	case strings.HasPrefix(action.Using, "node"):
		return r.nodeAction(site, action, inputs, deeper)
	}
	site.Followed = false
	why := "is a container action, whose program cannot be read"
	if site.Action.Fetched {
		why += r.meant(action)
	}
	site.Unread = &Unread{name, why, "read what it does with the token" + describeAction}
	return nil
}

// composite traces the steps of a composite action.
func (r *run) composite(action *workflow.Action, inputs map[string]value.Value, s *scope, inner map[string]value.Value, at position) map[string]value.Value {
	in := &scope{
		t: s.t, call: s.call, events: s.events, never: s.never, matrix: s.matrix, needs: s.needs, inputs: inputs, composite: true,
		guards: r.guards, steps: map[string]outputs{}, dir: action.Dir,
	}
	inner = maps.Clone(inner)
	if inner == nil {
		inner = map[string]value.Value{}
	}
	inner["GITHUB_ACTION_PATH"] = in.actionPath()
	outer := r.inner
	for _, step := range action.Steps {
		r.inner = step
		r.step(step, in, r.jobEnv, inner, at)
	}
	r.inner, r.perhaps = outer, nil
	in.env = r.jobEnv.With(r.exportsNow()).With(inner)
	outputs := map[string]value.Value{}
	for _, b := range action.Outputs {
		outputs[b.Name] = expression.Eval(b.Value, in)
	}
	return outputs
}

// saidFiles are the files with what an action is to say that the job wrote.
func (r *run) saidFiles(inputs map[string]value.Value) (written map[string]shell.File) {
	for _, name := range rules.InputSaidFile.Names() {
		key := shell.Join(nil, inputs[name]).String()
		if content, ok := r.files[key]; ok && key != "" {
			if written == nil {
				written = map[string]shell.File{}
			}
			written[name] = shell.File{Content: content, Part: r.parts[key]}
		}
	}
	return written
}
