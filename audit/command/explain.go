package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
	"github.com/spf13/cobra"

	"github.com/patrol-actions/patrol/rules"
)

func newExplain(p Process) *cobra.Command {
	return &cobra.Command{
		Use: "explain [CODE]", Short: "Show the page of a rule or a reason code",
		Long: "Explain shows what a rule or a reason code means, with an example and what to do.\nWithout a code it lists them all.",
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				listPages(cmd.OutOrStdout())
				return nil
			}
			page, ok := rules.PageByID(args[0])
			if !ok {
				return usageError{fmt.Errorf("no rule or reason is called %q%s", args[0], suggestion(args[0]))}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n\n%s\n", page.ID, page.Title, wrapPage(strings.TrimSpace(page.Body), width(p)))
			return nil
		},
		ValidArgsFunction: completePages,
	}
}

// wrapPage breaks the lines of a page that are wider than so many columns. Code
// stays as it is, and so do headings.
func wrapPage(page string, columns int) string {
	var out []string
	code := false
	for line := range strings.Lines(page) {
		line = strings.TrimRight(line, "\n")
		fence := strings.HasPrefix(line, "```")
		if code = code != fence; code || fence || strings.HasPrefix(line, "#") {
			out = append(out, line)
			continue
		}
		indent := ""
		if strings.HasPrefix(line, "- ") {
			indent = "  "
		}
		for runewidth.StringWidth(line) > columns {
			at := breakAt(line, len(indent), columns)
			if at < 0 {
				break
			}
			out = append(out, line[:at])
			line = indent + line[at+1:]
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// breakAt finds the last space, behind those at the beginning, at which a line
// is no wider than so many columns; the first one where a word is wider; -1
// where there is none.
func breakAt(line string, from, columns int) int {
	last := -1
	for i, c := range line {
		if c != ' ' || i <= from {
			continue
		}
		if last >= 0 && runewidth.StringWidth(line[:i]) > columns {
			break
		}
		last = i
	}
	return last
}

func suggestion(id string) string {
	near := rules.Suggest(id)
	if len(near) == 0 {
		return ": 'patrol explain' lists them"
	}
	return ": did you mean " + strings.Join(near, " or ") + "?"
}

func listPages(out io.Writer) {
	for _, kind := range []struct {
		title string
		ids   []string
	}{{"Rules", rules.RuleIDs()}, {"Reasons", rules.ReasonCodes()}} {
		fmt.Fprintln(out, kind.title)
		for _, id := range kind.ids {
			page, _ := rules.PageByID(id)
			fmt.Fprintf(out, "  %-22s %s\n", id, page.Title)
		}
	}
}
