package script

import (
	"fmt"
	"strings"
	"testing"
)

// What a program of half a megabyte does with a token is read, or said to lead too
// far, in time that grows with its length: none of these takes a second.
func TestGoProgramsThatAreLong(t *testing.T) {
	n := 4000
	if testing.Short() {
		n = 1000 // the race detector makes each step ten times as long
	}
	for name, of := range map[string]struct {
		functions string
		statement func(i int) string
	}{
		"calls of one function":           {"func f(a string) string { return a }", func(i int) string { return fmt.Sprintf("s = f(\"x%d\")", i) }},
		"credentials":                     {"func f(a string) string { return a }", func(i int) string { return fmt.Sprintf("s = f(os.Getenv(\"GH_TOKEN\") + \"x%d\")", i) }},
		"lists":                           {"var l []string\nfunc f(a []string) []string { return a }", func(i int) string { return fmt.Sprintf("l = f([]string{\"x%d\"})", i) }},
		"functions without a name":        {"var h func(string) string", func(i int) string { return fmt.Sprintf("h = func(a string) string { return a }; s = h(\"x%d\")", i) }},
		"branches":                        {"", func(i int) string { return fmt.Sprintf("if os.Getenv(\"A\") != \"\" { s = \"x%d\" }", i) }},
		"variables and branches":          {"", func(i int) string { return fmt.Sprintf("v%d := s; if v%d != \"\" { s = \"x%d\" }", i, i, i) }},
		"loops":                           {"", func(i int) string { return fmt.Sprintf("for range 3 { s = s + \"x%d\" }", i) }},
		"texts that double":               {"", func(int) string { return "s = s + s" }},
		"texts that lead from one to all": {"var v, w string", func(i int) string { return fmt.Sprintf("v = v + w + \"%d\"; w = w + v", i) }},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			b.WriteString("package main\n\nimport (\n\t\"os\"\n\t\"os/exec\"\n)\n\n" + of.functions + "\n\nfunc main() {\n\tvar s string\n")
			for i := range n {
				b.WriteString(of.statement(i) + "\n")
			}
			b.WriteString("\texec.Command(\"gh\", \"issue\", s).Run()\n}\n")
			read := ReadGo(goInput("-- go.mod --\nmodule example.com/m\n-- cmd/x/main.go --\n"+b.String(), nil))
			if len(read.Calls)+len(read.Unread) == 0 {
				t.Error("neither starts a program nor says that it leads too far")
			}
		})
	}
}

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
