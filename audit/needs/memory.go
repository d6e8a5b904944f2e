package needs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/decide"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/audit/script"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

const (
	// memory is the name of the workflow that holds the queries.
	memory = ".patrol-needs.yml"
	// token is what the queries are given as a token.
	token = "${{ secrets.GH_PAT }}"
	// askedStep is the number of the step that is the query: before it come
	// a checkout and a login, which store the token.
	askedStep = 3
	// maxFile bounds what is read of a file.
	maxFile = 1 << 20
)

// step is a step of the workflow in memory. JSON text is YAML as well.
type step struct {
	Run   string            `json:"run,omitempty"`
	Shell string            `json:"shell,omitempty"`
	Uses  string            `json:"uses,omitempty"`
	With  map[string]string `json:"with,omitempty"`
	Env   map[string]string `json:"env,omitempty"`
}

type job struct {
	RunsOn string `json:"runs-on"`
	Steps  []step `json:"steps"`
}

// askMemory answers the queries that name no workflow file, by their index.
func askMemory(queries []Query, o Options) (map[int]*decide.Sum, error) {
	jobs := map[string]job{}
	var files fs.FS
	own, err := o.config(".")
	if err != nil {
		return nil, err
	}
	if o.Repository == "" && own != nil {
		o.Repository = own.Repository
	}
	if o.Open != nil && slices.ContainsFunc(queries, func(q Query) bool { return q.kind != file }) {
		files, _, _ = o.Open(".")
	}
	queries = slices.Clone(queries)
	for i, q := range queries {
		if q.kind == file {
			continue
		}
		q.own = own
		if q.isLocalAction() && isFile(files, q.uses) {
			q.kind, q.script = command, q.uses
			queries[i] = q
		}
		s, err := q.asStep(o)
		if err != nil {
			return nil, err
		}
		jobs[jobName(i)] = job{"ubuntu-latest", []step{
			{Uses: "actions/checkout", With: map[string]string{"token": token}},
			{Run: "gh auth setup-git", Env: map[string]string{"GH_TOKEN": token}},
			s,
		}}
	}
	if len(jobs) == 0 {
		return nil, nil
	}
	source, err := json.Marshal(map[string]any{"on": []string{"workflow_dispatch", "schedule"}, "jobs": jobs})
	if err != nil {
		return nil, err
	}
	repository := workflow.LoadFile(overlay{files, source}, memory)
	repository.Name = o.Repository
	if len(repository.Problems) > 0 {
		return nil, errors.New(repository.Problems[0].Message)
	}
	if slices.ContainsFunc(queries, Query.isLocalAction) && files != nil {
		repository.Actions = workflow.Load(files).Actions
	}
	for _, q := range queries {
		if err := q.missing(repository); err != nil {
			return nil, err
		}
	}
	return judged(queries, repository, o, own)
}

// knowledge is what the project says of its actions and programs. What it
// says of secrets does not matter: the queries' token is of no secret.
type knowledge struct{ *config.Config }

// SecretKind implements infer.Knowledge.
func (knowledge) SecretKind(string) (kind string, ok bool) { return "", false }

func jobName(i int) string { return fmt.Sprintf("q%d", i) }

func (q Query) isLocalAction() bool { return q.kind == action && strings.HasPrefix(q.uses, "./") }

// isFile tells whether a path of the repository is a file: a program then, and
// no action.
func isFile(files fs.FS, name string) bool {
	if files == nil {
		return false
	}
	info, err := fs.Stat(files, path.Clean(strings.TrimPrefix(name, "./")))
	return err == nil && info.Mode().IsRegular()
}

// judged traces the workflow in memory and adds up each of its jobs.
func judged(queries []Query, repository *workflow.Repository, o Options, own *config.Config) (map[int]*decide.Sum, error) {
	traced := trace.Trace(repository, scan.TraceOptions(own))
	assumed := value.Of(&value.Credential{Kind: value.Secret, Name: "GH_PAT"})
	inferred := infer.Infer(traced.Jobs, infer.Options{
		Repository: o.Repository, EnterpriseServer: o.EnterpriseServer, Read: repository.Read, List: repository.Files, Assumed: assumed, Knowledge: knowledge{own},
	})
	judge := decide.NewJudge(repository, inferred, decide.Options{Name: o.Repository, Web: o.Web, EnterpriseServer: o.EnterpriseServer, PublicOnly: o.PublicOnly, Knowledge: knowledge{own}, Asked: true})
	out := map[int]*decide.Sum{}
	for i, q := range queries {
		for _, j := range inferred {
			if j.Job.Job.ID != jobName(i) {
				continue
			}
			uses := slices.DeleteFunc(slices.Clone(j.Uses), func(u *infer.Use) bool { return u.Site.Step != askedStep })
			out[i] = judge.Sum(j, uses)
			if out[i].Empty() {
				if err := idle(q, j, uses, traced.Problems, moreOf(out[i])); err != nil {
					return nil, err
				}
			}
		}
		if out[i] == nil && q.kind != file {
			return nil, fmt.Errorf("%s: nothing of it could be read", q.Text)
		}
	}
	return out, nil
}

