package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
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
	context := contextOf(url[0])
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

// contextOf is the context that a part holds, or the one with the field of the
// event's payload that a script reads from its file; "" for none.
func contextOf(p value.Part) string {
	if p.Context != "" || !strings.Contains(p.Unknown, "GITHUB_EVENT_PATH") {
		return p.Context
	}
	if found := eventQuery.FindStringSubmatch(p.Unknown); found != nil {
		return "github.event." + found[1]
	}
	if found := eventElement.FindStringSubmatch(p.Unknown); found != nil {
		return "github.event." + found[1] + "." + found[2]
	}
	return ""
}

// addressWord matches the words in the name of an input that say that it is an
// address, urlWord that in its description, and numberWord those that say that a
// number will do. Names are run together: "prurl".
var (
	addressWord = regexp.MustCompile(`^(?:(?:perma)?links?|address(?:es)?|href|uri|[a-z]*urls?)$`)
	urlWord     = regexp.MustCompile(`^urls?$`)
	numberWord  = regexp.MustCompile(`^(?:numbers?|ids?)$`)
)

// isAddressOf tells whether a value is handed in from outside the run, by who
// starts it or as a variable of the settings, under a name or with a description
// that says that it is an address: whose repository stands in that is not known.
// Others are taken for numbers. What a step hands on is the address of what that
// step made here.
func (in *inferrer) isAddressOf(v value.Value) bool {
	for alternative := range v.EachAlternative() {
		if len(alternative) == 1 && in.handsAddress(alternative[0]) {
			return true
		}
	}
	return false
}

// handsAddress is [inferrer.isAddressOf] for one part.
func (in *inferrer) handsAddress(p value.Part) bool {
	if context := contextOf(p); context != "" {
		p = value.Part{Context: context}
	}
	if !isHandedIn(p) {
		return false
	}
	source := sourceOf(p)
	input, described := in.inputOf(source)
	switch {
	case described && (input.Type == "number" || input.Type == "boolean"):
		return false
	case slices.ContainsFunc(nameWords(source), addressWord.MatchString):
		return true
	}
	// "URL or number" is about things of this repository.
	words := nameWords(input.Description)
	return slices.ContainsFunc(words, urlWord.MatchString) && !slices.ContainsFunc(append(words, nameWords(source)...), numberWord.MatchString)
}

// inputOf returns the input of the workflow whose value a source is.
func (in *inferrer) inputOf(source string) (input workflow.Input, ok bool) {
	i := strings.LastIndex(source, "inputs.")
	if i < 0 || in.job == nil {
		return workflow.Input{}, false
	}
	name := strings.TrimSuffix(strings.TrimSpace(source[i+len("inputs."):]), " }}")
	for _, w := range []*workflow.Workflow{in.job.File, in.job.Root} {
		if n := slices.IndexFunc(w.Inputs, func(i workflow.Input) bool { return strings.EqualFold(i.Name, name) }); n >= 0 {
			return w.Inputs[n], true
		}
	}
	return workflow.Input{}, false
}
