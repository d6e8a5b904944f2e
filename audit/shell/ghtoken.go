package shell

import "github.com/patrol-actions/patrol/audit/value"

// ghVariables are those that gh takes its token from, in this order.
// Source: https://cli.github.com/manual/gh_help_environment
var ghVariables = []string{"GH_TOKEN", "GITHUB_TOKEN"}

// heldByGh returns what `gh auth token` prints: the token that gh has from the
// environment. One that it was logged in with is not followed here.
func (i *interp) heldByGh(c *call) (value.Value, bool) {
	if len(c.args) != 3 || c.args[1].LiteralOr("") != "auth" || c.args[2].LiteralOr("") != "token" {
		return nil, false
	}
	env := i.environment(c)
	for _, name := range ghVariables {
		if v, set := env.Lookup(name); set && len(v) > 0 {
			return v, v.HoldsCredential()
		}
	}
	return nil, false
}
