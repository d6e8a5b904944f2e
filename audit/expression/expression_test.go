package expression

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// written returns a text as it stands in a workflow.
func written(t testing.TB, text string) workflow.Text {
	t.Helper()
	var quoted strings.Builder
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		t.Fatal(err)
	}
	source := "on: push\njobs:\n  a:\n    runs-on: x\n    env:\n      A: " + quoted.String() + "    steps: [{run: x}]\n"
	r := workflow.LoadFile(fstest.MapFS{"w.yml": {Data: []byte(source)}}, "w.yml")
	if len(r.Workflows) != 1 || len(r.Workflows[0].Jobs) != 1 || len(r.Workflows[0].Jobs[0].Env) != 1 {
		t.Fatalf("%q: %v", text, r.Problems)
	}
	out := r.Workflows[0].Jobs[0].Env[0].Value
	if out.Value != text {
		t.Fatalf("%q became %q", text, out.Value)
	}
	return out
}

// known is a scope with some contexts; all else is unknown.
type known map[string]value.Value

func (k known) Context(path []string) value.Value {
	name := strings.Join(path, ".")
	if v, ok := k[name]; ok {
		return v
	}
	return value.Unknown("${{ " + name + " }}")
}

func (k known) Secret(name string, span audit.Span) value.Value {
	return value.Of(&value.Credential{Name: name, Written: []audit.Span{span}})
}

var scope = known{
	"github.repository":                value.Context("github.repository"),
	"github.event_name":                value.Text("push"),
	"github.token":                     value.Of(&value.Credential{Kind: value.JobToken, Name: "GITHUB_TOKEN"}),
	"github.ref":                       value.Concat(value.Text("refs/heads/"), value.Unknown("name")),
	"env.empty":                        nil,
	"github.event.pull_request.merged": value.Text("false"),
	"steps.a.outputs.merged":           value.Text("false"),
	"env.name":                         value.Text("Rocket"),
	"env.flag":                         value.Text("false"),
	"matrix.os":                        value.Choice(value.Text("linux"), value.Text("mac")),
	"inputs.pair":                      value.Choice(value.Text("a"), value.Text("b")),
}

