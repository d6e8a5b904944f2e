package workflow

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit"
)

// maxNodes is the number of YAML nodes up to which a file is read, after
// every alias was put in place. It is some fifty times what the largest
// workflows have.
const maxNodes = 200_000

// parse reads a workflow. It returns nil, and the reason among the faults,
// where nothing could be read.
func parse(source []byte) (w *actionlint.Workflow, faults []*actionlint.Error) {
	// Where it meets a value that it does not expect, the parser may panic
	// ("timeout-minutes: !!float nan" is one that is known).
	defer func() {
		if p := recover(); p != nil {
			w, faults = nil, []*actionlint.Error{{Message: fmt.Sprintf("could not be parsed: %v", p)}}
		}
	}()
	if mayHaveAliases(source) {
		if document, err := parseYAML(source); err == nil {
			if fault := checkAliases(document); fault != nil {
				return nil, []*actionlint.Error{fault}
			}
		}
	}
	w, faults = actionlint.Parse(source)
	if line := secondDocument(source); line > 0 {
		faults = append(faults, &actionlint.Error{Message: "a second YAML document begins here; only the first one is read", Line: line, Column: 1})
	}
	return w, faults
}

// mayHaveAliases tells whether a source looks as if it had both an anchor
// and an alias. Scripts can look so too; then a check is done in vain.
func mayHaveAliases(source []byte) bool { return hasMark(source, '&') && hasMark(source, '*') }

// hasMark tells whether mark stands where a YAML node could begin, with a
// name behind it.
func hasMark(source []byte, mark byte) bool {
	for i := 0; ; i++ {
		n := bytes.IndexByte(source[i:], mark)
		if n < 0 {
			return false
		}
		i += n
		before := i == 0 || strings.IndexByte(" \t\r\n[{,:-?", source[i-1]) >= 0 || source[i-1] >= 0x80
		if before && i+1 < len(source) && strings.IndexByte(" \t\r\n&*,[]{}", source[i+1]) < 0 {
			return true
		}
	}
}

// checkAliases counts the nodes that a document has when every alias stands
// for its whole anchor, before anything walks over them. Few short lines can
// stand for billions.
func checkAliases(document *yaml.Node) *actionlint.Error {
	counts := map[*yaml.Node]int{}
	var count func(n *yaml.Node) int
	count = func(n *yaml.Node) int {
		if n.Kind == yaml.AliasNode {
			return counts[n.Alias] // 0 inside itself: recursion is found by others
		}
		total := 1
		for _, child := range n.Content {
			total = min(total+count(child), maxNodes+1)
		}
		if n.Anchor != "" {
			counts[n] = total
		}
		return total
	}
	if count(document) > maxNodes {
		return &actionlint.Error{Message: fmt.Sprintf("could not be read: its YAML aliases stand for more than %d values", maxNodes)}
	}
	return nil
}

// secondDocument returns the line on which a second document begins, or 0.
func secondDocument(source []byte) int {
	if !bytes.Contains(source, []byte("\n---")) {
		return 0
	}
	line, content := 0, false
	for text := range bytes.Lines(source) {
		line++
		trimmed := bytes.TrimSpace(text)
		if bytes.HasPrefix(text, []byte("---")) && (len(trimmed) == 3 || isBlank(text[3])) {
			if content {
				return line
			}
			content = true
		} else if len(trimmed) > 0 && trimmed[0] != '#' && trimmed[0] != '%' {
			content = true
		}
	}
	return 0
}

// unreadMessages are pieces of the parser's messages about things that it
// leaves out of its result.
var unreadMessages = []string{
	"could not be parsed",
	"could not be read",
	syntaxMessage,
	"a second YAML document",
	"workflow is empty",
	`"workflow" section should not be empty`,
	`"on" section is missing in workflow`,
	`"jobs" section is missing in workflow`,
	`"jobs" section should not be empty`,
	`"steps" section is missing in job`,
	"merge key",
	"is duplicated in",
	"recursive alias",
	"step must run script with",
	"node but mapping node is expected",
	"section must be sequence node but got",
	"expected scalar node for string value but found",
	"section value is expected to be mapping or sequence",
	"section value must be string or mapping",
	"node on parsing value in matrix row",
	"expected mapping node for secrets",
	"when a reusable workflow is called with",
	"is only available for a reusable workflow call",
	`both "username" and "password" must be specified`,
}

// droppedMessages are pieces of messages about values that are left out too,
// but matter only where they hold an expression.
var droppedMessages = []string{
	"unexpected key",
	" key for ", // expected %q key for %s but got %q
	"expecting a single ${{...}} expression",
	"expected bool value but found",
	"expected scalar node for integer value",
	"expected scalar node for float value",
}

// unreadFaults returns those faults because of which something could not be
// read. The rest of what the parser says is advice on how to write
// workflows, which is not the business of an audit.
//
// Messages are matched by their words, which hold for the version of the
// parser that go.mod names; a test checks each.
func unreadFaults(file *File, faults []*actionlint.Error) []*actionlint.Error {
	var unread []*actionlint.Error
	for _, fault := range faults {
		contains := func(piece string) bool { return strings.Contains(fault.Message, piece) }
		switch {
		case slices.ContainsFunc(unreadMessages, contains):
			unread = append(unread, fault)
		case slices.ContainsFunc(droppedMessages, contains) && holdsExpression(file, fault.Line, fault.Column):
			unread = append(unread, fault)
		}
	}
	// Of a file that is no workflow at all, the first fault says all.
	for _, fault := range unread {
		if strings.HasPrefix(fault.Message, `"workflow" section`) || fault.Message == "workflow is empty" {
			return []*actionlint.Error{fault}
		}
	}
	return unread
}

// parserFault notes a fault that the workflow parser found.
func (r *reader) parserFault(fault *actionlint.Error) {
	if key, _ := r.controlOf(fault); key != nil {
		return
	}
	if r.strategyExpression(fault) {
		return
	}
	r.problem(audit.Problem{
		File: r.file.Path, Line: r.physicalLine(fault.Line, fault.Column), Column: fault.Column, Message: fault.Message,
	})
}

// holdsExpression tells whether there is an expression in the block that
// begins at a place.
func holdsExpression(file *File, line, column int) bool {
	lines := file.lines()
	if line < 1 || line > len(lines.yaml) {
		return false
	}
	end := lines.blockEnd(file.Source, line, column, true)
	stop := len(file.Source)
	if end < len(lines.yaml) {
		stop = lines.yaml[end]
	}
	start := lines.offset(file.Source, line, column)
	return bytes.Contains(file.Source[min(start, stop):stop], []byte("${{"))
}
