// Package shell reads the scripts of workflows: which commands they run,
// with which words, environment and input. Nothing is executed.
//
// A script is interpreted abstractly. Every word is a [value.Value], so a
// token stays visible through variables, files, pipes and quotes, and what
// cannot be known stands as its own source, such as "$(date +%F)". A
// condition is decided only where its words are surely what the reading says:
// else every branch is walked, and a variable set in one becomes a choice of
// its values. A loop's body is walked once, with the
// loop's variable as a choice of all it takes, and what the turns move on
// unknown; turns of a loop in PowerShell are rehearsed for what they move on.
//
// bash and sh are parsed by mvdan.cc/sh. PowerShell and cmd have small
// readers of our own, which know as much of these languages as workflows
// use of them. A script that does not parse is read line by line instead,
// for a token in a broken script is still a token.
package shell

import (
	"strings"
	"unicode/utf8"

	"github.com/patrol-actions/patrol/audit/change"
	"github.com/patrol-actions/patrol/audit/value"
)

// Dialect is the language of a script.
type Dialect int

// The dialects.
const (
	// Bash stands for sh, dash, ksh and zsh as well.
	Bash Dialect = iota
	// PowerShell is pwsh or powershell.
	PowerShell
	// Cmd is the Windows command interpreter.
	Cmd
)

// Input is a script and what it starts with.
type Input struct {
	// Source is the script, with a placeholder for every expression.
	Source string
	// Table says what the placeholders stand for; nil if there are none.
	Table   *value.Table
	Dialect Dialect
	// Env is the environment that the script starts with.
	Env *value.Env
	// Args are $0, $1 and so on. Where there are none, $1 is unknown.
	Args []value.Value
	// Loose says that one of them may be several, or none.
	Loose bool
	// Words are those of a program that no shell starts, in place of Source: each is
	// what it is, and nothing in it is expanded. Loose is then about them. Bash only.
	Words []value.Value
	// Stdin is what the script reads, or the program; nil where that is nothing.
	Stdin value.Value
	// Given are the same where a script in PowerShell calls it, else nil. PowerShell
	// only.
	Given *Given
	// Dir is the folder that the script starts in; empty is the workspace.
	Dir value.Value
	// Files are the contents of files that are known, by the path that
	// Result.Files would have for them, Parts is as there.
	Files map[string]value.Value
	Parts map[string]bool
	// Errexit and Pipefail are the options of the shell that it starts with: the
	// script ends where a command fails, and a pipe fails with each of its
	// commands. Bash only.
	Errexit, Pipefail bool
	// Parsed has the scripts that were read before; nil where none is kept.
	Parsed Parsed
	// Lines are set for a script whose lines are run by a shell each, as make does:
	// one for each line of Source, of those that a backslash joins the first counts.
	// Errexit and Pipefail are options of these shells; nothing runs behind a line
	// that fails. Bash only.
	Lines []Line
	// Top returns the folder of the checkout around a folder, both from the
	// workspace, which is "."; nil where none is known.
	Top func(folder string) (top string, ok bool)
	// Own says that the script runs in a shell of its own, so that nothing but
	// itself calls its functions: of a library that is run as
	// "lib.sh FUNCTION", those alone are walked that may run. Bash only.
	Own bool
	// Live returns the functions that may run of a script that is sourced, or
	// that sources others: no others are walked. Bash only.
	Live func() *Live
	// Read returns the text of a file of the checkout, by its name and the folder
	// in which the script names it; nil where none can be read. Bash only.
	Read func(file, dir value.Value) (text string, ok bool)
	// Folds says how names of variables are told apart. PowerShell only.
	Folds Folding
	// Sourced says that another script reads it into itself.
	Sourced bool
}

// Line says how a line of Input.Lines is run.
type Line struct {
	// Forgiven says that it may fail.
	Forgiven bool
	// Block is the condition under which it runs, 0 for none: neighbours with the
	// same one run together.
	Block int
}

// Redirect is a file that takes a command's output.
type Redirect struct {
	Path   value.Value
	Append bool
}

// File is what a file holds.
type File struct {
	Content value.Value
	// Part says that more may be in it, or something else.
	Part bool
}

