package trace

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/change"
	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

// gitSettings notes what a script puts into a file of git's settings as the calls of
// `git config` that would set the same. What was in the file stays, which is wrong where
// another one takes its place; and settings that are taken out of it are not seen.
func (s *scriptFiles) gitSettings(c change.Change, file shell.GitFile, n int) {
	if len(s.result.Commands) == 0 {
		return
	}
	r := s.run
	set := func(key, v value.Value) {
		args := []value.Value{value.Text("git"), value.Text("config"), key, v}
		if file.Global {
			args = []value.Value{args[0], args[1], value.Text("--global"), key, v}
		}
		by := s.result.Commands[min(n, len(s.result.Commands)-1)]
		r.emit(&Site{
			File: s.file, Line: s.line.line(by.Start), Step: s.at.number, step: s.at.step, Hops: s.at.hops, Env: by.Env, JobEnv: r.jobEnv,
			Command: &Command{
				Command: shell.Command{Args: args, Whole: true, Env: by.Env, Dir: value.Text(file.Folder)},
				text:    func(int, int) string { return oneLine(c.By) },
			},
		})
	}
	texts, known := r.gitText(c)
	for _, text := range texts {
		masked := text.Mask()
		var conditions []string
		if c.Perhaps || len(texts) > 1 {
			conditions = []string{r.newBranch()}
		}
		r.under(conditions, func() {
			for _, setting := range settings.GitSettings(masked.Text) {
				set(masked.Table.Value(setting.Key), masked.Table.Value(setting.Text))
			}
		})
		known = known && !holdsOtherCode(text)
	}
	if !known {
		set(value.Text("include.path"), value.Unknown("what is written to "+c.Path))
	}
}

// gitText returns what a change puts into a file of git's settings, and whether that
// is all.
func (r *run) gitText(c change.Change) (texts []value.Value, known bool) {
	from := c.From
	switch c.Kind {
	case change.Removed, change.Restored:
		return nil, true
	case change.Written, change.Added:
		copied, ok := shell.FileOf(c.Content)
		if !ok {
			return wholes(c.Content), true
		}
		from = copied
	case change.Copied:
	default:
		return nil, false
	}
	inner, other := r.inside(from)
	if other != "" {
		return nil, false
	}
	stale := len(r.stale)
	text, err := r.file(inner)
	known = err == nil && len(r.stale) == stale
	r.stale = r.stale[:stale]
	return []value.Value{value.Text(strings.ReplaceAll(string(text), "\r\n", "\n"))}, known
}
