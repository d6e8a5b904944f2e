package rules

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// launcher is a program that runs another one.
type launcher struct {
	words []string
	// values are its flags that take a value.
	values []string
	// anyScript is true where what it runs may be a script of the project,
	// under any name.
	anyScript bool
	// module is true where it runs a Go module by its import path.
	module bool
}

// launchers in an order in which longer words come first.
var launchers = []launcher{
	{words: []string{"pnpm", "dlx"}, values: []string{"--package", "-C"}},
	{words: []string{"pnpm", "exec"}, values: []string{"-C", "--dir", "--filter", "-F"}},
	{words: []string{"yarn", "dlx"}, values: []string{"-p", "--package"}},
	{words: []string{"yarn", "exec"}},
	{words: []string{"yarn", "run"}, anyScript: true},
	{words: []string{"npm", "exec"}, values: []string{"-p", "--package", "-w", "--workspace"}},
	{words: []string{"bun", "x"}},
	{words: []string{"bun", "run"}, anyScript: true},
	{words: []string{"uv", "run"}, values: []string{"--with", "--python", "-p", "--group", "--extra", "--directory", "--project", "--only-group", "--env-file"}},
	{words: []string{"uv", "tool", "run"}, values: []string{"--from", "--with", "--python", "-p"}},
	{words: []string{"pipx", "run"}, values: []string{"--spec", "--python", "--pip-args"}},
	{words: []string{"poetry", "run"}},
	{words: []string{"pdm", "run"}, anyScript: true},
	{words: []string{"hatch", "run"}, anyScript: true},
	{words: []string{"pipenv", "run"}, anyScript: true},
	{words: []string{"pixi", "run"}, values: []string{"-e", "--environment"}, anyScript: true},
	{words: []string{"rye", "run"}, anyScript: true},
	{words: []string{"bundle", "exec"}},
	{words: []string{"mise", "exec"}}, {words: []string{"mise", "x"}},
	{words: []string{"lerna", "exec"}, values: []string{"--scope", "--ignore", "--concurrency", "--since"}},
	{words: []string{"dotnet", "tool", "run"}},
	{words: []string{"go", "tool"}},
	{words: []string{"go", "run"}, values: []string{"-tags", "-ldflags", "-C", "-exec", "-gcflags"}, module: true},
	{words: []string{"python", "-m"}}, {words: []string{"python3", "-m"}}, {words: []string{"py", "-m"}},
	{words: []string{"npx"}, values: []string{"-p", "--package", "-w", "--workspace"}},
	{words: []string{"pnpx"}, values: []string{"--package"}}, {words: []string{"bunx"}},
	{words: []string{"uvx"}, values: []string{"--from", "--with", "--python", "-p"}},
	{words: []string{"corepack"}},
	{words: []string{"sudo"}, values: []string{"-u", "--user", "-g"}},
	{words: []string{"time"}}, {words: []string{"nohup"}}, {words: []string{"command"}}, {words: []string{"exec"}},
	{words: []string{"xvfb-run"}, values: []string{"-s", "--server-args", "-n"}},
	{words: []string{"timeout"}, values: []string{"-s", "--signal", "-k", "--kill-after"}},
	{words: []string{"nice"}, values: []string{"-n"}},
	{words: []string{"env"}, values: []string{"-u", "--unset", "-C"}},
	{words: []string{"yarn"}, anyScript: true},
	{words: []string{"pnpm"}, values: []string{"-C", "--dir", "--filter", "-F"}, anyScript: true},
}

// launchersOf are the launchers by their first words.
var launchersOf = sync.OnceValue(func() map[string][]launcher {
	out := map[string][]launcher{}
	for _, l := range launchers {
		out[l.words[0]] = append(out[l.words[0]], l)
	}
	return out
})

// launches tells whether a program, by its name, is the first word of a
// launcher.
func launches(name string) bool { return launchersOf()[name] != nil }

// launched returns the words of the program that the first program runs,
// and the launcher; nil where there is none.
func launched(args []string) (inner []string, by launcher) {
	if len(args) == 0 {
		return nil, launcher{}
	}
	name, local := programName(args[0])
	if local {
		return nil, launcher{}
	}
	for _, l := range launchersOf()[name] {
		if len(args) < len(l.words) || !slices.Equal(args[1:len(l.words)], l.words[1:]) {
			continue
		}
		inner := l.skip(args[len(l.words):])
		if len(inner) > 0 && l.module {
			inner = slices.Concat([]string{moduleName(inner[0])}, inner[1:])
		}
		return inner, l
	}
	return nil, launcher{}
}

// skip passes over the launcher's own words. In npx -p A B only B is run.
func (l launcher) skip(args []string) []string {
	for i := 0; i < len(args); i++ {
		word := args[i]
		switch {
		case word == "--":
			return args[i+1:]
		case strings.HasPrefix(word, "-"):
			if slices.Contains(l.values, word) {
				i++
			}
		case l.words[0] == "timeout" && i == 0, l.words[0] == "env" && strings.Contains(word, "="):
		default:
			return args[i:]
		}
	}
	return nil
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// moduleName returns the program's name in the import path of a Go module:
// "goreleaser" for "github.com/goreleaser/goreleaser/v2@latest". A path of
// the project is returned as it is.
func moduleName(path string) string {
	path, _, versioned := strings.Cut(path, "@")
	if !versioned && !strings.Contains(firstSegment(path), ".") || strings.HasPrefix(path, ".") {
		return "./" + path
	}
	parts := strings.Split(path, "/")
	if n := len(parts); n > 1 && majorVersion.MatchString(parts[n-1]) {
		parts = parts[:n-1]
	}
	return parts[len(parts)-1]
}

func firstSegment(path string) string {
	segment, _, _ := strings.Cut(path, "/")
	return segment
}
