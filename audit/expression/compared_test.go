package expression

import (
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit/workflow"
)

func TestCompared(t *testing.T) {
	for text, want := range map[string]string{
		"inputs.key == env.KEY":                             "inputs.key env.key",
		"${{ github.event.inputs['key'] != secrets.KEY }}":  "github.event.inputs.key secrets.key",
		"always() && (secrets.A == inputs.a || inputs.b)":   "secrets.a inputs.a",
		"secrets.KEY != ''":                                 "",
		"inputs.key == format('{0}', secrets.KEY)":          "",
		"contains(inputs.key, secrets.KEY)":                 "",
		"inputs.key":                                        "",
		"inputs.a == env.A && github.event['x'].y == env.B": "inputs.a env.a, github.event.x.y env.b",
	} {
		var got []string
		for _, p := range Compared(workflow.Text{Value: text}, true) {
			got = append(got, strings.Join(p[0], ".")+" "+strings.Join(p[1], "."))
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("%s: %q, want %q", text, s, want)
		}
	}
}
