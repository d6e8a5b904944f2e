package rules

import (
	"fmt"
	"regexp"
)

// Mention is what a comment that is a command to a bot says against
// GITHUB_TOKEN.
type Mention struct {
	// Reason is the reason code.
	Reason string
	// Detail says why, as a sentence without its end.
	Detail string
	// Answer is AnswerNo or AnswerConditional.
	Answer Answer
}

// mentionRow is one row of table/mentions.tsv.
type mentionRow struct {
	pattern *regexp.Regexp
	mention Mention
}

var mentionRows = rows("mentions", []string{"pattern", "answer", "reason", "detail"}, func(r row) (mentionRow, error) {
	pattern, err := r.pattern("pattern")
	out := mentionRow{pattern, Mention{r.cell("reason"), r.cell("detail"), Answer(r.cell("answer"))}}
	known := out.mention.Answer == AnswerNo || out.mention.Answer == AnswerConditional
	if err == nil && (pattern == nil || !known || out.mention.Reason == "" || out.mention.Detail == "") {
		err = fmt.Errorf("pattern %q, answer %q: want a pattern, no or conditional, a reason and a detail", r.cell("pattern"), out.mention.Answer)
	}
	return out, err
})

// MentionIn returns what the body of a comment tells a bot that does not heed
// GITHUB_TOKEN, by the first row that fits.
func MentionIn(body string) (Mention, bool) {
	for _, r := range mentionRows().rows {
		if r.pattern.MatchString(body) {
			return r.mention, true
		}
	}
	return Mention{}, false
}
