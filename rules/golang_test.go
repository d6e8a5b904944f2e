package rules

import "testing"

func TestFindGoName(t *testing.T) {
	for _, test := range []struct {
		path, name string
		want       GoName
	}{
		{"os", "LookupEnv", GoName{"reads-variable", 0}},
		{"os", "WriteString", GoName{}},
		{"os/exec", "CommandContext", GoName{"starts", 1}},
		{"golang.org/x/sys/execabs", "Command", GoName{"starts", 0}},
		{"strings", "Cut", GoName{"cuts", 0}},
		{"strings", "Fields", GoName{"pure", 0}},
		{"strings", "Builder.String", GoName{}},
		{"log", "Fatalln", GoName{"exits", 0}},
		{"github.com/google/go-github/v66/github", "NewClientWithEnvProxy", GoName{"makes-client", 0}},
		{"github.com/google/go-github/github", "Client.WithEnterpriseURLs", GoName{"changes-client", 0}},
		{"github.com/google/go-github/v66/github", "*", GoName{}},
		{"github.com/urfave/cli/v3", "Command", GoName{"command", 0}},
		{"gopkg.in/alecthomas/kingpin.v2", "*", GoName{"picks-command", 0}},
		{"mvdan.cc/sh/v3/interp", "*", GoName{"finds-tokens", 0}},
		{"mvdan.cc/shell", "*", GoName{}},
		{"*", "UnmarshalStrict", GoName{"fills", 0}},
		{"", "Getenv", GoName{}},
	} {
		if got := FindGoName(test.path, test.name); got != test.want {
			t.Errorf("%s of %s: %v, want %v", test.name, test.path, got, test.want)
		}
	}
}

func TestFindGoMember(t *testing.T) {
	for _, test := range []struct {
		does, name string
		operand    int
		ok         bool
	}{
		{"called-back", "ServeHTTP", 0, true},
		{"called-back", "MarshalJSON", 0, true},
		{"called-back", "Marshal", 0, true},
		{"called-back", "Publish", 0, false},
		{"runs", "PreRunE", 0, true},
		{"flag-variable", "StringVarP", 3, true},
		{"starts", "Command", 0, false},
	} {
		if n, ok := FindGoMember(test.does, test.name); ok != test.ok || n.Operand != test.operand {
			t.Errorf("%s that %s: %v %v", test.name, test.does, n, ok)
		}
	}
}
