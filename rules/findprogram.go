package rules

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// findProgram returns the longest entry that fits as it stands, and the
// number of its words.
func findProgram(args []string) (info *ProgramInfo, length int) {
	if len(args) == 0 {
		return nil, 0
	}
	name, local := programName(args[0])
	goals := TakesGoals.Has(name)
	if goals {
		info, length = findGoal(name, args[1:]), 2
	} else {
		info, length = findCommand(name, args[1:])
	}
	if info == nil {
		info, length = findFlag(name, args[1:]), 2
	}
	if !goals && info != nil && info.Quiet && local {
		return nil, 0
	}
	if info == nil {
		return nil, 0
	}
	return info, length
}

// plainCall is a call as the table has it: without the toolchain of rustup
// ("cargo +nightly fmt"), and with the command that a package manager carries
// out where it is given none.
func plainCall(args []string) []string {
	if len(args) == 0 {
		return args
	}
	name, _ := programName(args[0])
	isFlag := func(word string) bool { return strings.HasPrefix(word, "-") }
	switch {
	case name == "cargo" && len(args) > 1 && strings.HasPrefix(args[1], "+"):
		return slices.Concat(args[:1], args[2:])
	case name == "yarn" && !slices.ContainsFunc(args[1:], func(w string) bool { return !isFlag(w) || tellsOfItself[w] }):
		return slices.Concat(args[:1], []string{"install"}, args[1:])
	}
	return args
}

// tellsOfItself are the flags by which every program says what it is.
var tellsOfItself = map[string]bool{"--version": true, "-v": true, "--help": true, "-h": true}

// findFlag returns what is known of a call that is one flag and nothing else:
// one of the program, or one that every program knows, under "*".
func findFlag(name string, args []string) *ProgramInfo {
	if len(args) != 1 || !strings.HasPrefix(args[0], "-") {
		return nil
	}
	for _, e := range slices.Concat(programs()[name], programs()["*"]) {
		if slices.Equal(e.words, args) {
			return newProgramInfo(e.rows, nil)
		}
	}
	return nil
}

// findCommand returns the longest entry whose words stand first among args.
func findCommand(name string, args []string) (*ProgramInfo, int) {
	var best *programEntry
	var rest []string
	length := 0
	for _, e := range programs()[name] {
		if n, others, ok := match(e.words, args); ok && n > length {
			best, rest, length = e, others, n
		}
	}
	if best == nil {
		return nil, 0
	}
	return newProgramInfo(best.rows, rest), length
}

// match tells whether the wanted words stand first among those after the
// program's name, and returns how many words fit, the name included, and all
// others. Flags are passed over, with their values: a flag that is followed by
// another word than the wanted one has a value.
func match(want, args []string) (length int, rest []string, ok bool) {
	length = len(want) + 1
	mayBeValue := false
	for i, word := range args {
		switch {
		case len(want) == 0:
			return length, append(rest, args[i:]...), true
		case word == want[0] || want[0] == "*" && !strings.HasPrefix(word, "-") || holds(word, want[0]):
			want, mayBeValue = want[1:], false
			continue
		case strings.HasPrefix(word, "-"):
			mayBeValue = !strings.Contains(word, "=")
		case !mayBeValue:
			return 0, nil, false
		default:
			mayBeValue = false
		}
		rest = append(rest, word)
	}
	return length, rest, len(want) == 0
}

// holds tells whether a word has the letters in it that stand between two "*".
func holds(word, pattern string) bool {
	inner, open := strings.CutPrefix(pattern, "*")
	inner, shut := strings.CutSuffix(inner, "*")
	return open && shut && inner != "" && strings.Contains(word, inner)
}

