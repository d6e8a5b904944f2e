package trace

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

// keep keeps the files that a script wrote for those after it.
func (r *run) keep(result shell.Result) {
	for key, content := range result.Files {
		r.kept[key] = r.kept[key].Keep(content, r.guards, nil)
		r.files[key] = r.kept[key].All()
	}
	maps.Copy(r.parts, result.Parts)
}

// writtenScript finds the script that the n-th word of a command names among
// the files that the job wrote itself. kind is empty where its name tells. What a
// copy of a script takes in is looked for beside that script, which is wrong where
// the job has put other files beside the copy.
func (r *run) writtenScript(c *Command, n int, kind string) (start, bool) {
	key := strings.ReplaceAll(shell.Join(c.Dir, c.Args[n]).String(), "\\", "/")
	if r.wrapped != nil && key == stepScript {
		return r.wrapped.start(), true
	}
	file, ok := c.Written[n]
	if content, known := r.files[key]; !ok && known && key != "" {
		file, ok = shell.File{Content: content, Part: r.parts[key]}, true
	}
	if !ok {
		return start{}, false
	}
	if s, ok := r.fetchedScript(c, writtenKind(kind, "", ""), file.Content, c.Args[n:]); ok && !file.Part {
		return s, true
	}
	from, copied := shell.FileOf(file.Content)
	if inner, below := shell.WorkspaceFileOf(file.Content); below {
		from, copied = workspaceRoot+inner, true
	}
	if copied && file.Part {
		return start{what: from, written: true, why: "is a copy of " + from + " that the job changes", settle: "keep the script in the repository" + orDescribe}, true
	}
	if copied {
		// What was moved is no longer where it was.
		for _, word := range []string{from, pathText(c.Args[n])} {
			if r.isKnown(c.Dir, word) {
				return r.scriptFile(c, word, kind, c.Args[n:])
			}
		}
	}
	word := pathText(c.Args[n])
	name := path.Clean(strings.ReplaceAll(word, "\\", "/"))
	texts := wholes(file.Content)
	own, inRepository := r.repositoryScript(c, word, kind, c.Args[n:])
	if slices.ContainsFunc(texts, holdsOtherCode) || file.Part && !inRepository {
		return start{what: name, written: true, why: "is written by the job with text that is only known when it runs", settle: "keep the script in the repository" + orDescribe}, true
	}
	return start{what: name, written: true, target: "written " + key, run: func(r *run, site *Site, at position) {
		if inRepository {
			// The job may have added to it, or have put another in its place.
			r.code(own, site, at)
		}
		for _, text := range texts {
			masked := text.Mask()
			r.code(code{
				kind: writtenKind(kind, name, masked.Text), name: name, source: masked.Text, table: masked.Table, file: site.File,
				line: writtenAt(site, masked), args: c.Args[n:], own: !sourced(c), written: true, plain: true,
			}, site, at)
		}
	}}, true
}

// repositoryScript is the script of the repository that lies at the same place.
func (r *run) repositoryScript(c *Command, word, kind string, args []value.Value) (code, bool) {
	changes := r.changes
	r.changes = nil
	name, source, ok := r.read(c.Dir, word)
	r.changes = changes
	text := r.t.asText(name, source)
	if kind == "" {
		kind = scriptKind(name, source)
	}
	return code{kind: kind, name: name, source: text, file: name, line: lineOf(text), args: args, own: !sourced(c)}, ok
}

// writtenKind is the language of a script that the job wrote: a shell takes
// what names no interpreter.
func writtenKind(kind, name, text string) string {
	if kind == "" {
		kind = scriptKind(name, []byte(text))
	}
	if kind == "" {
		return "shell"
	}
	return kind
}

// writtenAt locates all of a script that the job wrote at the command that
// starts it.
func writtenAt(site *Site, m value.Masked) locate {
	return locate{
		line: func(int) int { return site.Line },
		text: func(from, to int) string { return oneLine(m.Table.Value(cut(m.Text, from, to)).String()) },
	}
}

// wholes are the texts that a file may hold, where branches wrote it anew.
func wholes(content value.Value) []value.Value {
	if len(content) != 1 {
		return []value.Value{content}
	}
	return content.Alternatives()
}

// holdsOtherCode tells whether whole lines of a script are only known when it
// is written.
func holdsOtherCode(text value.Value) bool {
	begins := true
	for n, p := range text {
		if p.Text != "" {
			line := strings.TrimRight(p.Text, " \t")
			begins = strings.HasSuffix(line, "\n") || n == 0 && line == ""
			continue
		}
		ends := n+1 == len(text) || strings.HasPrefix(strings.TrimLeft(text[n+1].Text, " \t"), "\n")
		if (p.Unknown != "" || p.OneOf != nil) && begins && ends {
			return true
		}
		begins = false
	}
	return false
}

// broken notes a script that the job wrote and that does not parse.
func (r *run) broken(c code, site *Site, at position) {
	r.emit(&Site{
		File: site.File, Line: site.Line, Step: at.number, step: at.step, Hops: at.hops, Env: site.Env, JobEnv: r.jobEnv,
		Unread: &Unread{c.name, "is written by the job, and does not parse as it is known here", "keep the script in the repository"},
		Token:  c.table.Value(c.source), Reads: site.Env.Credentials(),
	})
}
