package command

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const manHelp = `Man writes the manual page of patrol and its commands, as releases have it.

It is dated today, or as SOURCE_DATE_EPOCH says.`

// newMan is hidden: whoever has the program has its help.
func newMan(p Process) *cobra.Command {
	return &cobra.Command{
		Use: "man", Short: "Write the manual page", Long: manHelp, Hidden: true, Args: atMost(0), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := bufio.NewWriter(p.Stdout)
			manual{w}.write(cmd.Root(), now(p.Getenv))
			return w.Flush()
		},
	}
}

// manual writes a page in the macros of man(7). The one of cobra reads the help
// as Markdown, which it is not, and has a page for every command.
type manual struct{ w io.Writer }

// write turns hyphenation off, which would part the names of files and flags.
func (m manual) write(root *cobra.Command, date time.Time) {
	fmt.Fprintf(m.w, ".TH PATROL 1 %s \"patrol %s\" \"User Commands\"\n.nh\n.ad l\n", date.Format(time.DateOnly), roff(Version()))
	m.section("NAME")
	fmt.Fprintf(m.w, "patrol \\- %s\n", roff(strings.ToLower(root.Short[:1])+root.Short[1:]))
	m.section("SYNOPSIS")
	m.usage(root)
	m.section("DESCRIPTION")
	m.text(root.Long)
	m.section("COMMANDS")
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" {
			m.command(c)
		}
	}
	m.section("EXAMPLES")
	m.verbatim(root.Example)
	m.section("FILES")
	fmt.Fprintln(m.w, ".TP\n.I .github/patrol.yml\nthe configuration of a repository; patrol.yml at its root is one as well")
	m.section("SEE ALSO")
	fmt.Fprintln(m.w, roff("gh(1), https://github.com/patrol-actions/patrol"))
}

func (m manual) section(title string) { fmt.Fprintf(m.w, ".SH %s\n", title) }

func (m manual) usage(c *cobra.Command) {
	use := strings.TrimPrefix(c.UseLine(), c.CommandPath())
	fmt.Fprintf(m.w, ".B %s\n%s\n", roff(c.CommandPath()), roff(strings.TrimSpace(use)))
}

// command writes about one command. Those below it, such as the shells of
// completion, are only named.
func (m manual) command(c *cobra.Command) {
	fmt.Fprintf(m.w, ".SS %s\n", roff(c.Name()))
	m.usage(c)
	fmt.Fprintln(m.w, ".PP")
	m.text(c.Long)
	for _, below := range c.Commands() {
		fmt.Fprintf(m.w, ".TP\n.B %s\n%s\n", roff(below.CommandPath()), roff(below.Short))
	}
	c.NonInheritedFlags().VisitAll(m.flag)
	if c.Example != "" {
		fmt.Fprintln(m.w, ".PP\nExamples:")
		m.verbatim(c.Example)
	}
}

func (m manual) flag(f *pflag.Flag) {
	if f.Hidden {
		return
	}
	name, usage := pflag.UnquoteUsage(f)
	flag := "--" + f.Name
	if f.Shorthand != "" {
		flag = "-" + f.Shorthand + ", " + flag
	}
	fmt.Fprintf(m.w, ".TP\n\\fB%s\\fR", roff(flag))
	if name != "" && f.NoOptDefVal == "" {
		fmt.Fprintf(m.w, " \\fI%s\\fR", roff(name))
	}
	switch f.DefValue {
	case "", "0", "0s", "false", "[]":
	default:
		usage += " (default " + f.DefValue + ")"
	}
	fmt.Fprintf(m.w, "\n%s\n", roff(usage))
}

// text writes paragraphs. One that has indented lines is a table, or lists
// something, and stays as it is.
func (m manual) text(long string) {
	for i, paragraph := range strings.Split(strings.TrimSpace(long), "\n\n") {
		if strings.HasPrefix(paragraph, " ") || strings.HasPrefix(paragraph, "\t") || strings.Contains(paragraph, "\n ") {
			m.verbatim(paragraph)
			continue
		}
		if i > 0 {
			fmt.Fprintln(m.w, ".PP")
		}
		fmt.Fprintln(m.w, roff(paragraph))
	}
}

func (m manual) verbatim(text string) {
	fmt.Fprintf(m.w, ".PP\n.RS 2\n.nf\n%s\n.fi\n.RE\n", roff(strings.Trim(text, "\n")))
}

// roffs are the characters that troff takes for something else, or prints as
// others.
var roffs = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, `"`, `\(dq`)

// roff makes a text one that troff prints as it is: a dot at the beginning of a
// line would make that a request.
func roff(text string) string {
	lines := strings.Split(roffs.Replace(text), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
