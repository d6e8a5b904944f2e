package trace

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// buildFolders are the names under which the output of compilers and bundlers
// usually lies.
var buildFolders = []string{"dist", "build", "lib", "out"}

// sourceEndings are those that a compiled .js, .cjs or .mjs file may come
// from, the most telling first.
var sourceEndings = []string{".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs"}

// original is the source that built output comes from.
type original struct {
	name, source string
}

// built finds the source from which a JavaScript file is built: the entry
// that a bundler in package.json is given, what tsconfig.json says, or the
// usual places. present is the file's own text, nil where it is not there.
// Hand-written code is read as it is.
//
// It is wrong where the built file in the repository is older than its
// source, or was built from something else: then what is read is not what
// runs.
func (r *run) built(name string, present []byte) (original, bool) {
	if !slices.Contains([]string{".js", ".cjs", ".mjs"}, path.Ext(name)) || strings.Contains(name, "node_modules/") {
		return original{}, false
	}
	generated := present == nil || looksBuilt(string(present))
	for folder := path.Dir(name); ; folder = path.Dir(folder) {
		for _, entry := range r.entries(folder, name) {
			// Beside a hand-written file only another language is its source.
			if entry == name || !generated && !isTypeScript(entry) {
				continue
			}
			if source, err := r.file(entry); err == nil {
				return original{entry, string(source)}, true
			}
		}
		if folder == "." || folder == "/" || strings.HasPrefix(folder, "..") || r.t.away.folders[folder] {
			return original{}, false
		}
	}
}

func isTypeScript(name string) bool {
	return slices.Contains([]string{".ts", ".mts", ".cts", ".tsx"}, path.Ext(name))
}

// builtScript is built for the operand of a command: a path relative to the
// folder that it runs in, or to the repository's root. name is the file where
// it is there.
func (r *run) builtScript(dir value.Value, word, name string, present []byte) (original, bool) {
	if name != "" {
		return r.built(name, present)
	}
	word = strings.ReplaceAll(word, "\\", "/")
	if d, ok := dir.Literal(); ok && path.Clean(d) != "." {
		if from, ok := r.built(path.Join(d, word), nil); ok {
			return from, true
		}
	}
	return r.built(path.Clean(word), nil)
}

// builtMarks are what compilers and bundlers leave in their output.
var builtMarks = []string{
	"__nccwpck_require__", "__webpack_require__", "__webpack_modules__", "__commonJS", "__toESM(", "__importDefault", "__esModule", "//# sourceMappingURL=",
	"createCommonjsModule(", "getDefaultExportFromCjs", "__awaiter", "__defProp", "__createBinding",
}

// looksBuilt tells output of a compiler or bundler from code that people
// write.
func looksBuilt(source string) bool {
	return slices.ContainsFunc(builtMarks, func(mark string) bool { return strings.Contains(source, mark) })
}

// entries are the files that a project in folder may build a file from, the
// likeliest first.
func (r *run) entries(folder, name string) []string {
	entries := r.bundled(folder, name)
	outDir, rootDir := r.compilerFolders(folder)
	if rest, ok := below(path.Join(folder, outDir), name); ok && outDir != "" {
		for _, root := range compact(rootDir, "src", ".") {
			entries = append(entries, withEndings(path.Join(folder, root, rest))...)
		}
	}
	for _, dir := range buildFolders {
		if rest, ok := below(path.Join(folder, dir), name); ok {
			entries = append(entries, withEndings(path.Join(folder, "src", rest))...)
		}
	}
	if path.Dir(name) == folder {
		entries = append(entries, withEndings(name)[:4]...) // compiled in place
	}
	return entries
}

// below returns the path of a file relative to a folder that holds it.
func below(folder, name string) (rest string, ok bool) {
	if folder == "." {
		return name, true
	}
	return strings.CutPrefix(name, folder+"/")
}

func withEndings(name string) []string {
	stem := strings.TrimSuffix(name, path.Ext(name))
	var out []string
	for _, ending := range sourceEndings {
		out = append(out, stem+ending)
	}
	return out
}

// text reads a file that may be there.
func (r *run) text(name string) string {
	source, _ := r.file(name)
	return string(source)
}

var (
	commentLine = regexp.MustCompile(`(?m)^\s*//.*$`)
	outDirKey   = regexp.MustCompile(`"outDir"\s*:\s*"([^"]+)"`)
	rootDirKey  = regexp.MustCompile(`"rootDir"\s*:\s*"([^"]+)"`)
)

// compilerFolders are outDir and rootDir of tsconfig.json; what it extends is
// not looked at.
func (r *run) compilerFolders(folder string) (outDir, rootDir string) {
	config := commentLine.ReplaceAllString(r.text(path.Join(folder, "tsconfig.json")), "")
	return firstGroup(outDirKey, config), firstGroup(rootDirKey, config)
}

