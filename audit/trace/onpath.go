package trace

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// userPrograms are the folders for programs of a user's own that stand before those
// of the system in $PATH.
var userPrograms = []string{"/usr/local/bin", "~/.local/bin", "~/bin"}

// onPath handles a program that a command names by its bare name, where a script of
// the repository or one that the job wrote by that name stands first in $PATH. One that
// calls the program whose place it takes is taken to mean that one. Whether it can be
// executed is not looked at, nor what else the job may have put into these folders.
func (r *run) onPath(c *Command, program string) (start, bool) {
	if program == "" || strings.ContainsAny(program, "/\\$ \n") {
		return start{}, false
	}
	path, _ := c.Env.Lookup("PATH")
	var own []value.Value
	if r.wroteProgram(program) {
		own = userFolders()
	}
	var found []start
	none := false
	for alternative := range path.EachAlternative() {
		if s, ok := r.firstOf(c, append(pathFolders(alternative), own...), program); ok {
			found = append(found, s)
		} else {
			none = true
		}
	}
	switch {
	case len(found) == 0 || r.startedBy(found[0]):
		return start{}, false
	case none || slices.ContainsFunc(found, func(s start) bool { return s.file != found[0].file || s.target != found[0].target }):
		return start{what: found[0].what, why: "may stand before the program in $PATH", settle: "call the program by its path" + orDescribe}, true
	}
	return found[0], true
}

// wroteProgram tells whether the job wrote a file by a name anywhere.
func (r *run) wroteProgram(program string) bool {
	for name := range r.files {
		if strings.HasSuffix(name, "/"+program) {
			return true
		}
	}
	return false
}

// startedBy tells whether a script is being followed already.
func (r *run) startedBy(s start) bool {
	return slices.Contains(r.stack, s.file+"\x00"+s.target)
}

// firstOf finds a program in the first of some folders that has a script by its name.
func (r *run) firstOf(c *Command, folders []value.Value, program string) (start, bool) {
	for _, folder := range folders {
		inner := *c
		inner.Args = append([]value.Value{value.Concat(folder, value.Text("/"+program))}, c.Args[1:]...)
		inner.Written = nil
		if s, ok := r.writtenScript(&inner, 0, ""); ok {
			return s, true
		}
		word := pathText(inner.Args[0])
		if name, source, there := r.read(c.Dir, word); there {
			return r.scriptFile(&inner, word, scriptKind(name, source), inner.Args)
		}
	}
	return start{}, false
}

// pathFolders are the folders of $PATH before those that it had already.
func pathFolders(path value.Value) (folders []value.Value) {
	masked := path.Mask()
	for _, text := range strings.FieldsFunc(masked.Text, func(r rune) bool { return r == ':' || r == ';' }) {
		folder := masked.Table.Value(text)
		if last := len(folder) - 1; last >= 0 && strings.EqualFold(strings.Trim(folder[last].Unknown, "${}"), "path") {
			break
		}
		folders = append(folders, folder)
	}
	return folders
}

func userFolders() []value.Value {
	out := make([]value.Value, len(userPrograms))
	for n, folder := range userPrograms {
		out[n] = value.Text(folder)
	}
	return out
}
