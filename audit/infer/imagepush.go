package infer

import (
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// imageOwners looks for the images that are pushed by the job's logins to
// GitHub's registry of containers: one that belongs to another owner is out of
// GITHUB_TOKEN's reach, whatever else is pushed. Which login serves a push is
// only told of the last one before it, and where it runs whenever the push
// does, as far as their conditions show.
func (in *inferrer) imageOwners() {
	if len(in.options.Assumed) > 0 || !slices.ContainsFunc(in.uses, isRegistryLogin) {
		return
	}
	logins := map[*trace.Site]bool{}
	for _, u := range in.uses {
		logins[u.Site] = logins[u.Site] || isRegistryLogin(u)
	}
	for _, u := range in.uses {
		at := slices.Index(in.job.Sites, u.Site)
		if !isRegistryLogin(u) || at < 0 {
			continue
		}
		var foreign []Target
		seen := false
		for _, site := range in.job.Sites[at+1:] {
			if logins[site] || says(site, "logout") {
				break
			}
			seen = seen || pushesImages(site) && sharesLogin(u.Site, site)
			images := in.pushedImages(site)
			if len(images) == 0 || !sharesLogin(u.Site, site) || !site.Under(u.Site.Guards) {
				continue
			}
			for _, image := range images {
				if t, ok := in.foreignImage(image); ok && !slices.Contains(foreign, t) {
					foreign = append(foreign, t)
				}
			}
		}
		if len(foreign) > 0 {
			u.Operations[0].Targets = foreign
		}
		if !seen {
			unseen(&u.Operations[0])
		}
	}
}

// Unseen is the attribute of an event of which it is not seen that anything
// causes it: a login is for pulling as well as for pushing.
const Unseen = "unseen"

// unseen marks the events of a login that nothing is seen to push with.
func unseen(op *Operation) {
	op.Events = slices.Clone(op.Events)
	for i, e := range op.Events {
		e.Attributes = maps.Clone(e.Attributes)
		if e.Attributes == nil {
			e.Attributes = map[string]value.Value{}
		}
		e.Attributes[Unseen] = value.Text("true")
		op.Events[i] = e
	}
}

// pushesImages tells whether a site is one that pushes images, whichever.
func pushesImages(site *trace.Site) bool {
	switch {
	case site.Action != nil:
		p, ok := rules.ActionPusher(site.Action.Name)
		return ok && (p.If == "" || len(site.Action.Inputs[p.If]) > 0 && !strings.EqualFold(site.Action.Inputs[p.If].LiteralOr(""), "false"))
	case site.Command != nil && len(site.Command.Args) > 0:
		words, _ := site.Command.Words()
		p, ok := rules.CommandPusher(words)
		return ok && p.Pushes(words)
	}
	return false
}

// isRegistryLogin tells whether a use is a login to GitHub's registry of
// containers, of which it is not known for which image, and that may push.
func isRegistryLogin(u *Use) bool {
	if len(u.Operations) != 1 || len(u.Unknowns) > 0 || !slices.Contains(u.Operations[0].Names, "registry push") || !says(u.Site, "login") {
		return false
	}
	targets := u.Operations[0].Targets
	return len(targets) == 1 && targets[0].Kind == Registry && targets[0].Text == githubImages
}

// says tells whether the name of an action holds a word, or the beginning of a
// command is one.
func says(site *trace.Site, word string) bool {
	if site.Action != nil {
		return strings.Contains(site.Action.Name, word)
	}
	if site.Command == nil {
		return false
	}
	words, _ := site.Command.Words()
	return slices.Contains(words[:min(len(words), 3)], word)
}

// ownLogins are the programs whose logins others do not find, each with those
// that do.
var ownLogins = map[string][]string{
	"helm": {"helm"}, "podman": {"podman", "buildah", "skopeo"}, "buildah": {"podman", "buildah", "skopeo"}, "skopeo": {"podman", "buildah", "skopeo"},
	"redhat-actions/podman-login": {"podman", "buildah", "skopeo"},
}

// sharesLogin tells whether what pushes at one site finds the login of
// another: all read docker's.
func sharesLogin(login, push *trace.Site) bool {
	first := func(s *trace.Site) string {
		if s.Action != nil {
			return s.Action.Name
		}
		words, _ := s.Command.Words()
		return words[0]
	}
	by, own := ownLogins[first(login)]
	return !own || slices.Contains(by, first(push))
}

// pushedImages are the images that a site is seen to push.
func (in *inferrer) pushedImages(site *trace.Site) []value.Value {
	switch {
	case !pushesImages(site):
		return nil
	case site.Action != nil:
		p, _ := rules.ActionPusher(site.Action.Name)
		return in.imageList(site.Action.Inputs[p.Images])
	case site.Command != nil && len(site.Command.Args) > 0:
		words, _ := site.Command.Words()
		p, _ := rules.CommandPusher(words)
		if name, ok := strings.CutPrefix(p.Images, "env:"); ok {
			v, _ := site.Env.Lookup(name)
			return in.imageList(v)
		}
		if p.Images == "files" {
			return in.definedImages(site, words)
		}
		return imageWords(site.Command.Args, p.Images)
	}
	return nil
}

// imageWords are the words of a command that name what it pushes.
func imageWords(args []value.Value, where string) (out []value.Value) {
	for i, a := range args {
		text := a.String()
		tag, joined := strings.CutPrefix(text, "--tag=")
		switch {
		case where != "tags" && i > 0 && namesGitHubImage(text):
			out = append(out, a)
		case where == "tags" && joined:
			masked := a.Mask()
			out = append(out, masked.Table.Value(strings.TrimPrefix(masked.Text, "--tag=")))
		case where == "tags" && tag != "" && (text == "-t" || text == "--tag") && i+1 < len(args):
			out = append(out, args[i+1])
		}
	}
	switch {
	case len(out) == 0 || where == "tags":
		return out
	case where == "first":
		return out[:1]
	case !out[len(out)-1].Equal(args[len(args)-1]):
		// What comes last is of another place.
		return nil
	}
	return out[len(out)-1:]
}

// imageList are the images of an input: one on each line, or between commas,
// or those that docker/metadata-action was asked about.
func (in *inferrer) imageList(v value.Value) (out []value.Value) {
	if len(v) == 1 && v[0].Unknown != "" {
		for _, site := range in.askedAbout(v[0].Unknown) {
			out = append(out, in.imageList(site.Action.Inputs["images"])...)
		}
		return out
	}
	masked := v.Mask()
	for word := range strings.FieldsFuncSeq(masked.Text, func(r rune) bool { return strings.ContainsRune(" \t\r\n,", r) }) {
		out = append(out, masked.Table.Value(strings.TrimPrefix(word, "name=")))
	}
	return out
}

// foreignImage resolves an image that surely lies in GitHub's registry and
// belongs to another owner than the repository does. An owner that is known
// of some values alone, or that something may choose, is not.
func (in *inferrer) foreignImage(v value.Value) (t Target, ok bool) {
	for _, alternative := range v.Alternatives() {
		masked := alternative.Mask()
		text := masked.Text
		for _, scheme := range []string{"docker://", "oci://"} {
			text = strings.TrimPrefix(text, scheme)
		}
		t = in.image(masked.Table.Value(text))
		if !t.OtherOwner || t.Owner == "" {
			return Target{}, false
		}
	}
	return t, true
}
