package decide

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/rules"
)

// build is a call that runs code of the project.
type build struct {
	site    *trace.Site
	program rules.Builder
	// untested says that it runs no tests.
	untested bool
}

// maxOwnCode bounds, in bytes, a file of the project's code that is looked at,
// and maxSearched the number of files that one program is looked for in.
const (
	maxOwnCode  = 256 << 10
	maxSearched = 4000
)

// ownCode leaves open what the project's own code does with a variable that
// holds a secret, where a program that runs such code gets it and a file of
// the checkout reads it by its name. Whether the program comes by that file is
// not known. Code that is handed the value under another name is missed.
//
// Verdict is that of what was seen; what is found goes to total.
func (d *decider) ownCode(ref trace.Reference, uses []*ruled, verdict audit.Verdict, total *ruling) {
	if verdict != audit.VerdictReplaceable && verdict != audit.VerdictConditional {
		return
	}
	for _, j := range d.jobs {
		for _, b := range d.buildsOf(j) {
			for _, name := range b.site.Env.Credentials() {
				if v, _ := b.site.Env.Lookup(name); !holds(v, ref) || slices.ContainsFunc(uses, func(u *ruled) bool { return u.Site == b.site }) {
					continue
				}
				if at := d.mention(b, name); at.File != "" {
					total.open("unread", fmt.Sprintf("%s may run %s, which reads %s, and what that does with it is not read: read it, or give the variable to the steps alone that need it", b.program.Name, at.File, name),
						[]audit.Place{at, {File: b.site.File, Line: b.site.Line, Text: b.site.Command.Text()}})
					return
				}
			}
		}
	}
}

// buildsOf returns the calls of a job that run code of this repository with a
// secret in their environment.
func (d *decider) buildsOf(j *jobView) []build {
	if out, known := d.builds[j]; known {
		return out
	}
	var out []build
	checkedOut := false
	for _, s := range j.Sites {
		checkedOut = checkedOut || checksOut(s)
		if s.Command == nil || len(s.Command.Args) == 0 || s.Followed || s.Elsewhere != "" || s.Through != nil || !checkedOut || !rules.MayBuild(s.Command.Args[0].String()) || !s.Env.HoldsCredential() {
			continue
		}
		words, _ := s.Command.Words()
		if program, ok := rules.BuilderOf(words); ok {
			out = append(out, build{s, program, untested(words)})
		}
	}
	if d.builds == nil {
		d.builds = map[*jobView][]build{}
	}
	d.builds[j] = out
	return out
}

// checksOut tells whether the files of a repository may be there from a site on.
func checksOut(s *trace.Site) bool {
	if s.Action != nil {
		return strings.Contains(s.Action.Name, "checkout")
	}
	return s.Command != nil && len(s.Command.Args) > 1 && slices.Contains([]string{"clone", "fetch", "checkout", "pull"}, s.Command.Args[1].String())
}

// testGoals are words of goals of Maven and Gradle that run tests.
var testGoals = regexp.MustCompile(`(?i)test|check|build|verify|install|package|deploy|coverage|jacoco|publish|release`)

// untested tells whether a call of Maven or Gradle runs no tests.
func untested(words []string) bool {
	switch path.Base(words[0]) {
	case "mvn", "mvnw", "gradle", "gradlew":
	default:
		return false
	}
	goals := false
	for n, w := range words[1:] {
		switch {
		case strings.HasPrefix(w, "-DskipTests"), strings.HasPrefix(w, "-Dmaven.test.skip"), w == "test" && words[n] == "-x":
			return true
		case !strings.HasPrefix(w, "-") && testGoals.MatchString(w):
			goals = true
		}
	}
	return !goals
}

// mention returns where a file that a program may run reads a variable; the
// zero Place where none does.
func (d *decider) mention(b build, name string) audit.Place {
	key := fmt.Sprintf("%s\x00%v\x00%s", b.program.Name, b.untested, name)
	if at, known := d.mentions[key]; known {
		return at
	}
	at := d.searchOwn(b, name)
	if d.mentions == nil {
		d.mentions = map[string]audit.Place{}
	}
	d.mentions[key] = at
	return at
}

