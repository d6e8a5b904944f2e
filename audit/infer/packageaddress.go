package infer

import (
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// packageAddresses handles packages that are cloned from an address which
// holds a credential: pip install git+https://…@github.com/owner/name@v1.
func (in *inferrer) packageAddresses(site *trace.Site) {
	for _, a := range site.Command.Args[1:] {
		in.packageAddress(site, a, site.Place())
	}
}

// packageAddress handles what is written of a package at a place.
func (in *inferrer) packageAddress(site *trace.Site, written value.Value, at audit.Place) {
	if !written.HoldsCredential() {
		return
	}
	masked := written.Mask()
	_, rest, ok := strings.Cut(masked.Text, "git+https://")
	if !ok {
		return
	}
	rest, _, _ = strings.Cut(strings.TrimSpace(rest), " ")
	rest, _, _ = strings.Cut(rest, "#")
	user, address, _ := strings.Cut(rest, "@")
	address, _, _ = strings.Cut(address, "@")
	secret, _ := halves(masked.Table.Value(user))
	in.gitAddress(site, secret, masked.Table.Value("https://"+address), at)
}

// gitAddress notes that a command reads a repository by its address.
func (in *inferrer) gitAddress(site *trace.Site, credential, address value.Value, at audit.Place) {
	targets := in.targets(address)
	in.use(site, credential, commandWords(site.Command), func(u *Use) {
		if u.Other = len(targets) == 0; u.Other {
			return
		}
		u.Reads, u.Operations = true, []Operation{{
			Names: []string{"git clone"}, Targets: targets, Answer: rules.AnswerYes, Place: at, Needs: needs("contents:read"),
		}}
	})
}
