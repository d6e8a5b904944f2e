package workflow

import (
	"bytes"
	"regexp"

	"github.com/rhysd/actionlint"
)

// workflow turns a parsed workflow into the model.
func (r *reader) workflow(parsed *actionlint.Workflow) *Workflow {
	w := &Workflow{File: r.file, Name: r.text(parsed.Name)}
	r.text(parsed.RunName)
	for _, event := range parsed.On {
		r.event(w, event)
	}
	w.Permissions = r.permissions(parsed.Permissions)
	w.Env, w.EnvExpression = r.env(parsed.Env)
	w.DefaultShell, w.DefaultDirectory = r.defaults(parsed.Defaults)
	r.concurrency(parsed.Concurrency)
	for _, job := range inOrder(parsed.Jobs, func(j *actionlint.Job) *actionlint.Pos { return j.Pos }) {
		w.Jobs = append(w.Jobs, r.job(job))
	}
	w.texts = r.sortedTexts()
	return w
}

func (r *reader) permissions(parsed *actionlint.Permissions) *Permissions {
	if parsed == nil {
		return nil
	}
	p := &Permissions{
		Text:    r.text(parsed.All),
		Line:    r.physicalLine(parsed.Pos.Line, parsed.Pos.Col),
		EndLine: r.blockEnd(parsed.Pos.Line, parsed.Pos.Col, true),
	}
	if word := p.Text.Value; word == "read-all" || word == "write-all" {
		p.All = word
	}
	if parsed.Scopes != nil {
		p.Scopes = make(map[string]string, len(parsed.Scopes))
	}
	for key, scope := range parsed.Scopes {
		p.Scopes[key] = r.text(scope.Value).Value
	}
	return p
}

func (r *reader) env(parsed *actionlint.Env) (list []Binding, expression Text) {
	if parsed == nil {
		return nil, Text{}
	}
	list = bindings(r, parsed.Vars, func(v *actionlint.EnvVar) (name, value *actionlint.String) { return v.Name, v.Value })
	return list, r.text(parsed.Expression)
}

func (r *reader) defaults(parsed *actionlint.Defaults) (shell, directory Text) {
	if parsed == nil || parsed.Run == nil {
		return Text{}, Text{}
	}
	return r.text(parsed.Run.Shell), r.text(parsed.Run.WorkingDirectory)
}

func (r *reader) concurrency(parsed *actionlint.Concurrency) {
	if parsed != nil {
		r.text(parsed.Group)
		r.flag(parsed.CancelInProgress)
	}
}

// job turns a parsed job into the model.
func (r *reader) job(parsed *actionlint.Job) *Job {
	pos := parsed.Pos
	j := &Job{
		ID:             parsed.ID.Value,
		Line:           r.physicalLine(pos.Line, pos.Col),
		EndLine:        r.blockEnd(pos.Line, pos.Col, true),
		Name:           r.text(parsed.Name),
		If:             r.text(parsed.If),
		Permissions:    r.permissions(parsed.Permissions),
		Outputs:        bindings(r, parsed.Outputs, func(o *actionlint.Output) (name, value *actionlint.String) { return o.Name, o.Value }),
		TimeoutMinutes: r.number(parsed.TimeoutMinutes),
	}
	if len(parsed.Needs) > 0 {
		j.Needs = r.values(parsed.Needs)
	}
	j.RunsOn, j.RunnerGroup = r.runsOn(parsed.RunsOn)
	j.Env, j.EnvExpression = r.env(parsed.Env)
	j.DefaultShell, j.DefaultDirectory = r.defaults(parsed.Defaults)
	j.Environment = r.environment(parsed.Environment)
	j.Containers = r.containers(parsed)
	j.Call = r.call(parsed)
	for _, step := range parsed.Steps {
		j.Steps = append(j.Steps, r.parsedSteps(1+len(j.Steps), step)...)
	}
	r.strategy(j, parsed.Strategy)
	r.concurrency(parsed.Concurrency)
	j.Forgiven = r.mayBeOn(parsed.ContinueOnError)
	if s := parsed.Snapshot; s != nil {
		r.text(s.ImageName)
		r.text(s.Version)
		r.text(s.If)
	}
	return j
}

