package script

import (
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
)

// seeds are scripts of the kinds that are read.
var seeds = []string{
	"await github.rest.issues.createComment({...context.repo, issue_number: context.issue.number, body: `x ${process.env.X}`})",
	"const script = require('./x.js'); await script({github, context, core})",
	"for await (const r of github.paginate.iterator(github.rest.issues.list, {owner: 'o'})) { for (const i of r.data) { f(i) } }",
	"class A extends B { #x = 1; static y; get z() { return this.#x } constructor() { super(github) } async *[k]() { yield* a } }",
	"const { a: [b, { c = 1, ...d }], ...e } = x?.y?.[z]?.(); label: while (a) { if (b) break label; else continue } do { a ||= b ??= c } while (1)",
	"import a, { b as c } from './d.mjs' with { type: 'json' }; export * as e from './f'; export default class {}",
	"interface A<T> { b?: T } enum C { D = 1 } export const x = <T,>(a: T): a is T => a!; abstract class E { constructor(private f: number) {} }",
	"switch (a) { case 1: default: { try { throw 1 } catch { } finally { } } } var x = /[/]\\/(?<n>a)/gu, y = 1n, z = 0x1_0; new.target; void 0, delete a.b",
	"const g = require('child_process'); g.execSync(`git push ${x}`, {env: {...process.env}}); $`ls`; fetch('https://api.github.com/x', {headers: [['a', 'b']]})",
	"a.push(a); o.o = o; f(f); function f(g) { return g(f) } JSON.stringify(o) + [a]",
	"return `${`${`${1}`}`}`",
	"'a/b'.split('/').map(x => x.replace('a', 'b')).concat([1]).reduce((p, c) => p + c, '').then(console.log)",
}

// FuzzRead looks for panics and endless loops.
func FuzzRead(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed, byte(0))
		f.Add(seed, byte(1))
		f.Add(seed, byte(2))
	}
	paths := []string{"x.yml", "x.js", "x.ts"}
	f.Fuzz(func(t *testing.T, source string, kind byte) {
		if len(source) > 4096 {
			return
		}
		table := &value.Table{}
		hole := table.Placeholder(value.Unknown("x"), 5)
		source = strings.ReplaceAll(source, "@", hole)
		r := Read(Input{
			Source: source, Table: table, Path: paths[int(kind)%3], GitHubScript: kind%3 == 0,
			Token:  value.Of(&value.Credential{Name: "PAT"}),
			Import: func(string) (string, bool) { return source, true },
		})
		for _, c := range r.Calls {
			if c.File == paths[int(kind)%3] && (c.Start < -1 || c.End > len(source) || c.Start > c.End) {
				t.Errorf("%s call at %d to %d of %d", c.Kind, c.Start, c.End, len(source))
			}
		}
		if len(r.Problems) > 0 && len(r.Unread) == 0 {
			t.Error("a script that does not parse looks like one that does nothing")
		}
	})
}

// FuzzGraphQL looks for panics and documents that explode.
func FuzzGraphQL(f *testing.F) {
	for _, seed := range []string{
		"query Q($a: Int = 1, $b: [A!]!) @x(y: {z: [1, $a]}) { a: b(c: $b) { ...D ... on E { f } } } fragment D on G { h }",
		"mutation { addComment(input: {subjectId: \"@\", body: \"\"\"\n x\n\"\"\"}) { clientMutationId } }",
		"{ ...A } fragment A on B { ...A ...A }", "subscription { a(b: @, c: -1.5e3, d: null, e: E) }",
	} {
		f.Add(seed)
	}
	table := &value.Table{}
	hole := table.Placeholder(value.Unknown("x"), 5)
	f.Fuzz(func(t *testing.T, document string) {
		documents, err := ReadGraphQL(strings.ReplaceAll(document, "@", hole))
		if err != nil {
			return
		}
		for _, d := range documents {
			if len(d.Fields) > maxSelections+maxTokens {
				t.Errorf("%d fields", len(d.Fields))
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	source := strings.Repeat("await github.rest.issues.createComment({...context.repo, issue_number: context.issue.number, body: `x ${process.env.X}`});\n", 50)
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		if r := Read(Input{Source: source, GitHubScript: true}); len(r.Calls) != 50 {
			b.Fatalf("%d calls", len(r.Calls))
		}
	}
}

func BenchmarkReadTypeScript(b *testing.B) {
	source := "import { getOctokit, context } from '@actions/github';\n" +
		strings.Repeat("void (getOctokit(process.env.X!).rest.issues.create({ ...context.repo, title: 'x' } as any));\n", 50)
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		if r := Read(Input{Source: source, Path: "x.ts"}); len(r.Problems) > 0 {
			b.Fatal(r.Problems)
		}
	}
}
