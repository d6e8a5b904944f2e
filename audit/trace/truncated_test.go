package trace

import (
	"strings"
	"testing"
)

// A script of which only the beginning is read leaves the rest open, be it the
// step's own or one that it starts.
func TestTruncated(t *testing.T) {
	long := strings.Repeat("echo a; ls\n", 8000) + "git push origin HEAD:live\n"
	step := "on: push\njobs:\n  a:\n    runs-on: x\n    env: {T: \"${{ secrets.BOT_PAT }}\"}\n    steps:\n      - run: |\n"
	for name, files := range map[string][]string{
		"a step":   {".github/workflows/a.yml", step + "          " + strings.ReplaceAll(strings.TrimSpace(long), "\n", "\n          ") + "\n"},
		"a script": {".github/workflows/a.yml", step + "          bash a.sh\n", "a.sh", long},
	} {
		open := false
		for _, j := range Trace(repository(files...), Options{}).Jobs {
			for _, s := range j.Sites {
				open = open || s.Unread != nil && s.Pushes && strings.Contains(s.Unread.Why, "too long")
			}
		}
		if !open {
			t.Errorf("%s: nothing says that its end was not read", name)
		}
	}
}