func (d *decider) searchOwn(b build, name string) audit.Place {
	searched := 0
	for _, file := range d.repository.Tree() {
		if !b.program.Runs(file) || apart(file) || b.untested && !buildFile(file) {
			continue
		}
		if searched++; searched > maxSearched {
			break
		}
		source := d.repository.Peek(file, maxOwnCode)
		if line, text := reads(source, file, name, b.program.Name); line > 0 {
			return audit.Place{File: file, Line: line, Text: text}
		}
		if at := d.entries(source, file, name); at.File != "" {
			return at
		}
	}
	return audit.Place{}
}

// buildFile tells whether a file says how the project is built.
func buildFile(file string) bool {
	base := path.Base(file)
	return base == "pom.xml" || strings.HasSuffix(base, ".gradle") || strings.HasSuffix(base, ".gradle.kts") || strings.Contains("/"+file, "/buildSrc/")
}

// apartFolders are folders of code that is run by itself, and by no test or build.
var apartFolders = []string{"scripts", "script", "hack", "ci", ".ci", "tools", "tool", "examples", "example", "samples", "demo", "demos", "release", "releases", "benchmarks", "bench", ".circleci", ".buildkite", ".azure-pipelines"}

// apart tells whether a file is code that is run by itself, but for its tests
// and for what a build or a hook reads by its name.
func apart(file string) bool {
	base := strings.ToLower(path.Base(file))
	if strings.Contains(base, "test") || strings.Contains(base, "spec") || slices.Contains([]string{"setup.py", "build.rs", "pom.xml", "conf.py"}, base) || strings.HasPrefix(base, "build.gradle") {
		return false
	}
	return slices.ContainsFunc(strings.Split(path.Dir(file), "/"), func(folder string) bool { return slices.Contains(apartFolders, strings.ToLower(folder)) })
}

// entryLine matches the entry of a hook of pre-commit.
var entryLine = regexp.MustCompile(`(?m)^\s*(?:-\s*)?entry:\s*(.+)$`)

// entries looks at the scripts that the hooks of pre-commit name.
func (d *decider) entries(source []byte, file, name string) audit.Place {
	if path.Base(file) != ".pre-commit-config.yaml" {
		return audit.Place{}
	}
	for _, m := range entryLine.FindAllSubmatch(source, -1) {
		for _, word := range strings.Fields(strings.Trim(string(m[1]), `"'`)) {
			script := path.Clean(word)
			if !strings.Contains(word, "/") && path.Ext(word) == "" {
				continue
			}
			if line, text := reads(d.repository.Peek(script, maxOwnCode), script, name, "pre-commit"); line > 0 {
				return audit.Place{File: script, Line: line, Text: text}
			}
		}
	}
	return audit.Place{}
}

// accessors are what code of all languages reads variables by, in small letters.
var accessors = []string{
	"environ[", "environ.", "environ,", "environ)", "getenv", "lookupenv", "env::var", "env!(", "process.env", "deno.env", "bun.env", "import.meta.env", "env[", "env.fetch", "env.get", "env.str",
	"environmentvariable", "env(", "$_env", "$_server", "processinfo", "platform.environment", "get_env", "fetch_env", "env.",
}

// setters are what code sets or removes variables by.
var setters = []string{"setenv", "delenv", "unsetenv", "stubenv", "set_var", "remove_var", "putenv", "setenvironmentvariable", "unset ", "delete "}

// shellLike are the endings of files in which $NAME is a variable of the
// environment.
var shellLike = []string{"", ".sh", ".bash", ".bats", ".yml", ".yaml", ".hcl", ".json", ".props", ".targets", ".csproj", ".fsproj", ".vbproj", ".cmake"}

// runsGh matches a call of gh in a shell, or as words of a list.
var runsGh = regexp.MustCompile(`(?:^|[\s"'\[(;&|=])gh["']?[\s,]+["']?(?:api|auth|cache|extension|gist|issue|label|org|pr|project|release|repo|ruleset|run|search|secret|variable|workflow)\b|<executable>gh</executable>`)

