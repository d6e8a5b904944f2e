package settings

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// jsonReference matches what stands for an attribute of a repository that is
// another resource.
var jsonReference = regexp.MustCompile(`^\$\{(?:data\.)?github_repository\.(\w+)\.\w+\}$`)

// jsonVariable matches what stands for a variable.
var jsonVariable = regexp.MustCompile(`^\$\{var\.(\w+)\}$`)

// jsonFile reads a file of the JSON syntax: the same blocks as in .tf, as
// objects or lists of them.
func (r *terraformReader) jsonFile(dir, file string) {
	source, err := r.read(file)
	var root any
	if err != nil || !readable(source) || json.Unmarshal(source, &root) != nil {
		r.open(file + " does not parse")
		return
	}
	for _, top := range jsonObjects(root) {
		for _, p := range jsonLabels(top["provider"], 1) {
			if p.labels[0] == "github" {
				r.jsonProvider(p.body)
			}
		}
		for _, m := range jsonLabels(top["module"], 1) {
			text, _ := m.body["source"].(string)
			r.moduleFrom(dir, m.labels[0], text)
		}
		for _, kind := range []string{"resource", "data"} {
			for _, b := range jsonLabels(top[kind], 2) {
				if strings.HasPrefix(b.labels[0], "github_") {
					r.jsonBlock(kind, b, file, string(source))
				}
			}
		}
	}
}

type jsonBlock struct {
	labels []string
	body   map[string]any
}

// jsonObjects are the objects that a value is, or a list of them.
func jsonObjects(v any) []map[string]any {
	switch v := v.(type) {
	case map[string]any:
		return []map[string]any{v}
	case []any:
		var out []map[string]any
		for _, e := range v {
			if m, ok := e.(map[string]any); ok {
				out = append(out, m)
			}
		}
		return out
	}
	return nil
}

// jsonLabels are the blocks below as many levels of labels.
func jsonLabels(v any, levels int) []jsonBlock {
	var out []jsonBlock
	for _, m := range jsonObjects(v) {
		if levels == 0 {
			out = append(out, jsonBlock{body: m})
			continue
		}
		for _, label := range slices.Sorted(maps.Keys(m)) {
			for _, b := range jsonLabels(m[label], levels-1) {
				out = append(out, jsonBlock{append([]string{label}, b.labels...), b.body})
			}
		}
	}
	return out
}

// jsonText is an attribute that is plain text, or "".
func jsonText(v any) string {
	text, _ := v.(string)
	if strings.Contains(text, "${") || strings.Contains(text, "%{") {
		return ""
	}
	return text
}

func (r *terraformReader) jsonProvider(body map[string]any) {
	owner := jsonText(body["owner"])
	if owner == "" {
		owner = jsonText(body["organization"])
	}
	_, aliased := body["alias"]
	r.owner(owner, aliased)
	_, keyed := body["app_auth"]
	r.result.Keyed = r.result.Keyed || keyed
	for _, name := range []string{"base_url", "organization", "owner", "token"} {
		v, given := body[name]
		r.result.OwnerGiven = r.result.OwnerGiven || given && (name == "owner" || name == "organization")
		text, _ := v.(string)
		switch m := jsonVariable.FindStringSubmatch(text); {
		case !given || jsonText(v) != "":
		case name == "token" && m != nil:
			r.result.Variable = m[1]
		case name == "token":
			r.open("the provider's token is computed")
		case name == "base_url":
			r.open("the provider's address is computed")
		}
	}
}

func (r *terraformReader) jsonBlock(kind string, b jsonBlock, file, source string) {
	out := TerraformBlock{Type: b.labels[0], Texts: map[string]string{}, File: file, references: map[string]string{}}
	out.Line = 1 + strings.Count(source[:max(0, strings.Index(source, `"`+b.labels[0]+`"`))], "\n")
	if kind == "data" {
		out.Type = "data." + b.labels[0]
	}
	for name, v := range b.body {
		text, _ := v.(string)
		if m := jsonReference.FindStringSubmatch(text); m != nil {
			out.references[name] = m[1]
		} else if plain := jsonText(v); plain != "" {
			out.Texts[name] = plain
		}
	}
	r.add(out, b.labels[1])
}
