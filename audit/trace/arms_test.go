package trace

import "testing"

func TestOpposite(t *testing.T) {
	for _, c := range []struct {
		a, b Arm
		want bool
	}{
		{Arm{guard: "inputs.x == 'y'"}, Arm{guard: "inputs.x != 'y'"}, true},
		{Arm{guard: "!inputs.x"}, Arm{guard: "inputs.x"}, true},
		{Arm{guard: "inputs.x"}, Arm{guard: "!(inputs.x)"}, true},
		{Arm{guard: "inputs.x == 'y'"}, Arm{guard: "inputs.x == 'z'"}, false},
		{Arm{guard: "a == b && c == d"}, Arm{guard: "a != b && c == d"}, false},
		{Arm{script: 1, place: 2}, Arm{script: 1, place: -2}, true},
		{Arm{script: 1, place: 2}, Arm{script: 2, place: -2}, false},
		{Arm{script: 1, place: 2, failed: true}, Arm{script: 1, place: -2}, false},
	} {
		if got := c.a.Opposite(c.b); got != c.want {
			t.Errorf("%+v and %+v: %v", c.a, c.b, got)
		}
	}
}
