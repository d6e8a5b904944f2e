package settings

import (
	"encoding/json"
	"strings"
)

// Npm are the registries that a file .npmrc, or the publishConfig of a
// package.json, names.
// Source: https://docs.npmjs.com/cli/configuring-npm/npmrc
type Npm struct {
	// Registry is that of packages without a scope of their own, "" where none
	// is named, Scopes those of scopes by their names with "@".
	Registry string
	Scopes   map[string]string
	// Tokens are the hosts to which the value of a variable is sent, by its
	// name.
	Tokens map[string][]string
}

// ReadNpmrc reads a file .npmrc: lines of keys and values.
func ReadNpmrc(source []byte) (n Npm) {
	if len(source) > maxSize {
		return Npm{}
	}
	for line := range strings.Lines(string(source)) {
		key, text, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || strings.HasPrefix(key, ";") || strings.HasPrefix(key, "#") {
			continue
		}
		n.set(strings.TrimSpace(key), strings.Trim(strings.TrimSpace(text), `"'`))
	}
	return n
}

// ReadPublishConfig reads what a package.json says of where the package goes.
func ReadPublishConfig(source []byte) (n Npm) {
	var file struct {
		PublishConfig map[string]any `json:"publishConfig"`
	}
	if !readable(source) || json.Unmarshal(source, &file) != nil {
		return Npm{}
	}
	for key, v := range file.PublishConfig {
		if text, ok := v.(string); ok {
			n.set(key, text)
		}
	}
	return n
}

// PackageOwner is the owner of the package that a package.json describes, by its
// scope; "" where its name has none, or it is not for publishing.
func PackageOwner(source []byte) string {
	var file struct {
		Name    string `json:"name"`
		Private bool   `json:"private"`
	}
	if !readable(source) || json.Unmarshal(source, &file) != nil || file.Private {
		return ""
	}
	owner, _, ok := strings.Cut(file.Name, "/")
	if !ok || !strings.HasPrefix(owner, "@") {
		return ""
	}
	return owner[1:]
}

func (n *Npm) set(key, text string) {
	scope, of := strings.CutSuffix(key, ":registry")
	switch {
	case key == "registry":
		n.Registry = text
	case of && strings.HasPrefix(scope, "@"):
		if n.Scopes == nil {
			n.Scopes = map[string]string{}
		}
		n.Scopes[scope] = text
	case strings.HasPrefix(key, "//") && (strings.HasSuffix(key, ":_authToken") || strings.HasSuffix(key, ":_password")):
		host, _, _ := strings.Cut(strings.TrimPrefix(key, "//"), "/")
		name := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(text, "$"), "{"), "}")
		if name = strings.TrimRight(name, "-?"); !strings.HasPrefix(text, "$") || name == "" {
			return
		}
		if n.Tokens == nil {
			n.Tokens = map[string][]string{}
		}
		host, _, _ = strings.Cut(host, ":_")
		n.Tokens[name] = append(n.Tokens[name], host)
	}
}

// Names tells whether a registry or that of a scope lies on a host.
func (n Npm) Names(host string) bool {
	if strings.Contains(n.Registry, "//"+host) {
		return true
	}
	for _, address := range n.Scopes {
		if strings.Contains(address, "//"+host) {
			return true
		}
	}
	return false
}
