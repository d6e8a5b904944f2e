package infer

import (
	"path"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// command handles a command of a script.
func (in *inferrer) command(site *trace.Site) {
	if len(site.Command.Args) == 0 {
		return
	}
	in.writtenFiles(site)
	if site.Followed {
		return
	}
	if site.Unread != nil {
		in.unreadCommand(site)
		return
	}
	program := site.Command.Args[0].String()
	switch name := strings.ToLower(strings.TrimSuffix(path.Base(strings.ReplaceAll(program, "\\", "/")), ".exe")); name {
	case "gh":
		in.gh(site)
	case "git":
		in.git(site)
	case "curl", "wget", "http", "https", "xh", "invoke-restmethod", "irm", "invoke-webrequest", "iwr":
		in.http(site, name)
	default:
		in.program(site)
	}
}

// writtenFiles notes credentials that a command writes where git finds them.
func (in *inferrer) writtenFiles(site *trace.Site) {
	for _, out := range site.Command.Output {
		file := out.Path.String()
		name := site.Command.Args[0].String()
		if name != "echo" && name != "printf" && name != "cat" {
			continue
		}
		text := site.Command.Stdin
		for _, a := range site.Command.Args[1:] {
			text = value.Concat(text, a)
		}
		if len(text.Credentials()) == 0 {
			continue
		}
		switch path.Base(file) {
		case ".netrc", "_netrc":
			in.session.netrc = text
		case ".git-credentials", "credentials":
			in.session.stored = text
		}
	}
}

// handed are the credentials that a command gets as words or input.
func handed(c *trace.Command) value.Value {
	v := c.Stdin
	for _, a := range c.Args {
		v = value.Concat(v, a)
	}
	return v
}

// unreadCommand notes what local code that cannot be read may use: what it is
// handed, and every variable with a credential that is not plainly meant for
// another service, for such code is written along with the workflow.
func (in *inferrer) unreadCommand(site *trace.Site) {
	u := unread(site.Unread, place(site))
	what := commandWords(site.Command)
	in.use(site, handed(site.Command), what, func(use *Use) { use.Unknowns = []Unknown{u} })
	for _, name := range sortedNames(site.Env) {
		v, _ := site.Env.Lookup(name)
		other := in.otherSecret(v, name)
		in.use(site, v, what, func(use *Use) {
			if use.Other = other; !other {
				use.Unknowns = []Unknown{u}
			}
		})
	}
}

// commandWords names a command by its program and the word behind it.
func commandWords(c *trace.Command) string {
	name := path.Base(c.Args[0].String())
	for _, a := range c.Args[1:] {
		if w, ok := a.Literal(); ok && w != "" && !strings.HasPrefix(w, "-") && len(w) < 30 && !strings.ContainsAny(w, "/=:\n") {
			return name + " " + w
		}
		break
	}
	return name
}

// maskWords turns words into strings that share one table.
func maskWords(args []value.Value) ([]string, *value.Table) {
	table := &value.Table{}
	words := make([]string, len(args))
	for i, a := range args {
		var b strings.Builder
		for _, p := range a {
			if text, ok := (value.Value{p}).Literal(); ok {
				b.WriteString(text)
				continue
			}
			b.WriteString(table.Placeholder(value.Value{p}, 0))
		}
		words[i] = b.String()
	}
	return words, table
}
