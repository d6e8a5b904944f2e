package command

import (
	"fmt"
	"strings"

	"github.com/patrol-actions/patrol/rules"
	"github.com/spf13/cobra"
)

func newExplain(p Process) *cobra.Command {
	return &cobra.Command{
		Use: "explain [CODE]", Short: "Show the page of a rule or a reason code",
		Long: "Explain shows what a rule or a reason code means, with an example and what to do.\nWithout a code it lists them all.",
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				listPages(p)
				return nil
			}
			page, ok := rules.PageByID(args[0])
			if !ok {
				return usageError{fmt.Errorf("no rule or reason is called %q%s", args[0], suggestion(args[0]))}
			}
			fmt.Fprintf(p.Stdout, "%s: %s\n\n%s\n", page.ID, page.Title, strings.TrimSpace(page.Body))
			return nil
		},
		ValidArgsFunction: completePages,
	}
}

func suggestion(id string) string {
	near := rules.Suggest(id)
	if len(near) == 0 {
		return ": 'patrol explain' lists them"
	}
	return ": did you mean " + strings.Join(near, " or ") + "?"
}

func listPages(p Process) {
	for _, kind := range []struct {
		title string
		ids   []string
	}{{"Rules", rules.RuleIDs()}, {"Reasons", rules.ReasonCodes()}} {
		fmt.Fprintln(p.Stdout, kind.title)
		for _, id := range kind.ids {
			page, _ := rules.PageByID(id)
			fmt.Fprintf(p.Stdout, "  %-22s %s\n", id, page.Title)
		}
	}
}
