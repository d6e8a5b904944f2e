package fix

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit/workflow"
)

// tokenComment matches comments that may say why a token is what it is.
var tokenComment = regexp.MustCompile(`(?i)#.*(?:\bPATs?\b|personal access|GITHUB_TOKEN|github\.token|(?:default|built-?in|actions) token|\btrigger)`)

// tokenNeed are the words of which one stands beside a token's name where a
// comment says what the token must have, or be. They are many on purpose: a
// comment that only seems to speak of it costs a line that is left alone.
var (
	tokenName = regexp.MustCompile(`(?i)tokens?\b|credentials?\b|\bsecrets?\b`)
	tokenNeed = regexp.MustCompile(`(?i)\b(?:scopes?|admin\w*|permissions?|rights?|privileg\w*|access|bots?|machine user|service account|apps?|owners?|org|organi[sz]ations?|` +
		`trigger\w*|re-?run|fine-?grained|classic|enough|insufficient|protect\w*|rule-?sets?|bypass\w*|exceptions?|` +
		`require[sd]?|needs?|needed|must|cannot|can't|won't|doesn't|does not|instead|rather than|manually|custom|separate|own)\b`)
)

// speaks tells whether comments say something of a token that may hold no
// longer where GITHUB_TOKEN stands in its place.
func speaks(comments string) bool {
	return tokenName.MatchString(comments) && tokenNeed.MatchString(comments)
}

// sectionLine matches the key of a section whose first entry is the token.
var sectionLine = regexp.MustCompile(`^\s*["']?(?:with|env|secrets)["']?:\s*(?:#.*)?\s*$`)

// commentOf is the comment of a line, "" where it has none.
func commentOf(line []byte) string {
	at := bytes.IndexByte(line, '#')
	for at > 0 && line[at-1] != ' ' && line[at-1] != '\t' {
		next := bytes.IndexByte(line[at+1:], '#')
		if next < 0 {
			return ""
		}
		at += 1 + next
	}
	if at < 0 {
		return ""
	}
	return strings.TrimSpace(string(line[at+1:]))
}

// remark says that a comment speaks of the token, on its line or right above:
// it may know what the files do not show, and would be wrong afterwards. What
// stands on several lines is read as one.
func (k *pick) remark(w *workflow.Workflow) string {
	start, _ := k.at.text.Range(k.at.start, k.at.placeholder.End)
	r := lineAt(w.Source, start)
	said, sections := "", 0
	for number := k.reference.Line; ; number-- {
		line := w.Source[r.start:r.end]
		said = commentOf(line) + " " + said
		if tokenComment.Match(line) || speaks(said) {
			return fmt.Sprintf("a comment in line %d speaks of the token: see whether it still holds, and change it too", number)
		}
		r = previous(w.Source, r)
		if sectionLine.Match(w.Source[r.start:r.end]) {
			sections++
		} else if !isComment(w.Source, r) {
			return ""
		}
		if sections > 1 {
			return ""
		}
	}
}

// otherToken matches comments on permissions that say that another token has
// them, or is used in place of GITHUB_TOKEN. That GITHUB_TOKEN is given little
// is said above many blocks, and stays true.
var otherToken = regexp.MustCompile(`(?i)\bPATs?\b|personal access|(?:bot|app|custom|own|separate)(?:'s)? token|tokens?\b.*\b(?:instead|unused|not used|not needed)\b|\binstead of\b.*token`)

// remark is the line of a comment on the permissions that a job has so far,
// above their block or in it, by which another token does the work; 0 for none.
func (g *grant) remark() int {
	if g.workflow == nil || g.job == nil {
		return 0
	}
	block := g.workflow.Permissions
	if g.job.Permissions != nil {
		block = g.job.Permissions
	}
	if block == nil {
		return 0
	}
	lines := bytes.Split(g.workflow.Source, []byte("\n"))
	first := min(block.Line, len(lines))
	for first > 1 && bytes.HasPrefix(bytes.TrimSpace(lines[first-2]), []byte("#")) {
		first--
	}
	for number := first; number <= min(block.EndLine, len(lines)); number++ {
		if number > 0 && otherToken.MatchString(commentOf(lines[number-1])) {
			return number
		}
	}
	return 0
}
