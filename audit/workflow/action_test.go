package workflow

import (
	"fmt"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// composite is an action with every part that composite actions have.
const composite = `name: Composite
description: &d D
author: ${{ github.actor }}
branding: {icon: x, color: y}
inputs:
  token:
    description: *d
    default: ${{ github.token }}
    required: "true"
  other:
outputs:
  out:
    description: O
    value: ${{ steps.a.outputs.b }}
runs:
  using: composite
  steps:
    - id: a
      name: A
      if: ${{ inputs.token }}
      run: |
        gh api
      shell: bash
      working-directory: w
      env:
        Z: ${{ inputs.token }}
        A: b
    - uses: actions/checkout@v4
      with: {token: '${{ inputs.token }}'}
      continue-on-error: ${{ inputs.other }}
`

func loadAction(t *testing.T, source string) (a *Action, problems []string) {
	t.Helper()
	r := Load(fstest.MapFS{"x/action.yml": {Data: []byte(source)}})
	for _, p := range r.Problems {
		problems = append(problems, fmt.Sprintf("%d: %s", p.Line, p.Message))
	}
	return r.Actions["x"], problems
}

func TestCompositeAction(t *testing.T) {
	a, problems := loadAction(t, composite)
	if len(problems) > 0 {
		t.Fatalf("problems: %q", problems)
	}
	wantInputs := []Input{{Name: "token", Required: true, FromCall: true}, {Name: "other", FromCall: true}}
	if diff := cmp.Diff(wantInputs, a.Inputs, cmpopts.IgnoreFields(Input{}, "Default")); diff != "" {
		t.Errorf("inputs: -want +got:\n%s", diff)
	}
	s, u := a.Steps[0], a.Steps[1]
	got := map[string][]string{
		"action":  {a.Path, a.Dir, show(a.Name), a.Using, fmt.Sprint(a.UsingLine)},
		"default": {show(a.Inputs[0].Default), show(a.Inputs[1].Default)},
		"outputs": showBindings(a.Outputs),
		"lines":   {fmt.Sprint(s.Number, s.Line, s.EndLine), fmt.Sprint(u.Number, u.Line, u.EndLine)},
		"step":    showAll([]Text{s.ID, s.Name, s.If, s.Run, s.Shell, s.Directory}),
		"env":     showBindings(s.Env),
		"uses":    append(showBindings(u.With), show(u.Uses)),
	}
	want := map[string][]string{
		"action":  {"x/action.yml", "x", "Composite@1:7", "composite", "16"},
		"default": {"${{ github.token }}@8:14", ""},
		"outputs": {"out=${{ steps.a.outputs.b }}@14:12"},
		"lines":   {"1 18 27", "2 28 30"},
		"step":    {"a@18:11", "A@19:13", "${{ inputs.token }}@20:11", "gh api\n@22:9", "bash@23:14", "w@24:26"},
		"env":     {"Z=${{ inputs.token }}@26:12", "A=b@27:12"},
		"uses":    {"token=${{ inputs.token }}@29:22", "actions/checkout@v4@28:13"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	var all []string
	for text := range a.Texts() {
		all = append(all, text.Value)
	}
	wantTexts := []string{
		"Composite", "D", "${{ github.actor }}", "${{ github.token }}", "true", "O", "${{ steps.a.outputs.b }}", "composite",
		"a", "A", "${{ inputs.token }}", "gh api\n", "bash", "w", "${{ inputs.token }}", "b", "actions/checkout@v4",
		"${{ inputs.token }}", "${{ inputs.other }}",
	}
	if diff := cmp.Diff(wantTexts, all); diff != "" {
		t.Errorf("texts: -want +got:\n%s", diff)
	}
}

func TestOtherActions(t *testing.T) {
	a, problems := loadAction(t, "runs: {using: node24, main: dist/index.js, pre: a.js, pre-if: x, post: b.js}\n")
	if got := []string{a.Using, a.Main, a.Pre, a.Post}; !slices.Equal(got, []string{"node24", "dist/index.js", "a.js", "b.js"}) || problems != nil {
		t.Errorf("%q, problems %q", got, problems)
	}
	a, problems = loadAction(t, "runs: {using: docker, image: Dockerfile, entrypoint: /e, args: [a, '${{ inputs.b }}'], env: {C: d}, post-entrypoint: /f}\n")
	got := slices.Concat([]string{a.Image, a.Entrypoint, a.Post}, showAll(a.Args), showBindings(a.Env))
	want := []string{"Dockerfile", "/e", "/f", "a@1:65", "${{ inputs.b }}@1:69", "C=d@1:97"}
	if diff := cmp.Diff(want, got); diff != "" || problems != nil {
		t.Errorf("-want +got:\n%s\nproblems %q", diff, problems)
	}
}

func TestBadActions(t *testing.T) {
	tests := []struct {
		name, source string
		want         []string
		steps        int // -1 for no action at all
	}{
		{"empty", "", []string{"1: the file is empty"}, -1},
		{"list", "- a\n", []string{"1: this is no action: a mapping is expected, but this is a list"}, -1},
		{"no runs", "on: push\n", []string{`1: this is no action: it has no "runs" section`}, -1},
		{"syntax", composite + "   x: y\n", []string{"31: could not parse as YAML: did not find expected key"}, 2},
		{"syntax at once", "a: b: c\n", []string{"1: could not parse as YAML: mapping values are not allowed in this context"}, -1},
		{"bomb", bomb() + composite, []string{"1: could not be read: its YAML aliases stand for more than 200000 values"}, -1},
		{"merge key", "runs:\n  steps:\n    - &s {run: a}\n    - <<: *s\n      uses: x\n", []string{`4: GitHub Actions does not support YAML merge key "<<"`}, 2},
		{"duplicate key", "runs:\n  steps: [{run: a, run: b}]\n", []string{`2: key "run" is duplicated; only the first one is read`}, 1},
		{"recursion", "runs: &r\n  steps: [{run: a, env: *r}]\n", []string{"2: a single value is expected, but this is a list"}, 1},
		{"step without work", "runs: {steps: [{name: a}, {run: b}]}\n", []string{"1: " + noWorkMessage}, 2},
		{"no list", "runs: {steps: {run: a}}\n", []string{"1: a list is expected, but this is a mapping"}, 0},
		{"no mapping", "runs: {steps: [a]}\n", []string{"1: a mapping is expected, but this is a single value", "1: " + noWorkMessage}, 1},
		{"odd key", "runs: {steps: [{[a]: b, run: c}]}\n", []string{"1: a key must be a single value, but this is a list"}, 1},
		{"unknown list", "x: [a]\nruns: {steps: [{run: c}]}\n", nil, 1},
		{"unknown list with an expression", "x: ['${{ a }}']\nruns: {steps: [{run: c}]}\n", []string{`1: key "x" is not expected here; what it holds is not read`}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, problems := loadAction(t, test.source)
			if diff := cmp.Diff(test.want, problems); diff != "" {
				t.Errorf("problems: -want +got:\n%s", diff)
			}
			steps := -1
			if a != nil {
				steps = len(a.Steps)
			}
			if steps != test.steps {
				t.Errorf("%d steps, want %d", steps, test.steps)
			}
		})
	}
}
