package rules

import (
	"slices"
	"testing"
)

// TestProbes holds the probes against the table of endpoints: a probe is a GET
// that takes the permission and no other, and that not everybody may make.
func TestProbes(t *testing.T) {
	seen := map[Permission]bool{}
	for _, p := range Probes() {
		name := p.Permission.String()
		if seen[p.Permission] {
			t.Errorf("%s stands twice", name)
		}
		seen[p.Permission] = true
		e, _, ok := Route("GET", p.Path)
		if !ok || e.Path != p.Path {
			t.Errorf("%s: no endpoint GET %s", name, p.Path)
			continue
		}
		if len(e.Needs) != 1 || !slices.Equal(e.Needs[0], []Permission{p.Permission}) {
			t.Errorf("%s: GET %s takes %s", name, p.Path, e.Needs)
		}
		if e.Public != p.Hidden {
			t.Errorf("%s: GET %s is public %v, and the probe needs a private repository %v", name, p.Path, e.Public, p.Hidden)
		}
		if len(p.Granted) == 0 || slices.ContainsFunc(p.Granted, func(s int) bool { return s == 401 || s == 403 || s == 404 || s >= 500 }) {
			t.Errorf("%s: statuses %v", name, p.Granted)
		}
	}
}
