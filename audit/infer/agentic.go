package infer

import (
	"encoding/json"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// agenticOutput tells whether an output stands in the configuration that
// GitHub Agentic Workflows hand to the script which writes them. The output
// "unread" is there where that cannot be told, or the answer would not be
// enough: see the table agentic.
func agenticOutput(env *value.Env, output string) (text string, known, set bool) {
	config, ok := agenticConfig(env)
	if output != "unread" {
		_, set := config[output]
		return "true", true, set
	}
	for name, settings := range config {
		ok = ok && rules.KnownOutput(name) && !strings.Contains(settings, "repo\"") && !strings.Contains(settings, "repos\"") && !strings.Contains(settings, "token\"")
	}
	return "true", true, !ok
}

// agenticFolder returns the folder of the script of GitHub Agentic Workflows
// that a command starts, as far as it is written out.
func agenticFolder(args []value.Value) string {
	for _, a := range args {
		masked := a.Mask().Text
		if folder, _, ok := strings.Cut(masked, "gh-aw/actions/"); ok {
			return folder + "gh-aw/actions"
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
	if json.Unmarshal([]byte(v.Mask().Text), &raw) != nil {
		return nil, false
	}
	config := map[string]string{}
	for name, settings := range raw {
		config[strings.ReplaceAll(name, "-", "_")] = string(settings)
	}
	return config, true
}
