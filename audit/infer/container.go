package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// mounted notes that a command which runs in a container with the checkout
// mounted may use what is stored in there: what it is, its own words tell, or
// else the name of the image.
func (in *inferrer) mounted(site *trace.Site) {
	words, table := site.Command.Words()
	if len(words) < 3 || words[1] != "run" || !in.session.stores() {
		return
	}
	info, ok := site.Command.Program()
	if !ok || !rules.RunsContainer.Has(info.Name) || len(info.Operands) == 0 {
		return
	}
	shared := slices.Concat(info.Flags["volume"], info.Flags["mount"])
	writable := slices.ContainsFunc(shared, func(text string) bool { return sharesCheckout(table, text) && !readOnly(text) })
	inner := info.Operands[1:]
	what, dir, reason := info.Name, folder(site.Command.Dir), in.unknownProgramReason(site)
	switch {
	case len(inner) == 0:
		image, _, _ := strings.Cut(table.Value(info.Operands[0]).String(), "@")
		if writable && !builds(image[strings.LastIndexByte(image, '/')+1:]) {
			in.storedUse(site, what, dir, reason, unlessExplained)
		}
	case slices.ContainsFunc(shared, func(text string) bool { return sharesCheckout(table, text) }):
		if known, ok := rules.Program(inner); ok && known.Quiet {
			return
		}
		in.storedFor(site, what, table.Value(strings.Join(inner, " ")).String(), dir, reason)
	}
}

// readOnly tells whether a container may not write to what is mounted.
func readOnly(text string) bool {
	return strings.HasSuffix(text, ":ro") || strings.Contains(text, ":ro,") || strings.Contains(text, ",readonly") || strings.Contains(text, ",ro")
}

// sharesCheckout tells whether a mount is of the folder at hand or of the
// workspace: "$PWD:/src", "type=bind,source=.,target=/src".
func sharesCheckout(table *value.Table, text string) bool {
	source := text
	for part := range strings.SplitSeq(text, ",") {
		if from, ok := strings.CutPrefix(part, "source="); ok {
			source = from
		} else if from, ok := strings.CutPrefix(part, "src="); ok {
			source = from
		}
	}
	source = table.Value(source).String()
	return strings.HasPrefix(source, ".") || slices.ContainsFunc([]string{"github.workspace", "GITHUB_WORKSPACE", "PWD", "pwd"}, func(name string) bool { return strings.Contains(source, name) })
}
