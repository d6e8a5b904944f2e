package rules

import "testing"

func TestTakesFromEnv(t *testing.T) {
	for _, c := range []struct {
		language, source, variable string
		want                       bool
	}{
		{"R", `gh::gh("GET /user")`, "GITHUB_PAT", true},
		{"R", `library(piggyback)`, "GITHUB_TOKEN", true},
		{"R", `library(ghostscript)`, "GITHUB_TOKEN", false},
		{"R", `gh::gh("GET /user")`, "GH_TOKEN", false},
		{"julia", "deploydocs(repo = x)", "GITHUB_TOKEN", true},
		{"julia", "makedocs(sitename = x)", "GITHUB_TOKEN", false},
		{"python", "x = 1\nfrom ghapi.all import GhApi", "GITHUB_TOKEN", true},
		{"python", "# from ghapi", "GITHUB_TOKEN", false},
		{"java", "GitHub gh = GitHub.connect();", "GITHUB_OAUTH", true},
		{"java", "GitHub gh = GitHub.connectUsingOAuth(x);", "GITHUB_OAUTH", false},
		{"dart", "findAuthenticationFromEnvironment()", "GITHUB_TOKEN", true},
		{"ruby", "Octokit.issues", "OCTOKIT_ACCESS_TOKEN", true},
		{"perl", "Octokit", "OCTOKIT_ACCESS_TOKEN", false},
	} {
		if got := TakesFromEnv(c.language, c.source, c.variable); got != c.want {
			t.Errorf("TakesFromEnv(%q, %q, %q) = %v", c.language, c.source, c.variable, got)
		}
	}
}
