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
	return eachHalved(v, 2, func(m value.Masked) (value.Value, value.Value) {
		login, password, _ := strings.Cut(m.Text, ":")
		if l, p := m.Table.Value(login), m.Table.Value(password); isName(l, p) {
			return p, l
		}
		return m.Table.Value(m.Text), nil
	})
}

// addressHalves takes out of an address what names something and opens nothing:
// the user of a sign-in of two halves, and what stands in the path of an address
// of GitHub, whose tokens never do. It returns that apart; it is empty where there
// is none.
func addressHalves(v value.Value) (address, name value.Value) {
	return eachHalved(v, 1, func(m value.Masked) (value.Value, value.Value) {
		before, rest, ok := strings.Cut(m.Text, "://")
		if !ok {
			return m.Table.Value(m.Text), nil
		}
		user, after, signed := strings.Cut(rest, "@")
		if !signed || strings.Contains(user, "/") {
			user, after, signed = "", rest, false
		}
		var names value.Value
		if login, password, _ := strings.Cut(user, ":"); signed {
			if l := m.Table.Value(login); isName(l, m.Table.Value(password)) {
				user, names = ":"+password, l
			}
			user += "@"
		}
		place, inPath := withoutPathNames(after, m.Table)
		return value.Concat(m.Table.Value(before+"://"+user), place), value.Concat(names, inPath)
	})
}

// withoutPathNames takes the secrets out of the path of an address of GitHub, as
// it stands behind the scheme and the sign-in, and returns them apart.
func withoutPathNames(text string, table *value.Table) (rest, names value.Value) {
	host, path, _ := strings.Cut(text, "/")
	if end := strings.IndexAny(path, "?#"); end >= 0 {
		path = path[:end]
	}
	if v := table.Value(path); isGitHubHost(host) && v.HoldsCredential() {
		return value.Concat(table.Value(host+"/"), onlyUnknown(v), table.Value(text[len(host)+1+len(path):])), v
	}
	return table.Value(text), nil
}

func isGitHubHost(host string) bool {
	return host == "github.com" || strings.HasSuffix(host, ".github.com") || strings.HasSuffix(host, ".githubusercontent.com")
}

// onlyUnknown is a value in which nothing is a credential: what was one is not
// known.
func onlyUnknown(v value.Value) value.Value {
	var out []value.Value
	for _, p := range v {
		if (value.Value{p}).HoldsCredential() {
			out = append(out, value.Unknown((value.Value{p}).String()))
		} else {
			out = append(out, value.Value{p})
		}
	}
	return value.Concat(out...)
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
	return eachHalved(v, 2, func(m value.Masked) (value.Value, value.Value) {
		if parts := netrcLine.FindStringSubmatch(m.Text); parts != nil && isName(m.Table.Value(parts[2]), m.Table.Value(parts[4])) {
			return m.Table.Value(parts[1] + parts[3] + parts[4] + parts[5]), m.Table.Value(parts[2])
		}
		return m.Table.Value(m.Text), nil
	})
}

// eachHalved splits every value that v can have; it leaves one alone that holds
// fewer credentials than least.
func eachHalved(v value.Value, least int, split func(value.Masked) (rest, name value.Value)) (rest, name value.Value) {
	if len(v.Credentials()) < least {
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
// that are no more than the name of a user or a repository.
func (in *inferrer) userNames(site *trace.Site) {
	_, name := withoutName(site.Command.Stdin)
	in.userName(site, name)
	gh := len(site.Command.Args) > 0 && site.Command.Args[0].LiteralOr("") == "gh"
	for n, a := range site.Command.Args {
		_, name := withoutName(a)
		if gh && (apiPath.MatchString(a.String()) || slices.Contains(repositoryFlags, site.Command.Args[max(n-1, 0)].LiteralOr(""))) {
			name = a
		}
		in.userName(site, name)
	}
}

// apiPath matches the path of a REST request as gh takes it, repositoryFlags are
// the flags behind which gh takes a repository.
var (
	apiPath         = regexp.MustCompile(`^/?(repos|orgs|users|organizations)/`)
	repositoryFlags = []string{"-R", "--repo"}
)

// userName notes that a secret is the name of a user or a repository.
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
// such a name, unless it is known to be taken for a token elsewhere.
func (in *inferrer) onlyNames() {
	for _, u := range in.uses {
		if u.Credential.Kind == value.Secret && in.userNamed[u.Credential.Name] && !u.Reads && len(u.Operations) == 0 {
			u.Other, u.Unknowns = true, nil
		}
	}
}
