package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// namesGitHubImage tells whether a text may name an image on GitHub.
func namesGitHubImage(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "ghcr") || strings.Contains(text, "docker.pkg.github") || strings.Contains(text, ".ghe.com")
}

// lieElsewhere tells whether the images that a text may name lie in another
// registry than GitHub's, in every case.
func (in *inferrer) lieElsewhere(v value.Value) bool {
	for _, alternative := range v.Alternatives() {
		text, ok := in.imageText(alternative)
		if !ok || namesGitHubImage(text) {
			return false
		}
		for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n,'\"", r) }) {
			if !liesElsewhere(word) {
				return false
			}
		}
	}
	return true
}

// openPart stands in a text for what is not known.
const openPart = "\x00"

// imageText writes a value with a mark for each part that is not known. ok is
// false where it holds alternatives that were too many to follow.
func (in *inferrer) imageText(v value.Value) (text string, ok bool) {
	var b strings.Builder
	for _, p := range v {
		text, literal := (value.Value{p}).Literal()
		switch {
		case literal:
			b.WriteString(text)
		case p.OneOf != nil:
			return "", false
		case p.Context == "github.repository":
			b.WriteString("owner/name")
		case strings.HasPrefix(p.Context, "github.") && !strings.HasPrefix(p.Context, "github.event."), in.ofMetadata(p.Unknown):
			// Neither names a registry.
			b.WriteString("x")
		default:
			b.WriteString(openPart)
		}
	}
	return b.String(), true
}

// imageKeys are the keys of a list such as "type=registry,ref=…" whose values
// name images.
var imageKeys = []string{"name", "ref", "registry", "base", "image"}

// liesElsewhere tells whether one word names no image, or one whose registry
// is known: what stands before the first slash, or the tag.
func liesElsewhere(word string) bool {
	if key, rest, ok := strings.Cut(word, "="); ok && !strings.Contains(key, openPart) {
		if !strings.HasPrefix(key, "-") && !slices.Contains(imageKeys, strings.ToLower(key)) {
			return true
		}
		return liesElsewhere(rest)
	}
	if _, rest, ok := strings.Cut(word, "://"); ok {
		word = rest
	}
	known, _, open := strings.Cut(word, openPart)
	return !open || strings.ContainsAny(known, "/:@")
}

// metadataOutput matches an output of a step, and the variables in which
// docker/metadata-action leaves its own, as a script's sources name them.
var metadataOutput = regexp.MustCompile(`^\$\{\{ steps\.([\w-]+)\.outputs\.[\w-]+ \}\}$|^\$\{?DOCKER_METADATA_OUTPUT_\w+\}?$|^\$\(jq [^$]*"?\$\{?DOCKER_METADATA_OUTPUT_JSON\}?"?\s*\)$`)

// ofMetadata tells whether something that is not known is made of what
// docker/metadata-action says, and the job asks that for images of other
// registries alone.
func (in *inferrer) ofMetadata(unknown string) bool {
	sites := in.askedAbout(unknown)
	return len(sites) > 0 && !slices.ContainsFunc(sites, func(site *trace.Site) bool {
		return !in.lieElsewhere(site.Action.Inputs["images"]) || len(site.Action.Inputs["images"]) == 0
	})
}

// askedAbout are the calls of docker/metadata-action that something which is
// not known may be an answer of.
func (in *inferrer) askedAbout(unknown string) (out []*trace.Site) {
	m := metadataOutput.FindStringSubmatch(unknown)
	if m == nil {
		return nil
	}
	for _, site := range in.job.Sites {
		if site.Action != nil && site.Action.Is("docker/metadata-action") && len(site.Hops) == 0 && (m[1] == "" || strings.EqualFold(site.StepID(), m[1])) {
			out = append(out, site)
		}
	}
	return out
}
