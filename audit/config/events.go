package config

import (
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/rules"
)

// eventAttributes are what narrows an event.
var eventAttributes = []string{"base", "branch", "head", "tag"}

// events reads the events that something causes.
func (p *parser) events(n *yaml.Node) []rules.Event {
	var out []rules.Event
	words := eventWords()
	for _, element := range p.list(n, "events") {
		text, ok := p.text(element, "an event")
		if !ok {
			continue
		}
		// The word first: a slip in it deserves the nearer answer.
		if word, _, _ := strings.Cut(text, "["); !slices.Contains(words, word) {
			p.fault(element, "no event is called %q%s", word, eventHint(word, words))
			continue
		}
		events, err := rules.ParseEvents(text)
		if err != nil || len(events) != 1 {
			p.fault(element, "%q is no event: say one such as push, push[branch=main] or pull_request.opened", text)
			continue
		}
		for name := range events[0].Attributes {
			if !slices.Contains(eventAttributes, name) {
				p.fault(element, "an event cannot be narrowed by %q%s", name, allowed(name, eventAttributes))
			}
		}
		out = append(out, events...)
	}
	return out
}

// eventHint ends the message about an event that is not known.
func eventHint(word string, words []string) string {
	name, _, _ := strings.Cut(word, ".")
	var typed []string
	for _, w := range words {
		if n, _, _ := strings.Cut(w, "."); n == name {
			typed = append(typed, w)
		}
	}
	if len(typed) > 0 && !strings.Contains(word, ".") {
		return ": its activity type must be said, as in " + typed[0]
	}
	if len(typed) > 0 {
		return allowed(word, typed)
	}
	return allowed(word, words)
}

// eventWords are the events that workflows can listen to, with their types.
func eventWords() []string {
	words := []string{"push:tag", "repository_dispatch", "workflow_dispatch"}
	for event, types := range actionlint.AllWebhookTypes {
		if event == "workflow_dispatch" || event == "repository_dispatch" {
			continue
		}
		if len(types) == 0 {
			words = append(words, event)
		}
		for _, t := range types {
			words = append(words, event+"."+t)
		}
	}
	slices.Sort(words)
	return words
}
