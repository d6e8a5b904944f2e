package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// assumedImages notes what a command does in GitHub's registry of containers
// where a token is assumed: it goes by what a login has stored, and where the
// question is about the command alone that would be a login with this token.
// In an audit the login is what the token is used for.
func (in *inferrer) assumedImages(site *trace.Site) {
	if len(in.options.Assumed) == 0 || len(site.Command.Args) < 2 {
		return
	}
	images, access := slices.DeleteFunc(in.pushedImages(site), func(v value.Value) bool { return !namesGitHubImage(v.String()) }), rules.AccessWrite
	if len(images) == 0 {
		if words, _ := site.Command.Words(); !slices.Contains(words[1:min(len(words), 3)], "pull") {
			return
		}
		images, access = imageWords(site.Command.Args, "first"), rules.AccessRead
	}
	if len(images) == 0 {
		return
	}
	e := rules.Effect{
		Operations: []string{"registry pull"}, Needs: needs("packages:" + access), Answer: rules.AnswerConditional, Reasons: []string{"package-access"}, Confidence: "high",
		Source: "https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry",
	}
	if access == rules.AccessWrite {
		e.Operations, e.Events = []string{"registry push"}, []rules.Event{{Name: "registry_package", Type: "published"}}
	}
	op := in.effect(e, func(string) (value.Value, bool) { return nil, false }, nil, site.Place())
	op.Targets = nil
	for _, image := range images {
		masked := image.Mask()
		op.Targets = append(op.Targets, in.image(masked.Table.Value(strings.TrimPrefix(strings.TrimPrefix(masked.Text, "oci://"), "docker://"))))
	}
	in.use(site, in.options.Assumed, commandWords(site.Command), func(u *Use) { u.Reads, u.Operations = true, []Operation{op} })
}
