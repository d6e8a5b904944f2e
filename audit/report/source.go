package report

import (
	"strings"
	"unicode/utf16"

	"github.com/patrol-actions/patrol/audit"
)

// sources reads the lines of audited files, each file once.
type sources struct {
	open  func(*audit.Repository, string) ([]byte, error)
	files map[sourceKey][]string
}

type sourceKey struct {
	repository *audit.Repository
	path       string
}

func newSources(o Options) *sources {
	return &sources{open: o.Open, files: map[sourceKey][]string{}}
}

// line returns a 1-based line without its end, if it can be had.
func (s *sources) line(repository *audit.Repository, path string, number int) (string, bool) {
	if s.open == nil || number < 1 {
		return "", false
	}
	key := sourceKey{repository, path}
	lines, ok := s.files[key]
	if !ok {
		if source, err := s.open(repository, path); err == nil {
			lines = strings.Split(string(source), "\n")
		}
		s.files[key] = lines
	}
	if number > len(lines) {
		return "", false
	}
	return strings.TrimSuffix(lines[number-1], "\r"), true
}

// utf16Column converts a 1-based column that counts characters into one that
// counts UTF-16 code units. Where the line cannot be had the two are taken for
// equal, which is wrong only after characters beyond U+FFFF.
func (s *sources) utf16Column(repository *audit.Repository, path string, line, column int) int {
	text, ok := s.line(repository, path, line)
	if !ok {
		return column
	}
	units, runes := 1, 1
	for _, r := range text {
		if runes >= column {
			break
		}
		units += max(utf16.RuneLen(r), 1)
		runes++
	}
	return units + max(column-runes, 0)
}
