package command

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/patrol-actions/patrol/audit/fix"
	"github.com/patrol-actions/patrol/audit/report"
)

// unified writes the change of a file as a diff that git apply and patch take.
// The library loses count of the new lines where a hunk joins several edits,
// and git apply looks for a hunk at its new line first: of several places that
// look the same it would change a wrong one. So they are counted here.
func unified(name string, f fix.File) (string, error) {
	edits := make([]udiff.Edit, len(f.Edits))
	for i, e := range f.Edits {
		edits[i] = udiff.Edit{Start: e.Start, End: e.End, New: e.New}
	}
	diff, err := udiff.ToUnifiedDiff(diffName("a/"+name), diffName("b/"+name), string(f.Before), edits, udiff.DefaultContextLines)
	if err != nil {
		return "", err
	}
	moved := 0 // by how many lines the file has grown
	for _, h := range diff.Hunks {
		h.ToLine = h.FromLine + moved
		for _, l := range h.Lines {
			switch l.Kind {
			case udiff.Insert:
				moved++
			case udiff.Delete:
				moved--
			}
		}
	}
	return diff.String(), nil
}

// diffName quotes a name that a diff's header could not hold as it is, in the
// way of git: in double quotes, with the escapes of C, bytes in octal. A name
// with blanks has a tab behind it, so that it is seen to end there.
func diffName(name string) string {
	plain := func(c byte) bool { return c >= ' ' && c < 0x7f && c != '"' && c != '\\' }
	quote, end := false, ""
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case plain(c):
			b.WriteByte(c)
			if c == ' ' {
				end = "\t"
			}
			continue
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		default:
			fmt.Fprintf(&b, `\%03o`, c)
		}
		quote = true
	}
	if !quote {
		return name + end
	}
	return `"` + b.String() + `"`
}

// The colours of a diff.
const (
	diffHead   = "\x1b[1m"
	diffPlace  = "\x1b[36m"
	diffGone   = "\x1b[31m"
	diffNew    = "\x1b[32m"
	diffNormal = "\x1b[m"
)

// printDiff writes a diff. For somebody who reads it, characters that could
// steer a terminal are made visible; for programs it stays what it is.
func printDiff(p Process, diff string, color bool) error {
	out := bufio.NewWriter(p.Stdout)
	if !color && !terminal(p) {
		out.WriteString(diff)
		return out.Flush()
	}
	header := 0 // lines of a header that were seen
	for line := range strings.Lines(diff) {
		line = report.Clean(strings.TrimRight(line, "\r\n"))
		begin := ""
		switch {
		case header < 2:
			begin = diffHead
		case strings.HasPrefix(line, "@@"):
			begin = diffPlace
		case strings.HasPrefix(line, "-"):
			begin = diffGone
		case strings.HasPrefix(line, "+"):
			begin = diffNew
		}
		header++
		if !color || begin == "" {
			out.WriteString(line + "\n")
		} else {
			out.WriteString(begin + line + diffNormal + "\n")
		}
	}
	return out.Flush()
}
