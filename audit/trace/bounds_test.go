package trace

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/patrol-actions/patrol/audit/workflow"
)

// library is a helper script as big projects have them: many functions, of
// which each run of the script calls one, and some start other scripts.
func library(functions int) string {
	var b strings.Builder
	b.WriteString("#!/usr/bin/env bash\nset -e\n# Functions: f0, f1, f2 and so on.\nretry() {\n  until \"$@\"; do sleep 1; done\n}\n")
	for n := range functions {
		fmt.Fprintf(&b, "f%d() {\n  kubectl apply -f %d.yaml\n  retry kubectl wait %d\n  tests/sub%d.sh\n  make part%d\n}\n", n, n, n, n%10, n%10)
	}
	b.WriteString("FUNCTION=\"$1\"\nshift\n$FUNCTION \"$@\"\n")
	return b.String()
}

// helpers is a repository whose jobs run such a script at every step, with a
// makefile that includes others.
func helpers(tb testing.TB, jobs, steps, functions int) *workflow.Repository {
	tb.Helper()
	files := fstest.MapFS{}
	add := func(name, text string) { files[name] = &fstest.MapFile{Data: []byte(text)} }
	add("tests/helper.sh", library(functions))
	add("Makefile", "include build/*.mk\n")
	for n := range 10 {
		add(fmt.Sprintf("tests/sub%d.sh", n), "kubectl get pods\nkubectl get nodes\n")
		add(fmt.Sprintf("build/%d.mk", n), fmt.Sprintf("V%d := 1\npart%d:\n\techo $(V%d)\n\tgo build\n", n, n, n))
	}
	var called strings.Builder
	called.WriteString("on: workflow_call\njobs:\n")
	for j := range jobs {
		fmt.Fprintf(&called, "  j%d:\n    runs-on: x\n    env:\n      T: ${{ secrets.T }}\n    steps:\n      - uses: actions/checkout@v7\n        with:\n          path: here\n", j)
		for s := range steps {
			fmt.Fprintf(&called, "      - run: tests/helper.sh f%d a b\n", (j*7+s)%functions)
		}
	}
	add(".github/workflows/called.yml", called.String())
	for _, name := range []string{"a", "b"} {
		add(".github/workflows/"+name+".yml", "on: push\njobs:\n  all:\n    uses: ./.github/workflows/called.yml\n    secrets: inherit\n")
	}
	return workflow.Load(files)
}

// TestHelpersAreWalkedWhereTheyAreCalled bounds the work on such a repository:
// a step runs its own function, and no other.
func TestHelpersAreWalkedWhereTheyAreCalled(t *testing.T) {
	const jobs, steps, functions = 20, 30, 100
	count := 0
	for _, j := range Trace(helpers(t, jobs, steps, functions), Options{}).Jobs {
		count += len(j.Sites)
		for _, s := range j.Sites {
			if s.Unread != nil {
				t.Fatalf("%s %s", s.Unread.What, s.Unread.Why)
			}
		}
	}
	// A call and its checkout; for each step its command, three of the function
	// and one of retry, and two of each file that the last two of these start.
	if want := 2 * jobs * (1 + steps*(1+4+1+2*2)); count != want {
		t.Errorf("%d sites, want %d", count, want)
	}
}

// BenchmarkHelpers measures a repository of the size of the largest known.
func BenchmarkHelpers(b *testing.B) {
	r := helpers(b, 30, 30, 100)
	for b.Loop() {
		Trace(r, Options{})
	}
}

// TestScriptsWithoutEnd follows scripts and actions that start each other so
// often that nobody could read them all: what is left out is said to be.
func TestScriptsWithoutEnd(t *testing.T) {
	head := "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n"
	scripts := []string{".github/workflows/a.yml", head + "      - run: ./s0.sh\n        env:\n          T: ${{ secrets.A }}\n      - run: gh last\n        env:\n          T: ${{ secrets.A }}\n"}
	actions := []string{".github/workflows/a.yml", head + "      - uses: ./a0\n        env:\n          T: ${{ secrets.A }}\n"}
	for n := range maxDepth {
		scripts = append(scripts, fmt.Sprintf("s%d.sh", n), strings.Repeat(fmt.Sprintf("./s%d.sh\n", n+1), 30))
		actions = append(actions, fmt.Sprintf("a%d/action.yml", n), "runs:\n  using: composite\n  steps:\n"+strings.Repeat(fmt.Sprintf("    - uses: ./a%d\n", n+1), 30))
	}
	for name, files := range map[string][]string{"scripts": scripts, "actions": actions} {
		t.Run(name, func(t *testing.T) {
			sites := Trace(repository(files...), Options{}).Jobs[0].Sites
			if limit := maxJobSites + 1000; len(sites) > limit {
				t.Errorf("%d sites, want at most %d", len(sites), limit)
			}
			told := 0
			for _, s := range sites {
				if s.Unread != nil && strings.Contains(s.Unread.Why, "too much runs before it") {
					told++
				}
			}
			if told == 0 {
				t.Error("nothing says that it is not read")
			}
			if last := sites[len(sites)-1]; name == "scripts" && (last.Unread != nil || last.Command.Text() != "gh last") {
				t.Errorf("the last step's own command is not read: %+v", last)
			}
		})
	}
}

