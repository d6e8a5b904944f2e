package command

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"

	"github.com/patrol-actions/patrol/audit/estate"
)

// How often progress is shown: on a terminal by writing a line anew, elsewhere
// by a line now and then.
const (
	redrawEvery = 100 * time.Millisecond
	lineEvery   = 30 * time.Second
)

// progress shows how far the audit of many repositories is.
type progress struct {
	out      io.Writer
	terminal bool
	began    time.Time
	shown    time.Time
	// phase begins anew when another is shown: first is what was done then.
	phase string
	first int
}

func newProgress(p Process, quiet bool) *progress {
	if quiet {
		return &progress{}
	}
	file, ok := p.Stderr.(*os.File)
	// Some runners give a terminal: there a line that is written over and over
	// would stand in the log many times.
	terminal := ok && isatty.IsTerminal(file.Fd()) && p.Getenv("CI") == "" && p.Getenv("GITHUB_ACTIONS") == "" && p.Getenv("TERM") != "dumb"
	return &progress{out: p.Stderr, terminal: terminal}
}

// show tells of an audit.
func (g *progress) show(s estate.Progress) {
	phase := "audited"
	if s.Listing {
		phase = "listed"
	}
	text := fmt.Sprintf("%d of %d repositories %s", s.Done, s.Total, phase)
	if s.Kept > 0 {
		text += fmt.Sprintf(" (%d unchanged)", s.Kept)
	}
	text += fmt.Sprintf(", %d requests", s.Requests)
	if s.Remaining >= 0 {
		text += fmt.Sprintf(", %d left this hour", s.Remaining)
	}
	g.say(phase, s.Done, s.Total, text)
}

// step tells of any other work.
func (g *progress) step(what string, done, total int) {
	g.say(what, done, total, fmt.Sprintf("%d of %d %s", done, total, what))
}

// say shows a line, with the time that is left where that can be told.
func (g *progress) say(phase string, done, total int, text string) {
	if g.out == nil {
		return
	}
	now := time.Now()
	if phase != g.phase {
		g.phase, g.began, g.first = phase, now, done
		if !g.terminal {
			g.shown = now // short work needs no line
		}
	}
	every := lineEvery
	if g.terminal {
		every = redrawEvery
	}
	if now.Sub(g.shown) < every {
		return
	}
	g.shown = now
	if spent, work := now.Sub(g.began), done-g.first; work > 0 && spent > 2*time.Second && total > done {
		left := time.Duration(float64(spent) / float64(work) * float64(total-done))
		text += fmt.Sprintf(", %s left", left.Round(time.Second))
	}
	if g.terminal {
		fmt.Fprintf(g.out, "\r\x1b[K%s", text)
		return
	}
	fmt.Fprintf(g.out, "patrol: %s\n", text)
}

// waiting tells of a wait for a rate limit.
func (g *progress) waiting(wait time.Duration) {
	if g.out == nil || wait < 5*time.Second {
		return
	}
	g.clear()
	fmt.Fprintf(g.out, "patrol: waiting until %s for GitHub's rate limit\n", time.Now().Add(wait).Format("15:04:05"))
}

// clear takes the line away.
func (g *progress) clear() {
	if g.terminal && g.out != nil {
		fmt.Fprint(g.out, "\r\x1b[K")
	}
}
