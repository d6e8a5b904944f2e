package infer

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// credential returns what git authenticates with for a remote, and how it
// came there. The header that a checkout stored is sent along with whatever
// the address holds, and wins.
func (in *inferrer) credential(c gitCall, address value.Value) value.Value {
	text := address.String()
	if strings.HasPrefix(text, "git@") || strings.HasPrefix(text, "ssh://") {
		return in.rewritten(c, func(r rewrite) bool {
			return strings.Contains(r.insteadOf.String(), "git@github.com") || strings.Contains(r.insteadOf.String(), "ssh://")
		})
	}
	elsewhere := len(address) > 0 && len(in.targets(address)) == 0
	address = signIn(address)
	var found value.Value
	// more adds what stands in a place, and is false where that is what git
	// takes: of a place that a branch filled it is not known.
	more := func(v value.Value, sure bool) bool {
		if v.HoldsCredential() {
			found = also(found, v)
			return !sure
		}
		return true
	}
	kept := func(k trace.Kept) bool { return more(k.At(c.site.Guards)) }
	headers := func() bool {
		if c.cleared {
			return true
		}
		v, sure := c.tree.header.At(c.site.Guards)
		return more(v, sure && !c.doubted && !c.tree.doubted) && kept(in.session.header)
	}
	// What a checkout stored is for GitHub's host, and not for another.
	if !more(c.header, true) || !elsewhere && !headers() || !more(address, true) || elsewhere && !headers() {
		return found
	}
	if v := in.rewritten(c, func(r rewrite) bool { return r.base.HoldsCredential() }); !more(signIn(v), true) || !kept(in.session.stored) || !kept(in.session.netrc) {
		return found
	}
	if in.session.helper {
		return also(found, in.ghToken(c.site))
	}
	for _, name := range []string{"GIT_ASKPASS", "GIT_CONFIG_VALUE_0", "GIT_CONFIG_PARAMETERS"} {
		if v, ok := c.site.Env.Lookup(name); ok && !more(v, true) {
			return found
		}
	}
	more(in.answered(c.site), true)
	return found
}

// answered is the credential that a program answers git with which it asks for the
// password: that in a variable of the step or of the call which the program names, or
// whose name says that it is a password, where the program cannot be read. Of several
// secrets it is none.
func (in *inferrer) answered(site *trace.Site) (v value.Value) {
	asks, ok := site.Env.Lookup("GIT_ASKPASS")
	if !ok || !rules.GitVariableRuns("GIT_ASKPASS", asks.Mask().Text) {
		return nil
	}
	name, _ := asks.Literal()
	program := in.textIn(folder(site.Command.Dir), name)
	for _, name := range site.Env.Credentials() {
		switch w, _ := site.Env.Lookup(name); {
		case !near(site, name), program != "" && !strings.Contains(program, name), program == "" && !password.MatchString(name):
		case len(v) == 0:
			v = w
		case !slices.EqualFunc(v.Credentials(), w.Credentials(), sameSecret):
			return nil
		}
	}
	return v
}

// password matches the name of a variable that holds one.
var password = regexp.MustCompile(`(?i)pass|token|secret`)

// sameSecret tells whether two credentials are of one secret, whatever way they came.
func sameSecret(c, d *value.Credential) bool {
	return c.Kind == d.Kind && c.Kind == value.Secret && c.Name == d.Name
}

// also returns the choice of two values of which either may be none.
func also(v, w value.Value) value.Value {
	switch {
	case len(v) == 0:
		return w
	case len(w) == 0:
		return v
	}
	return value.Choice(v, w)
}

// rewritten returns the first of the bases of url.<base>.insteadOf that fit,
// and those after it that stand in its place where it was not set.
func (in *inferrer) rewritten(c gitCall, fits func(rewrite) bool) value.Value {
	var bases []value.Value
	for _, r := range in.session.rewrites {
		if !fits(r) {
			continue
		}
		if bases = append(bases, r.base); c.site.Under(r.guards) {
			break
		}
	}
	return value.Choice(bases...)
}

// signIn returns the part of an address that git signs in with: what stands
// before the "@", so that a secret that names the repository is none of it, nor
// one that is the name before a token.
func signIn(address value.Value) value.Value {
	address, _ = addressHalves(address)
	masked := address.Mask()
	scheme, rest, ok := strings.Cut(masked.Text, "://")
	user, _, signed := strings.Cut(rest, "@")
	if !ok || !signed || strings.Contains(user, "/") {
		return address
	}
	return masked.Table.Value(scheme + "://" + user)
}

// remoteAddress returns the address of a remote by name, or the word itself
// where it is an address.
func (c gitCall) remoteAddress(name value.Value) value.Value {
	text := cmp.Or(name.String(), "origin")
	if kept, ok := c.tree.remotes[text]; ok {
		v, _ := kept.At(c.site.Guards)
		return v
	}
	if text == "origin" {
		return c.tree.origin
	}
	return name
}
