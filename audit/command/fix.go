package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/fix"
	"github.com/patrol-actions/patrol/audit/report"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// fixOptions are the flags of `patrol fix`.
type fixOptions struct {
	auditOptions
	write   bool
	secrets []string
}

func newFix(p Process) *cobra.Command {
	o := &fixOptions{}
	cmd := &cobra.Command{
		Use: "fix [PATH…]", Short: "Put GITHUB_TOKEN in place of the tokens that it can replace",
		Long: `Fix rewrites the references that an audit calls replaceable: the expression
becomes that of GITHUB_TOKEN, the job is given the permissions that it then
needs, and an input, a variable or a reusable workflow's secret goes that
nobody needs any more. It prints a unified diff that git apply and patch -p1
take; with --write it changes the files.

Only what is understood is changed. No permission is taken from a step whose
need is not known, what somebody accepts stays, and what is left alone is named,
with the reason, on standard error. The result is audited before it is handed
out: the finding must be gone, and nothing new be found.

A PATH is the folder of a repository (default: this folder), one workflow file,
or - for a workflow on standard input, which the diff calls stdin.yml.

Exit codes: 0 nothing to fix, or all of it is written, 1 there is something to
fix and the diff shows it, 2 wrong usage or configuration, 3 something could
not be read or written (the rest was), or the run was interrupted. A workflow
that does not parse is named and left as it is: that alone is no 3, unless it
is the one that was asked for.`,
		Args: cobra.ArbitraryArgs,
	}
	f := cmd.Flags()
	f.BoolVarP(&o.write, "write", "w", false, "change the files instead of printing a diff")
	f.StringArrayVar(&o.secrets, "secret", nil, "replace only the secret of this `NAME`; several times if need be")
	f.StringVar(&o.repository, "repository", "", "the repository's `OWNER/NAME`, where neither its git remote nor its workflows tell")
	f.StringVar(&o.apiURL, "api-url", "", apiURLUsage)
	f.BoolVar(&o.noColor, "no-color", false, "write no colours, as with NO_COLOR in the environment")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "write no notes")
	o.online.flags(f)
	o.config.flags(f)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := o.config.read(f); err != nil {
			return usageError{err}
		}
		return runFix(cmd.Context(), p, o, args)
	}
	return cmd
}

