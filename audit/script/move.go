package script

import (
	"path"
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// movers are the functions that change the folder in which programs are started.
// Packages also make them global.
var movers = set("cd", "zx.cd", "zx/core.cd", "zx/globals.cd", "shelljs.cd", "shell.cd", "shelljs/global.cd", "shelljs.pushd", "shell.pushd",
	"$.cwd", "bun.$.cwd", "Bun.$.cwd")

// within are the functions after which the folder is again what it was before.
var within = set("within", "zx.within", "zx/core.within", "zx/globals.within")

// callMover calls a function that changes the folder.
func (f *frame) callMover(s site, name string, args []thing) (thing, bool) {
	switch {
	case within[name] && len(args) > 0:
		before := f.dir
		t := f.call(s, args[0], none{}, nil)
		f.dir = before
		return t, true
	case movers[name] && len(args) > 0:
		f.move(valueOf(args[0]))
		return unknown{s.source()}, true
	case name == "process.chdir":
		f.reader.wanders = true
		return none{}, true
	case name == "shelljs.popd" || name == "shell.popd":
		f.move(value.Unknown(s.source()))
		return unknown{s.source()}, true
	}
	return nil, false
}

// move changes the folder. Where it is not sure that this is done, it is open
// where any program starts.
func (f *frame) move(to value.Value) {
	if f.condition > 0 {
		f.wanders, to = true, value.Unknown("cd")
	}
	f.dir = below(f.dir, to)
}

// below is a folder as it is called from another one.
func below(folder, name value.Value) value.Value {
	if len(folder) == 0 || len(name) == 0 {
		return value.Concat(folder, name)
	}
	to, known := name.Literal()
	switch from, constant := folder.Literal(); {
	case !name[0].IsText() || strings.HasPrefix(name[0].Text, "/"):
		// Names that the runner gives are absolute; any other may be.
		return name
	case known && constant:
		return value.Text(path.Join(from, to))
	case known && folder.IsPathLike():
		return cleaned(value.Concat(folder, value.Text("/"+to)))
	}
	return value.Unknown(folder.String() + "/" + name.String())
}

// moves matches the call by which code changes its own folder, or the name of that
// being taken in.
var moves = regexp.MustCompile(`\b(?:os|process|contextlib)\.f?chdir\(|\bfrom\s+(?:os|contextlib)\s+import\b[^\n]*\bf?chdir\b`)

// wander leaves open where the programs start which code runs that changes its
// own folder: whether before or after the one or the other is not read.
func wander(calls []Call) {
	for i := range calls {
		if c := &calls[i]; c.Kind == Exec && (len(c.Dir) == 0 || c.Dir[0].IsText() && !strings.HasPrefix(c.Dir[0].Text, "/")) {
			c.Dir = value.Unknown("chdir")
		}
	}
}

// folderNow is the folder that the script is in.
func (f *frame) folderNow() value.Value {
	if f.wanders {
		return value.Unknown("process.cwd()")
	}
	if len(f.dir) == 0 {
		return value.Context(workspace)
	}
	return below(value.Context(workspace), f.dir)
}
