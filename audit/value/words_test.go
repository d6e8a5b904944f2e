package value

import "testing"

func TestIsWord(t *testing.T) {
	for path, want := range map[string]bool{
		"github.actor": true, "github.sha": true, "github.event.pull_request.number": true, "github.event.pull_request.user.login": true, "github.event.release.tag_name": true,
		"github.workflow": false, "github.event.pull_request.title": false, "github.event.client_payload.ref": false, "github.event.inputs.number": false, "github.workspace": false,
		"runner.os": false, "": false,
	} {
		if got := (Part{Context: path}).IsWord(); got != want {
			t.Errorf("%s: %t", path, got)
		}
	}
}
