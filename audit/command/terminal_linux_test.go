package command

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestWidth asks a terminal of several widths. COLUMNS goes first.
func TestWidth(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("there are no terminals: ", err)
	}
	defer terminal.Close()
	for _, test := range []struct {
		columns       uint16
		exported      string
		want, inFiles int
	}{
		{60, "", 60, 80}, {40, "", 40, 80}, {20, "", 40, 80}, {200, "", 100, 80}, {0, "", 80, 80},
		{60, "90", 90, 90}, {60, "500", 100, 100}, {60, "x", 80, 80}, {60, "20", 80, 80},
	} {
		if err := unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: test.columns}); err != nil {
			t.Fatal(err)
		}
		p := Process{Stdout: terminal, Getenv: func(name string) string {
			if name == "COLUMNS" {
				return test.exported
			}
			return ""
		}}
		if got, inFiles := width(p), fileWidth(p); got != test.want || inFiles != test.inFiles {
			t.Errorf("%d columns, COLUMNS=%q: %d wide, %d in files, want %d and %d", test.columns, test.exported, got, inFiles, test.want, test.inFiles)
		}
	}
}
