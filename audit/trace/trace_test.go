package trace

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// repository makes a repository of files given as path and content in turn.
func repository(files ...string) *workflow.Repository {
	fsys := fstest.MapFS{}
	for i := 0; i+1 < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return workflow.Load(fsys)
}

// sites lists what runs in the jobs of a repository, with the credentials
// that stand in its words and environment.
func sites(r *workflow.Repository) []string {
	var out []string
	for _, j := range Trace(r, Options{}).Jobs {
		for _, s := range j.Sites {
			text := ""
			switch {
			case s.Command != nil:
				text = s.Command.Text()
			case s.Action != nil:
				text = "uses " + s.Action.Name
			case s.Unread != nil:
				text = s.Unread.What + " " + s.Unread.Why
			}
			if s.Command != nil && s.Unread != nil {
				text += " (" + s.Unread.Why + ")"
			}
			for _, name := range s.Env.Credentials() {
				v, _ := s.Env.Lookup(name)
				text += " " + name + "=" + v.String()
			}
			out = append(out, text)
		}
	}
	return out
}

func TestTrace(t *testing.T) {
	head := "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n"
	tests := map[string]struct {
		files []string
		want  []string
	}{
		"step env beats $GITHUB_ENV beats job env": {
			files: []string{".github/workflows/a.yml", "on: push\njobs:\n  a:\n    runs-on: x\n    env:\n      T: ${{ secrets.JOB }}\n    steps:\n" +
				"      - run: gh one\n      - run: echo \"T=${{ secrets.FILE }}\" >> $GITHUB_ENV\n      - run: gh two\n      - run: gh three\n        env:\n          T: ${{ secrets.STEP }}\n"},
			want: []string{
				"gh one T=${{ secrets.JOB }}",
				"echo \"T=${{ secrets.FILE }}\" T=${{ secrets.JOB }}",
				"gh two T=${{ secrets.FILE }}",
				"gh three T=${{ secrets.STEP }}",
			},
		},
		"a script of the repository runs with the step's environment": {
			files: []string{
				".github/workflows/a.yml", head + "      - run: ./x.sh\n        env:\n          T: ${{ secrets.A }}\n",
				"x.sh", "#!/bin/sh\ngh one\n",
			},
			want: []string{"./x.sh T=${{ secrets.A }}", "gh one T=${{ secrets.A }}"},
		},
		"a script that calls itself ends": {
			files: []string{
				".github/workflows/a.yml", head + "      - run: ./x.sh\n        env:\n          T: ${{ secrets.A }}\n",
				"x.sh", "./x.sh\n",
			},
			want: []string{"./x.sh T=${{ secrets.A }}", "./x.sh (calls itself) T=${{ secrets.A }}"},
		},
		"composite actions that call each other end": {
			files: []string{
				".github/workflows/a.yml", head + "      - uses: ./one\n        env:\n          T: ${{ secrets.A }}\n",
				"one/action.yml", "runs:\n  using: composite\n  steps:\n    - uses: ./two\n",
				"two/action.yml", "runs:\n  using: composite\n  steps:\n    - uses: ./one\n",
			},
			want: []string{"uses ./one T=${{ secrets.A }}", "uses ./two T=${{ secrets.A }}", "uses ./one T=${{ secrets.A }}"},
		},
		"a script that the job writes runs with the step's environment": {
			files: []string{".github/workflows/a.yml", head + "      - run: printf '#!/bin/sh\\ngh one\\n' > x\n      - run: chmod +x x; ./x\n        env:\n          T: ${{ secrets.A }}\n"},
			want:  []string{"printf '#!/bin/sh\\ngh one\\n'", "chmod +x x T=${{ secrets.A }}", "./x T=${{ secrets.A }}", "gh one T=${{ secrets.A }}"},
		},
		"a script that the job writes and that calls itself ends": {
			files: []string{".github/workflows/a.yml", head + "      - run: echo 'bash x' > x; bash x\n        env:\n          T: ${{ secrets.A }}\n"},
			want:  []string{"echo 'bash x' T=${{ secrets.A }}", "bash x T=${{ secrets.A }}", "bash x (calls itself) T=${{ secrets.A }}"},
		},
		"scripts that the job writes and that write themselves anew end": {
			files: []string{".github/workflows/a.yml", head + "      - run: echo 'echo \"$(cat x)a\" > x; bash x' > x; bash x\n        env:\n          T: ${{ secrets.A }}\n"},
			want:  []string{"echo 'echo \"$(cat x)a\" > x; bash x' T=${{ secrets.A }}", "bash x T=${{ secrets.A }}", "cat x T=${{ secrets.A }}", "echo \"$(cat x)a\" T=${{ secrets.A }}", "bash x (calls itself) T=${{ secrets.A }}"},
		},
		"a script that the job writes in another language is not read": {
			files: []string{".github/workflows/a.yml", head + "      - run: echo 'system(ENV[\"T\"])' > x.rb; ruby x.rb\n        env:\n          T: ${{ secrets.A }}\n"},
			want:  []string{"echo 'system(ENV[\"T\"])' T=${{ secrets.A }}", "ruby x.rb T=${{ secrets.A }}", "x.rb is written by the job in ruby, which is not read T=${{ secrets.A }}"},
		},
		"a script that the job writes and that does not parse is not read": {
			files: []string{".github/workflows/a.yml", head + "      - run: echo 'if gh one' > x; bash x\n        env:\n          T: ${{ secrets.A }}\n"},
			want:  []string{"echo 'if gh one' T=${{ secrets.A }}", "bash x T=${{ secrets.A }}", "x is written by the job, and does not parse as it is known here T=${{ secrets.A }}", "gh one T=${{ secrets.A }}"},
		},
		"a script that comes from elsewhere by the job is not read": {
			files: []string{".github/workflows/a.yml", head + "      - run: curl https://example.org > x; bash x\n        env:\n          T: ${{ secrets.A }}\n"},
			want:  []string{"curl https://example.org T=${{ secrets.A }}", "bash x (is written by the job with text that is only known when it runs) T=${{ secrets.A }}"},
		},
		"a step's condition sees the step's own variables": {
			files: []string{
				".github/workflows/a.yml", "on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n    secrets:\n      bound: ${{ secrets.A }}\n",
				".github/workflows/b.yml", strings.Replace(head, "push", "workflow_call", 1) +
					"      - run: gh one\n        if: env.T\n        env:\n          T: ${{ secrets.bound }}\n" +
					"      - run: gh two\n        if: env.T\n        env:\n          T: ${{ secrets.unbound }}\n" +
					"      - run: gh three\n        if: env.T == ''\n        env:\n          T: ${{ secrets.unbound }}\n          U: ${{ secrets.bound }}\n",
			},
			// The last three are for callers elsewhere, which may hand over the other secret.
			want: []string{"gh one T=${{ secrets.A }}", "gh three U=${{ secrets.A }}", "gh one", "gh two T=${{ secrets.unbound }}", "gh three T=${{ secrets.unbound }}"},
		},
		"a job without any secret and without permissions is not walked": {
			files: []string{".github/workflows/a.yml", head + "      - run: gh one\n"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, sites(repository(test.files...))); diff != "" {
				t.Errorf("sites (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReusableWorkflowsThatCallEachOther(t *testing.T) {
	call := func(other string) string {
		return "on: [push, workflow_call]\njobs:\n  a:\n    uses: ./.github/workflows/" + other + "\n    secrets:\n      T: ${{ secrets.T }}\n"
	}
	r := repository(".github/workflows/a.yml", call("b.yml"), ".github/workflows/b.yml", call("a.yml"))
	got := strings.Join(sites(r), "\n")
	if !strings.Contains(got, "uses ./.github/workflows/") {
		t.Errorf("no call is left to say that it is a cycle:\n%s", got)
	}
}

func TestMakeRecipe(t *testing.T) {
	makefile := `VERSION := 1
all: build

build: deps ## builds
	@go build ./...

deps:
	-echo $(VERSION) $$HOME

release: build
	git tag v$(VERSION)
	git push --tags
.PHONY: all
`
	tests := []struct {
		targets  []string
		want     string
		complete bool
	}{
		{nil, "echo ${VERSION} $HOME\ngo build ./...", true},
		{[]string{"release"}, "echo ${VERSION} $HOME\ngo build ./...\ngit tag v${VERSION}\ngit push --tags", true},
		{[]string{"nothing"}, "", false},
	}
	for _, test := range tests {
		r := bareRun("Makefile", makefile)
		plan := r.makefile(makeCall{}, nil).plan(r, makeCall{targets: test.targets}, nil)
		parts, complete := plan.out.parts, plan.out.complete
		var got []string
		for _, p := range parts {
			got = append(got, p.text...)
			if len(p.lines) != len(p.text) {
				t.Errorf("make %v: %d line numbers for %d lines", test.targets, len(p.lines), len(p.text))
			}
		}
		if joined := strings.Join(got, "\n"); joined != test.want || complete != test.complete {
			t.Errorf("make %v: got %q, %v", test.targets, joined, complete)
		}
	}
}

// bareRun is a run in a job without steps.
func bareRun(files ...string) *run {
	return &run{t: &tracer{repository: repository(files...), makefiles: map[string]*makefile{}}, job: &Job{}}
}

func TestHostileMakefiles(t *testing.T) {
	var text strings.Builder
	for n := range 9 {
		fmt.Fprintf(&text, "V%d = %s\n", n, strings.Repeat(fmt.Sprintf("$(V%d)", n+1), 500))
	}
	files := []string{"Makefile", text.String() + "V9 = x\ninclude *.mk\nall:\n\techo $(V0)\n"}
	for n := range 20 {
		files = append(files, fmt.Sprintf("m%d.mk", n), "include *.mk\n")
	}
	m := bareRun(files...).makefile(makeCall{}, nil)
	size := 0
	for _, v := range m.values(new(value.Env), &makePlanner{m: m, out: &makePlan{}}, makeCall{}) {
		size += len(v.String())
	}
	if limit := 16 * maxMakeText; size > limit {
		t.Errorf("the variables have %d bytes, want at most %d", size, limit)
	}
	if len(m.read) != 21 {
		t.Errorf("%d makefiles were read, want each of 21 once", len(m.read))
	}
}

func TestGrantedWithin(t *testing.T) {
	tests := []struct {
		own, caller Granted
		key, want   string
	}{
		{Granted{Scopes: map[string]string{"contents": "write"}}, Granted{Scopes: map[string]string{"contents": "read"}}, "contents", "read"},
		{Granted{Scopes: map[string]string{"contents": "write"}}, Granted{All: "write-all"}, "contents", "write"},
		{Granted{Scopes: map[string]string{"contents": "write"}}, Granted{All: "read-all"}, "contents", "read"},
		{Granted{All: "write-all"}, Granted{Scopes: map[string]string{"issues": "write"}}, "issues", "write"},
		{Granted{All: "write-all"}, Granted{Scopes: map[string]string{"issues": "write"}}, "contents", "none"},
		{Granted{Scopes: map[string]string{"contents": "read"}}, Granted{Scopes: map[string]string{}}, "contents", "none"},
	}
	for _, test := range tests {
		if got := test.own.within(&test.caller).Access(test.key); got != test.want {
			t.Errorf("%v within %v: %s is %s, want %s", test.own, test.caller, test.key, got, test.want)
		}
	}
}
