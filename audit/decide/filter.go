package decide

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// truth is what is known of a match.
type truth = expression.Truth

// The truths.
const (
	maybe = expression.Maybe
	no    = expression.No
	yes   = expression.Yes
)

func or(a, b truth) truth {
	switch {
	case a == yes || b == yes:
		return yes
	case a == maybe || b == maybe:
		return maybe
	}
	return no
}

func and(a, b truth) truth {
	switch {
	case a == no || b == no:
		return no
	case a == maybe || b == maybe:
		return maybe
	}
	return yes
}

// patterns remembers compiled filter patterns: a repository has few, and
// every event is held against all of them.
var patterns sync.Map // string → *regexp.Regexp

// compile turns a filter pattern of GitHub into a regular expression: * for
// anything but a slash, ** for anything, ?, + and [] for the character before
// or of a set.
func compile(pattern string) *regexp.Regexp {
	if re, ok := patterns.Load(pattern); ok {
		return re.(*regexp.Regexp)
	}
	var b strings.Builder
	b.WriteString("^")
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			if i+1 < len(pattern) && pattern[i+1] == '*' {
				i++
				if i+1 < len(pattern) && pattern[i+1] == '/' {
					// "**/x" matches "x" as well.
					i++
					b.WriteString("(?:.*/)?")
					continue
				}
				b.WriteString(".*")
				continue
			}
			b.WriteString("[^/]*")
		case '?', '+':
			if i == 0 {
				// No character stands before it.
				b.WriteByte('\\')
			}
			b.WriteByte(c)
		case '[':
			end := strings.IndexByte(pattern[i:], ']')
			if end < 0 {
				b.WriteString(regexp.QuoteMeta(pattern[i:]))
				i = len(pattern)
				continue
			}
			b.WriteString(pattern[i : i+end+1])
			i += end
		case '\\':
			if i+1 < len(pattern) {
				i++
				b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
			}
		default:
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	b.WriteString("$")
	re, err := regexp.Compile(b.String())
	if err != nil {
		re = regexp.MustCompile("^" + regexp.QuoteMeta(strings.ToValidUTF8(pattern, "\ufffd")) + "$")
	}
	patterns.Store(pattern, re)
	return re
}

// wild tells whether a pattern can match more than one name.
func wild(pattern string) bool { return strings.ContainsAny(pattern, "*?+[") }

// matchList holds a name against a list of patterns, of which a later one
// that begins with ! takes matches away again.
func matchList(list []string, name ref) truth {
	result := no
	for _, pattern := range list {
		if rest, not := strings.CutPrefix(pattern, "!"); not {
			switch match(rest, name) {
			case yes:
				result = no
			case maybe:
				// Of the heads of pull requests some are kept out, not all.
				if !name.topic {
					result = and(result, maybe)
				}
			}
			continue
		}
		result = or(result, match(pattern, name))
	}
	return result
}

// ref is a branch or tag as far as it is known.
type ref struct {
	// pieces are the literal pieces of the name; between two of them stands
	// something unknown. One piece is a name that is known.
	pieces []string
	// fresh says that the branch is made by the job: it is none that a
	// workflow's filter spells out.
	fresh bool
	// topic says that it is the head of some pull request: where it has no
	// pieces, a branch that filters reach by wildcards only.
	topic bool
	// loose says that the pieces are those of a pattern: a slash behind a star
	// need not be there.
	loose bool
}

func (r ref) known() bool { return len(r.pieces) == 1 }

// match holds a name against one pattern. Where a part of the name is not
// known, the literal beginnings and ends of both must agree for it to be
// possible.
func match(pattern string, name ref) truth {
	if name.topic && name.pieces == nil {
		return matchTopic(pattern)
	}
	if name.known() {
		if compile(pattern).MatchString(name.pieces[0]) {
			return yes
		}
		return no
	}
	if pattern == "**" || pattern == "**/*" {
		return yes
	}
	if name.fresh && !wild(pattern) {
		return no
	}
	head, tail := pattern, pattern
	if i := strings.IndexAny(pattern, "*?+["); i >= 0 {
		head = pattern[:i]
		if pattern[i] == '?' {
			// The character before it may be missing.
			_, size := utf8.DecodeLastRuneInString(head)
			head = head[:len(head)-size]
		}
		tail = pattern[strings.LastIndexAny(pattern, "*?+]")+1:]
	} else if fits(pattern, name) {
		return maybe
	} else {
		return no
	}
	first, last := name.pieces[0], name.pieces[len(name.pieces)-1]
	if !agree(head, first, strings.HasPrefix) || !agree(tail, last, strings.HasSuffix) {
		return no
	}
	if !name.loose && !strings.ContainsAny(pattern, "[+?") && !strings.Contains(pattern, "**") && slashes(name.pieces...) > slashes(pattern) {
		// One star takes no slash.
		return no
	}
	if trimmed := strings.TrimRight(pattern, "*"); strings.HasPrefix(first, head) && trimmed == head {
		// What is not known stands where the pattern takes anything. That there is
		// no slash in it is taken for granted.
		return yes
	}
	if anywhere(pattern, name) || covers(pattern, name) {
		return yes
	}
	return maybe
}

