package infer

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

var (
	// definedTags matches the tags of a target in a definition of docker buildx
	// bake, in HCL or in JSON, with what stands in the list.
	// Source: https://docs.docker.com/build/bake/reference/#targettags
	definedTags = regexp.MustCompile(`\btags"?\s*[=:]\s*\[([^\]]*)\]`)
	namedTags   = regexp.MustCompile(`\btags\b`)
	quotedText  = regexp.MustCompile(`"([^"]*)"`)
)

// definedImages are the images that the definitions of a call name. Which targets
// the call builds is not looked at: none are told where any lies in reach, is
// computed, or the call gives others.
func (in *inferrer) definedImages(site *trace.Site, words []string) (out []value.Value) {
	overridden := func(word string) bool { return word == "--set" || strings.HasPrefix(word, "--set=") }
	dir := folder(site.Command.Dir)
	if in.options.Read == nil || strings.HasPrefix(dir, "?") || slices.ContainsFunc(words, overridden) {
		return nil
	}
	for _, definition := range rules.NamedFilesOf(words) {
		for _, name := range definition.Files {
			source, err := in.options.Read(path.Clean(joinFolder(dir, name)))
			if err != nil {
				continue
			}
			lists := definedTags.FindAllSubmatch(source, -1)
			if len(lists) != len(namedTags.FindAll(source, -1)) {
				return nil
			}
			for _, list := range lists {
				for _, quoted := range quotedText.FindAllSubmatch(list[1], -1) {
					image := value.Text(string(quoted[1]))
					if _, ok := in.foreignImage(image); !ok || strings.Contains(string(quoted[1]), "${") {
						return nil
					}
					out = append(out, image)
				}
			}
		}
	}
	return out
}
