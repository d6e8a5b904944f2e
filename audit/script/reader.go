package script

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/grafana/sobek/ast"

	"github.com/patrol-actions/patrol/audit/value"
)

// Bounds of the interpreter. Where one is reached, the Result says that the
// script was not read to its end.
const (
	maxSteps       = 300_000
	maxCalls       = 40
	maxNodes       = 800
	maxPerFunction = 200
	maxPerSite     = 24
	maxTotal       = 2_000
	maxModules     = 100
)

// reader is the state of one reading.
type reader struct {
	in     Input
	result Result
	// env is the environment, with what the script assigned to it.
	env      *value.Env
	envReads map[string]bool
	packages map[string]bool
	handlers map[*function]handler
	modules  map[string]*module
	// functions are those of the main file, in the order of their making.
	functions []*function
	// deferred are walks of code that runs later than where it is handed over.
	deferred []func()
	classes  []*class
	// condition counts what guards the code that is being walked: branches,
	// loops, callbacks.
	condition int
	// guards counts those of them where none of several branches need be taken.
	guards int
	// region is the innermost code that may not run; nil outside of all.
	region *region
	// attempt is the innermost code whose failure is survived, or seen by what cleans
	// up; nil outside of all.
	attempt *region
	// behind is all that runs behind the first handler of what ends the program, at any
	// place of which that may be called; nil where there is none.
	behind *region
	// scopes are Call.Scopes of the code being walked, scoped their number so far, and
	// ended are those that the script has not ended with success, at the places where
	// it may.
	scopes, ended []int
	scoped        int
	// sure are the outputs and variables for later steps that this code, or the whole
	// of it outside of all, sets where it runs.
	sure map[string]bool
	// steps, calls and nodes measure the walk so far, and its depth.
	steps, calls, nodes int
	// changed tells that a variable got one more value.
	changed bool
	sites   map[place]int
	said    map[string]bool
	full    bool
	// dir is the folder that the script changed to, and wanders tells that it may
	// have, somewhere.
	dir     value.Value
	wanders bool
	// axiosHeaders are sent by axios with every request.
	axiosHeaders *object
}

// place names a call in the code.
type place struct {
	file  string
	start int
	kind  CallKind
}

func newReader(in Input) *reader {
	return &reader{
		in: in, env: in.Env, envReads: map[string]bool{}, packages: map[string]bool{}, handlers: map[*function]handler{}, modules: map[string]*module{},
		sites: map[place]int{}, said: map[string]bool{}, sure: map[string]bool{"result": true},
		result: Result{Env: map[string]value.Value{}, Outputs: map[string]value.Value{}, State: map[string]value.Value{}},
	}
}

// runMain walks the main file. Exact tells that places in source are places
// in Input.Source.
func (r *reader) runMain(source string, exact bool) {
	r.opensEnv(source)
	p, err := r.parse(source)
	if err != nil {
		message, offset := describe(err, source, !moduleSyntax.MatchString(source))
		if !exact {
			offset = -1
		}
		r.result.Problems = append(r.result.Problems, Problem{File: r.in.Path, Offset: offset, Message: message})
		r.unread(r.in.Path, offset, "script does not parse: "+message)
		return
	}
	p.main = true
	if !exact {
		p.place = func(int) int { return -1 }
	}
	m := newModule(p)
	f := &frame{reader: r, program: p, scope: newScope(nil, true), module: m, this: none{}}
	if !r.in.GitHubScript {
		f.declareModule()
		r.modules[p.path] = m
	}
	f.statements(p.body)
	if f.returned != nil && r.in.GitHubScript {
		r.result.Outputs["result"] = valueOf(f.returned)
	}
	for n := 0; n < len(r.deferred); n++ {
		r.deferred[n]()
	}
	r.leftovers()
}

// parse parses the main file.
func (r *reader) parse(source string) (*program, error) {
	name := r.in.Path
	if r.in.GitHubScript {
		name = "script.js"
	}
	p, err := parse(name, source)
	if err == nil {
		p.path = r.in.Path
	}
	return p, err
}

// leftovers walks the functions of the main file that were never called, with
// unknown arguments: something may call them that is not understood. The last
// ones come first, because files tend to end with what calls all the rest.
func (r *reader) leftovers() {
	for i := 0; i < len(r.classes); i++ {
		c := r.classes[i]
		c.frame.guarded(func() { c.leftover(c.frame) })
	}
	for done := 0; done < len(r.functions); {
		fresh := r.functions[done:]
		done = len(r.functions)
		for _, f := range slices.Backward(fresh) {
			if f.calls == 0 {
				f.frame.guarded(func() { f.frame.invoke(f, nil, f.frame.this, true) })
			}
		}
	}
}

