package command

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/decide"
	"github.com/patrol-actions/patrol/audit/needs"
	"github.com/patrol-actions/patrol/rules"
	"github.com/spf13/cobra"
)

// needsOptions are the flags of `patrol needs`.
type needsOptions struct {
	format       string
	apiURL       string
	public       bool
	token        string
	owner        string
	repositories []string
	days         int
	config       configuration
	// own is the configuration of this folder, nil where there is none.
	own *config.Config
}

const needsHelp = `Needs says what a command, an API call, an action or a workflow takes: the
permissions of a fine-grained token, the "permissions:" of GITHUB_TOKEN, the
smallest scopes of a classic token, and whether GITHUB_TOKEN can do it at all.
Nothing is executed, and nothing is asked over the network.

A query is one of these; several stand with a lone + between them, or with -
on standard input, one on a line, and are added up:

  a command line     gh, git, curl and the tools that take a GitHub token, also
                     in a loop or a condition; a push to ghcr.io goes by the
                     login that was stored before
  a REST call        METHOD /path or the whole address, then NAME=VALUE fields
  an operation id    issues/create-comment, or Octokit's issues.createComment
  GraphQL            a document, @FILE that holds one, or a mutation's name
  an action          OWNER/REPO, with or without @version, then NAME=VALUE
  a workflow file    FILE.yml, one job FILE.yml:JOB, one step FILE.yml:JOB:2

What comes on top under a condition that a query leaves open is listed below
the answer, and is no part of it: an input that is not given, the event that
starts the workflow, what the configuration of a program says.

What a project says in .github/patrol.yml (or patrol.yml) of its own actions
and programs holds here as in an audit.

Flags of patrol go before a command: all that follows is the command's.
{owner} and {repo} in a path, and variables that are not given, stand for the
workflow's own repository, as does everything that names no other.

Exit codes: 0 answered, 2 wrong usage, or nothing is known of a query.`

const needsExamples = `  patrol needs gh release create v1 --draft
  patrol needs git push origin main
  patrol needs 'git push origin v1 && gh release create v1'
  patrol needs POST /repos/{owner}/{repo}/issues 'labels=["bug"]'
  patrol needs issues/create-comment
  patrol needs 'mutation { addComment(input: {}) { clientMutationId } }'
  patrol needs actions/checkout repository=octo/other
  patrol needs .github/workflows/release.yml:publish
  patrol needs gh pr create --fill + gh pr merge --auto
  patrol needs - < commands.txt
  patrol needs --token release-bot --owner octo --repository octo/app \
      gh release create v1`

func newNeeds(p Process) *cobra.Command {
	o := &needsOptions{}
	cmd := &cobra.Command{
		Use: "needs QUERY…", Short: "Say what a command, an API call or an action needs",
		Long: needsHelp, Example: needsExamples, Args: cobra.ArbitraryArgs,
		ValidArgsFunction: completeNeeds,
	}
	f := cmd.Flags()
	f.SetInterspersed(false)
	f.StringVar(&o.format, "format", "text", "write the answer as `NAME`: text, json")
	f.StringVar(&o.apiURL, "api-url", "", apiURLUsage)
	f.BoolVar(&o.public, "public", false, "only public repositories are at hand")
	f.StringVar(&o.token, "token", "", "write the recipe for a token of this `NAME`")
	f.StringVar(&o.owner, "owner", "", "the token's resource owner: the `LOGIN` of a user or an organisation")
	f.StringArrayVar(&o.repositories, "repository", nil, "the repository `OWNER/NAME` that it is about, or each of the token's")
	f.IntVar(&o.days, "days", 90, "the token's life in `DAYS`")
	o.config.flags(f)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return runNeeds(cmd, p, o, args) }
	return cmd
}

func runNeeds(cmd *cobra.Command, p Process, o *needsOptions, args []string) error {
	queries, err := o.configured(cmd, p, args)
	if err != nil {
		return usageError{err}
	}
	if err := o.check(); err != nil {
		return usageError{err}
	}
	host := &auditOptions{apiURL: o.apiURL}
	options := needs.Options{Open: openQuery, Config: o.configOf, PublicOnly: o.public, EnterpriseServer: host.enterprise(p.Getenv), Web: host.web(p.Getenv)}
	if len(o.repositories) == 1 && strings.Contains(o.repositories[0], "/") {
		options.Repository = o.repositories[0]
	}
	report, err := needs.Ask(queries, options)
	if err != nil {
		return usageError{err}
	}
	if o.format == "json" {
		encoder := json.NewEncoder(p.Stdout)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(report)
	}
	if o.token != "" {
		recipe, kind := report.Recipe(decide.Wanted{Name: o.token, Owner: o.owner, Repositories: o.repositories, Days: o.days})
		return needs.WriteRecipe(p.Stdout, report, recipe, kind, width(p))
	}
	return needs.WriteText(p.Stdout, report, needs.TextOptions{Width: width(p), PublicOnly: o.public, EnterpriseServer: options.EnterpriseServer})
}

