package infer

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// goPrivate says which modules a command of Go is told are not public: that is
// what GOPRIVATE means, although some set it to get round the proxy. Nothing is
// said where go.mod is at hand and asks for none of them.
func (in *inferrer) goPrivate(site *trace.Site) string {
	v, _ := site.Env.Lookup("GOPRIVATE")
	if len(v) == 0 {
		v = in.session.goPrivate
	}
	text, known := v.Literal()
	if name := path.Base(site.Command.Args[0].String()); name != "go" || !known || !strings.Contains(text, "github.com/") {
		return ""
	}
	source, read := in.goModule(site)
	if read && !slices.ContainsFunc(strings.Split(text, ","), func(pattern string) bool {
		return requires(source, strings.TrimRight(strings.TrimSpace(pattern), "*"))
	}) {
		return ""
	}
	if !read && in.installsOwn(site) {
		return ""
	}
	return "GOPRIVATE says that " + text + " is not public"
}

// installsOwn tells whether a call of go names modules, and all of them lie in this
// repository: what these require besides is taken for public.
func (in *inferrer) installsOwn(site *trace.Site) bool {
	own := strings.ToLower("github.com/" + in.options.Repository)
	named := false
	for _, a := range site.Command.Args[1:] {
		module, _, versioned := strings.Cut(a.LiteralOr(""), "@")
		if !versioned {
			continue
		}
		if module = strings.ToLower(module); module != own && !strings.HasPrefix(module, own+"/") {
			return false
		}
		named = true
	}
	return named && in.options.Repository != ""
}

// goModule returns the go.mod of the folder that a command runs in.
func (in *inferrer) goModule(site *trace.Site) (source string, read bool) {
	if in.options.Read == nil {
		return "", false
	}
	data, err := in.options.Read(path.Clean(joinFolder(folder(site.Command.Dir), "go.mod")))
	return string(data), err == nil
}

// requires tells whether a go.mod asks for a module of which the path begins so.
func requires(source, prefix string) bool {
	for line := range strings.Lines(source) {
		words := strings.Fields(line)
		if len(words) > 0 && words[0] == "require" {
			words = words[1:]
		}
		if len(words) > 1 && strings.HasPrefix(words[0], prefix) && strings.HasPrefix(words[1], "v") {
			return true
		}
	}
	return false
}

// goSettings notes what "go env -w" says of private modules.
func (in *inferrer) goSettings(site *trace.Site) {
	args := site.Command.Args
	if len(args) < 4 || path.Base(args[0].String()) != "go" || args[1].String() != "env" || args[2].String() != "-w" {
		return
	}
	for _, a := range args[3:] {
		if rest, ok := strings.CutPrefix(a.LiteralOr(""), "GOPRIVATE="); ok {
			in.session.goPrivate = value.Text(rest)
		}
	}
}
