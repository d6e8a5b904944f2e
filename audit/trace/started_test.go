package trace

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestQuotedTexts(t *testing.T) {
	// What a text in quotes is, in one expression that takes long.
	quoted := regexp.MustCompile("\"[^\"\\n]{1,300}\"|'[^'\\n]{1,300}'|`[^`\\n]{1,300}`")
	for _, source := range []string{
		``, `"`, `""`, `"a"`, `'a" "b'`, "\"a\n\"b\"", "`x` '' \"é\"", `don't "do" it's`, "'a\xffb' \"\xff\"",
		`"` + strings.Repeat("é", 300) + `" '` + strings.Repeat("x", 301) + `' "y"`, strings.Repeat(`"'`, 700), `"` + strings.Repeat("x", 2000) + `"a"`,
	} {
		var want [][2]int
		for _, at := range quoted.FindAllStringIndex(source, -1) {
			want = append(want, [2]int{at[0], at[1]})
		}
		if got := quotedTexts(source); !slices.Equal(got, want) {
			t.Errorf("%.60q: %v, want %v", source, got, want)
		}
	}
}

// A job runs the same program in Go from many steps; its text is that of a whole module.
func BenchmarkTraits(b *testing.B) {
	source := strings.Repeat("func run() error {\n\tlog.Printf(\"run %s\", name) // it's one of \"many\"\n\treturn fmt.Errorf(`a: %w`, err)\n}\n", 20_000) + `exec.Command("git", "tag")`
	tracer := &tracer{textTraits: map[string]*textTraits{}}
	for b.Loop() {
		clear(tracer.textTraits)
		for range 40 {
			if x := tracer.traits(source); !x.mentionsMoves().Any() && x.startsReader("GH_TOKEN") {
				b.Fatal("what the text says is lost")
			}
		}
	}
}