// configured reads the configuration, and then the arguments, for what they
// mean may stand in it. Flags for it behind a query are only seen then.
func (o *needsOptions) configured(cmd *cobra.Command, p Process, args []string) ([]needs.Query, error) {
	for {
		if err := o.config.read(cmd.Flags()); err != nil {
			return nil, err
		}
		var err error
		if o.own, err = o.configOf("."); err != nil {
			return nil, err
		}
		before := o.config
		queries, err := o.queries(cmd, p, args)
		if before == o.config {
			return queries, err
		}
	}
}

// queries reads the arguments. A query that is no command takes no flags of
// its own, so flags behind it are ours.
func (o *needsOptions) queries(cmd *cobra.Command, p Process, args []string) ([]needs.Query, error) {
	if slices.Equal(args, []string{"-"}) {
		return o.readQueries(p)
	}
	var words []string
	for _, group := range needs.Split(args) {
		q, err := needs.ParseWords(group, o.own)
		if err != nil || !q[0].IsCommand() {
			f := cmd.Flags()
			f.SetInterspersed(true)
			if failure := f.Parse(group); failure != nil {
				return nil, failure
			}
			group = f.Args()
		}
		words = append(append(words, group...), "+")
	}
	return needs.ParseWords(words, o.own)
}

// readQueries reads standard input: a query a line, blank lines and lines
// that begin with # left out.
func (o *needsOptions) readQueries(p Process) ([]needs.Query, error) {
	var out []needs.Query
	lines := bufio.NewScanner(p.Stdin)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		q, err := needs.ParseLine(line, o.own)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		out = append(out, q)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	if len(out) == 0 {
		return nil, errors.New("standard input holds no query: write one on each line")
	}
	return out, nil
}

func (o *needsOptions) check() error {
	switch {
	case o.format != "text" && o.format != "json":
		return fmt.Errorf("unknown format %q: say text or json", o.format)
	case o.format == "json" && o.token != "":
		return errors.New("--token writes text: leave --format json out")
	case o.token == "" && o.owner != "":
		return errors.New("--owner is the owner of a token: name it with --token NAME")
	case o.days < 1 || o.days > 366:
		return errors.New("--days: a token lives from 1 to 366 days")
	case strings.ContainsAny(o.owner, "/ "):
		return fmt.Errorf("--owner: %q is no login", o.owner)
	}
	for _, name := range o.repositories {
		owner, rest, full := strings.Cut(name, "/")
		if full && (owner == "" || rest == "" || strings.Contains(rest, "/")) || !full && o.owner == "" {
			return fmt.Errorf("--repository: %q is not of the form OWNER/NAME", name)
		}
	}
	return nil
}

// openQuery opens the repository that holds a file: for a workflow the folder
// above .github, for other files this folder or their own.
func openQuery(name string) (fs.FS, string, error) {
	if filepath.IsLocal(name) && !strings.Contains(filepath.ToSlash(name), "/.github/") {
		root, err := os.OpenRoot(".")
		if err != nil {
			return nil, "", friendly(err)
		}
		return root.FS(), filepath.ToSlash(filepath.Clean(name)), nil
	}
	full, err := filepath.Abs(name)
	if err != nil {
		return nil, "", friendly(err)
	}
	folder, only, err := locate(full)
	if err != nil {
		return nil, "", friendly(err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, "", friendly(err)
	}
	if only == "" {
		only = "."
	}
	return root.FS(), only, nil
}

// configOf returns the configuration of the repository that holds a file, or
// of this folder.
func (o *needsOptions) configOf(name string) (*config.Config, error) {
	if o.config.shared != nil {
		return o.config.shared, nil
	}
	full, err := filepath.Abs(name)
	if err != nil {
		return nil, friendly(err)
	}
	if folder, _, err := locate(full); err == nil {
		full = folder
	}
	root, err := os.OpenRoot(full)
	if err != nil {
		return nil, friendly(err)
	}
	defer root.Close()
	return o.config.of(root.FS(), full)
}

// completeNeeds completes the first word of a query, and the commands of gh.
func completeNeeds(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if groups := needs.Split(args); len(args) > 0 && args[len(args)-1] != "+" && len(groups) > 0 {
		args = groups[len(groups)-1]
	} else {
		args = nil
	}
	if len(args) > 0 && args[0] == "gh" {
		return nextWords(rules.GhCommands(), args[1:], word), cobra.ShellCompDirectiveNoFileComp
	}
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var out []string
	for _, name := range needs.Names() {
		if first, _, _ := strings.Cut(name, " "); strings.HasPrefix(first, word) && !slices.Contains(out[max(0, len(out)-1):], first) {
			out = append(out, first)
		}
	}
	return out, cobra.ShellCompDirectiveDefault
}

// nextWords are the words that may follow those given in names of several
// words.
func nextWords(names, given []string, word string) []string {
	var out []string
	for _, name := range names {
		words := strings.Fields(name)
		if len(words) <= len(given) || !slices.Equal(words[:len(given)], given) || !strings.HasPrefix(words[len(given)], word) {
			continue
		}
		if next := words[len(given)]; !slices.Contains(out, next) {
			out = append(out, next)
		}
	}
	return out
}
