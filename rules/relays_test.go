package rules

import "testing"

func TestRelayed(t *testing.T) {
	const slash = "peter-evans/slash-command-dispatch"
	for context, want := range map[string]string{
		"github.event.client_payload.github.payload.repository.full_name": "github.event.repository.full_name",
		"github.event.client_payload.github.actor":                        "github.actor",
		"github.event.client_payload.pull_request.head.ref":               "github.event.pull_request.head.ref",
		"github.event.client_payload.slash_command.args.named.x":          "",
		"github.event.issue.number":                                       "",
	} {
		if got, ok := Relayed(slash, context); got != want || ok != (want != "") {
			t.Errorf("Relayed(%q) = %q, %v, want %q", context, got, ok, want)
		}
	}
	if got, ok := Relayed("actions/checkout", "github.event.client_payload.github.actor"); ok {
		t.Errorf("another action hands on %q", got)
	}
}
