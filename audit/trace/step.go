package trace

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/script"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// position tells which step of the job a site belongs to.
type position struct {
	number int
	step   *workflow.Step
	hops   []audit.Hop
}

// within returns p one hop deeper.
func (p position) within(file string, line int, what string) position {
	p.hops = append(slices.Clip(p.hops), audit.Hop{File: file, Line: line, What: what})
	return p
}

// step traces a step of a job or of a composite action. outer is the
// environment of the call that the step stands in; inner lays the variables
// of enclosing steps over it.
func (r *run) step(step *workflow.Step, s *scope, outer *value.Env, inner map[string]value.Value, at position) {
	base := outer.With(r.exportsNow()).With(inner)
	here := *s
	here.env = base
	if (s.composite || r.call.bound) && expression.Condition(step.If, &here) == expression.No {
		return
	}
	vars := make(map[string]value.Value, len(step.Env))
	for _, b := range step.Env {
		vars[b.Name] = expression.Eval(b.Value, &here).Via(hop(b, "step env "+b.Name))
	}
	env := base.With(vars)
	here.env = env
	var outputs map[string]value.Value
	switch {
	case !step.Run.IsZero():
		outputs = r.script(step, &here, env, at)
	case !step.Uses.IsZero():
		outputs = r.action(step, &here, env, over(vars, inner), at)
	}
	if step.ID.IsZero() || s.steps == nil {
		return
	}
	for name, v := range outputs {
		outputs[name] = v.Via(audit.Hop{File: step.ID.Path(), Line: step.Line, What: "output " + name + " of step " + step.ID.Value})
	}
	s.steps[strings.ToLower(step.ID.Value)] = lower(outputs)
}

// over lays variables over others; what it returns is never changed.
func over(vars, others map[string]value.Value) map[string]value.Value {
	switch {
	case len(vars) == 0:
		return others
	case len(others) == 0:
		return vars
	}
	out := maps.Clone(others)
	maps.Copy(out, vars)
	return out
}

// exportsNow returns a copy of the exports, for environments never change.
func (r *run) exportsNow() map[string]value.Value {
	if len(r.exports) == 0 {
		return nil
	}
	return maps.Clone(r.exports)
}

func lower(m map[string]value.Value) map[string]value.Value {
	out := make(map[string]value.Value, len(m))
	for k, v := range m {
		out[strings.ToLower(k)] = v
	}
	return out
}

// script traces a run step and returns its outputs.
func (r *run) script(step *workflow.Step, s *scope, env *value.Env, at position) map[string]value.Value {
	dialect, program := r.dialect(step, s)
	file := step.Run.Path()
	directory := step.Directory
	if directory.IsZero() {
		directory = r.job.Job.DefaultDirectory
	}
	if directory.IsZero() {
		directory = r.call.file.DefaultDirectory
	}
	dir := repositoryPath(expression.Eval(directory, s))
	masked, table := expression.Mask(step.Run, s)
	line := lineOfText(step.Run)
	if program != "" {
		return r.foreign(foreignScript{language: program, source: masked, table: table, file: file, line: line, env: env, at: at})
	}
	if r.idle(step.Run.Value, table, env) {
		return map[string]value.Value{}
	}
	if r.full() {
		site := r.unparsed(step, masked, table, env, at, tooMany("the script", ""))
		site.Pushes = strings.Contains(masked, "git") && strings.Contains(masked, "push")
		return map[string]value.Value{}
	}
	result := shell.Interpret(shell.Input{
		Source: masked, Table: table, Dialect: dialect, Env: env, Dir: dir, Files: r.files, Parsed: r.t.parsed,
	})
	for _, p := range result.Problems {
		r.problem(file, line.line(p.Offset), p.Message)
	}
	r.commands(result, file, line, at)
	if len(result.Problems) > 0 {
		r.unparsed(step, masked, table, env, at, &Unread{"the script", "does not parse, so that it is read line by line only", "mend the script"})
	}
	return r.effects(result.Env, result.Outputs, result.Files, file, step.Line)
}

// telling are words of scripts that hand something on, or that write to the
// repository with the credentials that a checkout stored.
var telling = []string{"GITHUB_ENV", "GITHUB_OUTPUT", "set-env", "set-output", "push", "release", "publish", "deploy", "commit", "tag"}

// idle tells whether a script need not be read: it is one of a job without
// secrets, no credential reaches it but what a checkout may have stored for
// reading, nothing in it speaks of writing, and the job gives nothing of its
// own that the script might take. It would be wrong for a local script that
// pushes under a name that does not say so, in a job that must not: there,
// missing-permissions stays silent.
func (r *run) idle(source string, table *value.Table, env *value.Env) bool {
	if !r.light || len(env.Credentials()) > 0 || table.HoldsCredential() {
		return false
	}
	if g := r.job.Permissions; g != nil && (g.Access("contents") == "write" || len(g.Own()) > 0) {
		return false
	}
	return !slices.ContainsFunc(telling, func(w string) bool { return strings.Contains(source, w) })
}

