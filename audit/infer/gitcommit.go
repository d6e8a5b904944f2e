package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// tag notes `git tag NAME`.
func (c gitCall) tag() {
	if hasFlag(c.args, "-d", "--delete") {
		c.tree.named = nil
		return
	}
	if hasFlag(c.args, "-l", "--list", "--sort", "--points-at", "--contains", "--merged", "-v") {
		return
	}
	var operands []value.Value
	for i := 0; i < len(c.args) && len(operands) == 0; i++ {
		switch word := c.args[i].String(); {
		case tagValued.MatchString(word):
			i++
		case !strings.HasPrefix(word, "-"):
			operands = append(operands, c.args[i])
		}
	}
	if len(operands) > 0 {
		c.tree.tags = append(c.tree.tags, operands[0])
		annotated := slices.ContainsFunc(c.args, func(v value.Value) bool { return annotates.MatchString(v.String()) })
		if annotated {
			c.tree.annotated = append(c.tree.annotated, operands[0])
		}
		c.tree.makesNamed(madeTag{operands[0], annotated, c.site})
		c.tree.heavy = c.tree.heavy || !lightweight(c.args)
	}
}

// tagValued matches the flags of git tag that have a value in the word behind
// them, the short ones alone or together with others.
var tagValued = regexp.MustCompile(`^(-[a-z]*[mFu]|--message|--file|--local-user|--cleanup|--format|--trailer)$`)

// annotates matches the flags with which git makes an annotated tag.
var annotates = regexp.MustCompile(`^(-[a-z]*[asmFu]|--annotate|--sign|--message\b.*|--file\b.*|--local-user\b.*)$`)

// versioned notes the commit and the tag that a program makes of a new version.
func (in *inferrer) versioned(site *trace.Site) {
	words, _ := site.Command.Words()
	if !rules.MakesCommit(words) {
		return
	}
	t := in.session.tree(folder(site.Command.Dir))
	t.open, t.committed, t.message, t.loose = true, true, nil, true
	if rules.MakesTag(words) && len(t.annotated) < maxTrees {
		t.annotated = append(t.annotated, in.versionTag(site, words))
		t.makesNamed(madeTag{in.namedVersion(site), true, site})
	}
}

// wholeVersion matches a version that a call names.
var wholeVersion = regexp.MustCompile(`^v?([0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?)$`)

// versionTag is the tag that a program makes of a new version, as far as it is
// known: "v" and the version, unless the settings say what stands there. Settings
// of the machine or of another folder are not seen.
func (in *inferrer) versionTag(site *trace.Site, words []string) value.Value {
	unknown := value.Unknown("a tag")
	settings, files, ok := rules.VersionTag(words)
	if !ok || in.options.Read == nil || slices.Contains(words, "-t") {
		return unknown
	}
	if in.changesTag(site, settings, files) {
		return unknown
	}
	for _, w := range words[1:] {
		if m := wholeVersion.FindStringSubmatch(w); m != nil {
			return value.Text("v" + m[1])
		}
	}
	return value.Concat(value.Text("v"), versionNumber())
}

// changesTag tells whether a tag may be made in another way by one of some settings,
// which stand in files or where [inferrer.setsTagPrefix] looks.
func (in *inferrer) changesTag(site *trace.Site, settings, files []string) bool {
	return slices.ContainsFunc(settings, func(setting string) bool {
		return in.setsTagPrefix(site, setting) || slices.ContainsFunc(files, func(file string) bool {
			source, err := in.readConfig(site, file)
			return err == nil && strings.Contains(string(source), setting)
		})
	})
}

// setsTagPrefix tells whether the job may set what stands before the version in
// a tag: a flag of the call, an earlier command, or a variable.
func (in *inferrer) setsTagPrefix(site *trace.Site, key string) bool {
	if _, set := site.Env.LookupFold("npm_config_" + strings.ReplaceAll(key, "-", "_")); set {
		return true
	}
	return in.jobMentions(key) || slices.ContainsFunc(in.job.Sites, func(s *trace.Site) bool {
		return s.Command != nil && slices.ContainsFunc(s.Command.Args, func(a value.Value) bool { return strings.Contains(a.String(), key) })
	})
}

