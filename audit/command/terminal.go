package command

import (
	"os"
	"strconv"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"
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

// The widths, in columns, that lines are broken for. Wider than the most, lines
// of prose are hard to read; narrower than the least, code frames are.
const (
	leastWidth, usualWidth, mostWidth = 40, 80, 100
)

// width is how wide lines are on standard output: as COLUMNS says, which not
// every shell exports, else as the terminal is.
func width(p Process) int {
	file, ok := p.Stdout.(*os.File)
	if p.Getenv("COLUMNS") != "" || !ok || !terminal(p) {
		return fileWidth(p)
	}
	n, _, err := term.GetSize(int(file.Fd()))
	if err != nil || n <= 0 {
		return usualWidth
	}
	return min(max(n, leastWidth), mostWidth)
}

// fileWidth is how wide they are in a file, whatever terminal it is written
// from.
func fileWidth(p Process) int {
	n, err := strconv.Atoi(p.Getenv("COLUMNS"))
	if err != nil || n < leastWidth {
		return usualWidth
	}
	return min(n, mostWidth)
}
