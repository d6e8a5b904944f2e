package decide

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// remarked adds what the comments beside a reference say against
// GITHUB_TOKEN: whoever wrote them may know what the code does not show. They
// may be out of date. They never speak for GITHUB_TOKEN, and not where the
// code itself does against it. What a comment says of credentials that a
// checkout stores, and the code does not show, may be done unseen.
//
// Verdict is that of the code; what is found goes to total.
func (d *decider) remarked(ref trace.Reference, uses []*ruled, verdict audit.Verdict, total *ruling) {
	state := rules.RemarkKnown
	switch verdict {
	case audit.VerdictNotReplaceable:
		return
	case audit.VerdictUnknown:
		state = rules.RemarkUnread
	}
	w := d.repository.Workflow(ref.Span.File)
	if w == nil {
		return
	}
	comments := commentsBeside(d.linesOf(w), ref.Span.Line)
	if state == rules.RemarkUnread {
		comments = slices.Concat(comments, besidePersisting(d.linesOf(w), ref.Span.Line), d.preamble(w, ref))
	}
	var lines []listener
	if len(comments) > 0 && state == rules.RemarkKnown {
		lines = d.forPresumed(uses)
	}
	for _, c := range comments {
		c.place.File = ref.Span.File
		if remark, ok := rules.RemarkIn(rules.RemarkUnread, c.text); ok && len(lines) > 0 {
			total.against(remark.Reason, fmt.Sprintf("a comment says that %s, and the branch may be one that %s listens to", remark.Detail, names(lines)), append([]audit.Place{c.place}, evidence(lines)...))
			return
		}
		if remark, ok := rules.RemarkIn(state, c.text); ok && !(remark.Reason == "protected-branch" && tagsAlone(uses) && !aboutTags.MatchString(c.text)) {
			total.add(remark.Verdict, remark.Reason, "a comment says that "+remark.Detail, []audit.Place{c.place})
			return
		}
		if remark, ok := rules.RemarkIn(rules.RemarkUnread, c.text); ok && verdict == audit.VerdictReplaceable && slices.ContainsFunc(uses, stores) {
			total.open("unread", "a comment says that "+remark.Detail+", and nothing that was read shows it: find out what git does with the stored token", []audit.Place{c.place})
			return
		}
	}
	if state == rules.RemarkKnown {
		return
	}
	d.keptToPush(ref, comments, uses, total)
	for _, c := range append(comments, titles(uses)...) {
		if repository, code := d.mentioned(c.text); repository != "" {
			c.place.File = cmp.Or(c.place.File, ref.Span.File)
			total.against(code, fmt.Sprintf("%s says that it writes to %s, and GITHUB_TOKEN reaches this repository only", c.what, repository), []audit.Place{c.place})
			return
		}
	}
}

// saidToBeGitHub tells whether a comment beside a reference says why GITHUB_TOKEN
// is not enough there: then the secret is what stands in its place. So it is
// where a script writes it down as a variable that takes GitHub's token.
func (d *decider) saidToBeGitHub(ref trace.Reference) bool {
	w := d.repository.Workflow(ref.Span.File)
	if w == nil {
		return false
	}
	line := at(d.linesOf(w), ref.Span.Line)
	if m := asVariable.FindSubmatch(line[:min(max(ref.Span.Column-1, 0), len(line))]); m != nil && rules.EnvReadsToken(string(m[1])) {
		return true
	}
	return slices.ContainsFunc(commentsBeside(d.linesOf(w), ref.Span.Line), func(c block) bool {
		_, ok := rules.RemarkIn(rules.RemarkUnread, c.text)
		return ok
	})
}

// asVariable matches the text before an expression that a script writes down as
// the value of a variable: GITHUB_TOKEN=${{ secrets.A }}.
var asVariable = regexp.MustCompile(`(?:^|[\s'"])([A-Za-z_]\w*)=\\?["']?(?:\$\{\{[^}]*)?$`)

// aboutTags matches comments on what keeps tags from being pushed.
var aboutTags = regexp.MustCompile(`(?i)\b(?:tags?|rulesets?)\b`)

// tagsAlone tells whether tags are pushed, and no branch is, which might be a
// protected one.
func tagsAlone(uses []*ruled) bool {
	tags := false
	for _, u := range uses {
		for _, op := range u.Operations {
			for _, e := range op.Events {
				if e.Name == "push" && e.Type != "tag" || e.Name == "pull_request" && e.Type == "closed" {
					return false
				}
				tags = tags || e.Key() == "push:tag"
			}
		}
	}
	return tags
}

// forPresumed returns the workflows that listen to pushes of branches by a
// pattern, where what is pushed is what a merge moves, and nothing says into
// which branch: it is only presumed to be the default branch.
func (d *decider) forPresumed(uses []*ruled) []listener {
	var out []listener
	for _, u := range uses {
		for _, op := range u.Operations {
			for _, e := range d.caused(u.job, u.Use, op) {
				if e.Name != "push" || e.Type != "" || !presumed(u.job, e.Attributes["branch"]) {
					continue
				}
				open := e
				open.Attributes = map[string]value.Value{"branch": value.Unknown("the base")}
				for _, l := range d.listeners(u.job, open) {
					if forLines(l.trigger) {
						out = append(out, l)
					}
				}
			}
		}
	}
	return out
}

// presumed tells whether a branch is that of a pull request in a run which no
// pull request has started.
func presumed(j *jobView, branch value.Value) bool {
	return branch.IsContext("github.base_ref") && !slices.ContainsFunc(j.triggers, func(t workflow.Trigger) bool {
		return strings.HasPrefix(t.Event, "pull_request")
	})
}

