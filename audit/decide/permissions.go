package decide

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// permissions holds what a job's GITHUB_TOKEN has been given against what its
// steps do with it.
func (f *finder) permissions(j *jobView) {
	g, written := j.Permissions, j.Permissions != nil
	if !written {
		g = f.defaultGrant(j)
	}
	if g == nil || len(j.Callers) > 0 {
		// Nobody says what it has, or a caller decides.
		return
	}
	missing := map[string]string{}
	var first *ruled
	for _, u := range j.uses {
		if u.Credential.Kind != value.JobToken {
			continue
		}
		for key, access := range lacks(u, g.Access) {
			missing[key] = access
			if first == nil {
				first = u
			}
		}
	}
	if len(missing) > 0 {
		at := home(first)
		span := f.onLine(at.File, at.Line, 1)
		finding := f.add("missing-permissions", fmt.Sprintf("%s uses GITHUB_TOKEN, which lacks %s in this job.", first.What, keyList(missing)), span, j.Job.Job.Job.ID, keyList(missing))
		if written {
			finding.Related = []audit.Place{{File: g.Place.File, Line: g.Place.Line, Text: "permissions of the " + level(g.JobLevel)}}
		} else {
			finding.Message += " Nothing gives it more than the repository's default, which is to read."
		}
		finding.Fix = "add to the job's permissions: " + keyList(missing)
		return
	}
	if written {
		f.excess(j)
	}
}

// home is where a use stands in this repository: for code of another one, the
// step that calls it.
func home(u *ruled) audit.Place {
	if audit.Elsewhere(u.File) {
		for _, hop := range slices.Backward(u.Site.Hops) {
			if !audit.Elsewhere(hop.File) {
				return audit.Place{File: hop.File, Line: hop.Line}
			}
		}
	}
	return audit.Place{File: u.File, Line: u.Line}
}

// onLine is what stands on a line from a column on, without the blanks around
// it; the line as a whole where the file cannot be read.
func (f *finder) onLine(file string, line, column int) audit.Span {
	span := audit.Span{File: file, Line: line, EndLine: line}
	source, err := f.repository.Read(file)
	if err != nil {
		return span
	}
	number := 0
	for text := range bytes.Lines(source) {
		if number++; number < line {
			continue
		}
		runes := []rune(strings.TrimRightFunc(string(text), unicode.IsSpace))
		for column <= len(runes) && unicode.IsSpace(runes[column-1]) {
			column++
		}
		if column > 0 && column <= len(runes) {
			span.Column, span.EndColumn = column, len(runes)+1
		}
		break
	}
	return span
}

func level(job bool) string {
	if job {
		return "job"
	}
	return "workflow"
}

// Keys of permissions in a workflow.
const (
	issuesKey       = "issues"
	pullRequestsKey = "pull-requests"
)

// lacks returns the keys that a use of GITHUB_TOKEN surely takes and has not
// got. Reading is left out: on a public repository it takes no permission. So
// are needs of which the tables are not sure, and issues where it may write pull
// requests: a pull request is an issue too, GitHub serves it by the addresses
// of issues, and which of the two a step will meet is rarely written. A job
// that writes to true issues with pull-requests: write alone is missed.
func lacks(u *ruled, access func(key string) string) map[string]string {
	out := map[string]string{}
	if len(u.Unknowns) > 0 {
		return out
	}
	for _, op := range u.Operations {
		if op.Confidence != "high" || !slices.ContainsFunc(op.Targets, func(t infer.Target) bool { return t.Kind == infer.Self }) {
			continue
		}
		for _, group := range surely(u, op) {
			if met := slices.ContainsFunc(group, func(p rules.Permission) bool {
				key, need, ok := rules.WorkflowKey(p)
				held := access(key)
				return !ok || p.Access == rules.AccessRead || held == need || held == rules.AccessWrite ||
					key == issuesKey && access(pullRequestsKey) == rules.AccessWrite
			}); met {
				continue
			}
			key, need, _ := rules.WorkflowKey(group[0])
			out[key] = need
		}
	}
	return out
}

func keyList(keys map[string]string) string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		out = append(out, key+": "+keys[key])
	}
	return strings.Join(out, ", ")
}

// excess finds permissions that no step of a job takes. It says so only where
// all that the job does with GITHUB_TOKEN is known, and the block is the
// job's own: a workflow's block serves several jobs. What is never called
// excess stands at [trace.Granted.Own]. What a PAT does in the job counts as
// well where GITHUB_TOKEN may come to do it: who follows one finding must not
// be told by the other to take that permission away again.
func (f *finder) excess(j *jobView) {
	g := j.Permissions
	if !g.JobLevel || g.All == "read-all" || len(f.views(j)) > 1 {
		return
	}
	if j.Job.Job.Job.Call != nil {
		// A called workflow asks for its own, and fails to start with less.
		return
	}
	total, open := jobNeed(j)
	if len(open) > 0 || slices.ContainsFunc(j.uses, func(u *ruled) bool { return len(u.Unknowns) > 0 }) || f.opaque(j) {
		return
	}
	for _, u := range j.uses {
		if promised(u) {
			total.use(u)
		}
	}
	needed := total.workflow()
	if g.All == "write-all" {
		f.excessFinding(j, map[string]string{"all keys": "write"}, needed)
		return
	}
	spare := map[string]string{}
	for key, access := range g.Own() {
		if needed[key] == "" || access == rules.AccessWrite && needed[key] == rules.AccessRead {
			spare[key] = access
		}
	}
	if len(spare) > 0 {
		f.excessFinding(j, spare, needed)
	}
}

// promised tells whether a use of a secret is one that GITHUB_TOKEN can do, at
// least under a condition.
func promised(u *ruled) bool {
	return u.ruling != nil && !u.Other && (u.ruling.verdict == audit.VerdictReplaceable || u.ruling.verdict == audit.VerdictConditional)
}

// opaque tells whether a job runs code that could use GITHUB_TOKEN unseen. Of
// actions/github-script, code that was not read is noted beside it.
func (f *finder) opaque(j *jobView) bool {
	return slices.ContainsFunc(j.Sites, func(s *trace.Site) bool {
		script := s.Action != nil && s.Action.Is("actions/github-script") && s.Unread == nil
		return !script && Opaque(f.options.Knowledge, s)
	})
}

// Opaque tells whether what runs at a site may use GITHUB_TOKEN unseen: code
// that could not be read, or an action that is not known or holds a program.
func Opaque(knowledge infer.Knowledge, s *trace.Site) bool {
	if s.Action == nil || s.Followed {
		return s.Unread != nil
	}
	info, known := infer.Action(knowledge, s.Action.Name)
	return !known || s.Unread != nil || len(info.Code) > 0
}

func (f *finder) views(j *jobView) []*jobView {
	var out []*jobView
	for _, other := range f.jobs {
		if other.Job.Job.Job == j.Job.Job.Job {
			out = append(out, other)
		}
	}
	return out
}

func (f *finder) excessFinding(j *jobView, spare, needed map[string]string) {
	g := j.Permissions
	span := f.onLine(g.Place.File, g.Place.Line, g.Place.Column)
	finding := f.add("excess-permissions", fmt.Sprintf("No step of job %s is seen to need %s.", j.Job.Job.Job.ID, keyList(spare)), span, j.Job.Job.Job.ID, keyList(spare))
	finding.Fix = "give the job " + blockText(plus(needed, g.Kept(true)))
}
