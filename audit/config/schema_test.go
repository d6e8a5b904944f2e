package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/rules"
)

var update = flag.Bool("update", false, "write the schema anew")

var schemaFile = filepath.Join("..", "..", "docs", "patrol.schema.json")

// object is a JSON object; its keys are written in order of the alphabet.
type object = map[string]any

func text(form string) object { return object{"type": "string", "pattern": form} }

func oneOf(words []string) object { return object{"type": "string", "enum": words} }

// closed is an object of known keys.
func closed(description string, properties object) object {
	return object{"type": "object", "description": description, "additionalProperties": false, "properties": properties}
}

// named is an object whose keys have a form, of which it has one at least.
func named(form, values string) object {
	return object{"type": "object", "minProperties": 1, "propertyNames": object{"pattern": form}, "additionalProperties": ref(values)}
}

func ref(definition string) object { return object{"$ref": "#/$defs/" + definition} }

func described(description string, o object) object {
	o = maps.Clone(o)
	o["description"] = description
	return o
}

// optional allows a section whose entries are all commented out.
func optional(o object) object {
	o["type"] = []string{o["type"].(string), "null"}
	return o
}

func permissionSchema(level rules.Level) object {
	properties := object{}
	for name, accesses := range permissionWords(level) {
		properties[name] = oneOf(accesses)
	}
	return object{"type": "object", "additionalProperties": false, "properties": properties}
}

// eventSchema is a pattern rather than a list: attributes may follow.
func eventSchema() object {
	var words []string
	for _, w := range eventWords() {
		words = append(words, regexp.QuoteMeta(w))
	}
	return text(`^(` + strings.Join(words, "|") + `)(\[(` + strings.Join(eventAttributes, "|") + `)=[^\[\],;]+(,(` + strings.Join(eventAttributes, "|") + `)=[^\[\],;]+)*\])?$`)
}

// factsSchema is what is done with one token.
func factsSchema(target string, mayDefault bool) object {
	does := object{
		"permissions":  described("Repository permissions with read, write or admin, as in a workflow. Empty where none is taken.", ref("permissions")),
		"organization": described("Organisation permissions, by the names that GitHub Apps have for them.", ref("organization")),
		"account":      described("Account permissions, by the names that GitHub Apps have for them.", ref("account")),
		"target":       described("The repository that is acted on; the workflow's own where it is not said.", object{"type": "string", "anyOf": []object{{"pattern": target}, {"pattern": repositoryForm}}}),
		"events":       object{"type": "array", "description": "The events that are caused, to which workflows may listen: push, push:tag, pull_request.opened[base=main].", "items": ref("event")},
		"reasons":      object{"type": "array", "description": "Reasons why GITHUB_TOKEN is not enough, or conditions under which it is.", "uniqueItems": true, "items": ref("reason")},
		"note":         object{"type": "string", "description": "Why, in a sentence."},
	}
	if mayDefault {
		does["default"] = object{"const": "github.token", "description": "What is taken where the input is not given."}
	}
	something := []object{}
	for _, key := range []string{"permissions", "organization", "account", "reasons"} {
		something = append(something, object{"required": []string{key}})
	}
	first := closed("A token for GitHub.", does)
	first["anyOf"] = something
	second := closed("A credential for something else.", object{"other": object{"const": true}, "note": object{"type": "string"}})
	second["required"] = []string{"other"}
	return object{"oneOf": []object{first, second}}
}

// subjectSchema is what is said of an action or a program.
func subjectSchema(places object) object {
	takes := closed("It takes a token.", places)
	takes["minProperties"] = 1
	quiet := closed("It takes no token.", object{"quiet": object{"const": true}})
	quiet["required"] = []string{"quiet"}
	return object{"oneOf": []object{takes, quiet}}
}

