package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing/fstest"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/report"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/rules"
	"github.com/spf13/cobra"
)

// auditOptions are the flags of `patrol audit`.
type auditOptions struct {
	formats      []string
	failOn       string
	minSeverity  string
	repository   string
	apiURL       string
	githubOutput string
	noColor      bool
	quiet        bool
	verbose      int
}

func newAudit(p Process) *cobra.Command {
	cmd := &cobra.Command{
		Use: "audit [PATH…]", Short: "Audit the workflows of repositories (the default command)",
		Long: `Audit reads the workflows, actions and local scripts below each PATH, and says
of every secret in them whether GITHUB_TOKEN would do in its place.

A PATH is the folder of a repository (default: this folder), one workflow
file, or - for a workflow on standard input. Nothing is executed, and nothing
is asked over the network.

Exit codes: 0 no finding as severe as --fail-on, 1 findings, 2 wrong usage,
3 something could not be audited (the rest was, and is reported).`,
		Args: cobra.ArbitraryArgs,
	}
	auditFlags(cmd, p)
	return cmd
}

// auditFlags gives a command the flags of an audit, and what to run.
func auditFlags(cmd *cobra.Command, p Process) {
	o := &auditOptions{}
	f := cmd.Flags()
	f.StringArrayVar(&o.formats, "format", nil, "write the report as `NAME` or NAME=FILE, several times if need be; names: "+strings.Join(report.Formats(), ", ")+" (default text)")
	f.StringVar(&o.failOn, "fail-on", "warning", "exit with 1 on findings of this `SEVERITY` or above: error, warning, notice, never")
	f.StringVar(&o.minSeverity, "min-severity", "notice", "report only findings of this `SEVERITY` or above: error, warning, notice")
	f.StringVar(&o.repository, "repository", "", "the repository's `OWNER/NAME`, where neither its git remote nor its workflows tell")
	f.StringVar(&o.apiURL, "api-url", "", "the API's `URL` of a GitHub Enterprise Server that the workflows run on")
	f.StringVar(&o.githubOutput, "github-output", "", "append the action's outputs to this `FILE`")
	f.BoolVar(&o.noColor, "no-color", false, "write no colours, as with NO_COLOR in the environment")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "write no notes and no progress")
	f.CountVarP(&o.verbose, "verbose", "v", "write more: every use, and references without a finding")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return runAudit(cmd.Context(), p, o, args) }
}

// sink is one output of a run.
type sink struct {
	format string
	file   string // empty for standard output
}