// Command is a program that the script runs.
type Command struct {
	// Args are its words, the program's name first. Words like sudo, env
	// or timeout in front of the program are gone.
	Args []value.Value
	// Loose says that one of them may be several, or none: it is not quoted, and
	// not known.
	Loose bool
	// Whole says that each of them is one word, whatever it holds. Neither it nor
	// Loose is set where it is not known whether they are quoted.
	Whole bool
	// Env is its environment. A variable that was unset is empty.
	Env *value.Env
	// Dir is the folder that it runs in, as far as cd tells.
	Dir value.Value
	// Stdin is what it reads, without a last newline, if HasStdin.
	Stdin    value.Value
	HasStdin bool
	// Output are the files that its output is written to.
	Output []Redirect
	// Written are the files among its words, or behind "@" or a flag's "=" in them,
	// whose contents are known, by the index of the word, as they are before it runs.
	Written map[int]File
	// Start and End are byte offsets in Source. A command of an inner
	// script (eval, bash -c) has those of the command that holds it.
	Start, End int
	// Guarded says that it runs only under a condition, in a loop, or from
	// a function that nothing is seen to call.
	Guarded bool
	// Forgiven is set where the script goes on should it fail: the index in
	// Result.Commands up to which what follows runs only where it succeeded.
	Forgiven int
	// Scopes are the conditions under which it runs, and the calls and shells of
	// its own that may have ended before it, outermost first. One with a minus holds
	// where the one without does not.
	Scopes []int
	// Avoided says that the script may have ended with success before it, or
	// where it failed.
	Avoided bool
	// Held are comparisons of texts that hold where it runs.
	Held []Test
	// Captured is the variable that takes its output, if any.
	Captured string
	// Given are Args where a script in PowerShell calls another one, else nil.
	Given *Given
	// Runner are the words in front of the program that made an environment
	// of the project for it, such as "poetry run"; they are gone from Args.
	Runner []string
}

// Text returns the command's source on one line, shortened to 120 runes.
func (c Command) Text(source string) string {
	start, end := min(max(c.Start, 0), len(source)), min(max(c.End, 0), len(source))
	return oneLine(source[start:max(start, end)], maxText)
}

// Problem is a fault of the script.
type Problem struct {
	// Offset is a byte offset in Source.
	Offset  int
	Message string
}

// Change is a change of a file of the checkout.
type Change struct {
	change.Change
	// Before is the index in Result.Commands of the first command that finds it.
	Before int
}

// Read is a file of the checkout that a script has read for its variables.
type Read struct {
	// Name is its path from the workspace, Text what the script took it to hold.
	Name, Text string
	// Before is as in [Change].
	Before int
}

// Result is what a script does.
type Result struct {
	// Commands are in order of execution: a substitution's before the
	// command that holds it, the left side of a pipe before the right.
	Commands []Command
	// Env and Outputs are written for later steps: to $GITHUB_ENV and
	// $GITHUB_OUTPUT, or by the commands ::set-env and ::set-output.
	Env, Outputs map[string]value.Value
	// Perhaps has those of Env that are not sure to be set, as only a branch sets
	// them, PerhapsOutputs those of Outputs.
	Perhaps, PerhapsOutputs map[string]bool
	// Files are written by the script (heredocs, redirects, tee), by path:
	// relative to the workspace, "~/…" in the home folder, or with the
	// source of what is not known of the path ("$RUNNER_TEMP/x").
	Files map[string]value.Value
	// Parts tells for some of them whether more may be in them: what they were
	// added to is not known, or a program edits them in place.
	Parts map[string]bool
	// Changes are those of the files of the checkout, by whatever command. Reads
	// are those files that the script itself has read: see [Input.Read].
	Changes  []Change
	Reads    []Read
	Problems []Problem
	// Opens says that it may set variables for later steps that are not among Env.
	Opens bool
	// Unseen says that it calls what is only known when it runs.
	Unseen bool
	// Truncated says that only its beginning was read.
	Truncated bool
}

// Interpret reads a script. The same input has the same result.
func Interpret(in Input) Result {
	i := newInterp(in)
	switch in.Dialect {
	case PowerShell:
		i.powerShell(i.scriptWords(in))
		i.otherLines(in)
	case Cmd:
		i.batch()
		i.otherLines(in)
	default:
		if !in.Sourced {
			i.startup()
		}
		if in.Words != nil {
			i.program(in)
		} else {
			i.script()
		}
	}
	i.pardon()
	i.res.Perhaps, i.res.PerhapsOutputs = i.unsure("env", i.res.Env), i.unsure("output", i.res.Outputs)
	return *i.res
}

// maxText bounds Command.Text, maxOrigin the source of unknown values, in runes.
const maxText, maxOrigin = 120, 400

// oneLine joins the lines of a piece of script and shortens it, to so many runes.
func oneLine(s string, most int) string {
	// Four bytes a rune, and as much again for white space to fall away.
	if limit := most * 8; len(s) > limit {
		for limit > 0 && !utf8.RuneStart(s[limit]) {
			limit--
		}
		s = s[:limit]
	}
	s = strings.TrimSpace(s)
	if strings.ContainsAny(s, "\n\t\r") || strings.Contains(s, "  ") {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\\\n", " "), "`\n", " ")
		s = strings.Join(strings.Fields(s), " ")
	}
	if len(s) <= most || utf8.RuneCountInString(s) <= most {
		return s
	}
	runes := []rune(s)
	return string(runes[:most-1]) + "…"
}
