package expression

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestScanTested(t *testing.T) {
	tests := []struct {
		text      string
		condition bool
		want      []bool
	}{
		{"${{ secrets.A }}", false, []bool{false}},
		{"${{ secrets.A != '' }}", false, []bool{true}},
		{"${{ '' == secrets.A }}", false, []bool{true}},
		{"${{ !secrets.A }}", false, []bool{true}},
		{"${{ secrets.A && 'x' || 'y' }}", false, []bool{true}},
		{"${{ secrets.A && secrets.A }}", false, []bool{true, false}},
		{"${{ secrets.A || secrets.B }}", false, []bool{false, false}},
		{"${{ (secrets.A || secrets.B) == '' }}", false, []bool{true, true}},
		{"${{ startsWith(secrets.A, 'ghp_') }}", false, []bool{true}},
		{"${{ format('{0}', secrets.A) }}", false, []bool{false}},
		{"secrets.A", true, []bool{true}},
		{"${{ secrets.A }}", true, []bool{true}},
	}
	for _, test := range tests {
		secrets, _ := Scan(written(t, test.text), test.condition)
		var got []bool
		for _, w := range secrets {
			got = append(got, w.Tested)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestEnvMentions(t *testing.T) {
	tests := []struct {
		text         string
		condition    bool
		tests, reads int
	}{
		{"env.PAT is no expression", false, 0, 0},
		{"${{ env.PAT }}", false, 0, 1},
		{"${{ env['pat'] }} ${{ env.OTHER }}", false, 0, 1},
		{"${{ env.PAT != '' && env.PAT || 'x' }}", false, 1, 1},
		{"env.PAT != ''", true, 1, 0},
		{"env.PAT", true, 1, 0},
		{"env.OTHER", true, 0, 0},
		{"${{ toJSON(env) }}", false, 0, 1},
		{"${{ env[matrix.name] }}", false, 0, 1},
		{"${{ steps.env.outputs.PAT }}", false, 0, 0},
	}
	for _, test := range tests {
		if tests, reads := EnvMentions(written(t, test.text), test.condition, "PAT"); tests != test.tests || reads != test.reads {
			t.Errorf("%s: %d tests and %d reads, want %d and %d", test.text, tests, reads, test.tests, test.reads)
		}
	}
}
