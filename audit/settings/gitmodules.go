package settings

import (
	"path"
	"slices"
	"strings"
)

// Submodule is a repository that git keeps in a folder of another one.
type Submodule struct {
	// Path is the folder, without a slash at its end, Address where the
	// repository is fetched from.
	Path, Address string
	// Branch is the one that the submodule follows: "" where none is named, "."
	// for that of the repository around it.
	Branch string
}

// Submodules returns what a .gitmodules file lists, without those that have no
// address. The file is written as a configuration of git (gitmodules(5)); what
// that allows beside a section for each submodule and a key on each line is not
// read.
func Submodules(source string) (list []Submodule) {
	inside := false
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			if inside = strings.HasPrefix(line, "[submodule "); inside {
				list = append(list, Submodule{})
			}
			continue
		}
		key, text, ok := strings.Cut(line, "=")
		if !ok || !inside {
			continue
		}
		text, _, _ = strings.Cut(text, " #")
		text = strings.Trim(strings.TrimSpace(text), `"`)
		switch m := &list[len(list)-1]; strings.ToLower(strings.TrimSpace(key)) {
		case "url":
			m.Address = text
		case "path":
			m.Path = path.Clean(text)
		case "branch":
			m.Branch = text
		}
	}
	return slices.DeleteFunc(list, func(m Submodule) bool { return m.Address == "" })
}