// idle says why a query uses no token, where that is a mistake: it is not
// about GitHub, or nothing of it was understood. Nil where it needs none. More
// is what it would take otherwise.
func idle(q Query, j *infer.Job, uses []*infer.Use, problems []audit.Problem, more []More) error {
	if len(uses) > 0 && !slices.ContainsFunc(uses, func(u *infer.Use) bool { return !u.Other }) {
		text := q.Text + " is given a credential of another service than GitHub, as far as can be seen"
		for _, m := range more[:min(len(more), 3)] {
			text += "; " + m.When + " it takes " + m.onTop(Yes)
		}
		return errors.New(text)
	}
	if slices.ContainsFunc(j.Sites, func(s *trace.Site) bool { return s.Step == askedStep }) {
		return nil
	}
	if len(problems) > 0 {
		return fmt.Errorf("%s: %s", q.Text, problems[0].Message)
	}
	return fmt.Errorf("%s: no command is seen in it", q.Text)
}

// asStep returns the step that does what is asked about.
func (q Query) asStep(o Options) (step, error) {
	switch q.kind {
	case request:
		return q.githubScript(fmt.Sprintf("await github.request(%s, %s)", javaScript(known(q.operation)), object(q.given))), nil
	case document:
		return q.graphQL(o)
	case action:
		return q.actionStep(), nil
	}
	return step{Run: q.script, Shell: q.shell, Env: map[string]string{"GH_TOKEN": token, "GITHUB_TOKEN": token, "GH_ENTERPRISE_TOKEN": token}}, nil
}

func (q Query) githubScript(source string) step {
	return step{Uses: "actions/github-script", With: map[string]string{"github-token": token, "script": source}}
}

// known writes shell variables as expressions, for outside of a script nobody
// expands them. What $GITHUB_REPOSITORY is, is known.
func known(text string) string {
	return expressionText.ReplaceAllStringFunc(text, func(word string) string {
		name := strings.Trim(word, "${}")
		switch {
		case strings.HasPrefix(word, "${{"):
			return word
		case name == "GITHUB_REPOSITORY":
			return "${{ github.repository }}"
		case name == "GITHUB_REPOSITORY_OWNER":
			return "${{ github.repository_owner }}"
		}
		return "${{ vars." + name + " }}"
	})
}

// javaScript writes text as a JavaScript string. It leaves expressions as
// they are, and so that none appears that was not there.
func javaScript(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return `""`
	}
	return strings.TrimSpace(b.String())
}

// object writes fields as a JavaScript object. A field's value may be JSON.
func object(given []field) string {
	var members []string
	for _, f := range given {
		text := javaScript(known(f.value))
		if trimmed := strings.TrimSpace(f.value); json.Valid([]byte(trimmed)) && trimmed != "" && !strings.HasPrefix(trimmed, `"`) {
			text = trimmed
		}
		members = append(members, javaScript(f.name)+": "+text)
	}
	return "{" + strings.Join(members, ", ") + "}"
}

// graphQL returns the step of a document. A repository that the document
// takes from variables which are not given is the workflow's own.
func (q Query) graphQL(o Options) (step, error) {
	text := q.document
	if q.source != "" {
		source, err := o.read(q.source)
		if err != nil {
			return step{}, err
		}
		text = string(source)
	}
	parsed, err := script.ReadGraphQL(text)
	if err != nil {
		return step{}, fmt.Errorf("the GraphQL document does not parse: %w", err)
	}
	given := slices.Clone(q.given)
	fallback := func(variable, expression string) {
		name, ok := strings.CutPrefix(variable, "$")
		if ok && !slices.ContainsFunc(given, func(f field) bool { return f.name == name }) {
			given = append(given, field{name, expression})
		}
	}
	for _, d := range parsed {
		for _, f := range d.Fields {
			if _, known := rules.Mutation(f.Path[0]); d.Kind == "mutation" && len(f.Path) == 1 && !known {
				return step{}, &UnknownError{What: "the mutation " + f.Path[0], Near: rules.Near(f.Path[0], rules.Mutations()), Hint: "see GitHub's GraphQL reference for its name"}
			}
			if err := unknownField(d.Kind, f.Path); err != nil {
				return step{}, err
			}
			if f.Path[len(f.Path)-1] == "repository" {
				fallback(f.Arguments["owner"], "${{ github.repository_owner }}")
				fallback(f.Arguments["name"], "${{ github.event.repository.name }}")
			}
		}
	}
	return q.githubScript(fmt.Sprintf("await github.graphql(%s, %s)", javaScript(text), object(given))), nil
}

