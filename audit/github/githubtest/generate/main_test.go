package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFresh writes the shapes again from the description that they are held
// against, where there is one.
func TestFresh(t *testing.T) {
	path := os.Getenv("PATROL_OPENAPI")
	if path == "" {
		t.Skip("PATROL_OPENAPI is not set")
	}
	var got bytes.Buffer
	if err := run([]string{path}, &got); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../shapes.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Error("shapes.json is not what the description gives: generate it again")
	}
}

func TestValue(t *testing.T) {

	w := writer{d: description{}, out: shapes{Shapes: map[string]map[string]any{}}}
	w.d.Components.Schemas = map[string]map[string]any{
		"user": {"type": "object", "required": []any{"id", "login", "mail", "gone", "kind"}, "properties": map[string]any{
			"id": map[string]any{"type": "integer", "minimum": 7.0}, "login": map[string]any{"type": "string"},
			"mail": map[string]any{"type": "string", "format": "email"}, "gone": map[string]any{"type": "string", "nullable": true},
			"kind": map[string]any{"type": "string", "enum": []any{"User", "Bot"}}, "bio": map[string]any{"type": "string"},
		}},
	}
	for name, test := range map[string]struct {
		schema map[string]any
		want   any
	}{
		"reference": {map[string]any{"$ref": "#/components/schemas/user"}, map[string]any{"id": 7.0, "login": "", "mail": "mona@example.com", "gone": nil, "kind": "User"}},
		"list":      {map[string]any{"type": "array", "items": map[string]any{"$ref": "#/components/schemas/user"}}, []any{}},
		"first of":  {map[string]any{"oneOf": []any{map[string]any{"type": "boolean"}, map[string]any{"type": "string"}}}, false},
		"all of": {map[string]any{"allOf": []any{
			map[string]any{"required": []any{"a"}, "properties": map[string]any{"a": map[string]any{"type": "string", "minLength": 3.0}}},
			map[string]any{"required": []any{"b"}, "properties": map[string]any{"b": map[string]any{"type": "string", "format": "date"}}},
		}}, map[string]any{"a": "000", "b": "2026-01-02"}},
	} {
		if diff := cmp.Diff(test.want, w.value(test.schema, 0)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestArguments(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none.json")
	for _, args := range [][]string{nil, {"a", "b"}, {none}} {
		if err := run(args, new(bytes.Buffer)); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}
