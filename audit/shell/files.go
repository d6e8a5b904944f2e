package shell

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/change"
	"github.com/patrol-actions/patrol/audit/value"
)

// Join returns p as seen from the folder dir. Paths in the workspace become
// relative to it, those in the home folder begin with "~"; a path whose
// beginning is not known is taken as absolute.
func Join(dir, p value.Value) value.Value {
	p = settle(p)
	if len(p) == 1 && p[0].OneOf != nil {
		choices := make([]value.Value, len(p[0].OneOf))
		for n, w := range p[0].OneOf {
			choices[n] = Join(dir, w)
		}
		return choose("…", choices...)
	}
	if len(p) > 0 && p[0].Text == root {
		p = value.Concat(p[1:])
		return clean(trimSlash(p))
	}
	if isAbsolute(p) {
		return clean(p)
	}
	dir = settle(dir)
	if len(dir) > 0 && dir[0].Text == root {
		dir = trimSlash(value.Concat(dir[1:]))
	}
	if len(dir) == 0 {
		return clean(p)
	}
	joined := value.Concat(dir, value.Text("/"), p)
	if isEndless(joined) {
		return value.Opaque("$PWD", dir, p)
	}
	return clean(joined)
}

// isEndless tells whether a path is longer than any that there is, as that of a script
// which goes into one folder after the other.
func isEndless(p value.Value) bool {
	length := 0
	for _, part := range p {
		length += len(part.Text) + len(part.Unknown)
	}
	return length > maxPath || len(p) > maxNodes
}

// root stands for the workspace while a path is put together.
const root = "\x00"

// settle replaces a known beginning of a path: the workspace by root, the
// home folder by "~".
func settle(p value.Value) value.Value {
	if len(p) == 0 {
		return p
	}
	switch strings.ToLower(p[0].Context + p[0].Unknown) {
	case "github.workspace", "$github_workspace", "${{ github.workspace }}", "$env:github_workspace", "%github_workspace%":
		return append(value.Value{{Text: root}}, p[1:]...)
	case "runner.home", "$home", "$env:home", "$env:userprofile", "%userprofile%":
		return value.Concat(value.Text("~"), p[1:])
	}
	return p
}

func trimSlash(p value.Value) value.Value {
	if len(p) == 0 || p[0].Text == "" {
		return p
	}
	return value.Concat(value.Text(strings.TrimLeft(p[0].Text, "/")), p[1:])
}

// isAbsolute tells whether a path does not depend on the current folder.
func isAbsolute(p value.Value) bool {
	if len(p) == 0 {
		return false
	}
	s := p[0].Text
	return s == "" || s[0] == '/' || s[0] == '~' || len(s) > 1 && s[1] == ':'
}

// clean removes "." and ".." from a path; the workspace itself is empty.
func clean(p value.Value) value.Value {
	if len(p) == 0 {
		return nil
	}
	m := p.Mask()
	s := path.Clean(m.Text)
	if s == "." {
		return nil
	}
	return m.Table.Value(s)
}

// here returns the current folder as $PWD has it. One that is not below the
// workspace is not known.
func (i *interp) here() value.Value {
	dir, ok := i.st.dir.Literal()
	if !ok || strings.HasPrefix(dir, "~") || dir == ".." || strings.HasPrefix(dir, "../") {
		return value.Unknown("$PWD")
	}
	return absolute(dir)
}

// absolute returns a path that is relative to the workspace from the root.
func absolute(name string) value.Value {
	switch {
	case strings.HasPrefix(name, "/"):
		return value.Text(name)
	case name == "" || name == ".":
		return value.Context("github.workspace")
	}
	return value.Concat(value.Context("github.workspace"), value.Text("/"+name))
}

// key returns the name of a file in Result.Files.
func (i *interp) key(p value.Value) string { return Join(i.st.dir, p).String() }

// content returns what a file holds.
func (i *interp) content(p value.Value) value.Value {
	if v, ok := i.file(p); ok {
		return v
	}
	if v := i.settingsBeside(p); v != nil {
		return v
	}
	return value.Unknown(ofCopy + oneLine(p.String(), maxOrigin) + ")")
}

// ofFile matches what stands for the text of a file that is not known.
var ofFile = regexp.MustCompile(`^\$\((?:<|cat) *["']?([\w./-]+)["']?\)$`)

