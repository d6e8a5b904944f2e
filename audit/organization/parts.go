package organization

import (
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// Inventories takes the inventories of accounts out of a report that was
// written from them, such as that of a shard: the same secrets, without their
// uses. Joined with the repositories of all shards they give the report of the
// whole.
func Inventories(o *audit.Organization) []*audit.Inventory {
	if o == nil {
		return nil
	}
	byLogin := map[string]*audit.Inventory{}
	var out []*audit.Inventory
	of := func(name string) *audit.Inventory {
		login, _, _ := strings.Cut(name, "/")
		key := strings.ToLower(login)
		if byLogin[key] == nil {
			byLogin[key] = &audit.Inventory{Account: login}
			out = append(out, byLogin[key])
		}
		return byLogin[key]
	}
	for _, a := range o.Accounts {
		if a.Login != "" {
			of(a.Login).Asked = a.SecretsKnown
		}
	}
	for _, s := range o.Secrets {
		if s.State == audit.SecretStored {
			i := of(s.Owner)
			i.Secrets = append(i.Secrets, s)
		}
	}
	for _, g := range o.Grants {
		i := of(g.Account)
		i.Grants = append(i.Grants, g)
	}
	if len(out) > 0 {
		out[0].Unasked = o.Unasked
	}
	return out
}
