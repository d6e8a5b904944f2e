package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"runtime"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// writeJSON writes the report itself. schema/report.schema.json describes it.
// The repositories are encoded side by side and written one by one, so that
// the text of a large report never stands in memory as a whole.
func writeJSON(w io.Writer, r *audit.Report, _ Options) error {
	around := *r
	around.Repositories = nil
	frame, err := indented(&around, "")
	if err != nil {
		return err
	}
	const empty = `"repositories": []`
	before, after, _ := strings.Cut(string(frame), empty)
	if len(r.Repositories) == 0 {
		before += empty
	} else {
		before, after = before+`"repositories": [`, "\n  ]"+after
	}
	if _, err := io.WriteString(w, before); err != nil {
		return err
	}
	separator := "\n    "
	for text := range encoded(r.Repositories) {
		if text.err != nil {
			return text.err
		}
		if _, err := io.WriteString(w, separator); err != nil {
			return err
		}
		if _, err := w.Write(text.json); err != nil {
			return err
		}
		separator = ",\n    "
	}
	_, err = io.WriteString(w, after+"\n")
	return err
}

// indented encodes v, its lines after the first behind a prefix.
func indented(v any, prefix string) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent(prefix, "  ")
	if err := encoder.Encode(filled(reflect.ValueOf(v)).Interface()); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// encodedText is a repository as JSON.
type encodedText struct {
	json []byte
	err  error
}

// encoded encodes repositories ahead of their use, a few at a time.
func encoded(list []*audit.Repository) iter.Seq[encodedText] {
	return func(yield func(encodedText) bool) {
		ahead := make([]chan encodedText, len(list))
		start := func(i int) {
			if i < len(list) {
				ahead[i] = make(chan encodedText, 1)
				go func() {
					text, err := indented(list[i], "    ")
					ahead[i] <- encodedText{text, err}
				}()
			}
		}
		workers := runtime.GOMAXPROCS(0)
		for i := range workers {
			start(i)
		}
		for i := range list {
			text := <-ahead[i]
			start(i + workers)
			if !yield(text) {
				return
			}
		}
	}
}

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

// filled returns a deep copy of v in which nil lists and maps are empty ones,
// so that they are written as [] and {}, and a remedy that says nothing is
// none. Pointers may stay nil.
func filled(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(filled(v.Elem()))
		}
	case reflect.Slice:
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(filled(v.Index(i)))
		}
	case reflect.Map:
		out.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for entries := v.MapRange(); entries.Next(); {
			out.SetMapIndex(entries.Key(), filled(entries.Value()))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if v.Field(i).IsZero() && nullable[v.Type().Name()+"."+field.Name] {
				continue
			}
			out.Field(i).Set(filled(v.Field(i)))
		}
		if remedy, ok := out.Addr().Interface().(*audit.Remedy); ok && remedy.Kind == "" {
			remedy.Kind = audit.RemedyNone
		}
	default:
		out.Set(v)
	}
	return out
}
