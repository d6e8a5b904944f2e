package command

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// The page has every command and flag that people are meant to find, and no
// line in which troff would see a request that is not ours.
func TestManual(t *testing.T) {
	var page strings.Builder
	root := newRoot(Process{Getenv: os.Getenv}, io.Discard)
	root.InitDefaultCompletionCmd()
	manual{&page}.write(root, time.Unix(0, 0).UTC())
	for _, c := range root.Commands() {
		_, section, _ := strings.Cut(page.String(), "\n.SS "+c.Name()+"\n")
		if (section == "") != (c.Hidden || c.Name() == "help") {
			t.Errorf("the command %s: %.80q", c.Name(), section)
		}
		section, _, _ = strings.Cut(section, "\n.S")
		flags := func(f *pflag.Flag) {
			if want := roff("--"+f.Name) + "\\fR"; !strings.Contains(section, want) && !c.Hidden {
				t.Errorf("%s lacks %s", c.Name(), want)
			}
		}
		c.NonInheritedFlags().VisitAll(flags)
	}
	for i, line := range strings.Split(page.String(), "\n") {
		request, _, _ := strings.Cut(line, " ")
		if strings.HasPrefix(line, "'") || strings.HasPrefix(line, ".") && !strings.Contains(" .TH .nh .ad .SH .SS .B .I .PP .TP .RS .RE .nf .fi ", " "+request+" ") {
			t.Errorf("line %d is a request: %q", i+1, line)
		}
	}
}

func TestRoff(t *testing.T) {
	const text = ".de X\n'so /etc/passwd\n\\fBbold\\fR `--flag` ^~\""
	const want = "\\&.de X\n\\(aqso /etc/passwd\n\\efBbold\\efR \\(ga\\-\\-flag\\(ga \\(ha\\(ti\\(dq"
	if got := roff(text); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