// crateTags says what tags a call of cargo-release makes where the project is one
// crate, and its settings leave the tag's name as it is: "v" and the version.
func (in *inferrer) crateTags(site *trace.Site, info *rules.ProgramInfo, op *Operation) {
	if info.Name != "cargo release" && info.Name != "cargo-release" {
		return
	}
	crate, err := in.readConfig(site, "Cargo.toml")
	text := string(crate)
	if err != nil || !strings.Contains(text, "[package]") || strings.Contains(text, "[workspace") {
		return
	}
	if _, set := info.Lookup("config"); set {
		return
	}
	for _, name := range []string{"release.toml", ".release.toml"} {
		own, _ := in.readConfig(site, name)
		text += string(own)
	}
	if in.jobMentions("tag-name", "tag-prefix") || strings.Contains(text, "tag-name") || strings.Contains(text, "tag-prefix") {
		return
	}
	for i, e := range op.Events {
		if e.Key() == "push:tag" {
			op.Events[i].Attributes = map[string]value.Value{"tag": value.Concat(value.Text("v"), versionNumber())}
		}
	}
}

// jobMentions tells whether the job's text holds one of some words.
func (in *inferrer) jobMentions(words ...string) bool {
	text := in.jobText()
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}

// add notes which files will be committed.
func (c gitCall) add() {
	c.sparesWorkflows(true)
	if hasFlag(c.args, "-A", "--all", "-u", "--update") {
		c.tree.open = true
	}
	for _, o := range operandsOf(c.args) {
		c.stage(o)
	}
}

func (c gitCall) commit() {
	if hasFlag(c.args, "--dry-run", "--short", "--porcelain", "--long") {
		return // it tells what it would commit
	}
	c.sparesWorkflows(slices.ContainsFunc(c.args, func(v value.Value) bool { return v.String() == "--all" || shortAll.MatchString(v.String()) }))
	var message value.Value
	for i, a := range c.args {
		word := a.String()
		switch {
		case strings.HasPrefix(word, "--message="):
			text := slices.Clone(a)
			text[0].Text = strings.TrimPrefix(text[0].Text, "--message=")
			message = value.Concat(message, text, value.Text("\n"))
		case (word == "-m" || word == "--message" || shortMessage.MatchString(word)) && i+1 < len(c.args):
			message = value.Concat(message, c.args[i+1], value.Text("\n"))
		}
		if word == "--all" || shortAll.MatchString(word) {
			c.tree.open = true
		}
	}
	c.commitPaths()
	c.tree.covered()
	if kept := hasFlag(c.args, "--amend") && !hasFlag(c.args, "-F", "--file", "-C", "-c", "--reuse-message", "--reedit-message"); len(message) > 0 || !kept {
		c.tree.message, c.tree.wrote = message, len(message) > 0
	}
	c.tree.made, c.tree.committed = c.site, true
}

// skipsRuns are the marks in a commit's message that keep push and
// pull_request workflows from running, with any token.
// The last two are trailers, and none in the first line.
var skipsRuns = []string{"[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]", "\nskip-checks: true", "\nskip-checks:true"}

// skipped tells whether a message surely has one of the marks.
func skipped(message value.Value) bool {
	return len(message) > 0 && !slices.ContainsFunc(message.Alternatives(), func(v value.Value) bool {
		text := strings.ToLower(v.String())
		return !slices.ContainsFunc(skipsRuns, func(mark string) bool { return strings.Contains(text, mark) })
	})
}

// said is a message as the payload of its push has it, without the line's end.
func said(message value.Value) value.Value {
	if len(message) == 0 || !strings.HasSuffix(message[len(message)-1].Text, "\n") {
		return message
	}
	last := strings.TrimRight(message[len(message)-1].Text, "\n")
	return value.Concat(message[:len(message)-1], value.Text(last))
}

// shortMessage and shortAll match the short flags of git commit, alone or
// together with others, that give the message and that add all changes.
var (
	shortMessage = regexp.MustCompile(`^-[a-z]*m$`)
	shortAll     = regexp.MustCompile(`^-[a-z]*a[a-z]*$`)
)
