package report

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit"
)

// A report in which every text holds the value has it nowhere afterwards,
// whatever fields a report will have.
func TestRedact(t *testing.T) {
	r := &audit.Report{}
	fill(reflect.ValueOf(r).Elem(), 0)
	before, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(before, []byte("canary")); n < 100 {
		t.Fatalf("the report holds the value only %d times", n)
	}
	Redact(r, func(text string) string { return strings.ReplaceAll(text, "canary", "***") })
	after, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(after, []byte("canary")) {
		t.Errorf("the value is still in %s", after)
	}
	if want := bytes.ReplaceAll(before, []byte("canary"), []byte("***")); !bytes.Equal(after, want) {
		t.Errorf("more than the value was changed:\n%s\n%s", want, after)
	}
}

// fill gives every text of a value, and every element, a text with the value.
func fill(v reflect.Value, depth int) {
	if depth > 12 || !v.CanSet() {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("a canary b")
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth+1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, depth+1)
		fill(value, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	}
}