// runAudit audits every path and writes the report.
func runAudit(ctx context.Context, p Process, o *auditOptions, paths []string) error {
	sinks, err := o.check()
	if err != nil {
		return usageError{err}
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	result, failures := auditPaths(ctx, p, o, paths)
	if !o.quiet {
		for _, failure := range failures {
			fmt.Fprintf(p.Stderr, "patrol: %v\n", failure)
		}
	}
	o.filter(result)
	report.Sort(result)
	report.Summarize(result)
	for _, s := range sinks {
		if err := o.write(p, s, result, paths); err != nil {
			return err
		}
	}
	if o.githubOutput != "" {
		if err := writeOutputs(o.githubOutput, result, sinks); err != nil {
			return err
		}
	}
	switch {
	case len(failures) > 0:
		return exit(ExitUnfinished)
	case o.fails(result):
		return exit(ExitFindings)
	}
	return nil
}

// check validates the flags.
func (o *auditOptions) check() ([]sink, error) {
	var sinks []sink
	if len(o.formats) == 0 {
		o.formats = []string{"text"}
	}
	stdout := 0
	for _, text := range o.formats {
		name, file, _ := strings.Cut(text, "=")
		if !contains(report.Formats(), name) {
			return nil, fmt.Errorf("unknown format %q: say one of %s", name, strings.Join(report.Formats(), ", "))
		}
		if file == "" {
			stdout++
		}
		sinks = append(sinks, sink{name, file})
	}
	if stdout > 1 {
		return nil, errors.New("only one format can go to standard output: give the others a file, as --format sarif=patrol.sarif")
	}
	if o.failOn != "never" {
		if _, err := audit.ParseSeverity(o.failOn); err != nil {
			return nil, fmt.Errorf("--fail-on: %w, or never", err)
		}
	}
	if _, err := audit.ParseSeverity(o.minSeverity); err != nil {
		return nil, fmt.Errorf("--min-severity: %w", err)
	}
	if o.repository != "" && strings.Count(o.repository, "/") != 1 {
		return nil, fmt.Errorf("--repository: %q is not of the form OWNER/NAME", o.repository)
	}
	return sinks, nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// filter drops the findings below --min-severity.
func (o *auditOptions) filter(r *audit.Report) {
	least, _ := audit.ParseSeverity(o.minSeverity)
	for _, repository := range r.Repositories {
		var kept []*audit.Finding
		for _, f := range repository.Findings {
			if f.Severity.AtLeast(least) {
				kept = append(kept, f)
			}
		}
		repository.Findings = kept
	}
}

func (o *auditOptions) fails(r *audit.Report) bool {
	if o.failOn == "never" {
		return false
	}
	limit, _ := audit.ParseSeverity(o.failOn)
	for _, repository := range r.Repositories {
		for _, f := range repository.Findings {
			if f.Severity.AtLeast(limit) {
				return true
			}
		}
	}
	return false
}

// auditPaths audits the paths side by side; the report has them in order.
func auditPaths(ctx context.Context, p Process, o *auditOptions, paths []string) (*audit.Report, []error) {
	repositories := make([]*audit.Repository, len(paths))
	failures := make([]error, len(paths))
	var group sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, path := range paths {
		group.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; group.Done() }()
			if err := ctx.Err(); err != nil {
				failures[i] = fmt.Errorf("%s: %w", path, err)
				return
			}
			repositories[i], failures[i] = auditPath(p, o, path, len(paths) == 1)
		}()
	}
	group.Wait()
	out := &audit.Report{
		Schema: audit.SchemaVersion, Tool: audit.Tool{Name: "patrol", Version: Version()}, GeneratedAt: generatedAt(p.Getenv),
		Repositories: []*audit.Repository{}, Tokens: []*audit.Token{},
	}
	var failed []error
	for i, r := range repositories {
		if failures[i] != nil {
			failed = append(failed, failures[i])
			r = &audit.Repository{Root: &paths[i], Errors: []audit.Problem{{File: paths[i], Message: failures[i].Error()}}}
		}
		out.Repositories = append(out.Repositories, r)
		if !o.quiet && failures[i] == nil && r.Workflows == 0 && r.Files == 0 && len(r.Errors) == 0 {
			fmt.Fprintf(p.Stderr, "patrol: no workflows in %s: looked for .github/workflows/*.yml and *.yaml\n", paths[i])
		}
	}
	return out, failed
}

// generatedAt is now, or what SOURCE_DATE_EPOCH says.
func generatedAt(getenv func(string) string) string {
	now := time.Now()
	if epoch := getenv("SOURCE_DATE_EPOCH"); epoch != "" {
		var seconds int64
		if _, err := fmt.Sscan(epoch, &seconds); err == nil {
			now = time.Unix(seconds, 0)
		}
	}
	return now.UTC().Format(time.RFC3339)
}

// auditPath audits one path.
func auditPath(p Process, o *auditOptions, path string, alone bool) (*audit.Repository, error) {
	options := scan.Options{Name: o.repository, EnterpriseServer: o.enterprise(p.Getenv)}
	if path == "-" {
		source, err := io.ReadAll(io.LimitReader(p.Stdin, 32<<20))
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return scan.File(fstest.MapFS{"stdin.yml": {Data: source}}, "stdin.yml", options), nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, friendly(path, err)
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, friendly(path, err)
	}
	if alone && p.Getenv("GITHUB_ACTIONS") == "true" && within(full, p.Getenv("GITHUB_WORKSPACE")) {
		options.Fallback = p.Getenv("GITHUB_REPOSITORY")
	}
	var repository *audit.Repository
	if info.IsDir() {
		repository, err = auditFolder(full, "", options)
	} else {
		repository, err = auditFile(full, options)
	}
	if err != nil {
		return nil, friendly(path, err)
	}
	repository.Root = &path
	return repository, nil
}

