package report

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
)

// opener gives a text as a file.
func opener(text string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
}

// TestSaved writes a report from a stream of a saved one: the bytes are those
// of the report in memory.
func TestSaved(t *testing.T) {
	full := sample()
	Summarize(full)
	for name, r := range map[string]*audit.Report{"sample": full, "empty": {Schema: audit.SchemaVersion, GeneratedAt: "2026-11-21T09:00:00Z"}} {
		Summarize(r)
		want := write(t, "json", r, Options{})
		s, err := Saved(opener(want))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			var got bytes.Buffer
			if err := WriteStream(&got, "json", s, Options{}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got.String()); diff != "" {
				t.Errorf("%s (-whole +stream):\n%s", name, diff)
			}
		}
	}
}

func TestSavedErrors(t *testing.T) {
	for source, want := range map[string]string{
		``:                               "not a JSON report: it is no object",
		`[]`:                             "not a JSON report: it is no object",
		`{}`:                             `not a report: it has no "schema"`,
		`{"schema":2}`:                   "the report has schema 2, but this program reads schema 1 only",
		`{"schema":1`:                    "not a JSON report: EOF",
		`{"schema":1,"repositories":{}}`: "its repositories are no list",
		`{"schema":1,"organization":{"secrets":[null]}}`: "not a report: null stands in a list of objects",
	} {
		_, err := Saved(opener(source))
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", source, err, want)
		}
	}
	s, err := Saved(opener(`{"schema":1,"repositories":[{"findings":[null]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteStream(io.Discard, "json", s, Options{}); err == nil {
		t.Error("null in a list of objects passes")
	}
}

// TestStreamEnds stops at the first error of a stream.
func TestStreamEnds(t *testing.T) {
	broken := errors.New("the state is broken")
	var all iter.Seq2[*audit.Repository, error] = func(yield func(*audit.Repository, error) bool) {
		if yield(sample().Repositories[0], nil) {
			yield(nil, broken)
		}
	}
	for _, format := range streamFormats() {
		if format == "csv-secrets" {
			continue // it is of the head alone
		}
		err := WriteStream(io.Discard, format, Stream{Head: &audit.Report{Schema: 1, Organization: &audit.Organization{}}, Repositories: all}, Options{})
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", format, err)
		}
	}
}
