package trace

import (
	"maps"
	"slices"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// Granted are the permissions of a job's GITHUB_TOKEN.
type Granted struct {
	// All is "read-all", "write-all", or empty.
	All string
	// Scopes has workflow keys with "read", "write" or "none".
	Scopes map[string]string
	// Place is where they are written.
	Place audit.Span
	// JobLevel tells a job's own block from the workflow's.
	JobLevel bool
}

// granted returns what a job's token holds: the job's own block, else the
// workflow's, else what the caller gives; and never more than the caller.
func granted(c *call, j *workflow.Job) *Granted {
	own := c.granted
	switch {
	case j.Permissions != nil:
		own = block(c.file.Path, j.Permissions, true)
	case c.file.Permissions != nil:
		own = block(c.file.Path, c.file.Permissions, false)
	default:
		return own
	}
	if c.granted == nil {
		return own
	}
	return own.within(c.granted)
}

func block(file string, p *workflow.Permissions, jobLevel bool) *Granted {
	span := audit.Span{File: file, Line: p.Line, Column: 1, EndLine: p.EndLine, EndColumn: 1}
	return &Granted{All: p.All, Scopes: p.Scopes, Place: span, JobLevel: jobLevel}
}

// Access returns "write", "read" or "none" for a workflow key.
func (g *Granted) Access(key string) string {
	switch g.All {
	case "write-all":
		return "write"
	case "read-all":
		return "read"
	}
	if access := g.Scopes[key]; access != "" {
		return access
	}
	return "none"
}

// within returns g limited by what a caller has.
func (g *Granted) within(caller *Granted) *Granted {
	if caller.All == "write-all" || g.All != "" && caller.All == g.All {
		return g
	}
	if g.All != "" {
		return &Granted{All: caller.All, Scopes: caller.Scopes, Place: g.Place, JobLevel: g.JobLevel}
	}
	out := &Granted{Scopes: maps.Clone(g.Scopes), Place: g.Place, JobLevel: g.JobLevel}
	for key, access := range out.Scopes {
		if limit := caller.Access(key); limit == "none" || limit == "read" && access == "write" {
			out.Scopes[key] = limit
		}
	}
	return out
}

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
