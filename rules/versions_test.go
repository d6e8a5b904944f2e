package rules

import "testing"

func TestVersions(t *testing.T) {
	for _, test := range []struct {
		versions, ref string
		want          Truth
	}{
		{"", "", Yes},
		{"", "v1", Yes},
		{"until v3", "v2", Yes},
		{"until v3", "v2.9.1", Yes},
		{"until v3", "v3", No},
		{"until v3", "v3.0.0", No},
		{"until v3", "3.1", No},
		{"until v3", "v30", No},
		{"until v3", "v3.0.0-beta.1", No},
		{"until v3", "main", No},
		{"until v3", "develop", Maybe},
		{"until v3", "", Maybe},
		{"until v3", "v3x", Maybe},
		{"since v3", "v2.9", No},
		{"since v3", "v3", Yes},
		{"since v3", "v10", Yes},
		{"since v3", "releases/v4", Yes},
		{"since v3", "v2.x", No},
		{"since v3", "master", Yes},
		{"since v3.8", "v3", Yes},
		{"since v3.8", "v3.7.9", No},
		{"since v3.8", "v3.8", Yes},
		{"since v3.8", "v3.10.0", Yes},
		{"since v6 until v7", "v5", No},
		{"since v6 until v7", "v6.1", Yes},
		{"since v6 until v7", "v7", No},
		{"since v6 until v7", "main", No},
		{"since v6 until v7", "@", Maybe},
	} {
		v, err := ParseVersions(test.versions)
		if err != nil {
			t.Errorf("%q: %v", test.versions, err)
			continue
		}
		if got := v.Holds(test.ref); got != test.want {
			t.Errorf("%q of %q is %d, want %d", test.versions, test.ref, got, test.want)
		}
		if v.String() != test.versions {
			t.Errorf("%q is written %q", test.versions, v)
		}
	}
	for _, text := range []string{"v1", "since", "until v3 since v1", "since v1 since v2", "until now", "since v3; later", "until v3 now"} {
		if v, err := ParseVersions(text); err == nil {
			t.Errorf("%q is read as %q", text, v)
		}
	}
}

// A version says which rows hold: the input command was one until v4.
func TestActionRowVersions(t *testing.T) {
	token := actionToken(t, "google-github-actions/release-please-action", "token")
	for _, test := range []struct {
		version string
		want    Answer
	}{{"v3", "yes"}, {"v3.7.13", "yes"}, {"v4", "conditional"}, {"v4.1.0", "conditional"}, {"?", "conditional"}} {
		effect, certain := token.Effect(given(inputs{"@version": test.version, "command": "github-release"}))
		if effect.Answer != test.want || certain != (test.version != "?") {
			t.Errorf("%s: %q, certain is %t, want %q", test.version, effect.Answer, certain, test.want)
		}
	}
}

func FuzzVersions(f *testing.F) {
	f.Add("since v1.2 until v7", "v3")
	f.Add("until v3", "releases/v2.x")
	f.Fuzz(func(t *testing.T, text, ref string) {
		v, err := ParseVersions(text)
		if err != nil {
			return
		}
		again, err := ParseVersions(v.String())
		if err != nil || again.Holds(ref) != v.Holds(ref) {
			t.Errorf("%q is written %q, which is another range: %v", text, v, err)
		}
	})
}
