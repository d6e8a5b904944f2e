package infer

import (
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// eventQuery matches how scripts read a field of the event's payload from its
// file: jq -r .issue.url "$GITHUB_EVENT_PATH", with the file in front or
// behind. The dot before the field is that of the whole document.
var eventQuery = regexp.MustCompile(`^\$\((?:cat "?\$\{?GITHUB_EVENT_PATH\}?"? *\| *)?jq(?: +-{1,2}[a-z-]+)* +['"]?\.([a-z_.]+)['"]?(?: +<? *"?\$\{?GITHUB_EVENT_PATH\}?"?)?\)$`)

// eventElement matches how they read a field of an element of a list there:
// jq -r '.release.assets[] | select(…) | .url' "$GITHUB_EVENT_PATH".
var eventElement = regexp.MustCompile(`^\$\(jq(?: +-{1,2}[a-z-]+)* +'\.([a-z_]+(?:\.[a-z_]+)*)\[\] *(?:\| *select\([^']*\) *)?\|? *\.([a-z_]+)' +"?\$\{?GITHUB_EVENT_PATH\}?"?\)$`)

// answeredAddress resolves an address that begins with one out of the event's
// payload, "${{ github.event.issue.url }}/labels", or that of a file of a release
// out of an answer of GitHub's. Any other stays as it is.
func (in *inferrer) answeredAddress(url value.Value) value.Value {
	if len(url) == 0 {
		return url
	}
	if asset, ok := assetAddress(url); ok {
		return asset
	}
	context := url[0].Context
	if source := url[0].Unknown; context == "" && strings.Contains(source, "GITHUB_EVENT_PATH") {
		if found := eventQuery.FindStringSubmatch(source); found != nil {
			context = "github.event." + found[1]
		} else if found := eventElement.FindStringSubmatch(source); found != nil {
			context = "github.event." + found[1] + "." + found[2]
		}
	}
	if !strings.HasPrefix(context, "github.event.") {
		return url
	}
	var events []string
	if in.job != nil {
		for _, t := range in.job.Root.Triggers {
			events = append(events, t.Event)
		}
	}
	parts, ok := rules.EventAddress(context, events)
	if !ok {
		return url
	}
	var out value.Value
	for _, p := range parts {
		if p.Context != "" {
			out = value.Concat(out, value.Context(p.Context))
		} else {
			out = value.Concat(out, value.Text(p.Text))
		}
	}
	return value.Concat(out, url[1:])
}
