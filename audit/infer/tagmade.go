package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// madeTag is a tag that the job makes in a working tree.
type madeTag struct {
	// name is what it is called, as the words of the command say it.
	name value.Value
	// annotated says that it goes along with its commit.
	annotated bool
	// by makes it.
	by *trace.Site
}

// makesNamed notes a tag whose name the code says.
func (t *tree) makesNamed(tag madeTag) {
	if len(tag.name) > 0 && len(t.named) < maxTrees {
		t.named = append(t.named, tag)
	}
}

// landing are the tags that a push of all of them, or of those that go along with
// their commits, surely brings: the code that makes them has run before it. A push
// of other commits than those of the branch may leave the latter behind.
func (c gitCall) landing(refs []value.Value) []value.Value {
	all := hasFlag(c.args, "--tags")
	if !all && len(refs) > 0 && refs[0].String() != "HEAD" && !refs[0].Equal(c.tree.branch) {
		return nil
	}
	var out []value.Value
	for _, tag := range c.tree.named {
		if (all || tag.annotated) && c.site.RunsAfter(tag.by) {
			out = append(out, tag.name)
		}
	}
	return out
}

// versionFlags matches the flags with which npm tags a version as it does without
// them; messages are those with a value in the word behind them.
var (
	versionFlags = regexp.MustCompile(`^(?:--allow-same-version|--force|-f|--sign-git-tag|--no-commit-hooks|--message=.*|-m=.*)$`)
	messages     = regexp.MustCompile(`^(?:--message|-m)$`)
)

// namedVersion is the tag that npm makes of a version which its call names without
// saying it: "v" before the variable. One that is none ("patch") would give the tag
// another name; nobody then calls a tag "v" and that word. Below the folder of the
// repository npm makes no tag.
// Source: https://docs.npmjs.com/cli/commands/npm-version
func (in *inferrer) namedVersion(site *trace.Site) value.Value {
	words, table := site.Command.Words()
	if len(words) < 3 || words[0] != "npm" && words[0] != "pnpm" || words[1] != "version" || folder(site.Command.Dir) != "." || in.options.Read == nil {
		return nil
	}
	var version value.Value
	for i := 2; i < len(words); i++ {
		switch {
		case messages.MatchString(words[i]):
			i++
		case versionFlags.MatchString(words[i]):
		case strings.HasPrefix(words[i], "-") || len(version) > 0:
			return nil
		default:
			version = withoutPrefix(table.Value(words[i]), "v")
		}
	}
	settings, files, ok := rules.VersionTag(words)
	if !ok || in.changesTag(site, append(slices.Clone(settings), "git-tag-version"), files) {
		return nil
	}
	if text, known := version.Literal(); known && !wholeVersion.MatchString(text) {
		return nil
	}
	return value.Concat(value.Text("v"), version)
}
