package command

import (
	"errors"

	"github.com/spf13/pflag"

	"github.com/patrol-actions/patrol/audit/github"
)

// online says whether an audit may ask GitHub what its files do not show.
type online struct {
	wanted bool
	// offline forbids it where it would be the rule.
	offline bool
}

func (n *online) flags(f *pflag.FlagSet) {
	f.BoolVar(&n.wanted, "online", false, "ask GitHub what the files do not show, with the token in GH_TOKEN or GITHUB_TOKEN (or none, for what is public)")
	f.BoolVar(&n.offline, "offline", false, "ask nothing over the network")
}

func (n *online) check() error {
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
	host, err := o.host(p.Getenv)
	if err != nil {
		return nil, err
	}
	options := github.Options{
		Host: host, UserAgent: "patrol/" + Version(), MaxWait: o.inspection.maxWait, Log: o.logRequests(p), Cache: github.NewMemoryCache(maxCache), ReadOnly: true,
	}
	if given, err := usualTokens(p); err == nil {
		if given[0].fault != "" {
			return nil, errors.New(given[0].name + ": " + given[0].fault)
		}
		options.Token = given[0].token
	}
	return github.New(options)
}

// maxCache bounds the answers that are kept for one run, in bytes.
const maxCache = 32 << 20