// FileOf returns the file whose text a value is, where that text is not known: it
// is read from the file, or printed from there.
func FileOf(v value.Value) (name string, ok bool) {
	if v = trimNewlines(v); len(v) != 1 {
		return "", false
	}
	m := ofFile.FindStringSubmatch(v[0].Unknown)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// ofWorkspace matches what stands for the text of a file below the workspace.
var ofWorkspace = regexp.MustCompile(`^\$\(< \$\{\{ github\.workspace \}\}/([\w./-]+)\)$`)

// WorkspaceFileOf is [FileOf] for a file whose path begins with the workspace,
// from where its name is.
func WorkspaceFileOf(v value.Value) (name string, ok bool) {
	if len(v) != 1 {
		return "", false
	}
	m := ofWorkspace.FindStringSubmatch(v[0].Unknown)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// file returns what a file holds, if that is known.
func (i *interp) file(p value.Value) (value.Value, bool) {
	key := i.key(p)
	if v, ok := i.filed(key); ok {
		return v, true
	}
	if v, ok := i.known[p.String()]; ok {
		return v, true
	}
	v, _, ok := i.copyOf(key)
	return v, ok
}

// filed is file by the name that the file is kept by.
func (i *interp) filed(key string) (value.Value, bool) {
	if v, ok := i.res.Files[key]; ok {
		return v, true
	}
	v, ok := i.known[key]
	return v, ok
}

// write writes a file. What is written for the runner is read at once.
func (i *interp) write(p, content value.Value, add bool) {
	if name := runnerFile(p); name != "" {
		i.runnerLines(name, content)
		return
	}
	i.res.Opens = i.res.Opens || isEnvFile(p)
	if s, ok := p.Literal(); ok && (s == "" || strings.HasPrefix(s, "/dev/")) {
		return
	}
	kind := change.Written
	if add {
		kind = change.Added
	}
	for _, to := range p.Alternatives() {
		if name, ok := i.inCheckout(to); ok && name != "" {
			i.note(change.Change{Kind: kind, Path: name, Content: content, By: "a script writes it", Perhaps: i.guard > 0})
		}
	}
	i.put(p, content, add)
}

// put keeps what is written to a file for the commands that name it.
func (i *interp) put(p, content value.Value, add bool) {
	key := i.key(p)
	old, ok := i.file(p)
	part := i.isPart(key) && (add || i.guard > 0) || add && !ok
	if i.gone[key] {
		part = false
	}
	defer delete(i.gone, key)
	switch {
	case add && i.gone[key]:
		// It begins anew.
	case add && ok:
		content = bounded(value.Concat(old, content), "…")
	case ok && i.guard > 0:
		content = choose("…", old, content)
	}
	if len(i.res.Files) < maxWords {
		i.res.Files[key], i.res.Parts[key] = content, part
	}
}

// copied is cp, mv or install: what is known of a file is known of its copy. Where
// copies come to lie in the checkout, its changes tell more of them.
func copied(i *interp, c *call) {
	i.emit(c)
	i.printed(c)
	told, ok := change.CopyOf(c.args)
	suffix := slices.ContainsFunc(c.args[1:], func(a value.Value) bool { s := a.LiteralOr(""); return isFlags(s) && strings.Contains(s, "S") })
	if !ok || suffix || len(told.To) == 0 {
		return
	}
	_, literal := told.To.Literal()
	_, checkedOut := i.inCheckout(told.To)
	if checkedOut || i.guard > 0 {
		if literal && !told.Into && !told.Whole {
			i.copy(told.From[0], told.To)
		}
		return
	}
	for _, from := range told.From {
		if !told.Into && (literal && !told.Whole || i.there(from)) {
			i.copy(from, told.To)
		}
		if !i.there(from) {
			continue
		}
		// What lies there may be a folder.
		masked := from.Mask()
		i.copy(from, value.Concat(told.To, value.Text("/"), masked.Table.Value(path.Base(masked.Text))))
	}
}

// there tells whether it is known what a file holds, or what lies in a folder: what the
// job has built is a program, by its name.
func (i *interp) there(from value.Value) bool {
	if _, ok := i.file(from); ok {
		return true
	}
	if _, ok := i.readNow(from); ok {
		return true
	}
	name, inside := i.inCheckout(from)
	if strings.ContainsAny(path.Base(name), "*?[") {
		name = path.Dir(name)
	}
	if !inside || i.top == nil {
		return false
	}
	_, ok := i.top(name)
	return ok
}

func (i *interp) copy(from, to value.Value) {
	part := i.isPart(i.key(from))
	i.put(to, i.content(from), false)
	if part {
		i.res.Parts[i.key(to)] = true
	}
}

// copyOf is what a file holds that lies in a folder to which another one was copied, or
// what stands for several files ("*.sh"), and the name by which that is kept.
func (i *interp) copyOf(key string) (v value.Value, kept string, ok bool) {
	if len(key) > maxPath {
		return nil, "", false
	}
	folder, base := path.Split(key)
	for _, pattern := range []string{"*" + path.Ext(base), "*"} {
		if v, ok := i.filed(folder + pattern); ok {
			from, copied := strings.CutSuffix(v.String(), "/"+pattern+")")
			return value.Unknown(from + "/" + base + ")"), folder + pattern, copied && strings.HasPrefix(from, ofCopy)
		}
	}
	for inner := path.Dir(key); len(inner) > 1; inner = path.Dir(inner) {
		if v, ok := i.filed(inner); ok {
			from, copied := strings.CutSuffix(v.String(), ")")
			return value.Unknown(from + key[len(inner):] + ")"), inner, copied && strings.HasPrefix(from, ofCopy)
		}
	}
	return nil, "", false
}

// ofCopy begins what stands for the text of a file, or of a folder that is copied.
const ofCopy = "$(< "

// removed is rm: what is added to a file after it begins anew.
func removed(i *interp, c *call) {
	i.emit(c)
	i.printed(c)
	for _, file := range operands(c.args) {
		if i.guard == 0 {
			i.gone[i.key(file)] = true
		}
	}
}

// isPart tells whether more may be in a file than is known.
func (i *interp) isPart(key string) bool {
	if part, ok := i.res.Parts[key]; ok {
		return part
	}
	_, kept, ok := i.copyOf(key)
	return i.partly[key] || ok && kept != key && i.isPart(kept)
}

// written returns the files among a command's words whose contents are known; a
// word may name one behind "@", as those of curl and gh do.
func (i *interp) written(args []value.Value) map[int]File {
	if len(i.res.Files)+len(i.known) == 0 {
		return nil
	}
	var out map[int]File
	for n, a := range args {
		name := i.fileNamed(a)
		content, ok := i.file(name)
		if len(name) == 0 || strings.HasPrefix(name.LiteralOr(""), "-") || !ok {
			continue
		}
		if out == nil {
			out = map[int]File{}
		}
		out[n] = File{content, i.isPart(i.key(name))}
	}
	return out
}

// fileNamed returns the file that a word may name: it, or what stands in it behind
// "@", or behind the "=" of a flag.
func (i *interp) fileNamed(word value.Value) value.Value {
	if _, ok := i.file(word); ok || len(word) == 0 {
		return word
	}
	masked := word.Mask()
	if _, file, ok := strings.Cut(masked.Text, "@"); ok && file != "" {
		return masked.Table.Value(file)
	}
	if name, file, ok := strings.Cut(masked.Text, "="); ok && strings.HasPrefix(name, "--") {
		return masked.Table.Value(file)
	}
	return word
}

// edited notes the files that a command changes in place.
func (i *interp) edited(c Command) {
	if len(c.Written) == 0 || !editsInPlace(c.Args) {
		return
	}
	for n := range c.Written {
		i.res.Parts[i.key(i.fileNamed(c.Args[n]))] = true
	}
}

// editsInPlace tells whether a program changes the files that it is given.
func editsInPlace(args []value.Value) bool {
	switch path.Base(args[0].LiteralOr("")) {
	case "patch", "ed", "ex", "sd", "rpl":
		return true
	case "sed", "gsed", "perl", "yq", "awk", "gawk":
		return slices.ContainsFunc(args[1:], func(a value.Value) bool {
			flags := a.LiteralOr("")
			return strings.HasPrefix(flags, "-") && strings.Contains(flags, "i")
		})
	}
	return false
}
