package workflow

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v4"
)

// everything is a workflow with every part that the model has.
const everything = `name: Every
run-name: R ${{ github.actor }}
on:
  push:
    branches: [main, 'v*']
    paths-ignore:
      - docs/**
  pull_request:
    types: opened
  workflow_run: {workflows: [CI], types: [completed]}
  schedule:
    - cron: '0 1 * * *'
  workflow_dispatch:
    inputs:
      level: {type: choice, options: [low, high], default: low, required: true}
  workflow_call:
    inputs:
      tag: {type: string, required: true}
    secrets:
      TOKEN: {required: true}
      other:
    outputs:
      out: {value: '${{ jobs.a.outputs.o }}'}
permissions: read-all
env:
  B: 1
  A: ${{ secrets.A }}
defaults:
  run: {shell: bash, working-directory: src}
concurrency: {group: 'g-${{ github.ref }}', cancel-in-progress: '${{ github.event_name }}'}
jobs:
  # comment
  z:
    name: Z
    if: github.repository == 'o/n'
    runs-on: [self-hosted, "${{ matrix.os }}"]
    permissions:
      contents: write
      issues: read

    environment: {name: prod, url: 'https://x/${{ github.sha }}'}
    outputs: {o: '${{ steps.s.outputs.o }}'}
    timeout-minutes: 30
    strategy:
      matrix:
        os: [linux, windows]
        config:
          - {name: a, deep: {x: 1}}
          - {name: b}
        list: [[1, 2]]
        include:
          - {os: mac, extra: e}
          - {os: linux, extra: "${{ inputs.tag }}"}
        exclude: [{os: "${{ vars.X }}"}]
    container:
      image: ghcr.io/o/i
      credentials: {username: u, password: '${{ secrets.P }}'}
      env: {C: d}
    services:
      db: {image: postgres, env: {PW: '${{ secrets.DB }}'}}
    steps:
      - name: S
        id: s
        if: always()
        run: |
          a
          b
        shell: pwsh
        working-directory: d
        env: {E: f}

      - uses: actions/checkout@v4
        with:
          token: ${{ secrets.T }}
          Ref: main
      - uses: docker://x
        with: {entrypoint: /e, args: '${{ secrets.D }}', other: o}
  b:
    needs: z
    uses: ./.github/workflows/c.yml
    with: {a: b}
    secrets: inherit
  c:
    needs: [z, b]
    uses: o/r/.github/workflows/c.yml@v1
    secrets:
      TOKEN: ${{ secrets.S }}
    permissions: {}
`

// show shows a Text as "value@line:column".
func show(t Text) string {
	if t.IsZero() {
		return ""
	}
	span := t.Span(0, len(t.Value))
	return fmt.Sprintf("%s@%d:%d", t.Value, span.Line, span.Column)
}

func showAll(list []Text) (all []string) {
	for _, t := range list {
		all = append(all, show(t))
	}
	return all
}

func showBindings(list []Binding) (all []string) {
	for _, b := range list {
		all = append(all, b.Name+"="+show(b.Value))
	}
	return all
}

func loadEverything(t *testing.T) *Workflow {
	t.Helper()
	r, problems := loadOne(everything)
	if len(problems) > 0 {
		t.Fatalf("problems: %q", problems)
	}
	return r.Workflows[0]
}