// findGoal returns what is known of the first goal that is not quiet, or of
// the first quiet one where all goals are. A goal of a subproject
// (":core:publish") counts as the goal, and a row may have a part of one.
func findGoal(name string, args []string) *ProgramInfo {
	var quiet *ProgramInfo
	all := true
	for i, goal := range args {
		if strings.HasPrefix(goal, "-") || i > 0 && slices.Contains(goalValues, args[i-1]) {
			continue
		}
		is := func(word string) int {
			return slices.IndexFunc(programs()[name], func(e *programEntry) bool {
				return len(e.words) == 1 && (e.words[0] == word || holds(word, e.words[0]))
			})
		}
		entry := is(goal)
		if entry < 0 {
			entry = is(shortGoal(goal))
		}
		last := entry < 0
		if last {
			entry = is(goal[strings.LastIndexByte(goal, ':')+1:])
		}
		if entry < 0 {
			all = false
			continue
		}
		info := newProgramInfo(programs()[name][entry].rows, slices.Concat(args[:i], args[i+1:]))
		if last && info.Quiet && strings.HasPrefix(name, "mvn") {
			// A plugin's own goal may be called like one that does nothing.
			all = false
			continue
		}
		if !info.Quiet {
			return info
		}
		quiet = cmp.Or(quiet, info)
	}
	if !all {
		return nil
	}
	return quiet
}

// shortGoal is a goal of Maven with the prefix of its plugin, where it names the
// plugin in full: "versions:set" of
// "org.codehaus.mojo:versions-maven-plugin:2.18.0:set".
func shortGoal(goal string) string {
	parts := strings.Split(goal, ":")
	if len(parts) < 3 {
		return goal
	}
	prefix := strings.TrimSuffix(strings.TrimSuffix(parts[1], "-plugin"), "-maven")
	return strings.TrimPrefix(prefix, "maven-") + ":" + parts[len(parts)-1]
}

// goalValues are the flags of goal programs that take the next word along.
var goalValues = []string{"-f", "-pl", "-P", "-s", "-T", "-p", "-x", "-b", "-c", "-I", "--projects", "--settings", "--tests", "--project-dir"}

// programFolder matches paths below folders into which package managers put
// programs: npm, Composer, Python's virtual environments by their usual names.
var programFolder = regexp.MustCompile(`(?:^|/)(?:node_modules/\.bin|vendor/bin|\.?v(?:irtual)?env[\w.-]*/(?:bin|Scripts))/`)

// Installed tells whether a path is that of a program which a package manager has
// put there: its name is that of the program.
func Installed(path string) bool { return programFolder.MatchString(path) }

// versionedName matches the names under which distributions keep several versions of a
// program: clang-19, python3.12, php8.3.
var versionedName = regexp.MustCompile(`^([a-z][a-z+-]*[a-z+]3?)(?:-[0-9]+(?:\.[0-9]+)*|[0-9]*\.[0-9]+)$`)

// ProgramName returns the name under which the tables have the program that a word
// calls: without path and version, and its own where it is called by another.
func ProgramName(word string) string {
	name, _ := programName(word)
	return name
}

// programName strips what stands around a program's name: the path, the
// version, the ending of Windows. The result is its own name. Local is true for a path of the project's
// own, below which a script may be called like any program.
func programName(word string) (name string, local bool) {
	word = strings.ReplaceAll(word, `\`, "/")
	if i := strings.LastIndexByte(word, '/'); i >= 0 && !strings.HasPrefix(word, "@") {
		dir := word[:i+1]
		local = !strings.HasPrefix(dir, "/") && !Installed(dir) && !strings.HasPrefix(dir, "~") &&
			!(value.HasPlaceholder(dir) && strings.HasSuffix(dir, "/bin/"))
		word = word[i+1:]
	}
	for _, ending := range []string{".exe", ".cmd", ".bat"} {
		word = strings.TrimSuffix(word, ending)
	}
	if i := strings.LastIndexByte(word, '@'); i > 0 {
		word = word[:i]
	}
	if len(programs()[word]) == 0 {
		if m := versionedName.FindStringSubmatch(word); m != nil && len(programs()[m[1]]) > 0 {
			word = m[1]
		}
	}
	return ownName(word), local
}
