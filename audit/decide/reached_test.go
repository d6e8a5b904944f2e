package decide

import (
	"strings"
	"testing"
)

func TestNeverRun(t *testing.T) {
	for condition, want := range map[string]bool{
		"false": true, "${{ false }}": true, "false && github.ref == 'refs/heads/main'": true, "${{ !true }}": true, "'' ": true,
		"true": false, "${{ always() }}": false, "false || github.ref == 'refs/heads/main'": false, "github.actor == 'nobody'": false, "vars.RUN == 'false'": false,
	} {
		job := "on: push\njobs:\n  a:\n    if: COND\n    runs-on: x\n    steps:\n    - run: gh label create x\n      env:\n        GH_TOKEN: ${{ secrets.A_PAT }}\n"
		step := "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n    - if: COND\n      run: gh label create x\n      env:\n        GH_TOKEN: ${{ secrets.A_PAT }}\n"
		for _, source := range []string{job, step} {
			r := judge(t, Options{Name: "o/r"}, map[string]string{"a": strings.Replace(source, "COND", `"`+condition+`"`, 1)}).References[0]
			if said := strings.Contains(r.Remedy.Summary, "never runs"); said != want || r.Verdict != "replaceable" {
				t.Errorf("%s: %s, %s", condition, r.Verdict, r.Remedy.Summary)
			}
		}
	}
}
