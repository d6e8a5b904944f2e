package rules

import (
	"fmt"
	"strings"
)

// relay is a row of table/relays.tsv.
type relay struct {
	action, field, context string
	elsewhere              []string
}

var relayRows = rows("relays", []string{"action", "field", "context", "elsewhere"}, parseRelay)

var relays = index(relayRows, func(r relay) string { return r.action })

func parseRelay(r row) (relay, error) {
	out := relay{r.cell("action"), r.cell("field"), r.cell("context"), r.list("elsewhere")}
	if out.field == "" || out.context != "github" && !strings.HasPrefix(out.context, "github.") {
		return out, fmt.Errorf("field %q of %q: want a field and a context", out.field, out.action)
	}
	return out, nil
}

// RelayInputs returns the inputs by which an action that hands on what it got
// starts the workflows of other repositories; ok is false for one that hands
// on nothing. Names of actions are in small letters.
func RelayInputs(action string) (elsewhere []string, ok bool) {
	of := relays()[action]
	if len(of) == 0 {
		return nil, false
	}
	return of[0].elsewhere, true
}

// Relayed returns what a context of the form github.event.client_payload.X was
// in the workflow whose action sent it, where it is a part of that one's
// context.
func Relayed(action, context string) (sent string, ok bool) {
	field, ok := strings.CutPrefix(context, "github.event.client_payload.")
	if !ok {
		return "", false
	}
	longest := -1
	for _, r := range relays()[action] {
		if rest, fits := strings.CutPrefix(field, r.field+"."); fits && len(r.field) > longest {
			sent, longest = r.context+"."+rest, len(r.field)
		}
	}
	return sent, longest >= 0
}
