package decide

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// presence says what of a tag is there already.
type presence int

const (
	absent presence = iota
	tagThere
	releaseThere
)

// Patterns for the sources of values that are what a step hands on, and what
// commands print that name tags which are there. A fallback behind them, or
// anything that changes what they print, is none.
var (
	handedOn    = regexp.MustCompile(`^\$\{\{ steps\.([\w-]+)\.outputs\.([\w-]+) \}\}$`)
	describes   = regexp.MustCompile(`^\$\(git describe((?: +(?:--tags|--abbrev=0|--exact-match|--first-parent|--match[= ][^\s()|]+|--exclude[= ][^\s()|]+|HEAD))+|(?: +--tags| +--abbrev=0)+ +"?\$\(git rev-list --tags(?:=[^\s()|]+)? --max-count=1\)"?)(?: +2> ?/dev/null)?\)$`)
	listsTags   = regexp.MustCompile(`^\$\(git tag(?: +(?:-l|--list|--sort[= ][^\s()|]+|--merged|--points-at HEAD|HEAD|'[^'|]*'|"[^"$|]*"))* *(?:\| *(?:sort|head|tail)(?: +-[\w.=:,-]+| +[0-9]+)* *)+\)$`)
	viewsLatest = regexp.MustCompile(`^\$\(gh release view(?: +(?:--json tagName|(?:--jq|-q) ['"]?\.tagName['"]?))+\)$`)
)

// there tells what is there already of a tag that only the run tells: an output
// of an action that names such a one, or what git or gh says of it. It is wrong
// where the repository has no tag at all, which such actions and commands say
// in no other way than by an empty name.
func (d *decider) there(j *jobView, u *infer.Use, tag value.Value) presence {
	if len(tag) == 0 || u.Site == nil || deletes(j) {
		return absent
	}
	found := releaseThere
	for _, one := range tag.Alternatives() {
		if len(one) == 2 && one[0].Text == "refs/tags/" {
			one = one[1:]
		}
		if len(one) != 1 {
			return absent
		}
		found = min(found, d.sourceThere(j, u, one[0].Unknown))
	}
	return found
}

// sourceThere tells the same of the source of a value.
func (d *decider) sourceThere(j *jobView, u *infer.Use, source string) presence {
	if m := handedOn.FindStringSubmatch(source); m != nil {
		return d.outputThere(j, m[1], strings.ToLower(m[2]))
	}
	switch {
	case viewsLatest.MatchString(source):
		return d.printed(j, u, "gh release", releaseThere)
	case describes.MatchString(source) && (strings.Contains(source, "--abbrev=0") || strings.Contains(source, "--exact-match") || strings.Contains(source, "rev-list")):
		return d.printed(j, u, "git describe", tagThere)
	case listsTags.MatchString(source):
		return d.printed(j, u, "git tag", tagThere)
	}
	return absent
}

// comesBefore are the jobs whose steps a value may come from: the job itself and
// those that it needs, directly or not.
func (d *decider) comesBefore(j *jobView) []*infer.Job {
	return slices.DeleteFunc(slices.Clone(d.inferred), func(other *infer.Job) bool {
		return other != j.Job && !needed(j.Job.Job, other.Job)
	})
}

// outputThere tells what is there of the tag that an output of a step names. The
// output may be one that a job before hands on, where a step may have the same
// name: all of them must name such a tag.
func (d *decider) outputThere(j *jobView, id, output string) presence {
	found, named := releaseThere, false
	for _, job := range d.comesBefore(j) {
		if job != j.Job && !handsOn(job, id) {
			continue
		}
		steps := 0
		for _, s := range job.Job.Job.Steps {
			if strings.EqualFold(s.ID.Value, id) {
				steps++
			}
		}
		for _, s := range job.Sites {
			inner, within := s.InnerID()
			if within && strings.EqualFold(inner, id) {
				return absent
			}
			if within || s.Action == nil || !strings.EqualFold(s.StepID(), id) {
				continue
			}
			steps--
			found, named = min(found, madeBy(job, s, output)), true
		}
		if steps != 0 {
			return absent
		}
	}
	if !named {
		return absent
	}
	return found
}

// handsOn tells whether an output of a job is made of what a step of it hands on.
func handsOn(job *infer.Job, id string) bool {
	return slices.ContainsFunc(job.Job.Job.Outputs, func(b workflow.Binding) bool {
		return strings.Contains(strings.ToLower(b.Value.Value), strings.ToLower(id))
	})
}

// madeBy tells what is there of the tag that an output of an action names.
func madeBy(job *infer.Job, s *trace.Site, output string) presence {
	from, ok := rules.TagOutput(s.Action.Name, output, func(name string) (text string, known, set bool) {
		v, set := s.Action.Inputs[strings.ToLower(name)]
		if v.IsContext("github.repository") {
			return "${{ github.repository }}", true, true
		}
		text, known = v.Literal()
		return text, known, set
	})
	switch {
	case !ok:
		return absent
	case from == rules.TagOfRelease:
		return releaseThere
	case from == rules.TagOfCheckout && madeLocally(job, s):
		return absent
	case from != rules.TagMade:
		return tagThere
	}
	found := absent
	for _, u := range job.Uses {
		if u.Site != s {
			continue
		}
		for _, op := range u.Operations {
			for _, e := range op.Events {
				switch {
				case !ownTargets(op):
				case e.Key() == "release.published":
					found = releaseThere
				case makesTag(e) && !e.Doubted:
					found = max(found, tagThere)
				}
			}
		}
	}
	return found
}

