package script

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every word of table/golang.tsv is one that the reader heeds, and every text that
// is edited has its function.
func TestGoWordsAreHeeded(t *testing.T) {
	table, err := os.ReadFile("../../rules/table/golang.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	files, _ := filepath.Glob("golang*.go")
	for _, name := range files {
		source, _ := os.ReadFile(name)
		code.Write(source)
	}
	for line := range strings.Lines(string(table)) {
		cells := strings.Split(line, "\t")
		if strings.HasPrefix(line, "#") || len(cells) != 4 || cells[2] == "does" {
			continue
		}
		if !strings.Contains(code.String(), `"`+cells[2]+`"`) {
			t.Errorf("nothing heeds %s", cells[2])
		}
		for _, name := range strings.Split(cells[1], ",") {
			if cells[2] == "edits" && goEdits[name] == nil {
				t.Errorf("%s of %s is not known", name, cells[0])
			}
		}
	}
}
