package workflow

import (
	"bytes"
	"errors"
	"sort"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit"
)

const syntaxMessage = "could not parse as YAML: "

// syntaxProblem notes what the YAML parser says, and returns the part of the
// source before the faulty line, which may be read in place of the whole.
// GitHub refuses such a file, but what is in it will run once it is mended.
func (r *reader) syntaxProblem(err error) (before []byte) {
	message, line := strings.TrimPrefix(err.Error(), "yaml: "), 0
	var syntax *yaml.ParserError
	if errors.As(err, &syntax) {
		message, line = syntax.Message, syntax.Line
	}
	// Of what it calls unexpected, the parser gives the place where the
	// surrounding block begins, and of some faults it gives none.
	if line == 0 || strings.HasPrefix(message, "did not find expected") {
		line = r.firstFaulty(err)
	}
	r.problem(audit.Problem{File: r.file.Path, Line: r.physicalLine(line, 1), Message: syntaxMessage + message})
	lines := r.file.lines()
	return r.file.Source[:lines.yaml[min(max(line, 1), len(lines.yaml))-1]]
}

// firstFaulty returns the line that makes a source faulty: the last one of
// the fewest lines that give the same error.
func (r *reader) firstFaulty(err error) int {
	lines, source := r.file.lines(), r.file.Source
	return 1 + sort.Search(len(lines.yaml)-1, func(n int) bool {
		_, other := parseYAML(bytes.TrimRight(source[:lines.yaml[n+1]], "\r\n"))
		return other != nil && other.Error() == err.Error()
	})
}
