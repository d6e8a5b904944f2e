package rules

import (
	"strings"
	"testing"
)

func TestGitCode(t *testing.T) {
	for key, want := range map[string]bool{
		"core.hooksPath=.githooks":                   true,
		"core.hooksPath=/dev/null":                   false,
		"core.hooksPath=":                            false,
		"credential.helper=store --file x":           false,
		"credential.https://github.com.helper=./ask": true,
		"alias.up=push origin":                       false,
		"alias.up=!./up.sh":                          true,
		"includeIf.gitdir:/x.path=.gitconfig":        true,
		"user.name=x":                                false,
		"filter.lfs.clean=git-lfs clean -- %f":       false,
		"filter.secret.clean=./hide":                 true,
	} {
		name, value, _ := strings.Cut(key, "=")
		if got := GitSettingRuns(name, value); got != want {
			t.Errorf("%s: %t", key, got)
		}
	}
	for name, value := range map[string]string{"GIT_ASKPASS": "echo", "GIT_SSH_COMMAND": "ssh -i key", "GIT_CONFIG_GLOBAL": "/dev/null", "PATH": "x"} {
		if GitVariableRuns(name, value) {
			t.Errorf("%s=%s runs code", name, value)
		}
	}
	if !GitVariableRuns("GIT_ASKPASS", "ci/ask.sh") || !GitVariableRuns("GIT_EXEC_PATH", "tools") {
		t.Error("a variable that names code runs none")
	}
	if !RunsGit("go") || RunsGit("make") {
		t.Error("the programs that run git are others")
	}
}