// schema is the schema, made of the same tables and patterns as the parser.
func schema() object {
	severities := object{}
	for _, rule := range rules.RuleIDs() {
		page, _ := rules.PageByID(rule)
		severities[rule] = object{"type": "string", "enum": severityWords, "default": string(page.Severity), "description": page.Title + "."}
	}
	names := func(form string, not ...string) object {
		out := object{"pattern": form}
		if len(not) > 0 {
			out["not"] = object{"pattern": strings.Join(not, "|")}
		}
		return out
	}
	files := object{"type": "string", "pattern": `^[^/].*[^/]$|^[^/]$`, "not": object{"pattern": `^(\./)?\.\./|^\./?$|^\.//`}}
	accepted := closed("Findings that are known of and left as they are.", object{
		"rule":    described("The rule that the findings are of.", oneOf(AcceptableRules())),
		"secret":  described("The secret or token that they are about, by its name or a pattern with * and ?.", text(secretForm)),
		"file":    described("A pattern of the files that they are in.", files),
		"job":     described("The job that they are in, by its key.", text(jobForm)),
		"reason":  described("Why they are accepted.", text(reasonForm)),
		"expires": described("The last day on which they are, such as 2027-01-31.", text(dateForm)),
	})
	accepted["required"] = []string{"reason"}
	accepted["anyOf"] = []object{{"required": []string{"rule"}}, {"required": []string{"secret"}}, {"required": []string{"file"}}}
	root := closed("What a project knows and its workflows do not show.", object{
		"repository":     described("The repository's name, owner/name, where its git remote does not tell it.", text(repositoryForm)),
		"default-branch": described("The default branch's name, where it is not one of the usual ones.", object{"type": "string", "pattern": branchForm, "not": object{"pattern": refsForm}}),
		"severities":     optional(closed("How severe the findings of a rule are; off for none.", severities)),
		"secrets": optional(object{
			"type": "object", "description": "Whether secrets, by name or by a pattern with * and ?, are credentials for GitHub or for something else.",
			"propertyNames": names(secretForm, reservedForm), "additionalProperties": oneOf([]string{rules.NameGitHub, rules.NameOther}),
		}),
		"skip": optional(object{
			"type": "array", "description": "Patterns of workflow and action files that nothing is reported of; ** stands for any folders.",
			"items": files,
		}),
		"accept": optional(object{
			"type": "array", "description": "Findings that are known of and left as they are, each with the reason.", "items": accepted,
		}),
		"actions": optional(object{
			"type": "object", "description": "What actions do that are one's own or not known: owner/repo, owner/repo/path or ./path.",
			"propertyNames": names(actionForm, calledForm), "additionalProperties": ref("action"),
		}),
		"programs": optional(object{
			"type": "object", "description": "What programs do, by name, and scripts, by their path.",
			"propertyNames":        object{"anyOf": []object{names(programForm), names(scriptForm, outsideForm)}},
			"additionalProperties": ref("program"),
		}),
	})
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = "https://raw.githubusercontent.com/patrol-actions/patrol/main/docs/patrol.schema.json"
	root["title"] = "Configuration of Patrol (.github/patrol.yml)"
	root["type"] = []string{"object", "null"}
	root["$defs"] = object{
		"permissions": permissionSchema(rules.LevelRepository), "organization": permissionSchema(rules.LevelOrganization), "account": permissionSchema(rules.LevelAccount),
		"event": eventSchema(), "reason": oneOf(reasonWords()),
		"inputFacts": factsSchema(actionTarget, true), "actionFacts": factsSchema(actionTarget, false), "programFacts": factsSchema(programTarget, false),
		"action": subjectSchema(object{
			"inputs": described("The inputs that take a token.", named(inputForm, "inputFacts")),
			"env":    described("The variables that it takes a token from.", named(variableForm, "actionFacts")),
			"git":    described("What it does with the token that actions/checkout stored.", ref("actionFacts")),
		}),
		"program": subjectSchema(object{
			"env":       described("The variables that it takes a token from.", named(variableForm, "programFacts")),
			"flags":     described("The flags that take a token.", named(flagForm, "programFacts")),
			"arguments": described("The operands that are a token, by number.", named(argumentForm, "programFacts")),
			"stdin":     described("What it does with the token on its standard input.", ref("programFacts")),
			"git":       described("What it does with the token that git has.", ref("programFacts")),
		}),
	}
	return root
}

// TestSchema holds the published schema against the parser's tables.
func TestSchema(t *testing.T) {
	var want bytes.Buffer
	encoder := json.NewEncoder(&want)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(schema()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(schemaFile, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), string(got)); diff != "" {
		t.Errorf("docs/patrol.schema.json is out of date: go test ./audit/config -run TestSchema -update\n(-want +got):\n%s", diff)
	}
}

// compiled returns the published schema.
func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// valid tells what the schema says of a configuration.
func valid(t testing.TB, s *jsonschema.Schema, source string) error {
	t.Helper()
	var document any
	if err := yaml.Unmarshal([]byte(source), &document); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(texts(document))
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(instance)
}

// texts makes the keys of mappings texts, as JSON wants them.
func texts(x any) any {
	switch x := x.(type) {
	case time.Time: // as editors read it, for JSON has no dates
		return x.Format(time.DateOnly)
	case map[any]any:
		out := object{}
		for k, v := range x {
			key, err := json.Marshal(k)
			if err != nil {
				return nil
			}
			out[strings.Trim(string(key), `"`)] = texts(v)
		}
		return out
	case map[string]any:
		out := object{}
		for k, v := range x {
			out[k] = texts(v)
		}
		return out
	case []any:
		out := slices.Clone(x)
		for i := range out {
			out[i] = texts(out[i])
		}
		return out
	}
	return x
}