// unparsed notes that a script was read line by line only, so that what is
// seen of it may be wrong, or not at all.
func (r *run) unparsed(step *workflow.Step, source string, table *value.Table, env *value.Env, at position, why *Unread) *Site {
	site := &Site{
		File: step.Run.Path(), Line: step.Run.Line(), Step: at.number, step: at.step, Hops: at.hops, Env: env, JobEnv: r.jobEnv,
		Unread: why, Token: table.Value(source), Reads: env.Credentials(),
	}
	r.emit(site)
	return site
}

func (r *run) problem(file string, line int, message string) {
	if audit.Elsewhere(file) {
		return // the faults of others are theirs to mend
	}
	r.t.result.Problems = append(r.t.result.Problems, audit.Problem{File: file, Line: line, Message: message})
}

// effects keeps what a script wrote for later steps, and returns its outputs.
func (r *run) effects(env, outputs, files map[string]value.Value, file string, line int) map[string]value.Value {
	for name, v := range env {
		r.exports[name] = v.Via(audit.Hop{File: file, Line: line, What: "$GITHUB_ENV " + name})
	}
	for name, v := range files {
		r.files[name] = v
	}
	if outputs == nil {
		outputs = map[string]value.Value{}
	}
	return outputs
}

// dialect returns the shell of a run step; program is set instead where the
// "shell" is another interpreter.
func (r *run) dialect(step *workflow.Step, s *scope) (d shell.Dialect, program string) {
	text := step.Shell
	if text.IsZero() {
		text = r.job.Job.DefaultShell
	}
	if text.IsZero() {
		text = r.call.file.DefaultShell
	}
	if text.IsZero() {
		// Windows runners default to PowerShell.
		for _, label := range r.job.Job.RunsOn {
			if v, ok := expression.Eval(label, s).Literal(); ok && strings.HasPrefix(strings.ToLower(v), "windows") {
				return shell.PowerShell, ""
			}
		}
		return shell.Bash, ""
	}
	name, _, _ := strings.Cut(strings.TrimSpace(expression.Eval(text, s).LiteralOr("bash")), " ")
	switch strings.TrimSuffix(path.Base(name), ".exe") {
	case "pwsh", "powershell":
		return shell.PowerShell, ""
	case "cmd":
		return shell.Cmd, ""
	case "python", "python3", "node", "ruby", "perl", "nu", "julia", "Rscript", "deno", "bun":
		return shell.Bash, name
	}
	return shell.Bash, ""
}

// scriptActions are the actions whose input is a script of JavaScript that
// runs with an authenticated client.
var scriptActions = map[string]struct{ script, token string }{
	"actions/github-script": {"script", "github-token"},
}

// commandActions are the actions that run an input as a shell script, in the
// environment of their step.
var commandActions = map[string]string{
	"nick-fields/retry":      "command",
	"nick-invision/retry":    "command",
	"wandalen/wretry.action": "command",
	"gabrielbb/xvfb-action":  "run",
	"coactions/setup-xvfb":   "run",
}

// action traces a step that uses an action and returns its outputs.
func (r *run) action(step *workflow.Step, s *scope, env *value.Env, inner map[string]value.Value, at position) map[string]value.Value {
	file := step.Uses.Path()
	name, ref, _ := strings.Cut(step.Uses.Value, "@")
	inputs := make(map[string]value.Value, len(step.With))
	for _, b := range step.With {
		v := expression.Eval(b.Value, s)
		inputs[strings.ToLower(b.Name)] = v
		// What an action is given it may store for the scripts after it.
		r.light = r.light && len(v.Credentials()) == 0
	}
	site := &Site{
		File: file, Line: step.Uses.Line(), Step: at.number, step: at.step, Hops: at.hops, Env: env, JobEnv: r.jobEnv, Guarded: !step.If.IsZero(),
		Action: &Action{Name: strings.ToLower(name), Ref: ref, Inputs: inputs, written: step.With},
	}
	r.emit(site)
	if d := r.t.options.Described; d != nil && d.Action(site.Action.Name) {
		return r.minted(site, step)
	}
	if dir, ok := localAction(step.Uses.Value); ok {
		return r.localAction(site, dir, s, inner, at)
	}
	if strings.HasPrefix(name, "docker://") {
		site.Action.Name = name
		if r.entrypoint(site, inputs["entrypoint"], at) {
			return map[string]value.Value{}
		}
		site.Unread = &Unread{name, "is a container image, whose program cannot be read", "read what it does with the token"}
		return nil
	}
	if _, ok := scriptActions[site.Action.Name]; ok {
		return r.githubScript(site, step, s, env, at)
	}
	if input := commandActions[site.Action.Name]; input != "" {
		return r.commandInput(site, step, input, s, env, at)
	}
	if action := r.remoteAction(site, step, at); action != nil {
		return r.enter(site, action, s, inner, at)
	}
	return r.minted(site, step)
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
		File: site.File, Line: site.Action.Place("entrypoint").Line, Step: site.Step, step: site.step, Hops: site.Hops, Env: site.Env, JobEnv: r.jobEnv, Guarded: site.Guarded,
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
	inputs := scriptActions[site.Action.Name]
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
			r.agentic(scripts, env.Set("INPUT_"+strings.ToUpper(inputs.token), token), b.Value, at)
			return nil
		}
		return r.javaScript(script.Input{
			Source: masked, Table: table, Path: "", GitHubScript: true, Env: env, Token: token,
		}, b.Value.Path(), lineOfText(b.Value), at)
	}
	site.Unread = &Unread{site.Action.Name, "is given a script that is not written here", "write the script in the workflow"}
	return nil
}

