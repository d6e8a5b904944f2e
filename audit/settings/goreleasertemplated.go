package settings

import (
	"regexp"
	"slices"
	"strings"
)

// goreleaserHarmless are the sections that say what is built and how it is
// packed, or publish elsewhere with credentials of their own: what goes to GitHub,
// and which commands run, is none of theirs but for hooks.
var goreleaserHarmless = []string{
	"version", "project_name", "dist", "builds", "universal_binaries", "archives", "nfpms", "checksum", "snapshot", "changelog", "source", "sboms",
	"gomod", "report_sizes", "git", "metadata", "upx", "dockers", "docker_manifests", "makeselfs", "flatpaks", "dmg", "app_bundles",
	"aurs", "aur_sources", "chocolateys", "snapcrafts", "blobs", "furies",
}

// goreleaserKey matches a key of the outermost mapping.
var goreleaserKey = regexp.MustCompile(`^["']?([a-z_]+)["']?\s*:`)

// Templated returns the sections in which a mark of templates decides what is
// published or run: "#@" for those of ytt, "$" for those of envsubst. Around
// sections ytt has conditions and loops.
func (f GoreleaserFile) Templated(mark string) []string {
	var out []string
	section, depth, runs := "", 0, false
	found := func() {
		if section != "" && (runs || !slices.Contains(goreleaserHarmless, section)) && !slices.Contains(out, section) {
			out = append(out, section)
		}
	}
	for line := range strings.Lines(string(f.Source)) {
		trimmed := strings.TrimSpace(line)
		if m := goreleaserKey.FindStringSubmatch(line); m != nil {
			if section, runs = m[1], false; depth > 0 {
				found()
			}
		}
		if key, _, ok := strings.Cut(strings.TrimPrefix(trimmed, "- "), ":"); ok && slices.Contains([]string{"hooks", "gobinary", "tool"}, key) {
			runs = true
		}
		code, isCode := strings.CutPrefix(trimmed, "#@")
		around := isCode && strings.HasPrefix(line, "#@")
		if strings.Contains(line, mark) && !around {
			found()
		}
		switch word := strings.TrimSpace(strings.TrimPrefix(code, "-")); {
		case !around || mark != "#@":
		case word == "end" || strings.HasPrefix(word, "end "):
			depth--
		case strings.HasSuffix(word, ":") && !strings.HasPrefix(word, "el"):
			depth++
		}
	}
	return out
}
