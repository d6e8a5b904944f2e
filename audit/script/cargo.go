package script

import "github.com/patrol-actions/patrol/audit/value"

// cargo is what a thing carries that must not get lost.
type cargo struct {
	client      bool
	credentials []*value.Credential
	functions   []*function
}

// loaded tells whether there is a client or a token in it.
func (c cargo) loaded() bool { return c.client || len(c.credentials) > 0 }

// carried looks through things for clients, tokens and functions.
func carried(things ...thing) cargo {
	var c cargo
	seen := map[thing]bool{}
	for _, t := range things {
		c.add(t, seen, 0)
	}
	return c
}

func (c *cargo) add(t thing, seen map[thing]bool, depth int) {
	if depth > maxDepth {
		return
	}
	switch t := t.(type) {
	case text:
		c.credentials = append(c.credentials, t.value.Credentials()...)
	case *client:
		if t.authenticated() {
			c.client = true
			c.credentials = append(c.credentials, t.token.Credentials()...)
		}
	case either:
		for _, inner := range t.of {
			c.add(inner, seen, depth+1)
		}
	case *list:
		if !seen[t] {
			seen[t] = true
			for _, item := range t.items {
				c.add(item, seen, depth+1)
			}
		}
	case *object:
		if !seen[t] {
			seen[t] = true
			for _, name := range t.names {
				c.add(t.members[name], seen, depth+1)
			}
		}
	case *function:
		if !seen[t] {
			seen[t] = true
			c.functions = append(c.functions, t)
		}
	}
}
