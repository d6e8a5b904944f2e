package workflow

import (
	"bytes"
	"errors"
	"sort"
	"strings"
	"unicode/utf8"

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
	r.file.BreaksAt = max(r.physicalLine(line, 1), 1)
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

// lost keeps the expressions on the lines from an offset on, which could not
// be read: where they stand is not known, but that they do. It is wrong for
// one in a comment behind a quote, and misses one of several lines.
func (r *reader) lost(from int) {
	lines := r.file.lines()
	first := sort.SearchInts(lines.yaml, from)
	for n, start := range lines.yaml[min(first, len(lines.yaml)):] {
		end := len(r.file.Source)
		if next := first + n + 1; next < len(lines.yaml) {
			end = lines.yaml[next]
		}
		line := bytes.TrimRight(r.file.Source[start:end], "\r\n")
		if comment := bytes.Index(line, []byte(" #")); comment >= 0 {
			line = line[:comment]
		}
		if bytes.HasPrefix(line, []byte("#")) {
			continue
		}
		for at := 0; ; {
			open := bytes.Index(line[at:], []byte("${{"))
			if open < 0 {
				break
			}
			open += at
			shut := bytes.Index(line[open:], []byte("}}"))
			if shut < 0 {
				break
			}
			at = open + shut + len("}}")
			r.at(string(line[open:at]), first+n+1, utf8.RuneCount(line[:open])+1)
		}
	}
}
