package online

import (
	"bufio"
	"io"
	"strings"

	"github.com/patrol-actions/patrol/audit/decide"
)

// permissionsInLog finds the group in which a runner lists what the job's
// GITHUB_TOKEN holds, one permission a line ("Contents: write"). Writing
// contents shows the wide default, reading them the narrow one.
func permissionsInLog(log io.Reader) decide.Fact {
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<16)
	inside := false
	for lines.Scan() {
		text := lines.Text()
		// Each line begins with its time.
		if _, rest, ok := strings.Cut(text, "Z "); ok {
			text = rest
		}
		switch text = strings.TrimSpace(text); {
		case strings.HasPrefix(text, "##[group]"):
			inside = strings.TrimPrefix(text, "##[group]") == "GITHUB_TOKEN Permissions"
		case strings.HasPrefix(text, "##[endgroup]"):
			inside = false
		case inside && text == "Contents: write":
			return decide.Fact{Known: true, Yes: true, Detail: "by the log of a run"}
		case inside && text == "Contents: read":
			return decide.Fact{Known: true, Detail: "by the log of a run"}
		}
	}
	return decide.Fact{}
}
