package shell

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit/value"
)

var expressions = regexp.MustCompile(`\$\{\{\s*(.*?)\s*\}\}`)

// mask replaces the expressions of a script by placeholders, as callers do.
func mask(source string) (string, *value.Table) {
	table := &value.Table{}
	return expressions.ReplaceAllStringFunc(source, func(s string) string {
		return table.Placeholder(meaning(expressions.FindStringSubmatch(s)[1]), len(s))
	}), table
}

// meaning gives the expressions of the tests a value.
func meaning(e string) value.Value {
	switch {
	case e == "github.token":
		return value.Of(&value.Credential{Kind: value.JobToken, Name: "GITHUB_TOKEN"})
	case strings.HasPrefix(e, "secrets."):
		return value.Of(&value.Credential{Name: strings.TrimPrefix(e, "secrets.")})
	case strings.HasPrefix(e, "github."), strings.HasPrefix(e, "runner."):
		return value.Context(e)
	case strings.HasPrefix(e, "'"):
		return value.Text(strings.Trim(e, "'"))
	case strings.Contains(e, "|"):
		var choices []value.Value
		for s := range strings.SplitSeq(e, "|") {
			choices = append(choices, value.Text(strings.TrimSpace(s)))
		}
		return value.Choice(choices...)
	}
	return value.Unknown("${{ " + e + " }}")
}

// environment is what the tests' scripts start with.
var environment = (*value.Env)(nil).With(map[string]value.Value{
	"GITHUB_REPOSITORY": value.Context("github.repository"),
	"GITHUB_REF":        value.Context("github.ref"),
	"GITHUB_ENV":        value.Context("github.env"),
	"GITHUB_OUTPUT":     value.Context("github.output"),
	"HOME":              value.Context("runner.home"),
	"TOKEN":             value.Of(&value.Credential{Name: "PAT"}),
})

func read(source string, dialect Dialect) (Result, string) {
	masked, table := mask(source)
	return Interpret(Input{Source: masked, Table: table, Dialect: dialect, Env: environment}), masked
}

// render writes a result in short: a line per command, with "?" in front if
// it is guarded, then what was written. The value of GH_TOKEN follows where
// a command sees another one than the script started with.
func render(r Result) string {
	var b strings.Builder
	for _, c := range r.Commands {
		if c.Guarded {
			b.WriteString("? ")
		}
		for n, a := range c.Args {
			if n > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(quoteWord(a.String()))
		}
		if c.HasStdin {
			b.WriteString(" < " + strconv.Quote(c.Stdin.String()))
		}
		for _, o := range c.Output {
			b.WriteString(map[bool]string{false: " > ", true: " >> "}[o.Append] + o.Path.String())
		}
		if len(c.Dir) > 0 {
			b.WriteString(" dir=" + c.Dir.String())
		}
		if c.Captured != "" {
			b.WriteString(" to=" + c.Captured)
		}
		if v, ok := c.Env.Lookup("GH_TOKEN"); ok {
			b.WriteString(" GH_TOKEN=" + v.String())
		}
		b.WriteByte('\n')
	}
	for _, group := range []struct {
		name string
		set  map[string]value.Value
	}{{"env", r.Env}, {"output", r.Outputs}, {"file", r.Files}} {
		for _, name := range slices.Sorted(maps.Keys(group.set)) {
			fmt.Fprintf(&b, "%s %s=%s\n", group.name, name, strconv.Quote(group.set[name].String()))
		}
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "problem %d: %s\n", p.Offset, p.Message)
	}
	return b.String()
}

// sources are the parts of a word that are no text.
var sources = regexp.MustCompile(`\$\{\{.*?\}\}|[$<]\(.*\)`)

func quoteWord(s string) string {
	if s == "" || strings.ContainsAny(sources.ReplaceAllString(s, ""), " \n\"'") {
		return strconv.Quote(s)
	}
	return s
}

// scriptCase is a script and what it does, as render writes it.
type scriptCase struct{ name, script, want string }