// step counts one step of the walk, and tells whether there is room for more.
func (r *reader) step() bool {
	r.steps++
	if r.steps > maxSteps && !r.full {
		r.full = true
		r.unread(r.in.Path, -1, "the script is too long to be followed to its end")
	}
	return !r.full
}

// charge counts the work that a long string takes as steps.
func (r *reader) charge(v value.Value) {
	parts, length := measure(v)
	r.steps += parts/16 + length/256
}

// unread notes something that cannot be read, once.
func (r *reader) unread(file string, offset int, message string, lost ...*value.Credential) {
	key := fmt.Sprint(file, offset, message)
	if r.said[key] {
		return
	}
	r.said[key] = true
	r.result.Unread = append(r.result.Unread, Problem{File: file, Offset: offset, Message: message, Credentials: lost})
}

// add notes a call. A place that is reached several times is noted once for
// every target that it has; what else differs becomes a choice.
func (r *reader) add(c Call) {
	key := place{c.File, c.Start, c.Kind}
	for i := len(r.result.Calls) - 1; i >= 0 && r.sites[key] > 0; i-- {
		before := &r.result.Calls[i]
		if before.File == c.File && before.Start == c.Start && before.sameTarget(c) {
			if r.again(i, c) {
				before.merge(c)
				return
			}
			break
		}
	}
	if r.sites[key]++; r.sites[key] > maxPerSite || len(r.result.Calls) > maxTotal {
		r.unread(c.File, c.Start, "the call is made in too many ways to be read", c.Token.Credentials()...)
		return
	}
	r.result.Calls = append(r.result.Calls, c)
}

// sameTarget tells whether two calls do the same to the same repository.
func (c *Call) sameTarget(d Call) bool {
	if c.Kind != d.Kind || c.Method != d.Method || c.ShellString != d.ShellString || len(c.Command) != len(d.Command) {
		return false
	}
	for i := range c.Command {
		if !c.Command[i].Equal(d.Command[i]) {
			return false
		}
	}
	for _, name := range []string{"owner", "repo", "org", "username", "repository"} {
		if !c.Arguments[name].Equal(d.Arguments[name]) {
			return false
		}
	}
	if c.Kind == Exec && !c.Env.Equal(d.Env) {
		return false
	}
	return c.Path.Equal(d.Path) && c.Base.Equal(d.Base) && c.Document.Equal(d.Document) && c.Token.Equal(d.Token) &&
		c.Dir.Equal(d.Dir) && c.Stdin.Equal(d.Stdin)
}

// merge puts the arguments of another call to the same target beside those
// of c.
func (c *Call) merge(d Call) {
	c.Open = c.Open || d.Open
	if c.Arguments == nil && len(d.Arguments) > 0 {
		c.Arguments = map[string]value.Value{}
	}
	for name, v := range d.Arguments {
		if before, ok := c.Arguments[name]; !ok {
			c.Arguments[name] = v
		} else if !before.Equal(v) {
			c.Arguments[name] = limited(value.Choice(before, v))
		}
	}
	for name, v := range d.Headers {
		if _, ok := c.Headers[name]; !ok {
			c.header(name, v)
		}
	}
}

// limited gives up a choice that has become too wide.
func limited(v value.Value) value.Value {
	if len(v) == 1 && len(v[0].OneOf) > maxChoice {
		if flaggedText(v) {
			return value.Unknown(hiddenFlags)
		}
		return value.Unknown("one of many values")
	}
	return v
}

// readEnv reads a variable of the environment.
func (r *reader) readEnv(name string) thing {
	if v, ok := r.lookupEnv(name); ok {
		return text{v}
	}
	if path, ok := runVariables[name]; ok {
		return text{value.Context(path)}
	}
	return text{value.Unknown(ofEnv + name)}
}

// lookupEnv looks a variable up. The input of github-script that holds its
// token is in the environment as all inputs are.
func (r *reader) lookupEnv(name string) (value.Value, bool) {
	r.envReads[name] = true
	v, ok := r.env.Lookup(name)
	if !ok && r.in.GitHubScript && name == "INPUT_GITHUB-TOKEN" {
		return r.in.Token, true
	}
	return v, ok
}

// setEnv assigns a variable of the environment.
func (r *reader) setEnv(name string, t thing) {
	r.write(spot{env: name}, text{valueOf(t)})
}

