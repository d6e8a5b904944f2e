package trace

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

func TestTaskWords(t *testing.T) {
	for line, want := range map[string]struct {
		file, dir, tasks, rest, given string
	}{
		"task":                                  {},
		"task -d sub build test":                {dir: "sub", tasks: "build test", rest: "test"},
		"task --taskfile x.yml ship V=1 -- a b": {file: "x.yml", tasks: "ship", rest: "a b", given: "V"},
		"task --silent --output prefixed ship":  {tasks: "ship"},
		"task ship --force":                     {tasks: "ship --force", rest: "--force"},
	} {
		var args []value.Value
		for _, w := range strings.Fields(line) {
			args = append(args, value.Text(w))
		}
		call := taskWords(&Command{Command: shell.Command{Args: args}}, []string{"--taskfile"}, []string{"-d"}, []string{"--output"})
		var rest, given []string
		for _, v := range call.rest {
			rest = append(rest, v.String())
		}
		for name := range call.given {
			given = append(given, name)
		}
		got := []string{call.file.String(), call.dir.String(), strings.Join(call.tasks, " "), strings.Join(rest, " "), strings.Join(given, " ")}
		if diff := cmp.Diff([]string{want.file, want.dir, want.tasks, want.rest, want.given}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", line, diff)
		}
	}
}

func TestJustHead(t *testing.T) {
	for line, want := range map[string][3]string{
		"build:":                         {"build", "", ""},
		"@build target='a:b' *rest: x y": {"build", "target='a:b' *rest", " x y"},
		"x := 'y'":                       {},
		"ship (note 'a'): (tell 'b')":    {"ship", "(note 'a')", " (tell 'b')"},
		"set shell := ['bash']":          {},
		"1x:":                            {},
		"'":                              {},
	} {
		name, parameters, needs, ok := justHead(line)
		if ok != (want[0] != "") || ok && [3]string{name, parameters, needs} != want {
			t.Errorf("%q: %q %q %q %v, want %q", line, name, parameters, needs, ok, want)
		}
	}
}

// FuzzTaskfiles reads files of task runners: whatever stands in them, nothing
// breaks, and every line of a task is one of its file.
func FuzzTaskfiles(f *testing.F) {
	f.Add("version: '3'\nincludes: {d: ./d}\ntasks:\n  a: {cmds: [x, {task: b}, {cmd: y}], deps: [c]}\n  b: echo {{.X}}\n")
	f.Add("import 'b.just'\nx := \"1\"\nalias b := build\nbuild target='a' *r: dep (d 'e')\n  @echo {{x}} {{env('Y')}} {{target}}\n")
	f.Add("a: &a {cmds: *a}\ntasks: *a\n")
	f.Fuzz(func(t *testing.T, source string) {
		r := &run{t: &tracer{repository: repository(), taskfiles: map[string]*taskfile{}}, job: &Job{}}
		lines := strings.Count(source, "\n") + 1
		task, just := newTaskfile(taskTemplate), newTaskfile(justTemplate)
		task.addTaskfile(r, "Taskfile.yml", []byte(source), "", 0)
		just.addJustfile(r, "justfile", source, 0)
		for _, f := range []*taskfile{task, just} {
			for _, x := range f.tasks {
				for _, part := range x.parts {
					for _, text := range part.text {
						f.fill(text, x, taskCall{}, true, nil, &value.Table{})
					}
					for _, line := range part.lines {
						if line < 1 || line > lines+1 {
							t.Errorf("line %d of %d", line, lines)
						}
					}
				}
			}
		}
	})
}

// FuzzMakefiles reads makefiles: whatever stands in them, nothing breaks, and
// every line of a recipe is one of its file.
func FuzzMakefiles(f *testing.F) {
	f.Add("A := 1\nB ?= $(A) $(shell x)\nall: b c; echo $(B)\nb c::\n\t@x && \\\n  y\n%.o: %.c\n\tcc $< $@ $* $^\n")
	f.Add("define d\na $(1)\nb\nendef\n$(foreach x,1 2,$(eval $(call d,$(x))))\nall: $(addprefix p,$(A:.c=.o)) | q\n\t$(call d,x)\n\t'$(shell y)' $(if $(Z),m,n)\n")
	f.Add("ifdef X\nA = 1\nelse\nA = $(A)\nendif\n.DEFAULT_GOAL := z\n-include *.mk $(y)\nz: V = 2\nz: p%\n$(A) : %: q\n\t$A ${B} $$\n")
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 4096 {
			return
		}
		r := bareRun("Makefile", source)
		lines := strings.Count(source, "\n") + 1
		m := r.makefile(makeCall{}, nil)
		if m == nil {
			return
		}
		m.values(nil, &makePlanner{m: m, out: &makePlan{}}, makeCall{})
		for _, targets := range [][]string{nil, {"all"}, {"x y"}} {
			for _, part := range m.plan(r, makeCall{targets: targets}, nil).out.parts {
				if len(part.text) != len(part.lines) || len(part.text) != len(part.modes) {
					t.Fatalf("%d line numbers and %d modes for %d lines", len(part.lines), len(part.modes), len(part.text))
				}
				for _, line := range part.lines {
					if line < 1 || line > lines+1 {
						t.Errorf("line %d of %d", line, lines)
					}
				}
			}
		}
	})
}
