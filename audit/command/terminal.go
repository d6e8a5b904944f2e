package command

import (
	"os"
	"strconv"

	"github.com/mattn/go-isatty"
)

// color tells whether to write colours: on a terminal that wants them.
func (o *auditOptions) color(p Process) bool {
	if o.noColor || p.Getenv("NO_COLOR") != "" || p.Getenv("TERM") == "dumb" {
		return false
	}
	if force := p.Getenv("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	return terminal(p)
}

// terminal tells whether somebody reads the output as it comes.
func terminal(p Process) bool {
	file, ok := p.Stdout.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}

// width is the terminal's width as the shell exports it, 80 where it is not
// told. Wider than 100 columns, lines of prose are hard to read.
func width(p Process) int {
	n, err := strconv.Atoi(p.Getenv("COLUMNS"))
	if err != nil || n < 40 {
		return 80
	}
	return min(n, 100)
}
