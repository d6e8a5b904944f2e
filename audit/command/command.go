// Package command is Patrol's command line: it reads flags, calls the work,
// and turns what comes back into output and an exit code.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	// ExitClean says that no finding is as severe as --fail-on.
	ExitClean = 0
	// ExitFindings says that one is.
	ExitFindings = 1
	// ExitUsage says that the command line was wrong.
	ExitUsage = 2
	// ExitUnfinished says that something could not be audited, or that the run
	// was interrupted. What could be has been reported.
	ExitUnfinished = 3
)

// Process is what a program is given by its system.
type Process struct {
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	// Sleep waits for GitHub; nil for a real wait.
	Sleep func(context.Context, time.Duration) error
}

// checked keeps the first error of writing, which help texts and the like do not
// look at.
type checked struct {
	io.Writer
	err error
}

func (c *checked) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	if c.err == nil {
		c.err = err
	}
	return n, err
}

// exit is an error that ends the program with a code and says nothing more.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// usageError is a mistake of the user's.
type usageError struct{ error }

// errInterrupted ends a run that was asked to stop, by Ctrl-C or by a runner.
var errInterrupted = errors.New("interrupted")

// Main runs the program and returns its exit code. Once the context is done, it
// comes to its end as soon as it can.
func Main(ctx context.Context, p Process) int {
	out := &checked{Writer: p.Stdout}
	root := newRoot(p, out)
	root.SetArgs(p.Args)
	root.SetIn(p.Stdin)
	root.SetErr(p.Stderr)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		err = out.err
	}
	var code exit
	var usage usageError
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.As(err, &usage)) {
		err = errInterrupted // what could not be had for it is no mistake of the user's
	}
	switch {
	case err == nil:
		return ExitClean
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &usage):
		fmt.Fprintf(p.Stderr, "patrol: %s\nSee '%s --help'.\n", harmless(err.Error()), command.CommandPath())
		return ExitUsage
	}
	fmt.Fprintf(p.Stderr, "patrol: %s\n", harmless(err.Error()))
	return ExitUnfinished
}

// How much memory, in bytes, the program may take before it is worth while to
// collect what is of no use any more.
const (
	// memoryFloor is that of most commands: an audit makes much that lives
	// shortly.
	memoryFloor = 120 << 20
	// stateFloor is that of commands that keep a state, whose file is mapped
	// into memory beside.
	stateFloor = 56 << 20
)

// MemoryFloor is that of a command line.
func MemoryFloor(args []string) int64 {
	if len(args) > 0 && (args[0] == "org" || args[0] == "merge") {
		return stateFloor
	}
	return memoryFloor
}

// harmless makes a message fit to be shown: names of files are part of some,
// and can hold line ends. A line that begins with ::, or holds ##[ anywhere, would
// be a command to a runner, which skips spaces before it.
func harmless(message string) string {
	lines := strings.Split(strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			return ' '
		}
		return r
	}, message), "\n")
	for i, line := range lines {
		line = strings.ReplaceAll(line, "##[", "## [")
		if bare := strings.TrimSpace(line); strings.HasPrefix(bare, "::") {
			line = "patrol: " + bare
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

// atMost is an error for more arguments than n.
func atMost(n int) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		if len(args) > n {
			return usageError{fmt.Errorf("%s takes no argument %q", command.CommandPath(), args[n])}
		}
		return nil
	}
}

// strict makes wrong arguments of the commands that come with cobra mistakes of
// the user's, as those of Patrol's own are.
func strict(command *cobra.Command) {
	switch command.Name() {
	case "help":
		command.Args = func(_ *cobra.Command, args []string) error {
			if found, _, err := command.Root().Find(args); len(args) > 0 && (err != nil || found == command.Root()) {
				return usageError{fmt.Errorf("no command is called %q", strings.Join(args, " "))}
			}
			return nil
		}
	case "completion":
		command.Args = func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("no completions are known for %q: say bash, zsh, fish or powershell", args[0])}
			}
			return nil
		}
		command.RunE = func(*cobra.Command, []string) error { return command.Help() }
		for _, shell := range command.Commands() {
			shell.Args = atMost(0)
		}
	}
}

// mistyped is an error for a command that is written wrong. It takes its
// place among the paths, so only a word that names nothing else is one.
func mistyped(root *cobra.Command, args []string) error {
	if len(args) == 0 || args[0] == "" || strings.ContainsAny(args[0], `/\.`) {
		return nil
	}
	if _, err := os.Stat(args[0]); err == nil {
		return nil
	}
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		return usageError{fmt.Errorf("no command or path is called %q: did you mean 'patrol %s'?", args[0], near[0])}
	}
	return nil
}

const longHelp = `Patrol audits the tokens that GitHub workflows use.

It finds every place where a secret reaches GitHub, and says whether the
built-in GITHUB_TOKEN would do there and with which permissions; and where it
would not, why, and which token is the least that would.

With a path and no command, patrol audits that path.`

const examples = `  patrol                            audit the repository in this folder
  patrol audit ../api ../web        audit two repositories
  patrol .github/workflows/ci.yml   audit one workflow of a repository
  patrol - < ci.yml                 audit a workflow from standard input
  patrol --format json > r.json     write the report as JSON
  patrol --format text --format sarif=patrol.sarif
  patrol fix | git apply            put GITHUB_TOKEN in place of what it can replace
  patrol --changed-since origin/main  what a branch adds, in whichever file
  patrol --baseline r.json          what is new since a report
  patrol needs gh release create v1 what a command takes, and of which token
  patrol token BOT_PAT --uses .     what a token reaches, and what of that is used
  patrol org example                audit every repository of an organisation
  patrol explain triggers-workflows why a reason counts, and what to do`

// newRoot builds the commands. Help and the like are written to out.
func newRoot(p Process, out io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use: "patrol [PATH…]", Short: "Audit the tokens that GitHub workflows use", Long: longHelp, Example: examples,
		SilenceErrors: true, SilenceUsage: true, Args: mistyped, SuggestionsMinimumDistance: 2, Version: Version(),
	}
	root.SetVersionTemplate("patrol {{.Version}}\n")
	root.Flags().Bool("version", false, "show the version")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	auditFlags(root, p)
	root.AddCommand(newAudit(p), newExplain(p), newFix(p), newMan(p), newMerge(p), newNeeds(p), newOrg(p), newToken(p), newVersion(p))
	root.SetOut(out) // before the completions, which take it as it is then
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		strict(c)
	}
	completeFlags(root)
	for _, c := range root.Commands() {
		completeFlags(c)
	}
	return root
}
