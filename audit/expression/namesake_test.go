package expression

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamesakes(t *testing.T) {
	tests := []struct {
		condition string
		want      []string
	}{
		{"github.repository == 'boathouse/lantern'", []string{"boathouse/lantern"}},
		{"github.repository_owner == 'boathouse'", []string{"boathouse/lantern"}},
		{"startsWith(github.repository, 'boathouse/')", []string{"boathouse/lantern"}},
		{"github.repository == 'harbour/lantern'", nil},
		{"github.repository == 'boathouse/mooring'", nil},
		{"!contains(github.repository, 'lantern')", nil},
		{"github.repository", nil},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, Namesakes(test.condition, "harbour/lantern")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.condition, diff)
		}
	}
	if got := Namesakes("'a' 'b/c'", ""); got != nil {
		t.Errorf("of no repository: %v", got)
	}
}
