package trace

import (
	"slices"

	"github.com/patrol-actions/patrol/rules"
)

// traceless are the keys that programs use without a trace: to sign, to attest,
// to publish as a trusted publisher, to push to a registry.
var traceless = []string{"id-token", "attestations", "packages"}

// Own are the permissions, by workflow key, that a job's own block gives it
// and that a step must be known to take: traceless ones are used unseen, and
// reading contents costs nothing.
func (g *Granted) Own() map[string]string {
	out := map[string]string{}
	for key, access := range g.Scopes {
		switch {
		case !g.JobLevel || access == "none" || key == "contents" && access == "read":
		case slices.Contains(traceless, key):
		default:
			out[key] = access
		}
	}
	return out
}

// Kept are the permissions, by workflow key, that a new block for the job must
// hold beside what its steps are seen to take of GITHUB_TOKEN: the traceless
// ones, reading contents, and all others where known is false, for then what
// some step takes is not known. One word for all keys is spelled out. A nil
// grant keeps nothing.
func (g *Granted) Kept(known bool) map[string]string {
	out := map[string]string{}
	if g == nil {
		return out
	}
	keep := func(key, access string) {
		if access != "" && access != "none" && (!known || slices.Contains(traceless, key)) {
			out[key] = access
		}
	}
	for key, access := range g.Scopes {
		keep(key, access)
	}
	for _, k := range rules.WorkflowKeys() {
		if access := g.Access(k.Key); g.All != "" && slices.Contains(k.Accesses, access) {
			keep(k.Key, access)
		}
	}
	if out["contents"] == "" && g.Access("contents") != "none" {
		out["contents"] = rules.AccessRead
	}
	return out
}
