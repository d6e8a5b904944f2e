package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

// description is what is read of GitHub's OpenAPI description.
type description struct {
	version    string
	operations []operation
}

// operation is one operation of the REST API.
type operation struct {
	id, method, path string
	// scopes are the classic scopes that its text names, in order.
	scopes []string
	// apps tells that Apps may call it at all.
	apps bool
}

// methods are the keys of a path that are operations.
var methods = []string{"get", "post", "put", "patch", "delete"}

// readDescription reads the npm package @octokit/openapi.
func readDescription(folder string) (*description, error) {
	version, err := packageVersion(folder)
	if err != nil {
		return nil, err
	}
	var document struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := readJSON(filepath.Join(folder, "generated", "api.github.com.json"), &document); err != nil {
		return nil, err
	}
	d := &description{version: version}
	for path, keys := range document.Paths {
		for _, method := range methods {
			if keys[method] == nil {
				continue
			}
			o, err := readOperation(keys[method])
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, path, err)
			}
			o.method, o.path = strings.ToUpper(method), path
			d.operations = append(d.operations, o)
		}
	}
	if len(d.operations) == 0 {
		return nil, fmt.Errorf("%s: no operations", folder)
	}
	slices.SortFunc(d.operations, func(a, b operation) int { return strings.Compare(a.id, b.id) })
	return d, nil
}

func readOperation(raw json.RawMessage) (operation, error) {
	var o struct {
		ID          string `json:"operationId"`
		Description string `json:"description"`
		GitHub      struct {
			Apps bool `json:"enabledForGitHubApps"`
		} `json:"x-github"`
	}
	if err := json.Unmarshal(raw, &o); err != nil {
		return operation{}, err
	}
	if o.ID == "" {
		return operation{}, fmt.Errorf("no operationId")
	}
	return operation{id: o.ID, scopes: namedScopes(o.Description), apps: o.GitHub.Apps}, nil
}

var (
	sentenceEnd = regexp.MustCompile(`\n|\. `)
	code        = regexp.MustCompile("`([a-z_]+(?::[a-z_]+)?)`")
)

// namedScopes returns the scopes that a text names in sentences about scopes.
// Whether they are alternatives, or each holds in a case of its own, the text
// says in words that are not read here.
func namedScopes(text string) []string {
	var out []string
	for _, sentence := range sentenceEnd.Split(text, -1) {
		if !strings.Contains(sentence, "scope") {
			continue
		}
		for _, m := range code.FindAllStringSubmatch(sentence, -1) {
			if isScope(m[1]) && !slices.Contains(out, m[1]) {
				out = append(out, m[1])
			}
		}
	}
	return out
}

func isScope(word string) bool {
	return slices.ContainsFunc(rules.Scopes(), func(s rules.Scope) bool { return s.Name == word })
}

// packageVersion returns the version of an npm package.
func packageVersion(folder string) (string, error) {
	var p struct{ Version string }
	if err := readJSON(filepath.Join(folder, "package.json"), &p); err != nil {
		return "", err
	}
	if p.Version == "" {
		return "", fmt.Errorf("%s: package.json has no version", folder)
	}
	return p.Version, nil
}

func readJSON(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
