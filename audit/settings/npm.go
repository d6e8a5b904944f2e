package settings

import (
	"cmp"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
	"go.yaml.in/yaml/v4"
)

// Npm are the registries that a file .npmrc, .yarnrc.yml or bunfig.toml, or the
// publishConfig of a package.json, names.
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

// PackageRepository returns the repository that package.json names: an address, or
// OWNER/NAME; "" where it names none. Known is false where there is no package.json
// that can be read.
// Source: https://docs.npmjs.com/cli/configuring-npm/package-json#repository
func PackageRepository(read func(name string) ([]byte, error)) (said string, known bool) {
	project := Find([]string{"package.json"}, read)
	if !project.Readable() {
		return "", false
	}
	said, _, set := project.Lookup("repository.url")
	if !set {
		said, _, _ = project.Lookup("repository")
	}
	// The address may be written short: "github:OWNER/NAME".
	return strings.TrimPrefix(strings.TrimPrefix(said, "git+"), "github:"), true
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
		host, _, _ := strings.Cut(key, ":_")
		n.sends(host, text)
	}
}

// variableOf matches a token that comes from a variable: $NAME, ${NAME}, ${NAME-},
// ${NAME:-default}, ${NAME?}.
var variableOf = regexp.MustCompile(`^\$(?:\{(\w+)(?:[:?-][^}]*)?\}|(\w+))$`)

// sends notes that a token goes to the registry at an address, where it comes from a
// variable.
func (n *Npm) sends(address, token string) {
	m := variableOf.FindStringSubmatch(token)
	if m == nil {
		return
	}
	if n.Tokens == nil {
		n.Tokens = map[string][]string{}
	}
	_, host, _ := strings.Cut(address, "//")
	host, _, _ = strings.Cut(host, "/")
	n.Tokens[m[1]+m[2]] = append(n.Tokens[m[1]+m[2]], host)
}

// yarnRegistry is what .yarnrc.yml says of a registry, or of that of a scope.
type yarnRegistry struct {
	Server string `yaml:"npmRegistryServer"`
	Token  string `yaml:"npmAuthToken"`
}

// ReadYarnrc reads a file .yarnrc.yml.
// Source: https://yarnpkg.com/configuration/yarnrc#npmScopes
func ReadYarnrc(source []byte) (n Npm) {
	var file struct {
		yarnRegistry `yaml:",inline"`
		Scopes       map[string]yarnRegistry `yaml:"npmScopes"`
		Registries   map[string]yarnRegistry `yaml:"npmRegistries"`
	}
	if !readable(source) || yaml.Unmarshal(source, &file) != nil {
		return Npm{}
	}
	n.Registry = file.Server
	n.sends(file.Server, file.Token)
	for name, scope := range file.Scopes {
		if server := cmp.Or(scope.Server, file.Server); server != "" {
			n.set("@"+name+":registry", server)
			n.sends(server, scope.Token)
		}
	}
	for address, registry := range file.Registries {
		n.sends(address, registry.Token)
	}
	return n
}

// ReadBunfig reads a file bunfig.toml.
// Source: https://bun.com/docs/runtime/bunfig#install-scopes
func ReadBunfig(source []byte) (n Npm) {
	var file struct {
		Install struct {
			Registry any            `toml:"registry"`
			Scopes   map[string]any `toml:"scopes"`
		} `toml:"install"`
	}
	if _, err := toml.Decode(string(source), &file); !readable(source) || err != nil {
		return Npm{}
	}
	registry := func(v any) (address string) {
		table, _ := v.(map[string]any)
		token, _ := table["token"].(string)
		if address, _ = table["url"].(string); address == "" {
			address, _ = v.(string)
		}
		n.sends(address, token)
		return address
	}
	n.Registry = registry(file.Install.Registry)
	for name, v := range file.Install.Scopes {
		n.set("@"+strings.TrimPrefix(name, "@")+":registry", registry(v))
	}
	return n
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