func TestEval(t *testing.T) {
	tests := map[string]string{
		"":                              "",
		"plain text":                    "plain text",
		"a ${{ 'b' }} c":                "a b c",
		"${{ 'it''s' }}":                "it's",
		"${{ 'a }} b' }}!":              "a }} b!",
		"${{ 'x' }}${{ 'y' }}":          "xy",
		"${{ 1 }}${{ 0x10 }}":           "116",
		"${{ 1.5 }}":                    "1.5",
		"${{ true }}${{ false }}":       "truefalse",
		"${{ null }}":                   "",
		"${{ env.name }}":               "Rocket",
		"${{ env['name'] }}":            "Rocket",
		"${{ ENV.NAME }}":               "Rocket",
		"${{ env.empty }}":              "",
		"${{ github.repository }}":      "${{ github.repository }}",
		"${{ vars.TEAM }}":              "${{ vars.team }}",
		"${{ secrets.A }}":              "${{ secrets.A }}",
		"${{ secrets['a-b'] }}":         "${{ secrets.a-b }}",
		"${{ Secrets.Mixed_Case }}":     "${{ secrets.Mixed_Case }}",
		"x ${{secrets.A}}":              "x ${{ secrets.A }}",
		"${{ matrix.os }}-x":            "linux|mac-x",
		"${{ unclosed":                  "${{ unclosed",
		"${{ a b }}":                    "${{ a b }}",
		"${{ format('{0}/{1}', 'a') }}": "a/",
		"${{ format('{1}{0}{{}}', 'a', env.name) }}":                     "Rocketa{}",
		"${{ format('{0}/x', github.repository) }}":                      "${{ github.repository }}/x",
		"${{ format('https://{0}@github.com', secrets.A) }}":             "https://${{ secrets.A }}@github.com",
		"${{ secrets.A || github.token }}":                               "${{ secrets.A }}|${{ github.token }}",
		"${{ env.empty || github.token }}":                               "${{ github.token }}",
		"${{ github.token || secrets.A }}":                               "${{ github.token }}",
		"${{ github.token && secrets.A }}":                               "${{ secrets.A }}",
		"${{ env.name || github.token }}":                                "Rocket",
		"${{ env.name && secrets.A || github.token }}":                   "${{ secrets.A }}|${{ github.token }}",
		"${{ github.event_name == 'push' && secrets.A || 'x' }}":         "${{ secrets.A }}|x",
		"${{ github.event_name == 'pull_request' && secrets.A || 'x' }}": "x",
		"${{ vars.X == 'y' && secrets.A || secrets.B }}":                 "${{ secrets.A }}|${{ secrets.B }}",
		"${{ github.event_name == 'PUSH' }}":                             "true",
		"${{ github.event_name != 'push' }}":                             "false",
		"${{ !env.empty }}":                                              "true",
		"${{ !env.name }}":                                               "false",
		"${{ matrix.os == 'windows' }}":                                  "false",
		"${{ matrix.os == 'linux' }}":                                    "a condition",
		"${{ inputs.pair != 'c' }}":                                      "true",
		"${{ startsWith(env.name, 'rock') }}":                            "true",
		"${{ endsWith(env.name, 'ROCK') }}":                              "false",
		"${{ contains('a,b', 'B') }}":                                    "true",
		"${{ contains(github.repository, 'a') }}":                        "a condition",
		"${{ fromJSON('7') }}":                                           "7",
	}
	for text, want := range tests {
		if got := Eval(written(t, text), scope).String(); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// TestEvalKeepsSecrets holds that no way of writing loses a secret: what is
// made of one still holds it.
func TestEvalKeepsSecrets(t *testing.T) {
	tests := map[string][]string{
		"${{ toJSON(secrets.A) }}":                         {"A"},
		"${{ fromJSON(secrets.A).token }}":                 {"A"},
		"${{ fromJSON(secrets.A)['token'] }}":              {"A"},
		"${{ join(fromJSON(secrets.A), ',') }}":            {"A"},
		"${{ format(vars.PATTERN, secrets.A) }}":           {"A"},
		"${{ secrets.A.part }}":                            {"A"},
		"${{ toJSON(secrets) }}":                           {AllSecrets},
		"${{ secrets[inputs.name] }}":                      {AllSecrets},
		"${{ secrets[format('{0}_PAT', matrix.os)] }}":     {AllSecrets},
		"${{ secrets.* }}":                                 {AllSecrets},
		"${{ vars.A && secrets.A || secrets.B }}":          {"A", "B"},
		"${{ secrets.A || secrets.B || secrets.C }}":       {"A", "B", "C"},
		"${{ (secrets.A) }}":                               {"A"},
		"${{ secrets . A }}":                               {"A"},
		"${{ secrets [ 'A' ] }}":                           {"A"},
		"${{ secrets.A }}${{ secrets.A }}":                 {"A", "A"},
		"${{ case(vars.A == 'b', secrets.A, secrets.B) }}": {"A", "B"},
	}
	for text, want := range tests {
		var got []string
		for _, c := range Eval(written(t, text), scope).Credentials() {
			got = append(got, c.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestCondition(t *testing.T) {
	tests := map[string]Truth{
		"":                                       Yes,
		"  ":                                     Yes,
		"true":                                   Yes,
		"false":                                  No,
		"${{ false }}":                           No,
		"always()":                               Yes,
		"success()":                              Yes,
		"failure()":                              Maybe,
		"cancelled()":                            Maybe,
		"github.event_name == 'push'":            Yes,
		"github.event_name == 'schedule'":        No,
		"${{ github.event_name == 'schedule' }}": No,
		"github.event_name == 'schedule' && github.repository == 'a/b'": No,
		"github.repository == 'a/b' && github.event_name == 'schedule'": No,
		"github.event_name == 'push' || vars.X":                         Yes,
		"vars.X || github.event_name == 'push'":                         Yes,
		"github.event_name == 'schedule' || vars.X":                     Maybe,
		"vars.X":                             Maybe,
		"!vars.X":                            Maybe,
		"!(github.event_name == 'schedule')": Yes,
		"github.event_name == 'schedule' && always()": No,
		"contains(github.event_name, 'pu')":           Yes,
		"startsWith(github.event_name, 'workflow_')":  No,
		"env.flag":        Yes, // "false" is a non-empty string
		"env.empty":       No,
		"env.name":        Yes,
		"secrets.A != ''": Maybe,
		"1 > 2":           Maybe, // order is not evaluated
		"a b":             Maybe, // does not parse
		"${{ github.event_name == 'schedule' }} || true":             Maybe, // a text, which is true in truth
		"${{ 'a' }}${{ 'b' }}":                                       Maybe,
		"matrix.os == 'windows'":                                     No,
		"contains(fromJSON('[\"push\"]'), github.event_name)":        Yes,
		"contains(fromJSON('[\"push\", \"x\"]'), 'pus')":             No, // a part of an element is none
		"contains(fromJSON('[\"PUSH\", \"x\"]'), github.event_name)": Yes,
		"contains(fromJSON('[\"push\"]'), vars.X)":                   Maybe,
		"contains(fromJSON('[1, true]'), true)":                      Yes,
		"contains(github.event.pull_request.labels.*.name, 'x')":     Maybe,
		"startsWith(github.ref, 'refs/tags/')":                       No,
		"startsWith(github.ref, 'REFS/heads/')":                      Yes,
		"startsWith(github.ref, 'refs/heads/v')":                     Maybe,
		"startsWith(vars.X, 'v')":                                    Maybe,
		"github.ref == 'refs/heads/main'":                            Maybe,
		"github.ref == 'refs/tags/v1'":                               No,
		"github.ref != 'refs'":                                       Yes,
		"'refs/heads' == github.ref":                                 No,
		"github.ref == ''":                                           No,
		"vars.X == ''":                                               Maybe,
		"null == false":                                              Yes, // both are 0
		"'' == false":                                                Yes,
		"null == 0":                                                  Yes,
		"null == ''":                                                 Yes,
		"null == 'false'":                                            No,
		"'false' == false":                                           No, // no number
		"'true' == true":                                             No,
		"'1' == true":                                                Yes,
		"' 0 ' == false":                                             Yes,
		"2 == true":                                                  No,
		"1.0 == 1":                                                   Yes,
		"false != true":                                              Yes,
		"(1 == 1) == true":                                           Yes,
		"env.flag == false":                                          No, // a text is no number
		"env.flag == 'false'":                                        Yes,
		"env.empty == false":                                         Yes,
		"env.name == false":                                          No,
		"github.event.pull_request.merged == false":                  Yes,
		"github.event.pull_request.merged == 'false'":                No,
		"github.event.pull_request.merged != 'true'":                 Yes,
		"github.event.pull_request.merged":                           No,
		"steps.a.outputs.merged == 'false'":                          Yes, // an output is a text
		"github.event_name == 'push' && (vars.X == 'a' || vars.X == 'b')": Maybe,
	}
	for text, want := range tests {
		if got := Condition(written(t, text), scope); got != want {
			t.Errorf("%s: got %s, want %s", text, word(got), word(want))
		}
	}
	if Condition(workflow.Text{}, scope) != Yes {
		t.Error("no condition holds")
	}
}

func word(t Truth) string { return [...]string{Maybe: "maybe", No: "no", Yes: "yes"}[t] }

func TestScan(t *testing.T) {
	tests := []struct {
		text string
		bare bool
		want []string
	}{
		{"no such thing", false, nil},
		{"the word secrets.A alone", false, nil},
		{"secrets.A != ''", true, []string{"A 0-9"}},
		{"secrets.A != ''", false, nil},
		{"${{ secrets.A }}", false, []string{"A 4-13"}},
		{"é ${{ secrets.A }}", false, []string{"A 6-15"}},
		{"a ${{ secrets.A || secrets['b'] }} ${{ SECRETS.C }}", false, []string{"A 6-15", "b 19-31", "C 39-48"}},
		{"${{ false && secrets.A }}", false, []string{"A 13-22"}}, // evaluation would pass it over
		{"${{ toJSON(secrets) }}", false, []string{"* 11-18"}},
		{"${{ secrets[env.X] }}", false, []string{"* 4-11"}},
		{"${{ 'secrets.A' }}", false, nil},
		{"${{ vars.secrets.A }}", false, nil},
		{"${{ needs.x.outputs.secrets }}", false, nil},
		{"${{ secrets.A b }}", false, nil}, // does not parse, and is a problem
	}
	for _, test := range tests {
		text := written(t, test.text)
		begin := text.Span(0, 0).Column
		var got []string
		secrets, _ := Scan(text, test.bare)
		for _, w := range secrets {
			got = append(got, fmt.Sprintf("%s %d-%d", w.Name, w.Span.Column-begin, w.Span.EndColumn-begin))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestScanProblems(t *testing.T) {
	tests := map[string]string{
		"${{ a }}":            "",
		"${{ }}":              "this expression does not parse: ",
		"${{ a b }} ${{ c }}": "this expression does not parse: ",
		"${{ never ends":      "", // plain text for GitHub too
		"${{ 'open }}":        "this expression does not parse: ",
	}
	for text, want := range tests {
		got := ""
		if _, problems := Scan(written(t, text), false); len(problems) > 0 {
			got = problems[0].Message
		}
		if (want == "") != (got == "") || !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// TestMask holds the widths: an offset in the script is one in the text.
func TestMask(t *testing.T) {
	text := written(t, "gh release create \"${{ inputs.tag }}_x\" --repo ${{ github.repository }} && é ${{ 'y' }} ${{ open")
	masked, table := Mask(text, scope)
	if len(masked) != len(text.Value) {
		t.Errorf("%d bytes became %d", len(text.Value), len(masked))
	}
	if strings.Index(masked, "--repo") != strings.Index(text.Value, "--repo") {
		t.Errorf("--repo has moved: %s", masked)
	}
	want := "gh release create \"${{ inputs.tag }}_x\" --repo ${{ github.repository }} && é y ${{ open"
	if got := table.Value(masked).String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestCacheIsKeyedWhole evaluates expressions that are the same up to the
// first "}}", which is inside a string.
func TestCacheIsKeyedWhole(t *testing.T) {
	for range 2 {
		for _, text := range []string{"a", "b", "a"} {
			if got := Eval(written(t, "${{ 'x}}"+text+"' }}"), scope).String(); got != "x}}"+text {
				t.Errorf("%s: got %s", text, got)
			}
		}
	}
}

// FuzzEval evaluates any text: without a panic, with every secret that is
// written in it, at its place.
func FuzzEval(f *testing.F) {
	for _, text := range []string{
		"${{ secrets.A || github.token }}", "${{ format('{0}{1}', secrets.A, env.name) }}", "a ${{ toJSON(secrets) }} ${{", "${{ secrets['A'].b[0].* }}",
		"${{ fromJSON(secrets.A)[env.name] }}", "${{ !(!(a && 'b')) == -0x1f }}", "é${{ secrets.É }}", "${{ format('{999999999999999999999}{-1}', 1) }}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if !utf8.ValidString(source) || len(source) > 1000 || strings.ContainsFunc(source, func(r rune) bool {
			return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\ufeff' || r == '\u2028' || r == '\u2029' || r >= 0xfffe && r <= 0xffff
		}) || value.HasPlaceholder(source) {
			return // no scalar of a workflow
		}
		text := written(t, source)
		Condition(text, scope)
		v := Eval(text, scope)
		for _, c := range v.Credentials() {
			if c.Kind != value.Secret {
				continue
			}
			from := c.Written[0]
			if from.Line == 0 || from.EndColumn <= from.Column {
				t.Errorf("%s is nowhere: %+v", c.Name, from)
			}
		}
		secrets, _ := Scan(text, false)
		for _, w := range secrets {
			begin := text.Span(0, 0).Column
			if w.Span.Column < begin || w.Name == "" && !strings.Contains(source, "''") {
				t.Errorf("%+v", w)
			}
		}
		masked, table := Mask(text, scope)
		if len(masked) != len(source) {
			t.Errorf("%d bytes became %d", len(source), len(masked))
		}
		if got := table.Value(masked); got.String() != v.String() {
			t.Errorf("masked it is %s, evaluated %s", got, v)
		}
	})
}
