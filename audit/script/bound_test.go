package script

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestBounds reads scripts that would take very long if nothing bounded the
// walk.
func TestBounds(t *testing.T) {
	calls := "async function f0(a) { await github.rest.issues.create({title: a}) }\n"
	for i := range 60 {
		calls += fmt.Sprintf("async function f%d(a) { await f%d(a + 'x'); await f%d(a + 'y') }\n", i+1, i, i)
	}
	lists := "let l = [1];\n" + strings.Repeat("l = [l, l, l, l, l, l, l, l];\n", 40) + "github.rest.issues.addLabels({labels: l, a: {b: {c: l}}, d: [{e: l}, {f: [{g: l}]}]})"
	tests := map[string]string{
		"calls":            calls + "await f60('')",
		"text":             "let s = 'a';\n" + strings.Repeat("s = s + s; s = `${s}${s}`; s = s.replaceAll('a', s); s = s.concat(s);\n", 60) + "github.rest.issues.create({title: s})",
		"lists":            lists,
		"loops":            strings.Repeat("for (const x of [1, 2, 3, 4, 5, 6, 7, 8]) {\n", 12) + "github.rest.issues.create({title: x})" + strings.Repeat("}", 12),
		"loops in loops":   strings.Repeat("while (x) { x = x + 'a';\n", 30) + strings.Repeat("}", 30),
		"choices":          "let x = 'a';\n" + strings.Repeat("if (a) { x = x + 'b' }\nif (b) { x = [x, 'c'].join('') }\n", 200) + "github.rest.issues.create({title: x})",
		"long sum":         "github.rest.issues.create({title: 'a'" + strings.Repeat(" + 'b'", 20_000) + "})",
		"long chain":       "x" + strings.Repeat(".then(y => y)", 5_000),
		"long body":        strings.Repeat("github.rest.issues.create({title: 'a'})\n", 20_000),
		"lists in itself":  "const l = []; l.push(l); const o = {l}; o.o = o; github.rest.issues.create(o); require('x')(o)",
		"words":            "const l = ['x']; l.push(l); require('child_process').execFileSync('gh', l); require('simple-git')().raw(l)",
		"words in words":   strings.Replace(lists, "github.rest", "require('child_process').spawn('gh', l, {args: l}); github.rest", 1),
		"default":          "const o = {}; o.default = o; o(); new o(); o`a`; const p = {}; if (a) p.default = p; else p.default = () => 1; p(); [1].map(p)",
		"spreads":          "let o = {}; o = {o, ...o}; o.a = {...o, o}; process.env = o; let l = []; l.push(l, ...l); l = l.concat(l, [l]).flat(); l.map(l.push); JSON.stringify([o, l])",
		"returns":          "const o = {}; let v;\n" + manyLines(4_000, "if (a) return; o.m%d = 1; v = %[1]d; process.env.E%[1]d = v"),
		"breaks":           "for (;;) {\n" + manyLines(4_000, "if (a) break; o%d = 1") + "}",
		"tries":            manyLines(4_000, "try { o.m%d = 1; v = 2; f(v) } catch {}"),
		"met lists":        "const l = [];\n" + manyLines(500, "l.push('%d')") + strings.Repeat("if (a) l.unshift(b);\n", 2_000),
		"pushes":           "const l = [];\n" + manyLines(20_000, "l.push('--w%d');") + "require('child_process').execFileSync('gh', l)",
		"choices of words": "const l = [" + strings.Repeat("a ? '--b' : '--c', ", 20_000) + "]; require('child_process').execFileSync('gh', l)",
		"missing words":    "const l = [];\n" + manyLines(5_000, "if (a) l.push('--w%d');") + "require('child_process').execFileSync('gh', l)",
		"rests":            "let l = ['gh'];\n" + manyLines(5_000, "[a%d, ...l] = [...l, ...l, '-x'];") + "require('child_process').execFileSync('gh', l)",
		"callbacks":        "const f = g => g(g); f(f); [f, f].map(f)",
		"many arrows":      strings.Repeat("a=>", 50_000) + "1",
		"many labels":      strings.Repeat("a:", 50_000) + "1",
		"many brackets":    strings.Repeat("[", 500_000),
		"many bangs":       strings.Repeat("!", 500_000) + "1",
		"modules":          "require('./a')",
	}
	for name, source := range tests {
		t.Run(name, func(t *testing.T) {
			n := 0
			start := time.Now()
			Read(Input{Source: source, GitHubScript: true, Token: secret("PAT"), Import: func(string) (string, bool) {
				n++
				return fmt.Sprintf("require('./m%d'); require('./n%d'); %s", n, n, strings.Repeat("f();", 1000)), true
			}})
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			} else if took > 300*time.Millisecond {
				t.Logf("took %v", took)
			}
		})
	}
}

