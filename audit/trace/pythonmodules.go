package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxPythonModules bounds the modules that are looked for behind one script.
const maxPythonModules = 60

// pythonImport matches an import, with the module and what is taken out of it.
var pythonImport = regexp.MustCompile(`(?m)^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]*)|import[ \t]+([\w., \t]+))`)

// pythonModules returns the sources of the modules of this repository that code
// of Python takes in, and that these do: what they do is not read, but what they
// name tells whether they may use a token. A module is looked for beside the
// code, in the folders around it and below src.
// Those that the code itself takes in come first, and direct is their number.
func (r *run) pythonModules(file, source string) (sources []string, direct int) {
	type taken struct{ file, source string }
	queue, seen := []taken{{file, source}}, map[string]bool{file: true}
	for len(queue) > 0 && len(sources) < maxPythonModules {
		from := queue[0]
		queue = queue[1:]
		for _, m := range pythonImport.FindAllStringSubmatch(from.source, -1) {
			for _, name := range importedNames(m[1], m[2], m[3]) {
				for _, at := range r.pythonFiles(from.file, name) {
					text, ok := r.module(at)
					if !ok || seen[at] {
						continue
					}
					seen[at] = true
					sources = append(sources, text)
					queue = append(queue, taken{at, text})
					if from.file == file {
						direct = len(sources)
					}
				}
			}
		}
	}
	return sources, direct
}

// importedNames are the modules that an import may mean: "from a import b" is one
// of a, or of a.b.
func importedNames(from, what, plain string) (names []string) {
	for _, name := range strings.FieldsFunc(plain, func(c rune) bool { return c == ',' }) {
		name, _, _ = strings.Cut(strings.TrimSpace(name), " ")
		names = append(names, name)
	}
	if from == "" {
		return names
	}
	names = append(names, from)
	for _, name := range strings.FieldsFunc(strings.Trim(what, "()"), func(c rune) bool { return c == ',' || c == '\n' }) {
		if name, _, _ = strings.Cut(strings.TrimSpace(name), " "); name != "" {
			names = append(names, strings.TrimSuffix(from, ".")+"."+name)
		}
	}
	return names
}

// pythonFiles are the files that may hold a module which code in a file names.
func (r *run) pythonFiles(file, name string) (files []string) {
	folder := path.Dir(file)
	rest := strings.TrimLeft(name, ".")
	folders := []string{folder}
	if dots := len(name) - len(rest); dots > 0 {
		for range dots - 1 {
			folders[0] = path.Dir(folders[0])
		}
	} else {
		for folder != "." && folder != "/" {
			folder = path.Dir(folder)
			folders = append(folders, folder)
		}
		folders = append(folders, "src", "lib")
	}
	if rest == "" {
		return []string{path.Join(folders[0], "__init__.py")}
	}
	at := strings.ReplaceAll(rest, ".", "/")
	for _, folder := range folders {
		for _, ending := range []string{".py", "/__init__.py"} {
			if f := path.Join(folder, at+ending); !slices.Contains(files, f) {
				files = append(files, f)
			}
		}
	}
	return files
}
