package command

import (
	"context"
	"errors"
	"sync"

	"github.com/spf13/pflag"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/online"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// onlineFlags say whether an audit may ask GitHub what its files do not show.
type onlineFlags struct {
	wanted bool
	// offline forbids it where it would be the rule.
	offline bool

	// One client serves all that a run asks.
	once   sync.Once
	shared *github.Client
	err    error
}

func (n *onlineFlags) flags(f *pflag.FlagSet) {
	f.BoolVar(&n.wanted, "online", false, "ask GitHub what the files do not show, with the token in GH_TOKEN or GITHUB_TOKEN (or none, for what is public)")
	f.BoolVar(&n.offline, "offline", false, "ask nothing over the network")
}

func (n *onlineFlags) check() error {
	if n.wanted && n.offline {
		return errors.New("--online and --offline exclude each other: leave one out")
	}
	return nil
}

// client makes the client for what an audit asks on its own behalf; nil for an
// audit that asks nothing.
func (o *auditOptions) client(p Process) (*github.Client, error) {
	if !o.online.wanted {
		return nil, nil
	}
	return o.newClient(p)
}

// newClient gives the client for what an audit asks on its own behalf, also
// without --online: for a repository that lies in no folder.
func (o *auditOptions) newClient(p Process) (*github.Client, error) {
	o.online.once.Do(func() { o.online.shared, o.online.err = o.makeClient(p) })
	return o.online.shared, o.online.err
}

func (o *auditOptions) makeClient(p Process) (*github.Client, error) {
	host, err := o.host(p.Getenv)
	if err != nil {
		return nil, err
	}
	options := github.Options{
		Host: host, UserAgent: "patrol/" + Version(), MaxWait: o.inspection.maxWait, Log: o.logRequests(p), Cache: github.NewMemoryCache(maxCache), ReadOnly: true, Sleep: p.Sleep, Redact: o.redacted,
	}
	if given, err := usualTokens(p); err == nil {
		if given[0].fault != "" {
			return nil, errors.New(given[0].name + ": " + given[0].fault)
		}
		options.Token = given[0].token
	}
	return github.New(options)
}

// ask gives an audit the facts of a client; nil for none, which asks nothing.
func ask(ctx context.Context, c *github.Client) func(*workflow.Repository) scan.Online {
	if c == nil {
		return nil
	}
	source := online.NewSource(c)
	return func(r *workflow.Repository) scan.Online { return source.Of(ctx, r) }
}

// remembered gives the audits of one repository the same facts: it is audited
// again to plan a change, and as it was before one.
func remembered(facts func(*workflow.Repository) scan.Online) func(*workflow.Repository) scan.Online {
	if facts == nil {
		return nil
	}
	var first scan.Online
	return func(r *workflow.Repository) scan.Online {
		if first != nil {
			return again{first}
		}
		first = facts(r)
		return first
	}
}

// again are facts that an audit has asked for. Where secrets are kept has been
// said.
type again struct{ scan.Online }

// Secrets implements [scan.Online].
func (again) Secrets([]string) []audit.Secret { return nil }

// maxCache bounds the answers that are kept for one run, in bytes.
const maxCache = 32 << 20
