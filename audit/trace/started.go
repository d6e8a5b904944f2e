package trace

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/patrol-actions/patrol/rules"
)

// maxQuoted bounds a text in quotes, in runes.
const maxQuoted = 300

// quotedTexts returns where texts in quotes stand, as most languages write them on one
// line.
func quotedTexts(source string) (found [][2]int) {
	for at := 0; at < len(source); {
		next := strings.IndexAny(source[at:], "\"'`")
		if next < 0 {
			break
		}
		at += next
		inner := source[at+1 : min(len(source), at+2+maxQuoted*utf8.UTFMax)]
		end := strings.IndexAny(inner, source[at:at+1]+"\n")
		if end < 1 || inner[end] == '\n' || utf8.RuneCountInString(inner[:end]) > maxQuoted {
			at++
			continue
		}
		found = append(found, [2]int{at, at + end + 2})
		at += end + 2
	}
	return found
}

// startingCall matches the end of code behind which a text is a command line, or a
// list of its words: the functions of several languages that start programs.
var startingCall = regexp.MustCompile(`(?i)(?:\b(?:system|popen|exec\w*|spawn\w*|run\w*|call|check_call|check_output|get(?:status)?output|shell\w*|passthru|proc_open|sh|start_process|Command|cmd\w*|os\.\w+|Process\.\w+|Open3\.\w+)\s*[\s(]\s*|%x|\bqx\s*)\[?\s*$`)

// takesToken tells whether code in a language that names no variable takes its
// token all the same: by a library, or by a program that it starts.
func (r *run) takesToken(language, source, name string) bool {
	return rules.TakesFromEnv(language, source, name) || r.t.traits(source).startsReader(name)
}

// startsReader tells whether code in some language starts a program that takes a
// variable for its token, or code of the project, which may. It goes by the texts
// in quotes, and is wrong where a command line is put together of several.
func startsReader(source, name string) bool { return starts(source, name, true) }

// StartsReader is the same for code and configurations of the project that a
// program loads, where code of the project is not looked for, and lines for a shell
// need not stand in quotes.
func StartsReader(source, name string) bool {
	return slices.Contains(rules.GhVariables, name) && ghLine.MatchString(source) || starts(source, name, false)
}

// ghLine matches a line for a shell, or a list of words, that calls GitHub CLI.
var ghLine = regexp.MustCompile("(?m)(?:^|[\\s\"'`;&|(:=>])gh[ \"',\\[]+(?:api|issue|label|pr|release|repo|run|secret|variable|workflow)\\b|<executable>gh</executable>|(?i:new|run|spawn\\w*|exec\\w*|command|system|popen|call|check_\\w+|output)[^\\w\\s]{1,3}[\"']gh[\"']")

// starts tells whether code starts a program that takes a variable for its token,
// or, if project is true, code of the project.
func starts(source, name string, project bool) bool {
	texts := quotedTexts(source)
	for i, at := range texts {
		words := strings.Fields(source[at[0]+1 : at[1]-1])
		if len(words) == 0 || !programWord.MatchString(words[0]) {
			continue
		}
		listed := len(words) == 1
		for end, n := at[1], i+1; listed && n < len(texts) && strings.TrimSpace(source[end:texts[n][0]]) == ","; n++ {
			words = append(words, source[texts[n][0]+1:texts[n][1]-1])
			end = texts[n][1]
		}
		if readsVariable(words, name) {
			return true
		}
		before := source[max(0, at[0]-60):at[0]]
		if project && (startingCall.MatchString(before) || len(words) > 1 && listed && strings.HasSuffix(strings.TrimSpace(before), "[")) {
			if _, ok := rules.ProjectTask(words); ok || strings.HasPrefix(words[0], "./") {
				return true
			}
		}
	}
	return false
}

// programWord matches a word that may be the name or the path of a program.
var programWord = regexp.MustCompile(`^[\w@.][\w@./+-]*$`)

// readsVariable tells whether the program that a command line starts takes a
// variable for its token.
func readsVariable(words []string, name string) bool {
	if words[0] == "gh" {
		return slices.Contains(rules.GhVariables, name) && (len(words) == 1 || ghCommand.MatchString(words[1]))
	}
	info, ok := rules.Program(words)
	return ok && !info.Quiet && slices.ContainsFunc(info.Uses, func(u rules.ProgramUse) bool {
		return u.Answer != rules.AnswerOther && slices.ContainsFunc(u.Tokens, func(t rules.TokenSource) bool { return t.Kind == "env" && (t.Name == name || t.Name == "*") })
	})
}

// ghCommand matches the commands of GitHub CLI that code starts.
var ghCommand = regexp.MustCompile(`^(?:api|issue|label|pr|release|repo|run|secret|variable|workflow)$`)