// runVariables are the variables that the runner sets, by the context that
// has the same value.
var runVariables = map[string]string{
	"GITHUB_REPOSITORY": "github.repository", "GITHUB_REPOSITORY_OWNER": "github.repository_owner",
	"GITHUB_REF": "github.ref", "GITHUB_REF_NAME": "github.ref_name", "GITHUB_REF_TYPE": "github.ref_type",
	"GITHUB_HEAD_REF": "github.head_ref", "GITHUB_BASE_REF": "github.base_ref", "GITHUB_SHA": "github.sha",
	"GITHUB_ACTOR": "github.actor", "GITHUB_TRIGGERING_ACTOR": "github.triggering_actor",
	"GITHUB_RUN_ID": "github.run_id", "GITHUB_RUN_NUMBER": "github.run_number", "GITHUB_RUN_ATTEMPT": "github.run_attempt",
	"GITHUB_WORKFLOW": "github.workflow", "GITHUB_JOB": "github.job", "GITHUB_EVENT_NAME": "github.event_name",
	"GITHUB_EVENT_PATH": "github.event_path", "GITHUB_WORKSPACE": workspace, "GITHUB_API_URL": "github.api_url",
	"GITHUB_SERVER_URL": "github.server_url", "GITHUB_GRAPHQL_URL": "github.graphql_url", "GITHUB_ACTION_PATH": "github.action_path",
	"GITHUB_REPOSITORY_ID": "github.repository_id", "GITHUB_OUTPUT": "github.output", "GITHUB_ENV": "github.env",
	"GITHUB_PATH": "github.path", "GITHUB_STEP_SUMMARY": "github.step_summary", "GITHUB_STATE": "github.state",
}

// site is a call expression that is being walked.
type site struct {
	*frame
	node ast.Node
}

// source is the call as a reader would recognise it.
func (s site) source() string { return s.frame.source(s.node) }

// add notes a call here.
func (s site) add(c Call) {
	c.File, c.Start, c.End = s.program.path, s.start(s.node), s.end(s.node)
	s.conditioned(&c)
	s.reader.add(c)
}

// unread notes that something is not read here.
func (s site) unread(message string, lost ...*value.Credential) {
	s.reader.unread(s.program.path, s.start(s.node), message, lost...)
}

// callbacks calls the functions among the arguments with what is not known.
func (s site) callbacks(args []thing) {
	for _, f := range carried(args...).functions {
		s.guarded(func() { s.invoke(f, nil, none{}, true) })
	}
}

// give is the fate of arguments whose receiver is not known: functions are
// called, and a client or a token gets out of sight.
func (s site) give(name string, args []thing) thing {
	s.callbacks(args)
	flags := slices.ContainsFunc(args, flagged) && !startsByName.MatchString(name)
	for _, t := range args {
		switch t := t.(type) {
		case *object:
			s.blurMembers(t)
		case *list:
			if s.shuffle(t); flags && len(args) > 1 {
				t.items = append(t.items, unknown{hiddenFlags})
			}
		}
	}
	switch c := carried(args...); {
	case c.client:
		s.unread("a client is given to "+name+", whose code is not read", c.credentials...)
	case c.loaded():
		s.unread("a token is given to "+name+", whose code is not read", c.credentials...)
	case flags:
		return unknown{hiddenFlags}
	}
	return unknown{s.source()}
}

// startsByName matches names of functions that seem to start programs: the flags that
// these are given are not in what they give back.
var startsByName = regexp.MustCompile(`(?i)exec|spawn|run|shell|command|cmd|git|option|\$|sh$`)

// copyEnv returns the environment with the members of an object over it.
func (r *reader) copyEnv(o *object) *value.Env {
	base := r.env
	if !o.environ {
		base = nil
	}
	vars := map[string]value.Value{}
	for _, name := range o.names {
		v := valueOf(o.members[name])
		if mayBeAbsent(o.members[name]) {
			before, _ := base.Lookup(name)
			v = limited(value.Choice(v, before))
		}
		vars[name] = v
	}
	env := base.With(vars)
	if o.open {
		inner := &reader{env: env}
		inner.blurEnv(o.source, true)
		env = inner.env
	}
	return env
}

// shortened makes code fit for a message. Its end is kept, which says more
// than its beginning.
func shortened(code string) string {
	code = strings.Join(strings.Fields(code), " ")
	if runes := []rune(code); len(runes) > 100 {
		return "…" + string(runes[len(runes)-99:])
	}
	return code
}
