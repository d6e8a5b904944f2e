package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProjectTask(t *testing.T) {
	if err := runnerRows().err; err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]Task{
		"mise run release":                       {[]string{"release"}, ProjectTasks, "mise run"},
		"mise --cd sub run release":              {[]string{"release"}, ProjectTasks, "mise run"},
		"mise release":                           {[]string{"release"}, ProjectTasks, "mise"},
		"go run -tags x ./cmd/release":           {[]string{"./cmd/release"}, ProjectProgram, "go run"},
		"sudo ./gradlew release -p sub":          {[]string{"release"}, ProjectTasks, "gradlew"},
		"cargo run -p release":                   {[]string{"release"}, ProjectProgram, "cargo run"},
		"dotnet run --configuration=Release":     {nil, ProjectProgram, "dotnet run"},
		"dotnet cake --target=Publish":           {[]string{"Publish"}, ProjectProgram, "dotnet cake"},
		"npx some-linter":                        {[]string{"some-linter"}, AnyProgram, "npx"},
		"make":                                   {nil, ProjectTasks, "make"},
		"perl tools/notes.pl":                    {[]string{"tools/notes.pl"}, ProjectProgram, "perl"},
		"python3 -W error notes.py --for latest": {[]string{"notes.py", "latest"}, ProjectProgram, "python3"},
	} {
		got, ok := ProjectTask(strings.Fields(line))
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("%q: %v %s", line, ok, diff)
		}
	}
	for _, line := range []string{"", "mise install", "mise tasks ls", "perl -pe s/a/b/", "go build ./...", "go run example.org/x@v1", "cargo test", "npm ci", "jq .", "nix run nixpkgs#jq"} {
		if got, ok := ProjectTask(strings.Fields(line)); ok {
			t.Errorf("%q: %v, want none", line, got)
		}
	}
}
