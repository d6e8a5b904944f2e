package scan

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
	"github.com/patrol-actions/patrol/audit/workflow"
)

const (
	runs  = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: "
	calls = "on: push\njobs:\n  a:\n    uses: "
	ci    = ".github/workflows/ci.yml"
	lib   = ".github/workflows/lib.yml"
)

// TestOpen finds where secrets go that no reference names.
func TestOpen(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"named", map[string]string{ci: runs + "echo ${{ secrets.A }} ${{ secrets['B'] }} ${{ secrets.GITHUB_TOKEN }}\n"}, nil},
		{"toJSON", map[string]string{ci: runs + "echo '${{ toJSON(secrets) }}'\n"}, []string{"all ci.yml:6"}},
		{"a computed name", map[string]string{ci: runs + "echo ${{ secrets[format('A_{0}', github.ref)] }} ${{ toJSON(secrets) }}\n"}, []string{"all ci.yml:6"}},
		{"a filter", map[string]string{ci: runs + "echo ${{ join(secrets.*) }}\n"}, []string{"all ci.yml:6"}},
		{"inherited by one's own", map[string]string{ci: calls + "./" + lib + "\n    secrets: inherit\n", lib: "on: workflow_call\njobs:\n  b:\n    runs-on: x\n    steps:\n      - run: echo ${{ secrets.A }}\n"}, nil},
		{"inherited by one's own that takes all", map[string]string{ci: calls + "./" + lib + "\n    secrets: inherit\n", lib: "on: workflow_call\njobs:\n  b:\n    runs-on: x\n    steps:\n      - run: echo ${{ toJSON(secrets) }}\n"}, []string{"all lib.yml:6"}},
		{"inherited by what is not there", map[string]string{ci: calls + "./" + lib + "\n    secrets: inherit\n"}, []string{"inherit ci.yml:5"}},
		{"inherited by another's", map[string]string{ci: calls + "o/r/" + lib + "@v1\n    secrets: inherit\n"}, []string{"environment ci.yml:4", "inherit ci.yml:5"}},
		{"inherited twice", map[string]string{
			ci:  calls + "./" + lib + "\n    secrets: inherit\n",
			lib: "on: workflow_call\njobs:\n  b:\n    uses: o/r/" + lib + "@v1\n    secrets: inherit\n",
		}, []string{"environment lib.yml:4", "inherit lib.yml:5"}},
		{"named, then inherited", map[string]string{
			ci:  calls + "./" + lib + "\n    secrets:\n      A: ${{ secrets.A }}\n",
			lib: "on: workflow_call\njobs:\n  b:\n    uses: o/r/" + lib + "@v1\n    secrets: inherit\n",
		}, []string{"environment lib.yml:4"}},
		{"another's without secrets", map[string]string{ci: calls + "o/r/" + lib + "@v1\n"}, []string{"environment ci.yml:4"}},
		{"another's that cannot be", map[string]string{ci: calls + "${{ github.ref }}\n    secrets: inherit\n"}, []string{"environment ci.yml:4", "inherit ci.yml:5"}},
		{"a cycle", map[string]string{ci: "on: [push, workflow_call]\njobs:\n  a:\n    uses: ./" + ci + "\n    secrets: inherit\n"}, nil},
		{"skipped", map[string]string{
			"patrol.yml": "skip: ['**/lib.yml', '**/none.yml']\n", ci: runs + "echo ${{ toJSON(secrets) }}\n",
			lib:                           runs + "echo ${{ toJSON(secrets) }} ${{ secrets.A }} ${{ secrets.B }}\n",
			".github/workflows/none.yml":  runs + "echo\n",
			".github/workflows/none2.yml": runs + "echo\n",
		}, []string{"all ci.yml:6", "skipped lib.yml:0"}},
	} {
		files := fstest.MapFS{}
		for name, content := range test.files {
			files[name] = &fstest.MapFile{Data: []byte(content)}
		}
		c, err := config.Find(files)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, at := range Repository(files, Options{Name: "octo/app", Config: c}).Open {
			got = append(got, fmt.Sprintf("%s %s:%d", at.Kind, strings.TrimPrefix(at.File, workflow.Folder+"/"), at.Line))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestStanding says of references which secrets they can mean.
func TestStanding(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"a job without an environment", runs + "echo ${{ secrets.A }}\n", `[] false`},
		{"an environment", "on: push\njobs:\n  a:\n    runs-on: x\n    environment: prod\n    steps:\n      - run: echo ${{ secrets.A }}\n", `["prod"] false`},
		{"an environment with an address", "on: [push, workflow_call]\njobs:\n  a:\n    runs-on: x\n    environment: {name: \"${{ inputs.to }}\", url: x}\n    env: {A: \"${{ secrets.A }}\"}\n    steps:\n      - run: echo\n", `["${{ inputs.to }}"] true`},
		{"of the workflow", "on: push\nenv: {A: \"${{ secrets.A }}\"}\njobs:\n  a:\n    runs-on: x\n    environment: prod\n    steps: [{run: x}]\n  b:\n    runs-on: x\n    steps: [{run: x}]\n  c:\n    runs-on: x\n    environment: prod\n    steps: [{run: x}]\n", `["" "prod"] false`},
		{"only called", "on: workflow_call\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: echo ${{ secrets.A }}\n", `[] true`},
	} {
		r := Repository(fstest.MapFS{ci: {Data: []byte(test.source)}}, Options{Name: "octo/app"})
		if len(r.References) != 1 {
			t.Fatalf("%s: %d references", test.name, len(r.References))
		}
		if got := fmt.Sprintf("%q %t", r.References[0].Environments, r.References[0].FromCaller); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// TestOpenRemote reads the workflow of another repository that all secrets go
// to: those that it names become references, and only one that takes them all
// is a place to note.
func TestOpenRemote(t *testing.T) {
	const callee = "on: workflow_call\njobs:\n  b:\n    runs-on: x\n    environment: prod\n    steps:\n      - run: gh issue close 1\n        env: {GH_TOKEN: \"%s\"}\n"
	for _, test := range []struct{ name, callee, want string }{
		{"handed on", "on: workflow_call\njobs:\n  b:\n    uses: x/none/" + lib + "@v1\n    secrets: inherit\n", `[{environment .github/workflows/ci.yml 4} {inherit .github/workflows/ci.yml 5}]`},
		{"named", fmt.Sprintf(callee, "${{ secrets.BOT_PAT }}"), `[{environment .github/workflows/ci.yml 4}] BOT_PAT ["" "prod"]`},
		{"all", fmt.Sprintf(callee, "${{ toJSON(secrets) }}"), `[{environment .github/workflows/ci.yml 4} {inherit .github/workflows/ci.yml 5}]`},
	} {
		archive := "-- " + ci + " --\n" + calls + "x/y/" + lib + "@v1\n    secrets: inherit\n-- x/y@v1/" + lib + " --\n" + test.callee
		files, world := away(archive)
		r := online(t, githubtest.New(t, world), files)
		got := fmt.Sprint(r.Open)
		for _, x := range r.References {
			got += fmt.Sprintf(" %s %q", x.Secret, x.Environments)
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s; errors %v", test.name, got, test.want, r.Errors)
		}
	}
}
