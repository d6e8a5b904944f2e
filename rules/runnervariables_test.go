package rules

import "testing"

func TestRunnerSets(t *testing.T) {
	for name, want := range map[string]bool{
		"CI": true, "GITHUB_REF_NAME": true, "github_sha": true, "RUNNER_TEMP": true, "HOSTNAME": true, "JAVA_HOME_17_X64": true,
		"GH_REPO": false, "GITHUB_TOKEN": false, "DRY_RUN": false, "REMOTE": false, "CIRCLE": false, "TARGET": false,
	} {
		if got := RunnerSets(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestHostedRunner(t *testing.T) {
	for label, want := range map[string]bool{
		"ubuntu-latest": true, "Ubuntu-24.04": true, "ubuntu-24.04-arm": true, "windows-2022": true, "macos-15": true, "macos-latest-xlarge": true,
		"self-hosted": false, "linux": false, "ubuntu-latest-16-cores": false, "ubuntu": false, "orchard-ubuntu-latest": false, "": false,
	} {
		if got := HostedRunner(label); got != want {
			t.Errorf("%s: %v", label, got)
		}
	}
}

func TestIsQuietAction(t *testing.T) {
	for name, want := range map[string]bool{
		"actions/checkout": true, "actions/cache/restore": true, "github/codeql-action/init": true, "pnpm/action-setup": true,
		"hashicorp/vault-action": false, "jdx/mise-action": false, "actionsx/checkout": false, "pnpm/action-setup/other": false, "actions": false,
	} {
		if got := IsQuietAction(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestQuietActions holds that no action stands in two tables that say the opposite.
func TestQuietActions(t *testing.T) {
	for _, e := range envExporterRows().rows {
		if IsQuietAction(e.action) {
			t.Errorf("%s exports the variables of a file", e.action)
		}
	}
}
