package settings

import (
	"fmt"

	"github.com/patrol-actions/patrol/audit/value"
)

// maxGiven bounds the settings that [GivenToGit] looks for.
const maxGiven = 16

// GivenToGit returns the settings that the environment gives git, as name and value:
// GIT_CONFIG_KEY_0 and GIT_CONFIG_VALUE_0, and so on. all is false where there may be
// more.
// Source: https://git-scm.com/docs/git-config#ENVIRONMENT
func GivenToGit(env *value.Env) (given [][2]value.Value, all bool) {
	if _, set := env.Lookup("GIT_CONFIG_COUNT"); !set {
		return nil, true
	}
	for n := range maxGiven {
		key, set := env.Lookup(fmt.Sprintf("GIT_CONFIG_KEY_%d", n))
		if !set {
			return given, true
		}
		v, _ := env.Lookup(fmt.Sprintf("GIT_CONFIG_VALUE_%d", n))
		given = append(given, [2]value.Value{key, v})
	}
	return given, false
}
