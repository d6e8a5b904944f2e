package decide

import (
	"slices"
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// TestTogether looks for what is said of references that must change together.
func TestTogether(t *testing.T) {
	const step = "    - uses: marocchino/sticky-pull-request-comment@v2\n      with: {header: HEADER, GITHUB_TOKEN: '${{ secrets.A_PAT }}'}\n"
	const head = "on: pull_request_target\njobs:\n  a:\n    runs-on: x\n    steps:\n"
	said := "change it together with .github/workflows/w.yml:7"
	tests := []struct {
		name, first, second string
		want                bool
	}{
		{"one header", "lint", "lint", true},
		{"two headers", "lint", "test", false},
	}
	for _, test := range tests {
		source := head + strings.Replace(step, "HEADER", test.first, 1) + strings.Replace(step, "HEADER", test.second, 1)
		got := judge(t, Options{}, map[string]string{"w": source}).References[1]
		if got.Verdict != "replaceable" || strings.Contains(got.Remedy.Summary, said) != test.want {
			t.Errorf("%s: %s, %s", test.name, got.Verdict, got.Remedy.Summary)
		}
	}
}

func TestMayEqual(t *testing.T) {
	run, name := value.Context("github.run_id"), value.Unknown("vars.NAME")
	tests := []struct {
		name   string
		a, b   value.Value
		oneRun bool
		want   bool
	}{
		{"both left out", nil, nil, false, true},
		{"one left out", nil, value.Text("lint"), false, false},
		{"one left out, one not known", nil, name, false, true},
		{"known", value.Text("lint"), value.Text("test"), false, false},
		{"beginnings", value.Concat(value.Text("lint-"), name), value.Text("test-a"), false, false},
		{"ends", value.Concat(name, value.Text("-a")), value.Concat(name, value.Text("-b")), false, false},
		{"may be filled in", value.Concat(value.Text("test-"), name), value.Text("test-a"), false, true},
		{"one run", run, run, true, true},
		{"two runs", run, run, false, false},
		{"one run, another end", run, value.Concat(run, value.Text("-a")), true, false},
		{"alternatives", value.Choice(value.Text("a"), value.Text("b")), value.Text("b"), false, true},
	}
	for _, test := range tests {
		if got := mayEqual(test.a, test.b, test.oneRun); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
		if got := mayEqual(test.b, test.a, test.oneRun); got != test.want {
			t.Errorf("%s, the other way round: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestConjuncts(t *testing.T) {
	tests := []struct {
		condition string
		want      []string
	}{
		{"", nil},
		{"always()", nil},
		{"${{ always() && env.PR != '' }}", []string{"env.PR != ''"}},
		{"failure() && a", []string{"failure()", "a"}},
		{"a || b && c", []string{"a || b && c"}},
		{"${{ a }} && ${{ b }}", []string{"${{ a }} && ${{ b }}"}},
	}
	for _, test := range tests {
		if got := conjuncts(workflow.Text{Value: test.condition}); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.condition, got, test.want)
		}
	}
}

func TestSameValue(t *testing.T) {
	tests := []struct {
		name         string
		a, b         value.Value
		sameJob, any bool
	}{
		{"known", value.Text("a"), value.Text("a"), true, true},
		{"another", value.Text("a"), value.Text("b"), false, false},
		{"fixed by the run", value.Context("github.run_id"), value.Context("github.run_id"), true, true},
		{"only known when the job runs", value.Unknown("steps.a.outputs.b"), value.Unknown("steps.a.outputs.b"), true, false},
		{"of a shell", value.Unknown("$(date)"), value.Unknown("$(date)"), false, false},
	}
	for _, test := range tests {
		if got := sameValue(test.a, test.b, true); got != test.sameJob {
			t.Errorf("%s, in one job: %v", test.name, got)
		}
		if got := sameValue(test.a, test.b, false); got != test.any {
			t.Errorf("%s, in two jobs: %v", test.name, got)
		}
	}
}
