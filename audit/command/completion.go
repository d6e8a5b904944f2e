package command

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/report"
	"github.com/patrol-actions/patrol/rules"
)

// severities are those that a finding can have, the worst first.
var severities = []string{string(audit.SeverityError), string(audit.SeverityWarning), string(audit.SeverityNotice)}

// completeFlags tells the shell what the flags of a command take.
func completeFlags(cmd *cobra.Command) {
	// Reports can be written in several formats at once, and answers in one.
	formats := []string{"text", "json"}
	if flag := cmd.Flags().Lookup("format"); flag != nil && flag.Value.Type() == "stringArray" {
		formats = report.Formats()
	}
	complete := func(flag string, values cobra.CompletionFunc) {
		_ = cmd.RegisterFlagCompletionFunc(flag, values) // an error says that the command has no such flag
	}
	for name, values := range map[string][]string{
		"annotate":     {annotateAuto, annotateCheck, annotateCommands, annotateOff},
		"fail-on":      append(severities[:len(severities):len(severities)], "never"),
		"min-severity": severities,
		"secrets":      {secretsOrganization, secretsRepositories, secretsNone},
		"visibility":   {"public", "private", "internal"},
	} {
		complete(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder))
	}
	complete("format", func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if strings.Contains(typed, "=") {
			return nil, cobra.ShellCompDirectiveDefault // the file behind it
		}
		return formats, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	})
	for name, endings := range map[string][]string{"baseline": {"json"}, "config": {"yml", "yaml"}, "from-plan": {"db"}, "state": {"db"}} {
		complete(name, cobra.FixedCompletions(endings, cobra.ShellCompDirectiveFilterFileExt))
	}
	for _, name := range []string{"api-url", "changed-since", "days", "exclude", "expiring-days", "include", "issue", "max-pull-requests", "max-repositories", "max-wait", "owner", "plan", "repository", "secret", "shard", "token", "token-lines", "topic"} {
		complete(name, cobra.NoFileCompletions)
	}
}

// completePages offers the codes of rules and reasons, with their titles.
func completePages(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []cobra.Completion
	for _, id := range append(rules.RuleIDs(), rules.ReasonCodes()...) {
		page, _ := rules.PageByID(id)
		out = append(out, cobra.CompletionWithDesc(id, page.Title))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