func firstGroup(pattern *regexp.Regexp, text string) string {
	if m := pattern.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// bundled are the entries that the bundlers of package.json make a file from.
func (r *run) bundled(folder, name string) []string {
	var manifest struct {
		Main    string            `json:"main"`
		Scripts map[string]string `json:"scripts"`
	}
	if json.Unmarshal([]byte(r.text(path.Join(folder, "package.json"))), &manifest) != nil {
		return nil
	}
	var out []string
	for _, script := range manifest.Scripts {
		if !mentionsBundler(script) {
			continue
		}
		for _, c := range shell.Interpret(shell.Input{Source: script, Env: nil}).Commands {
			for _, b := range bundles(c.Args, func(file string) string { return r.text(path.Join(folder, file)) }) {
				if file := path.Join(folder, b.file); file == name || b.file != "" && strings.TrimSuffix(file, path.Ext(file)) == strings.TrimSuffix(name, path.Ext(name)) {
					out = append(out, entryFiles(path.Join(folder, b.entry))...)
				}
			}
		}
	}
	slices.Sort(out) // scripts have no order
	return slices.Compact(out)
}

// entryFiles are the files that an entry may mean: its ending may be left out,
// and one that was compiled before it is bundled has a source of its own.
func entryFiles(entry string) []string {
	if path.Ext(entry) == "" {
		return withEndings(entry)
	}
	for _, dir := range buildFolders {
		if rest, ok := strings.CutPrefix(entry, dir+"/"); ok {
			return append(withEndings("src/" + rest)[:4], entry)
		}
		if before, rest, ok := strings.Cut(entry, "/"+dir+"/"); ok {
			return append(withEndings(before + "/src/" + rest)[:4], entry)
		}
	}
	return []string{entry}
}

func mentionsBundler(script string) bool {
	return slices.ContainsFunc(rules.Bundles.Programs(), func(name string) bool { return strings.Contains(script, name) })
}

// bundle is a file that a bundler writes, and the entry that it begins with.
type bundle struct{ entry, file string }

// bundles are what a call of a bundler writes. read returns a file of the
// project, for the configuration of rollup.
func bundles(args []value.Value, read func(string) string) []bundle {
	at := slices.IndexFunc(args, func(v value.Value) bool {
		word, _, _ := strings.Cut(path.Base(v.String()), "@")
		return rules.Bundles.Has(word)
	})
	// npx, yarn and the like stand before it.
	if at < 0 || at > 3 {
		return nil
	}
	flags, entries := bundlerWords(args[at+1:])
	out := first(flags, "--outfile", "-o", "--out", "--file")
	dir := strings.TrimPrefix(first(flags, "--outdir", "-d", "--dir", "--out-dir"), "./")
	switch name, _, _ := strings.Cut(path.Base(args[at].String()), "@"); name {
	case "ncc":
		if len(entries) == 1 && entries[0] == "build" {
			entries = append(entries, mainOf(read("package.json")))
		}
		if len(entries) < 2 || entries[0] != "build" || entries[1] == "" {
			return nil
		}
		if out == "" {
			out = "dist"
		}
		return []bundle{{entries[1], path.Join(out, "index.js")}}
	case "rollup":
		if config, ok := flags["--config"]; ok || flags["-c"] != "" || len(entries) == 0 {
			return rollupConfig(config, flags["-c"], read)
		}
	case "tsup":
		if dir == "" {
			dir = "dist"
		}
	}
	if out != "" && len(entries) == 1 {
		return []bundle{{entries[0], out}}
	}
	var made []bundle
	for _, entry := range entries {
		made = append(made, bundle{entry, path.Join(dir, strings.TrimSuffix(path.Base(entry), path.Ext(entry))+".js")})
	}
	return made
}

// mainOf is the entry of a package, which ncc takes where it is given none.
func mainOf(manifest string) string {
	var m struct {
		Main string `json:"main"`
	}
	if json.Unmarshal([]byte(manifest), &m) != nil {
		return ""
	}
	return m.Main
}

// bundlerValues are the flags of bundlers that take the next word along.
var bundlerValues = []string{"-o", "--out", "-d", "--dir", "--file", "-c", "--config", "--configPlugin", "--target", "-f", "--format", "-p", "--plugin", "-e", "--external", "-t", "--out-dir"}

// bundlerWords sorts the words behind a bundler. Words that are not known
// here are left out.
func bundlerWords(args []value.Value) (flags map[string]string, entries []string) {
	flags = map[string]string{}
	for i := 0; i < len(args); i++ {
		word := args[i].LiteralOr("")
		flag, text, given := strings.Cut(word, "=")
		switch {
		case word == "":
		case !strings.HasPrefix(word, "-"):
			entries = append(entries, word)
		case given:
			flags[flag] = text
		case slices.Contains(bundlerValues, word) && i+1 < len(args) && !strings.HasPrefix(args[i+1].String(), "-"):
			i++
			flags[word] = args[i].LiteralOr("")
		default:
			flags[word] = ""
		}
	}
	return flags, entries
}

// first returns the value of the first flag that is given.
func first(flags map[string]string, names ...string) string {
	for _, name := range names {
		if text := flags[name]; text != "" {
			return text
		}
	}
	return ""
}

var (
	rollupInput = regexp.MustCompile(`\binput\s*:\s*['"]([^'"]+)['"]`)
	rollupFile  = regexp.MustCompile(`\bfile\s*:\s*['"]([^'"]+)['"]`)
)

// rollupConfig reads the inputs and files that a configuration of rollup
// names in plain words, in pairs; where their numbers differ it says nothing.
func rollupConfig(long, short string, read func(string) string) []bundle {
	for _, file := range compact(long, short, "rollup.config.ts", "rollup.config.js", "rollup.config.mjs") {
		text := commentLine.ReplaceAllString(read(file), "")
		inputs, files := rollupInput.FindAllStringSubmatch(text, -1), rollupFile.FindAllStringSubmatch(text, -1)
		if len(inputs) == 0 || len(inputs) != len(files) {
			continue
		}
		var out []bundle
		for i := range inputs {
			out = append(out, bundle{inputs[i][1], files[i][1]})
		}
		return out
	}
	return nil
}
