package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// pushOptions are the long options of git push that change what it does.
// Source: https://git-scm.com/docs/git-push
var pushOptions = []string{
	"all", "atomic", "branches", "delete", "dry-run", "exec", "follow-tags", "force", "force-if-includes", "force-with-lease", "ipv4", "ipv6", "mirror",
	"no-follow-tags", "no-force-if-includes", "no-recurse-submodules", "no-signed", "no-tags", "no-thin", "no-verify", "porcelain", "progress", "prune",
	"push-option", "quiet", "receive-pack", "recurse-submodules", "repo", "set-upstream", "signed", "tags", "thin", "verbose", "verify",
}

// inFull writes out the options that words shorten, which git takes as long as
// only one begins so: --tag for --tags. Behind "--" stands none.
func inFull(args []value.Value, options []string) []value.Value {
	out := slices.Clone(args)
	for i, a := range args {
		word, isText := a.Literal()
		if word == "--" {
			break
		}
		name, isLong := strings.CutPrefix(word, "--")
		if !isText || !isLong {
			continue
		}
		name, rest, valued := strings.Cut(name, "=")
		if slices.Contains(options, name) {
			continue
		}
		begin := slices.DeleteFunc(slices.Clone(options), func(o string) bool { return !strings.HasPrefix(o, name) })
		if len(begin) != 1 {
			continue
		}
		full := "--" + begin[0]
		if valued {
			full += "=" + rest
		}
		out[i] = value.Text(full)
	}
	return out
}
