package infer

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// actionInput answers the conditions of the table.
func (in *inferrer) actionInput(site *trace.Site, c *value.Credential, name string) (text string, known, set bool) {
	switch name {
	case "@token":
		return map[value.Kind]string{value.JobToken: "job", value.Installation: "app"}[c.Kind] + map[bool]string{true: "secret"}[c.Kind == value.Secret || c.Kind == value.Derived], true, true
	case "@event":
		var events []string
		for _, t := range in.job.Root.Triggers {
			events = append(events, t.Event)
		}
		return strings.Join(events, rules.Either), len(events) > 0 && !in.job.UnknownCaller, true
	case "@version":
		ref := site.Action.Version()
		return ref, ref != "", true
	case "@checkout":
		version := in.session.tree(folder(site.Action.Inputs["path"])).version
		return version, version != "", true
	case "@actor":
		return "", false, true
	case "@run":
		return "", false, false
	}
	if input, ok := strings.CutPrefix(name, "@empty:"); ok {
		v, given := site.Action.Inputs[strings.ToLower(input)]
		return "true", true, given && len(v) == 0
	}
	if file, ok := strings.CutPrefix(name, "@file:"); ok {
		return in.fileText(site, file)
	}
	if list, ok := strings.CutPrefix(name, "@list:"); ok {
		return in.listText(list)
	}
	if said, ok := strings.CutPrefix(name, saidKind+":"); ok {
		return in.saidText(site, said)
	}
	if seen, ok := strings.CutPrefix(name, seenKind+":"); ok {
		if text, known, set = in.saidText(site, seen); known {
			return text, known, set
		}
		return "", true, false
	}
	if own, ok := strings.CutPrefix(name, "@electron"); ok {
		dir := folder(site.Action.Inputs["package_root"])
		return in.electron(own, "", func(name string) ([]byte, error) {
			if in.options.Read == nil || strings.HasPrefix(dir, "?") {
				return nil, fs.ErrNotExist
			}
			return in.options.Read(joinFolder(dir, name))
		})
	}
	v, set := in.actionGiven(site, "input:"+name)
	if strings.HasPrefix(name, "env:") {
		v, set = in.actionGiven(site, name)
	}
	if !set {
		return "", true, false
	}
	if text, ok := belowWorkspace(v).Literal(); ok {
		return text, true, true
	}
	if v.IsContext("github.repository") {
		return "${{ github.repository }}", true, true
	}
	if all := spelled(v); all != nil {
		return strings.Join(all, rules.Either), true, true
	}
	return v.String(), false, true
}

// belowWorkspace is a value with the workspace as the folder that paths begin in.
func belowWorkspace(v value.Value) value.Value {
	var out value.Value
	for _, p := range v {
		piece := value.Value{p}
		if piece.IsContext("github.workspace") {
			piece = value.Text(".")
		}
		out = value.Concat(out, piece)
	}
	return out
}

// fileText returns what stands in a file that an action reads, by the path or
// by the input that names it, without its comments.
func (in *inferrer) fileText(site *trace.Site, name string) (text string, known, set bool) {
	file, set := in.fileRead(site, name)
	if !set || in.general() {
		return "", true, false
	}
	if file == "" || in.options.Read == nil {
		return "", false, false
	}
	source, err := in.options.Read(path.Clean(strings.TrimPrefix(file, "/")))
	if err != nil {
		return "", false, false
	}
	var lines []string
	for line := range strings.Lines(string(source)) {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, ""), true, true
}

// listText returns the entries of a list in a configuration, by the file and the
// key behind "#", as texts of which each is one.
func (in *inferrer) listText(name string) (text string, known, set bool) {
	file, key, _ := strings.Cut(name, "#")
	if in.options.Read == nil {
		return "", false, false
	}
	names, all := settings.Find([]string{file}, in.options.Read).Names(key)
	return strings.Join(names, rules.Either), all, len(names) > 0
}