func runCases(t *testing.T, dialect Dialect, cases []scriptCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			result, source := read(c.script, dialect)
			if diff := cmp.Diff(strings.TrimSpace(c.want), strings.TrimSpace(render(result))); diff != "" {
				t.Errorf("%s\n%s", c.script, diff)
			}
			for _, cmd := range result.Commands {
				if cmd.Start < 0 || cmd.End > len(source) || cmd.Start > cmd.End {
					t.Errorf("command at %d-%d of %d bytes", cmd.Start, cmd.End, len(source))
				}
			}
		})
	}
}

func TestText(t *testing.T) {
	long := "gh issue create --title '" + strings.Repeat("é", 200) + "'"
	for _, c := range []struct{ script, want string }{
		{"GH_TOKEN=x gh pr \\\n  list   --limit 1 > out", "GH_TOKEN=x gh pr list --limit 1"},
		{"true; gh api '/a\n  b'", "gh api '/a b'"},
		{long, "gh issue create --title '" + strings.Repeat("é", 94) + "…"},
	} {
		r := Interpret(Input{Source: c.script})
		if len(r.Commands) != 1 {
			t.Fatalf("%q: %d commands", c.script, len(r.Commands))
		}
		if diff := cmp.Diff(c.want, r.Commands[0].Text(c.script)); diff != "" {
			t.Errorf("%q: %s", c.script, diff)
		}
	}
	if got := (Command{Start: -3, End: 99}).Text("gh"); got != "gh" {
		t.Errorf("offsets outside: %q", got)
	}
}

func TestFileOf(t *testing.T) {
	for text, want := range map[string]string{"$(< a/b.sh)": "a/b.sh", "$(cat b.sh)": "b.sh", `$(cat "b.sh")`: "b.sh", "$(cat a b)": "", "$(cat $F)": "", "$(sed s/a/b/ c)": "", "$F": ""} {
		if got, ok := FileOf(value.Concat(value.Unknown(text), value.Text("\n"))); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v; want %q", text, got, ok, want)
		}
	}
	if _, ok := FileOf(value.Concat(value.Text("a"), value.Unknown("$(cat b)"))); ok {
		t.Error("a part is taken for the whole")
	}
}

func TestJoin(t *testing.T) {
	workspace, home := value.Context("github.workspace"), value.Context("runner.home")
	for _, c := range []struct {
		dir, path value.Value
		want      string
	}{
		{nil, value.Text("a/../b"), "b"},
		{value.Text("a"), value.Text("."), "a"},
		{value.Text("a"), value.Text(".."), ""},
		{value.Text("a"), value.Text("/b"), "/b"},
		{value.Text("a"), value.Text("~/b"), "~/b"},
		{value.Text("a"), value.Text(`C:\b`), `C:\b`},
		{value.Text("a"), workspace, ""},
		{value.Text(strings.Repeat("a/", 600)), value.Text("b"), "$PWD"},
		{value.Text("a"), value.Concat(workspace, value.Text("/b")), "b"},
		{workspace, value.Text("b"), "b"},
		{nil, value.Concat(home, value.Text("/.netrc")), "~/.netrc"},
		{value.Text("a"), value.Concat(value.Text("x-"), value.Unknown("$V")), "a/x-$V"},
		{value.Text("a"), value.Concat(value.Unknown("$TMP"), value.Text("/b")), "$TMP/b"},
		{value.Concat(value.Unknown("$TMP"), value.Text("/b")), value.Text("../c"), "$TMP/c"},
		{value.Text("a"), value.Choice(value.Text("b"), value.Text("../c")), "a/b|c"},
	} {
		if got := Join(c.dir, c.path).String(); got != c.want {
			t.Errorf("Join(%s, %s) = %s, want %s", c.dir, c.path, got, c.want)
		}
	}
}

// TestNothingIsLost checks on every script of the tables that a secret that
// is written in it is still somewhere in the result.
func TestNothingIsLost(t *testing.T) {
	for dialect, cases := range map[Dialect][]scriptCase{Bash: bashCases, PowerShell: powerShellCases, Cmd: batchCases} {
		for _, c := range cases {
			result, _ := read(c.script, dialect)
			all := render(result)
			for _, cmd := range result.Commands {
				for _, v := range cmd.Env.All() {
					all += v.String()
				}
			}
			for _, m := range expressions.FindAllStringSubmatch(c.script, -1) {
				if strings.HasPrefix(m[1], "secrets.") && !strings.Contains(all, m[1]) {
					t.Errorf("%s: %s is lost", c.name, m[1])
				}
			}
		}
	}
}

