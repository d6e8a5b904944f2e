package command

import (
	"fmt"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/baseline"
)

// earlier reads the report of --baseline; nil without.
func (o *auditOptions) earlier() (*audit.Report, error) {
	if o.baseline == "" {
		return nil, nil
	}
	r, err := readReport(o.baseline)
	if err != nil {
		return nil, fmt.Errorf("--baseline: %w", err)
	}
	if err := baseline.Check(r); err != nil {
		return nil, fmt.Errorf("--baseline: %s: %w: give the whole report that 'patrol --format json' wrote", o.baseline, err)
	}
	return r, nil
}

// hold leaves in a report only what is new since an earlier one, if there is
// one.
func (o *auditOptions) hold(p Process, result, earlier *audit.Report) {
	if earlier == nil {
		return
	}
	for _, name := range baseline.Apply(result, earlier, o.shown) {
		if !o.quiet {
			fmt.Fprintf(p.Stderr, "patrol: the baseline has no repository %q: all that is found there is new\n", name)
		}
	}
}
