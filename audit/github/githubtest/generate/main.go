// Generate writes the shapes that githubtest fills its answers into, from
// GitHub's OpenAPI description (npm @octokit/openapi, api.github.com.json):
//
//	go run ./audit/github/githubtest/generate api.github.com.json >audit/github/githubtest/shapes.json
//
// A shape is the least object that its schema takes: required properties
// only, each with a value of its type. The lists are all operations that
// answer with a list, with the shape of an item and the property that holds
// the list where it is not the answer itself.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// named are the schemas that handlers fill beside the items of lists.
var named = []string{
	"actions-organization-permissions", "actions-get-default-workflow-permissions", "actions-secret", "blob", "branch-protection",
	"branch-with-protection", "check-run", "commit-comparison", "code-scanning-sarifs-status", "codespaces-secret", "commit", "content-directory",
	"content-file", "content-tree", "combined-commit-status", "dependabot-secret", "environment", "file-commit", "full-repository",
	"git-commit", "git-ref", "git-tree", "issue", "issue-comment", "job", "minimal-repository", "org-membership",
	"organization-actions-secret", "organization-full", "organization-programmatic-access-grant",
	"organization-programmatic-access-grant-request", "organization-simple", "organization-dependabot-secret", "page", "pages-https-certificate",
	"private-user", "public-user", "pull-request", "pull-request-review", "pull-request-simple", "rate-limit", "repository",
	"repository-collaborator-permission", "repository-ruleset", "short-branch", "simple-user", "view-traffic", "workflow-run",
	"review-comment", "pull-request-review-comment", "diff-entry", "workflow", "clone-traffic", "artifact", "protected-branch", "release", "root",
}

// shapes is the written file.
type shapes struct {
	Version string                    `json:"version"`
	Shapes  map[string]map[string]any `json:"shapes"`
	Lists   map[string]list           `json:"lists"`
}

// list is an operation that answers with a list.
type list struct {
	// Wrap is the property that holds the list, "" for the answer itself.
	Wrap string `json:"wrap,omitempty"`
	// Item is the shape of an item, "" where items are no objects.
	Item string `json:"item,omitempty"`
	// Turn is the parameter that turns the page: "after" or "cursor"; "" for
	// page, and "-" for lists that come whole.
	Turn string `json:"turn,omitempty"`
	// Others are the required properties beside the list and the count.
	Others map[string]any `json:"others,omitempty"`
}

func run(args []string, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("want one argument, the file api.github.com.json")
	}
	data, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var d description
	if err := json.Unmarshal(data, &d); err != nil {
		return err
	}
	w := writer{d: d, out: shapes{Version: d.Info.Version, Shapes: map[string]map[string]any{}, Lists: map[string]list{}}}
	for _, name := range named {
		if _, ok := d.Components.Schemas[name]; !ok {
			return fmt.Errorf("the description has no schema %s", name)
		}
		w.shape(name)
	}
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		if get, ok := d.Paths[path]["get"]; ok {
			w.list("GET "+path, get)
		}
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", " ")
	return enc.Encode(w.out)
}

