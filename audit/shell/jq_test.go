package shell

import (
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
)

func TestJQObject(t *testing.T) {
	vars := map[string]value.Value{"a": value.Text(`"x"`), "n": value.Text("3")}
	tests := []struct {
		program, want string
		ok            bool
	}{
		{`{query: $a}`, `{"query":"x"}`, true},
		{`{$a, "b": [$n, 1.5, null]}`, `{"a":"x","b":[3,1.5,null]}`, true},
		{`{a: {b: $a}, c: true}`, `{"a":{"b":"x"},"c":true}`, true},
		{`{a: .b}`, "", false},
		{`{a: $missing}`, "", false},
		{`{a: "\($a)"}`, "", false},
		{`{a: $a} | tojson`, "", false},
		{`{a: $a`, "", false},
		{`{a}`, "", false},
		{`.a`, "", false},
		{`{a: $a}}`, "", false},
	}
	for _, test := range tests {
		got, ok := jqObject(test.program, vars)
		if got.String() != test.want || ok != test.ok {
			t.Errorf("jq %q: got %q, %v, want %q, %v", test.program, got.String(), ok, test.want, test.ok)
		}
	}
}