func within(path, folder string) bool {
	relative, err := filepath.Rel(folder, path)
	return folder != "" && err == nil && relative != ".." && !strings.HasPrefix(relative, ".."+string(filepath.Separator))
}

// auditFolder audits a folder, or one file of it.
func auditFolder(folder, only string, o scan.Options) (*audit.Repository, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	o.Folder, o.Only = filepath.ToSlash(folder), only
	return scan.Repository(root.FS(), o), nil
}

// auditFile audits one file. A workflow of a repository is audited with the
// repository around it: its other workflows may listen to what this one does.
func auditFile(path string, o scan.Options) (*audit.Repository, error) {
	dir, name := filepath.Split(path)
	slashed := filepath.ToSlash(dir)
	if folder, ok := strings.CutSuffix(slashed, ".github/workflows/"); ok {
		return auditFolder(filepath.FromSlash(folder), ".github/workflows/"+name, o)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return scan.File(root.FS(), name, o), nil
}

// friendly says what is wrong with a path in a user's words.
func friendly(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: no such file or folder: give the path of a checkout, or of a workflow file", path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: no permission to read it", path)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// enterprise tells whether the API is not that of github.com.
func (o *auditOptions) enterprise(getenv func(string) string) bool {
	url := o.apiURL
	if url == "" && getenv("GITHUB_ACTIONS") == "true" {
		url = getenv("GITHUB_API_URL")
	}
	return url != "" && !strings.Contains(url, "api.github.com") && !strings.Contains(url, ".ghe.com")
}

// write writes the report in one format.
func (o *auditOptions) write(p Process, s sink, r *audit.Report, paths []string) (err error) {
	options := report.Options{Rules: reportRules(), Verbose: o.verbose, Open: sourceOf, Width: width(p)}
	if s.file == "" {
		options.Color = o.color(p)
		return report.Write(p.Stdout, s.format, r, options)
	}
	file, err := os.OpenFile(s.file, os.O_CREATE|os.O_WRONLY|mode(s, p), 0o644)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", s.file, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return report.Write(file, s.format, r, options)
}

// mode appends to the job summary, which other steps write to as well, and
// replaces any other file.
func mode(s sink, p Process) int {
	if summary := p.Getenv("GITHUB_STEP_SUMMARY"); summary != "" && s.file == summary {
		return os.O_APPEND
	}
	return os.O_TRUNC
}

// sourceOf opens a file of an audited folder for a code frame.
func sourceOf(repository *audit.Repository, path string) ([]byte, error) {
	if repository.Root == nil || *repository.Root == "-" {
		return nil, fs.ErrNotExist
	}
	folder := *repository.Root
	if info, err := os.Stat(folder); err == nil && !info.IsDir() {
		folder = filepath.Dir(folder)
		if rest, ok := strings.CutSuffix(filepath.ToSlash(folder), ".github/workflows"); ok {
			folder = filepath.FromSlash(rest)
			if folder == "" {
				folder = "."
			}
		}
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.ReadFile(filepath.FromSlash(path))
}

// reportRules are the rules as formats want them.
func reportRules() []report.Rule {
	var out []report.Rule
	for _, id := range rules.RuleIDs() {
		page, _ := rules.PageByID(id)
		out = append(out, report.Rule{ID: page.ID, Title: page.Title, Help: page.Body, Severity: page.Severity})
	}
	return out
}

// writeOutputs appends the action's outputs.
func writeOutputs(file string, r *audit.Report, sinks []sink) (err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", file, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	fmt.Fprintf(f, "findings=%d\nreplaceable=%d\n", r.Summary.Findings, r.Summary.Replaceable)
	for format, name := range map[string]string{"json": "report", "sarif": "sarif"} {
		for _, s := range sinks {
			if s.format == format && s.file != "" {
				fmt.Fprintf(f, "%s=%s\n", name, strings.ReplaceAll(s.file, "\n", ""))
			}
		}
	}
	return nil
}
