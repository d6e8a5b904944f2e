package settings

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// Goreleaser is GoReleaser's configuration, with the files that it includes.
type Goreleaser struct {
	// Files are those that it is written in, the main one first.
	Files []GoreleaserFile
	// Unread says what of it cannot be read here: "" where nothing is missing.
	Unread string
}

// GoreleaserFile is one file of a configuration.
type GoreleaserFile struct {
	Name   string
	Source []byte
	// Filled are sections of which a program that made a configuration of it has
	// filled in something: see [GoreleaserFile.Templated].
	Filled []string
}

// wholeEnv matches templates that take more of the environment than one variable
// by its name.
var wholeEnv = regexp.MustCompile(`\.Env(?:\s*[})|]|\s+[^"'\s])|\b(?:envOrDefault|isEnvSet)\s+[^"]`)

// Leaves tells whether a configuration is seen to leave a variable alone: all of
// it was read, and none of it names the variable or goes over all of them. What
// the commands in it read is not asked, nor what GoReleaser takes by itself.
func (g Goreleaser) Leaves(variable string) bool {
	return g.Unread == "" && len(g.Files) > 0 && !slices.ContainsFunc(g.Files, func(f GoreleaserFile) bool {
		return strings.Contains(strings.ToLower(string(f.Source)), strings.ToLower(variable)) || wholeEnv.Match(f.Source)
	})
}

// GoreleaserCommand is a command that GoReleaser runs.
type GoreleaserCommand struct {
	// Line are its words as for a shell.
	Line string
	// Dir is the folder that it runs in, "" for that of GoReleaser itself.
	Dir string
	// Env are variables set for it, as NAME=text. Alone says that it has no
	// others.
	Env   []string
	Alone bool
	// Signs says that it makes a signature.
	Signs bool
	// Stage is what skips it: "before", "sign" or "publish"; "" for nothing.
	Stage string
}

// maxIncludes bounds the files of a configuration that are read.
const maxIncludes = 20

// FindGoreleaser reads the first of the files of the names that is there, and
// what it includes. ok is false where there is none. Read returns a file's
// text, by its path from the folder that GoReleaser runs in. Made, if it is not
// nil, returns what the job has put in its place: the files of the repository
// that it made it of, and why there may be more in it.
// Source: https://goreleaser.com/customization/general/includes/
func FindGoreleaser(names []string, read func(name string) ([]byte, error), made func(name string) (of []GoreleaserFile, unread string, ok bool)) (g Goreleaser, ok bool) {
	for _, name := range names {
		if made != nil {
			if g.Files, g.Unread, ok = made(name); ok {
				break
			}
		}
		source, err := read(name)
		if err != nil {
			continue
		}
		g.Files = []GoreleaserFile{{Name: name, Source: source}}
		break
	}
	ok = ok || len(g.Files) > 0
	for i := 0; i < len(g.Files) && i < maxIncludes; i++ {
		var file struct {
			Includes []struct {
				FromFile struct {
					Path string `yaml:"path"`
				} `yaml:"from_file"`
				FromURL any `yaml:"from_url"`
			} `yaml:"includes"`
		}
		if !readable(g.Files[i].Source) || yaml.Unmarshal(g.Files[i].Source, &file) != nil {
			g.Unread, g.Files[i].Source = g.Files[i].Name, nil
			continue
		}
		for _, include := range file.Includes {
			name := path.Clean(include.FromFile.Path)
			if slices.ContainsFunc(g.Files, func(f GoreleaserFile) bool { return path.Clean(f.Name) == name }) {
				continue
			}
			source, err := read(name)
			if include.FromURL != nil || err != nil || len(g.Files) == maxIncludes {
				g.Unread = "what " + g.Files[i].Name + " includes"
				continue
			}
			g.Files = append(g.Files, GoreleaserFile{Name: name, Source: source})
		}
	}
	return g, ok
}

// GoreleaserAction is the action that runs GoReleaser with its input args.
const GoreleaserAction = "goreleaser/goreleaser-action"

// GoreleaserWords returns the words of each call of GoReleaser that the input
// of its action may be, with the command that it takes them for: without one
// it is a release, and one that is only known when it runs is taken for one.
// Quotes are read as the runner's toolkit reads them, which knows double ones.
func GoreleaserWords(args value.Value) [][]string {
	var out [][]string
	for given := range args.EachAlternative() {
		words, command := toolkitWords(given.Mask().Text), "release"
		if len(words) > 0 && !strings.HasPrefix(words[0], "-") {
			command, words = words[0], words[1:]
			if long, ok := map[string]string{"r": "release", "b": "build"}[command]; ok {
				command = long
			} else if value.HasPlaceholder(command) {
				command = "release"
			}
		}
		out = append(out, append([]string{"goreleaser", command}, words...))
	}
	return out
}

