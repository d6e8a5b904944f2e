// Generate brings the tables of package rules up to date with what GitHub
// publishes, and says what changed.
//
// It reads GitHub's OpenAPI description (npm package @octokit/openapi), its
// GraphQL schema (npm package @octokit/graphql-schema) and the lists of
// permissions that its documentation is made from (repository github/docs).
// A source that is not given is passed over, and what it decides stays as it
// is.
//
// The tables hold more than the sources say: notes, needs that we judged,
// conditions, events, operations that the description lacks. Only what a
// source decides is replaced. Cells and rows that we hold against a source
// stand in kept.tsv, beside what the source said when we decided so. As long
// as it says the same, all is well. Where it says something new, that is a
// conflict: it is reported, and the table stays as it is until somebody
// changes it, or keeps it with -keep.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"
)

const help = `Usage: go run ./rules/generate [flags]

Compares the tables in rules/table with GitHub's published descriptions and
shows what changed:

  + a row to add        - a row to remove       ~ a cell to change
  ! a conflict: the source says something else than a cell or row of ours
  ? something new that a person has to judge

Get the sources, then look, then write:

  npm install --ignore-scripts --prefix ../npm @octokit/openapi @octokit/graphql-schema
  git clone --depth 1 --filter=blob:none --sparse https://github.com/github/docs ../docs
  git -C ../docs sparse-checkout set src/github-apps/data
  go run ./rules/generate -openapi ../npm/node_modules/@octokit/openapi \
    -graphql ../npm/node_modules/@octokit/graphql-schema -docs ../docs
  … and the same with -write

Every source may be left out: what it decides then stays as it is.
Exit codes: 0 done, 1 with -check if anything is to do, 2 wrong flags,
3 a source or a table cannot be read or written.

Flags:
`

// The exit codes.
const (
	exitDone   = 0
	exitToDo   = 1
	exitUsage  = 2
	exitFailed = 3
)

// options are the flags.
type options struct {
	openapi, graphql, docs string
	tables, kept           string
	date                   string
	write, check, keep     bool
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program without its process.
func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil:
		fmt.Fprintf(stderr, "generate: %v\nSee 'go run ./rules/generate -help'.\n", err)
		return exitUsage
	}
	c, err := compareAll(o)
	if err != nil {
		fmt.Fprintf(stderr, "generate: %v\n", err)
		return exitFailed
	}
	c.print(stdout)
	if err := c.save(o); err != nil {
		fmt.Fprintf(stderr, "generate: %v\n", err)
		return exitFailed
	}
	if o.check && len(c.changes) > 0 {
		return exitToDo
	}
	return exitDone
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.openapi, "openapi", "", "`folder` of the npm package @octokit/openapi")
	flags.StringVar(&o.graphql, "graphql", "", "`folder` of the npm package @octokit/graphql-schema")
	flags.StringVar(&o.docs, "docs", "", "`folder` of a checkout of github/docs; src/github-apps/data is enough")
	flags.StringVar(&o.tables, "tables", "rules/table", "`folder` of the tables")
	flags.StringVar(&o.kept, "kept", "rules/generate/kept.tsv", "`file` of what we hold against the sources")
	flags.StringVar(&o.date, "date", time.Now().UTC().Format(time.DateOnly), "`date` to write into tables that change")
	flags.BoolVar(&o.write, "write", false, "write the tables; conflicts stay as they are")
	flags.BoolVar(&o.check, "check", false, "exit with 1 if there is anything to do")
	flags.BoolVar(&o.keep, "keep", false, "settle the conflicts: keep what is ours, and write that down in the file of -kept")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stderr, help)
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return o, err
	case err != nil:
		return o, err
	case flags.NArg() > 0:
		return o, fmt.Errorf("no argument %q: there are only flags", flags.Arg(0))
	case o.openapi == "" && o.graphql == "" && o.docs == "":
		return o, errors.New("no source: give one of -openapi, -graphql and -docs")
	}
	if _, err := time.Parse(time.DateOnly, o.date); err != nil {
		return o, fmt.Errorf("date %q: want year-month-day", o.date)
	}
	return o, nil
}

// required are the columns that are read by their names, by table.
var required = map[string][]string{
	"endpoints":   {"id", "method", "path", "needs", "workflows", "fine_grained_pat", "installation", "scopes", "public", "basis", "note"},
	"permissions": {"level", "name", "accesses", "reason", "fine_grained_pat"},
	"mutations":   {"mutation"},
	"fields":      {"field"},
	"types":       {"type", "interfaces", "fields"},
}

// compareAll compares every table whose source is given.
func compareAll(o options) (*comparison, error) {
	c := &comparison{date: o.date, tables: map[string]*table{}}
	var err error
	if c.kept, err = readTable(o.kept, "table", "key", "column", "source"); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(required)) {
		if c.tables[name], err = readTable(tablePath(o.tables, name), required[name]...); err != nil {
			return nil, err
		}
	}
	if o.openapi != "" || o.docs != "" {
		if err := compareREST(c, o); err != nil {
			return nil, err
		}
	}
	if o.graphql != "" {
		s, err := readSchema(o.graphql)
		if err != nil {
			return nil, err
		}
		compareGraphQL(c, s)
	}
	c.finish()
	return c, nil
}

// compareREST compares the tables of the REST API. Its two sources are
// independent: one may be missing.
func compareREST(c *comparison, o options) error {
	var d *description
	var l *lists
	var err error
	if o.openapi != "" {
		if d, err = readDescription(o.openapi); err != nil {
			return err
		}
	}
	if o.docs != "" {
		if l, err = readLists(o.docs); err != nil {
			return err
		}
		comparePermissions(c, l)
	}
	compareEndpoints(c, d, l)
	return nil
}
