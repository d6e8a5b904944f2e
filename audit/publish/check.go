package publish

import (
	"context"
	"fmt"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/report"
)

// What a check run takes, in bytes but for the first. Source: GitHub's REST
// API, "Create a check run".
const (
	annotationsAtOnce = 50
	maxMessage        = 64 << 10
	maxTitle          = 255
)

// MaxSummary is how many bytes the summary of a check run may have. Source: as
// above.
const MaxSummary = 65535

// Check is what a check run shows.
type Check struct {
	// Title is a line, Summary Markdown.
	Title, Summary string
	// Failed tells that the findings are as severe as the run is to fail on;
	// Clean that there is none at all.
	Failed, Clean bool
	Annotations   []report.Annotation
}

// conclusion is how the check ends. Findings that fail nothing leave it
// neutral: a check that fails can keep a pull request from being merged.
func (c Check) conclusion() string {
	switch {
	case c.Failed:
		return "failure"
	case c.Clean:
		return "success"
	}
	return "neutral"
}

// checkAnnotation is an annotation in the API's form.
type checkAnnotation struct {
	Path        string `json:"path"`
	StartLine   int    `json:"start_line"`
	EndLine     int    `json:"end_line"`
	StartColumn *int   `json:"start_column,omitempty"`
	EndColumn   *int   `json:"end_column,omitempty"`
	Level       string `json:"annotation_level"`
	Title       string `json:"title,omitempty"`
	Message     string `json:"message"`
}

type checkOutput struct {
	Title       string            `json:"title"`
	Summary     string            `json:"summary"`
	Annotations []checkAnnotation `json:"annotations,omitempty"`
}

// CheckRun makes a check run with all annotations, 50 in a request, and
// returns the address of its page. It is done only when the last of them is
// there. A token that may not is a [*Denied].
func (p *Publisher) CheckRun(ctx context.Context, c Check) (string, error) {
	const what, permission = "a check run with all annotations", "checks: write"
	annotations := checkAnnotations(c.Annotations)
	output := checkOutput{Title: cut(c.Title, maxTitle), Summary: cut(c.Summary, MaxSummary)}
	var run struct {
		ID  int64  `json:"id"`
		URL string `json:"html_url"`
	}
	first := map[string]any{"name": "Patrol", "head_sha": p.target.Commit, "status": "in_progress", "output": output}
	if err := p.send(ctx, "POST", p.path("check-runs"), first, &run); err != nil {
		return "", denied(err, what, permission)
	}
	path := p.path("check-runs", fmt.Sprint(run.ID))
	for len(annotations) > 0 {
		n := min(len(annotations), annotationsAtOnce)
		output.Annotations = annotations[:n]
		if err := p.send(ctx, "PATCH", path, map[string]any{"output": output}, nil); err != nil {
			return "", denied(err, what, permission)
		}
		annotations = annotations[n:]
	}
	output.Annotations = nil
	last := map[string]any{"status": "completed", "conclusion": c.conclusion(), "output": output}
	if err := p.send(ctx, "PATCH", path, last, nil); err != nil {
		return "", denied(err, what, permission)
	}
	return run.URL, nil
}

// checkAnnotations turns annotations into the API's form: those of no file
// stand in the summary alone. The end column is the last one, not the one
// behind it, and columns go with one line only.
func checkAnnotations(all []report.Annotation) []checkAnnotation {
	levels := map[audit.Severity]string{audit.SeverityError: "failure", audit.SeverityWarning: "warning", audit.SeverityNotice: "notice"}
	var out []checkAnnotation
	for _, a := range all {
		if a.File == "" {
			continue
		}
		level := levels[a.Level]
		if level == "" {
			level = "notice"
		}
		one := checkAnnotation{
			Path: a.File, StartLine: max(a.Line, 1), EndLine: max(a.EndLine, a.Line, 1), Level: level,
			Title: cut(a.Title, maxTitle), Message: cut(a.Message, maxMessage),
		}
		if one.StartLine == one.EndLine && a.Column > 0 && a.EndColumn > a.Column {
			end := a.EndColumn - 1
			one.StartColumn, one.EndColumn = &a.Column, &end
		}
		out = append(out, one)
	}
	return out
}