// toolkitWord matches a word of a line: double quotes hold what is between
// them together.
var toolkitWord = regexp.MustCompile(`(?:[^\s"]|"[^"]*"?)+`)

func toolkitWords(line string) []string {
	words := toolkitWord.FindAllString(line, -1)
	for i, w := range words {
		words[i] = strings.ReplaceAll(w, `"`, "")
	}
	return words
}

// GoreleaserCall is what the words of a call of GoReleaser say.
type GoreleaserCall struct {
	// Publishes is false where it is certain that nothing is published.
	Publishes bool
	// Nightly says that it makes a nightly build: see [GoreleaserConfig.Nightly].
	Nightly bool
	// Skips are the stages and publishers that it leaves out.
	Skips []string
	// Config are the files that may hold its configuration, the first that is
	// there counts. A file that is only known when it runs is given as it is.
	Config []string
}

// goreleaserReleases are the commands of GoReleaser that publish something.
var goreleaserReleases = []string{"goreleaser release", "goreleaser continue", "goreleaser publish"}

// ReadGoreleaserCall reads the call of a program; ok is false where it is none
// of GoReleaser's.
func ReadGoreleaserCall(info *rules.ProgramInfo) (call GoreleaserCall, ok bool) {
	if !strings.HasPrefix(info.Name, "goreleaser ") {
		return call, false
	}
	call.Config = info.Config
	if file, given := info.Lookup("config"); given {
		call.Config = []string{file}
	}
	if skip, _ := info.Lookup("skip"); skip != "" {
		call.Skips = strings.Split(skip, ",")
	}
	on := func(flag string) bool {
		text, given := info.Lookup(flag)
		return given && text != "false" && !value.HasPlaceholder(text)
	}
	call.Nightly = on("nightly")
	call.Publishes = slices.Contains(goreleaserReleases, info.Name) && !slices.ContainsFunc(goreleaserBuilds, on) && !slices.Contains(call.Skips, "publish")
	return call, true
}

// goreleaserBuilds are the flags with which a release is built and not published, or
// by a later call.
// Sources: https://goreleaser.com/cmd/goreleaser_release/,
// https://goreleaser.com/customization/partial/
var goreleaserBuilds = []string{"snapshot", "prepare", "split", "skip-publish"}

// goreleaserSigners are the sections of signatures, with the program that
// each runs by default. Those of images are made as they are published.
var goreleaserSigners = []struct{ section, program, stage string }{
	{"signs", "gpg", "sign"}, {"binary_signs", "gpg", "sign"}, {"docker_signs", "cosign", "publish"},
}

// Commands returns the commands that a file of the configuration names, and
// the variables that it sets for GoReleaser and for all of them, as NAME=text.
//
// Hooks and signatures have the whole environment, publishers no more than
// their own variables; commands for bills of materials likewise, which are
// taken to be for no token.
// Source: https://goreleaser.com/customization/hooks/, …/sign/, …/publishers/
func (f GoreleaserFile) Commands() (commands []GoreleaserCommand, env []string) {
	var file map[string]any
	if !readable(f.Source) || yaml.Unmarshal(f.Source, &file) != nil {
		return nil, nil
	}
	for _, section := range slices.Sorted(maps.Keys(file)) {
		// The hooks of a cask are Ruby for brew, those of a snap plugs.
		if section == "homebrew_casks" || section == "snapcrafts" {
			continue
		}
		stage := ""
		if section == "before" {
			stage = section
		}
		commands = goreleaserHooks(commands, listed(file[section]), stage)
	}
	for _, entry := range listed(file["builds"]) {
		m, _ := entry.(map[string]any)
		for _, key := range []string{"gobinary", "tool"} {
			if line, _ := m[key].(string); strings.Contains(line, "/") {
				// A file of the project's in the place of the compiler.
				commands = append(commands, GoreleaserCommand{Line: line})
			}
		}
	}
	for _, signer := range goreleaserSigners {
		for _, entry := range listed(file[signer.section]) {
			m, _ := entry.(map[string]any)
			if m == nil || m["artifacts"] == "none" {
				continue
			}
			c := goreleaserCommand(m, signer.stage)
			c.Signs = true
			if c.Line == "" {
				c.Line = signer.program
			}
			for _, arg := range listed(m["args"]) {
				text, _ := arg.(string)
				c.Line += " " + quoted(text)
			}
			commands = append(commands, c)
		}
	}
	for _, entry := range listed(file["publishers"]) {
		if m, _ := entry.(map[string]any); m != nil && !on(m["disable"]) {
			c := goreleaserCommand(m, "publish")
			c.Alone = true
			commands = append(commands, c)
		}
	}
	commands = slices.DeleteFunc(commands, func(c GoreleaserCommand) bool { return c.Line == "" })
	return commands, texts(file["env"])
}

