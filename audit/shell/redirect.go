package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// redirected walks a statement with redirections.
func (i *interp) redirected(s *syntax.Stmt) {
	in, out, hidden := i.redirections(s.Redirs)
	if in == nil {
		in = i.in
	}
	walk := func() { i.reading(in, func() { i.command(s.Cmd, out) }) }
	switch {
	case s.Cmd == nil:
		// $(< file) prints the file; > file makes it empty.
		if in != nil && len(out) == 0 {
			i.out.write(in.value)
		}
		for _, r := range out {
			i.write(r.Path, nil, r.Append)
		}
	case len(out) > 0:
		printed := i.capture(walk)
		if call, ok := s.Cmd.(*syntax.CallExpr); ok && callee(call) == "exec" {
			// All that follows goes there.
			i.res.Opens = i.res.Opens || slices.ContainsFunc(out, func(r Redirect) bool { return isEnvFile(r.Path) })
		}
		for _, r := range out {
			i.write(r.Path, printed.value, r.Append)
		}
	case hidden:
		i.capture(walk)
	default:
		walk()
	}
}

// redirections reads redirections: what the command reads, the file that
// its output goes to, and whether that goes elsewhere altogether.
func (i *interp) redirections(list []*syntax.Redirect) (in *stream, out []Redirect, hidden bool) {
	for _, r := range list {
		fd := ""
		if r.N != nil {
			fd = r.N.Value
		}
		if name := strings.Trim(fd, "{}"); name != fd {
			i.st.set(name, variable{value: value.Unknown("$" + name)})
		}
		switch r.Op {
		case syntax.Hdoc, syntax.DashHdoc:
			if r.Hdoc == nil {
				in = &stream{}
				continue
			}
			v := i.document(r.Hdoc, isQuoted(r.Word), r.Op == syntax.DashHdoc)
			if fd == "" || fd == "0" {
				in = &stream{value: v}
			}
		case syntax.WordHdoc:
			in = &stream{value: value.Concat(i.word(r.Word), value.Text("\n"))}
		case syntax.RdrIn, syntax.RdrInOut:
			if path := i.word(r.Word); fd == "" || fd == "0" {
				in = &stream{value: i.content(path)}
			}
		case syntax.RdrOut, syntax.AppOut, syntax.RdrClob, syntax.RdrAll, syntax.AppAll:
			path := i.word(r.Word)
			if fd != "" && fd != "1" {
				i.res.Opens = i.res.Opens || fd != "2" && isEnvFile(path)
				continue
			}
			out = []Redirect{{Path: path, Append: r.Op == syntax.AppOut || r.Op == syntax.AppAll}}
		case syntax.DplOut:
			path := i.word(r.Word)
			switch s := path.LiteralOr(""); {
			case fd != "" && fd != "1" || s == "1":
			case s == "-" || s != "" && strings.Trim(s, "0123456789") == "":
				out, hidden = nil, true
			default:
				out = []Redirect{{Path: path}}
			}
		}
	}
	return in, out, hidden
}

// isQuoted tells whether any part of a heredoc's delimiter is quoted.
func isQuoted(w *syntax.Word) bool {
	for _, p := range w.Parts {
		lit, ok := p.(*syntax.Lit)
		if !ok || strings.Contains(lit.Value, `\`) {
			return true
		}
	}
	return false
}

// substitute walks $(…) and returns what it prints.
func (i *interp) substitute(p *syntax.CmdSubst) value.Value {
	source := i.source(int(p.Pos().Offset()), int(p.End().Offset()))
	if p.Backquotes {
		source = "$(" + strings.Trim(source, "`") + ")"
	}
	target, captured := i.target, i.captured
	i.target, i.captured = "", target
	v := value.Unknown(source)
	i.deeper(func() {
		printed := i.capture(func() { i.apart(true, func() { i.branch(func() { i.substituted(p) }) }) })
		v = trimNewlines(printed.value)
		if printed.partial && isOpaque(v) {
			v = value.Opaque(source, v)
		}
	})
	i.target, i.captured = target, captured
	return v
}

// isOpaque tells whether nothing but credentials is known of a value, so
// that it may as well be named after more of its source.
func isOpaque(v value.Value) bool {
	unknown := 0
	for _, p := range v {
		switch {
		case p.Unknown != "":
			unknown++
		case p.Credential == nil:
			return false
		}
	}
	return unknown == 1
}

// processSubstitution walks <(…) or >(…) and returns the name of a file
// that holds what it prints.
func (i *interp) processSubstitution(p *syntax.ProcSubst) value.Value {
	source := i.source(int(p.Pos().Offset()), int(p.End().Offset()))
	i.deeper(func() {
		printed := i.capture(func() { i.alone(func() { i.apart(true, func() { i.branch(func() { i.stmts(p.Stmts) }) }) }) })
		if p.Op == syntax.CmdIn {
			i.known[source] = printed.value
		}
	})
	return value.Unknown(source)
}