// commandInput reads the script that an action takes as an input.
func (r *run) commandInput(site *Site, step *workflow.Step, input string, s *scope, env *value.Env, at position) map[string]value.Value {
	for _, b := range step.With {
		if !strings.EqualFold(b.Name, input) {
			continue
		}
		site.Followed = true
		masked, table := expression.Mask(b.Value, s)
		result := shell.Interpret(shell.Input{Source: masked, Table: table, Dialect: shell.Bash, Env: env, Files: r.files, Parsed: r.t.parsed})
		file := b.Value.Path()
		r.commands(result, file, lineOfText(b.Value), at)
		return r.effects(result.Env, result.Outputs, result.Files, file, step.Line)
	}
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

// localAction enters an action of this repository.
func (r *run) localAction(site *Site, dir string, s *scope, inner map[string]value.Value, at position) map[string]value.Value {
	action := r.t.repository.Action(dir)
	if action == nil {
		// A checkout into a folder makes ./folder/… another tree: often this
		// very repository again.
		if _, rest, ok := strings.Cut(dir, "/"); ok && r.checkedOut(strings.SplitN(dir, "/", 2)[0]) {
			action = r.t.repository.Action(path.Clean(rest))
		}
	}
	if action == nil {
		site.Unread = &Unread{site.Action.Name, "is not in this repository", "check the path, or audit the repository that it is checked out from" + describeAction}
		return nil
	}
	return r.enter(site, action, s, inner, at)
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

// checkedOut tells whether an earlier step checked this repository out into
// a folder.
func (r *run) checkedOut(dir string) bool {
	return slices.ContainsFunc(r.checkouts, func(c checkout) bool { return c.own && c.folder == dir })
}

// checkout is a folder into which a step checked a repository out.
type checkout struct {
	folder string
	// own says that it is the audited repository.
	own bool
}

// checksOut returns what a site checks out. It is not ok for any other site.
func (t *tracer) checksOut(site *Site) (c checkout, ok bool) {
	if site.Action == nil || site.Action.Name != "actions/checkout" {
		return checkout{}, false
	}
	repository := site.Action.Inputs["repository"]
	name, _ := repository.Literal()
	return checkout{
		folder: path.Clean(repositoryPath(site.Action.Inputs["path"]).LiteralOr("")),
		own:    len(repository) == 0 || repository.IsContext("github.repository") || name != "" && strings.EqualFold(name, t.repository.Name),
	}, true
}

// composite traces the steps of a composite action.
func (r *run) composite(action *workflow.Action, inputs map[string]value.Value, s *scope, inner map[string]value.Value, at position) map[string]value.Value {
	in := &scope{
		t: s.t, call: s.call, matrix: s.matrix, needs: s.needs, inputs: inputs, composite: true,
		steps: map[string]map[string]value.Value{}, dir: action.Dir,
	}
	inner = maps.Clone(inner)
	if inner == nil {
		inner = map[string]value.Value{}
	}
	inner["GITHUB_ACTION_PATH"] = in.actionPath()
	for _, step := range action.Steps {
		r.step(step, in, r.jobEnv, inner, at)
	}
	in.env = r.jobEnv.With(r.exportsNow()).With(inner)
	outputs := map[string]value.Value{}
	for _, b := range action.Outputs {
		outputs[b.Name] = expression.Eval(b.Value, in)
	}
	return outputs
}
