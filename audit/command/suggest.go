package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/fix"
	"github.com/patrol-actions/patrol/audit/publish"
	"github.com/patrol-actions/patrol/audit/report"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// planned is what patrol fix would change in the audited paths.
type planned struct {
	// patch is a unified diff of all of it.
	patch     string
	proposals []publish.Proposal
}

// plan finds out what to change, for the patch in a summary and for
// suggestions: of what is reported, and by the facts that the audit asked for. A
// path that cannot be opened has been reported by the audit.
func (o *auditOptions) plan(ctx context.Context, p Process, paths []string, r *audit.Report) planned {
	var out planned
	var patch strings.Builder
	for i, name := range paths {
		reported := o.reported(r.Repositories[i])
		if name == "-" || ctx.Err() != nil || len(reported) == 0 {
			continue
		}
		known, _ := o.facts.Load(name)
		facts, _ := known.(func(*workflow.Repository) scan.Online)
		at, err := openPath(ctx, p, o, name, len(paths) == 1, facts)
		if err != nil {
			continue
		}
		prefix, inside := below(p.Getenv("GITHUB_WORKSPACE"), at.folder)
		result := fix.Plan(at.fsys, fix.Options{Scan: at.options, File: at.file, Wanted: func(r *audit.Reference) bool { return reported[r.ID] }})
		at.Close()
		for _, f := range result.Files {
			file := shown(at, f.Path)
			if inside {
				file = path.Join(prefix, f.Path)
			}
			if text, err := unified(file, f); err == nil {
				patch.WriteString(text)
			}
		}
		if inside {
			out.proposals = append(out.proposals, proposals(result, prefix)...)
		}
	}
	out.patch = patch.String()
	return out
}

// reported are the IDs of the references of which it is reported that they can
// be replaced.
func (o *auditOptions) reported(r *audit.Repository) map[string]bool {
	out := map[string]bool{}
	for _, f := range r.Findings {
		if f.Rule == replaceableRule && o.shown(f) {
			out[f.Reference] = true
		}
	}
	return out
}

// replaceableRule is the rule of what patrol fix changes.
const replaceableRule = "replaceable-pat"

// below is the path of a folder in another, with slashes; not ok outside.
func below(outer, folder string) (prefix string, ok bool) {
	if outer == "" || !within(folder, outer) {
		return "", false
	}
	relative, err := filepath.Rel(outer, folder)
	if err != nil {
		return "", false
	}
	return filepath.ToSlash(relative), true
}

// proposals turns changes into suggestions. A file with the line ends of
// Windows is left out. GitHub says nowhere which line ends the lines of a
// suggestion come to have, and people report commits of suggestions with others
// than the file had: a workflow would be left with both.
func proposals(r *fix.Result, prefix string) []publish.Proposal {
	var out []publish.Proposal
	for _, c := range r.Changes {
		p := publish.Proposal{ID: c.References[0].ID, Why: why(c)}
		for _, f := range r.Files {
			edits := slices.DeleteFunc(slices.Clone(c.Edits), func(e fix.Edit) bool { return e.File != f.Path })
			hunks, ok := fix.Hunks(f.Path, f.Before, edits)
			if !ok || len(edits) > 0 && fix.Crossing(f.Before) {
				p.Suggestions = nil
				break
			}
			for _, h := range hunks {
				p.Suggestions = append(p.Suggestions, publish.Suggestion{File: path.Join(prefix, h.File), StartLine: h.StartLine, EndLine: h.EndLine, Before: lines(f.Before, h.StartLine, h.EndLine), Text: h.Text})
			}
		}
		out = append(out, p)
	}
	return out
}

// lines are some lines of a file, the last one included.
func lines(source []byte, start, end int) string {
	all := bytes.SplitAfter(source, []byte("\n"))
	return string(bytes.Join(all[start-1:end], nil))
}

// why says above a suggestion what it is for.
func why(c *fix.Change) string {
	var names []string
	for _, r := range c.References {
		if name := report.MarkdownCode(r.Secret); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	text := "`GITHUB_TOKEN` does what " + strings.Join(names, ", ") + " is used for here"
	if len(names) > 1 {
		text = "`GITHUB_TOKEN` does what " + strings.Join(names, ", ") + " are used for here"
	}
	for _, n := range c.Notes {
		text += "; " + report.MarkdownText(n.Text)
	}
	return text + "."
}

// suggestRun posts suggestions on the pull request of the run.
func (o *auditOptions) suggestRun(ctx context.Context, p Process, given []givenToken, list []publish.Proposal) {
	target, err := target(p)
	if err == nil && target.PullRequest == 0 {
		return
	}
	var publisher *publish.Publisher
	if err == nil {
		publisher, err = o.publisher(p, given)
	}
	var done publish.Reviewed
	if err == nil {
		done, err = publisher.Review(ctx, list)
	}
	var denied *publish.Denied
	switch {
	case errors.As(err, &denied) && o.withPatch:
		o.say(p, denied.Error()+": the patch is in the summary")
	case errors.As(err, &denied):
		o.say(p, denied.Error())
	case err != nil:
		o.say(p, fmt.Sprintf("no suggestions: %v", err))
	default:
		o.say(p, fmt.Sprintf("suggestions: %d new, %d there already, %d outside of the diff, %d folded away", len(done.Posted), len(done.There), len(done.Outside), done.Outdated))
	}
}
