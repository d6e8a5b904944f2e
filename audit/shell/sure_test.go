package shell

import "testing"

func TestPerhaps(t *testing.T) {
	for source, sure := range map[string]bool{
		`echo "a=1" >> "$GITHUB_OUTPUT"`:                                                                  true,
		`{ echo "a=1"; echo "b=2"; } >> "$GITHUB_OUTPUT"`:                                                 true,
		"if test -f x; then\necho a=1 >> $GITHUB_OUTPUT\nfi":                                              false,
		"if test -f x; then\necho a=1 >> $GITHUB_OUTPUT\nelse\necho a=2 >> $GITHUB_OUTPUT\nfi":            true,
		"if test -f x; then\necho a=1 >> $GITHUB_OUTPUT\nelse\nexit 1\nfi":                                true,
		"if test -f x; then\necho a=1 >> $GITHUB_OUTPUT\nelse\nexit 0\nfi":                                false,
		"if test -f x; then\na=1\nelse\na=2\nfi\necho \"a=$a\" >> $GITHUB_OUTPUT":                         true,
		"test -f x || exit 0\necho a=1 >> $GITHUB_OUTPUT":                                                 false,
		"test -f x || exit 1\necho a=1 >> $GITHUB_OUTPUT":                                                 true,
		"test -f x && echo a=1 >> $GITHUB_OUTPUT":                                                         false,
		"[ -f x ] && echo a=1 >> $GITHUB_OUTPUT || echo a=2 >> $GITHUB_OUTPUT":                            true,
		"for f in *; do\necho a=1 >> $GITHUB_OUTPUT\ndone":                                                false,
		"case $1 in\nx) echo a=1 >> $GITHUB_OUTPUT ;;\nesac":                                              false,
		"case $1 in\nx) echo a=1 >> $GITHUB_OUTPUT ;;\n*) echo a=2 >> $GITHUB_OUTPUT ;;\nesac":            true,
		"for f in *; do\nif test -f $f; then echo a=1; else echo a=2; fi >> $GITHUB_OUTPUT\ndone":         false,
		"if test -f x; then if test -f y; then echo a=1; else echo a=2; fi >> $GITHUB_OUTPUT; fi":         false,
		"if test -f x; then echo a=1; elif test -f y; then echo a=2; else echo a=3; fi >> $GITHUB_OUTPUT": true,
		"if test -f x; then echo a=1; elif test -f y; then echo a=2; fi >> $GITHUB_OUTPUT":                false,
	} {
		r := Interpret(Input{Source: source})
		if _, set := r.Outputs["a"]; !set || r.PerhapsOutputs["a"] == sure {
			t.Errorf("%s: %v, perhaps %v", source, r.Outputs, r.PerhapsOutputs)
		}
	}
}
