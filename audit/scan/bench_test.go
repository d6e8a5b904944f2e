package scan

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rhysd/actionlint"

	"github.com/patrol-actions/patrol/audit/workflow"
)

// benchmarks are the repositories that are measured, in memory.
func benchmarks(b *testing.B) map[string]fstest.MapFS {
	b.Helper()
	return map[string]fstest.MapFS{"example": folder(b, exampleFolder), "200": generated(200)}
}

// folder reads a folder into memory.
func folder(tb testing.TB, root string) fstest.MapFS {
	tb.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path.Join(root, name))
		files[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

// kinds are workflows of the usual sorts; NUMBER makes each of them its own.
var kinds = []string{`name: Test NUMBER
on:
  push:
    branches: [main, 'release/**']
  pull_request:
    paths: ['part-NUMBER/**']
permissions:
  contents: read
jobs:
  test:
    strategy:
      matrix:
        os: [ubuntu-latest, macos-latest, windows-latest]
        go: ['1.25', '1.26']
    runs-on: ${{ matrix.os }}
    steps:
      - uses: actions/checkout@v7
      - uses: actions/setup-go@v6
        with:
          go-version: ${{ matrix.go }}
      - run: go test ./part-NUMBER/...
      - run: |
          set -euo pipefail
          for module in part-NUMBER/*; do
            if [ -f "$module/go.mod" ]; then
              (cd "$module" && go vet ./...)
            fi
          done
  comment:
    needs: test
    runs-on: ubuntu-latest
    steps:
      - uses: actions/github-script@v8
        with:
          github-token: ${{ secrets.COMMENT_PAT }}
          script: |
            const { data } = await github.rest.issues.listComments({ ...context.repo, issue_number: context.issue.number });
            if (!data.some(c => c.body.includes('part NUMBER'))) {
              await github.rest.issues.createComment({ ...context.repo, issue_number: context.issue.number, body: 'part NUMBER' });
            }
`, `name: Release NUMBER
on:
  workflow_dispatch:
    inputs:
      version:
        required: true
        type: string
jobs:
  release:
    runs-on: ubuntu-latest
    permissions:
      contents: write
    env:
      VERSION: ${{ inputs.version }}
    steps:
      - uses: actions/checkout@v7
        with:
          token: ${{ secrets.RELEASE_PAT }}
      - run: |
          git config user.name release-bot
          git tag "part-NUMBER/v$VERSION"
          git push origin "part-NUMBER/v$VERSION"
      - run: gh release create "part-NUMBER/v$VERSION" --generate-notes dist/*
        env:
          GH_TOKEN: ${{ secrets.RELEASE_PAT || github.token }}
      - run: |
          curl -fsS -X POST -H "Authorization: Bearer $TOKEN" \
            -d "{\"event_type\":\"released\"}" "https://api.github.com/repos/acme-corp/site/dispatches"
        env:
          TOKEN: ${{ secrets.SITE_PAT }}
`, `name: Refresh NUMBER
on:
  schedule:
    - cron: '0 5 * * *'
permissions: {}
jobs:
  refresh:
    runs-on: ubuntu-latest
    permissions:
      contents: write
      pull-requests: write
    steps:
      - uses: actions/checkout@v7
      - run: ./part-NUMBER/refresh.sh
      - uses: peter-evans/create-pull-request@v8
        with:
          token: ${{ secrets.BOT_PAT }}
          branch: refresh-NUMBER
          title: Refresh part NUMBER
      - uses: docker/login-action@v4
        with:
          registry: ghcr.io
          username: ${{ github.actor }}
          password: ${{ secrets.PACKAGES_PAT }}
  close:
    runs-on: ubuntu-latest
    steps:
      - run: gh issue list --json number --jq '.[].number' | xargs -n 1 gh issue close
        env:
          GH_TOKEN: ${{ secrets.BOT_PAT }}
`, `name: Deploy NUMBER
on:
  release:
    types: [published]
  workflow_call:
    inputs:
      target:
        type: string
        default: staging
    secrets:
      token:
        required: true
jobs:
  deploy:
    if: github.event_name == 'release' || inputs.target != ''
    runs-on: [self-hosted, linux]
    environment: ${{ inputs.target }}
    steps:
      - uses: actions/checkout@v7
        with:
          repository: acme-corp/deploy
          token: ${{ secrets.token }}
          path: deploy
      - id: plan
        working-directory: deploy
        run: echo "url=https://NUMBER.example.com" >> "$GITHUB_OUTPUT"
      - uses: acme-corp/deploy-action@v3
        with:
          url: ${{ steps.plan.outputs.url }}
          token: ${{ secrets.DEPLOY_TOKEN }}
`}

// generated returns a repository of n workflows.
func generated(n int) fstest.MapFS {
	files := fstest.MapFS{"part-0/refresh.sh": {Data: []byte("#!/bin/sh\ngh api /rate_limit\n")}}
	for i := range n {
		source := strings.ReplaceAll(kinds[i%len(kinds)], "NUMBER", fmt.Sprint(i))
		files[fmt.Sprintf("%s/w%03d.yml", workflow.Folder, i)] = &fstest.MapFile{Data: []byte(source)}
	}
	return files
}

// TestGenerated makes sure that what is measured is worth it.
func TestGenerated(t *testing.T) {
	r := Repository(generated(8), Options{Name: "acme-corp/rocket"})
	if len(r.Errors) > 0 || r.Workflows != 8 || len(r.References) != 18 || len(r.Findings) < 20 {
		t.Errorf("%d workflows, %d references, %d findings, errors %v", r.Workflows, len(r.References), len(r.Findings), r.Errors)
	}
}

// BenchmarkRepository audits repositories from memory. Its measure is
// BenchmarkActionlint, which checks the same workflows.
func BenchmarkRepository(b *testing.B) {
	for name, files := range benchmarks(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if r := Repository(files, Options{Name: "acme-corp/rocket"}); len(r.References) == 0 {
					b.Fatal("no references")
				}
			}
		})
	}
}

// BenchmarkActionlint runs actionlint on the workflows, one after the other,
// without shellcheck and pyflakes.
func BenchmarkActionlint(b *testing.B) {
	for name, files := range benchmarks(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
				if err != nil {
					b.Fatal(err)
				}
				for file, data := range files {
					if path.Dir(file) != workflow.Folder {
						continue
					}
					if _, err := linter.Lint(file, data.Data, nil); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
