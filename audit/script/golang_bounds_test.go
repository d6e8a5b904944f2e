package script

import (
	"strings"
	"testing"
)

// Each of these names is a list of all before it, twice: what is read of them
// must stay within bounds.
func TestGoListsThatDouble(t *testing.T) {
	var b strings.Builder
	b.WriteString("package main\n\nimport \"os/exec\"\n\nfunc main() {\n\targs := []string{\"a\"}\n")
	for range 40 {
		b.WriteString("\targs = append(args, args...)\n\targs = append(args, \"b\")\n")
	}
	b.WriteString("\texec.Command(\"gh\", args...).Run()\n}\n")
	read := ReadGo(goInput("-- go.mod --\nmodule example.com/m\n-- cmd/x/main.go --\n"+b.String(), nil))
	if len(read.Unread) == 0 {
		t.Error("nothing says that it leads too far")
	}
}
