package value

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
)

// secret is a credential that is written in a line.
func secret(name string, line int) *Credential {
	return &Credential{Name: name, Written: []audit.Span{{File: "w.yml", Line: line}}}
}

func TestConcat(t *testing.T) {
	pat := Of(secret("PAT", 1))
	tests := []struct {
		name string
		in   []Value
		want Value
	}{
		{"nothing", nil, nil},
		{"empty values", []Value{nil, Text(""), {}}, nil},
		{"text with text", []Value{Text("a"), Text("b"), Text("c")}, Value{{Text: "abc"}}},
		{"one among empty", []Value{nil, Context("github.ref"), nil}, Value{{Context: "github.ref"}}},
		{"text around a context", []Value{Text("a"), Context("x"), Text("b"), Text("c")}, Value{{Text: "a"}, {Context: "x"}, {Text: "bc"}}},
		{"an empty text part", []Value{{{Text: ""}}, pat, {{Text: ""}}, Text("x")}, Value{pat[0], {Text: "x"}}},
		{"across values", []Value{{{Context: "x"}, {Text: "a"}}, {{Text: "b"}, {Context: "y"}}}, Value{{Context: "x"}, {Text: "ab"}, {Context: "y"}}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, Concat(test.in...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestConcatChangesNothing joins the same head to two tails: neither may
// write over the other.
func TestConcatChangesNothing(t *testing.T) {
	head := make(Value, 0, 8)
	head = append(head, Part{Text: "a"}, Part{Context: "x"})
	one, two := Concat(head, Text("1")), Concat(head, Text("2"))
	if one.String() != "a${{ x }}1" || two.String() != "a${{ x }}2" || head.String() != "a${{ x }}" {
		t.Errorf("got %s, %s and %s", one, two, head)
	}
	merged := Concat(Text("a"), Text("b"))
	_ = Concat(merged, Text("c"))
	if merged.String() != "ab" {
		t.Errorf("got %s", merged)
	}
}

func TestChoice(t *testing.T) {
	a, b, c := Text("a"), Text("b"), Context("c")
	tests := []struct {
		name string
		in   []Value
		want Value
	}{
		{"none", nil, nil},
		{"one", []Value{a}, a},
		{"the same", []Value{a, Text("a")}, a},
		{"two", []Value{a, b}, Value{{OneOf: []Value{a, b}}}},
		{"nested is laid flat", []Value{Choice(a, b), Choice(b, c)}, Value{{OneOf: []Value{a, b, c}}}},
		{"empty counts", []Value{nil, a}, Value{{OneOf: []Value{nil, a}}}},
		{"a part of a value is kept", []Value{Concat(Text("x"), Choice(a, b)), a}, Value{{OneOf: []Value{Concat(Text("x"), Choice(a, b)), a}}}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, Choice(test.in...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestEqual(t *testing.T) {
	pat := secret("PAT", 1)
	hop := audit.Hop{File: "w.yml", Line: 2, What: "env"}
	values := []Value{
		nil, Text("a"), Text("b"), Context("a"), Unknown("a"), Of(pat), Of(secret("PAT", 2)), Of(secret("B", 1)), Of(pat.Via(hop)),
		Of(&Credential{Kind: JobToken, Name: "PAT", Written: pat.Written}), Choice(Text("a"), Text("b")), Choice(Text("b"), Text("a")),
		Concat(Text("a"), Context("a")),
	}
	for i, v := range values {
		for j, w := range values {
			if got := v.Equal(w); got != (i == j) {
				t.Errorf("%s = %s: got %v", v, w, got)
			}
		}
	}
	if !Of(pat.Via(hop)).Equal(Of(pat.Via(hop))) {
		t.Error("two copies that went the same way are the same")
	}
}

func TestVia(t *testing.T) {
	pat := secret("PAT", 1)
	v := Concat(Text("x"), Choice(Of(pat), Context("github.token")))
	one := v.Via(audit.Hop{What: "one"})
	two := one.Via(audit.Hop{What: "two"})
	other := one.Via(audit.Hop{What: "other"})
	hops := func(v Value) []string {
		var out []string
		for _, h := range v.Credentials()[0].Hops {
			out = append(out, h.What)
		}
		return out
	}
	got := [][]string{hops(v), hops(one), hops(two), hops(other)}
	if diff := cmp.Diff([][]string{nil, {"one"}, {"one", "two"}, {"one", "other"}}, got); diff != "" {
		t.Errorf("hops (-want +got):\n%s", diff)
	}
}

func TestCredentials(t *testing.T) {
	a, b := secret("A", 1), secret("B", 2)
	v := Concat(Text("x"), Of(a), Choice(Of(b), Concat(Of(a), Text("y")), Choice(Text("z"), Of(b))))
	var names []string
	for _, c := range v.Credentials() {
		names = append(names, c.Name)
	}
	if diff := cmp.Diff([]string{"A", "B"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLiteral(t *testing.T) {
	tests := []struct {
		in   Value
		want string
		ok   bool
	}{
		{nil, "", true}, {Text("a"), "a", true}, {Context("a"), "", false}, {Unknown("a"), "", false}, {Of(secret("A", 1)), "", false},
		{Choice(Text("a"), Text("b")), "", false}, {Concat(Text("a"), Context("b")), "", false},
	}
	for _, test := range tests {
		if got, ok := test.in.Literal(); got != test.want || ok != test.ok {
			t.Errorf("%s: got %q, %v", test.in, got, ok)
		}
	}
}

func TestIsPathLike(t *testing.T) {
	tests := map[string]struct {
		in   Value
		want bool
	}{
		"constant":            {Text("scripts/a.sh"), true},
		"below the workspace": {Concat(Context("github.workspace"), Text("/a.sh")), true},
		"below the action":    {Concat(Context("github.action_path"), Text("/a.sh")), true},
		"below a variable":    {Concat(Context("runner.temp"), Text("/a.sh")), false},
		"workspace alone":     {Context("github.workspace"), false},
		"unknown":             {Unknown("$1"), false},
	}
	for name, test := range tests {
		if got := test.in.IsPathLike(); got != test.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestAlternatives(t *testing.T) {
	texts := func(v Value) []string {
		var out []string
		for _, a := range v.Alternatives() {
			out = append(out, a.String())
		}
		return out
	}
	ab := Choice(Text("a"), Text("b"))
	tests := []struct {
		in   Value
		want []string
	}{
		{nil, []string{""}},
		{Text("x"), []string{"x"}},
		{ab, []string{"a", "b"}},
		{Concat(Text("x"), ab, Text("y")), []string{"xay", "xby"}},
		{Concat(ab, Text("-"), ab), []string{"a-a", "a-b", "b-a", "b-b"}},
		{Choice(Concat(Text("x"), ab), Context("c")), []string{"xa", "xb", "${{ c }}"}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, texts(test.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.in, diff)
		}
	}
}

func TestAlternativesAreBounded(t *testing.T) {
	var many []Value
	for i := range 60 {
		many = append(many, Text(strings.Repeat("a", i+1)))
	}
	v := Concat(Choice(many...), Text("-"), Choice(many...))
	got := v.Alternatives()
	if len(got) != 60 || got[0].String() != "a-several values" {
		t.Errorf("%d alternatives, the first %s", len(got), got[0])
	}
	// Of a list that is too long itself, nothing is left out without a word.
	got = Choice(append(many, many[0], Text("b"), Text("c"), Text("d"), Text("e"), Text("f"))...).Alternatives()
	if len(got) != 1 || got[0].String() != "several values" {
		t.Errorf("%d alternatives, the first %s", len(got), got[0])
	}
	if !slices.ContainsFunc(got[0], func(p Part) bool { return p.Unknown != "" }) {
		t.Error("it is known")
	}
}

// TestAlternativesKeepCredentials makes sure that bounding loses no secret: a
// matrix of a hundred entries must not hide a token.
func TestAlternativesKeepCredentials(t *testing.T) {
	var many []Value
	for i := range 100 {
		many = append(many, Of(secret("PAT", i+1)))
	}
	if got := Choice(many...).Credentials(); len(got) != 100 {
		t.Errorf("%d credentials", len(got))
	}
}

func TestString(t *testing.T) {
	v := Concat(Text("https://"), Of(secret("PAT", 1)), Text("@"), Of(&Credential{Kind: JobToken, Name: "GITHUB_TOKEN"}), Of(&Credential{Kind: Installation}),
		Context("github.repository"), Unknown("$(date)"), Choice(Text("a"), Text("b")))
	want := "https://${{ secrets.PAT }}@${{ github.token }}${{ token }}${{ github.repository }}$(date)a|b"
	if got := v.String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestEachAlternative takes only the first alternatives, of a long value.
func TestEachAlternative(t *testing.T) {
	v := Concat(Text("a"), Choice(Text("1"), Text("2")), Context("x"), Choice(Text("3"), Concat(Text("4"), Choice(Text("5"), Text("6")))))
	var got []string
	for w := range v.EachAlternative() {
		if got = append(got, w.String()); len(got) == 4 {
			break
		}
	}
	if want := []string{"a1${{ x }}3", "a1${{ x }}45", "a1${{ x }}46", "a2${{ x }}3"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