// TestPythonBounds does the same for Python.
func TestPythonBounds(t *testing.T) {
	run := "subprocess.run(['gh', 'x'] + w, env=d)\n"
	tests := map[string]string{
		"appends":  "import subprocess\nw = []\n" + manyLines(10_000, "w.append('a%d')") + run,
		"entries":  "import subprocess\nd = {}\n" + manyLines(10_000, "d['k%d'] = 'v'") + run,
		"extends":  "import subprocess\nw = []\n" + manyLines(10_000, "w += ['a%d']") + run,
		"plain":    "import subprocess\nsubprocess.run(['gh'" + manyLines(20_000, ", 'w%d'") + "])\n",
		"unknown":  "import subprocess\nsubprocess.run(['gh'" + manyLines(20_000, ", f%d(x)") + "])\n",
		"starred":  "import subprocess\nv = f(x)\nsubprocess.run(['gh'" + manyLines(400, ", *v") + "])\n",
		"chained":  "import subprocess\nv0 = f('x')\n" + manyLines(20_000, "v%d = f(v%[1]d)\nsubprocess.run(['gh', *v%[1]d])"),
		"names":    "import subprocess\nw = ['gh']\n" + manyLines(20_000, "w += n\nw = w + m"),
		"if":       "import subprocess\nw = ['gh']\n" + manyLines(20_000, "if a%d: w += ['x']") + run,
		"more":     "import subprocess\ndef f(*w):\n    subprocess.run(w)\n" + manyLines(10_000, "f('gh', 'a%d')"),
		"further":  "import subprocess\ndef f(*w):\n    subprocess.run(['gh', *w])\nf('a'" + manyLines(20_000, ", 'w%d'") + ")\n",
		"joined":   "import subprocess\nw = ['gh']\n" + manyLines(400, "w += ['x%d']\nsubprocess.run(' '.join(w), shell=True)"),
		"environ":  "import os, subprocess\ne = os.environ\n" + manyLines(10_000, "e['A%d'] = 'b'") + run,
		"list":     "import subprocess\na = 'x'\nw = [" + strings.Repeat("a, ", 50_000) + "]\n" + run,
		"brackets": "import subprocess\na = 'x'\nw = " + strings.Repeat("[a, ", 20_000) + strings.Repeat("]", 20_000) + "\n" + run,
		"blocks":   "import subprocess\n" + manyLines(4_000, "if a%d:\n    subprocess.run(['gh', 'x'])"),
		"returns":  "import subprocess\ndef f():\n" + manyLines(4_000, "    if a%d: return\n    subprocess.run(['gh', 'x'])") + "f()\n",
		"calls":    "import subprocess\n" + manyLines(1_500, "def f%d():\n    subprocess.run(['gh', 'x'])\n    f%[1]d()") + manyLines(1_500, "f%d()\nf%[1]d()"),
	}
	for name, source := range tests {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			ReadPython(Input{Source: source})
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			} else if took > 300*time.Millisecond {
				t.Logf("took %v", took)
			}
		})
	}
}

// manyLines are so many lines, each with its number in it.
func manyLines(n int, line string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, line+"\n", i)
	}
	return b.String()
}

// TestStable reads a script several times, with the same result.
func TestStable(t *testing.T) {
	const source = `const api = require('axios').create({baseURL: 'https://api.github.com', headers: {a: process.env.GH_PAT}});
		for (const m of Object.keys(api)) { api[m]('/x') } github.rest.issues.create({...a, ...b, headers: {authorization: 'x', Authorization: 'y'}})`
	want := show(body(t, source, nil))
	for range 20 {
		if got := show(body(t, source, nil)); got != want {
			t.Fatalf("got\n%s\nthen\n%s", want, got)
		}
	}
}
