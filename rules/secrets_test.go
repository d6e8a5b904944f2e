package rules

import (
	"strings"
	"testing"
)

func TestSecretKind(t *testing.T) {
	for kind, names := range map[string]string{
		NameGitHub: "GITHUB_PAT GH_TOKEN PAT BOT_TOKEN RELEASE_BOT_PAT DAPR_BOT_TOKEN MY_GITHUB_TOKEN gh_pat PERSONAL_ACCESS_TOKEN ACCESS_TOKEN " +
			"HOMEBREW_TAP_TOKEN WINGET_TOKEN GHCR_PASSWORD ghcr-token RENOVATE_TOKEN ADD_TO_PROJECT_PAT COPILOT_GITHUB_TOKEN CR_PAT GHPAT_DOCS MACHINE_USER GITHUB_API_KEY SONAR_GITHUB_PAT ALGOLIA_GH_TOKEN",
		NameOther: "NPM_TOKEN BOT_NPM_TOKEN AIRTABLE_PERSONAL_ACCESS_TOKEN VSCODE_MARKETPLACE_PERSONAL_ACCESS_TOKEN PYPI_API_TOKEN DOCKERHUB_TOKEN DOCKER_HUB_PAT AZURE_PAT HCLOUD_TOKEN HCLOUD_BOT_ID DISCORD_RELEASE_BOT_TOKEN CODECOV_TOKEN AWS_SECRET_ACCESS_KEY AZURE_CREDENTIALS " +
			"AZURE_DEVOPS_PAT GCP_SA_KEY SLACK_BOT_TOKEN GITHUB_SLACK_WEBHOOK SONAR_TOKEN GH_APP_PRIVATE_KEY APP_ID GITHUB_APP_ID GPG_PASSPHRASE " +
			"BOT_SSH_KEY DISCORD_WEBHOOK SNYK_TOKEN SENTRY_AUTH_TOKEN CACHIX_AUTH_TOKEN CRATES_IO_TOKEN CARGO_REGISTRY_TOKEN RUBYGEMS_API_KEY " +
			"NUGET_API_KEY OSSRH_TOKEN SONATYPE_PASSWORD GRADLE_ENTERPRISE_ACCESS_KEY DEVELOCITY_ACCESS_KEY QUAY_ROBOT_TOKEN FOSSA_API_KEY " +
			"JIRA_API_TOKEN DATADOG_API_KEY TELEGRAM_TOKEN OPENAI_API_KEY ANTHROPIC_API_KEY CLOUDFLARE_API_TOKEN GORELEASER_KEY GITLAB_TOKEN DB_PASSWORD " +
			"GITHUB_ORGANIZATION ACTIONS_STEP_DEBUG GITHUB_ORGANIZATION_ID FOO_USER SOME_API_KEY SIGNPATHIO_TOKEN AKEYLESS_ACCESS_ID VAULT_SECRET_ID",
		"": "HCLOUD_BOT_TOKEN GRAFANA_BOT_PAT CODECOV_PAT NPM_PAT AWS-BOT-TOKEN SENTRY_BOT_ACCESS_TOKEN FOO SOMETHING_TOKEN COMPAT SPATIAL_KEY API_TOKEN _ __",
	} {
		for name := range strings.FieldsSeq(names) {
			got, why := SecretKind(name)
			if got != kind {
				t.Errorf("%s: %q (%s), want %q", name, got, why, kind)
			}
			if (why == "") != (kind == "") {
				t.Errorf("%s: %q because %q", name, got, why)
			}
		}
	}
}

func TestEnvReadsToken(t *testing.T) {
	for name := range strings.FieldsSeq("GITHUB_TOKEN GH_TOKEN GH_ENTERPRISE_TOKEN GITHUB_ENTERPRISE_TOKEN GITHUB_API_TOKEN HOMEBREW_GITHUB_API_TOKEN " +
		"INPUT_GITHUB_TOKEN INPUT_GITHUB-TOKEN CR_TOKEN COPILOT_GITHUB_TOKEN RENOVATE_TOKEN JRELEASER_GITHUB_TOKEN TF_VAR_github_token") {
		if !EnvReadsToken(name) || EnvService(name) != "" {
			t.Errorf("%s: no GitHub token", name)
		}
	}
	for name, service := range map[string]string{"NODE_AUTH_TOKEN": "npm", "NPM_TOKEN": "npm", "TWINE_PASSWORD": "PyPI", "AWS_SECRET_ACCESS_KEY": "AWS", "CODECOV_TOKEN": "tests"} {
		if EnvReadsToken(name) || !strings.Contains(EnvService(name), service) {
			t.Errorf("%s: %q", name, EnvService(name))
		}
	}
	for _, name := range []string{"", "MY_TOKEN", "TOKEN", "GITHUB_REPOSITORY", "GITHUB_ACTOR", "PATH"} {
		if EnvReadsToken(name) || EnvService(name) != "" {
			t.Errorf("%q counts as a token's variable", name)
		}
	}
}

func TestTakesGitHubToken(t *testing.T) {
	for name := range strings.FieldsSeq("github-token github_token GITHUB_TOKEN gh-token GH_TOKEN repo-token token-github GITHUB_PAT ACME_GITHUB_TOKEN githubToken") {
		if !TakesGitHubToken(name, "ALGOLIA_BOT_TOKEN") {
			t.Errorf("%s: takes other tokens", name)
		}
	}
	for _, name := range []string{"", "token", "pat", "TOKEN", "github-slack-webhook", "NODE_AUTH_TOKEN", "github-url", "COMPOSER_AUTH"} {
		if TakesGitHubToken(name, "BOT_PAT") {
			t.Errorf("%q: takes GitHub tokens only", name)
		}
	}
	if TakesGitHubToken("repo-token", "COVERALLS_REPO_TOKEN") {
		t.Error("a service's token for a repository counts as GitHub's")
	}
}

// TestNameTable checks that every row can be reached: that no earlier row of
// the same kind of name fits all that it fits.
func TestNameTable(t *testing.T) {
	for _, r := range nameRows().rows {
		name := strings.ReplaceAll(r.pattern, "*", "X")
		if r.of == "secret" || r.of == "own" {
			name = strings.Trim(r.pattern, "*_")
		}
		found, ok := findName(r.of, name)
		if !ok {
			t.Errorf("%s %s: %s is not found", r.of, r.pattern, name)
		} else if found.kind != r.kind {
			t.Errorf("%s %s: hidden by %s", r.of, r.pattern, found.pattern)
		}
		if (r.of == "secret" || r.of == "own") && (!strings.HasPrefix(strings.TrimPrefix(r.pattern, "*"), "_") || !strings.HasSuffix(strings.TrimSuffix(r.pattern, "*"), "_")) {
			t.Errorf("%s: does not fit whole words", r.pattern)
		}
	}
}

func FuzzSecretKind(f *testing.F) {
	for _, name := range []string{"PAT", "a-b", "[", "", "_", "NPM\x00", "*"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if kind, why := SecretKind(name); (kind == "") != (why == "") {
			t.Errorf("%q because %q", kind, why)
		}
		if EnvReadsToken(name) && EnvService(name) != "" {
			t.Error("both a GitHub token and another service's")
		}
	})
}