// fileRead returns the path of a file that an action reads, "" where it is not
// known; set is false where the input that names it is not given.
func (in *inferrer) fileRead(site *trace.Site, name string) (file string, set bool) {
	if strings.ContainsAny(name, "./") {
		return name, true
	}
	v, set := in.actionGiven(site, "input:"+name)
	return v.LiteralOr(""), set
}

// openFile returns the file on whose text a condition hangs, if it hangs on one.
func (in *inferrer) openFile(site *trace.Site, c rules.Condition) (file string, ok bool) {
	for _, t := range c {
		particular, general := t.Names()
		for _, name := range []string{particular, general} {
			name, of := strings.CutPrefix(name, "@file:")
			if !of {
				name, of = strings.CutPrefix(name, saidKind+":")
				name, _, _ = strings.Cut(name, "#")
			}
			if file, set := in.fileRead(site, name); of && set {
				return cmp.Or(file, "the file of the input "+name), true
			}
		}
	}
	return "", false
}

// spelled are the texts of which a value is one; nil where that is not known.
func spelled(v value.Value) []string {
	all := v.Alternatives()
	out := make([]string, len(all))
	for i, a := range all {
		text, ok := a.Literal()
		if !ok {
			return nil
		}
		out[i] = text
	}
	return out
}

// actionGiven resolves "input:NAME", "env:NAME" and "@said:FILE#KEY".
func (in *inferrer) actionGiven(site *trace.Site, reference string) (value.Value, bool) {
	kind, name, _ := strings.Cut(reference, ":")
	switch kind {
	case "input":
		v, ok := site.Action.Inputs[strings.ToLower(name)]
		return v, ok && len(v) > 0
	case "env":
		return site.Env.Lookup(name)
	case saidKind:
		return in.said(site, name)
	}
	return nil, false
}

// otherInputs handles credentials in inputs that the table does not list.
func (in *inferrer) otherInputs(site *trace.Site, info *rules.ActionInfo, here *tree) {
	a := site.Action
	for _, name := range sortedKeys(a.Inputs) {
		v := a.Inputs[name]
		if !v.HoldsCredential() || slices.ContainsFunc(info.Tokens, func(t rules.ActionToken) bool { return strings.EqualFold(t.Input, name) }) {
			continue
		}
		if token, ok := info.Token(name); ok {
			in.actionToken(site, info, token, v, here)
			continue
		}
		if in.codeInput(site, info, name, v) {
			continue
		}
		in.use(site, v, a.Name, func(u *Use) {
			u.Line = a.Place(name).Line
			if u.Other = in.otherSecret(v, name); u.Other {
				return
			}
			u.Reads = in.meant(u.Credential, name)
			if kind := in.options.secretKind(u.Credential.Name); !u.Reads && kind != rules.NameGitHub || rules.InputPlain.Has(strings.ToLower(name)) {
				// The action is known to take its tokens by other inputs.
				u.Other = true
				return
			}
			u.Unknowns = []Unknown{{
				Code: "unread", Detail: fmt.Sprintf("what %s does with its input %s is not known", a.Name, name), Place: a.Place(name),
				Settle: "read the action's sources" + describe("actions"),
			}}
		})
	}
}

// codeInput handles a credential that stands inside a program which an action
// is given: the program was not read as one.
func (in *inferrer) codeInput(site *trace.Site, info *rules.ActionInfo, name string, v value.Value) bool {
	for _, code := range info.Code {
		if !strings.EqualFold(code.Input, name) {
			continue
		}
		in.use(site, v, site.Action.Name, func(u *Use) {
			u.Unknowns = []Unknown{{
				Code: "unread", Detail: fmt.Sprintf("the %s in input %s of %s is not read", code.Language, name, site.Action.Name), Place: site.Action.Place(name),
				Settle: "put it in a step of its own",
			}}
		})
		return true
	}
	return false
}
