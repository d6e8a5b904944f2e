package rules

import (
	"slices"
	"strings"
	"testing"
)

func TestAgenticTable(t *testing.T) {
	before := ""
	for _, r := range agenticRows().rows {
		if r.name != before && r.mode != modeBase {
			t.Errorf("%s: does not begin with its base", r.name)
		}
		before = r.name
		checkEffectRow(t, r.name, nil, r.effectRow)
		if quiet := r.effect.Answer == AnswerQuiet; r.mode == modeBase && quiet != (len(r.tokens) == 0) {
			t.Errorf("%s: %s with tokens %v", r.name, r.effect.Answer, r.tokens)
		}
	}
}

func TestAgenticScript(t *testing.T) {
	tests := []struct {
		line, want string
		ours       bool
	}{
		{"bash " + unknownWord + "/gh-aw/actions/check_oauth_tokens.sh", "check_oauth_tokens", true},
		{"/opt/gh-aw/actions/redact_secrets.cjs", "redact_secrets", true},
		{unknownWord + " " + unknownWord + "/gh-aw/actions/start_mcp_gateway.cjs", "start_mcp_gateway", true},
		{"node x/gh-aw/actions/copilot_harness.cjs /usr/bin/copilot -p x", "copilot", true},
		{"node x/gh-aw/actions/copilot_harness.cjs", "", true},
		{"node x/gh-aw/actions/copilot_driver.cjs /usr/bin/copilot -p x", "copilot", true},
		{"x/gh-aw/actions/lock-issue.cjs", "lock-issue", true},
		// Near misses.
		{"bash x/gh-aw/actions/frobnicate.sh", "", true},
		{"bash scripts/redact_secrets.sh", "", false},
		{"bash x/my-gh-aw/actions/redact_secrets.sh", "", false},
		{"cp a gh-aw/actions/redact_secrets.cjs", "", false},
		{"", "", false},
	}
	for _, test := range tests {
		args := strings.Fields(test.line)
		info, ours := agenticScript(args)
		if info != nil && info.Name != test.want || info == nil && test.want != "" || ours != test.ours {
			t.Errorf("%q: %+v, %v", test.line, info, ours)
		}
		if got := AgenticScript(args); got != (test.want != "") {
			t.Errorf("%q: known %v", test.line, got)
		}
	}
}

func TestKnownOutput(t *testing.T) {
	known := []string{"create_issue", "noop", "create_pull_request"}
	for _, name := range append(known, "unread_at_all", "linear_create_issue") {
		if KnownOutput(name) != slices.Contains(known, name) {
			t.Errorf("%s", name)
		}
	}
}
