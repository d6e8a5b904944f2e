package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProjectTask(t *testing.T) {
	for line, want := range map[string]Task{
		"mise run release":                       {[]string{"release"}, ProjectTasks, "mise run"},
		"mise --cd sub run release":              {[]string{"release"}, ProjectTasks, "mise run"},
		"mise release":                           {[]string{"release"}, ProjectTasks, "mise"},
		"go run -tags x ./cmd/release":           {[]string{"./cmd/release"}, ProjectProgram, "go run"},
		"sudo ./gradlew release -p sub":          {[]string{"release"}, ProjectTasks, "gradle"},
		"cargo run -p release":                   {[]string{"release"}, ProjectProgram, "cargo run"},
		"dotnet run --configuration=Release":     {nil, ProjectProgram, "dotnet run"},
		"dotnet cake --target=Publish":           {[]string{"Publish"}, ProjectProgram, "dotnet cake"},
		"npx some-linter":                        {[]string{"some-linter"}, AnyProgram, "npx"},
		"make":                                   {nil, ProjectTasks, "make"},
		"pipenv run release":                     {[]string{"release"}, ProjectProgram, "pipenv run"},
		"pipenv --python 3.13 run release":       {[]string{"release"}, ProjectProgram, "pipenv run"},
		"perl tools/notes.pl":                    {[]string{"tools/notes.pl"}, ProjectProgram, "perl"},
		"tox run -e release -- 1.0":              {[]string{"release", "1.0"}, ProjectTasks, "tox run"},
		"tox r -e py313,ship":                    {[]string{"py313,ship"}, ProjectTasks, "tox r"},
		"tox -erelease":                          {[]string{"release"}, ProjectTasks, "tox"},
		"uvx --with tox-uv tox p -e docs":        {[]string{"docs"}, ProjectTasks, "tox p"},
		"python -m nox -s notes":                 {[]string{"notes"}, ProjectTasks, "nox"},
		"yarn workspace @a/b ship":               {[]string{"ship"}, AnyProgram, "yarn workspace *"},
		"npm exec -- nx run-many -t ship":        {[]string{"ship"}, ProjectTasks, "nx run-many"},
		"dotnet msbuild -t:Ship":                 {[]string{"Ship"}, AnyProgram, "dotnet msbuild"},
		"./gradlew build ship":                   {[]string{"ship"}, ProjectTasks, "gradle"},
		"Invoke-Build Ship":                      {[]string{"Ship"}, ProjectTasks, "invoke-build"},
		"python3 -W error notes.py --for latest": {[]string{"notes.py", "latest"}, ProjectProgram, "python3"},
	} {
		got, ok := ProjectTask(strings.Fields(line))
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("%q: %v %s", line, ok, diff)
		}
	}
	for _, line := range []string{"", "mise install", "mise tasks ls", "perl -pe s/a/b/", "go build ./...", "go run example.org/x@v1", "cargo test", "npm ci", "jq .", "nix run nixpkgs#jq", "pipenv --rm", "pipenv --venv", "pipenv --where", "pipenv --py", "pipenv --python 3.13", "pipenv --python 3.13 install", "pipenv --version", "tox -e py313", "tox -epy", "tox r -e py312,py313", "yarn workspace a add b", "./gradlew clean build"} {
		if got, ok := ProjectTask(strings.Fields(line)); ok {
			t.Errorf("%q: %v, want none", line, got)
		}
	}
}
