package infer

import (
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// What making a label takes is said where labels are added, and nowhere else.
func TestMayNeedLabels(t *testing.T) {
	for _, test := range []struct {
		operation string
		given     map[string]value.Value
		want      bool
	}{
		{"issues/add-labels", nil, true},
		{"issues/set-labels", map[string]value.Value{"labels": value.Unknown("labels")}, true},
		{"issues/update", map[string]value.Value{"labels": value.Text("late")}, true},
		{"issues/update", map[string]value.Value{"labels": nil}, false},
		{"issues/update", nil, false},
		{"issues/remove-label", nil, false},
	} {
		given := func(name string) (value.Value, bool) { v, set := test.given[name]; return v, set }
		endpoint, _ := rules.OperationByID(test.operation)
		effect := endpoint.Effect().Resolve(func(name string) (string, bool, bool) {
			v, set := given(name)
			text, known := v.Literal()
			return text, known && name != missing, set
		})
		if got := mayNeed(effect.Cases, given); (len(got) == 1) != test.want {
			t.Errorf("%s %v: %v, want one: %v", test.operation, test.given, got, test.want)
		}
	}
}
