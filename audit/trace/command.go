package trace

import (
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// Command is a program that a script runs.
type Command struct {
	shell.Command
	// script is the number of the reading of a script that it comes from, 0 for
	// none, index where it stands in that.
	script, index int
	// apart says that the command goes on which has started the script, should
	// that fail.
	apart bool
	// launches counts the programs that have started one another by its words.
	launches int
	text     func(from, to int) string
	// words and table are what Words returned for the arguments masked.
	masked []value.Value
	words  []string
	table  *value.Table
	// program is what Program returned, if asked says so.
	program *rules.ProgramInfo
	asked   bool
}

// Words are the command's words, in which placeholders of the table stand for
// what is not literal. They are shared: who changes them must copy them.
func (c *Command) Words() ([]string, *value.Table) {
	// A copy of a command may have got other arguments.
	if same := len(c.masked) == len(c.Args) && (len(c.Args) == 0 || &c.masked[0] == &c.Args[0]); c.table == nil || !same {
		c.masked, c.asked = c.Args, false
		c.words, c.table = value.MaskWords(c.Args)
	}
	return c.words, c.table
}

// Program returns what is known of the program that the command runs, as
// [rules.Program] has it.
func (c *Command) Program() (info *rules.ProgramInfo, ok bool) {
	if words, _ := c.Words(); !c.asked {
		c.program, _ = rules.Program(words)
		c.asked = true
		// An operand in quotes is the image or what runs in it: nobody quotes a flag
		// among them, which would have to be there every time.
		if c.program != nil && c.Whole && rules.RunsContainer.Has(c.program.Name) {
			c.program.Hidden = false
		}
	}
	return c.program, c.program != nil
}

// Text is the command's source on one line.
func (c *Command) Text() string { return c.text(c.Start, c.End) }
