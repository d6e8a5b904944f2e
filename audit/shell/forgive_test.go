package shell

import (
	"strings"
	"testing"
)

func TestForgiven(t *testing.T) {
	for _, test := range []struct {
		name, script string
		// until is what stands where the offset is, "" for a command whose
		// failure ends the script.
		until string
	}{
		{"alone", "commit\npush", ""},
		{"or another", "commit || echo no\npush", "\npush"},
		{"or the end", "commit || exit 1\npush", ""},
		{"or a word and the end", "commit || { echo no; exit 0; }\npush", ""},
		{"and another", "commit && push\npush", "\npush"},
		{"and another, or the end", "commit && push || exit 1", ""},
		{"behind another", "cd x && commit\npush", ""},
		{"in a block", "{ commit; } || true\npush", "\npush"},
		{"asked for", "if commit; then push; fi\npush", "; fi\npush"},
		{"asked for, negated", "if ! commit; then push; fi", "; then push; fi"},
	} {
		result := Interpret(Input{Source: test.script})
		for _, c := range result.Commands {
			if name := c.Args[0].LiteralOr(""); name != "commit" {
				continue
			}
			got := ""
			if c.Forgiven > 0 {
				got = test.script[c.Forgiven:]
			}
			if strings.TrimPrefix(got, ";") != strings.TrimPrefix(test.until, ";") {
				t.Errorf("%s: forgiven until %q, want %q", test.name, got, test.until)
			}
		}
		if len(result.Commands) == 0 || result.Commands[0].Args == nil {
			t.Errorf("%s: no command", test.name)
		}
	}
}