// goreleaserHooks adds the commands under the key hooks of a section's
// entries: lines, or mappings with the key cmd, in lists or alone, before and
// after what they belong to.
func goreleaserHooks(commands []GoreleaserCommand, entries []any, stage string) []GoreleaserCommand {
	var add func(v any)
	add = func(v any) {
		switch v := v.(type) {
		case string:
			commands = append(commands, GoreleaserCommand{Line: straightened(v), Stage: stage})
		case []any:
			for _, inner := range v {
				add(inner)
			}
		case map[string]any:
			if _, ok := v["cmd"]; ok {
				commands = append(commands, goreleaserCommand(v, stage))
				return
			}
			for _, key := range []string{"pre", "post", "before", "after"} {
				add(v[key])
			}
		}
	}
	for _, entry := range entries {
		if m, ok := entry.(map[string]any); ok {
			add(m["hooks"])
		}
	}
	return commands
}

func goreleaserCommand(m map[string]any, stage string) GoreleaserCommand {
	line, _ := m["cmd"].(string)
	dir, _ := m["dir"].(string)
	return GoreleaserCommand{Line: straightened(line), Dir: dir, Env: texts(m["env"]), Stage: stage}
}

// conditional matches the templates that choose between texts.
var conditional = regexp.MustCompile(`\{\{-?\s*(if|else|end|with|range)\b[^}]*\}\}`)

// straightened turns a line that is one choice between commands into all of
// them: "{{ if .IsSnapshot }}a{{ else }}b{{ end }}" is "a" and "b".
func straightened(line string) string {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "{{") || !strings.HasSuffix(line, "}}") {
		return line
	}
	if at := conditional.FindStringIndex(line); at == nil || at[0] != 0 {
		return line
	}
	return strings.TrimSpace(conditional.ReplaceAllString(line, "\n"))
}

// quoted is an argument as a word of a shell that expands its variables, as
// GoReleaser does, and nothing else.
func quoted(text string) string {
	text = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", "$(", `\$(`).Replace(text)
	return `"` + text + `"`
}

// listed returns the entries of a list; what is none is its only one.
func listed(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// texts returns the entries of a list that are texts.
func texts(v any) []string {
	var out []string
	for _, entry := range listed(v) {
		if text, ok := entry.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

// on tells whether a switch is on.
func on(v any) bool { return v == true || v == "true" }

// goreleaserVariable matches a template that stands for a variable.
var goreleaserVariable = regexp.MustCompile(`\{\{-?\s*(?:\.Env\.|envOrDefault\s+"|index\s+\.Env\s+")(\w+)"?[^}]*\}\}`)

// GoreleaserVariables returns where in a text templates stand for variables of
// the environment: from, to, and the name.
func GoreleaserVariables(text string) []TemplateVariable {
	if !strings.Contains(text, "{{") {
		return nil
	}
	var out []TemplateVariable
	for _, m := range goreleaserVariable.FindAllStringSubmatchIndex(text, -1) {
		out = append(out, TemplateVariable{Start: m[0], End: m[1], Name: text[m[2]:m[3]]})
	}
	return out
}

// TemplateVariable is a variable that stands in a template.
type TemplateVariable struct {
	Start, End int // byte offsets
	Name       string
}

// Handed is a variable that a configuration hands on.
type Handed struct{ Name, Section, Text string }

// goreleaserRead are the keys below which variables are looked at for
// themselves: commands, what they are given, and tokens of repositories.
var goreleaserRead = []string{"hooks", "signs", "binary_signs", "docker_signs", "publishers", "env", "token"}

// Given returns where variables of the names are handed on to something that
// is neither a command nor a repository: a template that is all or part of a
// text, a secret or an argument of an image's build.
func (f GoreleaserFile) Given(names []string) (out []Handed) {
	var file map[string]any
	if !readable(f.Source) || yaml.Unmarshal(f.Source, &file) != nil {
		return nil
	}
	var look func(section string, v any)
	look = func(section string, v any) {
		switch v := v.(type) {
		case string:
			for _, name := range names {
				if handsOn(v, name) {
					out = append(out, Handed{name, section, v})
				}
			}
		case []any:
			for _, inner := range v {
				look(section, inner)
			}
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				if !slices.Contains(goreleaserRead, key) {
					look(section, v[key])
				}
			}
		}
	}
	for _, section := range slices.Sorted(maps.Keys(file)) {
		if !slices.Contains(goreleaserRead, section) {
			look(section, file[section])
		}
	}
	return out
}

func handsOn(text, name string) bool {
	if !strings.Contains(text, name) {
		return false
	}
	for _, flag := range []string{"--build-arg=", "--build-arg "} {
		if rest, ok := strings.CutPrefix(text, flag); ok && strings.TrimSpace(rest) == name {
			return true
		}
	}
	if strings.HasPrefix(text, "--secret") && strings.HasSuffix(text, "env="+name) {
		return true
	}
	return slices.ContainsFunc(GoreleaserVariables(text), func(v TemplateVariable) bool { return v.Name == name })
}