// covers tells whether a pattern takes a name whatever its unknown parts are, in which
// no slash is taken to be: what stands between its stars is in the known pieces.
func covers(pattern string, name ref) bool {
	if name.loose || strings.ContainsAny(pattern, `?+[\`) || slashes(name.pieces...) != slashes(pattern) {
		return false
	}
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	piece, at := 0, len(first)
	if !strings.HasPrefix(name.pieces[0], first) {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		for {
			if i := strings.Index(name.pieces[piece][at:], part); i >= 0 {
				at += i + len(part)
				break
			}
			if piece, at = piece+1, 0; piece == len(name.pieces) {
				return false
			}
		}
	}
	if piece < len(name.pieces)-1 {
		piece, at = len(name.pieces)-1, 0
	}
	return strings.HasSuffix(name.pieces[piece][at:], last)
}

// slashes counts the slashes of texts.
func slashes(texts ...string) int { return strings.Count(strings.Join(texts, ""), "/") }

// anywhere tells whether a pattern takes anything around a literal that is in
// the known pieces of a name: "**/docs/**", "**/*.md".
func anywhere(pattern string, name ref) bool {
	rest, ok := strings.CutPrefix(pattern, "**/")
	if !ok {
		return false
	}
	if ending, ok := strings.CutPrefix(rest, "*"); ok {
		return !wild(ending) && !strings.Contains(ending, "/") && strings.HasSuffix(name.pieces[len(name.pieces)-1], ending)
	}
	folder, ok := strings.CutSuffix(rest, "**")
	if !ok || wild(folder) || !strings.HasSuffix(folder, "/") {
		return false
	}
	return strings.HasPrefix(name.pieces[0], folder) || slices.ContainsFunc(name.pieces, func(p string) bool { return strings.Contains(p, "/"+folder) })
}

// agree tells whether one of two texts begins (or ends) with the other.
func agree(a, b string, has func(s, part string) bool) bool { return has(a, b) || has(b, a) }

// fits tells whether a constant can be the name.
func fits(constant string, name ref) bool {
	rest, ok := strings.CutPrefix(constant, name.pieces[0])
	if !ok {
		return false
	}
	for _, piece := range name.pieces[1 : len(name.pieces)-1] {
		i := strings.Index(rest, piece)
		if i < 0 {
			return false
		}
		rest = rest[i+len(piece):]
	}
	return strings.HasSuffix(rest, name.pieces[len(name.pieces)-1])
}

// shortRef is a branch or tag without what its full name begins with, or the
// form of it that paths of the REST API have, "heads/main". It is wrong for a
// branch whose name begins with heads/ or tags/ itself.
func shortRef(v value.Value) value.Value {
	if len(v) == 0 || v[0].Text == "" {
		return v
	}
	text := strings.TrimPrefix(v[0].Text, "refs/")
	name, ok := strings.CutPrefix(text, "heads/")
	if !ok {
		name, ok = strings.CutPrefix(text, "tags/")
	}
	if !ok {
		return v
	}
	return value.Concat(value.Text(name), v[1:])
}

// refsOf returns what a branch or tag can be, for a job that is started by
// the root workflow's triggers.
func (d *decider) refsOf(j *jobView, v value.Value, fresh bool) []ref {
	var out []ref
	alternatives := v.Alternatives()
	for _, alternative := range alternatives {
		alternative = shortRef(alternative)
		if len(alternative) == 1 {
			refs, ok := d.contextRefs(j, alternative[0].Context)
			if len(alternatives) == 1 && strings.HasPrefix(alternative[0].Unknown, "${{ inputs.") {
				// With others beside it, one of these stands in for it.
				refs, ok = d.inputRefs(j)
			}
			if ok {
				out = append(out, excepted(refs, alternative[0].Except)...)
				continue
			}
			if asksHead(alternative[0].Unknown) || namesPull.MatchString(alternative[0].Unknown) && slices.ContainsFunc(alternatives, askedHead) {
				out = append(out, ref{topic: true})
				continue
			}
		}
		if len(alternative) == 2 && alternative[0].Text != "" {
			if refs, ok := d.contextRefs(j, alternative[1].Context); ok {
				out = append(out, behind(alternative[0].Text, refs, fresh)...)
				continue
			}
		}
		r := ref{fresh: fresh, pieces: []string{""}}
		for _, p := range alternative {
			if text, ok := (value.Value{p}).Literal(); ok {
				r.pieces[len(r.pieces)-1] += text
			} else {
				r.pieces = append(r.pieces, "")
			}
		}
		out = append(out, r)
	}
	return out
}

// behind are branches whose names are a text with those of others behind it.
func behind(text string, refs []ref, fresh bool) []ref {
	out := make([]ref, len(refs))
	for i, r := range refs {
		pieces := slices.Clone(r.pieces)
		if pieces == nil {
			pieces = []string{"", ""}
		}
		pieces[0] = text + pieces[0]
		out[i] = ref{pieces: pieces, fresh: fresh, loose: r.loose}
	}
	return out
}

// excepted leaves out names that a condition has asked for. Where that are all
// that were thought of, it is a branch of somebody's, on which a run was started.
func excepted(refs []ref, names []string) []ref {
	left := slices.DeleteFunc(slices.Clone(refs), func(r ref) bool { return len(r.pieces) == 1 && slices.Contains(names, r.pieces[0]) })
	if len(left) == 0 && len(refs) > 0 {
		return []ref{{topic: true}}
	}
	return left
}

// contextRefs resolves the contexts that name a branch.
func (d *decider) contextRefs(j *jobView, context string) ([]ref, bool) {
	switch context {
	case "github.event.repository.default_branch":
		return []ref{{pieces: []string{d.defaultBranch}}}, true
	case "github.head_ref", "github.event.pull_request.head.ref":
		return j.headRefs(), true
	case "github.event.workflow_run.head_branch":
		return d.triggeringRefs(j), true
	case "github.base_ref", "github.event.pull_request.base.ref":
		return d.baseRefs(j), true
	case "github.ref_name", "github.ref":
		if slices.ContainsFunc(j.triggers, func(t workflow.Trigger) bool { return t.Event == "workflow_dispatch" }) {
			if out := d.dispatchedRefs(j); out != nil {
				return out, true
			}
		}
		return d.runRefs(j.triggers), true
	}
	return nil, false
}

// inputRefs are what a branch can be that an input of a run by hand names: in
// any other run it is empty, and means the branch of the run. Whose input it is
// is not asked for in a workflow that others call.
func (d *decider) inputRefs(j *jobView) ([]ref, bool) {
	others := slices.DeleteFunc(slices.Clone(j.triggers), func(t workflow.Trigger) bool {
		return t.Event == "workflow_dispatch" || t.Event == "workflow_call"
	})
	if len(others) == 0 || len(others) == len(j.triggers) || j.File != j.Root {
		return nil, false
	}
	return append(d.runRefs(others), ref{pieces: []string{"", ""}}), true
}

// namedPull tells whether a number is written out, or an input: that of a pull
// request which somebody chose.
func namedPull(number value.Value) bool {
	return len(number) > 0 && !slices.ContainsFunc(number, func(p value.Part) bool {
		if p.Text != "" {
			return strings.Trim(p.Text, "0123456789") != ""
		}
		return !strings.HasPrefix(p.Unknown, "${{ inputs.") && !strings.HasPrefix(p.Unknown, "${{ github.event.inputs.")
	})
}

// baseRefs are the branches that pull requests of this workflow go to.
func (d *decider) baseRefs(j *jobView) []ref {
	var out []ref
	for _, t := range j.triggers {
		if strings.HasPrefix(t.Event, "pull_request") {
			for _, b := range t.Branches {
				if !wild(b) && !strings.HasPrefix(b, "!") {
					out = append(out, ref{pieces: []string{b}})
				}
			}
		}
	}
	if out == nil {
		out = []ref{{pieces: []string{d.defaultBranch}}}
	}
	if j.anyPull {
		out = append(out, ref{pieces: []string{"", ""}})
	}
	return out
}

// runRefs are the branches or tags that a run is for that one of some triggers
// starts.
func (d *decider) runRefs(triggers []workflow.Trigger) []ref {
	var out []ref
	for _, t := range triggers {
		switch {
		case t.Event == "push" && (t.Branches != nil || t.Tags != nil):
			for _, pattern := range slices.Concat(t.Branches, t.Tags) {
				if strings.HasPrefix(pattern, "!") {
					continue
				}
				out = append(out, ref{pieces: wildPieces(pattern), loose: wild(pattern)})
			}
		case t.Event == "push":
			out = append(out, ref{pieces: []string{"", ""}})
		case strings.HasPrefix(t.Event, "pull_request") && t.Event != "pull_request_target":
			out = append(out, ref{topic: true})
		default:
			// Dispatched by hand, too, it is the default branch as a rule.
			out = append(out, ref{pieces: []string{d.defaultBranch}})
		}
	}
	if out == nil {
		out = []ref{{pieces: []string{"", ""}}}
	}
	return out
}

var wildcard = regexp.MustCompile(`[*?+]+|\[[^]]*\]`)

// wildPieces are the literal pieces of a pattern.
func wildPieces(pattern string) []string { return wildcard.Split(pattern, -1) }
