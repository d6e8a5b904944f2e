package script

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// Contexts that the context object of actions/toolkit is made of.
const (
	event           = "github.event"
	workspace       = "github.workspace"
	repositoryOwner = "github.repository_owner"
	repositoryName  = "github.event.repository.name"
)

// contextMembers has the members of the context object that are strings.
var contextMembers = map[string]string{
	"sha": "github.sha", "ref": "github.ref", "workflow": "github.workflow", "action": "github.action", "actor": "github.actor",
	"job": "github.job", "runNumber": "github.run_number", "runId": "github.run_id", "runAttempt": "github.run_attempt",
	"eventName": "github.event_name", "apiUrl": "github.api_url", "serverUrl": "github.server_url", "graphqlUrl": "github.graphql_url",
}

// contextMember returns a member of the context object.
func contextMember(name string) thing {
	switch name {
	case "payload":
		return payload{event}
	case "repo":
		return repository()
	case "issue":
		o := repository()
		o.set("number", text{value.Context(event + ".issue.number")})
		return o
	}
	if path, ok := contextMembers[name]; ok {
		return text{value.Context(path)}
	}
	return unknown{"context." + name}
}

// repository is the owner and name of the workflow's repository.
func repository() *object {
	o := newObject()
	o.source = "context.repo"
	o.set("owner", text{value.Context(repositoryOwner)})
	o.set("repo", text{value.Context(repositoryName)})
	return o
}

// payloadMember returns a member of the event. The event's repository is the
// workflow's, so its names are those of the run.
func payloadMember(path, name string) thing {
	switch full := path + "." + name; full {
	case event + ".repository.owner.login", event + ".repository.owner.name":
		return text{value.Context(repositoryOwner)}
	case repositoryName:
		return text{value.Context(repositoryName)}
	case event + ".repository.full_name":
		return text{value.Context("github.repository")}
	default:
		if name == "length" {
			return unknown{full}
		}
		return payload{strings.ToLower(full)}
	}
}

// callCore calls a function of @actions/core.
func (f *frame) callCore(s site, name string, args []thing) thing {
	switch name {
	case "getInput", "getBooleanInput", "getMultilineInput":
		return f.coreInput(s, name, args)
	case "setOutput":
		f.output(s, f.result.Outputs, args)
	case "saveState":
		f.output(s, f.result.State, args)
	case "getState":
		return f.coreState(s, args)
	case "exportVariable":
		f.exported(s, args)
	case "group":
		if len(args) > 1 {
			return f.call(s, args[1], none{}, nil)
		}
	default:
		s.callbacks(args)
		if strings.HasPrefix(name, "summary") {
			return outside{"@actions/core.summary"}
		}
	}
	return unknown{s.source()}
}

// exportsAny notes that any variable may be set for later steps: of those that nothing
// else is known to set only where gh goes is looked after.
func (f *frame) exportsAny(s site) {
	for _, name := range rules.GhPlaces {
		sure := f.sure[name]
		f.output(s, f.result.Env, []thing{literal(name), unknown{s.source()}})
		f.sure[name] = sure
	}
}

// exported notes a variable for later steps. One whose name is not known may be any
// that nothing else is known to set.
func (f *frame) exported(s site, args []thing) {
	variable, _ := literalOf(firstOr(args, 0))
	switch {
	case f.output(s, f.result.Env, args):
		f.setEnv(variable, args[1])
	case len(args) > 1 && variable == "":
		f.exportsAny(s)
		f.blurEnv(s.source(), true)
	}
}

// coreInput reads an input of the action, which the runner puts into the
// environment.
func (f *frame) coreInput(s site, name string, args []thing) thing {
	if len(args) == 0 {
		return unknown{s.source()}
	}
	input, known := literalOf(args[0])
	if !known {
		return unknown{s.source()}
	}
	variable := "INPUT_" + strings.ToUpper(strings.ReplaceAll(input, " ", "_"))
	v, ok := f.lookupEnv(variable)
	if !ok {
		return unknown{s.source()}
	}
	if name == "getMultilineInput" {
		return &list{items: []thing{text{v}}, open: true}
	}
	return text{v}
}

// coreState reads what the action kept for what runs at the end of the job,
// which the runner puts into the environment.
func (f *frame) coreState(s site, args []thing) thing {
	if len(args) > 0 {
		if name, known := literalOf(args[0]); known {
			if v, ok := f.lookupEnv("STATE_" + name); ok {
				return text{v}
			}
		}
	}
	return unknown{s.source()}
}

// output notes a name and its value, and tells whether both were given.
func (f *frame) output(s site, into map[string]value.Value, args []thing) bool {
	if len(args) < 2 {
		return false
	}
	name, known := literalOf(args[0])
	if !known || name == "" {
		if carried(args[1]).loaded() {
			s.unread("a token is put out under a name that is not known", carried(args[1]).credentials...)
		}
		return false
	}
	f.sets(into, name, valueOf(args[1]))
	return true
}

// writeFile follows what is written into the runner's files for outputs and
// variables.
func (f *frame) writeFile(s site, args []thing) thing {
	if len(args) < 2 {
		return unknown{s.source()}
	}
	path, data := valueOf(args[0]), valueOf(args[1])
	switch {
	case path.IsContext("github.output"):
		f.lines(data, f.result.Outputs)
	case path.IsContext("github.env"):
		if !f.lines(data, f.result.Env) {
			f.exportsAny(s)
		}
	case carried(args[1]).loaded():
		s.unread("a token is written to the file "+path.String(), carried(args[1]).credentials...)
	}
	return unknown{s.source()}
}

// lines reads "name=value" lines, and values of several lines that end where they say.
// It tells whether the names of all of them are known.
func (f *frame) lines(data value.Value, into map[string]value.Value) (whole bool) {
	whole = true
	for _, one := range data.Alternatives() {
		masked := one.Mask()
		lines := strings.Split(masked.Text, "\n")
		for n := 0; n < len(lines); n++ {
			name, rest, ok := strings.Cut(lines[n], "=")
			v := masked.Table.Value(rest)
			if before, end, long := strings.Cut(lines[n], "<<"); long && len(before) <= len(name) {
				length := slices.Index(lines[n+1:], end)
				if name, ok = before, true; length < 0 {
					v, length = value.Unknown("a value of several lines"), len(lines)
				} else {
					v = masked.Table.Value(strings.Join(lines[n+1:n+1+length], "\n"))
				}
				n += length + 1
			}
			name = strings.TrimSpace(name)
			if !ok || name == "" || value.HasPlaceholder(name) {
				whole = whole && name == ""
				continue
			}
			f.sets(into, name, v)
		}
	}
	return whole
}
