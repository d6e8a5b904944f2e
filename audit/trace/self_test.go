package trace

import (
	"testing"

	"github.com/patrol-actions/patrol/audit"
)

// mounted shows the files of one other repository.
type mounted struct{}

func (mounted) Mount(repository, ref string, _ audit.Place) (string, error) {
	return repository + "@" + ref, nil
}

// TestSelfReference: "$/" in a file of another repository names an action of
// that one.
func TestSelfReference(t *testing.T) {
	r := repository(".github/workflows/a.yml", `on: push
jobs:
  a:
    runs-on: x
    steps:
      - uses: acme/kit@v1
        with:
          token: ${{ secrets.PAT }}
`,
		"acme/kit@v1/action.yml", "inputs: {token: {}}\nruns:\n  using: composite\n  steps:\n    - uses: $/inner\n      with:\n        token: ${{ inputs.token }}\n",
		"acme/kit@v1/inner/action.yml", "inputs: {token: {}}\nruns:\n  using: composite\n  steps:\n    - run: gh theirs\n      shell: bash\n      env:\n        GH_TOKEN: ${{ inputs.token }}\n",
		"inner/action.yml", "inputs: {token: {}}\nruns:\n  using: composite\n  steps:\n    - run: gh ours\n      shell: bash\n      env:\n        GH_TOKEN: ${{ inputs.token }}\n",
	)
	var ran []string
	for _, s := range Trace(r, Options{Remote: mounted{}}).Jobs[0].Sites {
		if s.Command != nil {
			ran = append(ran, s.Command.Text())
		}
	}
	if len(ran) != 1 || ran[0] != "gh theirs" {
		t.Errorf("ran %q", ran)
	}
}