// actionStep returns the step of an action with every input and variable set
// in which it takes a GitHub token: the ones that default to GITHUB_TOKEN,
// those given, or else all that may take one.
func (q Query) actionStep() step {
	s := step{Uses: q.uses, With: map[string]string{}, Env: map[string]string{}}
	for _, f := range q.given {
		s.With[f.name] = known(f.value)
	}
	name, _, _ := strings.Cut(q.uses, "@")
	info, ok := infer.Action(q.own, name)
	if !ok || rules.ActionRuns(info.Name) != nil {
		// One of the repository's own, or one that runs a program: the usual names.
		s.Env["GH_TOKEN"], s.Env["GITHUB_TOKEN"] = token, token
	}
	if !ok {
		return s
	}
	s.give(chosen(q, info))
	return s
}

// chosen are the tokens of an action that are taken to be GitHub's: those
// that were given or default to GITHUB_TOKEN, else those that take one with
// the inputs at hand, else all that may take one at all.
func chosen(q Query, info *rules.ActionInfo) []rules.ActionToken {
	given := func(name string) (string, bool) {
		i := slices.IndexFunc(q.given, func(f field) bool { return strings.EqualFold(f.name, name) })
		if i < 0 {
			return "", false
		}
		return q.given[i].value, true
	}
	get := func(name string) (text string, known, set bool) {
		if name == "@token" {
			return "secret", true, true
		}
		text, set = given(name)
		return text, !strings.HasPrefix(name, "@"), set
	}
	var first, second, third []rules.ActionToken
	for _, t := range info.Tokens {
		if !takesGitHub(t) {
			continue
		}
		effect, _ := t.Effect(get)
		if !idleToken(effect) || len(t.Rows) > 0 {
			third = append(third, t)
		}
		if effect.Answer == rules.AnswerOther {
			continue
		}
		_, set := given(t.Input)
		switch {
		case set && t.Input != "", t.Default == "github.token", t.Env == "GITHUB_TOKEN" && !idleToken(effect):
			first = append(first, t)
		case !idleToken(effect):
			second = append(second, t)
		}
	}
	switch {
	case len(first) > 0:
		return first
	case len(second) > 0:
		return second
	}
	return third[:min(len(third), 1)]
}

// idleToken tells whether nothing is done with a token.
func idleToken(e rules.Effect) bool { return len(e.Operations)+len(e.Needs)+len(e.Reasons) == 0 }

// give sets the inputs and variables of tokens.
func (s step) give(tokens []rules.ActionToken) {
	for _, t := range tokens {
		switch {
		case t.Input != "" && t.Input != "*":
			for name := range s.With {
				if strings.EqualFold(name, t.Input) {
					delete(s.With, name)
				}
			}
			s.With[t.Input] = token
		case t.Env != "" && t.Env != "*":
			s.Env[t.Env] = token
		}
	}
}

// takesGitHub tells whether a token may be one of GitHub's.
func takesGitHub(t rules.ActionToken) bool {
	return t.Base.Answer != rules.AnswerOther || slices.ContainsFunc(t.Rows, func(r rules.ActionRow) bool {
		return r.Effect.Answer != rules.AnswerOther && r.Effect.Answer != ""
	})
}

// read returns a file that a query names.
func (o Options) read(name string) ([]byte, error) {
	if o.Open == nil {
		return nil, fmt.Errorf("%s: there are no files here", name)
	}
	fsys, inside, err := o.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	source, err := fs.ReadFile(fsys, inside)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, plain(err))
	}
	if len(source) > maxFile {
		return nil, fmt.Errorf("%s is larger than 1 MiB", name)
	}
	return source, nil
}

func plain(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

// overlay is a file system with the workflow of the queries over it.
type overlay struct {
	files  fs.FS
	source []byte
}

// Open implements fs.FS.
func (o overlay) Open(name string) (fs.File, error) {
	if name == memory || o.files == nil {
		return fstest.MapFS{memory: {Data: o.source}}.Open(name)
	}
	return o.files.Open(name)
}
