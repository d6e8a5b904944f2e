package settings

import (
	"fmt"
	"strconv"

	"github.com/patrol-actions/patrol/audit/value"
)

// GivenToGit returns the settings that the environment gives git, as name and value:
// GIT_CONFIG_KEY_0 and GIT_CONFIG_VALUE_0, and so on up to the number that
// GIT_CONFIG_COUNT says; all that are set where that is not known.
// Source: https://git-scm.com/docs/git-config#ENVIRONMENT
func GivenToGit(env *value.Env) (given [][2]value.Value) {
	count, set := env.Lookup("GIT_CONFIG_COUNT")
	if !set {
		return nil
	}
	text, known := count.Literal()
	most, err := strconv.Atoi(text)
	for n := 0; !known || err == nil && n < most; n++ {
		key, set := env.Lookup(fmt.Sprintf("GIT_CONFIG_KEY_%d", n))
		if !set {
			break
		}
		v, _ := env.Lookup(fmt.Sprintf("GIT_CONFIG_VALUE_%d", n))
		given = append(given, [2]value.Value{key, v})
	}
	return given
}
