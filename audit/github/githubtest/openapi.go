package githubtest

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// description is GitHub's OpenAPI description. Its operations are compiled
// when they are first asked for.
type description struct {
	mu       sync.Mutex
	doc      map[string]any
	compiler *jsonschema.Compiler
	// places are the JSON pointers of the operations by id, with what stands
	// there.
	places map[string]place
	done   map[string]*operation
}

// place is a value of the description, and where it stands.
type place struct {
	pointer string
	value   map[string]any
}

// operation is what the description says of one.
type operation struct {
	parameters            map[string]parameter
	hasBody, bodyRequired bool
	// request and the responses' schemas are nil where there is no JSON.
	request   *jsonschema.Schema
	responses map[int]*jsonschema.Schema
}

// parameter is one of the query.
type parameter struct {
	required bool
	schema   *jsonschema.Schema
}

// descriptionURL is how schemas call the description.
const descriptionURL = "https://openapi.invalid/api.github.com.json"

func loadDescription(path string) (*description, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	value, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		return nil, err
	}
	doc, ok := value.(map[string]any)
	if !ok || doc["paths"] == nil {
		return nil, fmt.Errorf("%s is no OpenAPI description", path)
	}
	d := &description{doc: doc, compiler: jsonschema.NewCompiler(), places: map[string]place{}, done: map[string]*operation{}}
	plainSchema(doc)
	d.compiler.DefaultDraft(jsonschema.Draft4)
	if err := d.compiler.AddResource(descriptionURL, doc); err != nil {
		return nil, err
	}
	d.find()
	return d, nil
}

// plainSchema rewrites the one word of OpenAPI 3.0's schemas that JSON schema
// does not have: nullable.
func plainSchema(value any) {
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			plainSchema(v)
		}
	case map[string]any:
		for _, v := range value {
			plainSchema(v)
		}
		if nullable, _ := value["nullable"].(bool); nullable {
			allowNull(value)
		}
	}
}

func allowNull(schema map[string]any) {
	delete(schema, "nullable")
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, nil) {
		schema["enum"] = append(slices.Clone(enum), nil)
	}
	if kind, ok := schema["type"].(string); ok {
		schema["type"] = []any{kind, "null"}
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		if some, ok := schema[key].([]any); ok {
			schema[key] = append(slices.Clone(some), map[string]any{"type": "null"})
		}
	}
	if all, ok := schema["allOf"]; ok {
		delete(schema, "allOf")
		schema["anyOf"] = []any{map[string]any{"allOf": all}, map[string]any{"type": "null"}}
	}
}

// find notes where the operations stand.
func (d *description) find() {
	paths, _ := d.doc["paths"].(map[string]any)
	for path, methods := range paths {
		methods, _ := methods.(map[string]any)
		for method, op := range methods {
			op, _ := op.(map[string]any)
			if id, ok := op["operationId"].(string); ok {
				d.places[id] = place{"/paths/" + escapePointer(path) + "/" + method, op}
			}
		}
	}
}

func escapePointer(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "~", "~0"), "/", "~1")
}

// at goes down from a place, through a reference where there is one.
func (d *description) at(p place, keys ...string) (place, bool) {
	for _, key := range keys {
		value, ok := p.value[key].(map[string]any)
		if !ok {
			return place{}, false
		}
		p = d.follow(place{p.pointer + "/" + escapePointer(key), value})
	}
	return p, true
}

func (d *description) follow(p place) place {
	ref, ok := p.value["$ref"].(string)
	if !ok {
		return p
	}
	target := place{value: d.doc}
	for key := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		value, _ := target.value[key].(map[string]any)
		target = place{target.pointer + "/" + key, value}
	}
	return target
}

// operation compiles an operation.
func (d *description) operation(id string) (*operation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if op, ok := d.done[id]; ok {
		return op, nil
	}
	p, ok := d.places[id]
	if !ok {
		return nil, fmt.Errorf("no operation %s in the description", id)
	}
	op := &operation{parameters: map[string]parameter{}, responses: map[int]*jsonschema.Schema{}}
	if err := d.parameters(op, p); err != nil {
		return nil, err
	}
	if body, ok := d.at(p, "requestBody"); ok {
		op.hasBody = true
		op.bodyRequired, _ = body.value["required"].(bool)
		schema, err := d.json(body)
		if err != nil {
			return nil, err
		}
		op.request = schema
	}
	if err := d.responses(op, p); err != nil {
		return nil, err
	}
	d.done[id] = op
	return op, nil
}

// json compiles the schema of a JSON body.
func (d *description) json(body place) (*jsonschema.Schema, error) {
	schema, ok := d.at(body, "content", "application/json", "schema")
	if !ok {
		return nil, nil
	}
	return d.compile(schema)
}

func (d *description) compile(p place) (*jsonschema.Schema, error) {
	return d.compiler.Compile(descriptionURL + (&url.URL{Fragment: p.pointer}).String())
}

func (d *description) parameters(op *operation, p place) error {
	all, _ := p.value["parameters"].([]any)
	for i, value := range all {
		value, _ := value.(map[string]any)
		given := d.follow(place{p.pointer + "/parameters/" + strconv.Itoa(i), value})
		name, _ := given.value["name"].(string)
		if given.value["in"] != "query" {
			continue
		}
		out := parameter{}
		out.required, _ = given.value["required"].(bool)
		if schema, ok := d.at(given, "schema"); ok {
			var err error
			if out.schema, err = d.compile(schema); err != nil {
				return err
			}
		}
		op.parameters[name] = out
	}
	return nil
}

func (d *description) responses(op *operation, p place) error {
	all, _ := d.at(p, "responses")
	for status := range all.value {
		code, err := strconv.Atoi(status)
		if err != nil {
			continue
		}
		response, _ := d.at(all, status)
		if op.responses[code], err = d.json(response); err != nil {
			return err
		}
	}
	return nil
}
