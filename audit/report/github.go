package report

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/sethvargo/go-githubactions"
)

// shownAnnotations is how many annotations of a level GitHub shows of a step.
const shownAnnotations = 10

// Annotation is a message beside a line. Its texts are safe to show.
type Annotation struct {
	Level          audit.Severity
	Title, Message string
	// File is "" for what is of no file of the repository.
	File string
	// Lines and columns are 1-based, the end column is exclusive; 0 where
	// only a line, or only a file, is meant.
	Line, EndLine, Column, EndColumn int
	// rank orders annotations of a level; the least comes first.
	rank int
}

// Annotations turns what a report found into annotations, the worst first, and
// what can be replaced before the rest.
func Annotations(r *audit.Report, o Options) []Annotation {
	all := annotate(r, o)
	slices.SortStableFunc(all, func(a, b Annotation) int {
		return cmp.Or(worstFirst(a.Level, b.Level), cmp.Compare(a.rank, b.rank))
	})
	return all
}

// writeGitHub writes workflow commands, which a runner turns into annotations.
// GitHub shows few of them, so the worst come first, and what can be replaced
// before the rest; what is left over is counted.
func writeGitHub(w io.Writer, r *audit.Report, o Options) error {
	var b strings.Builder
	written, rest := map[audit.Severity]int{}, map[audit.Severity]int{}
	for _, a := range Annotations(r, o) {
		if written[a.Level] == shownAnnotations {
			rest[a.Level]++
			continue
		}
		written[a.Level]++
		b.WriteString(a.command() + "\n")
	}
	if len(rest) > 0 {
		fmt.Fprintf(&b, "Not annotated, for GitHub shows %d of a level in a step: %s.\n", shownAnnotations, countSeverities(rest))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// annotate turns findings and problems into annotations. Where a report covers
// several repositories a path alone would point into the wrong one: the place
// then stands in the message.
func annotate(r *audit.Report, o Options) []Annotation {
	var all []Annotation
	several := severalNames(r)
	for _, repository := range r.Repositories {
		byID := references(repository)
		found := findingsOf(r, repository)
		for _, f := range found {
			all = append(all, annotateFinding(f, byID[f.Reference], o.rule(f.Rule)))
		}
		for _, p := range repository.Errors {
			all = append(all, Annotation{
				Level: audit.SeverityWarning, Title: "Not read", File: p.File, Line: p.Line, Column: p.Column,
				Message: clean(p.Message), rank: 2,
			})
		}
		if o.Below != nil {
			for i := len(all) - len(found) - len(repository.Errors); i < len(all); i++ {
				if a := &all[i]; a.File != "" {
					a.File = path.Join(o.Below(repository), a.File)
				}
			}
		}
		if !several {
			continue
		}
		for i := len(all) - len(found) - len(repository.Errors); i < len(all); i++ {
			a := &all[i]
			where := strings.TrimSpace(label(repository) + " " + place(a.File, a.Line, a.Column))
			a.Message = clean(where) + ": " + a.Message
			a.File, a.Line, a.EndLine, a.Column, a.EndColumn = "", 0, 0, 0, 0
		}
	}
	for _, t := range r.Tokens {
		for _, f := range t.Findings {
			if f.Reference == "" {
				all = append(all, annotateFinding(f, nil, o.rule(f.Rule)))
			}
		}
		for _, p := range t.Problems {
			all = append(all, Annotation{Level: audit.SeverityWarning, Title: "Not found out", Message: clean(t.Name + ": " + p.Message), rank: 2})
		}
	}
	return all
}

func severalNames(r *audit.Report) bool {
	names := map[string]bool{}
	for _, repository := range r.Repositories {
		if repository.Name != nil {
			names[strings.ToLower(*repository.Name)] = true
		}
	}
	return len(names) > 1
}

func annotateFinding(f *audit.Finding, reference *audit.Reference, rule Rule) Annotation {
	rank := 1
	if reference != nil && reference.Verdict == audit.VerdictReplaceable && saysVerdict(f) {
		rank = 0
	}
	lines := slices.Concat([]string{clean(f.Message)}, reasonLines(f, reference), fixLines(f, reference))
	return Annotation{
		Level: f.Severity, Title: rule.Title, Message: strings.Join(lines, "\n"), rank: rank,
		File: f.File, Line: f.Line, EndLine: f.EndLine, Column: f.Column, EndColumn: f.EndColumn,
	}
}

// command writes the annotation as a runner reads it. A runner drops columns
// of a range of several lines, with a complaint, so they are left out.
func (a Annotation) command() string {
	properties := githubactions.CommandProperties{}
	add := func(name, value string) {
		if value != "" {
			properties[name] = value
		}
	}
	number := func(name string, n int) {
		if n > 0 {
			properties[name] = strconv.Itoa(n)
		}
	}
	add("file", clean(a.File))
	if a.File != "" && a.Line > 0 {
		number("line", a.Line)
		number("endLine", max(a.EndLine, a.Line))
		if a.EndLine <= a.Line {
			number("col", a.Column)
			number("endColumn", a.EndColumn)
		}
	}
	add("title", clean(a.Title))
	level := a.Level
	if !slices.Contains(severities, level) {
		level = audit.SeverityNotice
	}
	command := githubactions.Command{Name: string(level), Message: a.Message, Properties: properties}
	return command.String()
}
