package scan

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/patrol-actions/patrol/audit"
)

// TestBrokenAction makes sure that what an action does is not taken to be
// known where its YAML breaks. It is no case, for over the API an action with
// a fault is not read at all.
func TestBrokenAction(t *testing.T) {
	const action = "runs:\n  using: composite\n  steps:\n    - run: gh release view\n      shell: bash\n      env: {GH_TOKEN: '${{ inputs.token }}'}\n"
	for _, c := range []struct {
		rest string
		want audit.Verdict
	}{
		{"", audit.VerdictReplaceable},
		{"<<<<<<< HEAD\n    - run: gh issue list\n", audit.VerdictUnknown},
	} {
		result := Repository(fstest.MapFS{
			".github/workflows/w.yml": {Data: []byte("on: workflow_dispatch\njobs: {a: {runs-on: x, steps: [{uses: ./view, with: {token: '${{ secrets.A_PAT }}'}}]}}\n")},
			"view/action.yml":         {Data: []byte("inputs: {token: {}}\n" + action + c.rest)},
		}, Options{Name: "acme/rocket"})
		if len(result.References) != 1 || result.References[0].Verdict != c.want {
			t.Fatalf("%q: %+v, want one that is %s", c.rest, result.References, c.want)
		}
		if reasons := result.References[0].Reasons; c.rest != "" && (len(reasons) != 1 || !strings.Contains(reasons[0].Detail, "line 8 of action.yml breaks its YAML")) {
			t.Errorf("%q: %+v", c.rest, reasons)
		}
	}
}
