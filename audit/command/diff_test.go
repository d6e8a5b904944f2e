package command

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit/fix"
)

// TestUnified has git apply the diffs of files whose blocks look the same: each
// hunk must come to where its edit is, and nowhere near.
func TestUnified(t *testing.T) {
	folder := t.TempDir()
	if out, err := exec.Command("git", "init", "-q", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	random := rand.New(rand.NewPCG(1, 2))
	hunks := 0
	for range 60 {
		f := repetitive(t, random)
		diff, err := unified("a file.yml", f)
		if err != nil {
			t.Fatal(err)
		}
		hunks = max(hunks, strings.Count(diff, "\n@@ "))
		file := filepath.Join(folder, "a file.yml")
		if err := os.WriteFile(file, f.Before, 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("git", "apply", "-v")
		cmd.Dir, cmd.Stdin = folder, strings.NewReader(diff)
		said, err := cmd.CombinedOutput()
		if err != nil || bytes.Contains(said, []byte("offset")) {
			t.Fatalf("git apply: %v: %s\n%s", err, said, diff)
		}
		if got, _ := os.ReadFile(file); !bytes.Equal(got, f.After) {
			t.Fatalf("git apply makes of it\n%s\nfor the diff\n%s", got, diff)
		}
	}
	if hunks < 3 {
		t.Errorf("no diff has more than %d hunks", hunks)
	}
}

// repetitive is a file of blocks that look the same, in some of which a line is
// changed, is added or goes.
func repetitive(t *testing.T, random *rand.Rand) fix.File {
	t.Helper()
	end := []string{"\n", "\r\n"}[random.IntN(2)]
	block := strings.Join([]string{"  - name: Report", "    run: report", "    env:", "      TOKEN: one", "  - run: date", "  - run: make", "  - run: sync", "  - run: date", ""}, end)
	before := "steps:" + end
	var edits []fix.Edit
	for range 4 + random.IntN(12) {
		at := len(before) + strings.Index(block, "      TOKEN")
		line := len("      TOKEN: one" + end)
		switch random.IntN(6) {
		case 0:
			edits = append(edits, fix.Edit{Start: at + line - len("one"+end), End: at + line - len(end), New: "two"})
		case 1:
			edits = append(edits, fix.Edit{Start: at, End: at, New: "      MORE: x" + end + "      STILL: x" + end})
		case 2:
			edits = append(edits, fix.Edit{Start: at, End: at + line})
		case 3:
			edits = append(edits, fix.Edit{Start: at - len("    env:"+end), End: at + line}, fix.Edit{Start: at + line, End: at + line, New: "  - run: new" + end})
		}
		before += block
	}
	if random.IntN(2) == 0 {
		before = strings.TrimSuffix(before, end)
	}
	after, err := fix.Apply([]byte(before), edits)
	if err != nil {
		t.Fatal(err)
	}
	return fix.File{Path: "a file.yml", Before: []byte(before), After: after, Edits: edits}
}
