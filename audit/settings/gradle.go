package settings

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// PackageRegistry is a registry of packages that a build names, with the
// variables that its credentials come from.
type PackageRegistry struct {
	// ID is its name, URL its address as it is written.
	ID, URL string
	// Publishing says that packages go there; they come from there otherwise.
	Publishing bool
	// Variables are those of the environment that its credentials name.
	Variables []string
	File      string
}

// Gradle is what the scripts of a build say of credentials.
type Gradle struct {
	Registries []PackageRegistry
	// Elsewhere are variables that are named outside of registries as well:
	// what becomes of them there is not known.
	Elsewhere []string
}

// gradleFolders are folders beside the projects that hold scripts and plugins
// of the build.
var gradleFolders = []string{
	"gradle", "buildSrc", "build-logic", "buildSrc/src/main/kotlin", "buildSrc/src/main/groovy", "buildSrc/src/main/java",
	"build-logic/src/main/kotlin", "build-logic/src/main/groovy", "build-logic/src/main/java",
}

// gradleScript tells whether a file may be part of a build, by its ending.
func gradleScript(name string) bool {
	return slices.ContainsFunc([]string{".gradle", ".gradle.kts", ".kt", ".groovy", ".java"}, func(ending string) bool { return strings.HasSuffix(name, ending) })
}

// gradleInclude matches a project that the settings name.
var gradleInclude = regexp.MustCompile(`["':]([\w.-]+(?::[\w.-]+)*)["']`)

// maxGradleProjects bounds the projects of a build that are read.
const maxGradleProjects = 200

// ReadGradle reads the scripts of a build for the registries of packages that
// take their credentials from the named variables. It tells blocks by their
// braces: what scripts of plugins, of included builds or of variables of their
// own say is not seen, so a registry whose address is not written inside its
// block has none.
func ReadGradle(folder string, variables []string, list func(folder string) []string, read func(name string) ([]byte, error)) Gradle {
	r := &gradleReader{words: map[string]string{}}
	for _, name := range variables {
		r.words[name] = name
		if property, ok := strings.CutPrefix(name, "ORG_GRADLE_PROJECT_"); ok {
			r.words[property] = name
		}
	}
	folders := []string{folder}
	for _, below := range gradleFolders {
		folders = append(folders, path.Join(folder, below))
	}
	for i := 0; i < len(folders) && i < maxGradleProjects; i++ {
		for _, name := range list(folders[i]) {
			file := path.Join(folders[i], name)
			source, err := read(file)
			if !gradleScript(name) || err != nil || len(source) > maxSize {
				continue
			}
			r.file(file, string(source))
			if i == 0 && strings.HasPrefix(name, "settings.gradle") {
				folders = append(folders, gradleProjects(folder, string(source))...)
			}
		}
	}
	return r.result
}

// gradleProjects are the folders of the projects that settings include.
func gradleProjects(folder, source string) []string {
	var out []string
	for line := range strings.Lines(source) {
		if !strings.HasPrefix(strings.TrimSpace(line), "include") {
			continue
		}
		for _, m := range gradleInclude.FindAllStringSubmatch(line, -1) {
			out = append(out, path.Join(folder, strings.ReplaceAll(strings.TrimPrefix(m[1], ":"), ":", "/")))
		}
	}
	return out
}

type gradleReader struct {
	// words are what stands for a variable in a script.
	words  map[string]string
	result Gradle
}

// gradleBlock is a block between braces.
type gradleBlock struct {
	name     string
	registry *PackageRegistry
}

