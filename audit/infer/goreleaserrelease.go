package infer

import (
	"cmp"
	"slices"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// noChangelog stands for a changelog that is not made.
const noChangelog = "none"

// changelogs are the ids of what the ways to make a changelog ask of GitHub; git is
// asked for any other one.
// Source: https://goreleaser.com/customization/changelog/
var changelogs = map[string]string{"github": "repos/compare-commits-with-basehead", "github-native": "repos/generate-release-notes"}

// night notes what becomes of the release of a nightly build: there is none unless a
// file of the configuration says so, and then it has a tag of its own.
// Source: https://goreleaser.com/customization/nightlies/
func (p *goreleaserPlan) night(found settings.Goreleaser) {
	p.release = unmade
	for _, file := range found.Files {
		if config, _, ok := file.Config(); ok && isTrue(config.Nightly.Publish) {
			p.release = released
			p.tag = settings.GoreleaserText(cmp.Or(config.Nightly.Tag, "nightly"), nil)
		}
	}
}

// withRelease gives the events of a release that an action or a program makes what
// becomes of it.
func withRelease(uses []*Use, plan goreleaserPlan) {
	for _, u := range uses {
		for i := range u.Operations {
			op := &u.Operations[i]
			if len(plan.tag) > 0 {
				op.Events = tagged(op.Events, plan.tag)
			}
			switch plan.release {
			case unmade:
				plan.unmake(op)
			case unreleased, unsaid:
				op.Events = slices.DeleteFunc(slices.Clone(op.Events), func(e Event) bool { return e.Name == "release" })
			case prereleased:
				op.Events = slices.Clone(op.Events)
				for n, e := range op.Events {
					if e.Name == "release" && e.Type == "released" {
						op.Events[n].Type = "prereleased"
					}
				}
			}
		}
	}
}

// unmake takes the release from an operation, and leaves what the changelog asks for.
func (p goreleaserPlan) unmake(op *Operation) {
	if !slices.Contains(op.Names, makesRelease) {
		return
	}
	op.Names, op.Needs, op.Events = nil, nil, nil
	if slices.Contains(p.log, noChangelog) {
		return
	}
	for _, use := range p.log {
		if asks, ok := rules.OperationByID(changelogs[use]); ok {
			op.Names = append(op.Names, asks.Operation())
			op.Needs = op.Needs.Union(asks.Needs)
		}
	}
}

// tagged returns events of a release and its tag with the name of the tag.
func tagged(events []Event, tag value.Value) []Event {
	out := slices.Clone(events)
	for i, e := range out {
		attributes := map[string]value.Value{"tag": tag}
		if when, ok := e.Attributes["when"]; ok {
			attributes["when"] = when
		}
		out[i].Attributes = attributes
	}
	return out
}
