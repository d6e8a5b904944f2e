package trace

import "testing"

func TestOwnAction(t *testing.T) {
	action := "runs:\n  using: composite\n  steps: []\n"
	r := repository("action.yml", action, "Sub/x/action.yml", action)
	r.Name = "Acme/fern"
	for name, want := range map[string]string{
		"acme/fern": ".", "Acme/Fern": ".", "acme/fern/Sub/x": "Sub/x", "acme/fern/Sub/x/": "Sub/x",
		"acme/fern-x": "", "acme/fer": "", "acme/fern/sub": "", "acme/fern/../x": "", "other/fern": "", "": "",
	} {
		dir, got := (&tracer{repository: r}).ownAction(name)
		if got == nil {
			dir = ""
		}
		if dir != want {
			t.Errorf("%q lies in %q, want %q", name, dir, want)
		}
	}
	r.Name = ""
	if _, got := (&tracer{repository: r}).ownAction("acme/fern"); got != nil {
		t.Error("a repository without a name has actions by name")
	}
}
