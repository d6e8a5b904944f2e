package rules

import "testing"

func TestExportedFile(t *testing.T) {
	for _, test := range []struct {
		action, want string
		inputs       map[string]string
	}{
		{"cardinalby/export-env-action", "ci/a.env", map[string]string{"envfile": "ci/a.env"}},
		{"cardinalby/export-env-action", "", map[string]string{"envfile": "ci/a.env", "export": "false"}},
		{"falti/dotenv-action", "", nil},
		{"falti/dotenv-action", ".env", map[string]string{"export-variables": "true"}},
		{"xom9ikk/dotenv", "ci/.env.stage", map[string]string{"path": "./ci", "mode": "stage"}},
		{"actions/checkout", "", map[string]string{"path": "a"}},
	} {
		file, ok := ExportedFile(test.action, func(name string) (string, bool) { return test.inputs[name], true })
		if file != test.want || ok != (test.want != "") {
			t.Errorf("%s with %v exports %q, %v, want %q", test.action, test.inputs, file, ok, test.want)
		}
	}
}
