package infer

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// named tells whether the name of a secret, or of a variable that it came by,
// speaks of GitHub. Other credentials than secrets are GitHub's anyway.
func (in *inferrer) named(c *value.Credential) bool {
	kind := in.options.secretKind(c.Name)
	if c.Kind != value.Secret || kind == rules.NameGitHub {
		return true
	}
	return kind == "" && slices.ContainsFunc(c.Hops, func(h audit.Hop) bool {
		return rules.EnvReadsToken(h.What[strings.LastIndexByte(h.What, ' ')+1:])
	})
}

// ofService tells whether a secret shares all but the last words of its name
// with an address that is a secret too: ACME_TRIAGE_URL takes
// ACME_TRIAGE_TOKEN. A common part that speaks of GitHub says nothing.
func (in *inferrer) ofService(c *value.Credential, url value.Value) bool {
	for _, address := range url.Credentials() {
		i := strings.LastIndexByte(address.Name, '_')
		if i < 1 || address.Name == c.Name || !rules.WordAddress.Has(strings.ToLower(address.Name[i+1:])) {
			continue
		}
		service := address.Name[:i]
		for _, word := range []string{"_API", "_BASE", "_SERVER"} {
			service = strings.TrimSuffix(service, word)
		}
		if strings.HasPrefix(c.Name, service+"_") && in.options.secretKind(service) != rules.NameGitHub {
			return true
		}
	}
	return false
}

// service notes what a container beside the steps is given: what its image does
// with it is not read.
func (in *inferrer) service(site *trace.Site) {
	image := site.Service.Image.String()
	base, _, _ := strings.Cut(path.Base(strings.SplitN(image, "@", 2)[0]), ":")
	if rules.IsStore(base) {
		return
	}
	for _, name := range site.Env.Credentials() {
		v, _ := site.Env.Lookup(name)
		in.use(site, v, "service "+site.Service.Name, func(u *Use) {
			u.Reads = in.meant(u.Credential, name)
			if u.Other = !u.Reads && in.otherSecret(value.Of(u.Credential), name); !u.Other {
				u.Unknowns = []Unknown{{
					Code: "unread", Detail: "what the image " + image + " of the service " + site.Service.Name + " does with it is not known", Place: site.Place(),
					Settle: "read what the image does with it",
				}}
			}
		})
	}
}
