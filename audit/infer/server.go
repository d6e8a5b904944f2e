package infer

import (
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// givenServer returns the addresses of servers that an action is given, "" where
// it is given none.
func givenServer(a *trace.Action) value.Value {
	for _, name := range rules.InputServer.Of(a.Name) {
		if v := a.Inputs[name]; len(v) > 0 {
			return v
		}
	}
	return nil
}

// ownServer are the contexts and variables that hold an address of the server
// that runs the workflow, in lower case.
var ownServer = []string{"github.api_url", "github.server_url", "github.graphql_url", "github_api_url", "github_server_url", "github_graphql_url"}

// server is what is known of a server that a token is sent to.
type server int

const (
	// thisServer runs the workflow.
	thisServer server = iota
	// someServer may do so.
	someServer
	// elseServer does not.
	elseServer
)

// serverOf tells whose an address is, or the name of a server; nothing stands for
// the server that runs the workflow. Of an Enterprise Server the name may be any,
// and a workflow may run at any tenant of ghe.com.
func (in *inferrer) serverOf(v value.Value) (host string, of server) {
	for n, alternative := range v.Alternatives() {
		name, one := in.oneServer(alternative)
		switch {
		case n == 0:
			host, of = name, one
		case one != of:
			of = someServer
		}
	}
	return host, of
}

func (in *inferrer) oneServer(v value.Value) (host string, of server) {
	for _, p := range v {
		for _, own := range ownServer {
			if p.Context == own || strings.Contains(strings.ToLower(p.Unknown), own) {
				return "", thisServer
			}
		}
	}
	text := v.Mask().Text
	if _, rest, found := strings.Cut(text, "://"); found {
		text = rest
	}
	host, _, _ = strings.Cut(text, "/")
	bare, _, _ := strings.Cut(strings.ToLower(host), ":")
	switch {
	case bare == "" && len(v) == 0, bare == "github.com", strings.HasSuffix(bare, ".github.com"):
		return host, thisServer
	case value.HasPlaceholder(host), !strings.Contains(bare, "."), strings.HasPrefix(bare, "127."), strings.HasSuffix(bare, ".ghe.com"):
		return host, someServer
	case in.options.EnterpriseServer:
		return host, thisServer
	}
	return host, elseServer
}

// sentTo moves what a use does to the server that an address names: on another
// than the one that the workflow runs on GITHUB_TOKEN is worth nothing, not even
// for reading.
func (in *inferrer) sentTo(u *Use, address value.Value, at audit.Place) {
	if len(u.Operations) == 0 {
		return
	}
	switch host, of := in.serverOf(address); of {
	case someServer:
		u.Unknowns = append(u.Unknowns, Unknown{
			Code: "unknown-target", Detail: "whether the workflow runs on the server that the token is sent to, " + address.String() + ", is not known here", Place: at,
			Settle: "write github.server_url or github.api_url where it is the one",
		})
	case elseServer:
		for i := range u.Operations {
			op := &u.Operations[i]
			op.Targets, op.Answer, op.Events = []Target{{Kind: Repository, OtherOwner: true, Text: host}}, rules.AnswerNo, nil
		}
	}
}

// tenantRegistry begins the name of a registry of containers at a tenant of
// ghe.com: containers.TENANT.ghe.com.
const tenantRegistry = "containers."

// registryServers asks of each registry at a tenant of ghe.com whether the workflow
// runs there.
func (in *inferrer) registryServers() {
	for _, u := range in.uses {
		for _, op := range u.Operations {
			if len(op.Targets) != 1 || op.Targets[0].Kind != Registry {
				continue
			}
			host, _, _ := strings.Cut(op.Targets[0].Text, "/")
			if tenant, ok := strings.CutPrefix(host, tenantRegistry); ok && strings.HasSuffix(tenant, ".ghe.com") {
				in.sentTo(u, value.Text(tenant), op.Place)
				break
			}
		}
	}
}
