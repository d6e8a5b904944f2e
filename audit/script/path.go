package script

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// folder is the folder of the file that is walked.
func (f *frame) folder() string { return path.Dir(f.program.path) }

// inWorkspace returns the path of a file on the runner. The workspace is
// taken to hold the repository itself, which is wrong where a checkout names
// another path.
func inWorkspace(name string) value.Value {
	if name == "." || name == "" {
		return value.Context(workspace)
	}
	return value.Concat(value.Context(workspace), value.Text("/"+name))
}

// localPath returns the path of a file in the repository, from what a script
// calls it: relative to folder, under the workspace, or in the folder of the
// action that the script belongs to.
func localPath(v value.Value, folder, action string) (string, bool) {
	if len(v) == 0 {
		return "", false
	}
	switch v[0].Context {
	case workspace:
		rest, ok := v[1:].Literal()
		return inside(rest), ok
	case "github.action_path":
		rest, ok := v[1:].Literal()
		return inside(path.Join(action, rest)), ok
	}
	name, ok := v.Literal()
	if !ok {
		return "", false
	}
	if !strings.HasPrefix(name, ".") {
		return "", false
	}
	return inside(path.Join(folder, name)), true
}

// inside makes a path relative to the root, and keeps it there.
func inside(name string) string {
	return strings.TrimPrefix(path.Clean("/"+name), "/")
}

// joinPaths reads path.join and path.resolve. Relative paths are those of the
// workspace, in which steps run unless they say otherwise.
func joinPaths(args []thing) value.Value {
	var out value.Value
	for i, a := range args {
		v := valueOf(a)
		if i == 0 {
			out = v
			continue
		}
		if len(v) > 0 && v[0].Context == workspace {
			out = v
			continue
		}
		out = value.Concat(out, value.Text("/"), v)
	}
	return cleaned(out)
}

// cleaned takes "./" and "x/../" out of a path whose only unknown part is its
// beginning.
func cleaned(v value.Value) value.Value {
	if len(v) == 0 {
		return v
	}
	if word, ok := v.Literal(); ok {
		clean := path.Clean(word)
		if strings.HasPrefix(clean, "/") || strings.HasPrefix(clean, ".") {
			return value.Text(clean)
		}
		return value.Text("./" + clean)
	}
	if rest, ok := v[1:].Literal(); ok && v[0].Context == workspace {
		return inWorkspace(inside(rest))
	}
	return v
}

// pathPart reads functions of path and url.
func pathPart(name string, args []thing) value.Value {
	v := valueOf(firstOr(args, 0))
	if name != "path.dirname" {
		return v
	}
	if len(v) == 2 && v[0].Context == workspace {
		return inWorkspace(inside(path.Dir(v[1].Text)))
	}
	if word, ok := v.Literal(); ok {
		return value.Text(path.Dir(word))
	}
	return v
}

// readLocal reads a file: the event, or a file of the repository.
func (f *frame) readLocal(s site, args []thing) thing {
	if len(args) == 0 {
		return unknown{s.source()}
	}
	v := valueOf(args[0])
	if v.IsContext("github.event_path") {
		return payload{event}
	}
	name, local := localPath(v, ".", path.Dir(f.in.Path))
	if word, ok := v.Literal(); ok && !local && !strings.HasPrefix(word, "/") {
		name, local = inside(word), true
	}
	if local && f.in.Import != nil {
		if source, ok := f.in.Import(name); ok && len(source) <= maxSource {
			f.charge(value.Text(source))
			return literal(source)
		}
	}
	return unknown{s.source()}
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
