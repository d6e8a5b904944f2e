package rules

import (
	"errors"
	"slices"
	"strings"
)

// runnerRow is one row of table/runners.tsv.
type runnerRow struct {
	program, values, names, not []string
	kind                        TaskKind
}

// TaskKind is of what kind the code is that a call runs.
type TaskKind string

const (
	// ProjectTasks are those of a file of tasks: without a name, the default.
	ProjectTasks TaskKind = "task"
	// ProjectProgram is a program or a script.
	ProjectProgram TaskKind = "program"
	// AnyProgram may as well be a program that was installed.
	AnyProgram TaskKind = "either"
)

// Task is what a call runs of the project.
type Task struct {
	// Words may name it, without flags: "release" of "mise run release",
	// "./cmd/release" of "go run ./cmd/release". There may be none.
	Words []string
	Kind  TaskKind
	// Runner are the words of what runs it: "mise run".
	Runner string
}

var runnerRows = rows("runners", []string{"program", "values", "names", "not", "of", "source"}, func(r row) (runnerRow, error) {
	out := runnerRow{program: strings.Fields(r.cell("program")), values: r.list("values"), names: r.list("names"), kind: TaskKind(r.cell("of"))}
	if not := r.cell("not"); not != "" {
		out.not = strings.Split(not, "|")
	}
	if len(out.program) == 0 || !slices.Contains([]TaskKind{ProjectTasks, ProjectProgram, AnyProgram}, out.kind) {
		return runnerRow{}, errors.New("want the words of a program, and task, program or either")
	}
	return out, nil
})

// runnerPrograms are the rows by the first word of the program.
var runnerPrograms = index(runnerRows, func(r runnerRow) string { return r.program[0] })

// ProjectTask returns what a call runs of the project; ok is false where it
// runs nothing of it, as far as is known. Of launchers and what they launch,
// the last one that is known to run something counts.
func ProjectTask(args []string) (task Task, ok bool) {
	args = plainCall(args)
	// A launcher may start another.
	for range 4 {
		if len(args) == 0 {
			break
		}
		if row, rest := findRunner(args); row.program != nil {
			task = Task{row.operands(rest), row.kind, strings.Join(row.program, " ")}
			if ok = !row.spares(rest, task.Words); TakesGoals.Has(row.program[0]) {
				task.Words = slices.DeleteFunc(task.Words, row.spared)
			}
		}
		args, _ = launched(args)
	}
	if !ok {
		return Task{}, false
	}
	return task, true
}

// MayRunTask tells whether a call by a word can be one that ProjectTask knows:
// most are none.
func MayRunTask(word string) bool {
	name, _ := programName(word)
	return runnerPrograms()[strings.ToLower(name)] != nil || launches(name)
}

// findRunner returns the row of a call, and the words behind the program's.
func findRunner(args []string) (best runnerRow, rest []string) {
	name, _ := programName(args[0])
	for _, r := range runnerPrograms()[strings.ToLower(name)] {
		if _, behind, ok := match(r.program[1:], args[1:]); ok && len(r.program) > len(best.program) {
			best, rest = r, behind
		}
	}
	return best, rest
}

// spares tells whether a call runs nothing of the project, by its flags and by
// the first of its other words; where these are goals, by all of them.
func (r runnerRow) spares(flags, words []string) bool {
	if len(r.not) == 0 {
		return false
	}
	if slices.ContainsFunc(flags, func(w string) bool { return strings.HasPrefix(w, "-") && r.spared(w) }) {
		return true
	}
	if TakesGoals.Has(r.program[0]) {
		return len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !r.spared(w) })
	}
	return len(words) > 0 && r.spared(words[0])
}

// spared tells whether a word is one of the column not: of tasks with commas
// between them, all.
func (r runnerRow) spared(word string) bool {
	return !slices.ContainsFunc(strings.Split(word, ","), func(name string) bool {
		return !slices.ContainsFunc(r.not, func(pattern string) bool { return matchValue(pattern, name) })
	})
}

// operands are the words without the flags and what those of the column values
// take along.
func (r runnerRow) operands(words []string) []string {
	var out []string
	for i := 0; i < len(words); i++ {
		word := words[i]
		flag, value, given := strings.Cut(word, "=")
		switch isFlag := strings.HasPrefix(word, "-"); {
		case isFlag && slices.Contains(r.values, flag):
			if !given {
				i++
			}
		case isFlag && given:
			out = append(out, value)
		case r.named(word) != "":
			out = append(out, r.named(word))
		case !isFlag && word != "":
			out = append(out, word)
		}
	}
	return out
}

// named is the value that stands right behind one of the flags of the column
// names: "release" of "-erelease" and "-t:release", "" of "-e".
func (r runnerRow) named(word string) string {
	for _, flag := range r.names {
		if rest, ok := strings.CutPrefix(word, flag); ok {
			return strings.TrimPrefix(rest, ":")
		}
	}
	return ""
}