// runFix fixes every path.
func runFix(ctx context.Context, p Process, o *fixOptions, paths []string) error {
	o.failOn, o.minSeverity = "never", string(audit.SeverityNotice)
	if _, err := o.check(); err != nil {
		return usageError{err}
	}
	if slices.Contains(paths, "") {
		return usageError{errEmpty}
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	if o.write && slices.Contains(paths, "-") {
		return usageError{errors.New("--write cannot change standard input: leave it out to see the diff")}
	}
	client, err := o.client(p)
	if err != nil {
		return usageError{err}
	}
	f := &fixer{p: p, o: o, facts: ask(ctx, client), done: map[string]bool{}}
	var failures []error
	for _, path := range paths {
		err := f.path(ctx, path, len(paths) == 1)
		if ctx.Err() != nil {
			return errInterrupted
		}
		if err != nil && faults([]error{err}) == nil {
			fmt.Fprintf(p.Stderr, "patrol: %s: %v\n", path, err)
		}
		failures = append(failures, err)
	}
	if err := faults(failures); err != nil {
		return usageError{err}
	}
	f.finish()
	switch {
	case errors.Join(failures...) != nil || f.unread:
		return exit(ExitUnfinished)
	case f.files > 0 && !o.write:
		return exit(ExitFindings)
	}
	return nil
}

// fixer fixes paths, one after the other.
type fixer struct {
	p     Process
	o     *fixOptions
	facts func(*workflow.Repository) scan.Online
	// done are the files that were changed, by their whole paths.
	done map[string]bool
	// files and references count what changes; left what stays.
	files, references, left int
	// unread says that something could not be read.
	unread bool
	// secrets are all that were met.
	secrets []string
}

// path fixes one path.
func (f *fixer) path(ctx context.Context, path string, alone bool) error {
	at, err := openPath(ctx, f.p, &f.o.auditOptions, path, alone, remembered(f.facts))
	if err != nil {
		return err
	}
	defer at.Close()
	result := fix.Plan(at.fsys, fix.Options{Scan: at.options, File: at.file, Secrets: f.o.secrets})
	if at.options.Stopped() {
		return errInterrupted
	}
	nothingRead(at, result.Report)
	for _, r := range result.Report.References {
		f.secrets = append(f.secrets, strings.ToUpper(r.Secret))
	}
	files := slices.DeleteFunc(result.Files, func(x fix.File) bool { return f.done[filepath.Join(at.folder, x.Path)] })
	if len(result.Files) > 0 && len(files) == 0 {
		return nil // an earlier path has it all
	}
	f.notes(at, path, result)
	for _, c := range result.Changes {
		f.references += len(c.References)
	}
	f.files += len(files)
	for _, x := range files {
		f.done[filepath.Join(at.folder, x.Path)] = true
	}
	if f.o.write {
		return f.write(at, files)
	}
	for _, x := range files {
		text, err := unified(shown(at, x.Path), x)
		if err != nil {
			return err
		}
		if err := printDiff(f.p, text, f.o.color(f.p)); err != nil {
			return err
		}
	}
	return nil
}

// notes says what was left alone, and what is to be known of the changes.
func (f *fixer) notes(at *opened, path string, result *fix.Result) {
	f.left += len(result.Left)
	f.unread = f.unread || slices.ContainsFunc(result.Report.Errors, func(e audit.Problem) bool { return e.Unread })
	if f.o.quiet {
		return
	}
	if why := withoutWorkflows(path, at.fsys, result.Report); why != "" {
		f.o.say(f.p, why)
	}
	notes := slices.Clone(result.Left)
	for _, e := range result.Report.Errors {
		if e.Unread || strings.HasPrefix(e.Message, "could not") {
			notes = append(notes, fix.Note{File: e.File, Line: e.Line, Text: e.Message})
		}
	}
	for _, c := range result.Changes {
		notes = append(notes, c.Notes...)
	}
	slices.SortStableFunc(notes, func(a, b fix.Note) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return a.Line - b.Line
	})
	for _, n := range notes {
		place := shown(at, n.File)
		if n.Line > 0 {
			place = fmt.Sprintf("%s:%d", place, n.Line)
		}
		fmt.Fprintf(f.p.Stderr, "patrol: %s: %s\n", report.Clean(place), report.Clean(n.Text))
	}
}

// finish says what it came to.
func (f *fixer) finish() {
	if f.o.quiet {
		return
	}
	for _, name := range f.o.secrets {
		if !slices.Contains(f.secrets, strings.ToUpper(name)) {
			fmt.Fprintf(f.p.Stderr, "patrol: no workflow names a secret %s\n", report.Clean(name))
		}
	}
	verb := "can be"
	if f.o.write {
		verb = "were"
	}
	switch {
	case f.references > 0:
		fmt.Fprintf(f.p.Stderr, "patrol: %s %s replaced in %s", count(f.references, "reference"), verb, count(f.files, "file"))
	default:
		fmt.Fprint(f.p.Stderr, "patrol: nothing to fix")
	}
	if f.left > 0 {
		fmt.Fprintf(f.p.Stderr, "; %d left alone", f.left)
	}
	fmt.Fprintln(f.p.Stderr)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// shown is how a file is named: from the current folder, where it lies below
// it, so that a diff can be applied there; else from the repository's root.
func shown(at *opened, file string) string {
	if at.folder == "" {
		return file
	}
	here, err := os.Getwd()
	if err != nil {
		return file
	}
	full := filepath.Join(at.folder, filepath.FromSlash(file))
	if !within(full, here) {
		return file
	}
	relative, err := filepath.Rel(here, full)
	if err != nil {
		return file
	}
	return filepath.ToSlash(relative)
}
