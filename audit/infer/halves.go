package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// isName tells whether the half before the colon of a sign-in is the name of a
// user: it is, where the half behind holds a credential. A token stands in front
// of nothing, or of what is no secret, as "x-oauth-basic"; and what is called
// after a GitHub token counts as one in front of what is called after something
// else.
func isName(login, password value.Value) bool {
	front, behind := login.Credentials(), password.Credentials()
	if len(front) == 0 || len(behind) == 0 {
		return false
	}
	kindOf := func(c *value.Credential) string {
		kind, _ := rules.SecretKind(c.Name)
		return kind
	}
	token := slices.ContainsFunc(behind, func(c *value.Credential) bool { return c.Kind != value.Secret || kindOf(c) == rules.NameGitHub })
	return !slices.ContainsFunc(front, func(c *value.Credential) bool {
		return c.Kind != value.Secret || !token && kindOf(c) == rules.NameGitHub ||
			slices.ContainsFunc(behind, func(d *value.Credential) bool { return d.Kind == c.Kind && d.Name == c.Name })
	})
}

// halves splits "NAME:SECRET" into what it signs in with and the name, which is
// empty where the half in front is none.
func halves(v value.Value) (secret, name value.Value) {
	return eachHalved(v, func(m value.Masked) (value.Value, value.Value) {
		login, password, _ := strings.Cut(m.Text, ":")
		if l, p := m.Table.Value(login), m.Table.Value(password); isName(l, p) {
			return p, l
		}
		return m.Table.Value(m.Text), nil
	})
}

// addressHalves takes the name out of an address with a sign-in of two halves,
// and returns it apart; it is empty where there is none.
func addressHalves(v value.Value) (address, name value.Value) {
	return eachHalved(v, func(m value.Masked) (value.Value, value.Value) {
		before, rest, _ := strings.Cut(m.Text, "://")
		user, after, signed := strings.Cut(rest, "@")
		login, password, _ := strings.Cut(user, ":")
		if l := m.Table.Value(login); signed && !strings.Contains(user, "/") && isName(l, m.Table.Value(password)) {
			return m.Table.Value(before + "://" + password + "@" + after), l
		}
		return m.Table.Value(m.Text), nil
	})
}

// netrcLine matches a line of ~/.netrc, with the halves of its sign-in.
var netrcLine = regexp.MustCompile(`(?s)^(.*?\blogin\s+)(\S+)(\s+password\s+)(\S+)(.*)$`)

// withoutName takes the name out of an address or a line of ~/.netrc with a
// sign-in of two halves, and returns it apart; it is empty where there is none.
// Of what is encoded for a header no more is known than what it holds, so that
// there both halves count.
func withoutName(v value.Value) (rest, name value.Value) {
	if rest, name = addressHalves(v); len(name) > 0 {
		return rest, name
	}
	return eachHalved(v, func(m value.Masked) (value.Value, value.Value) {
		if parts := netrcLine.FindStringSubmatch(m.Text); parts != nil && isName(m.Table.Value(parts[2]), m.Table.Value(parts[4])) {
			return m.Table.Value(parts[1] + parts[3] + parts[4] + parts[5]), m.Table.Value(parts[2])
		}
		return m.Table.Value(m.Text), nil
	})
}

// eachHalved splits every value that v can have.
func eachHalved(v value.Value, split func(value.Masked) (rest, name value.Value)) (rest, name value.Value) {
	if len(v.Credentials()) < 2 {
		return v, nil
	}
	var all []value.Value
	for a := range v.EachAlternative() {
		one, login := split(a.Mask())
		all, name = append(all, one), value.Concat(name, login)
	}
	if len(name) == 0 {
		return v, nil
	}
	return value.Choice(all...), name
}

// userNames notes the secrets among the words of a command, and in its input,
// that are no more than the name of a user.
func (in *inferrer) userNames(site *trace.Site) {
	_, name := withoutName(site.Command.Stdin)
	in.userName(site, name)
	for _, a := range site.Command.Args {
		_, name := withoutName(a)
		in.userName(site, name)
	}
}

// userName notes that a secret is the name of a user.
func (in *inferrer) userName(site *trace.Site, name value.Value) {
	in.use(site, name, commandWords(site.Command), func(u *Use) {
		u.Other = true
		if in.userNamed == nil {
			in.userNamed = map[string]bool{}
		}
		in.userNamed[u.Credential.Name] = true
	})
}

// onlyNames makes nothing of what a secret may be used for that is seen to be
// the name of a user, unless it is known to be taken for a token elsewhere.
func (in *inferrer) onlyNames() {
	for _, u := range in.uses {
		if u.Credential.Kind == value.Secret && in.userNamed[u.Credential.Name] && !u.Reads && len(u.Operations) == 0 {
			u.Other, u.Unknowns = true, nil
		}
	}
}
