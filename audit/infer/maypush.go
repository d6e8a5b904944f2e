package infer

import (
	"regexp"
	"slices"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// mayPush tells whether a site pushes images, or does something with them that is
// not known.
func mayPush(site *trace.Site) bool {
	switch {
	case site.Pushes || site.Unread != nil || site.Registry != nil:
		return true
	case site.Call != nil || site.Service != nil:
		return false
	case site.Followed:
		return followedImages(site) == usesAny
	case site.Action != nil:
		return pushesImages(site) || actionMayPush(site.Action)
	case site.Command != nil && len(site.Command.Args) > 0:
		return pushesImages(site) || commandMayPush(site.Command)
	}
	return false
}

// pushWords matches what makes a build push what it made, or a cache of it.
var pushWords = regexp.MustCompile(`push|registry`)

// actionMayPush tells whether an action that is not asked to push may do so by its
// other inputs.
func actionMayPush(a *trace.Action) bool {
	work, ok := rules.ActionImages(a.Name)
	by, pushes := rules.ActionPusher(a.Name)
	if !ok || !pushes {
		return !ok
	}
	for name, v := range a.Inputs {
		_, known := v.Literal()
		if name != by.If && name != by.Images && (slices.Contains(work.Inputs, name) && !known || pushWords.MatchString(v.String())) {
			return true
		}
	}
	return false
}

// lends matches the words by which a container is given files of the machine, and
// with them its logins.
var lends = regexp.MustCompile(`(?:^|\s)(?:-v|--volume|--mount)\b|\.docker\b`)

// commandMayPush is [actionMayPush] for a command. What is not known among its
// words may be what makes a build push, but starts no program.
func commandMayPush(c *trace.Command) bool {
	words, _ := c.Words()
	work, ok := rules.CommandImages(words)
	all := value.Concat(c.Stdin)
	for _, a := range c.Args {
		all = value.Concat(all, value.Text(" "), a)
	}
	text := all.Mask().Text
	switch {
	case !ok:
		return true
	case work.Builds:
		return pushWords.MatchString(text) || slices.ContainsFunc(c.Args, func(v value.Value) bool { return len(v) == 1 && v[0].Unknown != "" })
	case words[0] == "docker":
		return lends.MatchString(text)
	}
	return startsDocker.MatchString(text)
}
