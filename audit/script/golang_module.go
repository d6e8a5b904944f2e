package script

import (
	"go/build"
	"io"
	"path"
	"strings"
)

// findModule looks for go.mod, and go.work, from the package's folder upwards.
func (g *goProgram) findModule() {
	for folder := path.Clean(g.in.Folder); ; folder = path.Dir(folder) {
		if source, ok := g.in.Read(path.Join(folder, "go.mod")); ok && g.module == "" {
			g.module = goModulePath(source)
			g.replaced(folder, source)
			g.modules[g.module] = folder
		}
		if source, ok := g.in.Read(path.Join(folder, "go.work")); ok {
			for _, words := range goDirectives(source, "use") {
				inner := path.Join(folder, words[0])
				if source, ok := g.in.Read(path.Join(inner, "go.mod")); ok {
					g.modules[goModulePath(source)] = inner
				}
			}
			g.replaced(folder, source)
			break
		}
		if folder == "." || folder == "/" || strings.HasPrefix(folder, "..") {
			break
		}
	}
	delete(g.modules, "")
}

// replaced notes the modules that folders stand for.
func (g *goProgram) replaced(folder, source string) {
	for _, words := range goDirectives(source, "replace") {
		if to := words[len(words)-1]; len(words) > 2 && (strings.HasPrefix(to, "./") || strings.HasPrefix(to, "../")) {
			g.modules[words[0]] = path.Join(folder, to)
		}
	}
}

func goModulePath(source string) string {
	for _, words := range goDirectives(source, "module") {
		return words[0]
	}
	return ""
}

// goDirectives are the words behind each directive of a name in go.mod or go.work,
// on its line or in its block. Source: https://go.dev/ref/mod#go-mod-file-grammar
func goDirectives(source, name string) (lists [][]string) {
	block := ""
	for line := range strings.Lines(source) {
		line, _, _ = strings.Cut(line, "//")
		words := strings.Fields(strings.ReplaceAll(line, "(", " ( "))
		for i, word := range words {
			words[i] = strings.Trim(word, "\"`")
		}
		switch {
		case len(words) == 0:
		case words[0] == ")":
			block = ""
		case block != "":
			if block == name {
				lists = append(lists, words)
			}
		case len(words) > 1 && words[1] == "(":
			block = words[0]
		case words[0] == name && len(words) > 1:
			lists = append(lists, words[1:])
		}
	}
	return lists
}

// own returns the folder of a package of the same module, or of one that is in
// this checkout as well.
func (g *goProgram) own(importPath string) (folder string, ok bool) {
	for module := importPath; ; module = path.Dir(module) {
		if root, known := g.modules[module]; known {
			return path.Join(root, strings.TrimPrefix(importPath, module)), true
		}
		if module == "." || module == "/" {
			return "", false
		}
	}
}

// builds tells whether a file is one of those that make the package: by its name,
// and by what stands in front of it.
func (g *goProgram) builds(name, source string) bool {
	context := build.Default
	context.GOOS, context.GOARCH, context.CgoEnabled, context.BuildTags = "linux", "amd64", true, g.in.Tags
	switch g.in.System {
	case "windows":
		context.GOOS = "windows"
	case "macos":
		context.GOOS, context.GOARCH = "darwin", "arm64"
	}
	if g.in.Mage {
		context.BuildTags = append([]string{"mage"}, g.in.Tags...)
	}
	context.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(source)), nil }
	matches, err := context.MatchFile(path.Dir(name), path.Base(name))
	return matches || err != nil // it does not parse
}