// stores tells whether a use is that of a checkout, which may keep the token
// for git.
func stores(u *ruled) bool { return u.Site.Action != nil && u.Site.Action.Is("actions/checkout") }

// linesOf are the lines of a workflow.
func (d *decider) linesOf(w *workflow.Workflow) [][]byte {
	if d.lines == nil {
		d.lines = map[*workflow.Workflow][][]byte{}
	}
	if d.lines[w] == nil {
		d.lines[w] = bytes.Split(w.Source, []byte("\n"))
	}
	return d.lines[w]
}

// at is a line by its number, from 1; empty where there is none.
func at(lines [][]byte, number int) []byte {
	if number < 1 || number > len(lines) {
		return nil
	}
	return lines[number-1]
}

// titles are the names of the steps with uses that could not be read.
func titles(uses []*ruled) []block {
	var out []block
	for _, u := range uses {
		if title, line := u.Site.Title(); len(u.Unknowns) > 0 && title != "" {
			out = append(out, block{"the name of the step", title, audit.Place{File: u.job.File.Path, Line: line, Text: title}})
		}
	}
	return out
}

// block is a text that somebody wrote for people: a comment of one or more
// lines, or a name.
type block struct {
	what  string
	text  string
	place audit.Place
}

// above is how many lines of comment are read above a line.
const above = 20

// mappingHead matches the line above a token that only begins the mapping it
// stands in.
var mappingHead = regexp.MustCompile(`^\s*(?:env|with|secrets):\s*$`)

// commentsBeside returns the comments on a line, right above it or above the
// mapping that it stands in, and right above its step. That a "#" in a value
// is taken for one too does no harm: it is text beside the token all the same.
func commentsBeside(lines [][]byte, number int) []block {
	own := string(at(lines, number))
	var out []block
	if _, comment, ok := strings.Cut(own, " #"); ok {
		out = append(out, block{"a comment", "#" + comment, audit.Place{Line: number, Text: strings.TrimSpace("#" + comment)}})
	}
	top := number
	if mappingHead.Match(at(lines, top-1)) {
		top--
	}
	out = appendBlock(out, lines, top)
	indent := indentation(own)
	for n := number; n > 0 && n > number-above; n-- {
		text := string(at(lines, n))
		if i := indentation(text); i < indent && strings.HasPrefix(text[i:], "- ") {
			if n != top {
				out = appendBlock(out, lines, n)
			}
			break
		}
	}
	return out
}

// appendBlock appends the lines of comment right above a line, if there are
// any.
func appendBlock(out []block, lines [][]byte, number int) []block {
	first := number
	var texts []string
	for first > 1 && len(texts) < above {
		text := bytes.TrimSpace(at(lines, first-1))
		if !bytes.HasPrefix(text, []byte("#")) {
			break
		}
		first--
		texts = append(texts, strings.TrimSpace(strings.TrimLeft(string(text), "#")))
	}
	if texts == nil {
		return out
	}
	slices.Reverse(texts)
	return append(out, block{"a comment", strings.Join(texts, " "), audit.Place{Line: first, Text: "# " + texts[0]}})
}

func indentation(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }

// writes are the words by which a comment says that something is written.
const writes = `(?:push|updat|commit|creat|open|publish|dispatch|writ|releas|bump|upload|deploy|stor)[a-z]*`

// nameEnds is what stands behind the name of a repository where nothing in it is
// meant, such as an issue.
const nameEnds = `(?:[^/a-z0-9_.-]|\.(?:\s|$)|$)`

// mention matches a repository that a comment says something is written to.
var mention = regexp.MustCompile("(?i)\\b" + writes + "\\b[^.;]*?\\b(?:to|in|into|on|of|for)\\s+(?:the\\s+)?[`'\"]?(?:https://github\\.com/)?([a-z0-9][a-z0-9-]*)/([a-z0-9_][a-z0-9_.-]*[a-z0-9])" + nameEnds)

// mentionAddress matches the address of a repository behind such words: more may
// stand between, for it is no path of a file.
var mentionAddress = regexp.MustCompile(`(?i)\b` + writes + `\b[^.;]*?\b(?:to|in|into|on|for)\b[^.;]*?https://github\.com/([a-z0-9][a-z0-9-]*)/([a-z0-9_][a-z0-9_.-]*[a-z0-9])` + nameEnds)

// tapAccess matches a Homebrew tap that a comment says a token gives access to: to
// read one takes none, for taps are public.
var tapAccess = regexp.MustCompile("(?i)\\baccess\\s+(?:to|for)\\s+(?:the\\s+)?[`'\"]?(?:https://github\\.com/)?([a-z0-9][a-z0-9-]*)/(homebrew-[a-z0-9_.-]*[a-z0-9])")

// mentioned returns a repository that a comment says something is written to,
// and the reason code for it. "read/write" and paths of files have the form of
// repositories' names too: what counts is a repository of the same owner, one
// of this name, or a Homebrew tap.
func (d *decider) mentioned(text string) (repository, code string) {
	ownOwner, ownName, _ := strings.Cut(strings.ToLower(d.options.Name), "/")
	for _, m := range slices.Concat(mention.FindAllStringSubmatch(text, -1), mentionAddress.FindAllStringSubmatch(text, -1), tapAccess.FindAllStringSubmatch(text, -1)) {
		owner, name := strings.ToLower(m[1]), strings.ToLower(m[2])
		switch {
		case owner == ownOwner && name == ownName:
		case owner == ownOwner || d.options.Name == "" && strings.HasPrefix(name, "homebrew-"):
			return m[1] + "/" + m[2], "other-repository"
		case d.options.Name != "" && (name == ownName || strings.HasPrefix(name, "homebrew-")):
			return m[1] + "/" + m[2], "other-owner"
		}
	}
	return "", ""
}