// reads returns the line on which code reads a variable; 0 where none does.
// What a build or a hook runs reads a token as well where it calls gh.
func reads(source []byte, file, name, program string) (line int, text string) {
	if len(source) == 0 || bytes.IndexByte(source[:min(len(source), 1024)], 0) >= 0 {
		return 0, ""
	}
	named := bytes.Contains(source, []byte(name))
	calls := rules.EnvReadsToken(name) && (program == "go generate" || !wide(file)) && bytes.Contains(source, []byte("gh"))
	if !named && !calls {
		return 0, ""
	}
	directives := program == "go generate" && !bytes.Contains(source, []byte("//go:build ignore"))
	n := 0
	for one := range bytes.Lines(source) {
		n++
		if len(one) > 2000 || directives && !bytes.HasPrefix(one, []byte("//go:generate")) {
			continue
		}
		if text := strings.TrimSpace(string(one)); named && lineReads(text, file, name) || calls && !comment(text) && runsGh.MatchString(text) {
			return n, text[:min(len(text), 120)]
		}
	}
	return 0, ""
}

// wide tells whether a file is any code of a language, and not one that a
// build or a hook runs by its name.
func wide(file string) bool {
	if strings.Contains(file, ".husky/") {
		return false
	}
	return !slices.Contains([]string{"setup.py", "hatch_build.py", "build.py", "build.rs", "pom.xml", "Gemfile", "lefthook.yml", ".lefthook.yml", ".pre-commit-config.yaml"}, path.Base(file)) && path.Ext(file) != ".sh"
}

// comment tells whether a line is one.
func comment(line string) bool {
	if strings.HasPrefix(line, "//go:generate") {
		return false
	}
	return slices.ContainsFunc([]string{"#", "//", "*", "/*", "--", "<!--", ";"}, func(mark string) bool { return strings.HasPrefix(line, mark) })
}

// lineReads tells whether a line of code reads a variable.
func lineReads(line, file, name string) bool {
	if comment(line) {
		return false
	}
	for from := 0; ; {
		i := strings.Index(line[from:], name)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(name)
		if from = end; start > 0 && wordByte(line[start-1]) || end < len(line) && wordByte(line[end]) {
			continue
		}
		if readsAt(line[:start], line[end:], file) {
			return true
		}
	}
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// readsAt tells whether a variable is read whose name stands between two parts
// of a line.
func readsAt(before, after, file string) bool {
	low := strings.ToLower(before)
	if slices.ContainsFunc(setters, func(s string) bool { return strings.Contains(low, s) }) {
		return false
	}
	if assigned(after) {
		return false
	}
	if base := path.Base(file); strings.HasPrefix(base, "docker-bake") || strings.Contains(base, "compose.y") {
		return true
	}
	if slices.Contains(shellLike, path.Ext(file)) || strings.HasPrefix(before, "//go:generate") || path.Base(file) == "pom.xml" {
		return strings.HasSuffix(before, "$") || strings.HasSuffix(before, "${") || strings.HasSuffix(before, "$(") || strings.HasSuffix(low, "$env:") || strings.HasSuffix(low, "${env.") || strings.HasSuffix(low, "env{")
	}
	whole := low + strings.ToLower(after)
	return slices.ContainsFunc(accessors, func(a string) bool { return strings.Contains(whole, a) })
}

// assigned tells whether a variable is set behind whose name a part of a line
// stands: not where it is taken out of the environment there, as in
// "const { NAME } = process.env".
func assigned(after string) bool {
	rest := strings.TrimLeft(after, "\"'`])} ")
	if !strings.HasPrefix(rest, "=") || slices.ContainsFunc([]string{"==", "=~", "=>"}, func(sign string) bool { return strings.HasPrefix(rest, sign) }) {
		return false
	}
	return !strings.Contains(after, "}") || !strings.Contains(rest, "env")
}