// file reads one script: its words, strings and braces.
func (r *gradleReader) file(file, source string) {
	var blocks []gradleBlock
	var registries []*PackageRegistry
	last, before := "", []string{}
	flush := func() {
		for _, s := range before {
			r.word(blocks, s, true)
		}
		before = nil
	}
	for len(source) > 0 {
		kind, text, length := gradleToken(source)
		source = source[length:]
		switch kind {
		case '{':
			b := gradleBlock{name: last}
			if last == "maven" {
				b.registry = &PackageRegistry{File: file, Publishing: slices.ContainsFunc(blocks, func(b gradleBlock) bool { return b.name == "publishing" || b.name == "PublishingExtension" })}
				registries = append(registries, b.registry)
			}
			blocks = append(blocks, b)
			flush() // maven("https://…") {
			last = ""
		case '}':
			flush()
			blocks = blocks[:max(0, len(blocks)-1)]
			last = ""
		case '\n', ';':
			flush()
		case 's':
			before = append(before, text)
		case 'n':
			if text == "PasswordCredentials" && last == "credentials" {
				r.password(blocks)
			}
			r.word(blocks, text, false)
			last = text
		}
	}
	flush()
	for _, s := range registries {
		if s.URL != "" {
			r.result.Registries = append(r.result.Registries, *s)
		} else {
			r.result.Elsewhere = append(r.result.Elsewhere, s.Variables...)
		}
	}
}

// innermost is the registry whose block is open.
func innermost(blocks []gradleBlock) *PackageRegistry {
	for i := len(blocks) - 1; i >= 0; i-- {
		if blocks[i].registry != nil {
			return blocks[i].registry
		}
	}
	return nil
}

// password handles credentials(PasswordCredentials), which come from
// properties that begin with the registry's name.
func (r *gradleReader) password(blocks []gradleBlock) {
	if open := innermost(blocks); open != nil && open.ID != "" {
		r.word(append(slices.Clip(blocks), gradleBlock{name: "credentials"}), open.ID+"Password", true)
	}
}

// word looks at a word or a string inside some blocks.
func (r *gradleReader) word(blocks []gradleBlock, text string, quoted bool) {
	open := innermost(blocks)
	if quoted && open != nil {
		switch {
		case strings.Contains(text, "://") && open.URL == "":
			open.URL = text
		case open.ID == "" && blocks[len(blocks)-1].name == "maven":
			open.ID = text
		}
	}
	inside := open != nil && slices.ContainsFunc(blocks, func(b gradleBlock) bool { return b.name == "credentials" })
	for _, word := range slices.Sorted(maps.Keys(r.words)) {
		name := r.words[word]
		template := quoted && strings.Contains(text, "$") && strings.Contains(text, word) // "${System.getenv("NAME")}"
		switch {
		case word != text && !template:
		case !inside:
			r.result.Elsewhere = append(r.result.Elsewhere, name)
		case !slices.Contains(open.Variables, name):
			open.Variables = append(open.Variables, name)
		}
	}
}

// gradleTemplate returns how far the brace is that closes a "${".
func gradleTemplate(source string) int {
	depth := 0
	for n := range len(source) {
		switch source[n] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return n
			}
		case '\n':
			return n - 1
		}
	}
	return len(source) - 1
}

// gradleToken reads one token of Groovy or Kotlin: 'n' a name, 's' a string,
// or the character itself; ' ' for what does not matter.
func gradleToken(source string) (kind byte, text string, length int) {
	for _, c := range []struct{ begin, end string }{{"//", "\n"}, {"/*", "*/"}} {
		if strings.HasPrefix(source, c.begin) {
			if n := strings.Index(source[2:], c.end); n >= 0 && c.end == "*/" {
				return ' ', "", n + 4
			} else if n >= 0 {
				return ' ', "", n + 2
			}
			return ' ', "", len(source)
		}
	}
	if c := source[0]; c == '"' || c == '\'' {
		quote := source[:1]
		if long := strings.Repeat(quote, 3); strings.HasPrefix(source, long) {
			quote = long
		}
		for n := len(quote); n < len(source); n++ {
			switch {
			case source[n] == '\\':
				n++
			case c == '"' && strings.HasPrefix(source[n:], "${"):
				n += gradleTemplate(source[n:])
			case strings.HasPrefix(source[n:], quote):
				return 's', source[len(quote):n], n + len(quote)
			case source[n] == '\n' && len(quote) == 1:
				return 's', source[1:n], n
			}
		}
		return 's', source[min(len(quote), len(source)):], len(source)
	}
	n := 0
	for n < len(source) && (source[n] == '_' || source[n] >= '0' && source[n] <= '9' || source[n]|0x20 >= 'a' && source[n]|0x20 <= 'z') {
		n++
	}
	if n > 0 {
		return 'n', source[:n], n
	}
	return source[0], source[:1], 1
}
