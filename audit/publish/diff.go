package publish

import (
	"strconv"
	"strings"
)

// changedLines are the lines of the new side of a patch on which GitHub takes
// comments, by number and without their ends: those that were added and those
// around them. The patch is what the API gives of a file: hunks without the
// header of the file.
func changedLines(patch string) map[int]string {
	out := map[int]string{}
	line := 0
	for text := range strings.SplitSeq(patch, "\n") {
		switch {
		case strings.HasPrefix(text, "@@"):
			line = hunkStart(text)
		case line == 0, strings.HasPrefix(text, "-"), strings.HasPrefix(text, `\`):
		default:
			out[line] = text[min(1, len(text)):]
			line++
		}
	}
	return out
}

// hunkStart reads the first line of the new side: "@@ -1,7 +1,9 @@".
func hunkStart(header string) int {
	_, rest, _ := strings.Cut(header, "+")
	digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}
