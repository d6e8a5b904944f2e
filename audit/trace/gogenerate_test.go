package trace

import "testing"

func TestDirectives(t *testing.T) {
	d := directives{file: "a.go", named: map[string][]string{}}
	for i, c := range []struct{ line, want string }{
		{"package leaf // doc", ""},
		{"//go:generate stringer -type=Leaf", ""},
		{"//go:generatesh x", ""},
		{"//go:generate", ""},
		{"//go:generate go run example.org/x@v1", ""},
		{"//go:generate go run ./gen -o out.go", "'go' 'run' './gen' '-o' 'out.go'"},
		{`//go:generate sh -c "echo \"a\" > b"`, `'sh' '-c' 'echo "a" > b'`},
		{`//go:generate sh -c "broken`, ""},
		{"//go:generate ./x.sh $GOFILE:$GOLINE ${GOPACKAGE} $HOME `$DOLLAR", `'./x.sh' "a.go:9" "leaf" "${HOME}" "` + "\\`" + `\$"`},
		{"//go:generate -command run bash ./x.sh", ""},
		{"//go:generate run it's", `'bash' './x.sh' 'it'\''s'`},
	} {
		d.line = i + 1
		if got, ok := d.command(c.line); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %v, want %q", c.line, got, ok, c.want)
		}
	}
}

func FuzzDirectives(f *testing.F) {
	f.Add("//go:generate sh -c \"echo $GOFILE\"")
	f.Fuzz(func(_ *testing.T, line string) {
		d := directives{file: "a.go", named: map[string][]string{}}
		d.command(line)
	})
}
