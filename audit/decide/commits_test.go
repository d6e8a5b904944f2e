package decide

import "testing"

func TestCoincide(t *testing.T) {
	d := &decider{defaultBranch: "main"}
	name := func(pieces ...string) ref { return ref{pieces: pieces} }
	topic := ref{topic: true}
	for _, test := range []struct {
		name string
		a, b ref
		want bool
	}{
		{"the same", name("main"), name("main"), true},
		{"two", name("live"), name("main"), false},
		{"one of a pattern", name("release/1"), name("release/", ""), true},
		{"none of a pattern", name("live"), name("release/", ""), false},
		{"the default branch in a run for any", name("main"), name("", ""), true},
		{"another in a run for any", name("live"), name("", ""), false},
		{"what is not known", name("", ""), name("live"), true},
		{"partly known", name("docs-", ""), name("live"), false},
		{"two patterns", name("release/", ""), name("release/v", ""), true},
		{"two other patterns", name("release/", ""), name("docs/", ""), false},
		{"heads of pull requests", topic, topic, true},
		{"a head and a name", topic, name("main"), false},
		{"a head and what is not known", topic, name("", ""), true},
	} {
		if got := d.coincide(test.a, test.b); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}