func TestBounds(t *testing.T) {
	for name, script := range map[string]string{
		"doubling":         "X=aaaaaaaa${T}\n" + strings.Repeat("X=\"$X$X\"\n", 60) + "echo \"$X\"",
		"doubling choices": "X=a\n" + strings.Repeat("if a; then X=\"b$X$X\"; fi\n", 60) + "echo \"$X\"",
		"recursion":        "f() { f; g; f; }\ng() { f; f; g; }\nf",
		"fan out":          fanOut(12),
		"parentheses":      strings.Repeat("(", 100_000),
		"arithmetic":       "echo $((" + strings.Repeat("(", 9_000) + "1" + strings.Repeat(")", 9_000) + "))",
		"substitutions":    strings.Repeat("echo $(", 500) + strings.Repeat(")", 500),
		"long list":        "true" + strings.Repeat(" && echo a", 10_000),
		"long pipe":        "true" + strings.Repeat(" | cat", 10_000),
		"braces":           "echo " + strings.Repeat("{a,b}", 40),
		"many commands":    strings.Repeat("gh pr list\n", 10_000),
		"eval":             "X='eval \"$X$X\"'; eval \"$X\"",
		"indexes":          strings.Repeat("$x[$(", 20_000),
		"hash tables":      strings.Repeat("@{a=", 20_000),
		"strings":          strings.Repeat("\"$(", 20_000),
		"functions":        strings.Repeat("function f{", 20_000),
		"blocks":           strings.Repeat("if(1){", 20_000),
		"types":            strings.Repeat("[a;", 20_000),
		"commas":           "gh " + strings.Repeat("a,", 50_000),
		"percent":          strings.Repeat("%a% ", 20_000),
		"large":            strings.Repeat("echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", 20_000),
	} {
		t.Run(name, func(t *testing.T) {
			for _, dialect := range []Dialect{Bash, PowerShell, Cmd} {
				if r := Interpret(Input{Source: script, Dialect: dialect}); len(r.Commands) > maxCommands {
					t.Errorf("%d commands", len(r.Commands))
				}
			}
		})
	}
}

// fanOut is a script of n functions that call the one before them thrice.
func fanOut(n int) string {
	var b strings.Builder
	b.WriteString("f0() { gh pr list; }\n")
	for k := 1; k < n; k++ {
		fmt.Fprintf(&b, "f%d() { f%d; f%d; f%d; }\n", k, k-1, k-1, k-1)
	}
	fmt.Fprintf(&b, "f%d\n", n-1)
	return b.String()
}

const typical = `set -euo pipefail
VERSION="${GITHUB_REF#refs/tags/}"
echo "version=$VERSION" >> "$GITHUB_OUTPUT"
git config user.name "github-actions[bot]"
if ! git diff --quiet; then
  git commit -am "Update to $VERSION"
  git push "https://x-access-token:${{ secrets.PAT }}@github.com/${GITHUB_REPOSITORY}.git" HEAD:main
fi
args=(--title "$VERSION" --notes-file notes.md)
gh release create "$VERSION" "${args[@]}" dist/*
echo "$TOKEN" | gh auth login --with-token
`

func BenchmarkBash(b *testing.B) {
	masked, table := mask(typical)
	b.ReportAllocs()
	for b.Loop() {
		Interpret(Input{Source: masked, Table: table, Env: environment})
	}
}

func BenchmarkPowerShell(b *testing.B) {
	masked, table := mask("$headers = @{ Authorization = \"token ${{ secrets.PAT }}\" }\n" +
		"$r = Invoke-RestMethod -Uri \"https://api.github.com/repos/$env:GITHUB_REPOSITORY/releases\" -Headers $headers\n" +
		"if ($r.Count -gt 0) { Write-Host \"found $($r[0].name)\" }\n\"id=$($r.id)\" >> $env:GITHUB_OUTPUT\n")
	b.ReportAllocs()
	for b.Loop() {
		Interpret(Input{Source: masked, Table: table, Env: environment, Dialect: PowerShell})
	}
}