// printed tells what is there of a tag that a command prints, by its first two
// words: where every such call of the jobs at hand runs in the checkout of this
// repository, or asks GitHub about it, and nothing before it makes a tag that
// only the checkout has.
func (d *decider) printed(j *jobView, u *infer.Use, words string, there presence) presence {
	found := absent
	for _, job := range d.comesBefore(j) {
		for _, s := range job.Sites {
			if job == j.Job && s == u.Site {
				break
			}
			if !calls(s, words) || makesLocalTag(s) {
				continue
			}
			if _, other := s.Env.Lookup("GH_REPO"); other && there == releaseThere || fallsBack(s, words) {
				return absent
			}
			if there == tagThere && (len(s.Command.Dir) > 0 && !s.Command.Dir.IsContext("github.workspace") || madeLocally(job, s)) {
				return absent
			}
			found = there
		}
	}
	return found
}

// fallsBack tells whether something stands in for a command of a step's script
// where that fails, or the script does not show it: what is printed in its place
// stands behind it.
func fallsBack(s *trace.Site, command string) bool {
	shown := false
	for line := range strings.Lines(strings.ReplaceAll(s.Script().Value, "\\\n", " ")) {
		if strings.Contains(line, command) {
			if shown = true; strings.Contains(line, "||") {
				return true
			}
		}
	}
	return !shown
}

// calls tells whether a site is a command that begins with two words.
func calls(s *trace.Site, begin string) bool {
	if s.Command == nil {
		return false
	}
	words, _ := s.Command.Words()
	return len(words) > 1 && words[0]+" "+words[1] == begin
}

// madeLocally tells whether what stands before a site in its job may have made a
// tag that only the checkout has: git, a program that is known to, or code that
// is not read. A checkout of another repository, or what is fetched from one, has
// that one's tags.
func madeLocally(job *infer.Job, at *trace.Site) bool {
	for _, s := range job.Sites {
		if s == at {
			break
		}
		if s.Unread != nil || makesLocalTag(s) || fetchesOther(s) || !harmless(s) {
			return true
		}
		if s.Action != nil && s.Action.Is("actions/checkout") {
			if own := s.Action.Inputs["repository"]; len(own) > 0 && !own.IsContext("github.repository") {
				return true
			}
		}
		if slices.ContainsFunc(job.Uses, func(u *infer.Use) bool { return u.Site == s && len(u.Unknowns) > 0 }) {
			return true
		}
	}
	return false
}

// ofVersions matches words of commands that may be there to make a version.
var ofVersions = regexp.MustCompile(`(?i)\b(?:bump|publish|release|semver|tag|version)`)

// clients are the programs that ask GitHub by what their words say, and nothing else.
var clients = []string{"git", "gh", "curl", "wget"}

// harmless tells whether a command is one of git or an HTTP client, known to do
// nothing with a repository, or of a script whose own commands are looked at;
// and whether an action is known.
func harmless(s *trace.Site) bool {
	if s.Action != nil && !s.Followed {
		_, known := rules.Action(s.Action.Name)
		return known
	}
	if s.Command == nil || s.Followed {
		return true
	}
	words, _ := s.Command.Words()
	if len(words) == 0 || slices.Contains(clients, words[0]) {
		return true
	}
	info, known := s.Command.Program()
	return known && !ofVersions.MatchString(strings.Join(words, " ")) && !slices.ContainsFunc(info.Uses, func(u rules.ProgramUse) bool {
		return u.Answer != rules.AnswerQuiet && u.Answer != rules.AnswerOther
	})
}

// listsOnly are the flags with which git tag makes none.
var listsOnly = regexp.MustCompile(`^(?:-l|--list|-n[0-9]*|--(?:sort|merged|points-at|contains|format|column)\b.*|-d|--delete|-v|--verify)$`)

// makesLocalTag tells whether a command makes a tag in the checkout.
func makesLocalTag(s *trace.Site) bool {
	if s.Command == nil {
		return false
	}
	words, _ := s.Command.Words()
	if rules.MakesTag(words) {
		return true
	}
	at := slices.Index(words, "tag")
	return at > 0 && words[0] == "git" && at < len(words)-1 && !slices.ContainsFunc(words[at+1:], listsOnly.MatchString)
}

// fetchesOther tells whether a command may bring in tags of another repository:
// it names another remote, or fetches from one.
func fetchesOther(s *trace.Site) bool {
	if s.Command == nil {
		return false
	}
	words, _ := s.Command.Words()
	if len(words) < 3 || words[0] != "git" {
		return false
	}
	switch words[1] {
	case "remote":
		return words[2] == "add" || words[2] == "set-url"
	case "fetch", "pull":
		at := slices.IndexFunc(words[2:], func(w string) bool { return !strings.HasPrefix(w, "-") })
		return at >= 0 && words[2+at] != "origin" || slices.Contains(words, "--all")
	}
	return false
}

// ownTargets tells whether an operation acts on this repository alone.
func ownTargets(op infer.Operation) bool {
	return len(op.Targets) > 0 && !slices.ContainsFunc(op.Targets, func(t infer.Target) bool { return t.Kind != infer.Self })
}

// isThere tells whether an event is that of making a tag where it is missing, or
// a release that may be new, while it is there already.
func (d *decider) isThere(j *jobView, u *infer.Use, op infer.Operation, e infer.Event) bool {
	when, tag := e.Attributes["when"].LiteralOr(""), e.Attributes["tag"]
	switch {
	case !ownTargets(op):
		return false
	case makesTag(e):
		return when == "missing" && d.there(j, u, tag) >= tagThere
	case e.Name == "release" && slices.Contains(publishes, e.Type):
		return when == "" && d.there(j, u, tag) == releaseThere
	}
	return false
}
