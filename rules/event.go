package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Event is something that GitHub does events for: a workflow of the target
// repository may listen to it.
type Event struct {
	// Name is the event as workflows write it under "on": "push",
	// "pull_request", "release".
	Name string
	// Type is the activity type ("opened"), and for a push what is pushed:
	// "" for a branch, "tag" for a tag. "" for an event without types.
	Type string
	// Attributes narrow it: branch, tag, base, label … A value is literal
	// text or a reference such as "input:branch", "flag:--head", "arg:1",
	// then after "|" what holds where that is not given. Nil where nothing
	// is known.
	Attributes map[string]string
}

// ParseEvents reads events: "push:tag,pull_request.opened[base=input:base]".
// A comma stands between events, and inside brackets between attributes.
// The empty text and "-" are no events.
func ParseEvents(text string) ([]Event, error) {
	text = strings.TrimSpace(text)
	if text == "" || text == "-" {
		return nil, nil
	}
	var events []Event
	for _, part := range splitOutside(text) {
		e, err := parseEvent(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}

// splitOutside cuts text at the commas that stand outside brackets.
func splitOutside(text string) []string {
	var parts []string
	inside, start := false, 0
	for i, r := range text {
		switch r {
		case '[':
			inside = true
		case ']':
			inside = false
		case ',':
			if !inside {
				parts = append(parts, text[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, text[start:])
}

func parseEvent(text string) (Event, error) {
	head, attributes, bracket := strings.Cut(text, "[")
	var e Event
	if name, kind, ok := strings.Cut(head, ":"); ok {
		if name != "push" || kind != "tag" {
			return Event{}, fmt.Errorf("event %q: only push takes a colon, as push:tag", text)
		}
		e.Name, e.Type = name, kind
	} else {
		e.Name, e.Type, ok = strings.Cut(head, ".")
		if ok && (!isPermissionName(e.Type) || e.Name == "push") {
			return Event{}, fmt.Errorf("event %q: %q is no activity type of %s", text, e.Type, e.Name)
		}
	}
	if !isPermissionName(e.Name) {
		return Event{}, fmt.Errorf("event %q: want a name such as push or pull_request.opened", text)
	}
	if !bracket {
		return e, nil
	}
	attributes, ok := strings.CutSuffix(attributes, "]")
	if !ok || strings.ContainsAny(attributes, "[]") {
		return Event{}, fmt.Errorf("event %q: want attributes as [name=value,name=value]", text)
	}
	e.Attributes = map[string]string{}
	for attribute := range strings.SplitSeq(attributes, ",") {
		name, value, ok := strings.Cut(attribute, "=")
		_, twice := e.Attributes[name]
		if !ok || !isPermissionName(name) || value == "" || twice || strings.Contains(value, ";") {
			return Event{}, fmt.Errorf("event %q: attribute %q: want name=value, each name once", text, attribute)
		}
		e.Attributes[name] = value
	}
	return e, nil
}

// String returns the form that ParseEvents reads, attributes sorted by name.
func (e Event) String() string {
	text := e.Key()
	if len(e.Attributes) == 0 {
		return text
	}
	var attributes []string
	for _, name := range slices.Sorted(maps.Keys(e.Attributes)) {
		attributes = append(attributes, name+"="+e.Attributes[name])
	}
	return text + "[" + strings.Join(attributes, ",") + "]"
}

// Key returns the event without its attributes: "push:tag", "release.published".
func (e Event) Key() string {
	switch {
	case e.Type == "":
		return e.Name
	case e.Name == "push":
		return e.Name + ":" + e.Type
	}
	return e.Name + "." + e.Type
}
