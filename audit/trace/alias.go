package trace

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v4"
)

// pathAlias is an entry of "paths" in tsconfig.json: a name, in which one star
// stands for any text, and the files that it means.
type pathAlias struct {
	name  string
	files []string
}

// alias returns the files that a name means in the files of a folder, by the
// nearest tsconfig.json with "paths": "@/common" may be src/common.ts there.
func (t *tracer) alias(name, folder string) []string {
	for folder = path.Clean(folder); !strings.HasPrefix(folder, ".."); folder = path.Dir(folder) {
		aliases, known := t.aliases[folder]
		if !known {
			aliases = t.readAliases(path.Join(folder, "tsconfig.json"), 0)
			t.aliases[folder] = aliases
		}
		for _, a := range aliases {
			before, after, star := strings.Cut(a.name, "*")
			if a.name != name && (!star || len(name) < len(before)+len(after) || !strings.HasPrefix(name, before) || !strings.HasSuffix(name, after)) {
				continue
			}
			var out []string
			for _, file := range a.files {
				if star {
					file = strings.Replace(file, "*", name[len(before):len(name)-len(after)], 1)
				}
				out = append(out, path.Clean(file))
			}
			return out
		}
		if len(aliases) > 0 || folder == "." || folder == "/" {
			break
		}
	}
	return nil
}

// readAliases reads the aliases of a tsconfig.json, or else those of the file of
// the repository that it extends.
func (t *tracer) readAliases(file string, depth int) []pathAlias {
	// YAML takes the comma behind a last entry, which people write there.
	text := strings.ReplaceAll(commentLine.ReplaceAllString(t.text(file), ""), "\t", " ")
	var document yaml.Node
	if text == "" || yaml.Unmarshal([]byte(text), &document) != nil || len(document.Content) == 0 {
		return nil
	}
	root := document.Content[0]
	options := member(root, "compilerOptions")
	base, _ := scalar(member(options, "baseUrl"))
	var out []pathAlias
	for name, files := range pairs(member(options, "paths")) {
		a := pathAlias{name: name}
		for _, n := range elements(files) {
			if to, ok := scalar(n); ok && !path.IsAbs(to) {
				a.files = append(a.files, path.Join(path.Dir(file), base, to))
			}
		}
		out = append(out, a)
	}
	if len(out) > 0 || depth >= maxIncludes {
		return out
	}
	for _, n := range elements(member(root, "extends")) {
		if other, ok := scalar(n); ok && strings.HasPrefix(other, ".") {
			if path.Ext(other) != ".json" {
				other += ".json"
			}
			out = append(out, t.readAliases(path.Join(path.Dir(file), other), depth+1)...)
		}
	}
	return out
}
