package settings

import (
	"bytes"
	"encoding/xml"
	"io"
	"regexp"
	"strings"
)

// Maven is what a project's pom.xml, or a settings.xml, says of registries.
type Maven struct {
	// Registries are the repositories that it names, by their ids; they have
	// no variables.
	Registries []PackageRegistry
	// Servers are the variables that the passwords of servers come from, by
	// the server's id.
	Servers map[string]string
}

// mavenVariable matches a variable of the environment in a settings.xml.
var mavenVariable = regexp.MustCompile(`^\$\{env\.(\w+)\}$`)

// ReadMaven reads a pom.xml or a settings.xml: the repositories under
// repositories and distributionManagement, in profiles or not, and the
// servers.
func ReadMaven(file string, source []byte) (Maven, error) {
	out := Maven{Servers: map[string]string{}}
	if len(source) > maxSize {
		return out, io.ErrShortBuffer
	}
	decoder := xml.NewDecoder(bytes.NewReader(source))
	var path []string
	texts := map[string]string{}
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
			if t.Name.Local == "repository" || t.Name.Local == "snapshotRepository" || t.Name.Local == "server" {
				texts = map[string]string{}
			}
		case xml.CharData:
			if len(path) > 0 {
				texts[path[len(path)-1]] += strings.TrimSpace(string(t))
			}
		case xml.EndElement:
			within := "/" + strings.Join(path, "/") + "/"
			path = path[:max(0, len(path)-1)]
			switch name := t.Name.Local; {
			case name == "server":
				if m := mavenVariable.FindStringSubmatch(texts["password"]); m != nil {
					out.Servers[texts["id"]] = m[1]
				}
			case name == "snapshotRepository", name == "repository" && (strings.Contains(within, "/repositories/") || strings.Contains(within, "/distributionManagement/")):
				out.Registries = append(out.Registries, PackageRegistry{
					ID: texts["id"], URL: texts["url"], File: file, Publishing: strings.Contains(within, "/distributionManagement/"),
				})
			}
		}
	}
}
