package rules

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// Loaded are the files of a project that a program loads by itself, or runs commands of.
type Loaded struct {
	// Program are the words under which it is known: "go test".
	Program string
	// Words are those of the call behind these.
	Words []string
	// Scripts are those of package.json that it runs, where it loads that.
	Scripts  []string
	patterns []loadedPattern
}

// loadedPattern matches paths from the folder at hand.
type loadedPattern struct {
	path *regexp.Regexp
	// end is what the paths end in.
	end string
	// anywhere says that the files may lie in any folder below it.
	anywhere bool
}

// loadedNamed stands in the table for the files that the call itself names.
const loadedNamed = "@named"

// loadedRow is one row of table/loaded-files.tsv.
type loadedRow struct {
	program  []string
	patterns []loadedPattern
	scripts  []string
	named    bool
}

var loadedRows = rows("loaded-files", []string{"program", "files", "source"}, func(r row) (loadedRow, error) {
	out := loadedRow{program: strings.Fields(r.cell("program"))}
	for _, text := range r.list("files") {
		if text == loadedNamed {
			out.named = true
			continue
		}
		file, scripts, some := strings.Cut(text, "#")
		if some {
			out.scripts = strings.Split(scripts, "|")
		}
		pattern, err := loadedPath(file)
		if err != nil {
			return loadedRow{}, err
		}
		out.patterns = append(out.patterns, pattern)
	}
	if len(out.program) == 0 || !out.named && out.patterns == nil {
		return loadedRow{}, errors.New("want a program and files")
	}
	return out, nil
})

// loadedPath reads a pattern of the table.
func loadedPath(text string) (loadedPattern, error) {
	escaped := strings.NewReplacer(`\*\*/`, `(?:.*/)?`, `\*`, `[^/]*`, `\?`, `[^/]`, `\[`, `[`, `\]`, `]`).Replace(regexp.QuoteMeta(text))
	matcher, err := regexp.Compile("^" + escaped + "$")
	return loadedPattern{matcher, strings.TrimPrefix(text[strings.LastIndexAny(text, "*?]")+1:], "/"), strings.HasPrefix(text, "**/")}, err
}

// loaded are the rows by the first word of the program.
var loaded = index(loadedRows, func(r loadedRow) string { return r.program[0] })

// LoadedFiles returns what a program loads of the project, by the words of a call
// of it: of the entry with the most words that fits. Launchers do not matter, as
// with [Program].
func LoadedFiles(args []string) (Loaded, bool) {
	// A launcher may start another.
	for range 4 {
		args = plainCall(args)
		if len(args) == 0 {
			break
		}
		name, _ := programName(args[0])
		var best *loadedRow
		var words []string
		for i, r := range loaded()[name] {
			if _, rest, ok := match(r.program[1:], args[1:]); ok && (best == nil || len(r.program) > len(best.program)) {
				best, words = &loaded()[name][i], rest
			}
		}
		if best != nil {
			plain := slices.DeleteFunc(slices.Clone(best.program), func(w string) bool { return strings.Contains(w, "*") })
			out := Loaded{Program: strings.Join(plain, " "), Words: words, Scripts: best.scripts, patterns: best.patterns}
			if best.named {
				out.patterns = append(slices.Clone(out.patterns), loadedPattern{})
			}
			return out, true
		}
		args, _ = launched(args)
	}
	return Loaded{}, false
}

// Unnamed is without the files that the call itself names.
func (l Loaded) Unnamed() Loaded {
	l.patterns = slices.DeleteFunc(slices.Clone(l.patterns), func(p loadedPattern) bool { return p.path == nil })
	return l
}

// Select returns those of a project's files that are loaded, by their paths from
// the folder in which the program works: those that the program cannot do without
// first. Files that may lie anywhere are those below what the call names, if it
// names something that is there.
func (l Loaded) Select(files []string) (out []string) {
	below, named := l.named(files)
	seen := map[string]bool{}
	add := func(file string) {
		if !seen[file] {
			seen[file] = true
			out = append(out, file)
		}
	}
	for _, p := range l.patterns {
		if p.path == nil {
			for _, file := range named {
				add(file)
			}
			continue
		}
		for _, file := range files {
			if strings.HasSuffix(file, p.end) && p.path.MatchString(file) && (!p.anywhere || len(below) == 0 || slices.ContainsFunc(below, func(dir string) bool {
				folder := file[:strings.LastIndex(file, "/")+1]
				// What lies in a folder holds for those below it.
				return file == dir || strings.HasPrefix(file, dir+"/") || strings.HasPrefix(dir+"/", folder) && shared(file)
			})) {
				add(file)
			}
		}
	}
	return out
}

// shared tells whether a file is one that counts for the folders below its own.
func shared(file string) bool {
	base := file[strings.LastIndex(file, "/")+1:]
	return slices.Contains([]string{"conftest.py", "setup.py", "conf.py"}, base) || strings.Contains(base, "helper")
}

// named returns the files and folders that the call names as its operands, and
// all files that it names anywhere. A word behind a flag may be the flag's.
func (l Loaded) named(files []string) (below, named []string) {
	flag := false
	for _, word := range l.Words {
		_, given, joined := strings.Cut(word, "=")
		isFlag := strings.HasPrefix(word, "-")
		if isFlag && joined {
			word = given
		}
		at := strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(word, "./"), "/..."), "/")
		at, _, _ = strings.Cut(at, "::")
		for _, file := range files {
			switch {
			case at == "" || !strings.HasPrefix(file, at):
			case file == at:
				named = append(named, file)
				if !isFlag && !flag {
					below = append(below, at)
				}
			case strings.HasPrefix(file, at+"/") && !isFlag && !flag && !slices.Contains(below, at):
				below = append(below, at)
			}
		}
		if !isFlag && !flag && !slices.Contains(below, at) && strings.ContainsAny(word, "./") {
			// What is named besides is not known, such as ".", or a pattern.
			return nil, named
		}
		flag = isFlag && !joined
	}
	return below, named
}
