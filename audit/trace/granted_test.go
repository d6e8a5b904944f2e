package trace

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKept(t *testing.T) {
	written := &Granted{Scopes: map[string]string{"contents": "write", "issues": "write", "pages": "none", "id-token": "write", "packages": "read"}}
	tests := []struct {
		name  string
		grant *Granted
		known bool
		want  map[string]string
	}{
		{"nothing written", nil, false, map[string]string{}},
		{"all known", written, true, map[string]string{"contents": "read", "id-token": "write", "packages": "read"}},
		{"not all known", written, false, map[string]string{"contents": "write", "issues": "write", "id-token": "write", "packages": "read"}},
		{"one word", &Granted{All: "write-all"}, true, map[string]string{"attestations": "write", "contents": "read", "id-token": "write", "packages": "write"}},
		{"reading", &Granted{All: "read-all"}, true, map[string]string{"attestations": "read", "contents": "read", "packages": "read"}},
		{"nothing given", &Granted{Scopes: map[string]string{}}, false, map[string]string{}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, test.grant.Kept(test.known)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	if all := (&Granted{All: "write-all"}).Kept(false); all["issues"] != "write" || all["actions"] != "write" {
		t.Errorf("write-all, not all known: kept %v", all)
	}
}