type description struct {
	Info struct {
		Version string `json:"version"`
	} `json:"info"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Parameters map[string]parameter      `json:"parameters"`
		Schemas    map[string]map[string]any `json:"schemas"`
	} `json:"components"`
}

type parameter struct {
	Name string `json:"name"`
	Ref  string `json:"$ref"`
}

type operation struct {
	Parameters []parameter `json:"parameters"`
	Responses  map[string]struct {
		Content map[string]struct {
			Schema map[string]any `json:"schema"`
		} `json:"content"`
	} `json:"responses"`
}

func (o operation) schema() map[string]any {
	return o.Responses["200"].Content["application/json"].Schema
}

type writer struct {
	d   description
	out shapes
}

// shape writes the shape of a named schema, once.
func (w writer) shape(name string) {
	if _, ok := w.out.Shapes[name]; ok {
		return
	}
	if shape, ok := w.value(w.d.Components.Schemas[name], 0).(map[string]any); ok {
		w.out.Shapes[name] = shape
	}
}

// list writes an operation's row, if it answers with a list.
func (w writer) list(name string, get operation) {
	schema, _ := w.resolve(get.schema())
	row := list{Turn: w.turn(get)}
	if items, ok := items(schema); ok {
		row.Item = w.item(name, items)
		w.out.Lists[name] = row
		return
	}
	properties, _ := schema["properties"].(map[string]any)
	if _, counted := properties["total_count"]; !counted {
		return
	}
	whole, _ := w.value(schema, 0).(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		p, _ := w.resolve(properties[key].(map[string]any))
		if items, ok := items(p); ok && row.Wrap == "" && slices.Contains(required(schema), key) {
			row.Wrap, row.Item = key, w.item(name, items)
		}
	}
	if row.Wrap == "" {
		return
	}
	delete(whole, "total_count")
	delete(whole, row.Wrap)
	row.Others = whole
	w.out.Lists[name] = row
}

// turn finds the parameter that turns the page.
func (w writer) turn(get operation) string {
	found := "-"
	for _, p := range get.Parameters {
		if p.Ref != "" {
			p = w.d.Components.Parameters[p.Ref[strings.LastIndexByte(p.Ref, '/')+1:]]
		}
		switch p.Name {
		case "page":
			return ""
		case "after", "cursor":
			found = p.Name
		}
	}
	return found
}

// item writes the shape of a list's items and returns its name: that of the
// schema, or the operation where the schema has none.
func (w writer) item(operation string, items map[string]any) string {
	if _, name := w.resolve(items); name != "" {
		w.shape(name)
		if _, ok := w.out.Shapes[name]; ok {
			return name
		}
		return ""
	}
	shape, ok := w.value(items, 0).(map[string]any)
	if !ok {
		return ""
	}
	w.out.Shapes[operation] = shape
	return operation
}

func items(schema map[string]any) (map[string]any, bool) {
	items, ok := schema["items"].(map[string]any)
	return items, ok
}

// resolve follows a reference; the name is "" where there is none.
func (w writer) resolve(schema map[string]any) (map[string]any, string) {
	ref, ok := schema["$ref"].(string)
	if !ok {
		return schema, ""
	}
	name := ref[strings.LastIndexByte(ref, '/')+1:]
	return w.d.Components.Schemas[name], name
}

func required(schema map[string]any) []string {
	var out []string
	names, _ := schema["required"].([]any)
	for _, n := range names {
		if n, ok := n.(string); ok {
			out = append(out, n)
		}
	}
	return out
}

// value returns the least value that a schema takes.
func (w writer) value(schema map[string]any, depth int) any {
	schema, _ = w.resolve(schema)
	if nullable, _ := schema["nullable"].(bool); nullable || depth > 8 {
		return nil
	}
	if all, ok := schema["allOf"].([]any); ok {
		return w.merged(all, depth)
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		if some, ok := schema[key].([]any); ok && schema["properties"] == nil {
			return w.value(some[0].(map[string]any), depth+1)
		}
	}
	if enum, ok := schema["enum"].([]any); ok {
		return enum[0]
	}
	switch schema["type"] {
	case "string":
		return text(schema)
	case "integer", "number":
		return max(1, number(schema["minimum"]))
	case "boolean":
		return false
	case "array":
		return []any{}
	}
	return w.object(schema, depth)
}

func (w writer) object(schema map[string]any, depth int) map[string]any {
	out := map[string]any{}
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range required(schema) {
		if p, ok := properties[name].(map[string]any); ok {
			out[name] = w.value(p, depth+1)
		}
	}
	return out
}

func (w writer) merged(all []any, depth int) map[string]any {
	out := map[string]any{}
	for _, part := range all {
		if v, ok := w.value(part.(map[string]any), depth+1).(map[string]any); ok {
			for name, p := range v {
				out[name] = p
			}
		}
	}
	return out
}

func number(v any) float64 {
	n, _ := v.(float64)
	return n
}

func text(schema map[string]any) string {
	if least := int(number(schema["minLength"])); least > 1 {
		return strings.Repeat("0", least)
	}
	switch schema["format"] {
	case "uri":
		return "https://api.github.com/"
	case "date-time":
		return "2026-01-02T03:04:05Z"
	case "email":
		return "mona@example.com"
	case "date":
		return "2026-01-02"
	}
	return ""
}