// number returns a number as it is written: the parser keeps its value only.
func (r *reader) number(f *actionlint.Float) Text {
	if f == nil || f.Expression != nil {
		if f == nil {
			return Text{}
		}
		return r.text(f.Expression)
	}
	lines := r.file.lines()
	token := r.file.Source[lines.offset(r.file.Source, f.Pos.Line, f.Pos.Col):]
	if end := bytes.IndexAny(token, " \t\r\n,]}#"); end >= 0 {
		token = token[:end]
	}
	return r.at(string(token), f.Pos.Line, f.Pos.Col)
}

func (r *reader) runsOn(parsed *actionlint.Runner) (labels []Text, group Text) {
	if parsed == nil {
		return nil, Text{}
	}
	for _, label := range parsed.Labels {
		labels = append(labels, r.text(label))
	}
	if parsed.LabelsExpr != nil {
		labels = append(labels, r.text(parsed.LabelsExpr))
	}
	return labels, r.text(parsed.Group)
}

func (r *reader) environment(parsed *actionlint.Environment) Text {
	if parsed == nil {
		return Text{}
	}
	r.text(parsed.URL)
	r.flag(parsed.Deployment)
	return r.text(parsed.Name)
}

func (r *reader) containers(job *actionlint.Job) (list []Container) {
	if job.Container != nil {
		list = append(list, r.container("container", job.Container))
	}
	if job.Services == nil {
		return list
	}
	r.text(job.Services.Expression)
	for _, service := range inOrder(job.Services.Value, func(s *actionlint.Service) *actionlint.Pos { return s.Name.Pos }) {
		if service.Container != nil {
			list = append(list, r.container(service.Name.Value, service.Container))
		}
	}
	return list
}

func (r *reader) container(name string, parsed *actionlint.Container) Container {
	c := Container{Name: name, Image: r.text(parsed.Image)}
	c.Env, c.EnvExpression = r.env(parsed.Env)
	if credentials := parsed.Credentials; credentials != nil {
		c.Username, c.Password = r.text(credentials.Username), r.text(credentials.Password)
		r.text(credentials.Expression)
	}
	r.values(parsed.Ports)
	r.values(parsed.Volumes)
	r.text(parsed.Options)
	return c
}

func (r *reader) call(job *actionlint.Job) *Call {
	parsed := job.WorkflowCall
	if parsed == nil {
		return nil
	}
	c := &Call{
		Inputs:  bindings(r, parsed.Inputs, func(i *actionlint.WorkflowCallInput) (name, value *actionlint.String) { return i.Name, i.Value }),
		Secrets: bindings(r, parsed.Secrets, func(s *actionlint.WorkflowCallSecret) (name, value *actionlint.String) { return s.Name, s.Value }),
		Inherit: parsed.InheritSecrets,
	}
	// What "./" names is as well the file's own repository, for workflows.
	c.Uses, _ = selfReference(r.text(parsed.Uses))
	if c.Inherit {
		c.InheritText = r.inherit(job.Pos, c.Uses)
	}
	return c
}

// inheritKey matches what stands before the word of "secrets: inherit".
var inheritKey = regexp.MustCompile(`(^|[\r\n{,])[ \t]*["']?secrets["']?[ \t]*:\s*["']?$`)

// inherit finds the word of "secrets: inherit", of which the parser keeps no
// place. Where it is not found (behind an alias), the place of uses: stands
// in for it.
func (r *reader) inherit(job *actionlint.Pos, uses Text) Text {
	const word = "inherit"
	lines, source := r.file.lines(), r.file.Source
	start := lines.offset(source, job.Line, job.Col)
	end := len(source)
	if last := lines.blockEnd(source, job.Line, job.Col, true); last < len(lines.yaml) {
		end = lines.yaml[last]
	}
	for i := start; ; {
		n := bytes.Index(source[i:end], []byte(word))
		if n < 0 {
			return Text{word, r.file, uses.line, uses.column}
		}
		i += n
		if inheritKey.Match(source[start:i]) {
			if c := source[i-1]; c == '\'' || c == '"' {
				i--
			}
			line, column := lines.yamlPlace(source, i)
			return r.at(word, line, column)
		}
		i += len(word)
	}
}
