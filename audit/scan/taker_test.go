package scan

import (
	"testing"
	"testing/fstest"
)

// TestTaker says of a secret that no name tells of which program is handed it.
func TestTaker(t *testing.T) {
	const nobody = "nothing was seen to read it"
	for _, c := range []struct{ run, want string }{
		{"aws lambda invoke --function-name $place /dev/stdout", "aws is handed it, and whether that takes it to GitHub is not known"},
		{"/usr/bin/kubectl get pods -n \\\"$place\\\"", "kubectl is handed it, and whether that takes it to GitHub is not known"},
		{"echo $place", nobody},
		{"aws s3 ls", nobody + ", and whether aws s3 ls does is not known"},
	} {
		files := fstest.MapFS{".github/workflows/w.yml": {Data: []byte("on: push\njobs: {a: {runs-on: x, steps: [{run: \"" + c.run + "\", env: {place: '${{ secrets.HARBOUR_WORK }}'}}]}}\n")}}
		got := nobody
		for _, r := range Repository(files, Options{Name: "acme/rocket"}).References {
			if len(r.Reasons) > 0 {
				got = r.Reasons[0].Detail
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.run, got, c.want)
		}
	}
}
