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
// address. The file is written as a configuration of git (gitmodules(5)).
func Submodules(source string) (list []Submodule) {
	section := ""
	for _, s := range GitSettings(source) {
		of, key := s.Key[:strings.LastIndexByte(s.Key, '.')], s.Key[strings.LastIndexByte(s.Key, '.')+1:]
		if !strings.HasPrefix(of, "submodule.") {
			continue
		}
		if of != section {
			list, section = append(list, Submodule{}), of
		}
		switch m := &list[len(list)-1]; key {
		case "url":
			m.Address = s.Text
		case "path":
			m.Path = path.Clean(s.Text)
		case "branch":
			m.Branch = s.Text
		}
	}
	return slices.DeleteFunc(list, func(m Submodule) bool { return m.Address == "" })
}
