package infer

import (
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
)

// These match, in scripts: that it ends where a command fails, and that it does
// so no more; the first line of one that does; a script's end with success; what
// stands behind a command that ends it where that fails; a pipe, or the
// background, into which a command goes; and that pipes fail with each command of theirs.
var (
	setsErrexit   = regexp.MustCompile(`(?m)^\s*set\s+(?:-[a-zA-Z]*e|(?:-[a-zA-Z]+\s+)*-o\s+errexit)|^#!\S*(?:\s\S*)*?\s-[a-z]*e`)
	unsetsErrexit = regexp.MustCompile(`(?m)^\s*set\s+\+[a-zA-Z]*e`)
	endsWell      = regexp.MustCompile(`(?m)(?:^|[\s;&|{(])(?:exit|return)(?:\s+0)?\s*(?:$|[;&|})\n])`)
	endsBadly     = regexp.MustCompile(`\|\|.*(?:exit|return)\s+[1-9]`)
	isPiped       = regexp.MustCompile(`^[^|&;]*\|[^|&]`)
	inBackground  = regexp.MustCompile(`^\s*&\s*$`)
	pipesFail     = regexp.MustCompile(`pipefail`)
)

// runsAnyway matches conditions of steps that hold after another one has failed.
var runsAnyway = regexp.MustCompile(`(?i)always\(\s*\)|!\s*cancelled\(\s*\)|failure\(\s*\)`)

// scriptFile matches the names of shell scripts.
var scriptFile = regexp.MustCompile(`\.(?:sh|bash)$`)

// goesOn tells whether the code behind a command may run although it has failed
// or was not come to: by the shell, or as the script has ended well before it.
// within says that this code is of the same script. It is wrong where a
// script is started by a shell that is told to end, "bash -e".
func (in *inferrer) goesOn(command *trace.Site, within bool) bool {
	before, behind, read := in.around(command)
	if !read {
		return false
	}
	if !within && (endsWell.MatchString(before) || endsWell.MatchString(behind)) {
		return true
	}
	if endsBadly.MatchString(behind) {
		return false
	}
	shell, script := command.Shell(), len(command.Hops) > 0 && scriptFile.MatchString(command.File)
	start := before[strings.LastIndexByte(before, '\n')+1:]
	switch {
	case strings.HasSuffix(strings.TrimSpace(start), "!"), inBackground.MatchString(behind):
		return true
	case isPiped.MatchString(behind) && !pipesFail.MatchString(before) && (script || shell != "bash"):
		return true
	case strings.Contains(start, "$(") && !plainAssignment.MatchString(start):
		return true
	case unsetsErrexit.MatchString(before):
		return true
	case setsErrexit.MatchString(before):
		return false
	case script:
		return true
	}
	return len(command.Hops) == 0 && !endsOnFailure(shell)
}

// around returns what stands before a command in its script, and behind it up to
// the end of its line; nothing where the script is not that of a step or a file
// for a shell.
func (in *inferrer) around(s *trace.Site) (before, behind string, read bool) {
	source := ""
	switch {
	case len(s.Hops) == 0:
		source = s.Script().Value
	case scriptFile.MatchString(s.File) && in.options.Read != nil:
		data, err := in.options.Read(s.File)
		if err != nil {
			return "", "", false
		}
		source = string(data)
	}
	start := max(0, min(s.Command.Start, len(source)))
	end := max(start, min(s.Command.End, len(source)))
	behind, _, _ = strings.Cut(source[end:], "\n")
	return source[:start], behind, source != ""
}

// plainAssignment matches the beginning of a line that takes what a command
// prints, and fails as it does.
var plainAssignment = regexp.MustCompile(`^\s*[A-Za-z_][A-Za-z0-9_]*="?\$\($`)

// endsOnFailure tells whether a step's shell ends where a command fails. That
// of a job or workflow is not asked for.
func endsOnFailure(shell string) bool {
	name, rest, custom := strings.Cut(strings.TrimSpace(shell), " ")
	switch name {
	case "", "bash", "sh":
		return !custom || strings.Contains(" "+rest, " -e") || strings.Contains(rest, "errexit")
	}
	return false
}
