package trace

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

// ownShell is a shell that runs a script, and that the files which the script
// sources run in as well. Of a library of hundreds of functions, each with
// commands that start other scripts, those are walked that may run there.
type ownShell struct {
	source, file string
	table        *value.Table
	env          *value.Env
	args         []value.Value
	dir          value.Value
	// own says that of the script itself those functions run that are named.
	own bool
	// unseen says that it calls what is only known when it runs.
	unseen bool
	// live is what may run, once that was asked for.
	live *shell.Live
	// walked are the environments in which the functions of a file were walked:
	// scripts source each other again and again.
	walked map[string][]*value.Env
	// left are the libraries of which functions were left out.
	left []func()
}

// in runs what belongs to a shell: nil where it is not one of a script.
func (r *run) in(s *ownShell, walk func()) {
	outer := r.shell
	r.shell = s
	walk()
	r.shell = outer
}

// library tells which functions of a file are walked that the shell sources,
// and reads the others later should it turn out that more of them may run: a
// file is sourced that was not found beforehand, which may call any.
func (r *run) library(s *ownShell, file string, env *value.Env, again func()) *shell.Live {
	switch {
	case s == nil || s.unseen:
		return nil
	case s.live == nil:
		s.live = r.live(s)
	}
	if s.file != file && !s.live.Files[file] {
		left := s.left
		s.unseen, s.left = true, nil
		for _, read := range left {
			read()
		}
		return nil
	}
	s.left = append(s.left, again)
	if slices.ContainsFunc(s.walked[file], env.Equal) {
		return &shell.Live{}
	}
	if s.walked == nil {
		s.walked = map[string][]*value.Env{}
	}
	s.walked[file] = append(s.walked[file], env)
	return s.live
}

// live finds what may run in a shell.
func (r *run) live(s *ownShell) *shell.Live {
	texts := make([]string, 0, len(s.args))
	for _, v := range s.args {
		texts = append(texts, v.String())
	}
	for _, v := range s.env.All() {
		texts = append(texts, v.String())
	}
	if s.table != nil {
		texts = append(texts, s.table.Value(s.source).String())
	}
	dir := s.dir.LiteralOr("")
	return r.t.libraries.FindLive(s.source, s.file, s.own, texts, r.t.parsed, func(from string, file shell.Sourced) map[string]string {
		out := map[string]string{}
		name := strings.TrimPrefix(file.Name, "/")
		if name == "" || file.Whole && name != file.Name {
			return nil
		}
		for _, name := range []string{path.Clean(name), path.Join(dir, name), path.Join(path.Dir(from), name)} {
			inner, other := r.inside(name)
			if other != "" {
				continue
			}
			if source, err := r.file(inner); err == nil {
				out[inner] = r.t.asText(inner, source)
			}
		}
		return out
	})
}
