package shell

import (
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// heldByGh returns what `gh auth token` prints: the token that gh has from the
// environment. One that it was logged in with is not followed here.
func (i *interp) heldByGh(c *call) (value.Value, bool) {
	if len(c.args) != 3 || c.args[1].LiteralOr("") != "auth" || c.args[2].LiteralOr("") != "token" {
		return nil, false
	}
	env := i.environment(c)
	for _, name := range rules.GhVariables {
		if v, set := env.Lookup(name); set && len(v) > 0 {
			return v, v.HoldsCredential()
		}
	}
	return nil, false
}
