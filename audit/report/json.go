package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit"
)

// writeJSON writes the report itself. schema/report.schema.json describes it.
func writeJSON(w io.Writer, r *audit.Report, _ Options) error {
	return writeRepositories(w, streamOf(r), func(*Counter) audit.Summary { return r.Summary })
}

// writeJSONStream writes a report with the summary of what it holds.
func writeJSONStream(w io.Writer, s Stream, _ Options) error {
	return writeRepositories(w, s, (*Counter).Summary)
}

// writeRepositories writes a report repository by repository, so that its text
// never stands in memory as a whole. They are encoded side by side.
func writeRepositories(w io.Writer, s Stream, summary func(*Counter) audit.Summary) error {
	around := *s.Head
	around.Repositories = nil
	before, _, err := outside(&around)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, before); err != nil {
		return err
	}
	counter := &Counter{}
	separator, end := "\n    ", ""
	buffers := sync.Pool{New: func() any { return newIndented("    ") }}
	encode := func(repository *audit.Repository) *indented {
		x := buffers.Get().(*indented)
		x.of = repository
		_ = x.encode(repository) // it keeps its error
		return x
	}
	for x, err := range ahead(s.Repositories, encode) {
		if err == nil {
			err = x.err
		}
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, separator); err != nil {
			return err
		}
		if _, err := w.Write(x.json()); err != nil {
			return err
		}
		counter.Add(x.of)
		separator, end = ",\n    ", "\n  "
		buffers.Put(x)
	}
	counter.AddHead(&around)
	around.Summary = summary(counter)
	_, after, err := outside(&around)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, end+after+"\n")
	return err
}

// outside is the text of a report before and after the repositories.
func outside(around *audit.Report) (before, after string, err error) {
	x := newIndented("")
	if err := x.encode(around); err != nil {
		return "", "", err
	}
	const empty = `"repositories": []`
	before, after, _ = strings.Cut(string(x.json()), empty)
	return before + `"repositories": [`, "]" + after, nil
}

// indented is a value as JSON, one after the other in the same memory.
type indented struct {
	text    bytes.Buffer
	encoder *json.Encoder
	err     error
	// of is the repository that it is of.
	of *audit.Repository
}

// newIndented is for values whose lines after the first stand behind a prefix.
func newIndented(prefix string) *indented {
	x := &indented{}
	x.encoder = json.NewEncoder(&x.text)
	x.encoder.SetEscapeHTML(false)
	x.encoder.SetIndent(prefix, "  ")
	return x
}

func (x *indented) encode(v any) error {
	x.text.Reset()
	x.err = x.encoder.Encode(filled(reflect.ValueOf(v)).Interface())
	return x.err
}

// json is good until the next value is encoded.
func (x *indented) json() []byte { return bytes.TrimSuffix(x.text.Bytes(), []byte("\n")) }

// Read reads a report that the JSON format wrote. It takes unknown fields, so
// that a newer program may add some, but no unknown schema.
func Read(r io.Reader) (*audit.Report, error) {
	source, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("reading a report: %w", err)
	}
	var head struct {
		Schema *int `json:"schema"`
	}
	if err := json.Unmarshal(source, &head); err != nil {
		return nil, fmt.Errorf("not a JSON report: %w", err)
	}
	if head.Schema == nil {
		return nil, errors.New(`not a report: it has no "schema"`)
	}
	if *head.Schema != audit.SchemaVersion {
		return nil, fmt.Errorf("the report has schema %d, but this program reads schema %d only", *head.Schema, audit.SchemaVersion)
	}
	var report audit.Report
	if err := json.Unmarshal(source, &report); err != nil {
		return nil, fmt.Errorf("not a report of schema %d: %w", audit.SchemaVersion, err)
	}
	if err := checkNulls(&report); err != nil {
		return nil, err
	}
	return &report, nil
}

// checkNulls refuses null where a list holds objects, so that no format need
// ask.
func checkNulls(r *audit.Report) error {
	bad := hasNil(r.Repositories) || hasNil(r.Tokens)
	for _, repository := range r.Repositories {
		if bad {
			break
		}
		bad = hasNil(repository.References) || nullFindings(repository.Findings, repository.Accepted, repository.Baseline)
		for _, reference := range repository.References {
			bad = bad || hasNil(reference.Uses)
		}
	}
	for _, token := range r.Tokens {
		bad = bad || token == nil || nullFindings(token.Findings, token.Accepted, token.Baseline)
	}
	if o := r.Organization; o != nil {
		bad = bad || hasNil(o.Secrets) || hasNil(o.Grants) || nullFindings(o.Findings, o.Accepted, nil)
	}
	if bad {
		return errors.New("not a report: null stands in a list of objects")
	}
	return nil
}

func nullFindings(findings, accepted []*audit.Finding, b *audit.Baseline) bool {
	return hasNil(findings) || hasNil(accepted) || b != nil && hasNil(b.Gone)
}

func hasNil[T any](list []*T) bool {
	for _, item := range list {
		if item == nil {
			return true
		}
	}
	return false
}

// nullable names the fields for which nil is an answer of its own.
var nullable = map[string]bool{"Remedy.JobPermissions": true, "Token.Scopes": true}

// filled returns a copy of v in which nil lists and maps are empty ones, so
// that they are written as [] and {}, and a remedy that says nothing is none.
// Pointers may stay nil. What can hold none of these is shared with v.
func filled(v reflect.Value) reflect.Value {
	t := v.Type()
	switch t.Kind() {
	case reflect.Pointer:
		if v.IsNil() || flat(t.Elem()) {
			return v
		}
		out := reflect.New(t.Elem())
		out.Elem().Set(filled(v.Elem()))
		return out
	case reflect.Slice:
		if !v.IsNil() && flat(t.Elem()) {
			return v
		}
		out := reflect.MakeSlice(t, v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(filled(v.Index(i)))
		}
		return out
	case reflect.Map:
		if !v.IsNil() && flat(t.Elem()) {
			return v
		}
		out := reflect.MakeMapWithSize(t, v.Len())
		for entries := v.MapRange(); entries.Next(); {
			out.SetMapIndex(entries.Key(), filled(entries.Value()))
		}
		return out
	case reflect.Struct:
		return filledStruct(v)
	}
	return v
}

func filledStruct(v reflect.Value) reflect.Value {
	t := v.Type()
	out := reflect.New(t).Elem()
	out.Set(v)
	for i := range v.NumField() {
		field := v.Field(i)
		if flat(field.Type()) || field.IsZero() && nullable[t.Name()+"."+t.Field(i).Name] {
			continue
		}
		out.Field(i).Set(filled(field))
	}
	if remedy, ok := out.Addr().Interface().(*audit.Remedy); ok && remedy.Kind == "" {
		remedy.Kind = audit.RemedyNone
	}
	return out
}

// flat tells of a type whether its values are text, numbers or truth values,
// which are written as they are.
func flat(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Struct, reflect.Interface:
		return false
	}
	return true
}
