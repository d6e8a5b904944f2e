package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/sethvargo/go-githubactions"
)

// shownAnnotations is how many annotations of a level GitHub shows of a step.
const shownAnnotations = 10

// annotation is a workflow command that puts a message beside a line.
type annotation struct {
	level                            audit.Severity
	title, file, message             string
	line, endLine, column, endColumn int
	// rank orders annotations of a level; the least comes first.
	rank int
}

// writeGitHub writes workflow commands, which a runner turns into annotations.
// GitHub shows few of them, so the worst come first, and what can be replaced
// before the rest; what is left over is counted.
func writeGitHub(w io.Writer, r *audit.Report, o Options) error {
	annotations := annotate(r, o)
	slices.SortStableFunc(annotations, func(a, b annotation) int {
		return cmp.Or(worstFirst(a.level, b.level), cmp.Compare(a.rank, b.rank))
	})
	var b strings.Builder
	written, rest := map[audit.Severity]int{}, map[audit.Severity]int{}
	for _, a := range annotations {
		if written[a.level] == shownAnnotations {
			rest[a.level]++
			continue
		}
		written[a.level]++
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
func annotate(r *audit.Report, o Options) []annotation {
	var all []annotation
	several := severalNames(r)
	for _, repository := range r.Repositories {
		byID := references(repository)
		found := findingsOf(r, repository)
		for _, f := range found {
			all = append(all, annotateFinding(f, byID[f.Reference], o.rule(f.Rule)))
		}
		for _, p := range repository.Errors {
			all = append(all, annotation{
				level: audit.SeverityWarning, title: "Not read", file: p.File, line: p.Line, column: p.Column,
				message: clean(p.Message), rank: 2,
			})
		}
		if !several {
			continue
		}
		for i := len(all) - len(found) - len(repository.Errors); i < len(all); i++ {
			a := &all[i]
			where := strings.TrimSpace(label(repository) + " " + place(a.file, a.line, a.column))
			a.message = clean(where) + ": " + a.message
			a.file, a.line, a.endLine, a.column, a.endColumn = "", 0, 0, 0, 0
		}
	}
	for _, t := range r.Tokens {
		for _, f := range t.Findings {
			if f.Reference == "" {
				all = append(all, annotateFinding(f, nil, o.rule(f.Rule)))
			}
		}
		for _, p := range t.Problems {
			all = append(all, annotation{level: audit.SeverityWarning, title: "Not found out", message: clean(t.Name + ": " + p.Message), rank: 2})
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

func annotateFinding(f *audit.Finding, reference *audit.Reference, rule Rule) annotation {
	rank := 1
	if reference != nil && reference.Verdict == audit.VerdictReplaceable && saysVerdict(f) {
		rank = 0
	}
	lines := slices.Concat([]string{clean(f.Message)}, reasonLines(f, reference), fixLines(f, reference))
	return annotation{
		level: f.Severity, title: rule.Title, message: strings.Join(lines, "\n"), rank: rank,
		file: f.File, line: f.Line, endLine: f.EndLine, column: f.Column, endColumn: f.EndColumn,
	}
}

// command writes the annotation as a runner reads it. A runner drops columns
// of a range of several lines, with a complaint, so they are left out.
func (a annotation) command() string {
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
	add("file", clean(a.file))
	if a.file != "" && a.line > 0 {
		number("line", a.line)
		number("endLine", max(a.endLine, a.line))
		if a.endLine <= a.line {
			number("col", a.column)
			number("endColumn", a.endColumn)
		}
	}
	add("title", clean(a.title))
	level := a.level
	if !slices.Contains(severities, level) {
		level = audit.SeverityNotice
	}
	command := githubactions.Command{Name: string(level), Message: a.message, Properties: properties}
	return command.String()
}