// TestEachJobHasItsShare has jobs that use up all that is followed, before one
// of a few lines.
func TestEachJobHasItsShare(t *testing.T) {
	text := "on: push\njobs:\n"
	for n := range maxSites/maxJobSites + 1 {
		text += fmt.Sprintf("  j%d:\n    runs-on: x\n    steps:\n      - run: ./s0.sh\n        env:\n          T: ${{ secrets.A }}\n", n)
	}
	files := []string{".github/workflows/a.yml", text, ".github/workflows/b.yml", "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: ./last.sh\n        env:\n          T: ${{ secrets.A }}\n", "last.sh", "gh last\n"}
	for n := range maxDepth {
		files = append(files, fmt.Sprintf("s%d.sh", n), strings.Repeat(fmt.Sprintf("./s%d.sh\n", n+1), 30))
	}
	jobs := Trace(repository(files...), Options{}).Jobs
	sites := jobs[len(jobs)-1].Sites
	if last := sites[len(sites)-1]; last.Unread != nil || last.Command.Text() != "gh last" {
		t.Errorf("the last job is not read: %+v", last.Unread)
	}
}

// TestLibrariesAreWalkedWhereTheyAreCalled has scripts that source libraries,
// which source others: of their functions those are walked that are named in
// what runs there.
func TestLibrariesAreWalkedWhereTheyAreCalled(t *testing.T) {
	lib := "ship() { gh ship; other; }\nunused() { gh unused; }\ntrapped() { gh trapped; }\ntrap trapped EXIT\nROOT=.\nsource \"$ROOT/lib/more.sh\"\n"
	more := "other() { gh other; }\nalso_unused() { gh also; }\nback() { unused; }\n"
	tests := map[string]struct{ run, script, want string }{
		"a step":                           {run: "source lib/lib.sh\nship", want: "other ship trapped"},
		"a step names a function's caller": {run: "source lib/lib.sh\nback", want: "trapped unused"},
		"a script":                         {run: "./a.sh", script: "source \"$(dirname \"$0\")/lib/lib.sh\"\nretry ship", want: "other ship trapped"},
		"a script's own functions":         {run: "./a.sh f", script: "source lib/lib.sh\nf() { ship; }\ng() { unused; }\n\"$@\"\n", want: "other ship trapped"},
		"a name in the environment":        {run: "X=also_unused ./a.sh", script: "source lib/lib.sh\n\"$X\"", want: "also trapped"},
		"a name that is put together":      {run: "source lib/lib.sh\n\"${X}_unused\"", want: "also other ship trapped unused"},
		"a name of nowhere":                {run: "source lib/lib.sh\n$X", want: "also other ship trapped unused"},
		"a file found late":                {run: "source lib/lib.sh\nF=lib/late.sh\nsource $F", want: "also other ship trapped unused"},
		"a file that does not parse":       {run: "source lib/lib.sh\nsource broken.sh", want: "also other ship trapped unused"},
		"a shell of another language":      {run: "node a.js", want: "also other ship trapped unused"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			files := []string{
				".github/workflows/a.yml", "on: push\njobs:\n  a:\n    runs-on: x\n    env:\n      T: ${{ secrets.A }}\n    steps:\n      - run: |\n          " + strings.ReplaceAll(test.run, "\n", "\n          ") + "\n",
				"lib/lib.sh", lib, "lib/more.sh", more, "a.sh", test.script, "broken.sh", "if ship; then", "lib/late.sh", "unused\n",
				"a.js", "require('child_process').execSync('source lib/lib.sh; unused')",
			}
			found := map[string]bool{}
			for _, s := range Trace(repository(files...), Options{}).Jobs[0].Sites {
				if s.Command != nil && s.Command.Args[0].String() == "gh" {
					found[s.Command.Args[1].String()] = true
				}
			}
			if got := strings.Join(slices.Sorted(maps.Keys(found)), " "); got != test.want {
				t.Errorf("walked %s, want %s", got, test.want)
			}
		})
	}
}

// TestCallsWithoutEnd does the same for workflows that call others.
func TestCallsWithoutEnd(t *testing.T) {
	var files []string
	for n := range maxDepth {
		text := "on: [push, workflow_call]\njobs:\n"
		for j := range 8 {
			text += fmt.Sprintf("  j%d:\n    uses: ./.github/workflows/w%d.yml\n    secrets:\n      T: ${{ secrets.T }}\n", j, n+1)
		}
		files = append(files, fmt.Sprintf(".github/workflows/w%d.yml", n), text)
	}
	files = append(files, fmt.Sprintf(".github/workflows/w%d.yml", maxDepth), "on: workflow_call\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: gh a\n        env:\n          T: ${{ secrets.T }}\n")
	result := Trace(repository(files...), Options{})
	if limit := maxJobs + 1000; len(result.Jobs) > limit {
		t.Errorf("%d jobs, want at most %d", len(result.Jobs), limit)
	}
	if len(result.Problems) == 0 {
		t.Error("nothing says that calls are not followed")
	}
}

// Each job hands on twice what the one before it hands on.
func TestHandedOnAgainAndAgain(t *testing.T) {
	var jobs strings.Builder
	jobs.WriteString("on: push\njobs:\n  j0:\n    runs-on: ubuntu-latest\n    outputs: {o: \"${{ secrets.BOT_PAT }}\"}\n    steps: [{run: echo}]\n")
	for n := range 40 {
		fmt.Fprintf(&jobs, "  j%d:\n    needs: j%d\n    runs-on: ubuntu-latest\n    outputs: {o: \"${{ needs.j%[2]d.outputs.o }}${{ needs.j%[2]d.outputs.o }}\"}\n    steps: [{run: 'gh api x -f a=${{ needs.j%[2]d.outputs.o }}'}]\n", n+1, n)
	}
	result := Trace(workflow.Load(fstest.MapFS{".github/workflows/run.yml": {Data: []byte(jobs.String())}}), Options{})
	last := result.Jobs[len(result.Jobs)-1]
	if len(last.Sites) == 0 || !last.Sites[0].Command.Args[4].HoldsCredential() {
		t.Error("the secret is lost on its way")
	}
}
