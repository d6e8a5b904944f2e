package infer

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// CommandIn is the attribute of an event that is about a text of which it is
// known what command for a bot it begins with: "none" for none at all.
const CommandIn = "command"

// agenticOutput tells whether an output stands in the configuration that
// GitHub Agentic Workflows hand to the script which writes them: its text are
// its settings as JSON. The output "unread" is there where that cannot be told,
// or the answer would not be enough: see the table agentic.
func agenticOutput(env *value.Env, output string) (text string, known, set bool) {
	config, ok := agenticConfig(env)
	if output != "unread" {
		settings, set := config[output]
		return settings, true, set
	}
	for name, settings := range config {
		ok = ok && rules.KnownOutput(name) && !strings.Contains(settings, "repo\"") && !strings.Contains(settings, "repos\"") && !strings.Contains(settings, "token\"")
	}
	return "true", true, !ok
}

// The variable in which GitHub Agentic Workflows hand the gateway the token of
// GitHub's MCP server, and the one in which that server reads it.
const (
	gatewayToken = "GITHUB_MCP_SERVER_TOKEN"
	serverToken  = "GITHUB_PERSONAL_ACCESS_TOKEN"
)

// agenticToolset tells whether GitHub's MCP server is given a set of tools by
// the configuration that the gateway reads, for reading. The toolset "unread"
// is there where that cannot be told, or the answer would not be enough: see
// the table agentic.
func agenticToolset(site *trace.Site, toolset string) (text string, known, set bool) {
	given, ok := toolsets(site)
	if toolset != "unread" {
		return "true", true, ok && slices.Contains(given, toolset)
	}
	return "true", true, !ok || slices.ContainsFunc(given, func(s string) bool { return s == toolset || !rules.KnownToolset(s) })
}

// toolsets returns the sets of tools of GitHub's MCP server, where it may only
// read, and no other server is given its token. The configuration is JSON but
// for expressions that stand in it, with one setting a line.
func toolsets(site *trace.Site) (names []string, ok bool) {
	token, _ := site.Env.Lookup(gatewayToken)
	masked := site.Command.Stdin.Mask()
	readOnly, servers := false, 0
	for line := range strings.Lines(masked.Text) {
		name, setting := jsonSetting(line)
		switch {
		case name == serverToken:
			servers++
		case name == "GITHUB_READ_ONLY":
			readOnly = setting == "1" || setting == "true"
		case name == "GITHUB_TOOLSETS":
			names = strings.Split(strings.ReplaceAll(setting, " ", ""), ",")
		case strings.Contains(line, gatewayToken) || sharesSecret(masked.Table.Value(line), token):
			return nil, false
		}
	}
	return names, readOnly && servers == 1 && len(names) > 0
}

// jsonSetting returns the name and the text of a line of JSON that holds one
// setting: "name": "text",
func jsonSetting(line string) (name, text string) {
	name, text, _ = strings.Cut(strings.TrimRight(strings.TrimSpace(line), ","), ":")
	return strings.Trim(strings.TrimSpace(name), `"`), strings.Trim(strings.TrimSpace(text), `"`)
}

// sharesSecret tells whether a value holds one of the secrets of another.
func sharesSecret(v, of value.Value) bool {
	return slices.ContainsFunc(v.Credentials(), func(c *value.Credential) bool {
		return c.Kind != value.JobToken && slices.Contains(of.Credentials(), c)
	})
}

// agenticPath returns the path of the script of GitHub Agentic Workflows that
// a command starts, as far as it is written out.
func agenticPath(args []value.Value) string {
	for _, a := range args {
		if masked := a.Mask().Text; strings.Contains(masked, "gh-aw/actions/") {
			return masked
		}
	}
	return ""
}

// agenticConfig returns the settings of every output as JSON.
func agenticConfig(env *value.Env) (map[string]string, bool) {
	v, ok := env.Lookup("GH_AW_SAFE_OUTPUTS_HANDLER_CONFIG")
	if !ok {
		return nil, false
	}
	var raw map[string]json.RawMessage
	masked := v.Mask()
	if json.Unmarshal([]byte(masked.Text), &raw) != nil {
		return nil, false
	}
	config := map[string]string{}
	for name, settings := range raw {
		config[strings.ReplaceAll(name, "-", "_")] = withoutOwn(string(settings), masked.Table)
	}
	return config, true
}

// withoutOwn leaves out of an output's settings that it is written in this
// repository, which is so where they name none.
func withoutOwn(settings string, table *value.Table) string {
	before, rest, ok := strings.Cut(settings, `"target-repo":"`)
	if name, after, _ := strings.Cut(rest, `"`); ok && table.Value(name).IsContext("github.repository") {
		return before + `"own":""` + after
	}
	return settings
}