func TestWorkflow(t *testing.T) {
	w := loadEverything(t)
	wantTriggers := []Trigger{
		{Event: "push", Line: 4, Branches: []string{"main", "v*"}, PathsIgnore: []string{"docs/**"}},
		{Event: "pull_request", Line: 8, Types: []string{"opened"}},
		{Event: "workflow_run", Line: 10, Types: []string{"completed"}, Workflows: []string{"CI"}},
		{Event: "schedule", Line: 11},
		{Event: "workflow_dispatch", Line: 13},
		{Event: "workflow_call", Line: 16},
	}
	if diff := cmp.Diff(wantTriggers, w.Triggers); diff != "" {
		t.Errorf("triggers: -want +got:\n%s", diff)
	}
	wantInputs := []Input{
		{Name: "level", Required: true, Type: "choice", Options: []string{"low", "high"}},
		{Name: "tag", Required: true, Type: "string", FromCall: true},
	}
	if diff := cmp.Diff(wantInputs, w.Inputs, cmpopts.IgnoreFields(Input{}, "Default")); diff != "" {
		t.Errorf("inputs: -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]CallSecret{{"TOKEN", true, 20}, {"other", false, 21}}, w.CallSecrets); diff != "" {
		t.Errorf("secrets: -want +got:\n%s", diff)
	}
	got := map[string][]string{
		"name":     {show(w.Name)},
		"default":  {show(w.Inputs[0].Default), show(w.Inputs[1].Default)},
		"outputs":  showBindings(w.CallOutputs),
		"env":      showBindings(w.Env),
		"defaults": {show(w.DefaultShell), show(w.DefaultDirectory)},
		"all":      {w.Permissions.All, show(w.Permissions.Text)},
	}
	want := map[string][]string{
		"name":     {"Every@1:7"},
		"default":  {"low@15:60", ""},
		"outputs":  {"out=${{ jobs.a.outputs.o }}@23:21"},
		"env":      {"B=1@26:6", "A=${{ secrets.A }}@27:6"},
		"defaults": {"bash@29:16", "src@29:41"},
		"all":      {"read-all", "read-all@24:14"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestJob(t *testing.T) {
	w := loadEverything(t)
	z, b, c := w.Jobs[0], w.Jobs[1], w.Jobs[2]
	got := map[string]any{
		"lines":       [][2]int{{z.Line, z.EndLine}, {b.Line, b.EndLine}, {c.Line, c.EndLine}},
		"ids":         []string{z.ID, b.ID, c.ID},
		"needs":       [][]string{z.Needs, b.Needs, c.Needs},
		"texts":       showAll([]Text{z.Name, z.If, z.Environment, z.TimeoutMinutes, z.MatrixDynamic}),
		"runs-on":     showAll(z.RunsOn),
		"permissions": z.Permissions.Scopes,
		"block":       [2]int{z.Permissions.Line, z.Permissions.EndLine},
		"none":        c.Permissions.Scopes,
		"outputs":     showBindings(z.Outputs),
		"matrix":      z.Matrix,
		"container":   showAll([]Text{z.Containers[0].Image, z.Containers[0].Username, z.Containers[0].Password}),
		"service":     append([]string{z.Containers[1].Name}, showBindings(z.Containers[1].Env)...),
		"calls":       showAll([]Text{b.Call.Uses, b.Call.InheritText, c.Call.Uses, c.Call.InheritText}),
		"inherit":     []bool{b.Call.Inherit, c.Call.Inherit},
		"bound":       append(showBindings(b.Call.Inputs), showBindings(c.Call.Secrets)...),
	}
	want := map[string]any{
		"lines":       [][2]int{{33, 77}, {78, 82}, {83, 88}},
		"ids":         []string{"z", "b", "c"},
		"needs":       [][]string{nil, {"z"}, {"z", "b"}},
		"texts":       []string{"Z@34:11", "github.repository == 'o/n'@35:9", "prod@41:25", "30@43:22", "${{ inputs.tag }}@53:33"},
		"runs-on":     []string{"self-hosted@36:15", "${{ matrix.os }}@36:29"},
		"permissions": map[string]string{"contents": "write", "issues": "read"},
		"block":       [2]int{37, 39},
		"none":        map[string]string{},
		"outputs":     []string{"o=${{ steps.s.outputs.o }}@42:19"},
		"matrix": map[string][]string{
			"os": {"linux", "windows", "mac"}, "config.name": {"a", "b"}, "config.deep.x": {"1"}, "extra": {"e"},
		},
		"container": []string{"ghcr.io/o/i@56:14", "u@57:31", "${{ secrets.P }}@57:45"},
		"service":   []string{"db", "PW=${{ secrets.DB }}@60:40"},
		"calls":     []string{"./.github/workflows/c.yml@80:11", "inherit@82:14", "o/r/.github/workflows/c.yml@v1@85:11", ""},
		"inherit":   []bool{true, false},
		"bound":     []string{"a=b@81:15", "TOKEN=${{ secrets.S }}@87:14"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestSteps(t *testing.T) {
	steps := loadEverything(t).Jobs[0].Steps
	var got [][]string
	for _, s := range steps {
		parts := []string{fmt.Sprintf("%d: %d-%d", s.Number, s.Line, s.EndLine)}
		parts = append(parts, showAll([]Text{s.Name, s.ID, s.If, s.Uses, s.Run, s.Shell, s.Directory})...)
		got = append(got, slices.Concat(parts, showBindings(s.Env), showBindings(s.With)))
	}
	want := [][]string{
		{"1: 62-70", "S@62:15", "s@63:13", "always()@64:13", "", "a\nb\n@66:11", "pwsh@68:16", "d@69:28", "E=f@70:18"},
		{"2: 72-75", "", "", "", "actions/checkout@v4@72:15", "", "", "", "token=${{ secrets.T }}@74:18", "Ref=main@75:16"},
		{"3: 76-77", "", "", "", "docker://x@76:15", "", "", "", "other=o@77:65", "entrypoint=/e@77:28", "args=${{ secrets.D }}@77:39"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestTexts holds the texts against the scalars that the YAML parser finds.
func TestTexts(t *testing.T) {
	for _, source := range []string{everything, rare} {
		checkTexts(t, source)
	}
}

// rare is a workflow with what the model has no field for, or only in forms
// that few people write.
const rare = `on:
  schedule: [{cron: 1 2 3 4 5, timezone: Europe/Paris}]
  repository_dispatch: {types: [a, b]}
  image_version: {names: [n], versions: ['1.*']}
  workflow_dispatch: {inputs: {a: {description: D, default: d}}}
  workflow_call:
    inputs: {i: {description: E, default: "${{ github.ref }}"}}
    secrets: {s: {description: S}}
    outputs: {o: {description: O, value: v}}
env: ${{ fromJSON(vars.ENV) }}
concurrency: g
jobs:
  a:
    runs-on: {group: G, labels: '${{ matrix.labels }}'}
    env: ${{ fromJSON(vars.JOB) }}
    environment: {name: e, deployment: '${{ inputs.x }}'}
    concurrency: {group: h, cancel-in-progress: '${{ inputs.y }}'}
    continue-on-error: ${{ inputs.z }}
    timeout-minutes: ${{ inputs.t }}
    snapshot: {image-name: I, version: 1.*, if: github.ref}
    strategy: {fail-fast: '${{ inputs.f }}', max-parallel: '${{ inputs.m }}', matrix: {a: [[b, c]]}}
    services:
      s:
        image: i
        ports: ['80']
        options: --x
        credentials: ${{ fromJSON(secrets.C) }}
        env: ${{ fromJSON(vars.S) }}
    steps:
      - run: r
        env: ${{ fromJSON(vars.STEP) }}
        continue-on-error: ${{ inputs.w }}
        timeout-minutes: 1.5
      - parallel:
          - run: q
            env: ${{ fromJSON(vars.PARALLEL) }}
            if: always()
  b:
    runs-on: x
    services: ${{ fromJSON(vars.SERVICES) }}
    container: c
    steps: [{run: s}]
`

// checkTexts compares all but booleans and words that the parser turns into
// types.
func checkTexts(t *testing.T, source string) {
	t.Helper()
	r, problems := loadOne(source)
	if len(problems) > 0 {
		t.Fatalf("problems: %q", problems)
	}
	w := r.Workflows[0]
	document, err := parseYAML(w.Source)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for i, child := range n.Content {
			switch {
			case n.Kind == yaml.MappingNode && i%2 == 0: // a key
			case child.Kind == yaml.ScalarNode && child.Value != "" && child.Tag != "!!bool" && child.Value != "choice" && child.Value != "string":
				want = append(want, child.Value)
			default:
				walk(child)
			}
		}
	}
	walk(document)
	var got []string
	for text := range w.Texts() {
		got = append(got, text.Value)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestAnchors: what an alias stands for has the place of its anchor.
func TestAnchors(t *testing.T) {
	r, problems := loadOne(`on: push
jobs:
  a:
    runs-on: x
    env: &env
      A: ${{ secrets.A }}
    steps: &steps
      - &step
        run: a
      - *step
  b:
    runs-on: x
    env: *env
    steps: *steps
`)
	if len(problems) > 0 {
		t.Fatalf("problems: %q", problems)
	}
	a, b := r.Workflows[0].Jobs[0], r.Workflows[0].Jobs[1]
	got := []string{fmt.Sprint(len(a.Steps), len(b.Steps), a.Steps[1].Number, a.Steps[1].Line), show(b.Env[0].Value), show(b.Steps[1].Run)}
	if diff := cmp.Diff([]string{"2 2 2 8", "${{ secrets.A }}@6:10", "a@9:14"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	count := 0
	for text := range r.Workflows[0].Texts() {
		if text.Value == "a" {
			count++
		}
	}
	if count != 1 {
		t.Errorf("the script comes %d times", count)
	}
}

// TestControlSteps: the parser does not know steps that steer other steps.
func TestControlSteps(t *testing.T) {
	r, problems := loadOne(job + `        background: true
      - wait: [x]
      - wait-all:
      - parallel:
          - run: b ${{ secrets.B }}
          - uses: c/d@v1
            with: {token: '${{ secrets.C }}'}
          - name: nothing
      - cancel: x
      - run: e
`)
	if diff := cmp.Diff([]string{"14: " + noWorkMessage}, problems); diff != "" {
		t.Errorf("problems: -want +got:\n%s", diff)
	}
	var got []string
	for _, s := range r.Workflows[0].Jobs[0].Steps {
		got = append(got, fmt.Sprintf("%d %s%s", s.Number, s.Run.Value, s.Uses.Value))
	}
	want := []string{"1 echo ${{ secrets.A }}", "2 ", "3 ", "4 b ${{ secrets.B }}", "5 c/d@v1", "6 ", "7 ", "8 e"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps: -want +got:\n%s", diff)
	}
	if got := show(textOf(t, r.Workflows[0], "secrets.C")); got != "${{ secrets.C }}@13:28" {
		t.Errorf("the token is at %s", got)
	}
}

func TestInherit(t *testing.T) {
	for name, test := range map[string]struct{ source, want string }{
		"plain":   {"  inherit:\n    uses: ./secrets:inherit\n    secrets: inherit # inherit\n", "inherit@5:14"},
		"quoted":  {"  inherit:\n    secrets: 'inherit'\n    uses: ./x\n", "inherit@4:15"},
		"in flow": {"  a: {with: {secrets: x}, \"secrets\": inherit, uses: ./x}\n", "inherit@3:38"},
		"below":   {"  a:\n    secrets:\n      inherit\n    uses: ./x\n", "inherit@5:7"},
		"aliased": {"  a:\n    name: &i inherit\n    secrets: *i\n    uses: ./x\n", "inherit@6:11"},
	} {
		r, problems := loadOne("on: push\njobs:\n" + test.source)
		if len(problems) > 0 {
			t.Fatalf("%s: problems: %q", name, problems)
		}
		call := r.Workflows[0].Jobs[0].Call
		if got := show(call.InheritText); !call.Inherit || got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestPermissions(t *testing.T) {
	for source, want := range map[string]string{
		"permissions: write-all":                         "write-all map[]/true write-all 1-1",
		"permissions: {}":                                " map[]/false  1-1",
		"permissions:":                                   " map[]/true  1-1",
		"permissions: other":                             " map[]/true other 1-1",
		"permissions: {Contents: read}":                  " map[contents:read]/false  1-1",
		"permissions:\n  contents: read\n  # a\n\n# b\n": " map[contents:read]/false  1-3",
		"permissions: {\n  contents: read\n}\n":          " map[contents:read]/false  1-3",
	} {
		r := Load(fstest.MapFS{workflowPath: {Data: []byte(source + "\n" + job)}})
		p := r.Workflows[0].Permissions
		if got := fmt.Sprintf("%s %v/%v %s %d-%d", p.All, p.Scopes, p.Scopes == nil, p.Text.Value, p.Line, p.EndLine); got != want {
			t.Errorf("%q: %s, want %s", source, got, want)
		}
	}
}

func TestMatrix(t *testing.T) {
	for source, want := range map[string]string{
		"matrix: ${{ fromJSON(x) }}":                      "map[] ${{ fromJSON(x) }}@8:15",
		"matrix: {A: [1, 1, ~, x]}":                       "map[a:[1  x]] ",
		"matrix: {a: '${{ b }}', b: [c]}":                 "map[b:[c]] ${{ b }}@8:20",
		"matrix: {a: [{b: [c, '${{ d }}'], e: f}]}":       "map[a.e:[f]] ${{ d }}@8:29",
		"matrix: {include: ['${{ x }}', {a: b}, {a: c}]}": "map[a:[b c]] ${{ x }}@8:27",
		"fail-fast: ${{ x }}":                             "map[] ",

		"matrix: {a: [b, c], d: [e, f], exclude: [{a: b}]}":                       "map[a:[c] d:[e f]] ",
		"matrix: {a: [b, c], d: [e, f], exclude: [{a: b, d: e}]}":                 "map[a:[b c] d:[e f]] ",
		"matrix: {a: [b, c], exclude: [{a: b}], include: [{a: b}]}":               "map[a:[c b]] ",
		"matrix: {a: [1, c, true], exclude: [{a: '1'}, {a: 'true'}, {a: [c]}]}":   "map[a:[1 c true]] ",
		"matrix: {a: [b], d: [e], exclude: [{a: b}]}":                             "map[a:[b] d:[e]] ",
		"matrix: {a: [b, c], exclude: [{a: '${{ x }}'}, {a: b}, {z: c}, {A: b}]}": "map[a:[c]] ",
	} {
		r, problems := loadOne(job + "    strategy:\n      " + source + "\n")
		j := r.Workflows[0].Jobs[0]
		if got := fmt.Sprintf("%v %s", j.Matrix, show(j.MatrixDynamic)); got != want || len(problems) > 0 {
			t.Errorf("%q: %s, want %s %q", source, got, want, problems)
		}
	}
	many := strings.Repeat("x,", maxMatrix*2)
	for i := range maxMatrix * 2 {
		many = strings.Replace(many, "x,", fmt.Sprintf("%d,", i), 1)
	}
	r, _ := loadOne(job + "    strategy: {matrix: {a: [" + many + "]}}\n")
	if n := len(r.Workflows[0].Jobs[0].Matrix["a"]); n != maxMatrix {
		t.Errorf("%d values", n)
	}
}
