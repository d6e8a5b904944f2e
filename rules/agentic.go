package rules

import (
	"regexp"
	"slices"
	"strings"
)

// agenticRows are the scripts of GitHub Agentic Workflows, in the form of
// programs.
var agenticRows = rows("agentic", []string{"program", "mode", "when", "tokens", "flags", "config", "needs", "answer", "reasons",
	"events", "target", "operations", "note", "source", "confidence"}, parseProgramRow)

// agenticScripts are the rows by the script's name.
var agenticScripts = index(agenticRows, func(r programRow) string { return r.name })

// agenticAlias holds scripts that do what another does, by their names.
// That process_safe_outputs does is concluded from the configuration that both
// are handed; its source could not be read.
var agenticAlias = map[string]string{"process_safe_outputs": "safe_output_handler_manager"}

// agenticFolder is where the setup action of GitHub Agentic Workflows puts its
// scripts on the runner.
const agenticFolder = "gh-aw/actions/"

// agenticPath matches the path of such a script.
var agenticPath = regexp.MustCompile(`(?:^|/)` + agenticFolder + `([a-z0-9_-]+)\.(?:cjs|sh)$`)

// agenticLauncher matches the names of the scripts that start an agent's program, which
// is their first operand: drivers in releases up to 0.68, harnesses since.
var agenticLauncher = regexp.MustCompile(`_(?:harness|driver)$`)

// outputName begins the conditions of the table agentic that ask for an
// output in the configuration of a script.
const outputName = "@output."

// ScriptPath is the name of a condition of the table agentic that asks for the
// path by which a script is started.
const ScriptPath = "@script"

// agenticScript returns what is known of a script of GitHub Agentic Workflows,
// started by its path or by an interpreter. ours is true for every path of
// such a script, known or not.
func agenticScript(args []string) (info *ProgramInfo, ours bool) {
	for i, word := range args[:min(2, len(args))] {
		if !strings.Contains(word, agenticFolder) {
			continue
		}
		m := agenticPath.FindStringSubmatch(word)
		if m == nil {
			continue
		}
		if agenticLauncher.MatchString(m[1]) {
			info, _ = Program(args[i+1:])
			return info, true
		}
		name := m[1]
		if other, ok := agenticAlias[name]; ok {
			name = other
		}
		if found := agenticScripts()[name]; found != nil {
			return newProgramInfo(found, args[i+1:]), true
		}
		return nil, true
	}
	return nil, false
}

// AgenticScript tells whether a call runs a script of GitHub Agentic
// Workflows that the tables know.
func AgenticScript(args []string) bool {
	info, _ := agenticScript(args)
	return info != nil
}

// toolsetName begins the conditions of the table agentic that ask for a set of
// tools which GitHub's MCP server is given.
const toolsetName = "@toolset."

// Output returns the output that a condition's name asks for.
func Output(name string) (output string, ok bool) { return strings.CutPrefix(name, outputName) }

// Toolset returns the set of tools that a condition's name asks for.
func Toolset(name string) (toolset string, ok bool) { return strings.CutPrefix(name, toolsetName) }

// KnownOutput tells whether the table says what an output of GitHub Agentic
// Workflows does.
func KnownOutput(output string) bool { return asked(outputName + output) }

// KnownToolset tells whether the table says what a set of tools of GitHub's
// MCP server takes.
func KnownToolset(toolset string) bool { return asked(toolsetName + toolset) }

// asked tells whether a condition of the table agentic has a name.
func asked(name string) bool {
	return slices.ContainsFunc(agenticRows().rows, func(r programRow) bool {
		return slices.ContainsFunc(r.when, func(t Term) bool { return t.Name == name })
	})
}
