package rules

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// Probe is a GET request that proves whether a token holds a permission. It
// changes nothing, whatever the answer is.
//
// Sources: GitHub Docs, "Permissions required for fine-grained personal access
// tokens", and the pages of the operations.
type Probe struct {
	// Permission is what it proves, with its access: "write" only where
	// GitHub documents that reading takes it.
	Permission Permission
	// Path is that of the endpoint, with {owner} and {repo}, {org} and {ref}.
	Path string
	// Hidden tells that everybody gets the answer for a public repository, so
	// that it proves something on private and internal ones alone.
	Hidden bool
	// Granted are the HTTP statuses that prove the permission.
	Granted []int
	// Note is why, and what other statuses mean.
	Note string
}

// Proves tells whether an HTTP status proves that the permission is granted.
func (p Probe) Proves(status int) bool { return slices.Contains(p.Granted, status) }

var probeRows = rows("probes", []string{"permission", "request", "on", "granted", "note"}, parseProbe)

// Probes returns every probe, in the table's order: those of a repository,
// then those of an organisation, then those of an account.
func Probes() []Probe { return probeRows().rows }

func parseProbe(r row) (Probe, error) {
	out := Probe{Path: r.cell("request"), Hidden: r.cell("on") == "private", Note: r.cell("note")}
	var errs [3]error
	out.Permission, errs[0] = ParsePermission(r.cell("permission"))
	if on := r.cell("on"); on != "private" && on != "any" {
		errs[1] = fmt.Errorf("on %q", on)
	}
	for _, text := range r.list("granted") {
		status, err := strconv.Atoi(text)
		errs[2] = errors.Join(errs[2], err)
		out.Granted = append(out.Granted, status)
	}
	return out, errors.Join(errs[:]...)
}
