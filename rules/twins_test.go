package rules

import "testing"

func TestSameAs(t *testing.T) {
	for name, want := range map[string]string{
		"step-security/create-pull-request@v7": "peter-evans/create-pull-request",
		"Step-Security/Paths-Filter":           "dorny/paths-filter",
		"peter-evans/create-pull-request":      "peter-evans/create-pull-request",
		"acme/unheard-of/folder":               "acme/unheard-of/folder",
		"./local":                              "./local",
	} {
		if got := SameAs(name); got != want {
			t.Errorf("SameAs(%q) = %q, want %q", name, got, want)
		}
	}
}

// TestTwins holds that every copy leads to something that a table knows, in one go,
// and has no rows of its own that would go before.
func TestTwins(t *testing.T) {
	for _, one := range twinRows().rows {
		if _, known := Action(one.action); !known {
			t.Errorf("%s: nothing is known of %s", one.action, one.of)
		}
		if len(actionRows()[one.action]) > 0 {
			t.Errorf("%s has rows of its own", one.action)
		}
		if SameAs(one.of) != one.of {
			t.Errorf("%s leads to %s, which is a copy itself", one.action, one.of)
		}
	}
}
