package trace

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/script"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

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
	r.modules, r.state = map[string]string{}, map[string]value.Value{}
	defer func() { r.modules, r.state = nil, nil }()
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
		case s.Call != nil && s.Call.Token.HoldsCredential():
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
	note := func(kind, name string, v value.Value) {
		for _, c := range v.Credentials() {
			of, _ := rules.SecretKind(c.Name)
			if of == rules.NameOther && !rules.TakesGitHubToken(name, c.Name) || slices.ContainsFunc(taken, func(d *value.Credential) bool { return d.Kind == c.Kind && d.Name == c.Name }) {
				continue
			}
			names, left = append(names, kind+oneLine(name)), value.Concat(left, value.Of(c))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		note("its input ", name, inputs[name])
	}
	for _, name := range site.Env.Credentials() {
		v, _ := site.Env.Lookup(name)
		if had, ok := site.JobEnv.Lookup(name); ok && had.Equal(v) && !rules.EnvReadsToken(name) {
			continue // meant for other steps of the job
		}
		note("the variable ", name, v)
	}
	return names, left
}
